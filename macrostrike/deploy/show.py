"""Plans and checks as tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from macrostrike.deploy.checks import Check
from macrostrike.deploy.plan import Plan


def plan_table(plan: Plan) -> Table:
    """Every transaction that the plan sends."""
    where = "a new diamond" if plan.is_new else "the diamond"
    table = Table(title=f"Plan: {len(plan.steps)} transactions for {where} {plan.diamond}")
    table.add_column("#", justify="right")
    for title in ("what it does", "function", "on"):
        table.add_column(title, overflow="fold")  # nothing is left out: someone signs this
    for position, step in enumerate(plan.steps, start=1):
        on = f"new, {step.creates}" if step.creates else step.to
        shown = "the diamond" if step.to == plan.diamond else on
        table.add_row(str(position), step.does, step.function, shown)
    return table


def check_table(checks: Sequence[Check]) -> Table:
    """Every check, those that failed with both values."""
    table = Table(title=f"Checks: {sum(check.ok for check in checks)} of {len(checks)} hold")
    table.add_column("")
    for title in ("what", "on chain", "in the target"):
        table.add_column(title, overflow="fold")
    for check in checks:
        mark = "[green]ok[/]" if check.ok else "[red]no[/]"
        table.add_row(mark, check.name, check.actual, "" if check.ok else check.expected)
    return table
