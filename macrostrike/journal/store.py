"""The journal: what was seen, decided and sent, and an index of what the chain did.

    with Journal.open("journal.sqlite") as journal:
        run_id = journal.begin_run("loop")
        journal.sync(transport, diamond, manifest.deployed_at)
        for strike in journal.open_strikes():
            ...

Rows are frozen dataclasses of `macrostrike.journal`. Amounts are raw token units, times Unix
seconds. One journal is one deployment's; any number of processes may have it open.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, case, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from macrostrike.chain import Transport
from macrostrike.journal import _intents, _leases, _queries, _schema, _tables, _verify
from macrostrike.journal._database import BUSY_SECONDS, Database
from macrostrike.journal._errors import RowNotFound
from macrostrike.journal._index import Index, SyncReport
from macrostrike.journal._intents import NewIntent
from macrostrike.journal._leases import Lease
from macrostrike.journal._pushes import Pushes
from macrostrike.journal._reader import Reader
from macrostrike.journal._scorebook import Scorebook
from macrostrike.journal._verify import Connected, Difference
from macrostrike.journal.rows import (
    ChangeKind,
    Decision,
    IntentRow,
    IntentState,
    PredictionRow,
    RunState,
)
from macrostrike.types import Prediction

LEASE_SECONDS = 30.0
BEAT_SECONDS = 1.0


class Journal(Reader, Scorebook, Pushes):
    """One deployment's journal. Every method may raise `JournalUnavailable`.

    Safe for threads. `close` it, or use it as a context manager.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._index = Index(database)
        self._syncing = threading.Lock()
        self.run_id: str | None = None
        self._beat_at = 0.0

    @classmethod
    def open(
        cls, location: str | os.PathLike[str], *, busy_seconds: float = BUSY_SECONDS
    ) -> Journal:
        """Opens a journal, and makes it, or brings its schema up to date, where needed.

        location: a path, `sqlite:///PATH`, `sqlite://` for one in memory, or
            `postgresql+psycopg://…`.
        busy_seconds: how long SQLite waits for another process that writes.

        Raises `JournalUnavailable`, and `JournalVersionUnsupported` for a later release's.
        """
        return cls(Database(location, busy_seconds=busy_seconds))

    def close(self) -> None:
        """Closes its connections."""
        self._database.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def vacuum(self) -> None:
        """Returns the space of removed rows to the disk."""
        self._database.vacuum()

    @property
    def url(self) -> str:
        """The database's URL, without its password."""
        return self._database.url

    # Runs

    def begin_run(
        self,
        kind: str,
        *,
        parent_run_id: str | None = None,
        versions: Mapping[str, str] | None = None,
        bytecode_hash: bytes | None = None,
        config_hash: bytes | None = None,
    ) -> str:
        """Begins a run, such as a `loop`; what is recorded from now on here belongs to it.

        Runs of the same kind whose process has ended, or that are silent on whatever machine, have
        crashed, and are marked so: this one goes on from them. Those of other kinds are left as
        they are, as a watchdog waits for them.
        """
        run_id = uuid.uuid4().hex
        row = {
            "run_id": run_id,
            "parent_run_id": parent_run_id,
            "kind": kind,
            "state": str(RunState.RUNNING),
            "started_at": time.time(),
            "versions": dict(versions or {}),
            "bytecode_hash": bytecode_hash,
            "config_hash": config_hash,
            "holder": _leases.this_process(),
        }
        with self._database.write(durable=True) as connection:
            _mark_crashed(connection, kind)
            connection.execute(insert(_schema.runs), row)
        self.run_id, self._beat_at = run_id, 0.0
        return run_id

    def beat(self) -> None:
        """Says that the run works; at most once a second is written. See `Run.beat_at`.

        A run that was silent for so long that it counts as crashed is running again.
        """
        now = time.time()
        if self.run_id is None or 0 <= now - self._beat_at < BEAT_SECONDS:
            return
        runs = _schema.runs.c
        is_crashed = runs.state == str(RunState.CRASHED_RECOVERED)
        beat = {
            "beat_at": now,
            "state": case((is_crashed, str(RunState.RUNNING)), else_=runs.state),
            "ended_at": case((is_crashed, null()), else_=runs.ended_at),
        }
        query = update(_schema.runs).where(runs.run_id == self.run_id)
        with self._database.write() as connection:
            connection.execute(query.values(beat))
        self._beat_at = now

    def end_run(self, run_id: str, state: RunState = RunState.ENDED) -> None:
        """Says how a run ended. Raises `RowNotFound`."""
        change = {"state": str(state), "ended_at": time.time()}
        query = update(_schema.runs).where(_schema.runs.c.run_id == run_id).values(change)
        with self._database.write() as connection:
            if not connection.execute(query).rowcount:
                raise RowNotFound("runs", run_id)
        if run_id == self.run_id:
            self.run_id = None

    # Predictions

    def record_prediction(
        self,
        prediction: Prediction,
        digest: bytes,
        signature: bytes,
        *,
        source: str,
        causation_id: str | None = None,
        seen_at: float | None = None,
    ) -> PredictionRow:
        """Records a prediction as pending. One that is known already is given as it is known."""
        row = _queries.prediction_values(prediction) | {
            "digest": digest,
            "signature": signature,
            "run_id": self.run_id,
            "causation_id": causation_id,
            "seen_at": time.time() if seen_at is None else seen_at,
            "source": source,
            "decision": str(Decision.PENDING),
        }
        # Another process may have recorded it just now: what is there counts.
        with suppress(IntegrityError), self._database.write() as connection:
            connection.execute(insert(_schema.predictions), row)
        return self.prediction(digest)

    def decide(
        self,
        digest: bytes,
        decision: Decision,
        *,
        reason: str | None = None,
        detail: str | None = None,
        strike_id: int | None = None,
    ) -> None:
        """Says what became of a prediction. Raises `RowNotFound`.

        reason: the name of the error or rule; detail: its values, for people.
        """
        table = _schema.predictions
        change = {
            "decision": str(decision),
            "reason": reason,
            "detail": detail,
            "strike_id": strike_id,
            "decided_at": time.time(),
        }
        with self._database.write() as connection:
            query = update(table).where(table.c.digest == digest).values(change)
            if not connection.execute(query).rowcount:
                raise RowNotFound("predictions", "0x" + digest.hex())

    # Intents

    def lease(self, name: str, *, seconds: float = LEASE_SECONDS) -> Lease:
        """Takes the right to write intents under a name, such as `lane 0x…`.

        It is free again `seconds` after the last `prepare` with it, or when this process has ended.
        Raises `LeaseTaken` while another process has it.
        """
        with self._database.write(durable=True) as connection:
            return _leases.acquire(connection, name, seconds)

    def release(self, lease: Lease) -> None:
        """Releases a lease."""
        with self._database.write() as connection:
            _leases.release(connection, lease)

    def prepare(self, intents: Sequence[NewIntent], lease: Lease | None = None) -> list[IntentRow]:
        """Writes signed transactions before they are sent, all in one commit to the disk itself.

        Raises `LeaseLost`, and then nothing was written, where another process has the lease.
        """
        with self._database.write(durable=True) as connection:
            if lease is not None:
                _leases.renew(connection, lease)
            return _intents.append(connection, intents, self.run_id, time.time())

    def change_intent(
        self, transaction_hash: bytes, state: IntentState, **changes: Any
    ) -> IntentRow:
        """Says where a transaction is now. Raises `RowNotFound`.

        changes: of sent_at, included_at, block_number, block_hash, gas_used, gas_price, error,
            l1_fee.
        """
        with self._database.write() as connection:
            return _intents.change(connection, transaction_hash, {"state": state, **changes})

    def mark_sent(self, intents: Sequence[IntentRow], at: float) -> None:
        """As `change_intents` to `SENT`, of rows as `prepare` gave them: those that are prepared
        still. Of others more is known by now."""
        with self._database.write() as connection:
            _intents.mark_sent(connection, intents, at)

    def change_intents(
        self, changes: Mapping[bytes, tuple[IntentState, Mapping[str, Any]]]
    ) -> None:
        """As `change_intent`, of several by their hash, in one transaction."""
        with self._database.write() as connection:
            _intents.change_many(
                connection, {h: {"state": s, **more} for h, (s, more) in changes.items()}
            )

    # Changes

    def record_change(
        self,
        kind: ChangeKind,
        name: str,
        value: str,
        *,
        cause: str = "",
        causation_id: str | None = None,
        at: float | None = None,
    ) -> None:
        """Records that something changed, and why."""
        row = {
            "run_id": self.run_id,
            "at": time.time() if at is None else at,
            "kind": str(kind),
            "name": name,
            "value": value,
            "cause": cause,
            "causation_id": causation_id,
        }
        with self._database.write() as connection:
            connection.execute(insert(_schema.changes), row)

    # The chain's index

    def sync(self, transport: Transport, diamond: str, from_block: int) -> SyncReport:
        """Brings the index up to the chain's latest block.

        from_block: the first that can have an event, the manifest's `deployed_at`.

        Blocks that the chain has replaced since are taken back first, with what followed from
        them; intents that were mined there are unknown again. Raises `JournalMismatch`,
        `ReorgTooDeep`, `ChainUnsteady`, and what the transport raises.
        """
        with self._syncing:
            report = self._index.sync(transport, diamond, from_block)
        if report.replaced:
            message = f"{report.replaced} blocks behind {report.from_block - 1} were replaced"
            self.record_change(ChangeKind.LOG, "warning", message, cause="reorganisation")
        return report

    def verify(self, client: Connected) -> list[Difference]:
        """Compares the journal with itself and with the chain. Empty: all is as it must be.

        Every row of intents and events is compared with its hash chain, derived rows with the
        events, and every view function of the diamond with the books that the events alone give,
        all at the latest block that the journal knows: `sync` first. Where a row was changed, no
        more than that is looked at, as all else follows from it.

        Raises `NotSynced`, and what the transport raises.
        """
        with self._database.read() as connection:
            if found := _verify.of_rows(connection):
                return found
            found, books = _verify.of_derived(connection)
            latest = _tables.latest(connection)
        return [*found, *_verify.of_chain(client, latest, books)]


def _mark_crashed(connection: Connection, kind: str) -> None:
    runs = _schema.runs
    running = select(runs).where(runs.c.kind == kind, runs.c.state == str(RunState.RUNNING))
    now = time.time()
    for row in connection.execute(running).all():
        run = _queries.run(row._asdict())
        if run.is_silent(now) or (run.holder is not None and _leases.has_ended(run.holder)):
            ended = {"state": str(RunState.CRASHED_RECOVERED), "ended_at": run.beat_at}
            connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(ended))
