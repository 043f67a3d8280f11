"""Taking over what operators left: marks strikes as due, and takes them once that pays after gas.

For anyone, and any MacroStrike diamond. A taker pays with tokens of his own, and keeps what he
gets: its worth is what the market's own pool pays for it at that moment, to the unit. Or he pays
with a pool's tokens, by a flash swap that his own `FlashTaker` is called back for, and keeps the
rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from macrostrike.abi import interface
from macrostrike.chain import BoundContract, DataCost, Purpose
from macrostrike.chain.transport import Block
from macrostrike.client import MacroStrike
from macrostrike.client._samples import strike_data
from macrostrike.errors import ChainError, ContractError, InvalidValue, TransactionNotMined
from macrostrike.journal import ChangeKind, Journal
from macrostrike.loop._flash import FLASH_GAS, FlashTaker
from macrostrike.loop._known_code import require_known_code
from macrostrike.loop._resale import Resale
from macrostrike.loop._spot import Spot
from macrostrike.types import BPS, ZERO_ADDRESS, Due, Strike, StrikeTaken

MARK_GAS, TAKE_GAS, APPROVE_GAS = 120_000, 260_000, 60_000
"""Of one each, rounded up from what was measured: for what can't be estimated yet."""

_TRANSACTIONS = 3  # the mark, the allowance, and the take


@dataclass(frozen=True, slots=True)
class Terms:
    """What taking a strike over comes to now, raw units of `token`, which is what is paid.

    pays, gets: as of `quote_take`. back: what the market's pool pays for what is got.
    gas: what the transactions cost, at the node's price.
    limit: the limit of the taker's transaction, at which nothing is left of the profit. With a
        pool's tokens it is what must be left of them.
    pool: whose tokens are paid with; None where they are the taker's own.
    """

    token: str
    pays: int
    gets: int
    back: int
    gas: int
    limit: int
    pool: str | None = None

    @property
    def profit(self) -> int:
        """After the pool's fee and impact, and after gas."""
        return self.back - self.pays - self.gas


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


