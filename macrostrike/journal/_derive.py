"""Derived rows: strikes, arbitrages and equity, made of events by way of the books. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import IntEnum, IntFlag
from functools import cache
from typing import Any

from eth_utils.abi import abi_to_signature

from macrostrike.abi import Event, artifact, diamond_abi
from macrostrike.journal.books import Books
from macrostrike.journal.rows import ArbitrageRow, EquityRow, EventRow, StrikeRow, StrikeState
from macrostrike.types import BOTS_PER_STRATEGY, STRIKE_SLOTS, Closing

_SAFE_INTEGER = 1 << 53  # what every reader of JSON gets right
_WORD = 32


@dataclass(slots=True)
class Derived:
    """Rows that events have made or changed, by their keys.

    closed: settlements and write-offs of strikes that opened earlier, as changes of their rows.
    """

    strikes: dict[int, StrikeRow] = field(default_factory=dict)
    closed: dict[int, dict[str, Any]] = field(default_factory=dict)
    arbitrages: list[ArbitrageRow] = field(default_factory=list)
    equity: list[EquityRow] = field(default_factory=list)


class Deriver:
    """Applies events in chain order to the books, and collects the rows that follow."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._last = self._capital()

    def derive(self, events: Iterable[EventRow]) -> Derived:
        """The rows that follow from more events, of whole blocks."""
        derived = Derived()
        block: EventRow | None = None
        for row in events:
            if block is not None and row.block_number != block.block_number:
                self._mark(block, derived)
            block = row
            self._apply(row, derived)
        if block is not None:
            self._mark(block, derived)
        return derived

    def _apply(self, row: EventRow, derived: Derived) -> None:
        event = decode(row)
        if event is None:
            return
        self.books.apply(event, row.timestamp)
        handler = _HANDLERS.get(event.name)
        if handler is not None:
            handler(self, event.args, row, derived)

    def _mark(self, block: EventRow, derived: Derived) -> None:
        capital = self._capital()
        if capital != self._last:
            self._last = capital
            derived.equity.append(EquityRow(block.block_number, block.timestamp, *capital))

    def _capital(self) -> tuple[int, int, int]:
        """Equity, high-water mark and reserve, raw quote units."""
        fleet = self.books.fleet
        equity = sum(fleet.equity) * fleet.unit
        return equity, fleet.high_water * fleet.unit, self.books.treasury().reserve

    def _opened(self, args: Mapping[str, Any], row: EventRow, derived: Derived) -> None:
        strike_id = args["strike_id"]
        strike = self.books.fleet.slots[strike_id % STRIKE_SLOTS]
        record = strike.record
        derived.strikes[strike_id] = StrikeRow(
            strike_id=strike_id,
            market=record.market,
            engine=args["engine"],
            engine_nonce=args["nonce"],
            model_id=record.model_id,
            signal=strike.signal,
            confidence_bps=record.confidence_bps,
            strategies=_mask(strike.lots),
            operator=args["operator"],
            notional=args["notional"],
            base_amount=record.base_amount,
            horizon=record.horizon,
            take_profit_bps=record.take_profit_bps,
            stop_loss_bps=record.stop_loss_bps,
            opened_at=row.timestamp,
            opened_block=row.block_number,
            opened_tx=row.transaction_hash,
            lots=strike.lots,
            status=StrikeState.OPEN,
            settled_at=None,
            settled_block=None,
            settled_tx=None,
            quote_amount=None,
            pnl=None,
            won=None,
            settled_by=None,
        )

    def _settled(self, args: Mapping[str, Any], row: EventRow, derived: Derived) -> None:
        written_off = args["how"] is Closing.WRITE_OFF
        closing = {
            "status": StrikeState.WRITTEN_OFF if written_off else StrikeState.SETTLED,
            "quote_amount": args["quote_amount"],
            "pnl": args["pnl"],
            "won": args["won"],
            "settled_by": args["by"],
        }
        _close(args["strike_id"], closing, row, derived)

    def _arbitraged(self, args: Mapping[str, Any], row: EventRow, derived: Derived) -> None:
        derived.arbitrages.append(
            ArbitrageRow(
                block_number=row.block_number,
                log_index=row.log_index,
                operator=args["operator"],
                token_in=args["token_in"],
                amount_in=args["amount_in"],
                profit=args["profit"],
                timestamp=row.timestamp,
            )
        )


_HANDLERS: dict[str, Callable[[Deriver, Mapping[str, Any], EventRow, Derived], None]] = {
    "StrikeOpened": Deriver._opened,
    "StrikeSettled": Deriver._settled,
    "ArbitrageExecuted": Deriver._arbitraged,
}


def decode(row: EventRow) -> Event | None:
    """The event of a row's log; None where the ABI does not know it."""
    return diamond_abi().decode_event(split_topics(row.topics), row.data)


def split_topics(joined: bytes) -> list[bytes]:
    return [joined[start : start + _WORD] for start in range(0, len(joined), _WORD)]


def plain(value: Any) -> Any:
    """An event's argument, for JSON."""
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, IntEnum) and not isinstance(value, IntFlag):
        return str(value)
    if isinstance(value, int):
        return int(value) if abs(value) <= _SAFE_INTEGER else str(int(value))
    return str(value)


@cache
def functions() -> Mapping[bytes, str]:
    """The diamond's functions by selector."""
    entries = [entry for entry in artifact("IMacroStrike").abi if entry["type"] == "function"]
    return {
        diamond_abi().selector(abi_to_signature(entry)): entry["name"]  # type: ignore[arg-type]
        for entry in entries
    }


def _close(strike_id: int, closing: dict[str, Any], row: EventRow, derived: Derived) -> None:
    closing |= {
        "settled_at": row.timestamp,
        "settled_block": row.block_number,
        "settled_tx": row.transaction_hash,
    }
    if strike_id in derived.strikes:
        derived.strikes[strike_id] = replace(derived.strikes[strike_id], **closing)
    else:
        derived.closed[strike_id] = closing


def _mask(lots: tuple[int, ...]) -> int:
    """The strategies that take part."""
    return sum({1 << bot // BOTS_PER_STRATEGY for bot, weight in enumerate(lots) if weight})
