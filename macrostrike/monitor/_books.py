"""Where the journal's books and the chain's do not agree."""

from __future__ import annotations

from macrostrike.journal import StrikeState
from macrostrike.monitor._chain import ChainView
from macrostrike.monitor._records import Records
from macrostrike.monitor._score import closed_in_order


def differences_of(records: Records, chain: ChainView) -> tuple[str, ...] | None:
    """Each figure that differs, in words; None while the journal is not at the chain's block."""
    if records.synced_block != chain.block_number:
        return None
    closed, stats = closed_in_order(records.strikes), chain.stats
    opened = {s.strike_id for s in records.strikes if s.status is StrikeState.OPEN}
    pairs: list[tuple[str, object, object]] = [
        ("strikes settled", len(closed), stats.settled),
        ("wins", sum(bool(strike.won) for strike in closed), stats.wins),
        ("open strikes", sorted(opened), sorted(s.strike.record.id for s in chain.open_strikes)),
    ]
    if records.equity:
        last = records.equity[-1]
        pairs += [
            ("equity", last.equity, stats.equity),
            ("high-water mark", last.high_water, stats.high_water),
            ("reserve", last.reserve, chain.treasury.reserve),
        ]
    return tuple(
        f"{name}: {ours} in the journal, {theirs} on chain"
        for name, ours, theirs in pairs
        if ours != theirs
    )
