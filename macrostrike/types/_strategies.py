"""Strategies as a mask, which is how a prediction names them."""

from __future__ import annotations

from macrostrike._generated.enums import Strategy


def strategy_mask(*strategies: Strategy) -> int:
    """What `Prediction.strategies` is for these strategies."""
    mask = 0
    for strategy in strategies:
        mask |= 1 << strategy
    return mask


ALL_STRATEGIES = strategy_mask(*Strategy)
