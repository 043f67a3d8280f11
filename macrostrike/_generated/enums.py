"""Enums and flags of the contracts.

Written by `make build` from the contracts: change those, not this.
"""

from __future__ import annotations

from enum import IntFlag

from macrostrike._roots import DueBase, Named, SignalBase

__all__ = [
    "Action",
    "Closing",
    "Due",
    "FacetCutAction",
    "OracleKind",
    "Signal",
    "Strategy",
    "StrikeStatus",
    "Venue",
]


class FacetCutAction(Named):
    """What a cut does with its selectors. The order is EIP-2535's: the values are part of the
    ABI.
    """

    ADD = 0
    REPLACE = 1
    REMOVE = 2


class Venue(Named):
    """Kinds of AMM. Markets trade on Uniswap's, arbitrages on all."""

    UNISWAP_V3 = 0
    UNISWAP_V2 = 1
    UNISWAP_V4 = 2
    BALANCER_WEIGHTED = 3
    BALANCER_STABLE = 4


class OracleKind(Named):
    """Where a market's reference price comes from."""

    POOL_TWAP = 0
    FEED = 1


class Signal(SignalBase):
    """Direction and strength of a prediction."""

    STRONG_LONG = 0
    LONG = 1
    SHORT = 2
    STRONG_SHORT = 3


class Strategy(Named):
    """What a group of five bots does. Bot `i` belongs to strategy `i / 5`."""

    MARKET_MAKING = 0
    ARBITRAGE = 1
    MOMENTUM = 2
    MEAN_REVERSION = 3
    VOLATILITY = 4


class StrikeStatus(Named):
    """Where a strike is in its life."""

    NONE = 0
    OPEN = 1
    SETTLED = 2


class Due(DueBase):
    """Whether a strike is due, and why. `Horizon`: its time is over, or it was marked as due."""

    NOT_OPEN = 0
    NOT_YET = 1
    TAKE_PROFIT = 2
    STOP_LOSS = 3
    HORIZON = 4
    ORACLE_UNAVAILABLE = 5


class Closing(Named):
    """How a strike was closed: by a swap; by a taker who took over its position; without a
    trade, by the owner, at the oracle's price or at a price of nothing.
    """

    SWAP = 0
    TAKEOVER = 1
    ORACLE = 2
    WRITE_OFF = 3


class Action(IntFlag):
    """What an operator may do, as bits of `Operator.actions`."""

    STRIKE = 1
    SETTLE = 2
    ARBITRAGE = 4
    REBALANCE = 8
