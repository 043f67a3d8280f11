"""The contracts' types, field by field in the order of the ABI.

Integers stay integers. Basis points are `_bps`, times Unix seconds, amounts raw token units unless
the field says otherwise. What callers make is checked on construction and raises `InvalidValue`
(`InvalidPrediction` for a prediction); what the chain answers is taken as it is.
"""

from __future__ import annotations

from typing import Any

from macrostrike.types._checked import checked_address, checksummed
from macrostrike.types._enums import (
    ALL_STRATEGIES,
    BOTS,
    BOTS_PER_STRATEGY,
    BPS,
    MAX_LOTS,
    MIN_CONFIDENCE_BPS,
    STRIKE_SLOTS,
    Action,
    Due,
    FacetCutAction,
    OracleKind,
    Signal,
    Strategy,
    StrikeStatus,
    Venue,
    strategy_mask,
)
from macrostrike.types._inputs import (
    ZERO_ADDRESS,
    BotConfig,
    FacetCut,
    FleetConfig,
    MarketConfig,
    MarketRules,
    Prediction,
    StrikeOrder,
)
from macrostrike.types._views import (
    Bot,
    CalibrationBin,
    EngineGrant,
    Facet,
    Market,
    Mined,
    OperatorGrant,
    Rebalanced,
    SignalStats,
    Skipped,
    StrategyStats,
    Strike,
    StrikeOpened,
    StrikeRecord,
    StrikeSettled,
    StrikeStats,
    StrikeWrittenOff,
    Treasury,
    split_weights,
)

__all__ = [
    "ABI_TYPES",
    "ALL_STRATEGIES",
    "BOTS",
    "BOTS_PER_STRATEGY",
    "BPS",
    "MAX_LOTS",
    "MIN_CONFIDENCE_BPS",
    "STRIKE_SLOTS",
    "ZERO_ADDRESS",
    "Action",
    "Bot",
    "BotConfig",
    "CalibrationBin",
    "Due",
    "EngineGrant",
    "Facet",
    "FacetCut",
    "FacetCutAction",
    "FleetConfig",
    "Market",
    "MarketConfig",
    "MarketRules",
    "Mined",
    "OperatorGrant",
    "OracleKind",
    "Prediction",
    "Rebalanced",
    "Signal",
    "SignalStats",
    "Skipped",
    "Strategy",
    "StrategyStats",
    "Strike",
    "StrikeOpened",
    "StrikeOrder",
    "StrikeRecord",
    "StrikeSettled",
    "StrikeStats",
    "StrikeStatus",
    "StrikeWrittenOff",
    "Treasury",
    "Venue",
    "checked_address",
    "checksummed",
    "split_weights",
    "strategy_mask",
]

ABI_TYPES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        BotConfig,
        CalibrationBin,
        Due,
        Facet,
        FacetCut,
        FacetCutAction,
        FleetConfig,
        MarketConfig,
        MarketRules,
        OracleKind,
        Prediction,
        Signal,
        SignalStats,
        Strategy,
        StrategyStats,
        StrikeOrder,
        StrikeRecord,
        StrikeStats,
        StrikeStatus,
        Venue,
    )
} | {"BotView": Bot, "MarketView": Market, "StrikeView": Strike}
"""The contracts' structs and enums by the names that they have there."""