@dataclass(frozen=True, slots=True)
class _Now:
    """One moment: the client on the state of one block, and what gas costs, and a transaction's
    data on a chain below, in wei. create: what is still to be created costs."""

    client: MacroStrike
    block: Block
    gas_price: int
    data: int
    create: int = 0


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
        self._min_profit_bps = min_profit_bps
        self._resale, self._spot = Resale(client), Spot(client)
        self._flash = FlashTaker(client) if flash else None
        self._native_market = _native_market(client, native)
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
        data = self._data_cost().wei(price)
        now = _Now(self._client.pinned(block), block, price, data, create)
        strikes = now.client.open_strikes()
        self._noted = {each: self._noted.get(each, "") for each in strikes}
        for strike_id in strikes:
            reason = now.client.can_settle(strike_id)
            if reason in (Due.TAKE_PROFIT, Due.STOP_LOSS):
                yield from self._mark(now, strike_id, reason)
            elif reason.is_due:
                yield from self._consider(now, strike_id)

    # Marking

    def _mark(self, now: _Now, strike_id: int, reason: Due) -> Iterator[Look]:
        """Where the end of the auction would pay for mark and takeover, at today's prices."""
        strike = now.client.get_strike(strike_id)
        terms = self._at_the_end(now, strike)
        at = now.block.timestamp
        if terms is None or not self._pays(terms):
            why = "marking it as due would not pay"
            yield from self._leave(Left(at, strike_id, why, terms))
        elif self._dry_run:
            if self._note(strike_id, "would mark", f"would mark #{strike_id}: {reason}"):
                yield Marked(at, strike_id, reason, sent=False)
        elif strike_id in self._client.mark_due([strike_id]):
            self._note(strike_id, "marked", f"marked #{strike_id} as due: {reason}")
            yield Marked(at, strike_id, reason)

    def _at_the_end(self, now: _Now, strike: Strike) -> Terms | None:
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
        return self._terms(now, strike, pays, gets, MARK_GAS + self._gas)

    # Taking over

    def _consider(self, now: _Now, strike_id: int) -> Iterator[Look]:
        quoted, at = now.client.quote_take(strike_id), now.block.timestamp
        if not quoted.takeable:
            return
        strike = now.client.get_strike(strike_id)
        terms = self._terms(now, strike, quoted.amount_in, quoted.amount_out, self._gas)
        if not self._pays(terms):
            why = "no pool of its tokens pays first" if terms.pool == "" else "it does not pay yet"
            yield from self._leave(Left(at, strike_id, why, terms))
            return
        needed, balance = self._needed(strike, terms), self._balance(terms)
        if balance < needed:
            why = f"it would take {needed} raw units of {terms.token}, there are {balance}"
            yield from self._leave(Left(at, strike_id, why, terms))
        elif self._dry_run:
            if self._note(strike_id, "would take", f"would take #{strike_id} over: {terms}"):
                yield Took(at, strike_id, terms, None, terms.profit)
        else:
            yield from self._take(strike_id, strike, terms, needed, at)

    def _take(
        self, strike_id: int, strike: Strike, terms: Terms, needed: int, at: int
    ) -> Iterator[Look]:
        if self._flash is not None:
            yield from self._take_by(self._flash, strike_id, strike, terms, at)
            return
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
        spent += self._spent(settled.mined.gas_used)
        is_long = strike.signal.is_long
        paid = settled.quote_amount if is_long else settled.base_amount
        got = settled.base_amount if is_long else settled.quote_amount
        place = self._resale.place(market, self._client.transport.block())
        profit = place.amount_back(terms.token, got) - paid
        profit -= self._in_token(spent, market, is_quote=is_long)
        yield self._took(strike_id, terms, taken, profit)

    def _take_by(
        self, flash: FlashTaker, strike_id: int, strike: Strike, terms: Terms, at: int
    ) -> Iterator[Look]:
        assert terms.pool is not None, "what pays has a pool"
        is_long, market = strike.signal.is_long, strike.record.market
        place = self._resale.place(market, self._client.transport.block())
        tokens = (place.quote, place.base) if is_long else (place.base, place.quote)
        try:
            self._require_known_code(self._client)
            created = flash.create()
            receipt, profit = flash.take(
                strike_id, is_long=is_long, pool=terms.pool, tokens=tokens, min_profit=terms.limit
            )
        except ContractError as refused:
            yield from self._leave(Left(at, strike_id, f"refused, {refused}", terms))
            return
        except TransactionNotMined:
            return  # its intent says so
        spent = sum(self._spent(each.gas_used) for each in (created, receipt) if each is not None)
        profit -= self._in_token(spent, market, is_quote=is_long)
        yield self._took(strike_id, terms, self._client.taken(receipt), profit)

    def _took(self, strike_id: int, terms: Terms, taken: StrikeTaken, profit: int) -> Took:
        settled, cost = taken.settled, f"{terms.pays} raw units of {terms.token}"
        whose = "" if terms.pool is None else f" of {terms.pool}"
        self._note(
            strike_id, "taken", f"took #{strike_id} over for {cost}{whose}, {profit} after gas"
        )
        return Took(settled.mined.timestamp, strike_id, terms, taken, profit)

    def _spent(self, gas: int) -> int:
        """Wei of a transaction that was mined."""
        return gas * self._client.transport.gas_price() + self._data_cost().fee

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

    def _data_cost(self) -> DataCost:
        """Of one transaction: none that is sent here has more data than a strike."""
        return self._client.transport.data_cost(self._client.diamond, strike_data())

    # Amounts

    def _terms(self, now: _Now, strike: Strike, pays: int, gets: int, gas: int) -> Terms:
        market, is_long = strike.record.market, strike.signal.is_long
        place = self._resale.place(market, now.block)
        token = place.quote if is_long else place.base
        wei = gas * now.gas_price + _TRANSACTIONS * now.data + now.create
        cost = self._in_token(wei, market, is_quote=is_long)
        margin = pays * self._min_profit_bps // BPS
        if self._flash is not None:
            lenders = self._resale.lenders(market, now.block)
            offers = ((each.amount_back(token, gets), each.pool) for each in lenders)
            back, pool = max(offers, default=(0, ""))
            return Terms(token, pays, gets, back, cost, cost + margin, pool)
        back = place.amount_back(token, gets)
        keeps = back - cost - margin
        # Of less quote, a short is given no less back for a unit of it.
        min_quote = -(-gets * (pays + back - keeps) // back) if back else gets
        limit = max(keeps, 0) if is_long else min_quote
        return Terms(token, pays, gets, back, cost, limit)

    def _pays(self, terms: Terms) -> bool:
        return terms.profit * BPS > terms.pays * self._min_profit_bps

    def _in_token(self, wei: int, market: int, *, is_quote: bool) -> int:
        """Wei as raw units of a market's quote or base, by the pools' prices, rounded up."""
        quote, ether = self._spot.ratio(self._native_market)
        if is_quote:
            return -(-wei * quote // ether)
        if market == self._native_market:
            return wei
        per_quote, base = self._spot.ratio(market)
        return -(-wei * quote * base // (ether * per_quote))

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


def _native_market(client: MacroStrike, native: str | None) -> int:
    """The first market that trades the wrapped ether."""
    markets = client.markets()
    if native is None:
        known = str(client.call("wrappedNative"))
        native = markets[0].base if known == ZERO_ADDRESS and markets else known
    for number, market in enumerate(markets):
        if market.base == native:
            return number
    raise InvalidValue("native", native, "no market of the diamond trades it: gas has no price")
