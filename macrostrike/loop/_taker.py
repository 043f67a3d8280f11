"""Taking over what operators left: marks strikes as due, and takes them once that pays after gas.

For anyone, and any MacroStrike diamond. A taker pays with tokens of his own, and keeps what he
gets: its worth is what the market's own pool pays for it at that moment, to the unit. Or he pays
with a pool's tokens, by a flash swap that his own `FlashTaker` is called back for, and keeps the
rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from macrostrike.abi import interface
from macrostrike.chain import BoundContract, Purpose
from macrostrike.chain.transport import Receipt
from macrostrike.client import MacroStrike
from macrostrike.errors import ChainError, ContractError, TransactionNotMined
from macrostrike.journal import ChangeKind, Journal
from macrostrike.loop._flash import FLASH_GAS, FlashTaker
from macrostrike.loop._known_code import require_known_code
from macrostrike.loop._terms import Appraisal, Now, Terms
from macrostrike.types import BPS, Due, Strike, StrikeTaken

MARK_GAS, TAKE_GAS, APPROVE_GAS = 120_000, 260_000, 60_000
"""Of one each, rounded up from what was measured: for what can't be estimated yet."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Marked:
    """A strike was marked as due. In a dry run `sent` is False, and it would have been."""

    at: int
    strike_id: int
    reason: Due
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Took:
    """A strike was taken over; `taken` is None in a dry run, where it would have been.

    profit: raw units of `terms.token`, with the gas that was paid.
    """

    at: int
    strike_id: int
    terms: Terms
    taken: StrikeTaken | None
    profit: int


@dataclass(frozen=True, slots=True)
class Left:
    """A strike is left for now. `why` is for people."""

    at: int
    strike_id: int
    why: str
    terms: Terms | None = None


Look = Marked | Took | Left


