"""What the journal has, kept up to date by reading only what can have changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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
from macrostrike.manifest import Manifest
from macrostrike.monitor._tallies import Tallies, prices_of

KEEP = 5000
"""Rows of a kind that are kept: a week's strikes, and enough for every window and curve."""
FIRST = 100
"""Trades that the checks after a deployment look at."""
REORG_BLOCKS = 256
"""How deep the journal follows a reorg: what is older doesn't change any more."""
WAITING = (IntentState.PREPARED, IntentState.SENT, IntentState.UNKNOWN)
"""States of a transaction that has no outcome yet."""
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Records:
    """The journal's rows, each kind in its order: the last of them, as far as they are kept.

    synced_block: None before the first sync. unit: raw quote of a book unit.
    dropped: what the rows before those add up to. first_closed: the first strikes among them.
    """

    runs: tuple[Run, ...] = ()
    predictions: tuple[PredictionRow, ...] = ()
    intents: tuple[IntentRow, ...] = ()
    strikes: tuple[StrikeRow, ...] = ()
    arbitrages: tuple[ArbitrageRow, ...] = ()
    equity: tuple[EquityRow, ...] = ()
    transactions: tuple[TransactionRow, ...] = ()
    changes: tuple[Change, ...] = ()
    synced_block: int | None = None
    unit: int = 1
    dropped: Tallies = field(default_factory=Tallies)
    first_closed: tuple[StrikeRow, ...] = ()

    @property
    def models(self) -> set[int]:
        """Model ids of all strikes."""
        return {strike.model_id for strike in self.strikes} | set(self.dropped.strikes.models)

    def tallies(self, manifest: Manifest) -> Tallies:
        """The sums over all rows, kept or not."""
        sums, fees = self.dropped.copy(), {market.id: market.fee for market in manifest.markets}
        sums.strikes.add(self.strikes, fees)
        sums.intents.add(self.intents)
        prices = prices_of(self.strikes, manifest)
        sums.others.add_transactions(self.transactions, prices, manifest.operators)
        sums.others.add_predictions(self.predictions)
        sums.others.add_changes(self.changes)
        sums.others.arbitrages += len(self.arbitrages)
        return sums


class _Tail(Generic[Row]):
    """Rows in the order of a key. Those up to the first that may still change are read once, and
    no more than `keep` of them are kept."""

    def __init__(
        self, read: Callable[..., list[Row]], key: Callable[[Row], int], *, start: int = 0
    ) -> None:
        self._read, self._key = read, key
        self._final_to = start
        self._final: list[Row] = []

    @property
    def final(self) -> list[Row]:
        """Those that are kept and will never change."""
        return self._final

    def drop(self, keep: int) -> list[Row]:
        """Takes the first rows out that are final and beyond `keep`."""
        dropped = self._final[: max(len(self._final) - keep, 0)]
        del self._final[: len(dropped)]
        return dropped

    def thin(self, keep: int) -> None:
        """Takes every second of the older half out where there are more than `keep`."""
        if len(self._final) > keep:
            del self._final[1 : keep // 2 : 2]

    def refresh(self, is_final: Callable[[Row], bool]) -> tuple[Row, ...]:
        """All rows. `is_final` says of a row that it will never change."""
        new = self._read(after=self._final_to)
        final = next((i for i, row in enumerate(new) if not is_final(row)), len(new))
        if final:
            self._final += new[:final]
            self._final_to = self._key(new[final - 1])
        return (*self._final, *new[final:])


class JournalReader:
    """Reads a journal again and again. It keeps the last rows of each kind, and sums of the rest,
    so that what it needs does not grow."""

    def __init__(self, journal: Journal, manifest: Manifest, *, keep: int = KEEP) -> None:
        self._journal, self._manifest, self._keep = journal, manifest, keep
        self._dropped, self._first_closed = Tallies(), list[StrikeRow]()
        self._synced = -1
        self._unit: int | None = None
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

        self._drop()
        return Records(
            dropped=self._dropped.copy(),
            first_closed=tuple(self._first_closed),
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
            unit=self._book_unit(),
        )

    def _book_unit(self) -> int:
        if self._unit is None:
            initialized = self._journal.events(name="FleetInitialized", limit=1)
            self._unit = 10 ** initialized[0].args["unit_exponent"] if initialized else None
        return self._unit or 1

    def _drop(self) -> None:
        """Adds up what is beyond what is kept. Gas is priced by strikes that are still there."""
        sums, manifest, keep = self._dropped, self._manifest, self._keep
        self._equity.thin(keep)
        sums.intents.add(self._intents.drop(keep))
        sums.others.add_predictions(self._predictions.drop(keep))
        sums.others.add_changes(self._changes.drop(keep))
        sums.others.arbitrages += len(self._arbitrages.drop(keep))
        prices = prices_of(self._strikes.final, manifest)
        transactions = self._transactions.drop(keep)
        sums.others.add_transactions(transactions, prices, manifest.operators)
        strikes = self._strikes.drop(keep)
        sums.strikes.add(strikes, {market.id: market.fee for market in manifest.markets})
        self._first_closed += strikes[: max(FIRST - len(self._first_closed), 0)]

    def synced_block(self) -> int | None:
        """The block that the journal has followed to; None before its first sync."""
        near = self._journal.blocks(after=max(self._synced - REORG_BLOCKS, -1))
        blocks = near or self._journal.blocks()
        if not blocks:
            return None
        self._synced = blocks[-1].number
        return self._synced
