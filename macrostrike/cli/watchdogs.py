"""`ape run watchdog` and `ape run drill`: pausing when the loop dies, and a trial of that."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.table import Table

from macrostrike._counts import counted
from macrostrike.cli.networks import ApeSigner
from macrostrike.cli.post import GOOD, HALTED, REFUSED, Post, stop_on_signals
from macrostrike.cli.systemd import ALIVE, READY, STOPPING, notify
from macrostrike.client import MacroStrike
from macrostrike.journal import ChangeKind, Journal
from macrostrike.watchdog import (
    Ladder,
    Phase,
    Rehearsed,
    Watchdog,
    beats_of,
    rehearse,
    sign_ladder,
)

MAX_BLOCKS = 5
"""Blocks from the decision until the diamond must be paused."""
_DRILL_BEATS, _DRILL_AFTER, _DRILL_EVERY = 2, 3.0, 0.25
_DRILL_SECONDS = 300.0
_COLORS = {Phase.WATCHING: "green", Phase.WAITING: "dim", Phase.FIRING: "bold red"}


def arm(at: Post, path: Path | None) -> int:
    """Has the guardian sign a ladder. This process has its key, the watchdog will not."""
    path = path or at.beside("pause.json")
    ladder = _sign(at)
    ladder.save(path)
    at.console.print(
        f"{counted(len(ladder.rungs), 'pause')} signed by {ladder.guardian} "
        f"with nonce {ladder.nonce}: {path}",
        soft_wrap=True,
    )
    return GOOD


def watch(at: Post, path: Path | None, *, after: float, every: float, rung_seconds: float) -> int:
    """Watches until it has paused the diamond, or is interrupted."""
    stop = stop_on_signals()
    with Journal.open(at.journal_at) as journal:
        dog = Watchdog(
            at.transport,
            path or at.beside("pause.json"),
            lambda: beats_of(journal),
            diamond=at.manifest.diamond,
            after=after,
            rung_seconds=rung_seconds,
        )
        if not _is_ready(at, dog.ladder):
            return REFUSED

        def said(phase: Phase, reason: str) -> None:
            at.console.print(f"[{_COLORS.get(phase, 'red')}]{phase}[/]: {reason}", soft_wrap=True)
            if phase not in (Phase.WAITING, Phase.WATCHING):
                journal.record_change(ChangeKind.LOG, "critical", reason, cause="watchdog")

        _run(dog, stop, every, said)
        notify(STOPPING)
    return {Phase.PAUSED: HALTED, Phase.SPENT: REFUSED}.get(dog.phase, GOOD)


def drill(at: Post, path: Path | None, *, for_real: bool) -> int:
    """Rehearses a ladder; for real, lets a loop that is none die, and pauses the diamond."""
    if for_real:
        return _for_real(at)
    ladder = Ladder.load(
        path or at.beside("pause.json"),
        diamond=at.manifest.diamond,
        chain_id=at.transport.chain_id,
    )
    found = rehearse(at.transport, ladder, time.time())
    at.console.print(rehearsal_table(found))
    return GOOD if all(each.ok for each in found) else REFUSED


def rehearsal_table(found: Sequence[Rehearsed]) -> Table:
    """What a pause depends on, and what was found."""
    table = Table(title="The dead man's switch", title_justify="left", title_style="bold")
    for column in ("what must hold", "", "found"):
        table.add_column(column, overflow="fold")
    for each in found:
        table.add_row(each.what, "[green]yes[/]" if each.ok else "[bold red]no[/]", each.found)
    return table


def _for_real(at: Post) -> int:
    ladder, chain = _sign(at), at.transport
    with tempfile.TemporaryDirectory() as folder, Journal.open(f"{folder}/drill.sqlite") as journal:
        path = Path(folder) / "pause.json"
        ladder.save(path)
        dog = Watchdog(
            chain,
            path,
            lambda: beats_of(journal),
            diamond=at.manifest.diamond,
            after=_DRILL_AFTER,
        )
        journal.begin_run("loop")
        for _ in range(_DRILL_BEATS):
            journal.beat()
            dog.step()
            time.sleep(1.1)
        at.console.print(
            f"[green]{dog.phase}[/]: a loop beat {_DRILL_BEATS} times and is silent now"
        )
        began = chain.block_number()
        fired: list[int] = []

        def said(phase: Phase, reason: str) -> None:
            if phase is Phase.FIRING:
                fired.append(chain.block_number())
            at.console.print(f"[{_COLORS.get(phase, 'red')}]{phase}[/]: {reason}", soft_wrap=True)

        stop = threading.Event()
        timer = threading.Timer(_DRILL_SECONDS, stop.set)
        timer.start()
        _run(dog, stop, _DRILL_EVERY, said)
        timer.cancel()
    blocks = chain.block_number() - (fired[0] if fired else began)
    is_good = dog.phase is Phase.PAUSED and blocks <= MAX_BLOCKS
    at.console.print(
        f"{'[green]Paused' if dog.phase is Phase.PAUSED else '[red]Not paused'}[/] after "
        f"{dog.rungs_sent} transactions and {blocks} blocks; {MAX_BLOCKS} are allowed."
    )
    return _resume(at) if is_good else REFUSED


def _resume(at: Post) -> int:
    """As it was before, where the owner is an account of this machine's own chain."""
    if not at.network.is_ours:
        at.console.print("The owner must unpause: `ape run unpause`. Then sign a ladder again.")
        return GOOD
    with (
        Journal.open(at.journal_at) as journal,
        at.client("owner", (at.manifest.owner,), journal) as (owner, _),
    ):
        owner.transact("unpause")
    at.console.print("The owner has unpaused it. A ladder that was signed before is used up.")
    return GOOD


def _sign(at: Post) -> Ladder:
    signer = ApeSigner(at.account or at.known("guardian", at.manifest.guardians))
    return sign_ladder(at.transport, at.manifest.diamond, signer, now=time.time())


def _is_ready(at: Post, ladder: Ladder) -> bool:
    """Whether the ladder would work; where the diamond is paused already, nothing is to be done."""
    if MacroStrike(at.transport, at.manifest.diamond).is_paused():
        at.console.print("[red]The diamond is paused already[/]: there is nothing to watch for.")
        return False
    found = rehearse(at.transport, ladder, time.time())
    if not all(each.ok for each in found):
        at.console.print(rehearsal_table(found))
        return False
    return True


def _run(
    dog: Watchdog, stop: threading.Event, every: float, said: Callable[[Phase, str], None]
) -> None:
    """Steps until the watchdog is done, or is to stop."""
    shown: Phase | None = None
    while dog.phase not in (Phase.PAUSED, Phase.SPENT) and not stop.is_set():
        phase = dog.step()
        notify(READY, ALIVE)
        if phase is not shown:
            said(phase, dog.reason)
            shown = phase
        stop.wait(every)
