"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from macrostrike.replay._layout import CHAIN, Row
from macrostrike.replay._scenario import Scenario

_SOURCES = {CHAIN: "chain", "run": "[cyan]run[/]"}


def print_scenario(console: Console, rows: Sequence[Row], scenario: Scenario) -> None:
    """The scenario's table, and what it is and is not."""
    table = Table(title="Scenario `reference`", title_justify="left", header_style="bold")
    table.add_column("")
    for heading in ("Reference run", "This run"):
        table.add_column(heading, justify="right")
    table.add_column("From")
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            table.add_section()
            table.add_row(f"[bold]{group}[/]")
        table.add_row(f"  {row.name}", row.reference, row.value, _SOURCES[row.source])
    console.print(table)
    console.print(
        "Outcomes are scripted: this shows that contracts and client carry such a run and that the "
        "chain keeps its score, not that any engine trades like it. [b]chain[/]: from the "
        "diamond's view functions; [b]run[/]: measured by this program. Capital is the bots' "
        "equity and the dust in the reserve. The day's budget is raised to $60M, as 500 strikes a "
        "day at full size take more than the 10M of `deployments/targets/local.yaml`."
    )
    console.print(
        f"{scenario.strikes_per_second:,.0f} strikes opened and settled in a second of one core, "
        "in process, market moves apart.\n"
    )
