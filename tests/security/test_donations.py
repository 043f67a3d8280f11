"""Money given to the diamond is never profit, not even when it comes in the middle of a swap."""

from __future__ import annotations

import pytest

from macrostrike.build import ours
from macrostrike.errors import PartialFill, UnfaithfulToken
from macrostrike.types import Signal

from ..unit.environment import TOKEN, Env
from ..unit.market.markets import hostile_market
from ..unit.readers import refuses

POOL = ours("HostilePool")
CALLS_OUT_LAST = 8
GIFT = 1_000_000


@pytest.fixture
def pool(env: Env) -> str:
    """Market 1: a pool that anyone can have make a call while it swaps."""
    return hostile_market(env)


def give_in_swaps(env: Env, pool: str, token: str) -> None:
    """From now on, the diamond gets some of the token before each swap is over."""
    gift = TOKEN.abi.encode_call("transfer", env.diamond, GIFT)
    env.tell(env.keeper.key, POOL.abi, pool, "behave", CALLS_OUT_LAST, token, gift)


def test_quote_given_while_a_long_is_sold(env: Env, pool: str) -> None:
    strike_id = env.strike(market=1)["strike_id"]
    with env.undone():
        fair = env.settle(strike_id)["quote_amount"]
    give_in_swaps(env, pool, env.quote)
    with refuses(env, UnfaithfulToken(env.quote, fair + GIFT, fair)):
        env.settle(strike_id)


def test_quote_given_while_a_short_is_bought_back(env: Env, pool: str) -> None:
    strike_id = env.strike(market=1, signal=Signal.STRONG_SHORT)["strike_id"]
    with env.undone():
        cost = env.settle(strike_id)["quote_amount"]
    give_in_swaps(env, pool, env.quote)
    with refuses(env, UnfaithfulToken(env.quote, cost - GIFT, cost)):
        env.settle(strike_id)


def test_quote_given_while_a_long_is_bought(env: Env, pool: str) -> None:
    with env.undone():
        notional = env.strike(market=1)["notional"]
    give_in_swaps(env, pool, env.quote)
    with refuses(env, PartialFill(notional - GIFT, notional)):
        env.strike(market=1)


def test_base_given_while_a_short_is_sold(env: Env, pool: str) -> None:
    """It would seem sold for less base, and buying less back would seem a gain."""
    with env.undone():
        env.strike(market=1, signal=Signal.STRONG_SHORT)
        sold = env.read("getStrike", 1).record.base_amount
    give_in_swaps(env, pool, env.base)
    with refuses(env, UnfaithfulToken(env.base, sold - GIFT, sold)):
        env.strike(market=1, signal=Signal.STRONG_SHORT)
