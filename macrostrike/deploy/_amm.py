"""The AMM bots: what a target says of them, where a diamond differs, and what would mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from macrostrike.deploy._yaml import Place
from macrostrike.deploy.checks import Call, Check
from macrostrike.types import AMMTokenStats, Pool, PoolConfig, TokenCap

if TYPE_CHECKING:
    from macrostrike.deploy.target import Amm, AmmPool, Target


@dataclass(frozen=True, slots=True)
class AmmState:
    """The AMM bots of a diamond.

    tokens: by address; those that have, or had, a cap or capital.
    pools: those that are registered, by address.
    """

    is_initialized: bool
    tokens: Mapping[str, AMMTokenStats]
    pools: Mapping[str, Pool]


NOTHING = AmmState(is_initialized=False, tokens={}, pools={})


class Asking(Protocol):
    """Asks the diamond."""

    def __call__(self, function: str, *args: Any) -> Any:
        """The answer of one of its readers."""


class Calling(Protocol):
    """Makes calls of the owner."""

    def __call__(self, does: str, function: str, *args: Any) -> Call:
        """A call of the diamond; `does` says it in words."""


def read_amm(ask: Asking, is_initialized: bool) -> AmmState:
    """What the diamond has of them."""
    count = ask("poolCount")
    return AmmState(
        is_initialized=is_initialized,
        tokens={each.token: each for each in ask("getAMMStats")},
        pools={pool.pool: pool for pool in ask("getPools", 0, count) if pool.registered},
    )


def amm_checks(target: Target, state: AmmState, call: Calling) -> Iterator[Check]:
    """Caps and pools, in the order in which mends must be done. Capital is not among them."""
    amm = target.amm
    if amm is None:
        return
    yield from _caps(target, amm, state, call)
    for meant in amm.pools:
        yield _pool(target, meant, state.pools.get(meant.pool), call)
    known = {meant.pool for meant in amm.pools}
    for address, strange in state.pools.items():
        if address not in known:
            name = f"arbitrage pool {address}"
            mend = call(f"unregister pool {strange.id}", "unregisterPools", [strange.id])
            yield Check(name, "not registered", "registered", False, (mend,))


def _caps(target: Target, amm: Amm, state: AmmState, call: Calling) -> Iterator[Check]:
    meant = {
        target.tokens[name].address: (name, target.raw(cap, name)) for name, cap in amm.caps.items()
    }
    if not state.is_initialized:
        caps = [TokenCap(token=token, max_amount_in=cap) for token, (_, cap) in meant.items()]
        shown = ", ".join(f"{cap} {name}" for name, cap in amm.caps.items()) or "no token"
        mend = call(f"set up arbitrages of at most {shown}", "initializeAMMBots", caps)
        yield Check("arbitrage", "set up", "not set up", False, (mend,))
        return
    names = {token.address: name for name, token in target.tokens.items()}
    for token in dict.fromkeys((*meant, *state.tokens)):
        name, cap = meant.get(token, (names.get(token, token), 0))
        actual = state.tokens[token].max_amount_in if token in state.tokens else 0
        mend = call(f"let an arbitrage put in {cap} raw units of {name}", "setAMMCap", token, cap)
        ok = actual == cap
        title = f"arbitrage cap of {name}, raw units"
        yield Check(title, str(cap), str(actual), ok, () if ok else (mend,))


def _pool(target: Target, meant: AmmPool, there: Pool | None, call: Calling) -> Check:
    factory = target.factories[meant.factory]
    config = PoolConfig(factory=factory.address, pool=meant.pool, fee=meant.fee)
    does = f"register the {factory.venue} pool {meant.pool} for arbitrages"
    mends = [call(does, "registerPools", [config])]
    expected, actual = f"registered, fee {meant.fee}", "not registered"
    if there is not None:
        actual = f"registered, fee {there.fee}"
        mends.insert(0, call(f"unregister pool {there.id}", "unregisterPools", [there.id]))
    ok = expected == actual
    return Check(f"arbitrage pool {meant.pool}", expected, actual, ok, () if ok else tuple(mends))


def amm_faults(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Faults between the section and others."""
    amm, tokens, factories = (sections.get(name) for name in ("amm", "tokens", "factories"))
    if amm is None:
        return
    for name, cap in amm.caps.items():
        if tokens is None:
            continue
        if name not in tokens:
            known = ", ".join(tokens)
            yield ("amm", "caps", name), f"{name!r} is not among the tokens: {known}"
        elif cap.scaleb(tokens[name].decimals) % 1:
            decimals = tokens[name].decimals
            yield ("amm", "caps", name), f"{cap} has more than {decimals} decimals"
    for i, pool in enumerate(amm.pools):
        if factories is not None and pool.factory not in factories:
            known = ", ".join(factories) or "none"
            place: Place = ("amm", "pools", i, "factory")
            yield place, f"{pool.factory!r} is not among the factories: {known}"
    ways = [(pool.factory, pool.pool) for pool in amm.pools]
    for way, count in Counter(ways).items():
        if count > 1:
            last = len(ways) - 1 - ways[::-1].index(way)
            yield ("amm", "pools", last), f"{way[1]} of {way[0]} stands {count} times"
