"""What the journal has, kept up to date by reading only what can have changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from macrostrike.journal import (
    ArbitrageRow,
    Change,
    Decision,
    EquityRow,
    IntentRow,
    IntentState,
    Journal,
    PredictionRow,
    Run,
    StrikeRow,
    TransactionRow,
)

REORG_BLOCKS = 256
"""How deep the journal follows a reorg: what is older doesn't change any more."""
WAITING = (IntentState.PREPARED, IntentState.SENT, IntentState.UNKNOWN)
"""States of a transaction that has no outcome yet."""
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Records:
    """The journal's rows, each kind in its order. `synced_block` is None before the first sync."""

    runs: tuple[Run, ...] = ()
    predictions: tuple[PredictionRow, ...] = ()
    intents: tuple[IntentRow, ...] = ()
    strikes: tuple[StrikeRow, ...] = ()
    arbitrages: tuple[ArbitrageRow, ...] = ()
    equity: tuple[EquityRow, ...] = ()
    transactions: tuple[TransactionRow, ...] = ()
    changes: tuple[Change, ...] = ()
    synced_block: int | None = None

    @property
    def models(self) -> set[int]:
        """Model ids of all strikes."""
        return {strike.model_id for strike in self.strikes}


class _Tail(Generic[Row]):
    """Rows in the order of a key. Those up to the first that may still change are read once."""

    def __init__(
        self, read: Callable[..., list[Row]], key: Callable[[Row], int], *, start: int = 0
    ) -> None:
        self._read, self._key = read, key
        self._final_to = start
        self._final: list[Row] = []

    def refresh(self, is_final: Callable[[Row], bool]) -> tuple[Row, ...]:
        """All rows. `is_final` says of a row that it will never change."""
        new = self._read(after=self._final_to)
        final = next((i for i, row in enumerate(new) if not is_final(row)), len(new))
        if final:
            self._final += new[:final]
            self._final_to = self._key(new[final - 1])
        return (*self._final, *new[final:])


class JournalReader:
    """Reads a journal again and again. Each reader has what it has read in memory."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._synced = -1
        self._predictions = _Tail(journal.predictions, lambda row: row.seq)
        self._intents = _Tail(journal.intents, lambda row: row.seq)
        self._changes = _Tail(journal.changes, lambda row: row.seq)
        self._strikes = _Tail(journal.strikes, lambda row: row.strike_id)
        self._equity = _Tail(journal.equity, lambda row: row.block_number, start=-1)
        self._arbitrages = _Tail(journal.arbitrages, lambda row: row.block_number, start=-1)
        self._transactions = _Tail(journal.transactions, lambda row: row.block_number, start=-1)

    def read(self) -> Records:
        """The rows as they are now. Raises `JournalUnavailable`."""
        synced = self.synced_block()
        settled_to = -1 if synced is None else synced - REORG_BLOCKS

        def is_old(block: int | None) -> bool:
            return block is not None and block <= settled_to

        return Records(
            runs=tuple(self._journal.runs()),
            predictions=self._predictions.refresh(lambda row: row.decision is not Decision.PENDING),
            intents=self._intents.refresh(
                lambda row: (
                    row.state not in WAITING
                    and (row.block_number is None or is_old(row.block_number))
                )
            ),
            strikes=self._strikes.refresh(lambda row: is_old(row.settled_block)),
            arbitrages=self._arbitrages.refresh(lambda row: is_old(row.block_number)),
            equity=self._equity.refresh(lambda row: is_old(row.block_number)),
            transactions=self._transactions.refresh(lambda row: is_old(row.block_number)),
            changes=self._changes.refresh(lambda _: True),
            synced_block=synced,
        )

    def synced_block(self) -> int | None:
        """The block that the journal has followed to; None before its first sync."""
        near = self._journal.blocks(after=max(self._synced - REORG_BLOCKS, -1))
        blocks = near or self._journal.blocks()
        if not blocks:
            return None
        self._synced = blocks[-1].number
        return self._synced
