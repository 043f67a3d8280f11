"""The contracts' types, field by field in the order of the ABI.

Integers stay integers. Basis points are `_bps`, times Unix seconds, amounts raw token units unless
the field says otherwise. What callers make is checked on construction and raises `InvalidValue`
(`InvalidPrediction` for a prediction); what the chain returns is taken as it is.
"""

from __future__ import annotations

from macrostrike._generated import constants, enums, structs
from macrostrike._generated.constants import *
from macrostrike._generated.enums import *
from macrostrike._generated.structs import *
from macrostrike.types._checked import ZERO_ADDRESS, checked_address, checksummed, ranges_of
from macrostrike.types._inputs import (
    ArbitrageOrder,
    Bot,
    BotConfig,
    FacetCut,
    FleetConfig,
    Market,
    MarketConfig,
    MarketRules,
    PoolConfig,
    Prediction,
    StrikeOrder,
    TokenCap,
)
from macrostrike.types._results import (
    ArbitrageExecuted,
    ArbitrageMissed,
    ArbitrageQuote,
    EngineGrant,
    MarkedToMarket,
    Mined,
    OperatorGrant,
    Rebalanced,
    Skipped,
    StrikeOpened,
    StrikeSettled,
    StrikeTaken,
    TakeoverQuote,
    Treasury,
    Unrealised,
    record_of,
)
from macrostrike.types._strategies import ALL_STRATEGIES, strategy_mask

__all__ = [
    "ALL_STRATEGIES",
    "ZERO_ADDRESS",
    "ArbitrageExecuted",
    "ArbitrageMissed",
    "ArbitrageOrder",
    "ArbitrageQuote",
    "Bot",
    "BotConfig",
    "EngineGrant",
    "FacetCut",
    "FleetConfig",
    "MarkedToMarket",
    "Market",
    "MarketConfig",
    "MarketRules",
    "Mined",
    "OperatorGrant",
    "PoolConfig",
    "Prediction",
    "Rebalanced",
    "Skipped",
    "StrikeOpened",
    "StrikeOrder",
    "StrikeSettled",
    "StrikeTaken",
    "TakeoverQuote",
    "TokenCap",
    "Treasury",
    "Unrealised",
    "checked_address",
    "checksummed",
    "ranges_of",
    "record_of",
    "strategy_mask",
]
__all__ += constants.__all__
__all__ += enums.__all__
__all__ += structs.__all__
