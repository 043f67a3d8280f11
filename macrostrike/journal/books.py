"""The diamond's books, rebuilt from its events alone.

What anybody can do to check the score: apply every event of the diamond in order, and every view
function must answer the same. No call is made, no storage read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from macrostrike._generated.events import StrikeOpened
from macrostrike.abi import Event, diamond_abi
from macrostrike.chain import Log
from macrostrike.journal._amm import Amm
from macrostrike.journal._fleet import (
    BINS,
    Cell,
    Fleet,
    Model,
    OpenStrike,
    posterior_bps,
)
from macrostrike.journal._roles import Engine, Market, Operator
from macrostrike.journal.balances import Position, required_balances
from macrostrike.types import (
    BOTS,
    MIN_CONFIDENCE_BPS,
    STRIKE_SLOTS,
    AMMTokenStats,
    Bot,
    CalibrationBin,
    Closing,
    Pool,
    Signal,
    SignalStats,
    Strategy,
    StrategyStats,
    StrikeStats,
    Treasury,
)
from macrostrike.types import BOTS_PER_STRATEGY as SIZE
from macrostrike.types import Model as ModelView

__all__ = ["Books", "posterior_bps"]

_ZERO = "0x" + "00" * 20


class Books:
    """Apply events in chain order with `apply` or `apply_logs`; then ask.

    Amounts are raw quote units, as the view functions return them.
    """

    def __init__(self) -> None:
        self.owner = _ZERO
        self.pending_owner = _ZERO
        self.paused = False
        self.takeovers_stopped = False
        self.threshold = MIN_CONFIDENCE_BPS
        self.operators: defaultdict[str, Operator] = defaultdict(Operator)
        self.engines: defaultdict[str, Engine] = defaultdict(Engine)
        self.guardians: dict[str, bool] = {}
        self.factories: dict[str, tuple[bool, int]] = {}
        self.markets: list[Market] = []
        self.fleet = Fleet()
        self.inventory: defaultdict[str, int] = defaultdict(int)
        self.amm = Amm()
        self._quote = _ZERO
        self._reserve = 0

    def apply_logs(self, logs: Iterable[Log], timestamp_of: Callable[[int], int]) -> None:
        """Applies the diamond's logs; `timestamp_of` gives a block's time."""
        abi = diamond_abi()
        for log in logs:
            event = abi.decode_event(log.topics, log.data)
            if event is not None:
                self.apply(event, timestamp_of(log.block_number))

    def apply(self, event: Event, timestamp: int) -> None:
        """Applies one event. Those that change no book are passed over."""
        handler = _HANDLERS.get(event.name)
        if handler is not None:
            handler(self, event.args, timestamp)

    # What the view functions return.

    def stats(self) -> StrikeStats:
        """As `getStrikeStats`."""
        fleet, parts = self.fleet, [self.signal_stats(signal) for signal in Signal]
        settled, wins = sum(part.settled for part in parts), sum(part.wins for part in parts)
        profit, loss = sum(part.profit for part in parts), sum(part.loss for part in parts)
        open_ = len(fleet.open_strikes())
        return StrikeStats(
            opened=settled + open_,
            open=open_,
            settled=settled,
            wins=wins,
            losses=settled - wins,
            profit=profit,
            loss=loss,
            pnl=profit - loss,
            best=fleet.best * fleet.unit,
            worst=-fleet.worst * fleet.unit,
            equity=sum(fleet.equity) * fleet.unit,
            high_water=fleet.high_water * fleet.unit,
            recent_wins=sum(fleet.recent),
            halted=fleet.halted,
        )

    def signal_stats(self, signal: Signal) -> SignalStats:
        """As `getSignalStats`."""
        cells = [cell for (_, _, of), cell in self.fleet.cells.items() if of == signal]
        unit = self.fleet.unit
        return SignalStats(
            settled=sum(cell.settled for cell in cells),
            wins=sum(cell.wins for cell in cells),
            profit=sum(cell.profit for cell in cells) * unit,
            loss=sum(cell.loss for cell in cells) * unit,
        )

    def strategy_stats(self, strategy: Strategy) -> StrategyStats:
        """As `getStrategyStats`."""
        fleet = self.fleet
        equity = sum(fleet.equity[strategy * SIZE : (strategy + 1) * SIZE])
        return StrategyStats(
            settled=fleet.settled[strategy],
            wins=fleet.wins[strategy],
            pnl=(equity - fleet.funded[strategy]) * fleet.unit,
            equity=equity * fleet.unit,
        )

    def bots(self) -> tuple[Bot, ...]:
        """As `getBots`."""
        fleet, locked = self.fleet, self.fleet.locked_lots()
        return tuple(
            Bot(
                strategy=Strategy(bot // SIZE),
                config=fleet.configs[bot],
                equity=fleet.equity[bot] * fleet.unit,
                locked=locked[bot] * fleet.lot_value,
            )
            for bot in range(BOTS)
        )

    def calibration(self, model_id: int) -> tuple[CalibrationBin, ...]:
        """As `getCalibration`."""
        return tuple(self._bin(model_id, index) for index in range(BINS))

    def models(self) -> tuple[ModelView, ...]:
        """As `getModels`."""
        return tuple(
            ModelView(model_id, model.engine, model.settled, model.wins, model.factor_bps)
            for model_id, model in self.fleet.models.items()
        )

    def treasury(self) -> Treasury:
        """As `getTreasury`."""
        capital = self.amm.books[self._quote].capital
        return Treasury(self._quote, self._reserve + self.fleet.dust, capital)

    def pools(self) -> tuple[Pool, ...]:
        """As `getPools`, all of them."""
        return tuple(self.amm.pools)

    def amm_stats(self) -> tuple[AMMTokenStats, ...]:
        """As `getAMMStats`."""
        return tuple(self.amm.books[token].view(token) for token in self.amm.tokens)

    def open_strike_ids(self) -> tuple[int, ...]:
        """As `getOpenStrikes`."""
        return tuple(strike.record.id for strike in self.fleet.open_strikes())

    def booked(self, token: str) -> int:
        """What the diamond must hold of a token at the least, raw units."""
        fleet = self.fleet
        positions = (
            Position(
                base=self.markets[strike.record.market].config.base,
                is_long=strike.signal.is_long,
                notional=sum(strike.lots) * fleet.lot_value,
                base_amount=strike.record.base_amount,
            )
            for strike in fleet.open_strikes()
        )
        required = required_balances(
            quote=self._quote,
            reserve=self._reserve + fleet.dust,
            equity=sum(fleet.equity) * fleet.unit,
            positions=positions,
            inventory=self.inventory,
            amm_capital={each: book.capital for each, book in self.amm.books.items()},
        )
        return required.get(token, 0)

    def _bin(self, model_id: int, index: int) -> CalibrationBin:
        cells = [self.fleet.cells.get((model_id, index, signal), Cell()) for signal in Signal]
        whole = self.fleet.models.get(model_id, Model(_ZERO))
        return CalibrationBin(
            settled=sum(cell.settled for cell in cells),
            wins=sum(cell.wins for cell in cells),
            brier_sum=sum(cell.brier_sum for cell in cells),
            factor_bps=tuple(min(cell.factor_bps, whole.factor_bps) for cell in cells),
        )

    # What events do.

    def _ownership_transferred(self, args: Any, _: int) -> None:
        self.owner, self.pending_owner = args["new_owner"], _ZERO

    def _ownership_transfer_started(self, args: Any, _: int) -> None:
        self.pending_owner = args["pending_owner"]

    def _operator_set(self, args: Any, now: int) -> None:
        grant = self.operators[args["operator"]]
        grant.grant(args["valid_until"], args["actions"], args["daily_budget"], now)

    def _operator_revoked(self, args: Any, _: int) -> None:
        self.operators[args["operator"]].valid_until = 0

    def _engine_set(self, args: Any, _: int) -> None:
        self.engines[args["engine"]].valid_until = args["valid_until"]

    def _engine_revoked(self, args: Any, _: int) -> None:
        self.engines[args["engine"]].valid_until = 0

    def _model_set(self, args: Any, _: int) -> None:
        self.fleet.models.setdefault(args["model_id"], Model(_ZERO)).engine = args["engine"]

    def _model_revoked(self, args: Any, _: int) -> None:
        if args["model_id"] in self.fleet.models:
            self.fleet.models[args["model_id"]].engine = _ZERO

    def _guardian_set(self, args: Any, _: int) -> None:
        self.guardians[args["guardian"]] = args["active"]

    def _paused(self, _args: Any, _: int) -> None:
        self.paused = True

    def _unpaused(self, _args: Any, _: int) -> None:
        self.paused = False

    def _threshold_set(self, args: Any, _: int) -> None:
        self.threshold = args["threshold_bps"]

    def _deposited(self, args: Any, _: int) -> None:
        self._reserve += args["amount"]

    def _withdrawn(self, args: Any, _: int) -> None:
        self._carry_dust()
        self._reserve -= args["amount"]

    def _inventory_deposited(self, args: Any, _: int) -> None:
        self.inventory[args["token"]] += args["amount"]

    def _inventory_withdrawn(self, args: Any, _: int) -> None:
        self.inventory[args["token"]] -= args["amount"]

    def _factory_set(self, args: Any, _: int) -> None:
        self.factories[args["factory"]] = (args["allowed"], args["venue"])

    def _market_registered(self, args: Any, _: int) -> None:
        self.markets.append(Market(args["config"], args["config"].rules))

    def _market_updated(self, args: Any, now: int) -> None:
        self.markets[args["market"]].change(args["rules"], now)

    def _market_feeds_set(self, args: Any, _: int) -> None:
        market = self.markets[args["market"]]
        feeds = {name: args[name] for name in ("feed", "uptime_feed", "uptime_grace")}
        market.config = replace(market.config, **feeds)

    def _market_enabled(self, args: Any, _: int) -> None:
        self.markets[args["market"]].enabled = True

    def _market_disabled(self, args: Any, _: int) -> None:
        self.markets[args["market"]].enabled = False

    def _fleet_initialized(self, args: Any, _: int) -> None:
        self._quote = args["quote"]
        self.fleet.unit = 10 ** args["unit_exponent"]
        self.fleet.lot = args["lot"]
        self.fleet.configs = list(args["bots"])

    def _bot_configured(self, args: Any, _: int) -> None:
        self.fleet.configs[args["bot"]] = args["config"]

    def _fleet_funded(self, args: Any, _: int) -> None:
        self._carry_dust()
        self._reserve -= args["total"]
        self.fleet.change_equity([amount // self.fleet.unit for amount in args["amounts"]])

    def _fleet_defunded(self, args: Any, _: int) -> None:
        self._reserve += args["total"]
        self.fleet.change_equity([-(amount // self.fleet.unit) for amount in args["amounts"]])

    def _rebalanced(self, args: Any, _: int) -> None:
        self.fleet.set_equity([amount // self.fleet.unit for amount in args["equity"]])

    def _lot_set(self, args: Any, _: int) -> None:
        self.fleet.lot = args["lot"]

    def _resumed(self, args: Any, _: int) -> None:
        self.fleet.resume(args["high_water"] // self.fleet.unit)

    def _halted(self, _args: Any, _: int) -> None:
        self.fleet.halted = True

    def _takeovers_stopped(self, _args: Any, _: int) -> None:
        self.takeovers_stopped = True

    def _takeovers_allowed(self, _args: Any, _: int) -> None:
        self.takeovers_stopped = False

    def _strike_opened(self, args: Any, now: int) -> None:
        strike = OpenStrike.of(StrikeOpened.from_args(args), now)
        market, lots = self.markets[strike.record.market], sum(strike.lots)
        self.engines[args["engine"]].used.add(args["nonce"])
        self.operators[args["operator"]].charge(lots * self.fleet.lot, now)
        market.charge(lots, now)
        if not strike.signal.is_long:
            self.inventory[market.config.base] -= strike.record.base_amount
        self.fleet.open(strike)

    def _strike_due(self, args: Any, now: int) -> None:
        self.fleet.make_due(args["strike_id"], now)

    def _strike_settled(self, args: Any, _: int) -> None:
        strike = self.fleet.slots[args["strike_id"] % STRIKE_SLOTS]
        self.markets[args["market"]].open_lots -= sum(strike.lots)
        self._reserve += self.fleet.close(args["strike_id"], args["pnl"], won=args["won"])
        is_long, quote = strike.signal.is_long, args["quote_amount"]
        notional = sum(strike.lots) * self.fleet.lot_value
        # What was measured and not counted is the reserve's.
        self._reserve += (quote - notional if is_long else notional - quote) - args["pnl"]
        without_trade = args["how"] in (Closing.ORACLE, Closing.WRITE_OFF)
        if without_trade:
            self._reserve += -quote if is_long else quote
        if is_long == without_trade:
            self.inventory[self.markets[args["market"]].config.base] += args["base_amount"]

    def _amm_cap_set(self, args: Any, _: int) -> None:
        self.amm.know(args["token"]).cap = args["max_amount_in"]

    def _hooks_set(self, args: Any, _: int) -> None:
        change = self.amm.hooks.add if args["allowed"] else self.amm.hooks.discard
        change(args["hooks"])

    def _wrapped_native_set(self, args: Any, _: int) -> None:
        self.amm.wrapped_native = args["token"]

    def _pool_registered(self, args: Any, _: int) -> None:
        self.amm.pools.append(Pool(registered=True, **args))

    def _pool_unregistered(self, args: Any, _: int) -> None:
        self.amm.unregister(args["id"])

    def _amm_funded(self, args: Any, _: int) -> None:
        self._carry_dust()
        self._fund_amm(args["token"], args["amount"])

    def _amm_defunded(self, args: Any, _: int) -> None:
        self._fund_amm(args["token"], -args["amount"])

    def _fund_amm(self, token: str, amount: int) -> None:
        self.amm.know(token).funded += amount
        if token == self._quote:
            self._reserve -= amount
        else:
            self.inventory[token] -= amount

    def _arbitrage_executed(self, args: Any, now: int) -> None:
        token, amount_in = args["token_in"], args["amount_in"]
        self.amm.books[token].record(amount_in, args["profit"])
        if token == self._quote:
            self.operators[args["operator"]].charge(-(-amount_in // self.fleet.unit), now)

    def _arbitrage_scored(self, args: Any, _: int) -> None:
        self.amm.score(args["model_id"], args["confidence_bps"], hit=args["hit"])

    def _carry_dust(self) -> None:
        self._reserve += self.fleet.dust
        self.fleet.dust = 0


_HANDLERS: dict[str, Callable[[Books, Any, int], None]] = {
    "OwnershipTransferred": Books._ownership_transferred,
    "OwnershipTransferStarted": Books._ownership_transfer_started,
    "OperatorSet": Books._operator_set,
    "OperatorRevoked": Books._operator_revoked,
    "EngineSet": Books._engine_set,
    "EngineRevoked": Books._engine_revoked,
    "ModelSet": Books._model_set,
    "ModelRevoked": Books._model_revoked,
    "GuardianSet": Books._guardian_set,
    "Paused": Books._paused,
    "Unpaused": Books._unpaused,
    "ThresholdSet": Books._threshold_set,
    "Deposited": Books._deposited,
    "Withdrawn": Books._withdrawn,
    "InventoryDeposited": Books._inventory_deposited,
    "InventoryWithdrawn": Books._inventory_withdrawn,
    "FactorySet": Books._factory_set,
    "MarketRegistered": Books._market_registered,
    "MarketUpdated": Books._market_updated,
    "MarketFeedsSet": Books._market_feeds_set,
    "MarketEnabled": Books._market_enabled,
    "MarketDisabled": Books._market_disabled,
    "FleetInitialized": Books._fleet_initialized,
    "BotConfigured": Books._bot_configured,
    "FleetFunded": Books._fleet_funded,
    "FleetDefunded": Books._fleet_defunded,
    "Rebalanced": Books._rebalanced,
    "LotSet": Books._lot_set,
    "Resumed": Books._resumed,
    "Halted": Books._halted,
    "TakeoversStopped": Books._takeovers_stopped,
    "TakeoversAllowed": Books._takeovers_allowed,
    "StrikeOpened": Books._strike_opened,
    "StrikeDue": Books._strike_due,
    "StrikeSettled": Books._strike_settled,
    "AMMCapSet": Books._amm_cap_set,
    "HooksSet": Books._hooks_set,
    "WrappedNativeSet": Books._wrapped_native_set,
    "PoolRegistered": Books._pool_registered,
    "PoolUnregistered": Books._pool_unregistered,
    "AMMFunded": Books._amm_funded,
    "AMMDefunded": Books._amm_defunded,
    "ArbitrageExecuted": Books._arbitrage_executed,
    "ArbitrageScored": Books._arbitrage_scored,
}
