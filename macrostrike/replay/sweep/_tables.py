"""A sweep for people, in a terminal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timezone

from rich.console import Console
from rich.table import Table

from macrostrike.replay._words import money
from macrostrike.replay.sweep._judge import Sweep
from macrostrike.replay.sweep._plan import Settings

_DAY = 86_400
_SHOWN = 10


def print_sweep(console: Console, sweep: Sweep) -> None:
    """The first lines in words, the best trials, and what picking by the past gave."""
    first, *others = sweep.headline
    console.print(f"[bold]{first}[/]")
    for sentence in others:
        console.print(sentence)
    if sweep.best is None:
        return
    console.print()
    console.print(_best(sweep))
    if sweep.folds:
        console.print(_forward(sweep))


def _best(sweep: Sweep) -> Table:
    names = [name.partition(".")[2] for name in sweep.plan.varied]
    table = Table(title=f"The best {_SHOWN} by net result", title_justify="left")
    for column in ("Trial", *names, "Strikes", "Won", "Net", "Net each"):
        table.add_column(column, justify="right")
    numbered = sorted(enumerate(sweep.results, 1), key=lambda each: -each[1].net)
    for number, result in numbered[:_SHOWN]:
        varied = [_value(sweep.settings(number), name) for name in sweep.plan.varied]
        won = f"{100 * result.wins / result.strikes:.1f} %" if result.strikes else "–"
        each = "–" if result.expectancy is None else money(result.expectancy)
        table.add_row(str(number), *varied, f"{result.strikes:,}", won, money(result.net, 0), each)
    return table


def _forward(sweep: Sweep) -> Table:
    table = Table(title="Walk-forward: the best so far, on the next days", title_justify="left")
    for column in ("From", "Days", "Trial", "Net"):
        table.add_column(column, justify="right")
    for fold in sweep.folds:
        start = f"{datetime.fromtimestamp(fold.first_day * _DAY, timezone.utc):%Y-%m-%d}"
        table.add_row(start, str(fold.days), str(fold.chosen), money(fold.net, 0))
    return table


def _value(settings: Settings, name: str) -> str:
    part, _, field = name.partition(".")
    value = asdict(settings)[part][field]
    return "each model's own" if value is None else str(value)
