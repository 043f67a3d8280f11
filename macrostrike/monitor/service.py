"""The monitor: looks at journal and chain again and again, and tells what changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from macrostrike.chain import RpcTransport, Traffic, Transport
from macrostrike.client import MacroStrike
from macrostrike.errors import MacroStrikeError
from macrostrike.journal import ChangeKind, Journal
from macrostrike.journal.commitments import published
from macrostrike.manifest import Manifest
from macrostrike.monitor._chain import read_chain
from macrostrike.monitor._records import JournalReader
from macrostrike.monitor.alerts import FIRING, Alert, AlertChange, AlertWatch
from macrostrike.monitor.checks import Check, checks_of
from macrostrike.monitor.figures import Figures, figures_of
from macrostrike.monitor.health import Health, health_of
from macrostrike.monitor.metrics import TRAFFIC, samples_of, samples_of_traffic
from macrostrike.monitor.rules import RULES, Rule
from macrostrike.monitor.samples import Sample
from macrostrike.monitor.sinks import Sink

LAG = 5
"""Blocks that the journal may be behind before the monitor brings it up itself."""
_UNRECORDED = 1000


class NothingRead(MacroStrikeError):
    """Journal and chain could not be read, so that there is nothing to check."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"journal and chain could not be read: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class View:
    """What there is to show. `figures` are the last whole ones; `failure` is why none are newer;
    `traffic` is what went to the nodes, None where the chain is in this process.

    number: counts looks, so that those who wait for the next one can tell.
    """

    number: int
    at: float
    figures: Figures | None
    samples: tuple[Sample, ...]
    failure: str | None
    alerts: tuple[Alert, ...]
    traffic: Traffic | None = None

    def health(self, now: float) -> Health:
        """Health at `now`, Unix seconds."""
        return health_of(self.figures, self.failure, self.alerts, now)


class Monitor:
    """Looks, and keeps the last view. Reads everything, sends no transaction; to the journal it
    writes alerts and checks.

    `follows`: it also brings the journal up to the chain's latest block, where no other process
    has for more than `LAG` blocks. `clock` returns Unix seconds.
    """

    def __init__(
        self,
        transport: Transport,
        manifest: Manifest,
        journal: Journal,
        *,
        sinks: Sequence[Sink] = (),
        rules: Sequence[Rule] = RULES,
        follows: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.manifest = manifest
        self._transport, self._journal = transport, journal
        self._reader = JournalReader(journal, manifest)
        self._sinks, self._follows, self._clock = tuple(sinks), follows, clock
        self._watch = AlertWatch(rules, _firing(journal, rules))
        self._unrecorded: list[AlertChange] = []
        self.view = View(0, clock(), None, (), None, self._watch.firing)

    def look(self) -> View:
        """Reads journal and chain, and tells the sinks which alerts began or ended.

        Never raises for what a node or a database does: that is in the view's `failure`.
        """
        at, last = self._clock(), self.view
        figures, samples, failure = last.figures, last.samples, None
        try:
            if self._follows:
                self._follow()
            records = self._reader.read()
            chain = read_chain(self._transport, self.manifest, records.models)
            figures = figures_of(records, chain, self.manifest, at)
            samples = tuple(samples_of(figures))
        except MacroStrikeError as error:
            failure = str(error)
        transport = self._transport
        traffic = transport.traffic if isinstance(transport, RpcTransport) else None
        if traffic is not None:
            kept = (sample for sample in samples if sample.name not in TRAFFIC)
            samples = (*kept, *samples_of_traffic(traffic))
        changes = self._watch.look(samples, at)
        # First the view: who reads of an alert finds it there.
        firing = self._watch.firing
        self.view = View(last.number + 1, at, figures, samples, failure, firing, traffic)
        self._tell(changes)
        return self.view

    def run(self, stop: threading.Event, every: float) -> None:
        """Looks every so many seconds until `stop` is set."""
        while not stop.is_set():
            self.look()
            stop.wait(every)

    def check(self) -> tuple[Check, ...]:
        """Looks, and runs the post-deployment checks, which the journal keeps.

        The journal is synced first, and verified against the chain. Raises `NothingRead`, and what
        those two raise.
        """
        self._sync()
        view = self.look()
        if view.figures is None or view.failure is not None:
            raise NothingRead(view.failure or "")
        reader = MacroStrike(self._transport, self.manifest.diamond)
        checks = checks_of(view.figures, self._journal.verify(reader))
        for check in checks:
            self._journal.record_change(
                ChangeKind.CHECK, check.name, str(check.verdict), cause=check.measured
            )
        return checks

    def commitments(self) -> list[dict[str, Any]]:
        """The days' roots of all predictions. Raises `JournalUnavailable`."""
        return published(self._journal)

    def close(self) -> None:
        """Closes the sinks."""
        for sink in self._sinks:
            sink.close()

    def _follow(self) -> None:
        synced = self._reader.synced_block()
        if synced is None or self._transport.block_number() - synced > LAG:
            self._sync()

    def _sync(self) -> None:
        manifest = self.manifest
        self._journal.sync(self._transport, manifest.diamond, manifest.deployed_at)

    def _tell(self, changes: Iterable[AlertChange]) -> None:
        for change in changes:
            self._unrecorded.append(change)
            for sink in self._sinks:
                sink.send(change)
        del self._unrecorded[:-_UNRECORDED]
        try:
            while self._unrecorded:
                self._record(self._unrecorded[0])
                del self._unrecorded[0]
        except MacroStrikeError:
            # The sinks know; the journal gets them when it is there again.
            return

    def _record(self, change: AlertChange) -> None:
        key, text = change.alert.key, change.alert.text
        self._journal.record_change(ChangeKind.ALERT, key, change.status, cause=text, at=change.at)


def _firing(journal: Journal, rules: Sequence[Rule]) -> list[Alert]:
    """The alerts that fired when the monitor last stopped."""
    last = {change.name: change for change in journal.changes(kind=ChangeKind.ALERT)}
    by_name = {rule.name: rule for rule in rules}
    found = []
    for key, change in last.items():
        rule = by_name.get(key.partition("{")[0])
        if rule is not None and change.value == FIRING:
            alert = Alert(key, rule.severity, change.at, float("nan"), change.cause, rule.remedy)
            found.append(alert)
    return found
