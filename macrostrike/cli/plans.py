"""Plans and checks as tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from rich.markup import escape
from rich.table import Table

from macrostrike._counts import counted
from macrostrike.deploy.plan import Check, Plan, Step


def plan_table(plan: Plan, gas: Sequence[int] = (), gas_price: int = 0) -> Table:
    """Every transaction that the plan sends, with what it took in a rehearsal, if there was one."""
    where = "a new diamond" if plan.is_new else "the diamond"
    table = Table(
        title=f"Plan: {counted(len(plan.steps), 'transaction')} for {where} {plan.diamond}"
    )
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("what it does", overflow="fold")  # nothing is left out: someone signs this
    if gas:
        table.add_column("gas, ether", justify="right", no_wrap=True)
        table.caption = f"{sum(gas):,} gas, {_ether(sum(gas) * gas_price)} ether at today's price"
    for position, step in enumerate(plan.steps, start=1):
        costs = [f"{gas[position - 1]:,}\n{_ether(gas[position - 1] * gas_price)}"] if gas else []
        table.add_row(str(position), f"{escape(step.does)}\n[dim]{_call(plan, step)}[/]", *costs)
    return table


def _call(plan: Plan, step: Step) -> str:
    """The function that a step calls, and where: narrow enough for 80 columns."""
    if step.creates:
        return f"at {step.creates}"
    where = " on the diamond" if step.to == plan.diamond else f"\non {step.to}"
    return f"{step.function} 0x{step.data[:4].hex()}{where}"


def change_table(plan: Plan) -> Table:
    """Every function that the plan adds to the diamond, moves in it, or removes from it."""
    table = Table(title=f"Functions: {len(plan.changes)} change", show_lines=True)
    for title in ("what", "facet", "functions"):
        table.add_column(title, overflow="fold")
    key = lambda change: (change.action, change.facet, change.before, change.after)  # noqa: E731
    for (action, facet, before, after), changes in groupby(plan.changes, key=key):
        where = " -> ".join(address for address in (before, after) if address)
        functions = (f"0x{c.selector.hex()} {c.function}".rstrip() for c in changes)
        name = action.name.lower()
        table.add_row(name, f"{facet}\n{where}".strip(), "\n".join(functions))
    return table


def checks_text(checks: Sequence[Check]) -> str:
    """How many checks hold, and what they are of: rehearsal, deployment and status each have
    more of them than the target's own."""
    parts = Counter(check.of for check in checks)
    of = ", ".join(f"{part} {count}" for part, count in parts.items())
    return f"{sum(check.ok for check in checks)} of {len(checks)} checks hold ({of})"


def check_table(checks: Sequence[Check], *, only_failures: bool = False) -> Table:
    """The checks that failed, with both values, then those that hold."""
    table = Table(title="Checks", caption=checks_text(checks), title_justify="left")
    table.add_column("")
    for title in ("what", "on chain", "in the target"):
        table.add_column(title, overflow="fold")
    for check in sorted(checks, key=lambda check: check.ok):
        if check.ok and only_failures:
            break
        mark = "[green]ok[/]" if check.ok else "[red]no[/]"
        table.add_row(mark, check.name, check.actual, "" if check.ok else check.expected)
    return table


def check_list(checks: Sequence[Check]) -> list[dict[str, str | bool]]:
    """The checks as JSON has them."""
    return [
        {"name": c.name, "expected": c.expected, "actual": c.actual, "ok": c.ok} for c in checks
    ]


def _ether(wei: int) -> str:
    return f"{Decimal(wei) / 10**18:.6f}"
