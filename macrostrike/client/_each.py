"""Many strikes at once, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from macrostrike.abi import diamond_abi
from macrostrike.chain.sender import Call
from macrostrike.chain.transport import Receipt
from macrostrike.client import _core, _outcomes
from macrostrike.client._batches import Strikes
from macrostrike.errors import MacroStrikeError, Reverted
from macrostrike.reverts import decode_revert
from macrostrike.types import NONCE_WINDOW, Prediction, StrikeOpened

if TYPE_CHECKING:
    from macrostrike.client._views import Views

_FUNCTION = "executeStrike"
_IN_FLIGHT = NONCE_WINDOW - 8
"""Predictions of one engine on their way at once, with room for what others send."""

Leg = tuple[tuple[Prediction, bytes], int | None]
Result = StrikeOpened | MacroStrikeError


def run(client: Views, legs: Sequence[Leg], slippage_bps: int) -> tuple[Result, ...]:
    """As `MacroStrike.strike_each` says. Oldest first, as older ones would end."""
    results: dict[int, Result] = {}
    in_order = sorted(range(len(legs)), key=lambda at: legs[at][0][0].nonce)
    for start in range(0, len(in_order), _IN_FLIGHT):
        places = in_order[start : start + _IN_FLIGHT]
        limited, refused = Strikes(client, [legs[at] for at in places]).priced(slippage_bps)
        results |= {places[each.index]: each.error for each in refused}
        calls = _calls(client, [(leg.subject, limit) for leg, limit in limited])
        at = [places[leg.index] for leg, _ in limited]
        results |= _sent(client, dict(zip(at, calls, strict=True)))
    return tuple(results[place] for place in range(len(legs)))


def _sent(client: Views, calls: dict[int, Call]) -> dict[int, Result]:
    if not calls:
        return {}
    sender = client._require_sender(_FUNCTION)
    answers = dict(zip(calls, sender.submit_many(list(calls.values())), strict=True))
    results: dict[int, Result] = {
        p: t for p, t in answers.items() if isinstance(t, MacroStrikeError)
    }
    tickets = {p: t for p, t in answers.items() if not isinstance(t, MacroStrikeError)}
    for place, mined in zip(tickets, sender.wait_many(list(tickets.values())), strict=True):
        results[place] = _opened(client, mined)
    return results


def _opened(client: Views, mined: Receipt | MacroStrikeError) -> Result:
    if isinstance(mined, Reverted):
        return decode_revert(mined.data, mined.reason)
    if isinstance(mined, MacroStrikeError):
        return mined
    return _outcomes.opened(client._event(mined, "StrikeOpened"), _outcomes.mined(mined))


def _calls(client: Views, orders: Sequence[tuple[tuple[Prediction, bytes], int]]) -> Iterator[Call]:
    """Each with its limit. What their data costs is asked once for all."""
    data = [diamond_abi().encode_call(_FUNCTION, *order, limit) for order, limit in orders]
    costs = client.transport.data_costs(client.diamond, data)
    for ((prediction, _), _), each, cost in zip(orders, data, costs, strict=True):
        purpose = client._purpose(_FUNCTION, prediction)
        gas = _core.SWAP_GAS + cost.gas
        yield Call(client.diamond, each, gas, purpose, data_cost=cost)
