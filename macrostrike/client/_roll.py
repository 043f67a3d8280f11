"""Settling one strike and opening the next in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike.abi import diamond_abi
from macrostrike.client import _limits, _outcomes
from macrostrike.reverts import decode_revert
from macrostrike.types import Prediction, Skipped, StrikeOpened, StrikeOrder, StrikeSettled

if TYPE_CHECKING:
    from macrostrike.client._views import Views

_FUNCTION = "roll"


def run(
    client: Views,
    strike_id: int,
    order: tuple[Prediction, bytes],
    limits: tuple[int, int] | None,
    open_may_fail: bool,
    slippage_bps: int,
) -> tuple[StrikeSettled, StrikeOpened | Skipped]:
    """What `MacroStrike.roll` does."""
    if limits is None:
        limits = _quoted(client, strike_id, order, slippage_bps)
    data = _data(strike_id, order, limits, open_may_fail)
    receipt = client._send(_FUNCTION, data, purpose=client._purpose(_FUNCTION, order[0]))
    events = {event.name: event for event in client.events(receipt.logs)}
    mined = _outcomes.mined(receipt)
    settled = _outcomes.settled(events["StrikeSettled"], mined)
    if "Skipped" in events:
        return settled, Skipped(0, decode_revert(events["Skipped"].args["reason"]))
    return settled, _outcomes.opened(events["StrikeOpened"], mined)


def _quoted(
    client: Views, strike_id: int, order: tuple[Prediction, bytes], slippage_bps: int
) -> tuple[int, int]:
    """Each limit by its quote, the opening's behind the settlement."""
    closes_long = client._is_long(strike_id)
    opens_long = order[0].signal.is_long
    settling = diamond_abi().encode_call("settleStrike", strike_id, _limits.impossible(closes_long))
    closing = client._measure("settleStrike", settling)
    probe = (_limits.softest(closes_long), _limits.impossible(opens_long))
    opening = client._measure(_FUNCTION, _data(strike_id, order, probe, False))
    _limits.require_fits(opening)
    return (
        _limits.within(closing, slippage_bps, is_long=closes_long),
        _limits.within(opening, slippage_bps, is_long=opens_long),
    )


def _data(
    strike_id: int, order: tuple[Prediction, bytes], limits: tuple[int, int], open_may_fail: bool
) -> bytes:
    prediction, signature = order
    opening = StrikeOrder(prediction=prediction, signature=signature, limit_amount=limits[1])
    return diamond_abi().encode_call(_FUNCTION, strike_id, limits[0], opening, open_may_fail)
