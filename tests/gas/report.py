"""What is shown of the figures, and what they are compared with: goals, and the last snapshot."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from .figures import BATCH, CUT, Figures
from .trace import in_order
from .upgrade import FACET

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "reports" / "gas.json"
SNAPSHOT = ROOT / "snapshots" / "gas.json"

SIZE_LIMIT = 24_576
SIZE_GOAL = SIZE_LIMIT * 9 // 10  # with 10 % room

_WHAT = {
    "bare_v3": "bare swap, quote to base: an account through Uniswap's SwapRouter02",
    "bare_v3_sell": "bare swap, base to quote",
    "strike_v3_25": "strike for 25 bots, StrongLong, the same amount",
    "settle_v3_25": "its settlement by the operator, won",
    "settle_v3_25_loss": "the same, lost",
    "strike_v3_25_short": "strike for 25 bots, StrongShort",
    "settle_v3_25_short": "its settlement by the operator, won",
    "settle_v3_25_short_loss": "the same, lost",
    "naive_25_v3": "25 bare swaps of 1/25 of the amount each, together",
    "roll_v3_25": "a roll, settling one strike and opening the next, per action",
    "batch10_per_strike_v3": f"a strike in a batch of {BATCH}",
    "batch10_settle_per_strike_v3": f"a settlement in a batch of {BATCH}",
    "strike_v4_25": "a strike on a V4 pool without hooks, StrongLong, a feed as its oracle",
    "settle_v4_25": "its settlement by the operator, won",
    "bare_two_swaps_v2_v3": "two bare swaps, V2 and V3, through SwapRouter02's multicall",
    "arbitrage_v2_v3": "arbitrage of the same amount through the same pools, without capital",
    "arbitrage_v3_v2": "the same, V3 first",
    "arbitrage_v2_v2": "the same, two pairs",
    "arbitrage_3hop": "the same, V3 and two pairs",
    "bare_two_swaps_v3_v4": "two bare swaps, V3 and V4, by a contract that does nothing else",
    "arbitrage_v3_v4": "arbitrage of the same amount through the same pools, without capital",
    "arbitrage_v3_v4_ether": "the same, a V4 pool of ether",
    "strike_first_ever": "the first strike of a new diamond",
    "settle_first_ever": "its settlement",
    "dispatch_overhead": "a call through the diamond, less the same call of its facet",
    "reference_dispatch_overhead": "the same, reference diamond",
    "cut_17": f"a cut that adds {CUT} functions of one facet",
    "reference_cut_17": "the same, reference diamond",
    "deploy_total": "all transactions of a deployment: facets, diamond, configuration",
    "upgrade_one_facet": f"an upgrade of {FACET}: its deployment, and the cut",
}
# Each contract's bytecode ends with a hash of its sources, comments included: what a deployment
# costs moves a little with every one of them.
_UNKEPT = {"deploy_total", "upgrade_one_facet"}
_NOT_SWAPS = {"dispatch_overhead", "reference_dispatch_overhead", "cut_17", "reference_cut_17"}
_EXPLAINED = (
    *("bare_v3", "strike_v3_25", "settle_v3_25"),
    *("bare_v3_sell", "strike_v3_25_short", "settle_v3_25_short"),
)


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure to reach: `measured` at most `goal`, or at least."""

    name: str
    measured: float
    goal: float
    is_minimum: bool = False

    @property
    def is_met(self) -> bool:
        return self.measured >= self.goal if self.is_minimum else self.measured <= self.goal


def goals_of(figures: Figures) -> list[Goal]:
    """The goals of the design, each with what was measured."""
    gas, bare = figures.gas, figures.gas["bare_v3"]
    largest = max(figures.sizes, key=figures.sizes.__getitem__)
    naive = gas["naive_25_v3"] / gas["strike_v3_25"]
    return [
        Goal("roll, per action, of a bare swap", gas["roll_v3_25"] / bare, 1.25),
        Goal("strike, of a bare swap", gas["strike_v3_25"] / bare, 1.62),
        Goal("settlement, of a bare swap", gas["settle_v3_25"] / bare, 1.62),
        Goal(
            f"strike in a batch of {BATCH}, of a bare swap",
            gas["batch10_per_strike_v3"] / bare,
            0.8,
        ),
        Goal("25 bare swaps, of a strike", naive, 15, is_minimum=True),
        Goal(
            "arbitrage V2, V3, of the two bare swaps in one transaction",
            gas["arbitrage_v2_v3"] / gas["bare_two_swaps_v2_v3"],
            1.15,
        ),
        Goal(
            "arbitrage V3, V4, of the two bare swaps in one transaction",
            gas["arbitrage_v3_v4"] / gas["bare_two_swaps_v3_v4"],
            1.28,
        ),
        Goal("dispatch overhead", gas["dispatch_overhead"], 4_870),
        Goal(f"cut of {CUT} functions", gas["cut_17"], 433_000),
        Goal(f"largest contract: {largest}", figures.sizes[largest], SIZE_GOAL),
    ]


