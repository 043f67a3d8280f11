"""Who did it, and whether they may: authority, and the gates of each strike that opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from macrostrike._generated.events import StrikeOpened
from macrostrike.abi import Event
from macrostrike.chain import Log
from macrostrike.journal import Books
from macrostrike.types import BOTS, BOTS_PER_STRATEGY, Action, Closing

from ..evm import ZERO
from ..unit.pools import TOKEN
from .invariants import Invariants
from .wire import Said, number

DAY = 86_400
TRANSFER = TOKEN.abi.topic("Transfer")

# Who may bring about what. Whatever is not here, anybody may.
_OWNER = {
    "DiamondCut",
    "OwnershipTransferStarted",
    "OperatorSet",
    "EngineSet",
    "ModelSet",
    "GuardianSet",
    "Unpaused",
    "Deposited",
    "Withdrawn",
    "InventoryDeposited",
    "InventoryWithdrawn",
    "Skimmed",
    "FleetInitialized",
    "BotConfigured",
    "FleetFunded",
    "FleetDefunded",
    "LotSet",
    "Resumed",
    "FactorySet",
    "MarketRegistered",
    "MarketUpdated",
    "MarketEnabled",
    "TakeoversAllowed",
    "AMMInitialized",
    "AMMCapSet",
    "AMMFunded",
    "AMMDefunded",
    "PoolRegistered",
    "HooksSet",
}
_GUARDIAN = {
    "Paused",
    "OperatorRevoked",
    "EngineRevoked",
    "ModelRevoked",
    "MarketDisabled",
    "ThresholdSet",
    "TakeoversStopped",
    "PoolUnregistered",
}
_ID_BITS, _MAX_HOPS = 32, 4


class Gates:
    """Judges by the books as they were before the call.

    `signed` is what engines have signed, by engine and nonce.
    """

    def __init__(self, invariants: Invariants, diamond: str) -> None:
        self._require, self._diamond = invariants.require, number(diamond)
        self.signed: dict[tuple[int, int], list[Said]] = {}
        self._opened: set[tuple[int, int]] = set()
        self._by_operator: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._by_market: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)

    def check_authority(self, books: Books, now: int, who: set[str], events: list[Event]) -> None:
        """`who` are those that can have done it."""
        owners = who & {books.owner}
        guardians = {each for each in who if books.guardians.get(each)} | owners
        for event in events:
            may = True
            if event.name in _OWNER:
                may = bool(owners)
                if event.name == "MarketRegistered":
                    may = may and event.args["config"].hooks in {ZERO, *books.amm.hooks}
            elif event.name in _GUARDIAN:
                may = bool(guardians)
            elif event.name == "OwnershipTransferred":
                may = books.pending_owner in who
            elif event.name == "StrikeSettled" and event.args["how"] is not Closing.TAKEOVER:
                by = event.args["by"]
                may = bool(owners) or (
                    event.args["how"] is Closing.SWAP and _may(books, by, Action.SETTLE, now)
                )
            elif event.name == "Rebalanced":
                may = bool(owners) or _may(books, event.args["by"], Action.REBALANCE, now)
            self._require("authority", may, event, "by", who)

    def check_payees(
        self, books: Books, sender: str, events: Iterable[Event], logs: Iterable[Log]
    ) -> None:
        """Tokens leave to pools of markets and arbitrages, to takers, or by the owner's hand."""
        if sender == books.owner:
            return
        pools = {number(e.args["taker"]) for e in events if e.name == "StrikeTaken"}
        pools |= {number(market.config.pool) for market in books.markets}
        pools |= {number(pool.pool) for pool in books.pools() if pool.registered}
        for log in logs:
            if log.topics[0] != TRANSFER or int.from_bytes(log.topics[1], "big") != self._diamond:
                continue
            to = int.from_bytes(log.topics[2], "big")
            # A token that takes a fee burns it on the way.
            self._require("authority", to in pools or to == 0, sender, "had", to, "paid")

    def check_openings(self, books: Books, now: int, events: Iterable[Event]) -> None:
        """Every strike that opened and every arbitrage, in order."""
        for event in events:
            if event.name == "StrikeOpened":
                opened = StrikeOpened.from_args(event.args)
                self._check_prediction(books, now, opened)
                self._check_limits(books, now, opened)
            elif event.name == "ArbitrageExecuted":
                self._check_arbitrage(books, now, event.args)
            elif event.name == "OperatorSet":
                self._by_operator.pop(event.args["operator"], None)
            elif event.name == "MarketUpdated":
                self._by_market.pop(event.args["market"], None)

    def _check_prediction(self, books: Books, now: int, opened: StrikeOpened) -> None:
        key = (number(opened.engine), opened.nonce)
        minimum = max(books.threshold, 9300)
        self._require("threshold", opened.confidence_bps >= minimum, opened, "under", minimum)
        engine = books.engines.get(opened.engine)
        live = engine is not None and now <= engine.valid_until
        model = books.fleet.models.get(opened.model_id)
        live = live and model is not None and model.engine == opened.engine
        said = [each for each in self.signed.get(key, ()) if _says(each, opened)]
        self._require("signature", live and bool(said), opened, "was never said by a live engine")
        valid = any(each.valid_from <= now <= each.valid_until for each in said)
        self._require("signature", valid, said, "at", now)
        self._require("nonce", key not in self._opened, key, "opened twice")
        self._opened.add(key)
        stopped = books.paused or books.fleet.halted
        self._require("stopped", not stopped, opened, "while paused or halted")
        may = _may(books, opened.operator, Action.STRIKE, now)
        self._require("authority", may, opened.operator, "may not strike")

    def _check_arbitrage(self, books: Books, now: int, args: Any) -> None:
        stopped = books.paused or books.fleet.halted
        self._require("stopped", not stopped, args, "while paused or halted")
        may = _may(books, args["operator"], Action.ARBITRAGE, now)
        self._require("authority", may, args["operator"], "may not arbitrage")
        ids = [args["pools"] >> _ID_BITS * hop & 0xFFFFFFFF for hop in range(_MAX_HOPS)]
        known = {0} | {pool.id for pool in books.pools() if pool.registered}
        self._require("authority", known.issuperset(ids), "by way of", ids, "of", known)
        token, amount = args["token_in"], args["amount_in"]
        cap = books.amm.books[token].cap
        self._require("arbitrage", 0 < amount <= cap, "put in", amount, "the cap is", cap)
        self._require("arbitrage", args["profit"] > 0, args, "for nothing")
        if token == books.treasury().quote:
            units = -(-amount // books.fleet.unit)
            self._check_budget(books, now, args["operator"], units)

    def _check_limits(self, books: Books, now: int, opened: StrikeOpened) -> None:
        market, lots = opened.market, sum(opened.lots)
        cap = books.markets[market].rules.max_day_lots
        self._check_budget(books, now, opened.operator, lots * books.fleet.lot)
        self._check_pace("day cap", cap, self._by_market[market], (now, lots))

    def _check_budget(self, books: Books, now: int, operator: str, amount: int) -> None:
        budget = books.operators[operator].daily_budget
        self._check_pace("budget", budget, self._by_operator[operator], (now, amount))

    def _check_pace(
        self, name: str, limit: int, spent: list[tuple[int, int]], more: tuple[int, int]
    ) -> None:
        """Over any time, no more than the daily limit times one plus that time in days."""
        spent.append(more)
        total = 0
        for since, each in reversed(spent):
            total += each
            within = total * DAY <= limit * (DAY + more[0] - since)
            self._require(name, within, total, "since", since, "of", limit, "a day")


def _may(books: Books, account: str, action: Action, now: int) -> bool:
    grant = books.operators.get(account)
    return grant is not None and now <= grant.valid_until and action in grant.actions


def _says(said: Said, opened: StrikeOpened) -> bool:
    """Whether the strike is what was said."""
    asked = [said.strategies >> bot // BOTS_PER_STRATEGY & 1 for bot in range(BOTS)]
    return not any(kept and not may for kept, may in zip(opened.lots, asked, strict=True)) and (
        (said.market, said.signal, said.confidence_bps, said.model_id)
        == (opened.market, opened.signal, opened.confidence_bps, opened.model_id)
        and (said.horizon, said.take_profit_bps, said.stop_loss_bps)
        == (opened.horizon, opened.take_profit_bps, opened.stop_loss_bps)
    )
