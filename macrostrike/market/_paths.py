"""Market paths: prices by the minute, from files or from a seed.

Files are CSV, plain or `.gz`, of two kinds, told by their header:

- OHLCV: `timestamp,open,high,low,close` and whatever else; prices are quote for one base.
- pool minutes: `timestamp,openTick,closeTick,lowestTick,highestTick` and whatever else, of a
  Uniswap V3 pool whose token0 is a quote of 6 decimals, and whose token1 is a base of 18.

Timestamps are Unix seconds, or `2022-07-19 00:00:00`, in UTC unless they say otherwise.
"""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import TextIO

from macrostrike.errors import MacroStrikeError

DATA = Path(__file__).parents[3] / "shared" / "data" / "market"
"""Where market data is by convention: beside the project, not in it."""

_TICK = Decimal("1.0001")
_TICK_DECIMALS = 12
_CENTS = Decimal("0.0001")
_OHLC = ("open", "high", "low", "close")
# A tick's price falls as the tick rises: the base is token1.
_TICKS = ("openTick", "lowestTick", "highestTick", "closeTick")
_MINUTE = 60
_SYNTHETIC_START = 1_660_000_000
_SYNTHETIC_VOLATILITY = 0.0008  # of a minute's logarithmic return: about that of ether
_REGIME_MINUTES = 90
_REGIME_DRIFT = 0.00015


class PricesInvalid(MacroStrikeError):
    """A file of prices can't be used."""

    def __init__(self, path: Path | str, line: int, reason: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of a market: Unix second at its start, prices in quote for one base."""

    timestamp: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


@dataclass(frozen=True, slots=True)
class Market:
    """Bars in order of time. `source` says in words where they come from."""

    source: str
    is_made_up: bool
    bars: tuple[Bar, ...]


def read_market(path: Path | str, limit: int | None = None) -> Market:
    """A market from a file; at most `limit` bars, from its start. Raises `PricesInvalid`."""
    file = Path(path)
    try:
        with _open(file) as text:
            bars = tuple(islice(_bars(file, text), limit))
    except (OSError, UnicodeDecodeError, EOFError) as failure:
        raise PricesInvalid(file, 1, f"can't be read: {failure}") from None
    if not bars:
        raise PricesInvalid(file, 1, "has no prices")
    return Market(f"{file.name}, from {_time(bars[0])} to {_time(bars[-1])} UTC", False, bars)


def find_market(limit: int | None = None) -> Market | None:
    """The first market among the files in `DATA`; None when there is none."""
    for file in sorted(DATA.glob("*.csv*")):
        if _has_prices(file):
            return read_market(file, limit)
    return None


def synthetic_market(seed: int, minutes: int, price: Decimal | int = 1600) -> Market:
    """A made-up market, the same for the same seed: a random walk whose drift changes at times."""
    source = f"made up: a random walk from seed {seed}, {minutes} minutes; no real market"
    return Market(source, True, tuple(_walk(random.Random(seed), minutes, Decimal(price))))


def _walk(chance: random.Random, minutes: int, price: Decimal) -> Iterator[Bar]:
    drift = 0.0
    for minute in range(minutes):
        if minute % _REGIME_MINUTES == 0:
            drift = chance.uniform(-_REGIME_DRIFT, _REGIME_DRIFT)
        moved = price * Decimal(1 + chance.gauss(drift, _SYNTHETIC_VOLATILITY))
        close = moved.quantize(_CENTS)
        high, low = max(price, close), min(price, close)
        yield Bar(_SYNTHETIC_START + minute * _MINUTE, price, high, low, close)
        price = close


def _open(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8", newline="")
    return file.open(encoding="utf-8", newline="")


def _has_prices(file: Path) -> bool:
    try:
        with _open(file) as text:
            return _reader(next(csv.reader(text), [])) is not None
    except (OSError, UnicodeDecodeError, EOFError):
        return False


def _reader(header: Iterable[str]) -> Callable[[Mapping[str, str]], list[Decimal]] | None:
    """What makes open, high, low and close of a row; None when the columns aren't there."""
    columns = set(header)
    if "timestamp" not in columns:
        return None
    if columns.issuperset(_TICKS):
        return lambda row: [_tick_price(row[name]) for name in _TICKS]
    if columns.issuperset(_OHLC):
        return lambda row: [Decimal(row[name]) for name in _OHLC]
    return None


def _bars(file: Path, text: TextIO) -> Iterator[Bar]:
    rows = csv.DictReader(text)
    prices = _reader(rows.fieldnames or ())
    if prices is None:
        wanted = f"timestamp, with {', '.join(_OHLC)}, or with {', '.join(_TICKS)}"
        raise PricesInvalid(file, 1, f"columns must be {wanted}")
    last = 0
    for row in rows:
        try:
            timestamp, values = _timestamp(row["timestamp"]), prices(row)
        except (ValueError, TypeError, InvalidOperation):
            raise PricesInvalid(file, rows.line_num, f"no prices: {dict(row)}") from None
        if not all(value.is_finite() and value > 0 for value in values):
            raise PricesInvalid(file, rows.line_num, f"prices must be over zero: {dict(row)}")
        if timestamp <= last:
            raise PricesInvalid(
                file, rows.line_num, f"{row['timestamp']} is not after the row before"
            )
        last = timestamp
        yield Bar(timestamp, *values)


def _tick_price(tick: str) -> Decimal:
    return (_TICK ** -int(tick)).scaleb(_TICK_DECIMALS)


def _timestamp(text: str) -> int:
    if text.isdecimal():
        return int(text)
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int((time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp())


def _time(bar: Bar) -> str:
    return f"{datetime.fromtimestamp(bar.timestamp, timezone.utc):%Y-%m-%d %H:%M}"
