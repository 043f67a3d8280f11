"""Numbers and words as the demo shows them."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

from macrostrike.types import Signal

_COLORS = {
    Signal.STRONG_LONG: "bold green",
    Signal.LONG: "green",
    Signal.SHORT: "red",
    Signal.STRONG_SHORT: "bold red",
}


def usdc(raw: int) -> str:
    """An amount of a token with 6 decimals."""
    return f"{Decimal(raw).scaleb(-6):,.2f}"


def signed(raw: int) -> str:
    """A profit or a loss, of a token with 6 decimals, in color."""
    color = "green" if raw > 0 else "red" if raw < 0 else "dim"
    return f"[{color}]{Decimal(raw).scaleb(-6):+,.2f}[/]"


def weth(raw: int) -> str:
    """An amount of a token with 18 decimals."""
    return f"{Decimal(raw).scaleb(-18):,.4f}"


def percent(bps: int) -> str:
    """Basis points as a percentage."""
    return f"{Decimal(bps).scaleb(-2).normalize():f} %"


def rate(wins: int, settled: int) -> str:
    """A win rate."""
    return f"{100 * wins / settled:.1f} %" if settled else "–"


def clock(timestamp: int) -> str:
    """Date and time in UTC."""
    return f"{datetime.fromtimestamp(timestamp, timezone.utc):%m-%d %H:%M}"


def colored(signal: Signal) -> str:
    """A signal in its color."""
    return f"[{_COLORS[signal]}]{signal}[/]"
