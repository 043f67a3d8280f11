"""What was found out about a diamond, as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from ape_diamond._diff import Difference
from ape_diamond._history import Change, Cut, history_faults
from ape_diamond._layout import Field, Layout, Namespace, compare_layouts
from ape_diamond._loupe import DiamondView
from ape_diamond._values import ZERO_ADDRESS, counted, shown
from ape_diamond.plan import CutPlan


def diamond_report(diamond: DiamondView, history: Iterable[Cut]) -> Group:
    """All of it: the diamond, its facets, its cuts, and what does not agree."""
    history = tuple(history)
    parts: list[RenderableType] = [
        summary_table(diamond),
        facet_table(diamond),
        history_table(history, diamond.abi.signatures()),
    ]
    faults = [*diamond.faults, *history_faults(history, diamond.functions)]
    parts += [f"[red]no[/]  {fault}" for fault in faults]
    parts += [f"[yellow]note[/]  {conflict}" for conflict in diamond.abi.conflicts]
    if not faults:
        parts.append("[green]ok[/]  the events, applied in order, give what the loupe says")
    return Group(*parts)


def summary_table(diamond: DiamondView) -> Table:
    """Where and whose it is."""
    table = Table(title=f"Diamond {diamond.address}", show_header=False)
    table.add_row("chain, block", f"{diamond.chain_id}, {diamond.block:,}")
    table.add_row("owner", diamond.owner or "none by ERC-173")
    if diamond.pending_owner:
        table.add_row("offered to", diamond.pending_owner)
    table.add_row("interfaces", ", ".join(diamond.interfaces) or "none by ERC-165")
    table.add_row("facets, functions", f"{len(diamond.facets)}, {len(diamond.functions)}")
    return table


def facet_table(diamond: DiamondView) -> Table:
    """Every facet with its functions. One that no ABI knows shows its four bytes alone."""
    table = Table(title="Facets", show_lines=True)
    for title in ("facet", "code", "functions"):
        table.add_column(title, overflow="fold")
    for facet in diamond.facets:
        itself = ", the diamond itself" if facet.address == diamond.address else ""
        table.add_row(
            f"{facet.name or 'unknown'}{itself}\n{facet.address}",
            f"{facet.code_size:,} bytes\n{facet.code_hash[:18]}…",
            "\n".join(_functions(facet.functions)),
        )
    return table


def history_table(history: Iterable[Cut], signatures: Mapping[bytes, str]) -> Table:
    """Every cut, oldest first."""
    table = Table(title="Cuts", show_lines=True)
    for title in ("block", "by", "changes"):
        table.add_column(title, overflow="fold")
    for cut in history:
        lines = [_change(change, signatures) for change in cut.changes]
        if cut.init:
            lines.append(f"initialised by {cut.init}")
        table.add_row(f"{cut.block:,}", cut.sender or "", "\n".join(lines))
    return table


def plan_table(plan: CutPlan) -> Group:
    """What a plan's cut does, and which risks were allowed."""
    table = Table(title=f"Cut of {plan.diamond} on chain {plan.chain_id}")
    for title in ("", "function", "from", "to"):
        table.add_column(title, overflow="fold")
    for change in plan.changes:
        name = f"{change.selector} {change.function}".rstrip()
        to = " ".join(filter(None, (change.facet, change.after)))
        table.add_row(change.action, name, change.before or "", to)
    parts: list[RenderableType] = [table]
    if plan.init != ZERO_ADDRESS:
        parts.append(f"then runs {plan.init} with {plan.init_data}")
    parts.append(f"to be sent by {plan.owner or 'its owner, whom it does not name'}")
    for risk, lines in plan.risks.items():
        parts += [f"[red]allowed ({risk})[/]  {escape(line)}" for line in lines]
    return Group(*parts)


def _functions(functions: Mapping[bytes, str | None]) -> Iterator[str]:
    for selector, signature in sorted(functions.items(), key=lambda item: item[1] or "~"):
        yield f"0x{selector.hex()} {signature or ''}".rstrip()


def _change(change: Change, signatures: Mapping[bytes, str]) -> str:
    name = signatures.get(change.selector) or f"0x{change.selector.hex()}"
    facets = " -> ".join(facet for facet in (change.before, change.after) if facet)
    return f"{change.action.name.lower()} {name}: {facets}"


def layout_table(old: Layout, new: Layout) -> Table:
    """Both layouts side by side, of the namespaces that differ; what breaks the storage in red."""
    faults = compare_layouts(old, new)
    table = Table(title=f"Storage: {counted(len(faults), 'fault')}")
    for title in ("slot", "byte", "now", "new"):
        table.add_column(title, overflow="fold")
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before != after:
            broken = {fault.field for fault in faults if fault.namespace == name}
            table.add_section()
            table.add_row("", "", *(_title(name, each, "" in broken) for each in (before, after)))
            _add_fields(table, before, after, broken)
    return table


def _title(name: str, namespace: Namespace | None, is_broken: bool) -> str:
    if namespace is None:
        return "[red]nothing[/]" if is_broken else ""
    return f"[bold]{name}[/]" + (f"\n[red]{namespace.slot}[/]" if is_broken else "")


def _add_fields(
    table: Table, before: Namespace | None, after: Namespace | None, broken: Set[str]
) -> None:
    sides = [
        {(field.struct, field.position): field for field in (side.fields if side else ())}
        for side in (before, after)
    ]
    for struct, position in sorted(sides[0].keys() | sides[1].keys()):
        fields = [side.get((struct, position)) for side in sides]
        slot, offset = divmod(position, 32)
        table.add_row(str(slot), str(offset), *(_field(field, broken) for field in fields))


def _field(field: Field | None, broken: Set[str]) -> str:
    if field is None:
        return ""
    members = "".join(f" ({', '.join(enum)})" for enum in field.enums)
    shown = escape(f"{field.name}: {field.type}{members}")
    return f"[red]{shown}[/]" if field.name in broken or field.struct in broken - {""} else shown


def difference_table(found: Iterable[Difference], signatures: Mapping[bytes, str]) -> Table:
    """Two diamonds' functions, where they differ."""
    table = Table(title="Differences")
    for title in ("function", "", "here", "there"):
        table.add_column(title, overflow="fold")
    for each in found:
        name = signatures.get(each.selector, "")
        sides = (place.address if place else "" for place in (each.here, each.there))
        table.add_row(f"{shown(each.selector)} {name}".rstrip(), each.kind, *sides)
    return table
