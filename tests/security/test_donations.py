"""Money given to the diamond is never profit, not even when it comes in the middle of a swap."""

from __future__ import annotations

import pytest

from macrostrike.build import ours
from macrostrike.errors import PartialFill, UnfaithfulToken
from macrostrike.types import Signal

from ..unit.market.markets import hostile_market
from ..unit.readers import refuses
from ..unit.scene import TOKEN, Scene

POOL = ours("HostilePool")
CALLS_OUT_LAST = 8
GIFT = 1_000_000


@pytest.fixture
def pool(scene: Scene) -> str:
    """Market 1: a pool that anyone can have make a call while it swaps."""
    return hostile_market(scene)


def give_in_swaps(scene: Scene, pool: str, token: str) -> None:
    """From now on, the diamond gets some of the token before each swap is over."""
    gift = TOKEN.abi.encode_call("transfer", scene.diamond, GIFT)
    scene.tell(scene.keeper.key, POOL.abi, pool, "behave", CALLS_OUT_LAST, token, gift)


def test_quote_given_while_a_long_is_sold(scene: Scene, pool: str) -> None:
    strike_id = scene.strike(market=1)["strike_id"]
    with scene.undone():
        fair = scene.settle(strike_id)["quote_amount"]
    give_in_swaps(scene, pool, scene.quote)
    with refuses(scene, UnfaithfulToken(scene.quote, fair + GIFT, fair)):
        scene.settle(strike_id)


def test_quote_given_while_a_short_is_bought_back(scene: Scene, pool: str) -> None:
    strike_id = scene.strike(market=1, signal=Signal.STRONG_SHORT)["strike_id"]
    with scene.undone():
        cost = scene.settle(strike_id)["quote_amount"]
    give_in_swaps(scene, pool, scene.quote)
    with refuses(scene, UnfaithfulToken(scene.quote, cost - GIFT, cost)):
        scene.settle(strike_id)


def test_quote_given_while_a_long_is_bought(scene: Scene, pool: str) -> None:
    with scene.undone():
        notional = scene.strike(market=1)["notional"]
    give_in_swaps(scene, pool, scene.quote)
    with refuses(scene, PartialFill(notional - GIFT, notional)):
        scene.strike(market=1)


def test_base_given_while_a_short_is_sold(scene: Scene, pool: str) -> None:
    """It would seem sold for less base, and buying less back would seem a gain."""
    with scene.undone():
        scene.strike(market=1, signal=Signal.STRONG_SHORT)
        sold = scene.read("getStrike", 1).record.base_amount
    give_in_swaps(scene, pool, scene.base)
    with refuses(scene, UnfaithfulToken(scene.base, sold - GIFT, sold)):
        scene.strike(market=1, signal=Signal.STRONG_SHORT)
