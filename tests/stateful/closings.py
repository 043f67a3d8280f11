"""How strikes are marked, taken over and closed: by prices that no second's trading has moved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from macrostrike.abi import Event, diamond_abi
from macrostrike.journal import Books
from macrostrike.types import BPS, STRIKE_SLOTS, Closing, Due, OracleKind

from ..evm import ZERO
from .invariants import Invariants

_ORACLE, _MEAN, _START = 0, 1, 2


class Closings:
    """Judges by the books as they were before the call, and by the diamond's view of its prices."""

    def __init__(self, invariants: Invariants, ask: Callable[[bytes], bytes]) -> None:
        self._require, self._ask = invariants.require, ask

    def check(
        self, books: Books, now: int, events: Sequence[Event], logged: Collection[str] = ()
    ) -> None:
        """`logged` are those of whom the call has a log, pools that were traded on among them."""
        settled = {e.args["strike_id"]: e.args for e in events if e.name == "StrikeSettled"}
        for event in events:
            if event.name == "StrikeTaken":
                self._check_taken(books, event.args, settled[event.args["strike_id"]], logged)
            elif event.name == "StrikeDue":
                self._check_due(books, now, event.args)
        for closing in settled.values():
            self._check_win(books, now, closing)

    def _check_taken(self, books: Books, args: Any, closing: Any, logged: Collection[str]) -> None:
        """All prices are known, or it is refused.

        Nothing that the fleet holds is given for less than the best of them, less the discount.
        """
        rules = books.markets[closing["market"]].rules
        off, quote = args["off_bps"], closing["quote_amount"]
        self._require("takeover", -rules.discount_bps <= off <= rules.premium_bps, off)
        prices = (args["oracle_quote"], args["mean_quote"], args["start_quote"])
        self._require("takeover", min(prices) > 0, prices)
        strike = books.fleet.slots[args["strike_id"] % STRIKE_SLOTS]
        base, kept = closing["base_amount"], strike.record.base_amount
        if closing["signal"].is_long:
            fair = quote * BPS >= max(prices) * (BPS + off) and base == kept
        else:
            fair = quote * BPS * kept <= min(prices) * (BPS - off) * base
        self._require("takeover", fair, closing, "at", prices, "and", off)
        # It is still the same second, whatever was traded in it before.
        market = books.markets[closing["market"]].config
        reported = self._prices(closing["market"], kept)
        if reported[_START] == 0 and market.pool in logged and market.feed != ZERO:
            # A pair that has paid for it itself: it knows the start no more.
            reported, prices = reported[:_START], prices[:_START]
        self._require("second", reported == prices, prices, "while the second began at", reported)

    def _check_win(self, books: Books, now: int, closing: Any) -> None:
        """Of a swap and of a takeover it is known both ways."""
        strike = books.fleet.slots[closing["strike_id"] % STRIKE_SLOTS]
        record, rules = strike.record, books.markets[closing["market"]].rules
        notional = sum(strike.lots) * books.fleet.lot_value
        prices = self._prices(closing["market"], record.base_amount)
        worth = prices[_ORACLE if rules.oracle is OracleKind.FEED else _MEAN]
        agrees = worth > notional if strike.signal.is_long else 0 < worth < notional
        is_taken = closing["how"] is Closing.TAKEOVER
        until = record.opened_at + record.horizon + rules.keeper_delay
        in_time = now <= until + (rules.auction_seconds if is_taken else 0)
        may = closing["pnl"] > 0 and agrees and in_time
        self._require("wins", may or not closing["won"], closing, "at", prices, "of", notional)
        if is_taken or closing["how"] is Closing.SWAP:
            self._require("wins", closing["won"] or not may, closing, "at", prices)

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

    def check_worth(
        self, books: Books, quote_token: str, moved: dict[str, int], events: Sequence[Event]
    ) -> None:
        """Of a call by someone without a role: what balances lost, and what came for it.

        `books` are those after it.
        """
        takes = [event.args for event in events if event.name == "StrikeTaken"]
        if {event.name for event in events} - {"StrikeTaken", "StrikeSettled"} or len(takes) > 1:
            return  # a token has called from within its transfer, in its own right
        left = dict(moved)
        for take in takes:
            strike = books.fleet.slots[take["strike_id"] % STRIKE_SLOTS]
            base = left.pop(books.markets[strike.record.market].config.base, None)
            quote = left.pop(quote_token)
            if base is not None:
                fair = _is_fair(take, strike, quote, base)
                self._require("worth", fair, quote, "of quote and", base, "of base for", take)
        for token, amount in left.items():
            self._require("worth", amount >= 0, token, "moved by", amount)

    def _prices(self, market: int, base: int) -> tuple[int, ...]:
        abi = diamond_abi()
        call = abi.encode_call("getReferencePrices", market, base)
        return tuple(abi.decode_result("getReferencePrices", self._ask(call)))


def _is_fair(take: Any, strike: Any, quote: int, base: int) -> bool:
    """What balances moved by, against the best price less what the auction pays."""
    prices = (take["oracle_quote"], take["mean_quote"], take["start_quote"])
    kept, off = strike.record.base_amount, take["off_bps"]
    if strike.signal.is_long:
        return bool(quote * BPS >= max(prices) * (BPS + off) and base >= -kept)
    # A short pays for as much of its base as its cover is enough for.
    return bool(base >= 0 and -quote * BPS * kept <= min(prices) * (BPS - off) * base)
