"""What is signed (EIP-712).

Written by `make build` from the contracts: change those, not this.
"""

from __future__ import annotations

__all__ = [
    "PREDICTION_DOMAIN",
    "PREDICTION_TYPES",
]

PREDICTION_DOMAIN = {"name": "MacroStrike", "version": "1"}
PREDICTION_TYPES = {
    "Prediction": [
        {"name": "engine", "type": "address"},
        {"name": "nonce", "type": "uint64"},
        {"name": "market", "type": "uint8"},
        {"name": "signal", "type": "uint8"},
        {"name": "confidenceBps", "type": "uint16"},
        {"name": "strategies", "type": "uint8"},
        {"name": "modelId", "type": "uint16"},
        {"name": "validFrom", "type": "uint40"},
        {"name": "validUntil", "type": "uint40"},
        {"name": "horizon", "type": "uint24"},
        {"name": "takeProfitBps", "type": "uint16"},
        {"name": "stopLossBps", "type": "uint16"},
    ]
}
