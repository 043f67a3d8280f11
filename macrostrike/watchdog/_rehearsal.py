"""Whether a ladder would work now, without sending any of it."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike._counts import counted
from macrostrike.abi import diamond_abi
from macrostrike.chain import Transport
from macrostrike.errors import Reverted
from macrostrike.reverts import decode_revert
from macrostrike.watchdog._ladder import Ladder

MAX_AGE_DAYS = 30
"""A ladder that is older was not renewed: its account and fees should be looked at."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One thing that must hold for a ladder to work, and what was found."""

    what: str
    ok: bool
    found: str


def rehearse(transport: Transport, ladder: Ladder, now: float) -> list[Rehearsed]:
    """Everything that a pause depends on; `now` is Unix seconds."""
    nonce, balance = transport.nonce(ladder.guardian), transport.balance(ladder.guardian)
    fee, top = transport.fees().max_fee, ladder.rungs[-1]
    days = (now - ladder.signed_at) / _DAY
    return [
        _pausing(transport, ladder),
        Rehearsed(
            "the guardian's nonce is unused",
            nonce == ladder.nonce,
            f"signed with {ladder.nonce}, next is {nonce}",
        ),
        Rehearsed(
            "the guardian can pay for the highest rung",
            balance >= top.max_cost,
            f"{balance / 1e18:.6f} ether, up to {top.max_cost / 1e18:.6f} needed",
        ),
        Rehearsed(
            "the highest rung offers twice what is asked now",
            top.fees.max_fee >= 2 * fee,
            f"{top.fees.max_fee / 1e9:,.2f} gwei, {fee / 1e9:,.2f} asked",
        ),
        Rehearsed(
            f"the ladder is younger than {MAX_AGE_DAYS} days",
            days < MAX_AGE_DAYS,
            f"{days:.1f} days",
        ),
    ]


def _pausing(transport: Transport, ladder: Ladder) -> Rehearsed:
    what, data = (
        "the chain would accept the pause",
        diamond_abi().encode_call("pause"),
    )
    try:
        transport.call(ladder.diamond, data, sender=ladder.guardian)
    except Reverted as refused:
        return Rehearsed(what, False, str(decode_revert(refused.data, refused.reason)))
    return Rehearsed(what, True, f"{counted(len(ladder.rungs), 'rung')} of {ladder.guardian}")
