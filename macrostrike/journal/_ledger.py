"""What each event of the diamond does to its books."""

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
    Fleet,
    Model,
    OpenStrike,
)
from macrostrike.journal._roles import Engine, Market, Operator
from macrostrike.types import (
    MIN_CONFIDENCE_BPS,
    STRIKE_SLOTS,
    Closing,
    Pool,
)

ZERO = "0x" + "00" * 20


class Ledger:
    """What the events so far have made. See `Books`.

    Amounts are raw quote units.
    """

    def __init__(self) -> None:
        self.owner = ZERO
        self.pending_owner = ZERO
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
        self._quote = ZERO
        self._reserve = 0

    def apply_logs(self, logs: Iterable[Log], timestamp_of: Callable[[int], int]) -> None:
        """Applies the diamond's logs; `timestamp_of` returns a block's time."""
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

    def _ownership_transferred(self, args: Any, _: int) -> None:
        self.owner, self.pending_owner = args["new_owner"], ZERO

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
        self.fleet.models.setdefault(args["model_id"], Model(ZERO)).engine = args["engine"]

    def _model_revoked(self, args: Any, _: int) -> None:
        if args["model_id"] in self.fleet.models:
            self.fleet.models[args["model_id"]].engine = ZERO

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


_HANDLERS: dict[str, Callable[[Ledger, Any, int], None]] = {
    "OwnershipTransferred": Ledger._ownership_transferred,
    "OwnershipTransferStarted": Ledger._ownership_transfer_started,
    "OperatorSet": Ledger._operator_set,
    "OperatorRevoked": Ledger._operator_revoked,
    "EngineSet": Ledger._engine_set,
    "EngineRevoked": Ledger._engine_revoked,
    "ModelSet": Ledger._model_set,
    "ModelRevoked": Ledger._model_revoked,
    "GuardianSet": Ledger._guardian_set,
    "Paused": Ledger._paused,
    "Unpaused": Ledger._unpaused,
    "ThresholdSet": Ledger._threshold_set,
    "Deposited": Ledger._deposited,
    "Withdrawn": Ledger._withdrawn,
    "InventoryDeposited": Ledger._inventory_deposited,
    "InventoryWithdrawn": Ledger._inventory_withdrawn,
    "FactorySet": Ledger._factory_set,
    "MarketRegistered": Ledger._market_registered,
    "MarketUpdated": Ledger._market_updated,
    "MarketFeedsSet": Ledger._market_feeds_set,
    "MarketEnabled": Ledger._market_enabled,
    "MarketDisabled": Ledger._market_disabled,
    "FleetInitialized": Ledger._fleet_initialized,
    "BotConfigured": Ledger._bot_configured,
    "FleetFunded": Ledger._fleet_funded,
    "FleetDefunded": Ledger._fleet_defunded,
    "Rebalanced": Ledger._rebalanced,
    "LotSet": Ledger._lot_set,
    "Resumed": Ledger._resumed,
    "Halted": Ledger._halted,
    "TakeoversStopped": Ledger._takeovers_stopped,
    "TakeoversAllowed": Ledger._takeovers_allowed,
    "StrikeOpened": Ledger._strike_opened,
    "StrikeDue": Ledger._strike_due,
    "StrikeSettled": Ledger._strike_settled,
    "AMMCapSet": Ledger._amm_cap_set,
    "HooksSet": Ledger._hooks_set,
    "WrappedNativeSet": Ledger._wrapped_native_set,
    "PoolRegistered": Ledger._pool_registered,
    "PoolUnregistered": Ledger._pool_unregistered,
    "AMMFunded": Ledger._amm_funded,
    "AMMDefunded": Ledger._amm_defunded,
    "ArbitrageExecuted": Ledger._arbitrage_executed,
    "ArbitrageScored": Ledger._arbitrage_scored,
}
