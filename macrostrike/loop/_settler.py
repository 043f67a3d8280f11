"""Open strikes: which are due, and closing them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from macrostrike.client import MacroStrike
from macrostrike.errors import ContractError, TransactionNotMined
from macrostrike.journal import ChangeKind, Journal, StrikeRow
from macrostrike.loop._spot import Spot
from macrostrike.types import BPS, StrikeSettled


class Closing(str, Enum):
    """Why the loop closes a strike."""

    TAKE_PROFIT = "take-profit reached"
    STOP_LOSS = "stop-loss reached"
    HORIZON = "time is up"

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Closed:
    """The loop closed a strike."""

    at: int
    strike: StrikeRow
    closing: Closing
    settled: StrikeSettled


@dataclass(frozen=True, slots=True)
class NotClosed:
    """A strike is due, and the chain refuses to close it now; it is tried again."""

    at: int
    strike: StrikeRow
    closing: Closing
    error: ContractError


def due(strike: StrikeRow, worth: int, now: int) -> Closing | None:
    """Which barrier is met. `worth`: raw quote for its base at the pool's price.

    Both barriers are moves of the worth against what was paid or received.
    """
    notional = strike.notional
    gain = worth - notional if strike.signal.is_long else notional - worth
    if strike.stop_loss_bps and -gain * BPS >= strike.stop_loss_bps * notional:
        return Closing.STOP_LOSS
    if strike.take_profit_bps and gain * BPS >= strike.take_profit_bps * notional:
        return Closing.TAKE_PROFIT
    if now >= strike.opened_at + strike.horizon:
        return Closing.HORIZON
    return None


class Settler:
    """Settles what is due, by one operator's client. Barriers are watched at the pools' prices."""

    def __init__(
        self, client: MacroStrike, journal: Journal, spot: Spot, *, dry_run: bool = False
    ) -> None:
        self._client, self._journal, self._spot = client, journal, spot
        self._dry_run = dry_run
        # The last kind of line that was recorded of a strike.
        self._noted: dict[int, str] = {}

    def run(self) -> Iterator[Closed | NotClosed]:
        """One round over all open strikes. Raises `ChainError`."""
        now = self._client.transport.timestamp()
        open_strikes = self._journal.open_strikes()
        self._noted = {s.strike_id: self._noted.get(s.strike_id, "") for s in open_strikes}
        ratios = {market: self._spot.ratio(market) for market in {s.market for s in open_strikes}}
        for strike in open_strikes:
            quote, base = ratios[strike.market]
            closing = due(strike, strike.base_amount * quote // base, now)
            if closing is not None and (
                closing is not Closing.TAKE_PROFIT or self._counts_as_won(strike)
            ):
                yield from self._close(strike, closing, now)

    def _counts_as_won(self, strike: StrikeRow) -> bool:
        """Whether the mean of the market's exit window shows a gain too.

        The chain counts no win without: a profit is taken no sooner.
        """
        _, mean, _ = self._client.call("getReferencePrices", strike.market, strike.base_amount)
        return bool(mean > strike.notional if strike.signal.is_long else mean < strike.notional)

    def _close(self, strike: StrikeRow, closing: Closing, now: int) -> Iterator[Closed | NotClosed]:
        number = strike.strike_id
        if self._dry_run:
            self._note(strike, closing.name, "info", f"would settle #{number}: {closing}")
            return
        try:
            settled = self._client.settle(number)
        except ContractError as error:
            line = f"#{number}, {closing}, can't be settled now: {error}"
            if self._note(strike, type(error).__name__, "warning", line):
                yield NotClosed(now, strike, closing, error)
        except TransactionNotMined:
            return  # its intent says so: the loop's guard looks at those
        else:
            yield Closed(settled.mined.timestamp, strike, closing, settled)

    def _note(self, strike: StrikeRow, kind: str, level: str, line: str) -> bool:
        """Records a line, unless the last of this strike was of the same kind."""
        if self._noted[strike.strike_id] == kind:
            return False
        self._noted[strike.strike_id] = kind
        self._journal.record_change(ChangeKind.LOG, level, line, cause="settlement")
        return True
