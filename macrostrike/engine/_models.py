"""The five models: one for each strategy, each with its own rule, label and model id.

A rule says which minutes are the strategy's business and on which side; whether such a minute is
worth a strike is for the fitted classifier. That the rules differ is why the bots' tables do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from macrostrike.engine._features import Moment
from macrostrike.engine._labels import Barriers
from macrostrike.types import Strategy, strategy_mask

Rule = Callable[[Moment], float]
"""Strength of the case, positive for a long, negative for a short; 0 where there is none. From 1
on it is a strong one."""


@dataclass(frozen=True, slots=True)
class Model:
    """What one strategy trades on. Its id on chain is the strategy's number plus one."""

    strategy: Strategy
    barriers: Barriers
    rule: Rule

    @property
    def id(self) -> int:
        """The `model_id` of its predictions."""
        return self.strategy + 1

    @property
    def mask(self) -> int:
        """The `strategies` of its predictions: its own five bots."""
        return strategy_mask(self.strategy)


def _market_making(moment: Moment) -> float:
    """A calm market: earn the small way back from either side of the last ten minutes."""
    _, middle, long = moment.volatilities
    offset = moment.offsets[0]
    return -offset / 2 if middle < long and abs(offset) > 0.75 else 0.0


def _arbitrage(moment: Moment) -> float:
    """The pool is off its own mean, as after one large swap: others will bring it back."""
    last = moment.moves[0]
    return -last / 4 if abs(last) > 1.5 else 0.0


def _momentum(moment: Moment) -> float:
    """What has moved for an hour and still does goes on."""
    quarter, hour = moment.moves[2], moment.moves[3]
    return quarter / 2 if abs(quarter) > 0.75 and quarter * hour > 0 else 0.0


def _mean_reversion(moment: Moment) -> float:
    """Far from the mean of the hour: back to it."""
    offset = moment.offsets[1]
    return -offset / 3 if abs(offset) > 1.5 else 0.0


def _volatility(moment: Moment) -> float:
    """The market wakes up: with the move that wakes it."""
    short, middle, _ = moment.volatilities
    move = moment.moves[1]
    return move / 2 if short > 1.1 * middle and abs(move) > 0.5 else 0.0


MODELS = (
    Model(Strategy.MARKET_MAKING, Barriers(10, 300, 180), _market_making),
    Model(Strategy.ARBITRAGE, Barriers(12, 300, 240), _arbitrage),
    Model(Strategy.MOMENTUM, Barriers(20, 300, 240), _momentum),
    Model(Strategy.MEAN_REVERSION, Barriers(16, 300, 240), _mean_reversion),
    Model(Strategy.VOLATILITY, Barriers(14, 300, 240), _volatility),
)
"""In the order of the strategies. Stops are as wide as markets allow: see `NO_EDGE`."""
