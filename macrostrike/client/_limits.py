"""Limits of swaps, and what the last gates make of what a swap measured.

The minimum output is the last gate but one, and its refusal says what the swap measured. So a limit
that nothing meets makes the chain name either the gate that refuses, or the amount. What is left to
check here is that the amount fits its field.
"""

from __future__ import annotations

from macrostrike.errors import BaseAmountOverflow, InvalidValue, SlippageExceeded
from macrostrike.types import BPS

_MAX = (1 << 256) - 1
_MAX_BASE = (1 << 96) - 1


def impossible(is_long: bool) -> int:
    """The limit that no swap meets: a long wants at least that much, a short at most."""
    return _MAX if is_long else 0


def softest(is_long: bool) -> int:
    """The limit that every swap meets."""
    return 0 if is_long else _MAX


def within(quoted: int, slippage_bps: int, *, is_long: bool) -> int:
    """The limit so much worse than a quote. Raises `InvalidValue`."""
    if not 0 <= slippage_bps < BPS:
        raise InvalidValue("max_slippage_bps", slippage_bps, f"0 to {BPS - 1} is allowed")
    if is_long:
        return quoted * (BPS - slippage_bps) // BPS
    return -(-quoted * (BPS + slippage_bps) // BPS)


def require_met(measured: int, limit: int, *, is_long: bool) -> None:
    """Raises `SlippageExceeded` where the chain would."""
    if measured < limit if is_long else measured > limit:
        raise SlippageExceeded(measured, limit)


def require_fits(base_amount: int) -> None:
    """Raises `BaseAmountOverflow` where the chain would: it looks after the limit alone."""
    if base_amount > _MAX_BASE:
        raise BaseAmountOverflow(base_amount)
