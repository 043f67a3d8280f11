"""What was seen, decided and sent, an index of what the chain did, and the books that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.journal._errors import (
        ChainUnsteady,
        JournalError,
        JournalMismatch,
        JournalUnavailable,
        JournalVersionUnsupported,
        LeaseLost,
        LeaseTaken,
        NotProven,
        NotSynced,
        ReorgTooDeep,
        RowNotFound,
    )
    from macrostrike.journal._index import SyncReport
    from macrostrike.journal._intents import NewIntent
    from macrostrike.journal._leases import Lease
    from macrostrike.journal._reader import TABLES
    from macrostrike.journal._verify import Difference
    from macrostrike.journal.books import Books
    from macrostrike.journal.record import track_record
    from macrostrike.journal.rows import (
        LIVE,
        ArbitrageRow,
        BlockRow,
        Change,
        ChangeKind,
        CommitmentKind,
        CommitmentRow,
        Decision,
        EquityRow,
        EventRow,
        IntentRow,
        IntentState,
        MarketOutcome,
        MinuteRow,
        PredictionRow,
        Run,
        RunState,
        ScoreRow,
        StrikeRow,
        StrikeState,
        TransactionRow,
    )
    from macrostrike.journal.store import Journal

__all__ = [
    "LIVE",
    "TABLES",
    "ArbitrageRow",
    "BlockRow",
    "Books",
    "ChainUnsteady",
    "Change",
    "ChangeKind",
    "CommitmentKind",
    "CommitmentRow",
    "Decision",
    "Difference",
    "EquityRow",
    "EventRow",
    "IntentRow",
    "IntentState",
    "Journal",
    "JournalError",
    "JournalMismatch",
    "JournalUnavailable",
    "JournalVersionUnsupported",
    "Lease",
    "LeaseLost",
    "LeaseTaken",
    "MarketOutcome",
    "MinuteRow",
    "NewIntent",
    "NotProven",
    "NotSynced",
    "PredictionRow",
    "ReorgTooDeep",
    "RowNotFound",
    "Run",
    "RunState",
    "ScoreRow",
    "StrikeRow",
    "StrikeState",
    "SyncReport",
    "TransactionRow",
    "track_record",
]

_ROWS = (
    "ArbitrageRow BlockRow Change ChangeKind Decision EquityRow EventRow IntentRow IntentState "
    "PredictionRow Run RunState StrikeRow StrikeState TransactionRow LIVE CommitmentKind "
    "CommitmentRow MarketOutcome MinuteRow ScoreRow"
)
_ERRORS = (
    "ChainUnsteady JournalError JournalMismatch JournalUnavailable JournalVersionUnsupported "
    "LeaseTaken LeaseLost NotProven NotSynced ReorgTooDeep RowNotFound"
)

# SQLAlchemy takes half a second to import: the books alone don't need it.
__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Books": ".books",
        "track_record": ".record",
        "Journal": ".store",
        "TABLES": "._reader",
        "NewIntent": "._intents",
    }
    | {"SyncReport": "._index", "Difference": "._verify", "Lease": "._leases"}
    | dict.fromkeys(_ROWS.split(), ".rows")
    | dict.fromkeys(_ERRORS.split(), "._errors"),
)
