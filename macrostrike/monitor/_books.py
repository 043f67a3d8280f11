"""Where the journal's books and the chain's do not agree."""

from __future__ import annotations

from macrostrike.journal import StrikeState
from macrostrike.monitor._chain import ChainView
from macrostrike.monitor._records import Records
from macrostrike.monitor._tallies import StrikeTally


def differences_of(
    records: Records, chain: ChainView, strikes: StrikeTally
) -> tuple[str, ...] | None:
    """Each figure that differs, in words; None while the journal is not at the chain's block."""
    if records.synced_block != chain.block_number:
        return None
    stats = chain.stats
    opened = {s.strike_id for s in records.strikes if s.status is StrikeState.OPEN}
    pairs: list[tuple[str, object, object]] = [
        ("strikes settled", sum(strikes.results.values()), stats.settled),
        ("wins", strikes.results["win"], stats.wins),
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
