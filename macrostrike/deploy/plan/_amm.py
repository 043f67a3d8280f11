"""The AMM bots: what a target says of them, where a diamond differs, and what would fix it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

from macrostrike.arbitrage.venues import VENUES
from macrostrike.deploy.plan._checks import Call, Check
from macrostrike.deploy.state.snapshot import AmmState
from macrostrike.deploy.target import ETHER, Amm, AmmPool, Target
from macrostrike.types import ZERO_ADDRESS, Pool, PoolConfig, TokenCap, Venue


class Calling(Protocol):
    """Makes calls of the owner."""

    def __call__(self, does: str, function: str, *args: Any) -> Call:
        """A call of the diamond; `does` says it in words."""


class Bringing(Protocol):
    """Brings capital to where the AMM bots are funded from."""

    def __call__(self, name: str, amount: int) -> tuple[tuple[Call, ...], int]:
        """The calls that see to so many raw units of a token, and what the owner pays in them."""


def amm_checks(target: Target, state: AmmState, call: Calling, bring: Bringing) -> Iterator[Check]:
    """All of them, in the order in which fixes must be done."""
    amm = target.amm
    if amm is None:
        return
    yield from _caps(target, amm, state, call)
    yield from _funding(target, amm, state, call, bring)
    yield from _wrapped_native(target, amm, state, call)
    yield from _hooks(amm, state, call)
    yield from _pools(target, amm, state, call)


def _caps(target: Target, amm: Amm, state: AmmState, call: Calling) -> Iterator[Check]:
    meant = {
        target.tokens[name].address: (name, target.raw(cap, name)) for name, cap in amm.caps.items()
    }
    if not state.is_initialized:
        caps = [TokenCap(token=token, max_amount_in=cap) for token, (_, cap) in meant.items()]
        shown = ", ".join(f"{cap} {name}" for name, cap in amm.caps.items()) or "no token"
        fix = call(f"set up arbitrages of at most {shown}", "initializeAMMBots", caps)
        yield Check("arbitrage", "set up", "not set up", False, (fix,))
        return
    names = {token.address: name for name, token in target.tokens.items()}
    for token in dict.fromkeys((*meant, *state.tokens)):
        name, cap = meant.get(token, (names.get(token, token), 0))
        actual = state.tokens[token].max_amount_in if token in state.tokens else 0
        does = f"let an arbitrage put in {cap} raw units of {name} (now {actual})"
        fix = call(does, "setAMMCap", token, cap)
        ok = actual == cap
        title = f"arbitrage cap of {name}, raw units"
        yield Check(title, str(cap), str(actual), ok, () if ok else (fix,))


def _funding(
    target: Target, amm: Amm, state: AmmState, call: Calling, bring: Bringing
) -> Iterator[Check]:
    """Profit counts: arbitrages add to it, and whatever is over the target stays."""
    for name, amount in amm.funding.items():
        token, meant = target.tokens[name].address, target.raw(amount, name)
        actual = state.tokens[token].capital if token in state.tokens else 0
        short = max(0, meant - actual)
        fixes: tuple[Call, ...] = ()
        paid = 0
        if short:
            calls, paid = bring(name, short)
            does = f"give the AMM bots {_shown(target, name, short)}"
            fixes = (*calls, call(does, "fundAMM", token, short))
        yield Check(
            f"arbitrage funding of {name}",
            f"at least {_shown(target, name, meant)}",
            _shown(target, name, actual),
            not short,
            fixes,
            {token: paid},
        )


def _wrapped_native(target: Target, amm: Amm, state: AmmState, call: Calling) -> Iterator[Check]:
    if amm.wrapped_native is None:
        return
    name, actual = amm.wrapped_native, state.wrapped_native
    token = target.tokens[name].address
    is_set = actual != ZERO_ADDRESS
    fix = call(f"have ether count as {name} in arbitrages", "setWrappedNative", token)
    fixes = () if is_set else (fix,)  # what is set stays so
    yield Check("wrapped ether", token, actual if is_set else "not set", actual == token, fixes)


def _hooks(amm: Amm, state: AmmState, call: Calling) -> Iterator[Check]:
    words = {True: "allowed", False: "not allowed"}
    for hooks in dict.fromkeys((*amm.hooks, *sorted(state.hooks))):
        meant, actual = hooks in amm.hooks, hooks in state.hooks
        does = f"allow pools with the hooks {hooks}" + ("" if meant else " no more")
        fixes = () if meant == actual else (call(does, "setHooks", hooks, meant),)
        yield Check(f"hooks {hooks}", words[meant], words[actual], meant == actual, fixes)


def _pools(target: Target, amm: Amm, state: AmmState, call: Calling) -> Iterator[Check]:
    known = set()
    for pool in amm.pools:
        venue = target.factories[pool.factory].venue
        config = _config(target, pool)
        identity = VENUES[venue].naming.identify(config)
        known.add(identity)
        yield _pool(target, venue, config, state.pools.get(identity), call)
    for key, strange in state.pools.items():
        if key not in known:
            name = f"arbitrage pool {_name(target, strange.venue, strange)}"
            fix = call(f"unregister pool {strange.id}", "unregisterPools", [strange.id])
            actual = _registration(strange.venue, strange)
            yield Check(name, "not registered", actual, False, (fix,))


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


def _pool(
    target: Target, venue: Venue, config: PoolConfig, there: Pool | None, call: Calling
) -> Check:
    shown = _name(target, venue, config)
    fixes = [call(f"register the {venue} pool {shown} for arbitrages", "registerPools", [config])]
    expected, actual = _registration(venue, config), "not registered"
    if there is not None:
        actual = _registration(there.venue, there)
        fixes.insert(0, call(f"unregister pool {there.id}", "unregisterPools", [there.id]))
    ok = expected == actual
    return Check(f"arbitrage pool {shown}", expected, actual, ok, () if ok else tuple(fixes))


def _name(target: Target, venue: Venue, pool: Pool | PoolConfig) -> str:
    naming = VENUES[venue].naming
    if naming.is_pair:
        return pool.pool
    names = {token.address: name for name, token in target.tokens.items()} | {ZERO_ADDRESS: ETHER}
    pair = f"{names.get(pool.token0, pool.token0)}/{names.get(pool.token1, pool.token1)}"
    if naming.has_address:
        return f"{pool.pool}, {pair}"
    hooks = "no hooks" if pool.hooks == ZERO_ADDRESS else f"hooks {pool.hooks}"
    return f"{pair}, fee {pool.fee}, tick spacing {pool.tick_spacing}, {hooks}, of {pool.pool}"


def _registration(venue: Venue, pool: Pool | PoolConfig) -> str:
    """As it is registered. A fee that is in the pool's name, or not in the target, is left out."""
    fee = f", fee {pool.fee}" if VENUES[venue].naming.is_pair else ""
    return f"registered as {venue} of {pool.factory}{fee}"


def _shown(target: Target, name: str, raw: int) -> str:
    amount = Decimal(raw).scaleb(-target.tokens[name].decimals).normalize()
    return f"{amount:,f} {name}"
