"""What to offer for gas: within a ceiling, and enough to replace what is stuck. No I/O."""

from __future__ import annotations

from macrostrike.chain import Fees
from macrostrike.executor._errors import FeeAboveCeiling

_BUMP_PERCENT = 113  # pools take a replacement that offers a tenth more, or an eighth
_MIN_BUMP_PERCENT = 110


def within(fees: Fees, ceiling: int | None, beside: int = 0) -> Fees:
    """The fees, no higher than may be paid. Raises `FeeAboveCeiling` where the next block is.

    `beside` is what is paid beside gas, wei for a unit of it: the ceiling is for both.
    """
    if ceiling is None or fees.max_fee + beside <= ceiling:
        return fees
    tip = fees.priority
    # `max_fee` is twice the base fee and the tip.
    needed = fees.max_fee if tip is None else (fees.max_fee - tip) // 2 + tip
    if needed + beside > ceiling:
        raise FeeAboveCeiling(needed + beside, ceiling)
    return Fees(max_fee=ceiling - beside, priority=tip)


def replacing(before: Fees, now: Fees, ceiling: int | None) -> Fees | None:
    """Fees that take the place of `before` in a pool; None where that is above the ceiling."""
    max_fee = max(now.max_fee, _raised(before.max_fee, _BUMP_PERCENT))
    if ceiling is not None and max_fee > ceiling:
        if _raised(before.max_fee, _MIN_BUMP_PERCENT) > ceiling:
            return None
        max_fee = ceiling
    if before.priority is None:
        return Fees(max_fee=max_fee, priority=None)
    tip = max(now.priority or 0, _raised(before.priority, _BUMP_PERCENT))
    return Fees(max_fee=max_fee, priority=min(tip, max_fee))


def _raised(fee: int, percent: int) -> int:
    return fee * percent // 100 + 1
