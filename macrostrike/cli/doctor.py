"""What `ape run doctor` does and prints."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.table import Table

from macrostrike.cli.post import GOOD, REFUSED, UNKNOWN, Post
from macrostrike.executor import LIVE
from macrostrike.journal import IntentState, Journal
from macrostrike.loop import Finding, Stuck, examine


def run(at: Post, *, act: bool, as_json: bool) -> int:
    """The command. Returns its exit code."""
    with Journal.open(at.journal_at) as journal:
        if act:
            _act(at, journal, quiet=as_json)
        # The clock of a chain of one's own is moved as is wanted.
        now = at.transport.timestamp() if at.network.is_ours else None
        found = examine(at.reader, journal, at.manifest.operators, now=now)
    if as_json:
        at.console.print_json(json.dumps([asdict(each) for each in found]))
    elif not found:
        at.console.print("Nothing is stuck.")
    else:
        at.console.print(_table(found))
        if any(each.is_resolved_by_recovery for each in found) and not act:
            at.console.print("What is marked * is resolved by `ape run doctor --act`.")
    if any(each.kind is Stuck.UNKNOWN for each in found):
        return UNKNOWN
    return REFUSED if found else GOOD


def _act(at: Post, journal: Journal, *, quiet: bool) -> None:
    """The one safe act: sync, then look for every receipt, and send the same bytes again."""
    report = journal.sync(at.transport, at.manifest.diamond, at.manifest.deployed_at)
    live = journal.intents(*LIVE)
    with at.operator(journal):
        pass  # its executor recovers when it is made
    if quiet:
        return
    at.console.print(f"Synced to block {report.to_block}.")
    for each in live:
        named = f"{each.action or 'transaction'} 0x{each.hash.hex()}"
        at.console.print(f"{named} is {journal.intent(each.hash).state}.", highlight=False)
    left = journal.intents(IntentState.UNKNOWN)
    if left:
        at.console.print(f"[yellow]{len(left)} are not known yet: run it again later.[/]")


def _table(found: list[Finding]) -> Table:
    table = Table("", "what", "which", "why", "what to do", title="Stuck")
    for each in found:
        mark = "*" if each.is_resolved_by_recovery else ""
        table.add_row(mark, str(each.kind), each.subject, each.why, each.remedy)
    return table
