"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from macrostrike.replay._bootstrap import ASSUMPTIONS
from macrostrike.replay._costs import QUOTE
from macrostrike.replay._figures import Figures, Group
from macrostrike.replay._layout import BOT_NAMES, CHAIN, RUN, SIGNAL_NAMES, Row, layout
from macrostrike.replay._report import Report
from macrostrike.replay._scenario import Scenario
from macrostrike.replay._words import limits, money

_SOURCES = {CHAIN: "chain", RUN: "[cyan]run[/]"}


def print_scenario(console: Console, scenario: Scenario, on_anvil: Scenario | None = None) -> None:
    """The scenario's table, and what it is and is not; `on_anvil` beside it where it ran there."""
    _print_layout(console, "Scenario `reference`: scripted outcomes", _rows(scenario))
    if on_anvil is not None:
        _print_layout(console, "The same on anvil, over HTTP", _rows(on_anvil))
        same = scenario.after == on_anvil.after
        console.print(
            f"Its score is {'the same to the unit' if same else '[bold red]ANOTHER[/]'}: "
            f"{on_anvil.measured.seconds:.1f} s there, {scenario.measured.seconds:.1f} s here."
        )
    console.print(
        "This shows that contracts and client carry such a run and that the chain keeps its score, "
        "not that any engine trades like it. [b]chain[/]: from the diamond's view functions; "
        "[b]run[/]: measured by this program. Capital is the bots' equity and the dust in the "
        "reserve. The day's budget is raised to $60M: 500 strikes a day at full size take more "
        "than the 10M of `deployments/targets/local.yaml`; the exit window is 75 s, as "
        "each price holds for 150."
    )
    console.print(
        f"{scenario.strikes_per_second:,.0f} strikes opened and settled in a second of one core, "
        "in process, market moves apart.\n"
    )


def _rows(scenario: Scenario) -> tuple[Row, ...]:
    return layout(scenario.before, scenario.after, scenario.measured)


def print_report(console: Console, report: Report) -> None:
    """A market's replay: the first lines in words, then the tables."""
    first, *others = report.headline
    color = "red" if report.basis.figures.all.net < 0 else "green"
    console.print(f"[bold {color}]{first}[/]")
    for sentence in others:
        console.print(sentence)
    console.print()
    found = report.basis.figures
    if not found.all.trades:
        return
    _print_layout(console, "This market, in the layout of the reference run", report.rows)
    signals = {SIGNAL_NAMES[each]: group for each, group in found.by_signal.items()}
    strategies = {BOT_NAMES[each]: group for each, group in found.by_strategy.items()}
    for title, groups in (("By signal", signals), ("By strategy", strategies)):
        console.print(_groups(title, groups))
    console.print(_costs(found))
    console.print(_claims(found))
    _print_projections(console, report)
    run = report.basis.run
    console.print(
        f"{run.strikes_per_second:,.0f} strikes and {run.minutes_per_second:,.0f} recorded minutes "
        "a second of one core."
    )
    console.print("\n[bold]What this can't show[/]")
    for each in limits(report.basis):
        console.print(f"- {each}")
    console.print(f"\nReceipt {report.receipt.hash}")


def _print_layout(console: Console, title: str, rows: Sequence[Row]) -> None:
    table = _table(title, "Reference run", "This run", "From")
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            table.add_section()
            table.add_row(f"[bold]{group}[/]")
        table.add_row(f"  {row.name}", row.reference, row.value, _SOURCES[row.source])
    console.print(table)


def _groups(title: str, groups: Mapping[str, Group]) -> Table:
    table = _table(title, "Strikes", "Won", "Net", "Net each", "bps")
    for name, group in groups.items():
        won = "–" if group.win_rate is None else f"{100 * group.win_rate:.1f} %"
        each = "–" if group.expectancy is None else money(group.expectancy)
        bps = "–" if group.expectancy_bps is None else f"{group.expectancy_bps:+.1f}"
        net = money(group.net / QUOTE)
        table.add_row(name, f"{group.trades:,}", won, net, each, bps)
    return table


def _costs(found: Figures) -> Table:
    costs = found.costs
    table = _table("Where the money went", "USDC")
    for name, amount, _ in costs.steps():
        table.add_row(name, f"{amount / QUOTE:,.2f}")
    fall = found.drawdown
    table.add_section()
    factor = "–" if found.profit_factor is None else f"{found.profit_factor:.2f}"
    table.add_row("Profit factor", factor)
    table.add_row(f"Deepest drawdown, {100 * fall.share:.2f} %", f"{-fall.amount / QUOTE:,.2f}")
    return table


def _claims(found: Figures) -> Table:
    table = _table("What was claimed, and what came", "Strikes", "Won", "95 % interval")
    for each in found.bins:
        table.add_row(
            f"{100 * each.claimed:.1f} %",
            f"{each.trades:,}",
            f"{100 * each.wins / each.trades:.1f} %",
            f"{100 * each.low:.1f} to {100 * each.high:.1f} %",
        )
    return table


def _print_projections(console: Console, report: Report) -> None:
    found = report.basis.bootstrap
    if found is None:
        console.print("No projections: too few days were measured for a bootstrap by days.\n")
        return
    table = _table(
        "Projections: drawn from what was measured, no forecast",
        "Strikes",
        "90 % interval",
        "Median",
        "Loses in",
    )
    for each in found.projections:
        table.add_row(
            "1 day" if each.days == 1 else f"{each.days} days",
            f"{each.trades:,.0f}",
            f"{money(each.result.low, 0)} to {money(each.result.high, 0)}",
            money(each.result.median, 0),
            f"{100 * each.loses:.0f} %",
        )
    console.print(table)
    for assumption in ASSUMPTIONS:
        console.print(f"- {assumption}")
    console.print()


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="left" if column == "From" else "right")
    return table
