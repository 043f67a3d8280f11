"""The score in totals: every figure is a sum over what settlements measured."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import UnknownRevert
from macrostrike.types import ALL_STRATEGIES, Signal, Strategy

from ..scene import Scene, reverts


def test_nothing_is_scored_at_first(any_scene: Scene) -> None:
    stats = any_scene.read("getStrikeStats")
    equity = sum(bot.equity for bot in any_scene.read("getBots"))
    assert (stats.opened, stats.open, stats.settled, stats.wins, stats.losses) == (0,) * 5
    assert (stats.profit, stats.loss, stats.pnl, stats.best, stats.worst) == (0,) * 5
    assert (stats.equity, stats.high_water, stats.recent_wins) == (equity, equity, 40)
    assert stats.halted is False
    for signal in Signal:
        assert any_scene.read("getSignalStats", signal).settled == 0
    for strategy in Strategy:
        stats = any_scene.read("getStrategyStats", strategy)
        assert (stats.settled, stats.wins, stats.pnl) == (0, 0, 0)
        assert stats.equity == equity // 5


def test_best_and_worst_are_of_one_strike(scene: Scene) -> None:
    won = [scene.play(won=True, signal=signal)["pnl"] for signal in Signal]
    lost = [scene.play(won=False, signal=signal)["pnl"] for signal in Signal]
    stats = scene.read("getStrikeStats")
    assert (stats.best, stats.worst) == (max(won), min(lost))
    assert (stats.profit, stats.loss) == (sum(won), -sum(lost))
    assert stats.pnl == sum(won) + sum(lost)


def test_there_is_no_best_before_a_win_and_no_worst_before_a_loss(scene: Scene) -> None:
    with scene.undone():
        scene.play(won=True)
        assert scene.read("getStrikeStats").worst == 0
    scene.play(won=False)
    assert scene.read("getStrikeStats").best == 0


def test_a_strategy_scores_the_strikes_that_its_bots_took_part_in(scene: Scene) -> None:
    scene.play(won=True, strategies=0b00011)
    scene.play(won=False, strategies=0b00110)
    scored = {
        strategy: (stats.settled, stats.wins)
        for strategy in Strategy
        for stats in [scene.read("getStrategyStats", strategy)]
    }
    assert scored == {
        Strategy.MARKET_MAKING: (1, 1),
        Strategy.ARBITRAGE: (2, 1),
        Strategy.MOMENTUM: (1, 0),
        Strategy.MEAN_REVERSION: (0, 0),
        Strategy.VOLATILITY: (0, 0),
    }


def test_a_signals_score_is_over_all_models(scene: Scene) -> None:
    for model in (0, 1, 65_535):
        scene.play(won=True, model_id=scene.register(model), signal=Signal.SHORT)
    stats = scene.read("getSignalStats", Signal.SHORT)
    assert (stats.settled, stats.wins) == (3, 3)
    assert scene.read("getSignalStats", Signal.STRONG_SHORT).settled == 0


played = st.fixed_dictionaries(
    {
        "won": st.booleans(),
        "signal": st.sampled_from(Signal),
        "strategies": st.integers(1, ALL_STRATEGIES),
        "model_id": st.sampled_from([0, 1, 2]),
        "confidence_bps": st.integers(9300, 10_000),
    }
)


@settings(max_examples=10)
@given(st.lists(played, min_size=1, max_size=12))
def test_all_totals_agree(scene: Scene, strikes: list[dict[str, Any]]) -> None:
    with scene.undone():
        pnls, parts = [], Counter[Strategy]()
        for strike in strikes:
            pnls.append(scene.play(**strike)["pnl"])
            parts.update(s for s in Strategy if strike["strategies"] >> s & 1)
            if scene.read("getStrikeStats").halted:
                scene.owner.send("resume")
        stats = scene.read("getStrikeStats")
        signals = [scene.read("getSignalStats", signal) for signal in Signal]
        strategies = [scene.read("getStrategyStats", strategy) for strategy in Strategy]
        bins = [each for model in (0, 1, 2) for each in scene.read("getCalibration", model)]
        assert stats.settled == stats.wins + stats.losses == len(strikes)
        for name in ("settled", "wins", "profit", "loss"):
            assert getattr(stats, name) == sum(getattr(part, name) for part in signals)
        for name in ("settled", "wins"):
            assert getattr(stats, name) == sum(getattr(part, name) for part in bins)
        assert stats.pnl == stats.profit - stats.loss == sum(pnls)
        assert [part.settled for part in strategies] == [parts[s] for s in Strategy]
        assert stats.equity == sum(part.equity for part in strategies)
        # What the strategies' bots gained is the P&L, but for the dust of each strike.
        dust = stats.pnl - sum(part.pnl for part in strategies)
        assert dust == scene.read("getTreasury")[1]
        assert 0 <= dust <= 25 * len(strikes)
        assert stats.high_water >= stats.equity


@pytest.mark.parametrize(
    ("function", "number"),
    [(name, n) for name, least in (("Signal", 4), ("Strategy", 5)) for n in (least, 255)],
)
def test_what_there_is_not_has_no_score(scene: Scene, function: str, number: int) -> None:
    with reverts(UnknownRevert(b"")):
        scene.read(f"get{function}Stats", number)
