"""The scenario `reference`: its script pushed through the real contracts on a real pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter, process_time

from macrostrike.chain import LocalTransport
from macrostrike.deploy.target import Target, load_target
from macrostrike.errors import MacroStrikeError
from macrostrike.replay._layout import Measured
from macrostrike.replay._pool import NoSuchPrice
from macrostrike.replay._score import Score, read_score
from macrostrike.replay._script import BEST, Outcome
from macrostrike.replay._stage import Stage, set_stage
from macrostrike.types import BPS, Prediction, StrikeOpened, StrikeSettled

CONFIDENCE_BPS = 9300
PER_DAY = 500
PRICE = Decimal(1600)

_MODEL = 1
_DAILY_BUDGET = Decimal(60_000_000)  # what 500 strikes a day at full size take
_DAY_LOTS = 1_500_000
_STEP = 12  # seconds from one block to the next
_HOLD = 150  # seconds for which a price stays before the strike is settled
_DAY = 86_400
_VALID = 120
_HORIZON = 3600
_TAKE_PROFIT_BPS, _STOP_LOSS_BPS = 400, 300
_FAR_BPS = 200  # a move after which the next strike waits until the mean price has followed
_FAR_WAIT = 320
_TRIES = 4
_ANY = (1 << 256) - 1


class ScenarioFailed(MacroStrikeError):
    """The chain measured something else than the script asked for."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that has run: the score before and after, and what the run measured."""

    stage: Stage
    before: Score
    after: Score
    measured: Measured
    strike_seconds: float

    @property
    def strikes_per_second(self) -> float:
        """Strikes opened and settled in a second of the client's time: market moves apart."""
        return self.after.stats.settled / self.strike_seconds


def run_scenario(
    transport: LocalTransport,
    script: Sequence[Outcome],
    on_strike: Callable[[int], None] | None = None,
) -> Scenario:
    """Runs a script on an empty local chain. Raises `ScenarioFailed`."""
    stage = set_stage(transport, target=scenario_target(), price=PRICE)
    transport.block_time = _STEP
    play = _Play(stage)
    before, started_at = read_score(play.client), transport.timestamp()
    began = perf_counter()
    for position, outcome in enumerate(script):
        play.strike(position, outcome)
        if on_strike is not None:
            on_strike(position + 1)
    measured = Measured(
        seconds=perf_counter() - began,
        latencies=tuple(play.latencies),
        market_seconds=transport.timestamp() - started_at,
    )
    after = read_score(play.client, (_MODEL,))
    return Scenario(stage, before, after, measured, play.strike_seconds)


def scenario_target() -> Target:
    """`local` with a day's budget for 500 strikes at full size."""
    target = load_target("local")
    market = target.markets[0]
    # A win needs the mean over up to two exit windows to agree, while the price holds.
    changed = {"max_day_lots": _DAY_LOTS, "exit_window": _HOLD // 2}
    rules = market.rules.model_copy(update=changed)
    operator = target.roles.operators[0].model_copy(update={"daily_budget": _DAILY_BUDGET})
    return target.model_copy(
        update={
            "markets": (market.model_copy(update={"rules": rules}), *target.markets[1:]),
            "roles": target.roles.model_copy(update={"operators": (operator,)}),
        }
    )


class _Play:
    def __init__(self, stage: Stage) -> None:
        self.stage, self.client = stage, stage.client()
        self.latencies: list[float] = []
        self.strike_seconds = 0.0
        self._pool = stage.pool()
        self._price = stage.world.venues.sqrt_price()
        self._engine = stage.signer()
        self._nonce = self.client.next_nonce(stage.world.engine.address)
        self._carried = 0  # raw units that the outcomes before could not have

    def strike(self, position: int, outcome: Outcome) -> None:
        """Opens a strike, moves the price to where it earns what it must, and settles it."""
        opened = self._open(position, outcome)
        is_long, wanted = outcome.signal.is_long, outcome.pnl
        if outcome.won and wanted != BEST:
            wanted, self._carried = wanted + self._carried, 0
        quote, price = self._find(wanted, opened, is_long)
        self.stage.follow(price, seconds=_STEP)
        self.stage.wait(_HOLD)
        settled = self._settle(opened.strike_id, quote)
        self._carried += wanted - settled.pnl
        # So that the mean prices follow before the next one.
        far = abs(price - self._price) * 2 * BPS > _FAR_BPS * self._price
        self.stage.wait(_FAR_WAIT if far else _DAY // PER_DAY - _HOLD - _STEP)
        self._price = price

    def _open(self, position: int, outcome: Outcome) -> StrikeOpened:
        prediction = self._predict(position, outcome)
        limit = 0 if outcome.signal.is_long else _ANY
        with self._timed():
            return self.client.strike(prediction, self._engine, limit_amount=limit)

    def _settle(self, strike_id: int, quote: int) -> StrikeSettled:
        with self._timed():
            settled = self.client.settle(strike_id, limit_amount=quote)
        if settled.quote_amount != quote:
            raise ScenarioFailed(
                f"strike {strike_id}: {settled.quote_amount} measured, {quote} expected"
            )
        return settled

    @contextmanager
    def _timed(self) -> Iterator[None]:
        began, used = perf_counter(), process_time()
        yield
        self.latencies.append(perf_counter() - began)
        self.strike_seconds += process_time() - used

    def _find(self, pnl: int, opened: StrikeOpened, is_long: bool) -> tuple[int, int]:
        """The quote amount with that P&L or the next possible one, and the pool's price for it."""
        base = opened.record.base_amount
        for less in range(_TRIES):
            quote = opened.notional + (pnl - less if is_long else less - pnl)
            try:
                price = self._pool.price_for(quote, base, selling=is_long, near=self._price)
            except NoSuchPrice:
                continue
            return quote, price
        raise ScenarioFailed(f"strike {opened.strike_id}: no price yields {pnl} raw units")

    def _predict(self, position: int, outcome: Outcome) -> Prediction:
        now = self.stage.transport.timestamp()
        return Prediction(
            engine=self._engine.address,
            nonce=self._nonce + position,
            market=0,
            signal=outcome.signal,
            confidence_bps=CONFIDENCE_BPS,
            strategies=outcome.strategies,
            model_id=_MODEL,
            valid_from=now,
            valid_until=now + _VALID,
            horizon=_HORIZON,
            take_profit_bps=_TAKE_PROFIT_BPS,
            stop_loss_bps=_STOP_LOSS_BPS,
        )
