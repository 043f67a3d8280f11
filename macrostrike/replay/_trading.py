"""Trading along recorded minutes: engine, client, diamond, pool, as live but for clock and node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter, process_time

from macrostrike.client import DEFAULT_SLIPPAGE_BPS, MacroStrike
from macrostrike.engine import Forecast, Predictor, Result
from macrostrike.errors import FleetHalted, GateError
from macrostrike.loop import Closing, closing_of
from macrostrike.market import Bar
from macrostrike.replay._costs import QUOTE
from macrostrike.replay._driver import MarketDriver
from macrostrike.replay._policy import Policy
from macrostrike.replay._pool import FullRange
from macrostrike.replay._score import Score, read_score
from macrostrike.replay._stage import EngineKey, Stage
from macrostrike.replay._trades import Leg, Prices, Trade, closing, opening, trade
from macrostrike.types import BPS, Prediction, StrikeOpened

MODELS = (1, 2, 3, 4, 5)

_ANY = (1 << 256) - 1


@dataclass(frozen=True, slots=True)
class Halt:
    """The breakers stopped the fleet; the owner resumed it."""

    at: int
    resumed_at: int
    recent_wins: int


@dataclass(slots=True)
class Clocks:
    """Seconds of processor time.

    market: moving the pool. engine: its forecasts and fits. watching: looking at barriers, limits
    and halts. strikes: opening and settling, from the call to its result.
    """

    market: float = 0.0
    engine: float = 0.0
    watching: float = 0.0
    strikes: float = 0.0

    @property
    def all(self) -> float:
        """The run's."""
        return self.market + self.engine + self.watching + self.strikes


@dataclass(frozen=True, slots=True)
class MarketRun:
    """A replay of a market that has run. `refused` counts by the name of the refusal."""

    stage: Stage
    before: Score
    after: Score
    trades: tuple[Trade, ...]
    refused: Counter[str]
    halts: tuple[Halt, ...]
    minutes: int
    started_at: int
    ended_at: int
    clocks: Clocks
    latencies: tuple[float, ...]

    @property
    def strikes_per_second(self) -> float:
        """Strikes opened and settled in a second of processor time: all else apart."""
        return len(self.trades) / self.clocks.strikes if self.trades else 0.0

    @property
    def minutes_per_second(self) -> float:
        """Recorded minutes that the pool follows in a second of processor time."""
        return self.minutes / self.clocks.market if self.minutes else 0.0


def run_market(
    driver: MarketDriver,
    predictor: Predictor,
    bars: Sequence[Bar],
    policy: Policy,
    on_minute: Callable[[int, int], None] | None = None,
) -> MarketRun:
    """Trades along the bars until all strikes are settled, or the bars end.

    on_minute: called with how many bars are done and how many strikes were opened.
    """
    stage = driver.stage
    stage.transport.block_time = policy.block_time
    trading = _Trading(driver, predictor, policy)
    before = read_score(trading.client)
    minutes = 0
    for minutes, bar in enumerate(bars, 1):
        trading.minute(bar)
        if on_minute is not None:
            on_minute(minutes, trading.opened)
        if trading.is_done:
            break
    trading.close()
    return MarketRun(
        stage=stage,
        before=before,
        after=read_score(trading.client, MODELS),
        trades=tuple(trading.trades),
        refused=trading.refused,
        halts=tuple(trading.halts),
        minutes=minutes,
        started_at=bars[0].timestamp,
        ended_at=stage.transport.timestamp(),
        clocks=trading.clocks,
        latencies=tuple(trading.latencies),
    )


