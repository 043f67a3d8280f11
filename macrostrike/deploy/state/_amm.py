"""Reads what a diamond's AMM bots have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from macrostrike.arbitrage.venues import VENUES
from macrostrike.deploy.state.snapshot import AmmState
from macrostrike.deploy.target import Target


class Asking(Protocol):
    """Asks the diamond."""

    def __call__(self, function: str, *args: Any) -> Any:
        """The result of one of its view functions."""


def read_amm(
    ask: Asking, target: Target, hooks: Iterable[str], *, is_initialized: bool
) -> AmmState:
    """What the diamond has of them. `hooks` are all that were ever named."""
    assert target.amm is not None
    count = ask("poolCount")
    pools = [pool for pool in ask("getPools", 0, count) if pool.registered]
    funded = {target.tokens[name].address for name in target.amm.funding}
    known = {*hooks, *target.amm.hooks}
    return AmmState(
        is_initialized=is_initialized,
        tokens={each.token: each for each in ask("getAMMStats")},
        pools={VENUES[pool.venue].naming.identify(pool): pool for pool in pools},
        hooks=frozenset(each for each in known if ask("hooksAllowed", each)),
        wrapped_native=ask("wrappedNative"),
        inventory={token: int(ask("inventoryOf", token)) for token in sorted(funded)},
    )
