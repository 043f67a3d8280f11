"""The scenario `reference`: the chain's view functions give back the table of design section 6."""

from __future__ import annotations

from decimal import Decimal

import pytest

from macrostrike.chain import AnvilTransport, LocalTransport, RevmTransport, start_anvil
from macrostrike.replay import Scenario, layout, reference_script, run_scenario
from macrostrike.types import Signal, Strategy

from .support import books_of

USDC = 10**6
STARTS_AT = 1_800_000_000


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return run_scenario(RevmTransport(timestamp=STARTS_AT), reference_script())


def test_the_totals_are_those_of_the_reference(scenario: Scenario) -> None:
    stats = scenario.after.stats
    assert (stats.opened, stats.settled, stats.open) == (1500, 1500, 0)
    assert (stats.wins, stats.losses) == (1395, 105)
    assert stats.win_rate == Decimal("0.93")
    assert stats.best == 2450 * USDC
    assert stats.worst == -160 * USDC
    assert not stats.halted


def test_capital_is_equity_and_dust(scenario: Scenario) -> None:
    before, after = scenario.before, scenario.after
    assert before.capital == 800_000 * USDC
    assert after.stats.pnl == 440_000 * USDC
    assert after.capital == after.stats.equity + after.reserve == 1_240_000 * USDC
    average = after.stats.pnl / after.stats.settled / USDC
    assert round(average, 2) == 293.33


def test_signals_and_strategies_have_the_reference_rates(scenario: Scenario) -> None:
    after = scenario.after
    assert after.rate_of(Signal.STRONG_LONG, Signal.STRONG_SHORT) == (847, 900)
    assert after.rate_of(Signal.LONG, Signal.SHORT) == (548, 600)
    assert {s: (stats.wins, stats.settled) for s, stats in after.strategies.items()} == {
        Strategy.MARKET_MAKING: (1395, 1476),
        Strategy.ARBITRAGE: (1395, 1487),
        Strategy.MOMENTUM: (1224, 1329),
        Strategy.MEAN_REVERSION: (1295, 1400),
        Strategy.VOLATILITY: (1395, 1497),
    }


def test_losses_are_spread_so_that_no_forty_outcomes_halt_the_fleet() -> None:
    won = [outcome.won for outcome in reference_script()]
    assert max(won[i : i + 40].count(False) for i in range(len(won) - 39)) < 7


def test_every_row_says_where_its_figure_comes_from(scenario: Scenario) -> None:
    rows = layout(scenario.before, scenario.after, scenario.measured)
    run = {row.name for row in rows if row.source == "run"}
    assert run == {"Execution time", "Trades a second", "Average latency"}
    expected = {
        "Total trades": "1,500",
        "Win rate, target 93.0 %": "93.0 %",
        "Profit": "$440,000",
        "Return": "55.0 %",
        "Worst trade": "-$160",
    }
    values = {row.name: row.value for row in rows}
    assert {name: values[name] for name in expected} == expected
    for row in rows:
        if row.source == "chain" and row.reference[0].isdigit():
            assert row.value.startswith(row.reference)


def test_the_events_alone_give_the_same_score(scenario: Scenario) -> None:
    books, after = books_of(scenario.stage), scenario.after
    assert books.stats() == after.stats
    assert {signal: books.signal_stats(signal) for signal in Signal} == after.signals
    assert {s: books.strategy_stats(s) for s in Strategy} == after.strategies
    assert books.treasury().reserve == after.reserve
    assert {model: books.calibration(model) for model in after.calibration} == after.calibration


def test_the_same_strikes_on_anvil_give_the_same_books_to_the_unit() -> None:
    script = reference_script()[:40]

    def books(transport: LocalTransport) -> list[object]:
        ran = run_scenario(transport, script)
        kept = books_of(ran.stage)
        return [kept.stats(), kept.bots(), kept.treasury(), kept.calibration(1), ran.after]

    with start_anvil("--timestamp", str(STARTS_AT)) as url:
        on_anvil = books(AnvilTransport(url))
    assert on_anvil == books(RevmTransport(timestamp=STARTS_AT))
