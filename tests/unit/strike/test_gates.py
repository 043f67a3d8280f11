"""The gates, one after the other: with all of them shut, each in turn is the one that refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from macrostrike.errors import (
    ActionNotAllowed,
    BudgetExceeded,
    CapExceeded,
    ConfidenceOutOfRange,
    ConfidenceTooLow,
    ContractError,
    CooldownActive,
    EnforcedPause,
    EngineNotActive,
    FleetHalted,
    InvalidHorizon,
    InvalidSignature,
    InvalidStopLoss,
    MarketNotEnabled,
    NegativeExpectation,
    NonceUsed,
    NoParticipants,
    OracleDeviation,
    PredictionExpired,
    PredictionNotYetValid,
    SideNotAllowed,
    SlippageExceeded,
    UnknownMarket,
)
from macrostrike.types import ALL_STRATEGIES, Action

from ..readers import refuses
from ..scene import DAY, Scene, altered

STRIKE = Action.STRIKE


def test_gates_refuse_in_their_order(scene: Scene) -> None:
    """Every gate is shut at first. The first of them refuses, and is opened, and so on."""
    gates = Gates(scene)
    for error in gates.each():
        with refuses(scene, error):
            gates.knock()
    gates.knock()


class Gates:
    """One prediction, and a world, that are wrong in every way there is."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        for _ in range(7):
            strike = scene.execute(scene.prediction(), by="striker")
            scene.owner.send("writeOffStrike", strike["strike_id"])
        self._used = strike["nonce"]
        self.limit = (1 << 256) - 1
        self.wrong_key = True
        self.prediction = scene.prediction(
            nonce=self._used,
            market=9,
            confidence_bps=9299,
            strategies=0,
            valid_from=scene.now + 10 * DAY,
            valid_until=1,
            horizon=0,
        )
        scene.owner.send("pause")
        scene.owner.send("revokeEngine", scene.engine.address)
        until = scene.now + 100 * DAY
        scene.owner.send("setOperator", scene.operator.address, until, Action.SETTLE, 0)

    def knock(self) -> None:
        scene, prediction = self.scene, self.prediction
        signature = scene.sign(prediction, "second_engine" if self.wrong_key else "engine")
        scene.execute(prediction, signature, limit=self.limit)

    def each(self) -> Iterator[ContractError]:
        yield from self._of_the_fleet()
        yield from self._of_the_operator()
        yield from self._of_the_signature()
        yield from self._of_the_prediction()
        yield from self._of_the_market()
        yield from self._of_the_size()
        yield from self._of_the_price()

    def _of_the_fleet(self) -> Iterator[ContractError]:
        yield EnforcedPause()
        self.scene.owner.send("unpause")
        yield FleetHalted()
        self.scene.owner.send("resume")

    def _of_the_operator(self) -> Iterator[ContractError]:
        operator = self.scene.operator.address
        yield ActionNotAllowed(operator, STRIKE, Action.SETTLE)
        self._grant(budget=1)

    def _of_the_signature(self) -> Iterator[ContractError]:
        scene, engine = self.scene, self.scene.engine.address
        yield EngineNotActive(engine, 0)
        scene.owner.send("setEngine", engine, scene.now + 100 * DAY)
        yield InvalidSignature(engine, scene.second_engine.address)
        self.wrong_key = False

    def _of_the_prediction(self) -> Iterator[ContractError]:
        scene = self.scene
        yield PredictionNotYetValid(self.prediction.valid_from, scene.now)
        self._change(valid_from=0)
        yield PredictionExpired(1, scene.now)
        self._change(valid_until=scene.now + 100 * DAY)
        yield NonceUsed(scene.engine.address, self._used)
        self._change(nonce=100)
        yield ConfidenceTooLow(9299, 9300)
        self._change(confidence_bps=10_001)
        yield ConfidenceOutOfRange(10_001)
        self._change(confidence_bps=9500)

    def _of_the_market(self) -> Iterator[ContractError]:
        scene = self.scene
        scene.owner.send("disableMarket", 0)
        scene.rule(longs=False, cooldown=DAY // 2, max_strike_lots=1, max_deviation_bps=1)
        yield UnknownMarket(9)
        self._change(market=0)
        yield MarketNotEnabled(0)
        scene.owner.send("enableMarket", 0)
        yield SideNotAllowed(0, True)
        scene.rule(longs=True)
        yield CooldownActive(0, scene.read("getMarket", 0).last_strike_at + DAY // 2)
        scene.rule(cooldown=0)
        yield InvalidHorizon(0, 2_592_000)
        self._change(horizon=60)
        scene.rule(max_stop_loss_bps=99)
        yield InvalidStopLoss(100, 99)
        scene.rule(max_stop_loss_bps=100)
        self._change(take_profit_bps=5)
        yield NegativeExpectation(9500, 5, 100)
        self._change(take_profit_bps=6)

    def _of_the_size(self) -> Iterator[ContractError]:
        scene, operator = self.scene, self.scene.operator.address
        yield NoParticipants()
        self._change(strategies=ALL_STRATEGIES)
        yield CapExceeded("strike", lots := self._sized(), 1)
        scene.rule(max_strike_lots=lots)
        yield BudgetExceeded(operator, lots * scene.lot_value, 1)
        self._grant(budget=lots * scene.lot_value)

    def _of_the_price(self) -> Iterator[ContractError]:
        scene = self.scene
        notional = self._sized() * scene.lot_value
        received, fair = self._priced()
        # The pool's fee alone is 5 basis points.
        yield OracleDeviation(0, notional, fair)
        scene.rule(max_deviation_bps=150)
        yield SlippageExceeded(received, self.limit)
        self.limit = received

    def _sized(self) -> int:
        """The lots that the strike will have."""
        with self._opened() as opened:
            return int(opened["notional"]) // self.scene.lot_value

    def _priced(self) -> tuple[int, int]:
        """The base that it will get, and what that is worth to the oracle then."""
        with self._opened() as opened:
            received = opened["base_amount"]
            return received, self.scene.read("getOracleQuote", 0, received)

    @contextmanager
    def _opened(self) -> Iterator[dict[str, Any]]:
        """The strike as it will be, once all gates are open."""
        scene, then = self.scene, self.scene.now + 10
        with scene.undone():
            scene.rule(max_strike_lots=25_000, max_deviation_bps=1000)
            self._grant(budget=10**13)
            scene.at(then)
            yield scene.execute(self.prediction)
        scene.at(then)

    def _grant(self, budget: int) -> None:
        scene = self.scene
        until = scene.now + 100 * DAY
        scene.owner.send("setOperator", scene.operator.address, until, STRIKE, budget)

    def _change(self, **changes: object) -> None:
        self.prediction = altered(self.prediction, **changes)
