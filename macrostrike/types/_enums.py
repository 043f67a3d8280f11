"""Constants, enums and flags of the contracts."""

from __future__ import annotations

from enum import IntEnum, IntFlag

BPS = 10_000
"""100 % in basis points."""
MIN_CONFIDENCE_BPS = 9300
"""The least confidence that any strike can have, whatever the threshold."""
BOTS = 25
BOTS_PER_STRATEGY = 5
MAX_LOTS = 1023
"""The most lots of one bot in one strike."""
STRIKE_SLOTS = 64
"""Strikes that can be open at once."""
MIN_HOPS, MAX_HOPS = 2, 4
"""Pools in an arbitrage."""
FEE_BASE = 1_000_000
"""100 % in hundredths of a basis point, the unit of pool fees."""
DYNAMIC_FEE = 0x800000
"""What stands for a fee that the pool's hooks set, in a key of Uniswap V4."""


class _Named(IntEnum):
    """An enum whose members print as the product's words: `StrongLong`."""

    def __str__(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("_"))


class Signal(_Named):
    """Direction and strength of a prediction."""

    STRONG_LONG = 0
    LONG = 1
    SHORT = 2
    STRONG_SHORT = 3

    @property
    def is_long(self) -> bool:
        return self <= Signal.LONG

    @property
    def is_strong(self) -> bool:
        return self in (Signal.STRONG_LONG, Signal.STRONG_SHORT)


class Strategy(_Named):
    """What a group of five bots does. Bot `i` belongs to strategy `i // 5`."""

    MARKET_MAKING = 0
    ARBITRAGE = 1
    MOMENTUM = 2
    MEAN_REVERSION = 3
    VOLATILITY = 4


def strategy_mask(*strategies: Strategy) -> int:
    """What `Prediction.strategies` is for these strategies."""
    mask = 0
    for strategy in strategies:
        mask |= 1 << strategy
    return mask


ALL_STRATEGIES = strategy_mask(*Strategy)


class StrikeStatus(_Named):
    """Where a strike is in its life."""

    NONE = 0
    OPEN = 1
    SETTLED = 2


class Due(_Named):
    """Why anyone may, or may not yet, settle a strike."""

    NOT_OPEN = 0
    NOT_YET = 1
    TAKE_PROFIT = 2
    STOP_LOSS = 3
    HORIZON = 4
    ORACLE_UNAVAILABLE = 5

    @property
    def is_due(self) -> bool:
        return self in (Due.TAKE_PROFIT, Due.STOP_LOSS, Due.HORIZON)


class Venue(_Named):
    """Kinds of AMM. Markets trade on the first two, arbitrages on all."""

    UNISWAP_V3 = 0
    UNISWAP_V2 = 1
    UNISWAP_V4 = 2
    BALANCER_WEIGHTED = 3
    BALANCER_STABLE = 4


class OracleKind(_Named):
    """Where a market's reference price comes from."""

    POOL_TWAP = 0
    FEED = 1


class FacetCutAction(_Named):
    """What a cut does with its selectors."""

    ADD = 0
    REPLACE = 1
    REMOVE = 2


class Action(IntFlag):
    """What an operator may do."""

    STRIKE = 1
    SETTLE = 2
    ARBITRAGE = 4
    REBALANCE = 8
