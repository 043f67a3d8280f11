"""Targets that tests start from."""

from __future__ import annotations

from macrostrike.deploy.target import Target, load_target
from macrostrike.types import Venue


def strikes_alone() -> Target:
    """The local target without the second venue, for those who set up arbitrages of their own, and
    with barriers as wide as they can be."""
    target = load_target("local")
    v3 = Venue.UNISWAP_V3
    factories = {name: each for name, each in target.factories.items() if each.venue is v3}
    market = target.markets[0]
    # Barriers as wide as a market can allow, so that each test chooses its own.
    wide = {"max_horizon": 30 * 86_400, "max_stop_loss_bps": 9_999}
    rules = market.rules.model_copy(update=wide)
    markets = (market.model_copy(update={"rules": rules}), *target.markets[1:])
    return target.model_copy(update={"factories": factories, "amm": None, "markets": markets})
