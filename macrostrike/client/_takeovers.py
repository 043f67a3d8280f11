"""Strikes that are due: marked, taken over, and what open ones have lost."""

from __future__ import annotations

from collections.abc import Sequence

from macrostrike.abi import diamond_abi
from macrostrike.chain.transport import Receipt
from macrostrike.client import _outcomes
from macrostrike.client._arbitrage import Arbitrages
from macrostrike.types import (
    MarkedToMarket,
    StrikeSettled,
    StrikeTaken,
    TakeoverQuote,
)

_MARK_GAS = 250_000  # of one strike that is marked, with a pool whose ring is long


class Takeovers(Arbitrages):
    """What anybody may do about open strikes. See `MacroStrike`."""

    def mark_due(self, strike_ids: Sequence[int]) -> tuple[int, ...]:
        """Marks strikes as due whose barrier was reached. Anyone. The ids of those that were."""
        data = diamond_abi().encode_call("markDue", strike_ids)
        # Not estimated: what can not be marked yet costs less, and when it is mined it can be.
        gas = _MARK_GAS * (1 + len(strike_ids)) + self.transport.data_cost(self.diamond, data).gas
        receipt = self._send("markDue", data, gas)
        events = self.events(receipt.logs)
        return tuple(event.args["strike_id"] for event in events if event.name == "StrikeDue")

    def quote_take(self, strike_id: int) -> TakeoverQuote:
        """What `take` would cost and give now."""
        return TakeoverQuote(*self.call("quoteTake", strike_id))

    def take(self, strike_id: int, limit_amount: int) -> StrikeTaken:
        """Takes over the position of a strike that is due, with the signer's own tokens. Anyone.

        limit_amount: long: max quote to pay; short: min quote to get.

        The diamond must be approved for `quote_take(…).amount_in` of what is paid: quote for a
        long, base for a short. Raises `StrikeNotOpen`, `StrikeNotTakeable`, `OracleUnavailable`,
        `TakeoversAreStopped`, `SlippageExceeded`.
        """
        return self.taken(self.transact("takeStrike", strike_id, limit_amount))

    def taken(self, receipt: Receipt) -> StrikeTaken:
        """The takeover of a transaction that has one, whatever contract it was sent to."""
        event = self._event(receipt, "StrikeTaken")
        return StrikeTaken.from_args(event.args, settled=self._settled(receipt))

    def mark_to_market(self) -> MarkedToMarket:
        """Halts new strikes where open ones have lost too much by the reference prices. Anyone."""
        result = MarkedToMarket(*self.call("markToMarket"))
        self.transact("markToMarket")
        return result

    def _settled(self, receipt: Receipt) -> StrikeSettled:
        return _outcomes.settled(self._event(receipt, "StrikeSettled"), _outcomes.mined(receipt))
