"""The rows of the table of settings that are about arbitrages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from macrostrike.arbitrage.venues import VENUES, Identity
from macrostrike.deploy.plan._setting import Act, Comparison, Setting, Words, each
from macrostrike.deploy.target import ETHER, AmmPool, Target
from macrostrike.types import ZERO_ADDRESS, Pool, PoolConfig, TokenCap, Venue


@dataclass(frozen=True, slots=True)
class _Registered:
    """A pool as it is registered. A fee that is in its key, or not in the target, is left out.

    config: what registers it. id: what the diamond knows it by.
    """

    venue: Venue
    factory: str
    fee: int | None
    pool: Pool | PoolConfig = field(compare=False)

    @classmethod
    def of(cls, venue: Venue, pool: Pool | PoolConfig) -> _Registered:
        fee = pool.fee if VENUES[venue].naming.is_pair else None
        return cls(venue, pool.factory, fee, pool)


def _caps(at: Comparison) -> Mapping[str, int]:
    """Raw units, by token."""
    return {
        at.target.tokens[name].address: at.target.raw(cap, name)
        for name, cap in at.amm.caps.items()
    }


def _first_caps(at: Comparison) -> Mapping[None, list[TokenCap]]:
    """Of a diamond that has none yet."""
    if at.target.amm is None or at.diamond.amm.is_initialized:
        return {}
    return {None: [TokenCap(token=token, max_amount_in=cap) for token, cap in _caps(at).items()]}


def _wanted_pools(at: Comparison) -> Mapping[Identity, _Registered]:
    pools = {}
    for pool in at.amm.pools:
        venue, config = at.target.factories[pool.factory].venue, _config(at.target, pool)
        pools[VENUES[venue].naming.identify(config)] = _Registered.of(venue, config)
    return pools


def _config(target: Target, meant: AmmPool) -> PoolConfig:
    factory = target.factories[meant.factory].address
    names = (meant.token0, meant.token1)
    token0, token1 = sorted((_token(target, name) for name in names), key=lambda at: int(at, 16))
    return PoolConfig(
        factory=factory,
        pool=meant.pool or factory,
        fee=meant.fee or 0,
        token0=token0,
        token1=token1,
        tick_spacing=meant.tick_spacing or 0,
        hooks=meant.hooks or ZERO_ADDRESS,
    )


def _token(target: Target, name: str | None) -> str:
    return ZERO_ADDRESS if name in (None, ETHER) else target.tokens[str(name)].address


def _pool_name(at: Comparison, _: Identity, registered: _Registered) -> str:
    naming, pool = VENUES[registered.venue].naming, registered.pool
    if naming.is_pair:
        return pool.pool
    tokens = (pool.token0, pool.token1)
    pair = "/".join(ETHER if each == ZERO_ADDRESS else at.name_of(each) for each in tokens)
    if naming.has_address:
        return f"{pool.pool}, {pair}"
    hooks = "no hooks" if pool.hooks == ZERO_ADDRESS else f"hooks {pool.hooks}"
    return f"{pair}, fee {pool.fee}, tick spacing {pool.tick_spacing}, {hooks}, of {pool.pool}"


def _pool_in_words(at: Comparison, registered: _Registered | None) -> str:
    if registered is None:
        return "not registered"
    fee = "" if registered.fee is None else f", fee {registered.fee}"
    return f"registered as {registered.venue} of {registered.factory}{fee}"


hooks = Setting(
    "hooks {key}",
    wanted=lambda at: dict.fromkeys(at.amm.hooks, True),
    actual=lambda at: dict.fromkeys(sorted(at.diamond.amm.hooks), True),
    absent=False,
    sets=Act("allow pools with the hooks {key}", "setHooks"),
    unsets=Act(
        "allow pools with the hooks {key} no more", "setHooks", lambda hooks, _: (hooks, False)
    ),
    words=each(lambda at, allowed: "allowed" if allowed else "not allowed"),
)
"""Before whatever has them is registered: pools, and markets too."""

AMM_ROWS = (
    Setting(
        "arbitrage",
        wanted=_first_caps,
        actual=lambda at: {},
        sets=Act(
            "set up arbitrages of at most {key}", "initializeAMMBots", lambda _, caps: (caps,)
        ),
        label=lambda at, key, caps: (
            ", ".join(f"{cap} {name}" for name, cap in at.amm.caps.items()) or "no token"
        ),
        words=lambda at, new, old: Words("set up", "not set up"),
    ),
    Setting(
        "arbitrage cap of {key}, raw units",
        wanted=lambda at: _caps(at) if at.diamond.amm.is_initialized else {},
        actual=lambda at: {
            token: stats.max_amount_in for token, stats in at.diamond.amm.tokens.items()
        },
        absent=0,
        sets=Act("let an arbitrage put in {new} raw units of {key} (now {old})", "setAMMCap"),
        unsets=Act(
            "let an arbitrage put in no {key} (now {old} raw units)",
            "setAMMCap",
            lambda token, _: (token, 0),
        ),
        label=lambda at, token, cap: at.name_of(token),
    ),
    Setting(
        "wrapped ether",
        wanted=lambda at: (
            {None: at.target.tokens[at.amm.wrapped_native].address} if at.amm.wrapped_native else {}
        ),
        actual=lambda at: {None: at.diamond.amm.wrapped_native} if at.amm.wrapped_native else {},
        absent=ZERO_ADDRESS,
        sets=Act(
            "have ether count as {key} in arbitrages", "setWrappedNative", lambda _, token: (token,)
        ),
        label=lambda at, key, token: at.name_of(token),
        words=each(lambda at, token: "not set" if token == ZERO_ADDRESS else token),
        is_fixed=lambda at, key, old: old != ZERO_ADDRESS,  # what is set stays so
    ),
    Setting(
        "arbitrage pool {key}",
        wanted=_wanted_pools,
        actual=lambda at: {
            identity: _Registered.of(pool.venue, pool)
            for identity, pool in at.diamond.amm.pools.items()
        },
        sets=Act("have the pool {key} {new}", "registerPools", lambda _, meant: ([meant.pool],)),
        unsets=Act(
            "unregister the pool {key}", "unregisterPools", lambda _, there: ([there.pool.id],)
        ),
        replaces=True,
        label=_pool_name,
        words=each(_pool_in_words),
    ),
)
