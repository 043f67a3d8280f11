"""How strikes are marked, taken over and closed: by prices that no second's trading has moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from macrostrike.abi import Event, diamond_abi
from macrostrike.journal import Books
from macrostrike.types import BPS, STRIKE_SLOTS, Due, OracleKind

from .promises import Promises

_MEAN = 1


class Closings:
    """Judges by the books as they were before the call, and by the diamond's view of its prices."""

    def __init__(self, promises: Promises, ask: Callable[[bytes], bytes]) -> None:
        self._require, self._ask = promises.require, ask

    def check(self, books: Books, now: int, events: Sequence[Event]) -> None:
        settled = {e.args["strike_id"]: e.args for e in events if e.name == "StrikeSettled"}
        for event in events:
            if event.name == "StrikeTaken":
                self._check_taken(books, event.args, settled[event.args["strike_id"]])
            elif event.name == "StrikeDue":
                self._check_due(books, now, event.args)

    def _check_taken(self, books: Books, args: Any, closing: Any) -> None:
        """All prices are known, or it is refused.

        Nothing that the fleet holds is given for less than the best of them, less the discount.
        """
        rules = books.markets[closing["market"]].rules
        off, quote = args["off_bps"], closing["quote_amount"]
        self._require("takeover", -rules.discount_bps <= off <= rules.premium_bps, off)
        prices = (args["oracle_quote"], args["mean_quote"], args["start_quote"])
        self._require("takeover", min(prices) > 0, prices)
        strike = books.fleet.slots[args["strike_id"] % STRIKE_SLOTS]
        base, held = closing["base_amount"], strike.record.base_amount
        if closing["signal"].is_long:
            fair = quote * BPS >= max(prices) * (BPS + off) and base == held
        else:
            fair = quote * BPS * held <= min(prices) * (BPS - off) * base
        self._require("takeover", fair, closing, "at", prices, "and", off)
        # It is still the same second, whatever was traded in it before.
        told = self._prices(closing["market"], held)
        self._require("second", told == prices, prices, "while the second began at", told)

    def _check_due(self, books: Books, now: int, args: Any) -> None:
        """A barrier is reached by a whole window's mean since the opening."""
        strike = books.fleet.slots[args["strike_id"] % STRIKE_SLOTS]
        record, worth = strike.record, args["worth"]
        rules = books.markets[record.market].rules
        notional = sum(strike.lots) * books.fleet.lot_value
        due_at = record.opened_at + record.horizon
        self._require("marks", strike.is_open and now < due_at, args)
        self._require("marks", now - record.opened_at >= rules.exit_window, args, record)
        gain = worth - notional if strike.signal.is_long else notional - worth
        if args["reason"] is Due.TAKE_PROFIT:
            reached = 0 < record.take_profit_bps * notional <= gain * BPS
        else:
            reached = -gain * BPS >= record.stop_loss_bps * notional
        self._require("marks", reached, args, "of", notional, record)
        if rules.oracle is OracleKind.POOL_TWAP:
            mean = self._prices(record.market, record.base_amount)[_MEAN]
            self._require("marks", worth == mean, worth, "while the mean is", mean)

    def _prices(self, market: int, base: int) -> tuple[int, ...]:
        abi = diamond_abi()
        call = abi.encode_call("getReferencePrices", market, base)
        return tuple(abi.decode_result("getReferencePrices", self._ask(call)))
