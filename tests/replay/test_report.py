"""What the report's terminal tables say."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from macrostrike.engine import Forecast, Result
from macrostrike.market import Bar, synthetic_market
from macrostrike.replay import Policy, Report, differences, document, print_report, replay_market
from macrostrike.types import Signal


class Longs:
    """A long every four minutes."""

    def __init__(self) -> None:
        self.seen = 0

    def see(self, bar: Bar) -> Sequence[Forecast]:
        self.seen += 1
        if self.seen % 4:
            return ()
        return [
            Forecast(
                signal=Signal.LONG,
                confidence_bps=9500,
                model_id=1,
                horizon=600,
                take_profit_bps=40,
                stop_loss_bps=100,
            )
        ]

    def learn(self, result: Result) -> None:
        pass


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports") / "trials.jsonl"


@pytest.fixture(scope="module")
def report(registry: Path) -> Report:
    market = synthetic_market(2, 300)
    return replay_market(
        market, Longs(), name="a test's engine", policy=Policy(strikes=20), registry=registry
    )


def printed(report: Report) -> str:
    console = Console(width=100, file=StringIO())
    print_report(console, report)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_tables_name_signals_and_strategies(report: Report) -> None:
    text = printed(report)
    by_signal, _, by_strategy = text.partition("By strategy")
    for name in ("Strong long", "Long", "Short", "Strong short"):
        assert name in by_signal
    for name in ("Market making", "Arbitrage", "Momentum", "Mean reversion", "Volatility"):
        assert name in by_strategy
    for title in (
        "Where the money went",
        "What was claimed, and what came",
        "What this can't show",
    ):
        assert title in text
    assert "No projections: too few days" in text
    assert f"Receipt {report.receipt.hash}" in text


def test_the_report_counts_its_trial(report: Report, registry: Path) -> None:
    assert report.basis.trials is not None
    assert report.basis.trials.count == 1
    assert "the only trial of this data" in report.headline[-1]
    again = replay_market(
        report.basis.market,
        Longs(),
        name="a test's engine",
        policy=Policy(strikes=20, resume_after=1),
        registry=registry,
    )
    assert again.basis.trials is not None
    assert again.basis.trials.count == 2
    assert "one of 2 trials" in again.headline[-1]


def test_a_receipt_that_is_another_runs_is_said_apart(report: Report) -> None:
    recorded = document(report)["receipt"]
    assert differences(report.receipt, recorded) == []
    forged = dict(recorded) | {"books": "00" * 32}
    (found,) = differences(report.receipt, forged)
    assert found.startswith("books: ")
