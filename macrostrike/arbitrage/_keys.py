"""The keys of pools, in finds and in reports."""

from __future__ import annotations

from macrostrike.types import ZERO_ADDRESS
from macrostrike.types import Pool as Registered


def pool_key(pool: Registered) -> str:
    """A pool's address, or its id where a manager or vault holds many."""
    return f"0x{pool.pool_id.hex()}" if any(pool.pool_id) else pool.pool


def pair_key(pool: Registered, wrapped_native: str) -> tuple[str, frozenset[str]]:
    """What tells it from all others: its key, and the tokens that it trades."""
    tokens = (pool.token0, pool.token1)
    return pool_key(pool), frozenset(
        wrapped_native if token == ZERO_ADDRESS else token for token in tokens
    )
