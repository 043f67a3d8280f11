"""What engines say where a test needs a prediction and says itself what matters of it."""

from __future__ import annotations

from typing import Any

from macrostrike.testing import World
from macrostrike.types import Prediction, Signal

ALWAYS = (1 << 40) - 1
"""The last second that a prediction can be valid at."""


def prediction(engine: str, nonce: int = 1, /, **changes: Any) -> Prediction:
    """A long of 95 % that is valid at all times."""
    values = {
        "engine": engine,
        "nonce": nonce,
        "market": 0,
        "signal": Signal.LONG,
        "confidence_bps": 9500,
        "valid_from": 0,
        "valid_until": ALWAYS,
        "horizon": 3600,
        "take_profit_bps": 100,
        "stop_loss_bps": 100,
    }
    return Prediction(**(values | changes))


def prediction_now(
    world: World, nonce: int, /, *, valid_for: int = 600, **changes: Any
) -> Prediction:
    """Of the world's engine, from now on."""
    now = world.transport.timestamp()
    validity = {"valid_from": now, "valid_until": now + valid_for}
    return prediction(world.engine.address, nonce, **(validity | changes))