@dataclass(frozen=True, slots=True)
class _Position:
    """An open strike, and its barriers."""

    opened: StrikeOpened
    first: Leg
    market: int
    base: int
    is_long: bool
    stop_loss_bps: int
    take_profit_bps: int
    due_at: int

    @classmethod
    def of(cls, opened: StrikeOpened, first: Leg) -> _Position:
        record = opened.record
        return cls(
            opened=opened,
            first=first,
            market=record.market,
            base=record.base_amount,
            is_long=opened.signal.is_long,
            stop_loss_bps=record.stop_loss_bps,
            take_profit_bps=record.take_profit_bps,
            due_at=record.due_at,
        )

    def due(self, price: int, pool: FullRange, now: int) -> Closing | None:
        """Which barrier of the price obtained the pool's price has met, or that time is up."""
        return closing_of(
            self.gain(pool.worth(price, self.base)),
            self.opened.notional,
            stop_loss_bps=self.stop_loss_bps,
            take_profit_bps=self.take_profit_bps,
            due_at=self.due_at,
            now=now,
        )

    def gain(self, worth: int) -> int:
        """What it is up when its base is worth that much, before the second swap."""
        gain = worth - self.opened.notional
        return gain if self.is_long else -gain


@dataclass(slots=True)
class _Trading:
    driver: MarketDriver
    predictor: Predictor
    policy: Policy
    client: MacroStrike = field(init=False)
    pool: FullRange = field(init=False)
    engine: EngineKey = field(init=False)
    opened: int = 0
    clocks: Clocks = field(default_factory=Clocks)
    trades: list[Trade] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    halts: list[Halt] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    _open: dict[int, _Position] = field(default_factory=dict)
    _nonce: int = 0
    _halted_at: int = 0
    _ended: float = 0.0  # processor time at the end of the minute before
    _spent: float = 0.0  # of it in this minute, on strikes
    _price: int = 0  # the pool's, unless the fleet has traded since

    def __post_init__(self) -> None:
        stage = self.driver.stage
        self.client, self.pool = stage.client(), stage.pool()
        self.engine = stage.signer()
        self._nonce = self.client.next_nonce(self.engine.address)

    @property
    def is_done(self) -> bool:
        """Whether all strikes were opened and settled."""
        return self.opened >= self.policy.strikes and not self._open

    def minute(self, bar: Bar) -> None:
        """One bar: the market moves, what is due is settled, what is forecast is struck."""
        clocks, began = self.clocks, self._ended or process_time()
        price = self._price = self.driver.follow(bar, now=self._price)
        moved = process_time()
        forecasts = self.predictor.see(bar)
        seen = process_time()
        if self._open:
            self._settle_due(price)
        if self._halted_at:
            self._resume()
        for forecast in forecasts:
            if self.opened < self.policy.strikes:
                self._strike(forecast)
        clocks.market += moved - began
        clocks.engine += seen - moved
        self._ended = process_time()
        clocks.watching += self._ended - seen - self._spent
        self._spent = 0.0

    def _settle_due(self, price: int) -> None:
        now = self._now
        for position in list(self._open.values()):
            due = position.due(price, self.pool, now)
            if due is not None and (due is not Closing.TAKE_PROFIT or self._mean_agrees(position)):
                self._settle(position)

    def close(self) -> None:
        """Settles what is still open where the bars end."""
        for position in list(self._open.values()):
            self._settle(position)

    def _mean_agrees(self, position: _Position) -> bool:
        """Whether the chain would count a gain: the mean of the exit window must show it too. One
        takes profit no sooner."""
        _, worth, _ = self.client.call("getReferencePrices", position.market, position.base)
        return position.gain(worth) > 0

    @property
    def _now(self) -> int:
        return self.driver.stage.transport.timestamp()

    def _strike(self, forecast: Forecast) -> None:
        engine = self.engine
        prediction = forecast.prediction(engine=engine.address, nonce=self._nonce, now=self._now)
        self._nonce += 1
        try:
            limit = self._opening_limit(prediction)
            prices = self._land(buys=prediction.signal.is_long)
            with self._trading():
                opened = self.client.strike(prediction, engine, limit_amount=limit)
        except FleetHalted as halted:
            self._refuse(halted)
            self._halted_at = self._halted_at or self._now
        except GateError as refused:
            self._refuse(refused)
        else:
            self.opened += 1
            first = opening(opened, self.pool, prices)
            self._open[opened.strike_id] = _Position.of(opened, first)

    def _settle(self, position: _Position) -> None:
        opened, is_long = position.opened, position.is_long
        limit = self._limit(position, self._price_now())
        prices = self._land(buys=not is_long)
        try:
            with self._trading():
                settled = self.client.settle(opened.strike_id, limit_amount=limit)
        except GateError as refused:
            # Tried again with the next minute: the price is too far from the mean, or the limit.
            self._refuse(refused)
            return
        del self._open[opened.strike_id]
        second = closing(opened, settled, self.pool, prices)
        done = trade(opened, settled, position.first, second)
        self.trades.append(done)
        self.predictor.learn(_result(opened, done))

    def _opening_limit(self, prediction: Prediction) -> int:
        """As the client's own. Without others' flow nothing comes between quote and swap, so that
        no limit can be met: the chain is spared the question."""
        is_long = prediction.signal.is_long
        if not self.policy.flow:
            return 0 if is_long else _ANY
        return _within(self.client.quote_strike(prediction, self.engine), is_min=is_long)

    def _limit(self, position: _Position, price: int) -> int:
        """As the client's own: what the swap comes to now, by the pool's arithmetic, less or plus
        the usual slippage."""
        pool, base = self._pool_now(), position.base
        if position.is_long:
            return _within(pool.quote_received(price, base), is_min=True)
        return _within(pool.quote_spent(price, base), is_min=False)

    def _land(self, *, buys: bool) -> Prices:
        """Lets the blocks pass that a transaction lands too late by, and others trade before it.

        buys: whether the fleet's swap buys base.
        """
        stage, policy = self.driver.stage, self.policy
        decided = self._price_now()
        if policy.latency_blocks:
            stage.transport.mine(policy.latency_blocks * policy.block_time)
        if not policy.flow:
            return decided, decided
        flow = round(policy.flow * QUOTE) if buys else -round(policy.flow * QUOTE)
        landed = self._pool_now().price_after(decided, flow)
        stage.follow(landed, seconds=0, now=decided)
        self._price = landed
        return decided, landed

    def _price_now(self) -> int:
        self._price = self._price or self.driver.stage.sqrt_price()
        return self._price

    def _pool_now(self) -> FullRange:
        return replace(self.pool, liquidity=self.driver.liquidity_now)

    @contextmanager
    def _trading(self) -> Iterator[None]:
        """Takes the time; unless it is refused, the pool's price is another then."""
        began, used = perf_counter(), process_time()
        try:
            yield
            self._price = 0
            self.latencies.append(perf_counter() - began)
        finally:
            used = process_time() - used
            self._spent += used
            self.clocks.strikes += used

    def _resume(self) -> None:
        if self._now >= self._halted_at + self.policy.resume_after:
            wins = self.client.stats().recent_wins
            self.driver.stage.owner().transact("resume")
            self.halts.append(Halt(self._halted_at, self._now, wins))
            self._halted_at = 0

    def _refuse(self, refused: GateError) -> None:
        self.refused[type(refused).__name__] += 1


def _within(quoted: int, *, is_min: bool) -> int:
    return quoted * (BPS + (-DEFAULT_SLIPPAGE_BPS if is_min else DEFAULT_SLIPPAGE_BPS)) // BPS


def _result(opened: StrikeOpened, done: Trade) -> Result:
    return Result(
        strike_id=done.strike_id,
        nonce=opened.nonce,
        market=opened.record.market,
        model_id=done.model_id,
        signal=done.signal,
        confidence_bps=done.confidence_bps,
        opened_at=done.opened.at,
        settled_at=done.settled.at,
        notional=done.notional,
        pnl=done.pnl,
        won=done.won,
    )
