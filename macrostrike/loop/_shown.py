"""A prediction's outcome as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from macrostrike.journal import Journal, PredictionRow, RowNotFound, StrikeRow


def strike_of(journal: Journal, row: PredictionRow) -> StrikeRow | None:
    """The prediction's strike. None where it has none, or the journal does not know it yet."""
    if row.strike_id is None:
        return None
    try:
        return journal.strike(row.strike_id)
    except RowNotFound:
        return None


def shown(row: PredictionRow, strike: StrikeRow | None) -> dict[str, Any]:
    """An outcome: amounts as strings of raw units, as they may pass 2^53."""
    content: dict[str, Any] = {
        "digest": f"0x{row.digest.hex()}",
        "causation_id": row.causation_id,
        "decision": str(row.decision),
        "reason": row.reason,
        "detail": row.detail,
        "strike": None,
    }
    if strike is not None:
        raw = asdict(strike)
        content["strike"] = {
            "id": strike.strike_id,
            "status": str(strike.status),
            "opened_at": strike.opened_at,
            "settled_at": strike.settled_at,
            "won": strike.won,
            **{
                name: None if raw[name] is None else str(raw[name])
                for name in ("notional", "base_amount", "quote_amount", "pnl")
            },
        }
    return content
