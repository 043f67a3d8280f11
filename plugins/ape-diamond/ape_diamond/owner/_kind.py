"""Owners that are more than one key, and what they are."""

from __future__ import annotations

from enum import Enum

from ape_diamond.chain import Chain
from ape_diamond.errors import DiamondError
from ape_diamond.owner._safe import read_safe
from ape_diamond.owner._timelock import read_timelock

# EIP-7702: the code of an account with a key, which says whose code it runs.
_DELEGATION = bytes.fromhex("ef0100")


class OwnerKind(Enum):
    """What an owner is."""

    EOA = "account"
    SAFE = "Safe"
    TIMELOCK = "timelock"
    OTHER = "contract"


def owner_kind(chain: Chain, owner: str) -> OwnerKind:
    """What `owner` is, by what it answers."""
    code = chain.code(owner)
    if not code or code.startswith(_DELEGATION):
        return OwnerKind.EOA
    for read, kind in ((read_safe, OwnerKind.SAFE), (read_timelock, OwnerKind.TIMELOCK)):
        try:
            read(chain, owner)
        except DiamondError:
            continue
        return kind
    return OwnerKind.OTHER
