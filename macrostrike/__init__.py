"""MacroStrike: confidence-gated strikes for a fleet of 25 on-chain bots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.chain import AnvilTransport, RevmTransport, RpcTransport, Transport
    from macrostrike.client import AsyncMacroStrike, MacroStrike
    from macrostrike.errors import ContractError, GateError, MacroStrikeError
    from macrostrike.manifest import Manifest
    from macrostrike.signing import load_signer, recover_engine, sign_prediction
    from macrostrike.types import (
        Action,
        ArbitrageExecuted,
        ArbitrageMissed,
        ArbitrageOrder,
        ArbitrageQuote,
        Bot,
        BotConfig,
        Market,
        MarketRules,
        Prediction,
        Rebalanced,
        Signal,
        Skipped,
        Strategy,
        Strike,
        StrikeOpened,
        StrikeOrder,
        StrikeSettled,
        StrikeStats,
        StrikeStatus,
        StrikeTaken,
        strategy_mask,
    )

__version__ = "0.1.0"

__all__ = [
    "Action",
    "AnvilTransport",
    "ArbitrageExecuted",
    "ArbitrageMissed",
    "ArbitrageOrder",
    "ArbitrageQuote",
    "AsyncMacroStrike",
    "Bot",
    "BotConfig",
    "ContractError",
    "GateError",
    "MacroStrike",
    "MacroStrikeError",
    "Manifest",
    "Market",
    "MarketRules",
    "Prediction",
    "Rebalanced",
    "RevmTransport",
    "RpcTransport",
    "Signal",
    "Skipped",
    "Strategy",
    "Strike",
    "StrikeOpened",
    "StrikeOrder",
    "StrikeSettled",
    "StrikeStats",
    "StrikeStatus",
    "StrikeTaken",
    "Transport",
    "load_signer",
    "recover_engine",
    "sign_prediction",
    "strategy_mask",
]

_MODULES = {
    ".chain": ("AnvilTransport", "RevmTransport", "RpcTransport", "Transport"),
    ".client": ("AsyncMacroStrike", "MacroStrike"),
    ".errors": ("ContractError", "GateError", "MacroStrikeError"),
    ".manifest": ("Manifest",),
    ".signing": ("load_signer", "recover_engine", "sign_prediction"),
    ".types": (
        "Action",
        "ArbitrageExecuted",
        "ArbitrageMissed",
        "ArbitrageOrder",
        "ArbitrageQuote",
        "Bot",
        "BotConfig",
        "Market",
        "MarketRules",
        "Prediction",
        "Rebalanced",
        "Signal",
        "Skipped",
        "Strategy",
        "Strike",
        "StrikeOpened",
        "StrikeOrder",
        "StrikeSettled",
        "StrikeStats",
        "StrikeStatus",
        "StrikeTaken",
        "strategy_mask",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
