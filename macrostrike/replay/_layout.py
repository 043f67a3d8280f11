"""The reference run's table, row by row, with a run's own figures beside it.

Design section 6 has the layout. Each cell says where it comes from: the chain's view functions,
or the run, which measures time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean

from macrostrike.replay._score import REGULAR, STRONG, Score
from macrostrike.types import Signal, Strategy

CHAIN, RUN = "chain", "run"
GROWTH = "Growth at this pace"
_DAY = 86_400
_QUOTE_DECIMALS = 6
_BOT_RATES = {
    Strategy.MARKET_MAKING: "94.5 %",
    Strategy.ARBITRAGE: "93.8 %",
    Strategy.MOMENTUM: "92.1 %",
    Strategy.MEAN_REVERSION: "92.5 %",
    Strategy.VOLATILITY: "93.2 %",
}
SIGNAL_NAMES = {
    Signal.STRONG_LONG: "Strong long",
    Signal.LONG: "Long",
    Signal.SHORT: "Short",
    Signal.STRONG_SHORT: "Strong short",
}
BOT_NAMES = {
    Strategy.MARKET_MAKING: "Market making",
    Strategy.ARBITRAGE: "Arbitrage",
    Strategy.MOMENTUM: "Momentum",
    Strategy.MEAN_REVERSION: "Mean reversion",
    Strategy.VOLATILITY: "Volatility",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the layout. `reference` is what the reference run says; `source` of `value`."""

    group: str
    name: str
    reference: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What the run itself measured.

    seconds: wall-clock time of the whole run, market moves included.
    latencies: seconds from call to receipt of each opening and each settlement.
    market_seconds: how long the run took by the chain's clock.
    """

    seconds: float
    latencies: tuple[float, ...]
    market_seconds: int


def layout(before: Score, after: Score, measured: Measured) -> tuple[Row, ...]:
    """All rows of the reference run's table."""
    return (
        *_overall(before, after),
        *_execution(after, measured),
        *_by_signal(after),
        *_by_strategy(after),
        *_growth(before, after, measured),
    )


def _overall(before: Score, after: Score) -> Iterator[Row]:
    stats = after.stats
    profit = after.capital - before.capital
    share = Decimal(profit) / before.capital
    each = Decimal(stats.pnl) / stats.settled if stats.settled else Decimal(0)
    for name, reference, value in (
        ("Total trades", "1,500", f"{stats.settled:,}"),
        ("Successful", "1,395", f"{stats.wins:,}"),
        ("Failed", "105", f"{stats.losses:,}"),
        ("Win rate, target 93.0 %", "93.0 %", rate(stats.wins, stats.settled)),
        ("Initial capital", "$800,000", dollars(before.capital)),
        ("Final capital", "$1,240,000", dollars(after.capital)),
        ("Profit", "$440,000", dollars(profit)),
        ("Return", "55.0 %", _percent(100 * share)),
        ("Average per trade", "$293.33", dollars(each, 2)),
        ("Best trade", "$2,450", dollars(stats.best)),
        ("Worst trade", "-$160", dollars(stats.worst)),
    ):
        yield Row("Overall", name, reference, value, CHAIN)


def _execution(after: Score, measured: Measured) -> Iterator[Row]:
    settled, seconds = after.stats.settled, measured.seconds
    latency = fmean(measured.latencies) if measured.latencies else 0.0
    for name, reference, value in (
        ("Execution time", "45 s", f"{seconds:.1f} s"),
        ("Trades a second", "33.3", f"{settled / seconds:,.1f}"),
        ("Average latency", "30 ms", f"{1000 * latency:.2f} ms"),
    ):
        yield Row("Execution", name, reference, value, RUN)


def _by_signal(after: Score) -> Iterator[Row]:
    for name, reference, signals in (
        ("Strong signals", "847 of 900, 94.1 %", STRONG),
        ("Regular signals", "548 of 600, 91.3 %", REGULAR),
    ):
        wins, settled = after.rate_of(*signals)
        value = f"{wins:,} of {settled:,}, {rate(wins, settled)}"
        yield Row("By signal", name, reference, value, CHAIN)


def _by_strategy(after: Score) -> Iterator[Row]:
    for strategy, stats in after.strategies.items():
        value = f"{rate(stats.wins, stats.settled)} ({stats.wins:,} of {stats.settled:,})"
        yield Row("By bot type", BOT_NAMES[strategy], _BOT_RATES[strategy], value, CHAIN)


def _growth(before: Score, after: Score, measured: Measured) -> Iterator[Row]:
    days = measured.market_seconds / _DAY
    daily = (after.capital / before.capital) ** (1 / days) - 1 if days else 0.0
    per_day = after.stats.settled / days if days else 0.0
    yield Row(GROWTH, "Trades a day", "about 500", f"{per_day:,.0f}", CHAIN)
    for name, span in (("A day", 1), ("A week", 7), ("14 days", 14)):
        grown = 100 * ((1 + daily) ** span - 1)
        value = f"{grown:+.2f} %" if not 0 < abs(grown) < 0.01 else f"{grown:+.4f} %"
        yield Row(GROWTH, f"{name}, compounded", "–", value, CHAIN)


def _percent(share: Decimal) -> str:
    """With a second decimal where the first would say nothing."""
    return f"{share:.2f} %" if 0 < abs(share) < 1 else f"{share:.1f} %"


def rate(wins: int, settled: int) -> str:
    """A win rate."""
    return f"{100 * wins / settled:.1f} %" if settled else "–"


def dollars(raw: Decimal | int, decimals: int = 0) -> str:
    """An amount of quote, with cents and more where whole units don't tell it."""
    amount = Decimal(raw).scaleb(-_QUOTE_DECIMALS)
    if not decimals and amount != amount.to_integral_value():
        decimals = 2
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{decimals}f}"
