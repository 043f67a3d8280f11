"""Values and their changes in words, with units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timezone
from enum import Enum
from typing import Any

Lots = Callable[[int], str]
"""What so many lots are, in quote."""


def differences(meant: Any, actual: Any, lots: Lots) -> list[tuple[str, str, str]]:
    """The fields of two records that differ: name, meant, actual."""
    names = [field.name for field in fields(meant)]
    pairs = [(name, getattr(meant, name), getattr(actual, name)) for name in names]
    return [
        (title(name), shown(name, new, lots), shown(name, old, lots))
        for name, new, old in pairs
        if new != old
    ]


def title(name: str) -> str:
    """A field's name without the unit, which the value has."""
    return name.removesuffix("_bps").removesuffix("_lots").replace("_", " ")


def changes(found: list[tuple[str, str, str]]) -> str:
    """What becomes of each field: from what, to what."""
    return "; ".join(f"{name} {old} -> {new}" for name, new, old in found)


def shown(name: str, value: Any, lots: Lots) -> str:
    """A field's value with the unit that its name has; a number without one is in seconds."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (str, Enum)):
        return str(value)
    if name.endswith("_bps"):
        return f"{value} bps"
    if name.endswith("_lots"):
        return f"{value:,} lots ({lots(value)})"
    return f"{value:,} s"


def moment(seconds: int) -> str:
    """A time in UTC; `nothing` for 0."""
    if not seconds:
        return "nothing"
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
