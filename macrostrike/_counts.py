"""Numbers of things, as sentences have them."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 strike`, `2 strikes`. many: where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
