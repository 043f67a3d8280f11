"""The index of the chain: events, blocks and derived rows, kept up to the latest block.

The hashes of the latest 256 blocks are kept. Whenever the latest that is known is no longer the
chain's, the newest block that both have is looked for, and what came behind it is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from macrostrike.chain import Block, Log, Transport
from macrostrike.journal import _intents, _tables
from macrostrike.journal._database import Database
from macrostrike.journal._derive import Deriver
from macrostrike.journal._errors import ChainUnsteady, ReorgTooDeep
from macrostrike.journal._events import Read, event_rows, transaction_rows
from macrostrike.journal._tables import WINDOW
from macrostrike.journal.books import Books

_CHUNK = 10_000  # blocks that are written in one transaction
_TRIES = 5


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did.

    from_block, to_block: what was read, both included; `to_block` is the latest that is known.
    events: how many were added. replaced: how many blocks were taken back by a reorganisation.
    """

    from_block: int
    to_block: int
    events: int
    replaced: int


class Index:
    """Keeps one journal's index. Not for several threads at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # The books behind the block of that hash: made again from the events where it has gone.
        self._known: tuple[bytes, Books] | None = None

    def sync(self, transport: Transport, diamond: str, from_block: int) -> SyncReport:
        """Brings the index up to the latest block."""
        with self._database.write() as connection:
            _tables.claim(connection, transport.chain_id, diamond, from_block)
        first, added, replaced = None, 0, 0
        for _ in range(_TRIES):
            cursor, gone = self._align(transport)
            replaced += gone
            start = from_block if cursor is None else cursor.number + 1
            first = start if first is None else min(first, start)
            done, events = self._follow(transport, diamond, cursor, from_block)
            added += events
            if done is not None:
                self._unmine_misplaced()
                return SyncReport(first, done, added, replaced)
        raise ChainUnsteady(_TRIES)

    def _unmine_misplaced(self) -> None:
        with self._database.read() as connection:
            found = _intents.misplaced(connection)
        if found:
            with self._database.write() as connection:
                _intents.unmine(connection, found)

    def _align(self, transport: Transport) -> tuple[Block | None, int]:
        """The latest known block that the chain has, and how many behind it were taken back."""
        with self._database.read() as connection:
            window = _tables.window(connection)
        if not window:
            return None, 0
        head = transport.block()
        # A node that lags behind knows no more than its latest.
        known = [block for block in window if block.number <= head.number]
        if known and transport.block(known[0].number).hash == known[0].hash:
            return window[0], 0
        there = {each.number: each.hash for each in transport.blocks([b.number for b in known])}
        common = next((each for each in known if there[each.number] == each.hash), None)
        if common is None:
            raise ReorgTooDeep(window[-1].number, window[0].number)
        with self._database.write() as connection:
            if _tables.latest(connection) == window[0]:
                _tables.take_back(connection, common.number)
        return common, window[0].number - common.number

    def _follow(
        self, transport: Transport, diamond: str, cursor: Block | None, from_block: int
    ) -> tuple[int | None, int]:
        """Reads what came behind the cursor. Up to which block, None where that has changed
        meanwhile; and how many events were added."""
        head, added = transport.block(), 0
        start = from_block if cursor is None else cursor.number + 1
        while start <= head.number:
            end = min(start + _CHUNK - 1, head.number)
            read = _read(transport, diamond, start, end, head)
            if read is None or (end == head.number and read.blocks[-1].hash != head.hash):
                return None, added
            if not (_are_linked(cursor, read.blocks) and self._write(cursor, read)):
                return None, added
            added += len(read.logs)
            cursor, start = read.blocks[-1], end + 1
        return head.number if cursor is None else cursor.number, added

    def _write(self, cursor: Block | None, read: Read) -> bool:
        """Writes what was read; False when another process has moved the cursor meanwhile."""
        known, self._known = self._known, None
        with self._database.write() as connection:
            if _tables.latest(connection) != cursor:
                return False
            if known is None or cursor is None or known[0] != cursor.hash:
                books = _tables.rebuilt(connection)
            else:
                books = known[1]
            events = event_rows(_tables.last_event_hash(connection), read)
            derived = Deriver(books).derive(events)
            _tables.add(connection, read.blocks, events, derived)
            _tables.add_transactions(connection, transaction_rows(read.transactions))
            _tables.prune(connection, cursor, read.blocks[-1])
        self._known = read.blocks[-1].hash, books
        return True


def _read(transport: Transport, diamond: str, start: int, end: int, head: Block) -> Read | None:
    """A range's logs, their transactions, and its blocks: those with a log, those of the window,
    and the last. None where the answers are not of one chain."""
    logs = transport.logs(diamond, start, end)
    numbers = {log.block_number for log in logs} | {end}
    numbers |= set(range(max(start, head.number - WINDOW + 1), end + 1))
    blocks = transport.blocks(sorted(numbers))
    logs += _overlooked(transport, diamond, logs, blocks)
    hashes = {block.number: block.hash for block in blocks}
    if any(log.block_hash != hashes[log.block_number] for log in logs):
        return None
    logs.sort(key=lambda log: (log.block_number, log.index))
    wanted = list(dict.fromkeys(log.transaction_hash for log in logs))
    return Read(logs=logs, transactions=transport.transactions(wanted), blocks=blocks)


def _overlooked(
    transport: Transport, diamond: str, logs: Sequence[Log], blocks: Sequence[Block]
) -> list[Log]:
    """Logs of blocks whose header hints at some, while none were given.

    Behind a balancer, a node that has not seen the latest blocks answers for them that they have
    no logs. Asked by its hash, it can't answer for a block that it does not know.
    """
    given = {log.block_number for log in logs}
    doubtful = [b for b in blocks if b.number not in given and b.hints_at_logs_of(diamond)]
    return [log for block in doubtful for log in transport.logs_in(block.hash, diamond)]


def _are_linked(cursor: Block | None, blocks: Sequence[Block]) -> bool:
    """Whether the blocks are of one chain, as far as they are neighbours."""
    chain = blocks if cursor is None else [cursor, *blocks]
    return all(
        later.parent_hash == earlier.hash
        for earlier, later in pairwise(chain)
        if later.number == earlier.number + 1
    )
