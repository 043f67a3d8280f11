"""The score in totals: every figure is a sum over what settlements measured."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import UnknownRevert
from macrostrike.types import ALL_STRATEGIES, Signal, Strategy

from ..environment import Env, reverts


def test_nothing_is_scored_at_first(any_env: Env) -> None:
    stats = any_env.read("getStrikeStats")
    equity = sum(bot.equity for bot in any_env.read("getBots"))
    assert (stats.opened, stats.open, stats.settled, stats.wins, stats.losses) == (0,) * 5
    assert (stats.profit, stats.loss, stats.pnl, stats.best, stats.worst) == (0,) * 5
    assert (stats.equity, stats.high_water, stats.recent_wins) == (equity, equity, 40)
    assert stats.halted is False
    for signal in Signal:
        assert any_env.read("getSignalStats", signal).settled == 0
    for strategy in Strategy:
        stats = any_env.read("getStrategyStats", strategy)
        assert (stats.settled, stats.wins, stats.pnl) == (0, 0, 0)
        assert stats.equity == equity // 5


def test_best_and_worst_are_of_one_strike(env: Env) -> None:
    won = [env.play(won=True, signal=signal)["pnl"] for signal in Signal]
    lost = [env.play(won=False, signal=signal)["pnl"] for signal in Signal]
    stats = env.read("getStrikeStats")
    assert (stats.best, stats.worst) == (max(won), min(lost))
    assert (stats.profit, stats.loss) == (sum(won), -sum(lost))
    assert stats.pnl == sum(won) + sum(lost)


def test_there_is_not_a_best_before_a_win_and_no_worst_before_a_loss(env: Env) -> None:
    with env.undone():
        env.play(won=True)
        assert env.read("getStrikeStats").worst == 0
    env.play(won=False)
    assert env.read("getStrikeStats").best == 0


def test_a_strategy_scores_the_strikes_that_its_bots_took_part_in(env: Env) -> None:
    env.play(won=True, strategies=0b00011)
    env.play(won=False, strategies=0b00110)
    scored = {
        strategy: (stats.settled, stats.wins)
        for strategy in Strategy
        for stats in [env.read("getStrategyStats", strategy)]
    }
    assert scored == {
        Strategy.MARKET_MAKING: (1, 1),
        Strategy.ARBITRAGE: (2, 1),
        Strategy.MOMENTUM: (1, 0),
        Strategy.MEAN_REVERSION: (0, 0),
        Strategy.VOLATILITY: (0, 0),
    }


def test_a_signals_score_is_over_all_models(env: Env) -> None:
    for model in (0, 1, 65_535):
        env.play(won=True, model_id=env.register(model), signal=Signal.SHORT)
    stats = env.read("getSignalStats", Signal.SHORT)
    assert (stats.settled, stats.wins) == (3, 3)
    assert env.read("getSignalStats", Signal.STRONG_SHORT).settled == 0


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
def test_all_totals_agree(env: Env, strikes: list[dict[str, Any]]) -> None:
    with env.undone():
        pnls, parts = [], Counter[Strategy]()
        for strike in strikes:
            pnls.append(env.play(**strike)["pnl"])
            parts.update(s for s in Strategy if strike["strategies"] >> s & 1)
            if env.read("getStrikeStats").halted:
                env.owner.send("resume")
        stats = env.read("getStrikeStats")
        signals = [env.read("getSignalStats", signal) for signal in Signal]
        strategies = [env.read("getStrategyStats", strategy) for strategy in Strategy]
        bins = [each for model in (0, 1, 2) for each in env.read("getCalibration", model)]
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
        assert dust == env.read("getTreasury")[1]
        assert 0 <= dust <= 25 * len(strikes)
        assert stats.high_water >= stats.equity


@pytest.mark.parametrize(
    ("function", "number"),
    [(name, n) for name, minimum in (("Signal", 4), ("Strategy", 5)) for n in (minimum, 255)],
)
def test_what_there_is_not_has_no_score(env: Env, function: str, number: int) -> None:
    with reverts(UnknownRevert(b"")):
        env.read(f"get{function}Stats", number)


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
def test_what_open_strikes_have_gained_is_by_the_best_of_the_prices(
    env: Env, signal: Signal
) -> None:
    """The price with which the second began makes a strike look better, and never worse."""
    notional = env.strike(signal=signal, horizon=3600)["notional"]
    base = env.read("getStrike", 1).record.base_amount
    for price in (1700, 1500):
        with env.undone():
            env.wait(300)
            env.price(price, settled=False)
            env.wait(1)
            prices = env.read("getReferencePrices", 0, base)
            better = max(prices) if signal.is_long else min(prices)
            gain = better - notional if signal.is_long else notional - better
            assert (prices[2] == better) is ((price > 1600) is signal.is_long)
            assert env.read("getUnrealised") == (gain, 0, 0)
