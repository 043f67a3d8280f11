"""Commitments to all predictions of a day, as others see them, who hold us to them."""

from __future__ import annotations

from datetime import date
from typing import Any

from macrostrike.journal._reader import Reader
from macrostrike.journal.rows import CommitmentRow, IntentRow, IntentState

ANCHOR = "anchor"
"""The action of a transaction that puts a root on chain; its intent's `digest` is the root."""
_EPOCH = date(1970, 1, 1).toordinal()


def day_text(row: CommitmentRow) -> str:
    """The day as `2026-11-28`."""
    return date.fromordinal(_EPOCH + row.day).isoformat()


def anchor_text(diamond: str, row: CommitmentRow) -> str:
    """What the transaction's input says, in ASCII."""
    root = f"0x{row.root.hex()}"
    return f"MacroStrike {diamond} {day_text(row)} {row.kind} {row.leaves} {root}"


def anchors(journal: Reader, row: CommitmentRow) -> list[IntentRow]:
    """The transactions that were made for a root; none of a day without rows."""
    return [
        each for each in journal.intents(digest=row.root) if row.leaves and each.action == ANCHOR
    ]


def published(journal: Reader) -> list[dict[str, Any]]:
    """All commitments, for JSON, each with the transaction that has it on chain, if one does."""
    return [_published(journal, row) for row in journal.commitments()]


def commitment(row: CommitmentRow) -> dict[str, Any]:
    """What never changes of one, for JSON."""
    return {
        "day": day_text(row),
        "kind": str(row.kind),
        "leaves": row.leaves,
        "root": f"0x{row.root.hex()}",
        "at": row.at,
    }


def _published(journal: Reader, row: CommitmentRow) -> dict[str, Any]:
    mined = [a for a in anchors(journal, row) if a.state is IntentState.CONFIRMED]
    return commitment(row) | {
        "transaction": f"0x{mined[0].hash.hex()}" if mined else None,
        "block": mined[0].block_number if mined else None,
    }
