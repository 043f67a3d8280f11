"""Bars, and the market that they make."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from macrostrike.errors import MacroStrikeError


class PricesInvalid(MacroStrikeError):
    """A file of prices can't be used."""

    def __init__(self, path: Path | str, line: int, reason: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of a market: Unix second at its start, prices in quote for one base.

    Where a pool was recorded: its tick at the end, with quote as token0, and the liquidity in range
    then; 0 where none is known.
    """

    timestamp: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    tick: int | None = None
    liquidity: int = 0


@dataclass(frozen=True, slots=True)
class Market:
    """Bars in order of time.

    source: in words, where they come from.
    notes: what looks suspicious in them: gaps, jumps, bars of another length, odd prices.
    """

    source: str
    is_made_up: bool
    bars: tuple[Bar, ...]
    notes: tuple[str, ...] = ()
