"""When a position is closed: one rule for the loop that trades and for the replay."""

from __future__ import annotations

from enum import Enum

from macrostrike.types import BPS


class Closing(str, Enum):
    """Why a strike is closed."""

    TAKE_PROFIT = "take-profit reached"
    STOP_LOSS = "stop-loss reached"
    HORIZON = "time is up"

    def __str__(self) -> str:
        return str(self.value)


def closing_of(
    gain: int, notional: int, *, stop_loss_bps: int, take_profit_bps: int, due_at: int, now: int
) -> Closing | None:
    """Which barrier a position meets that is up `gain` against its `notional`, raw quote.

    Time goes before a profit: what is overdue can't be won any more, and waits for no mean price.
    """
    if stop_loss_bps and -gain * BPS >= stop_loss_bps * notional:
        return Closing.STOP_LOSS
    if now >= due_at:
        return Closing.HORIZON
    if take_profit_bps and gain * BPS >= take_profit_bps * notional:
        return Closing.TAKE_PROFIT
    return None
