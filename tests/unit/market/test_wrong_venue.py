"""A pair of Uniswap V2 under the name of a V3 factory."""

from __future__ import annotations

from fractions import Fraction

from macrostrike.errors import PoolNotCanonical
from macrostrike.types import OracleKind

from ..environment import Env
from ..readers import refuses
from .markets import config, deploy_feed, rules


def test_a_pair_is_not_a_pool_of_a_v3_factory(env: Env) -> None:
    """It has no fee to ask for, and is refused with the reason all the same."""
    exchange = env.exchange
    v2_factory = exchange.v2_factory()
    price = Fraction(1600, 10**12)
    env.give(exchange.address, quote=10**12, base=10**21)
    pair = exchange.v2_pair(v2_factory, env.base, env.quote, price, 10**12)
    by_feed = rules(env, oracle=OracleKind.FEED)
    market = config(env, pool=pair, feed=deploy_feed(env).address, rules=by_feed)
    with refuses(env, PoolNotCanonical(pair, exchange.factory)):
        env.owner.send("registerMarket", market)