def show(figures: Figures, console: Console) -> None:
    """Prints all tables."""
    for table in (_gas_table, _goal_table, _parts_table, _size_table):
        console.print(table(figures))


def write_report(figures: Figures) -> None:
    goals = [asdict(goal) | {"met": goal.is_met} for goal in goals_of(figures)]
    content = figures.gas | {"sizes": figures.sizes, "parts": figures.parts, "goals": goals}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(_json(content))


def write_snapshot(figures: Figures) -> None:
    SNAPSHOT.write_text(_json(_kept(figures)))


def differences(figures: Figures) -> list[tuple[str, int | None, int | None]]:
    """What is not as in the snapshot: figure, there, now. None where there is none."""
    before = _flat(json.loads(SNAPSHOT.read_text())) if SNAPSHOT.exists() else {}
    now = _flat(_kept(figures))
    names = list(dict.fromkeys([*before, *now]))
    return [(n, before.get(n), now.get(n)) for n in names if before.get(n) != now.get(n)]


def difference_table(found: list[tuple[str, int | None, int | None]]) -> Table:
    table = _table("Not as in snapshots/gas.json", "figure", "snapshot", "now", "difference", "")
    for name, before, now in found:
        change = ["", ""]
        if before and now:
            change = [f"{now - before:+,}", f"{100 * (now - before) / before:+.2f} %"]
        table.add_row(name, _count(before), _count(now), *change)
    return table


def _gas_table(figures: Figures) -> Table:
    table = _table("Gas of whole transactions", "figure", "gas", "of bare_v3", "what")
    bare = figures.gas["bare_v3"]
    for name, what in _WHAT.items():
        gas = figures.gas[name]
        share = "" if name in _NOT_SWAPS | _UNKEPT else f"{gas / bare:.2f} ×"
        table.add_row(name, _count(gas), share, what)
    return table


def _goal_table(figures: Figures) -> Table:
    table = _table("Goals", "", "measured", "goal", "")
    for goal in goals_of(figures):
        sign = "≥" if goal.is_minimum else "≤"
        met = "[green]met[/]" if goal.is_met else "[red]not met[/]"
        table.add_row(goal.name, _number(goal.measured), f"{sign} {_number(goal.goal)}", met)
    return table


def _parts_table(figures: Figures) -> Table:
    table = _table("What each part costs", "part", *_EXPLAINED)
    parts = [figures.parts[name] for name in _EXPLAINED]
    for part in in_order({name for each in parts for name in each}):
        table.add_row(part, *(_count(each.get(part)) for each in parts))
    table.add_section()
    table.add_row("all", *(_count(figures.gas[name]) for name in _EXPLAINED))
    return table


def _size_table(figures: Figures) -> Table:
    limit = f"left of {SIZE_LIMIT:,}"
    table = _table("Bytes of code", "contract", "bytes", limit, "10 % room")
    for name, size in figures.sizes.items():
        room = "[green]yes[/]" if size <= SIZE_GOAL else "[red]no[/]"
        table.add_row(name, _count(size), f"{100 * (SIZE_LIMIT - size) / SIZE_LIMIT:.0f} %", room)
    return table


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="left" if column == "what" else "right")
    return table


def _kept(figures: Figures) -> dict[str, Any]:
    gas = {name: gas for name, gas in figures.gas.items() if name not in _UNKEPT}
    return {"gas": gas, "sizes": figures.sizes}


def _flat(kept: dict[str, dict[str, int]]) -> dict[str, int]:
    return {name: value for group in kept.values() for name, value in group.items()}


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2) + "\n"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) and value > 100 else f"{value:.2f}"
