"""The demo's trading: the market moves, the engine speaks, strikes open and settle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from macrostrike.chain import BoundContract
from macrostrike.client import MacroStrike
from macrostrike.demo.engine import MomentumRule, Opinion
from macrostrike.errors import FleetHalted, GateError, OracleDeviation
from macrostrike.market import Bar
from macrostrike.testing import World
from macrostrike.types import Due, Prediction, Signal, StrikeOpened, StrikeSettled

MODEL = 1
HORIZON = 30 * 60
BARRIER_BPS = 60
_VALID = 120
_MINUTE = 60
_BETWEEN_STRIKES = 5 * 60
_LEFT_TO_TAKERS = 4
"""Every fourth strike."""
_WETH, _USDC = 10**18, 10**6


@dataclass(frozen=True, slots=True)
class Opened:
    """A strike opened. `price` is the pool's before it."""

    at: int
    price: Decimal
    opinion: Opinion
    opened: StrikeOpened


@dataclass(frozen=True, slots=True)
class Settled:
    """A strike was closed. `price` is the pool's before it; `due` why; `taken` if by a taker."""

    at: int
    price: Decimal
    due: Due
    taken: bool
    opened: StrikeOpened
    settled: StrikeSettled

    @property
    def measured(self) -> int:
        """What it gained, raw quote: as counted, and what is the reserve's."""
        gained = self.settled.quote_amount - self.opened.notional
        return gained if self.opened.signal.is_long else -gained


@dataclass(frozen=True, slots=True)
class Refused:
    """What the chain would not do."""

    at: int
    what: str
    error: GateError


@dataclass(frozen=True, slots=True)
class Resumed:
    """The breaker had halted the fleet; the owner let it go on."""

    at: int


Happening = Opened | Settled | Refused | Resumed


@dataclass
class Trading:
    """Trades along a market's bars: so many strikes of each signal, as the engine comes to them.

    `operator` sends; `taker` has no role, and takes over what the operator leaves to him. The
    chain's clock is the market's.
    """

    world: World
    operator: MacroStrike
    taker: MacroStrike
    owner: MacroStrike
    rule: MomentumRule
    strikes_per_signal: int
    bare_swap_gas: list[int] = field(default_factory=list)
    _open: dict[int, StrikeOpened] = field(default_factory=dict)
    _taken: Counter[Signal] = field(default_factory=Counter)
    _last_strike: int = 0

    @property
    def is_done(self) -> bool:
        """Whether all strikes are opened and settled."""
        return not self._open and all(not self._wanted(signal) for signal in Signal)

    def run(self, bars: Sequence[Bar]) -> Iterator[Happening]:
        """What happens, minute by minute, until all is done or the bars end."""
        for bar in bars:
            self.follow(bar)
            self.rule.see(bar.close)
            yield from self._settle_due()
            yield from self._strike()
            if self.is_done:
                return
        yield from self._settle_rest()

    def predict(self, opinion: Opinion) -> Prediction:
        """The opinion as what the engine signs, valid from now for two minutes."""
        now = self.world.transport.timestamp()
        return Prediction(
            engine=self.world.engine.address,
            nonce=self.operator.next_nonce(self.world.engine.address),
            market=0,
            signal=opinion.signal,
            confidence_bps=opinion.confidence_bps,
            model_id=MODEL,
            valid_from=now,
            valid_until=now + _VALID,
            horizon=HORIZON,
            take_profit_bps=BARRIER_BPS,
            stop_loss_bps=BARRIER_BPS,
        )

    def open(self, opinion: Opinion) -> Opened:
        """Opens a strike on an opinion. Raises the `GateError` of the gate that refuses."""
        price = self.world.venues.price()
        opened = self.operator.strike(self.predict(opinion), self.world.engine)
        self._open[opened.strike_id] = opened
        self._taken[opinion.signal] += 1
        self._last_strike = opened.mined.timestamp
        return Opened(opened.mined.timestamp, price, opinion, opened)

    def resume_if_halted(self) -> bool:
        """Whether the breaker had tripped, and the owner let the fleet go on."""
        halted = self.operator.stats().halted
        if halted:
            self.owner.transact("resume")
        return halted

    def follow(self, bar: Bar) -> None:
        """The pool at the bar's close, at the bar's end."""
        chain = self.world.transport
        ahead = bar.timestamp + _MINUTE - chain.timestamp()
        if ahead > chain.block_time:
            chain.mine(ahead - chain.block_time)
        receipt = self.world.venues.move_price(bar.close)
        if receipt is not None:
            self.bare_swap_gas.append(receipt.gas_used)

    def _strike(self) -> Iterator[Happening]:
        now = self.world.transport.timestamp()
        opinion = self.rule.opinion()
        if opinion is None or not self._wanted(opinion.signal):
            return
        if self._last_strike and now < self._last_strike + _BETWEEN_STRIKES:
            return
        try:
            yield self.open(opinion)
        except FleetHalted as halted:
            yield Refused(now, f"a {opinion.signal}", halted)
            self.owner.transact("resume")
            yield Resumed(now)
        except GateError as refused:
            yield Refused(now, f"a {opinion.signal}", refused)

    def _settle_due(self) -> Iterator[Happening]:
        for strike_id in list(self._open):
            due = self.operator.can_settle(strike_id)
            if strike_id % _LEFT_TO_TAKERS == 0:
                if due in (Due.TAKE_PROFIT, Due.STOP_LOSS):
                    self.taker.mark_due([strike_id])
                yield from self._take(strike_id, due)
            elif due.is_due:
                yield from self._settle(strike_id, due)

    def _settle_rest(self) -> Iterator[Happening]:
        for strike_id in list(self._open):
            yield from self._settle(strike_id, Due.NOT_YET)

    def _take(self, strike_id: int, due: Due) -> Iterator[Happening]:
        """As soon as the auction's price leaves the taker something at the pool's price."""
        price, quote = self.world.venues.price(), self.taker.quote_take(strike_id)
        if not quote.takeable:
            return
        is_long = self._open[strike_id].signal.is_long
        base, paid = (quote.amount_out, quote.amount_in)[:: 1 if is_long else -1]
        worth = price * base / _WETH * _USDC
        if (paid > worth) if is_long else (paid < worth):
            return
        market, treasury = self.operator.market(0), self.operator.treasury()
        token = treasury.quote if is_long else market.base
        # The means move on with each second until it is mined.
        max_in = quote.amount_in * 101 // 100
        self.world.venues.provide(
            str(self.taker.address), **{"quote" if is_long else "base": max_in}
        )
        assert self.taker.signer is not None
        at = BoundContract.of(self.world.transport, token, "IToken")
        at.send(self.taker.signer, "approve", self.world.diamond, max_in)
        taken = self.taker.take(strike_id, paid * (101 if is_long else 99) // 100)
        opened, settled = self._open.pop(strike_id), taken.settled
        yield Settled(settled.mined.timestamp, price, due, True, opened, settled)

    def _settle(self, strike_id: int, due: Due) -> Iterator[Happening]:
        price = self.world.venues.price()
        try:
            settled = self.operator.settle(strike_id)
        except OracleDeviation as refused:
            # The market runs away from its own mean: it stays open until they meet again.
            yield Refused(self.world.transport.timestamp(), f"settling #{strike_id}", refused)
            return
        opened = self._open.pop(strike_id)
        yield Settled(settled.mined.timestamp, price, due, False, opened, settled)

    def _wanted(self, signal: Signal) -> bool:
        return self._taken[signal] < self.strikes_per_signal
