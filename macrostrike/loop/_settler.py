"""Open strikes: which are due, and closing them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from macrostrike.client import MacroStrike
from macrostrike.errors import ContractError, TransactionNotMined
from macrostrike.journal import ChangeKind, Journal, StrikeRow
from macrostrike.loop._barriers import Closing, closing_of
from macrostrike.loop._spot import Spot
from macrostrike.types import Skipped, StrikeSettled

BATCH = 16
"""Settlements in one transaction, well under what a block takes."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The loop closed a strike. `causation_id`: its prediction's; None where that is not known."""

    at: int
    causation_id: str | None
    strike: StrikeRow
    closing: Closing
    settled: StrikeSettled


@dataclass(frozen=True, slots=True)
class NotClosed:
    """A strike is due, and the chain refuses to close it now; it is tried again."""

    at: int
    causation_id: str | None
    strike: StrikeRow
    closing: Closing
    error: ContractError


def due(strike: StrikeRow, worth: int, now: int) -> Closing | None:
    """Which barrier is met. `worth`: raw quote for its base at the pool's price.

    Both barriers are moves of the worth against what was paid or received.
    """
    notional = strike.notional
    return closing_of(
        worth - notional if strike.signal.is_long else notional - worth,
        notional,
        stop_loss_bps=strike.stop_loss_bps,
        take_profit_bps=strike.take_profit_bps,
        due_at=strike.opened_at + strike.horizon,
        now=now,
    )


def causation_of(journal: Journal, strike: StrikeRow) -> str | None:
    """The id of the prediction that a strike was opened by; None where another journal has it."""
    row = journal.prediction_of(strike)
    return None if row is None else row.causation_id


@dataclass(frozen=True, slots=True)
class DueStrike:
    """An open strike that meets a barrier, and which."""

    strike: StrikeRow
    closing: Closing


class Settler:
    """Settles what is due, by one operator's client. Barriers are watched at the pools' prices.

    after: seconds for which a strike has to be due before it is settled: of a standby.
    """

    def __init__(
        self,
        client: MacroStrike,
        journal: Journal,
        spot: Spot,
        *,
        after: int = 0,
        dry_run: bool = False,
    ) -> None:
        self._client, self._journal, self._spot = client, journal, spot
        self._after, self._dry_run = after, dry_run
        # The last kind of line that was recorded of a strike; since when it meets a barrier.
        self._noted: dict[int, str] = {}
        self._since: dict[int, int] = {}

    def run(self) -> Iterator[Closed | NotClosed]:
        """One round over all open strikes. Raises `ChainError`."""
        yield from self.close(self.due())

    def due(self) -> list[DueStrike]:
        """The open strikes that are to be closed now. Raises `ChainError`."""
        now = self._client.transport.timestamp()
        open_strikes = self._journal.open_strikes()
        self._noted = {s.strike_id: self._noted.get(s.strike_id, "") for s in open_strikes}
        ratios = {market: self._spot.ratio(market) for market in {s.market for s in open_strikes}}
        since, found = self._since, []
        self._since = {}
        for strike in open_strikes:
            quote, base = ratios[strike.market]
            closing = due(strike, strike.base_amount * quote // base, now)
            if closing is None or (
                closing is Closing.TAKE_PROFIT and not self._counts_as_won(strike)
            ):
                continue
            ends = strike.opened_at + strike.horizon
            begun = since.get(strike.strike_id, min(now, ends))
            self._since[strike.strike_id] = begun
            if now >= begun + self._after:
                found.append(DueStrike(strike, closing))
        return found

    def close(self, strikes: Sequence[DueStrike]) -> Iterator[Closed | NotClosed]:
        """Settles them: several in as few transactions as they fit in. Raises `ChainError`."""
        if self._dry_run:
            for each in strikes:
                number = each.strike.strike_id
                self._note(
                    each.strike,
                    each.closing.name,
                    "info",
                    f"would settle #{number}: {each.closing}",
                )
            return
        for begin in range(0, len(strikes), BATCH):
            several = strikes[begin : begin + BATCH]
            yield from (
                self._close_one(several[0]) if len(several) == 1 else self._close_all(several)
            )

    def _counts_as_won(self, strike: StrikeRow) -> bool:
        """Whether the mean of the market's exit window shows a gain too.

        The chain counts no win without: a profit is taken no sooner.
        """
        _, mean, _ = self._client.call("getReferencePrices", strike.market, strike.base_amount)
        return bool(mean > strike.notional if strike.signal.is_long else mean < strike.notional)

    def _close_all(self, strikes: Sequence[DueStrike]) -> Iterator[Closed | NotClosed]:
        """In one transaction, without those that the chain refuses."""
        try:
            results = self._client.settle_batch([s.strike.strike_id for s in strikes], skip=True)
        except ContractError:  # of the batch, and of none in particular
            for each in strikes:
                yield from self._close_one(each)
            return
        except TransactionNotMined:
            return
        for each, result in zip(strikes, results, strict=True):
            if isinstance(result, Skipped):
                yield from self._refused(each, result.error)
            else:
                yield self.closed(each, result)

    def _close_one(self, due: DueStrike) -> Iterator[Closed | NotClosed]:
        try:
            settled = self._client.settle(due.strike.strike_id)
        except ContractError as error:
            yield from self._refused(due, error)
        except TransactionNotMined:
            return  # its intent says so: the loop's guard looks at those
        else:
            yield self.closed(due, settled)

    def closed(self, due: DueStrike, settled: StrikeSettled) -> Closed:
        """What is said of a strike that was settled."""
        cause = causation_of(self._journal, due.strike)
        return Closed(settled.mined.timestamp, cause, due.strike, due.closing, settled)

    def _refused(self, due: DueStrike, error: ContractError) -> Iterator[NotClosed]:
        line = f"#{due.strike.strike_id}, {due.closing}, can't be settled now: {error}"
        if self._note(due.strike, type(error).__name__, "warning", line):
            now = self._client.transport.timestamp()
            cause = causation_of(self._journal, due.strike)
            yield NotClosed(now, cause, due.strike, due.closing, error)

    def _note(self, strike: StrikeRow, kind: str, level: str, line: str) -> bool:
        """Records a line, unless the last of this strike was of the same kind."""
        if self._noted.get(strike.strike_id) == kind:
            return False
        self._noted[strike.strike_id] = kind
        self._journal.record_change(ChangeKind.LOG, level, line, cause="settlement")
        return True
