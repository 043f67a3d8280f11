"""What `ape run journal` does and prints."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from macrostrike._counts import counted
from macrostrike.chain import RpcTransport
from macrostrike.client import MacroStrike
from macrostrike.errors import InvalidValue
from macrostrike.journal import CommitmentKind, IntentState, Journal, merkle, track_record
from macrostrike.journal.commitments import published
from macrostrike.manifest import Manifest

GOOD, REFUSED, UNKNOWN_LEFT = 0, 1, 4
"""Exit codes: all is well, something differs, or what became of a transaction is not known."""


def journal_location(given: str | None, manifest: Path) -> str:
    """A journal's path or URL: by default the manifest's path, as `.sqlite`."""
    return given or str(manifest.with_suffix(".sqlite"))


def existing(location: str) -> Journal:
    """A journal that is read. Raises `InvalidValue` where its file is not there."""
    path = location.removeprefix("sqlite:///")
    if "://" not in path and not Path(path).exists():
        reason = "there is no such file: the loop writes it, and `ape run journal sync`"
        raise InvalidValue("journal", location, reason)
    return Journal.open(location)


def sync(journal: Journal, client: MacroStrike, manifest: Manifest, console: Console) -> int:
    """Brings the journal up to the chain's latest block, and says what it read."""
    report = journal.sync(client.transport, manifest.diamond, manifest.deployed_at)
    if report.replaced:
        console.print(f"[yellow]A reorganisation replaced {counted(report.replaced, 'block')}.[/]")
    blocks = max(report.to_block - report.from_block + 1, 0)
    console.print(
        f"{counted(report.events, 'event')} in {counted(blocks, 'block')}; "
        f"synced to block {report.to_block}. "
        f"{counted(len(journal.strikes()), 'strike')}, {len(journal.open_strikes())} open."
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
        console.print(f"[red]{counted(len(differences), 'difference')}.[/]")
        return REFUSED
    unknown = journal.intents(IntentState.UNKNOWN)
    for intent in unknown:
        named = f"0x{intent.hash.hex()} ({intent.action}, nonce {intent.account_nonce})"
        console.print(f"[yellow]What became of {named} is not known.[/]", highlight=False)
    console.print("The journal agrees with itself and with every view function of the chain.")
    return UNKNOWN_LEFT if unknown else GOOD


def export(journal: Journal, table: str, output: TextIO, *, as_json: bool) -> int:
    """Writes a table's rows as CSV, or as JSON with one row a line. Bytes are 0x strings."""
    writer = csv.writer(output, lineterminator="\n")
    for number, row in enumerate(journal.table(table)):
        named = row.to_dict()
        if as_json:
            output.write(json.dumps(named) + "\n")
            continue
        if not number:
            writer.writerow(named)
        writer.writerow(_cell(value) for value in named.values())
    return GOOD


def roots(journal: Journal, output: TextIO, *, as_json: bool) -> int:
    """The days' roots of all predictions, and where each is on chain."""
    found = published(journal)
    if as_json:
        output.write(json.dumps({"commitments": found}, indent=2) + "\n")
        return GOOD
    for each in found:
        where = f", block {each['block']}, {each['transaction']}" if each["block"] else ""
        rows = counted(each["leaves"], each["kind"].removesuffix("s"))
        output.write(f"{each['day']}  {rows}  {each['root']}{where}\n")
    if not found:
        output.write("No day is over yet that the loop was there for.\n")
    return GOOD


def root_rows(journal: Journal, day: date, kind: CommitmentKind, output: TextIO) -> int:
    """A day's rows as they were hashed, a line each: who has them can compute the root."""
    contents = journal.contents((day - date(1970, 1, 1)).days, kind)
    if contents is None:
        raise InvalidValue("day", day.isoformat(), "not all of its predictions are scored yet")
    output.writelines(merkle.text(each) + "\n" for each in contents)
    return GOOD


def export_record(
    transport: RpcTransport,
    manifest: Manifest,
    output: Path,
    console: Console,
    commitments: Sequence[Mapping[str, Any]] = (),
) -> int:
    """Writes the track record with its proofs, and says what it claims and how to check it.

    commitments: of all predictions, as `published` returns them. Of them nothing is proven here.
    """
    record = track_record(transport, manifest.diamond, manifest.deployed_at)
    if commitments:
        record["commitments"] = list(commitments)
    text = json.dumps(record, separators=(",", ":")).encode()
    output.write_bytes(gzip.compress(text, mtime=0) if output.suffix == ".gz" else text)
    every, blocks = record["statistics"]["all"], len(record["headers"])
    console.print(
        f"{counted(every['opened'], 'strike')}, {every.get('settled', 0):,} settled, "
        f"{every.get('wins', 0):,} won; {counted(blocks, 'header')}, "
        f"{counted(len(record['receipts']), 'receipt')}, "
        f"bytecode {record['bytecode']}."
    )
    console.print(
        f"To check it, with no node: python tools/verify_record.py {output}", soft_wrap=True
    )
    return GOOD


def output_of(path: Path | None) -> TextIO:
    """The file to write to; the standard output where there is none."""
    return sys.stdout if path is None else path.open("w", encoding="utf-8", newline="")


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, dict)) else value
