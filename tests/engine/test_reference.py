"""The reference engine: five models, no look-ahead, claims that add up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import pytest

from macrostrike.engine import MODELS, NO_EDGE, Forecast, ReferenceEngine, Result
from macrostrike.market import Bar, find_market, synthetic_market
from macrostrike.types import Signal, Strategy, strategy_mask

DAYS = 6 * 1440
AFTER = DAYS - 700
"""A minute in the last day: what comes after it is changed."""


@pytest.fixture(scope="module")
def bars() -> Sequence[Bar]:
    market = find_market(DAYS) or synthetic_market(7, DAYS)
    return market.bars


def forecasts(bars: Sequence[Bar]) -> list[tuple[int, Forecast]]:
    engine = ReferenceEngine()
    return [(number, said) for number, bar in enumerate(bars) for said in engine.see(bar)]


@pytest.fixture(scope="module")
def said(bars: Sequence[Bar]) -> list[tuple[int, Forecast]]:
    return forecasts(bars)


def shuffled(bars: Sequence[Bar], chance: random.Random) -> list[Bar]:
    order = list(range(len(bars)))
    chance.shuffle(order)
    return [_at(bars[place], bars[number].timestamp) for number, place in enumerate(order)]


def noise(bars: Sequence[Bar], chance: random.Random) -> list[Bar]:
    changed = []
    for bar in bars:
        price = bar.close * Decimal(chance.uniform(0.5, 2))
        changed.append(Bar(bar.timestamp, price, price, price, price))
    return changed


def shifted(bars: Sequence[Bar], _: random.Random) -> list[Bar]:
    return [_at(after, bar.timestamp) for bar, after in pairwise(bars)]


def _at(bar: Bar, timestamp: int) -> Bar:
    return Bar(timestamp, bar.open, bar.high, bar.low, bar.close)


@pytest.mark.parametrize("change", [shuffled, noise, shifted])
def test_what_comes_after_changes_nothing_before(
    bars: Sequence[Bar], said: list[tuple[int, Forecast]], change: object
) -> None:
    assert callable(change)
    other = [*bars[:AFTER], *change(bars[AFTER:], random.Random(1))]
    before = [each for each in said if each[0] < AFTER]
    assert before, "the test needs forecasts to compare"
    assert [each for each in forecasts(other) if each[0] < AFTER] == before


def test_nothing_is_said_before_the_warm_up(said: list[tuple[int, Forecast]]) -> None:
    assert min(number for number, _ in said) >= ReferenceEngine.warm_up


def test_every_strategy_has_its_own_model_and_bots(said: list[tuple[int, Forecast]]) -> None:
    models = {forecast.model_id for _, forecast in said}
    assert models == {1, 2, 3, 4, 5}
    for _, forecast in said:
        assert forecast.strategies == strategy_mask(Strategy(forecast.model_id - 1))
    assert len({(m.rule, m.barriers) for m in MODELS}) == len(MODELS)


def test_every_claim_passes_the_gate_and_gains_by_its_own_arithmetic(
    said: list[tuple[int, Forecast]],
) -> None:
    for _, each in said:
        confidence = each.confidence_bps
        assert 9300 <= confidence <= 9900
        assert confidence * each.take_profit_bps > (10_000 - confidence) * each.stop_loss_bps


def test_never_both_sides_while_one_may_be_struck(
    bars: Sequence[Bar], said: list[tuple[int, Forecast]]
) -> None:
    for (number, one), (later, other) in pairwise(said):
        apart = bars[later].timestamp - bars[number].timestamp
        if one.signal.is_long != other.signal.is_long:
            assert apart > one.valid_seconds


def test_the_market_of_its_forecasts_is_the_one_it_was_given(bars: Sequence[Bar]) -> None:
    engine = ReferenceEngine(market=3)
    assert {said.market for bar in bars for said in engine.see(bar)} == {3}


def test_the_report_says_first_that_there_is_not_a_edge() -> None:
    engine = ReferenceEngine()
    for won in (True, True, False, True):
        engine.learn(result(won=won))
    first, *models = engine.report().splitlines()
    assert first == NO_EDGE
    assert models[0].startswith(
        "model 1, MarketMaking: claimed 97.0 %, won 75.0 % of 4: not kept; -4.0 bps of notional a "
        "strike, no profit; Brier score 0.236, the base rate alone 0.188"
    )
    assert models[1] == "model 2, Arbitrage: nothing settled yet: no claim was tested"


def test_a_few_results_prove_no_claim() -> None:
    engine = ReferenceEngine()
    engine.learn(result(won=True))
    assert "won 100.0 % of 1: too few to tell" in engine.report()
    for _ in range(300):
        engine.learn(result(won=True))
    assert "won 100.0 % of 301: kept" in engine.report()


def result(*, won: bool) -> Result:
    return Result(
        strike_id=1,
        nonce=1,
        market=0,
        model_id=1,
        signal=Signal.LONG,
        confidence_bps=9700,
        opened_at=0,
        settled_at=60,
        notional=10**10,
        pnl=8_000_000 if won else -40_000_000,
        won=won,
    )
