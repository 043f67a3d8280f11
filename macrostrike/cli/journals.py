"""What `ape run journal` does and prints."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from macrostrike.client import MacroStrike
from macrostrike.errors import InvalidValue
from macrostrike.journal import IntentState, Journal
from macrostrike.manifest import Manifest

GOOD, REFUSED, UNKNOWN_LEFT = 0, 1, 4
"""Exit codes: all is well, something differs, or what became of a transaction is not known."""

TABLES: dict[str, Callable[[Journal], Iterable[Any]]] = {
    "arbitrages": Journal.arbitrages,
    "blocks": Journal.blocks,
    "changes": Journal.changes,
    "equity": Journal.equity,
    "events": Journal.events,
    "intents": Journal.intents,
    "predictions": Journal.predictions,
    "runs": Journal.runs,
    "strikes": Journal.strikes,
    "transactions": Journal.transactions,
}
"""What can be exported, by name."""


def journal_location(given: str | None, manifest: Path) -> str:
    """A journal's path or URL: by default the manifest's path, as `.sqlite`."""
    return given or str(manifest.with_suffix(".sqlite"))


def sync(journal: Journal, client: MacroStrike, manifest: Manifest, console: Console) -> int:
    """Brings the journal up to the chain's latest block, and says what it read."""
    report = journal.sync(client.transport, manifest.diamond, manifest.deployed_at)
    if report.replaced:
        console.print(f"[yellow]{report.replaced} blocks were replaced by a reorganisation.[/]")
    blocks = max(report.to_block - report.from_block + 1, 0)
    console.print(
        f"{report.events} events in {blocks} blocks; synced to block {report.to_block}. "
        f"{len(journal.strikes())} strikes, {len(journal.open_strikes())} open."
    )
    return GOOD


def verify(journal: Journal, client: MacroStrike, manifest: Manifest, console: Console) -> int:
    """Syncs, compares, and prints each difference."""
    sync(journal, client, manifest, console)
    differences = journal.verify(client)
    for each in differences:
        console.print(f"[red]{each.subject}[/]", highlight=False)
        console.print(f"  journal  {each.journal}\n  expected {each.expected}", highlight=False)
    if differences:
        console.print(f"[red]{len(differences)} differences.[/]")
        return REFUSED
    unknown = journal.intents(IntentState.UNKNOWN)
    for intent in unknown:
        named = f"0x{intent.hash.hex()} ({intent.action}, nonce {intent.account_nonce})"
        console.print(f"[yellow]What became of {named} is not known.[/]", highlight=False)
    console.print("The journal agrees with itself and with every view function of the chain.")
    return UNKNOWN_LEFT if unknown else GOOD


def export(journal: Journal, table: str, output: TextIO, *, as_json: bool) -> int:
    """Writes a table's rows as CSV, or as JSON with one row a line. Bytes are 0x strings."""
    if table not in TABLES:
        raise InvalidValue("table", table, f"one of {', '.join(TABLES)}")
    writer = csv.writer(output, lineterminator="\n")
    for number, row in enumerate(TABLES[table](journal)):
        named = {field.name: _plain(getattr(row, field.name)) for field in fields(row)}
        if as_json:
            output.write(json.dumps(named) + "\n")
            continue
        if not number:
            writer.writerow(named)
        writer.writerow(_cell(value) for value in named.values())
    return GOOD


def output_of(path: Path | None) -> TextIO:
    """The file to write to; the standard output where there is none."""
    return sys.stdout if path is None else path.open("w", encoding="utf-8", newline="")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Enum):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, dict)) else value
