"""`ape run journal follow`: one prediction's way, from what an engine said to what it learned."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from macrostrike._counts import counted
from macrostrike.cli.formats import clock, signed, usdc
from macrostrike.cli.lines import claim
from macrostrike.errors import InvalidValue
from macrostrike.journal import Decision, Journal, PredictionRow, StrikeRow
from macrostrike.loop import causation_id

GOOD = 0


def follow(journal: Journal, of: str, console: Console) -> int:
    """A line for each station of the prediction with that id, or with that digest."""
    named = of.lower().removeprefix("0x")[: len(causation_id(b"\0" * 32))]
    found = journal.predictions(causation_id=named)
    if not found:
        raise InvalidValue("id", of, "the journal has no prediction with it")
    for row in found:
        for station, text in stations(journal, row):
            console.print(f"{row.causation_id}  {station:10}  {text}", soft_wrap=True)
    return GOOD


def stations(journal: Journal, row: PredictionRow) -> Iterator[tuple[str, str]]:
    """Prediction, gate, bots, results, stats, loop: as far as it has come."""
    said = f"{claim(row)}, market {row.market}, nonce {row.engine_nonce} of {row.engine}"
    yield "prediction", f"{clock(row.valid_from)}  {said}, from {row.source}"
    decided_at = clock(int(row.decided_at or 0))  # by the machine that decided
    if row.decision is Decision.PENDING:
        return
    if row.decision is not Decision.STRUCK:
        yield (
            "gate",
            f"{clock(int(row.decided_at or 0))}  {row.decision}, {row.reason}: {row.detail}",
        )
        return
    yield "gate", f"{decided_at}  passed: {row.decision}"
    strike = journal.strike_of(row.engine, row.engine_nonce)
    if strike is None:
        return  # the journal has not followed the chain so far
    bots = counted(sum(lots > 0 for lots in strike.lots), "bot")
    opened = f"#{strike.strike_id}, {bots}, {usdc(strike.notional)} USDC"
    where = f"block {strike.opened_block}, 0x{strike.opened_tx.hex()}"
    yield "bots", f"{clock(strike.opened_at)}  {opened}; {where}"
    if strike.settled_block is not None:
        yield from _ended(journal, row, strike, strike.settled_block)


def _ended(
    journal: Journal, row: PredictionRow, strike: StrikeRow, block: int
) -> Iterator[tuple[str, str]]:
    at, won = clock(strike.settled_at or 0), "won" if strike.won else "not won"
    ended = f"{strike.status}, {usdc(strike.quote_amount or 0)} USDC, {signed(strike.pnl or 0)}"
    where = f"block {block}, 0x{(strike.settled_tx or b'').hex()}"
    yield "results", f"{at}  {ended}, {won}; {where}"
    by_then = [s for s in journal.strikes() if s.settled_block and s.settled_block <= block]
    won_by_then = sum(bool(each.won) for each in by_then)
    pnl = sum(each.pnl or 0 for each in by_then)
    yield "stats", f"{at}  {won_by_then} of {len(by_then)} won, {signed(pnl)} USDC"
    later = journal.predictions(engine=row.engine, after=row.seq)
    since = [each for each in later if each.valid_from >= (strike.settled_at or 0)]
    following = f"{since[0].causation_id} is its engine's next" if since else "nothing said since"
    yield "loop", f"{at}  {following}"
