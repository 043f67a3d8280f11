"""The diamond's view functions, as types."""

from __future__ import annotations

from macrostrike.client._core import Core
from macrostrike.errors import StrikeNotFound
from macrostrike.types import (
    Action,
    AMMTokenStats,
    AttemptBin,
    Bot,
    CalibrationBin,
    Due,
    EngineGrant,
    Market,
    Model,
    OperatorGrant,
    Signal,
    SignalStats,
    Strategy,
    StrategyStats,
    Strike,
    StrikeStats,
    StrikeStatus,
    Treasury,
    Unrealised,
)


class Views(Core):
    """What can be asked without sending anything. See `MacroStrike`."""

    def get_strike(self, strike_id: int) -> Strike:
        """A strike: open, or settled as long as its slot was not used again.

        Raises `StrikeNotFound` for any other id.
        """
        strike: Strike = self.call("getStrike", strike_id)
        if strike.status is StrikeStatus.NONE:
            raise StrikeNotFound(strike_id, self.stats().opened)
        return strike

    def _is_long(self, strike_id: int) -> bool:
        """Of an open strike; what is not open is for the chain to refuse."""
        return bool(self.call("getStrike", strike_id).signal.is_long)

    def open_strikes(self) -> tuple[int, ...]:
        """The ids of the open strikes."""
        ids: tuple[int, ...] = self.call("getOpenStrikes")
        return ids

    def unrealised(self) -> Unrealised:
        """What the open strikes would add to the score, or take from it, by now."""
        return Unrealised(*self.call("getUnrealised"))

    def can_settle(self, strike_id: int) -> Due:
        """Whether a strike is due, or could be marked so now, and why: see `Due.is_due`."""
        _, reason = self.call("canSettle", strike_id)
        due: Due = reason
        return due

    def amm_stats(self) -> tuple[AMMTokenStats, ...]:
        """Score, capital and cap of the AMM bots in each token."""
        stats: tuple[AMMTokenStats, ...] = self.call("getAMMStats")
        return stats

    # The score

    def stats(self) -> StrikeStats:
        """The score in totals."""
        stats: StrikeStats = self.call("getStrikeStats")
        return stats

    def signal_stats(self) -> dict[Signal, SignalStats]:
        """The score by signal."""
        return {signal: self.call("getSignalStats", signal) for signal in Signal}

    def strategy_stats(self) -> dict[Strategy, StrategyStats]:
        """The score by strategy."""
        return {strategy: self.call("getStrategyStats", strategy) for strategy in Strategy}

    def calibration(self, model_id: int) -> tuple[CalibrationBin, ...]:
        """A model's 7 confidence bins: 9300 to 9399, …, 9900 to 10000 basis points."""
        bins: tuple[CalibrationBin, ...] = self.call("getCalibration", model_id)
        return bins

    def arbitrage_calibration(self, model_id: int) -> tuple[AttemptBin, ...]:
        """A model's arbitrages that were attempted, in the same 7 bins, misses included."""
        bins: tuple[AttemptBin, ...] = self.call("getArbitrageCalibration", model_id)
        return bins

    # The fleet and its limits

    def bots(self) -> tuple[Bot, ...]:
        """All 25 bots."""
        bots: tuple[Bot, ...] = self.call("getBots")
        return bots

    def bot(self, bot: int) -> Bot:
        """One bot, 0 to 24."""
        view: Bot = self.call("getBot", bot)
        return view

    def market(self, market: int) -> Market:
        """One market."""
        view: Market = self.call("getMarket", market)
        return view

    def markets(self) -> tuple[Market, ...]:
        """All markets, by id."""
        return tuple(self.market(market) for market in range(self.call("marketCount")))

    def treasury(self) -> Treasury:
        """The capital that is not with the bots."""
        return Treasury(*self.call("getTreasury"))

    def threshold(self) -> int:
        """The minimum confidence accepted, in basis points."""
        threshold: int = self.call("threshold")
        return threshold

    def is_paused(self) -> bool:
        """Whether opening risk is stopped."""
        paused: bool = self.call("paused")
        return paused

    def operator(self, operator: str) -> OperatorGrant:
        """What an operator may do, and what is left of its budget."""
        valid_until, actions, daily_budget, available = self.call("getOperator", operator)
        return OperatorGrant(valid_until, Action(actions), daily_budget, available)

    def engine(self, engine: str) -> EngineGrant:
        """Until when an engine's signatures count, and its highest nonce."""
        return EngineGrant(*self.call("getEngine", engine))

    def models(self) -> tuple[Model, ...]:
        """The registered models: whose each is, its record, and how big it lets strikes be."""
        return tuple(self.call("getModels"))

    def next_nonce(self, engine: str) -> int:
        """A nonce that the engine has not used, above all that it has."""
        return self.engine(engine).highest_nonce + 1
