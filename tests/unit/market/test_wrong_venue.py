"""A pair of Uniswap V2 under the name of a V3 factory."""

from __future__ import annotations

from fractions import Fraction

from macrostrike.errors import PoolNotCanonical
from macrostrike.types import OracleKind

from ..readers import refuses
from ..scene import Scene
from .markets import config, deploy_feed, rules


def test_a_pair_is_no_pool_of_a_v3_factory(scene: Scene) -> None:
    """It has no fee to ask for, and is refused with the reason all the same."""
    exchange = scene.exchange
    v2_factory = exchange.v2_factory()
    price = Fraction(1600, 10**12)
    scene.give(exchange.address, quote=10**12, base=10**21)
    pair = exchange.v2_pair(v2_factory, scene.base, scene.quote, price, 10**12)
    by_feed = rules(scene, oracle=OracleKind.FEED)
    market = config(scene, pool=pair, feed=deploy_feed(scene).address, rules=by_feed)
    with refuses(scene, PoolNotCanonical(pair, exchange.factory)):
        scene.owner.send("registerMarket", market)
