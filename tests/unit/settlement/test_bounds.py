"""At what price a strike may be settled, and by whom.

A stolen operator key, or a keeper with a sandwich, must not be able to sell cheap or buy dear. The
owner may: somebody must be able to when the oracle is what is wrong.
"""

from __future__ import annotations

import pytest

from macrostrike.errors import OracleDeviation
from macrostrike.types import Signal

from ..readers import refuses
from ..scene import Scene

WORSE = {
    Signal.STRONG_LONG: 1500,
    Signal.LONG: 1500,
    Signal.SHORT: 1700,
    Signal.STRONG_SHORT: 1700,
}
BETTER = {signal: 3200 - price for signal, price in WORSE.items()}


def opened(scene: Scene, signal: Signal, prices: dict[Signal, int]) -> None:
    """A strike that is due, and a pool that has just been moved away from the oracle."""
    scene.strike(signal=signal, horizon=60)
    scene.wait(60)
    scene.price(prices[signal], settled=False)


def foreseen(scene: Scene) -> tuple[int, int]:
    """What the owner would get or spend in the next transaction, and the oracle's opinion of it.

    The oracle is asked once the pool has traded: its swap is one more observation, and which of
    those between one and two windows old is taken depends on how many there are.
    """
    base = scene.read("getStrike", 1).record.base_amount
    with scene.undone():
        settled = scene.settle(1, by="owner")
        return settled["quote_amount"], scene.read("getOracleQuote", 0, base)


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("role", ["operator", "settler", "keeper"])
def test_a_price_far_worse_than_the_oracles_is_refused(
    scene: Scene, signal: Signal, role: str
) -> None:
    opened(scene, signal, WORSE)
    quote, fair = foreseen(scene)
    with refuses(scene, OracleDeviation(0, quote, fair)):
        scene.settle(1, by=role)


@pytest.mark.parametrize("signal", Signal)
def test_but_not_to_the_owner(scene: Scene, signal: Signal) -> None:
    opened(scene, signal, WORSE)
    quote, _ = foreseen(scene)
    assert scene.settle(1, by="owner")["quote_amount"] == quote


def test_an_owner_that_is_an_operator_too_is_bounded_as_one(scene: Scene) -> None:
    """Until it revokes its own grant: whoever holds the key, a hot one is a hot one."""
    opened(scene, Signal.STRONG_LONG, WORSE)
    scene.owner.send("setOperator", scene.owner.address, scene.now + 1000, 2, 0)
    then = scene.now + 10
    with scene.undone():
        scene.owner.send("revokeOperator", scene.owner.address)
        scene.at(then)
        quote, fair = foreseen(scene)
    scene.at(then)
    with refuses(scene, OracleDeviation(0, quote, fair)):
        scene.settle(1, by="owner")
    scene.owner.send("revokeOperator", scene.owner.address)
    scene.settle(1, by="owner")


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("role", ["operator", "keeper"])
def test_a_price_better_than_the_oracles_is_taken(scene: Scene, signal: Signal, role: str) -> None:
    opened(scene, signal, BETTER)
    assert scene.settle(1, by=role)["pnl"] > 0


@pytest.mark.parametrize("signal", Signal)
def test_once_the_oracle_agrees_so_does_the_chain(scene: Scene, signal: Signal) -> None:
    opened(scene, signal, WORSE)
    scene.price(WORSE[signal])
    assert scene.settle(1, by="keeper")["pnl"] < 0


@pytest.mark.parametrize("signal", Signal)
def test_the_bound_is_the_markets_to_the_basis_point(scene: Scene, signal: Signal) -> None:
    opened(scene, signal, WORSE)
    then = scene.now + 10
    with scene.undone():
        scene.at(then)
        quote, fair = foreseen(scene)
    least = -(-abs(quote - fair) * 10_000 // fair)
    with scene.undone():
        scene.rule(max_deviation_bps=least - 1)
        scene.at(then)
        with refuses(scene, OracleDeviation(0, quote, fair)):
            scene.settle(1)
    scene.rule(max_deviation_bps=least)
    scene.at(then)
    scene.settle(1)


def test_a_short_past_its_margin_is_bounded_by_what_it_buys(scene: Scene) -> None:
    """At a settled price of more than twice the entry the margin buys less, at a fair price."""
    scene.strike(signal=Signal.STRONG_SHORT, horizon=60)
    scene.price(4000)
    settled = scene.settle(1, by="keeper")
    assert settled["pnl"] == -settled["quote_amount"] // 2


def test_a_short_past_its_margin_for_a_moment_only_is_refused(scene: Scene) -> None:
    scene.strike(signal=Signal.STRONG_SHORT, horizon=60)
    scene.wait(60)
    scene.price(4000, settled=False)
    with scene.undone():
        settled = scene.settle(1, by="owner")
        fair = scene.read("getOracleQuote", 0, settled["base_amount"])
    with refuses(scene, OracleDeviation(0, settled["quote_amount"], fair)):
        scene.settle(1, by="keeper")