class Taker:
    """Looks at a diamond's open strikes, and takes over those that pay.

    client: sends as the taker, who needs no role.
    min_profit_bps: of what is paid, that has to be left after gas.
    native: the wrapped ether, in which gas is counted: by default the diamond's, or else what its
        first market trades. Raises `InvalidValue` where no market trades it.
    flash: pays with a pool's tokens, and none of the taker's. The contract for it is created by the
        first takeover that pays for that too. Raises `InvalidValue` where it can't be.
    dry_run: says what it would do, and sends nothing.
    known_code: hashes of code that is approved to beside this build's, see `require_known_code`;
        None for any code at all. Raises `UnknownCode` for other code, also before each approval.
    """

    def __init__(
        self,
        client: MacroStrike,
        journal: Journal,
        *,
        min_profit_bps: int = 0,
        native: str | None = None,
        flash: bool = False,
        dry_run: bool = False,
        known_code: Collection[str] | None = (),
    ) -> None:
        self._known_code = known_code
        self._require_known_code(client)
        self._client, self._journal, self._dry_run = client, journal, dry_run
        self._flash = FlashTaker(client) if flash else None
        self._worth = Appraisal(client, min_profit_bps=min_profit_bps, native=native, borrows=flash)
        self._noted: dict[int, str] = {}

    def run(
        self,
        stop: threading.Event,
        every: float = 1.0,
        *,
        alive: Callable[[], object] = lambda: None,
    ) -> Iterator[Look | ChainError]:
        """All that happens until it is to `stop`, looking `every` so many seconds."""
        while not stop.is_set():
            try:
                yield from self.look()
            except ChainError as failure:
                yield failure
            self._journal.beat()
            alive()
            stop.wait(every)

    def look(self) -> Iterator[Look]:
        """One look at all open strikes. Raises `ChainError`."""
        transport = self._client.transport
        block = transport.block()
        price = transport.gas_price()
        create = self._flash.cost(price) if self._flash else 0
        data = self._worth.data_cost().wei(price)
        now = Now(self._client.pinned(block), block, price, data, create)
        strikes = now.client.open_strikes()
        self._noted = {each: self._noted.get(each, "") for each in strikes}
        for strike_id in strikes:
            reason = now.client.can_settle(strike_id)
            if reason in (Due.TAKE_PROFIT, Due.STOP_LOSS):
                yield from self._mark(now, strike_id, reason)
            elif reason.is_due:
                yield from self._consider(now, strike_id)

    # Marking

    def _mark(self, now: Now, strike_id: int, reason: Due) -> Iterator[Look]:
        """Where the end of the auction would pay for mark and takeover, at today's prices."""
        strike = now.client.get_strike(strike_id)
        terms = self._at_the_end(now, strike)
        at = now.block.timestamp
        if terms is None or not self._worth.pay(terms):
            why = "marking it as due would not pay"
            yield from self._leave(Left(at, strike_id, why, terms))
        elif self._dry_run:
            if self._note(strike_id, "would mark", f"would mark #{strike_id}: {reason}"):
                yield Marked(at, strike_id, reason, sent=False)
        elif strike_id in self._client.mark_due([strike_id]):
            self._note(strike_id, "marked", f"marked #{strike_id} as due: {reason}")
            yield Marked(at, strike_id, reason)

    def _at_the_end(self, now: Now, strike: Strike) -> Terms | None:
        """The takeover when its price has fallen as far as it does; None without prices."""
        market, base = strike.record.market, strike.record.base_amount
        rules = now.client.market(market).rules
        references = now.client.call("getReferencePrices", market, base)
        if not all(references):
            return None
        if strike.signal.is_long:
            pays, gets = max(references) * (BPS - rules.discount_bps) // BPS, base
        else:
            quote = min(references) * (BPS + rules.discount_bps) // BPS
            pays, gets = base, min(quote, 2 * strike.notional)
        return self._worth.offers(now, strike, pays, gets, MARK_GAS + self._gas)[0]

    # Taking over

    def _consider(self, now: Now, strike_id: int) -> Iterator[Look]:
        quoted, at = now.client.quote_take(strike_id), now.block.timestamp
        if not quoted.takeable:
            return
        strike = now.client.get_strike(strike_id)
        paid, got = quoted.amount_in, quoted.amount_out
        offers = self._worth.offers(now, strike, paid, got, self._gas)
        terms = offers[0]
        if not self._worth.pay(terms):
            has_none = self._flash is not None and terms.pool is None
            why = "no pool of its tokens pays first" if has_none else "it does not pay yet"
            yield from self._leave(Left(at, strike_id, why, terms))
            return
        needed, balance = self._needed(strike, terms), self._balance(terms)
        if balance < needed:
            why = f"it would take {needed} raw units of {terms.token}, there are {balance}"
            yield from self._leave(Left(at, strike_id, why, terms))
        elif self._dry_run:
            line = f"would take #{strike_id} over for {terms.cost}, {terms.profit} after gas"
            if self._note(strike_id, "would take", line):
                yield Took(at, strike_id, terms, None, terms.profit)
        elif self._flash is not None:
            good = [each for each in offers if self._worth.pay(each)]
            yield from self._take_by(self._flash, strike_id, strike, good, at)
        else:
            yield from self._take(strike_id, strike, terms, needed, at)

    def _take(
        self, strike_id: int, strike: Strike, terms: Terms, needed: int, at: int
    ) -> Iterator[Look]:
        try:
            spent = self._let_take(terms.token, needed)
            taken = self._client.take(strike_id, terms.limit)
        except ContractError as refused:
            # Another was first, or the price has moved: what is left then is asked anew.
            yield from self._leave(Left(at, strike_id, f"refused, {refused}", terms))
            return
        except TransactionNotMined:
            return  # its intent says so
        settled, market = taken.settled, strike.record.market
        spent += self._worth.spent(settled.mined.gas_used)
        is_long = strike.signal.is_long
        paid = settled.quote_amount if is_long else settled.base_amount
        got = settled.base_amount if is_long else settled.quote_amount
        profit = self._worth.place(market).amount_back(terms.token, got) - paid
        profit -= self._worth.in_token(spent, market, is_quote=is_long)
        yield self._took(strike_id, terms, taken, profit)

    def _take_by(
        self, flash: FlashTaker, strike_id: int, strike: Strike, offers: Sequence[Terms], at: int
    ) -> Iterator[Look]:
        is_long, market = strike.signal.is_long, strike.record.market
        place = self._worth.place(market)
        tokens = (place.quote, place.base) if is_long else (place.base, place.quote)

        def take(terms: Terms) -> tuple[Receipt, int]:
            assert terms.pool is not None, "what pays has a pool"
            return flash.take(
                strike_id, is_long=is_long, pool=terms.pool, tokens=tokens, min_profit=terms.limit
            )

        try:
            self._require_known_code(self._client)
            created = flash.create()
            terms, (receipt, profit) = _first_not_refused(take, offers)
        except ContractError as refused:
            yield from self._leave(Left(at, strike_id, f"refused, {refused}", offers[0]))
            return
        except TransactionNotMined:
            return  # its intent says so
        mined = [each for each in (created, receipt) if each is not None]
        spent = sum(self._worth.spent(each.gas_used) for each in mined)
        profit -= self._worth.in_token(spent, market, is_quote=is_long)
        yield self._took(strike_id, terms, self._client.taken(receipt), profit)

    def _took(self, strike_id: int, terms: Terms, taken: StrikeTaken, profit: int) -> Took:
        line = f"took #{strike_id} over for {terms.cost}, {profit} after gas"
        self._note(strike_id, "taken", line)
        return Took(taken.settled.mined.timestamp, strike_id, terms, taken, profit)

    @property
    def _gas(self) -> int:
        return TAKE_GAS + APPROVE_GAS if self._flash is None else FLASH_GAS

    def _needed(self, strike: Strike, terms: Terms) -> int:
        """Of the taker's own tokens."""
        if self._flash is not None:
            return 0
        return max(terms.pays, terms.limit) if strike.signal.is_long else terms.pays

    def _balance(self, terms: Terms) -> int:
        return self._ask(terms.token, "balanceOf", str(self._client.address))

    def _let_take(self, token: str, amount: int) -> int:
        """Lets the diamond take so much of a token, and no more. The wei that this cost."""
        diamond = self._client.diamond
        allowance = self._ask(token, "allowance", str(self._client.address), diamond)
        if allowance >= amount:
            return 0
        self._require_known_code(self._client)  # it may have been upgraded since
        # Some tokens only change an allowance from or to zero.
        spent = 0
        for each in (0, amount) if allowance else (amount,):
            data = interface("IToken").encode_call("approve", diamond, each)
            assert self._client.sender is not None, "who takes sends"
            ticket = self._client.sender.submit(token, data, purpose=Purpose("approve"))
            receipt = ticket.wait()
            spent += receipt.gas_used * self._client.transport.gas_price() + receipt.l1_fee
        return spent

    def _require_known_code(self, client: MacroStrike) -> None:
        if self._known_code is not None:
            require_known_code(client.transport, client.diamond, self._known_code)

    # What is said, once

    def _leave(self, left: Left) -> Iterator[Left]:
        if self._note(left.strike_id, left.why, f"#{left.strike_id} is left: {left.why}"):
            yield left

    def _note(self, strike_id: int, kind: str, line: str) -> bool:
        """Records a line, unless the last of this strike was of the same kind."""
        if self._noted.get(strike_id) == kind:
            return False
        self._noted[strike_id] = kind
        self._journal.record_change(ChangeKind.LOG, "info", line, cause="takeover")
        return True

    def _ask(self, token: str, function: str, *args: str) -> int:
        contract = BoundContract.of(self._client.transport, token, "IToken")
        return int(contract.call(function, *args))


def _first_not_refused(take: Callable[[Terms], _T], offers: Sequence[Terms]) -> tuple[Terms, _T]:
    """A pool may not do what it is registered for: the next one's tokens are tried then. Raises
    what the first was refused with where all are."""
    refusals = []
    for terms in offers:
        try:
            return terms, take(terms)
        except ContractError as refused:
            refusals.append(refused)
    raise refusals[0]
