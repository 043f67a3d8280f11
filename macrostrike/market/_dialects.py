"""How the sources of minutes write them: which column holds what, and in which unit time is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from macrostrike.market._bars import Bar

# Names of the time's column, the surest first: CryptoDataDownload has two.
_TIMES = ("unix", "unix_timestamp", "timestamp", "open_time", "time", "datetime", "date")
_OHLC = ("open", "high", "low", "close")
# A tick's price falls as the tick rises: the base is token1.
_TICKS = ("opentick", "lowesttick", "highesttick", "closetick")
_LIQUIDITY = "currentliquidity"
_TICK = Decimal("1.0001")
_MAX_TICK = 887_272  # Uniswap's
_TICK_DECIMALS = 12

_IN_ORDER = {"time": 0, "open": 1, "high": 2, "low": 3, "close": 4}
_COINBASE = {"time": 0, "low": 1, "high": 2, "open": 3, "close": 4}
_HEADERLESS = (5, 12)  # columns, from time and four prices to all of Binance's
_EPOCH = datetime(1970, 1, 1)
# The smallest time in nanoseconds, in microseconds, in milliseconds; under these it is seconds.
_UNITS = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3))


class RowInvalid(ValueError):
    """A row can't be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way to write a bar.

    has_header: whether the first row is names.
    is_loose: whether the range of a bar need not hold its open and close, as with aggregates of
        swaps that were recorded apart. Its prices are of ticks, and so over zero.
    """

    name: str
    has_header: bool
    read: Callable[[Sequence[str]], Bar]
    is_loose: bool = False


def dialect_of(rows: Sequence[Sequence[str]]) -> Dialect | None:
    """The dialect of a file by its first rows; None for none of those known."""
    first = rows[0] if rows else ()
    names = [name.strip().lower().replace(" ", "_") for name in first]
    time = next((name for name in _TIMES if name in names), None)
    if time is not None and set(_TICKS) <= set(names):
        return Dialect("pool minutes", True, _ticks(names, time), is_loose=True)
    if time is not None and set(_OHLC) <= set(names):
        places = {name: names.index(name) for name in _OHLC}
        return Dialect("OHLC by name", True, _prices({**places, "time": names.index(time)}))
    low, high = _HEADERLESS
    if low <= len(first) <= high and all(_is_number(cell) for cell in first[:low]):
        return _headerless(rows)
    return None


def _headerless(rows: Sequence[Sequence[str]]) -> Dialect | None:
    """By the order that all rows agree with: a high is the highest, a low the lowest."""
    for name, places in (("time, open, high, low, close", _IN_ORDER), ("Coinbase", _COINBASE)):
        read = _prices(places)
        try:
            bars = [read(row) for row in rows if row]
        except RowInvalid:
            continue
        if all(_is_sound(bar) for bar in bars):
            return Dialect(name, False, read)
    # What is wrong with a row is said with its line, by the usual order.
    return Dialect("time, open, high, low, close", False, _prices(_IN_ORDER))


def _is_sound(bar: Bar) -> bool:
    inside = (bar.open, bar.close)
    return bar.low <= min(inside) and bar.high >= max(inside)


def _prices(places: dict[str, int]) -> Callable[[Sequence[str]], Bar]:
    time = places["time"]
    first, high, low, last = (places[name] for name in _OHLC)

    def read(row: Sequence[str]) -> Bar:
        try:
            return Bar(
                timestamp=timestamp(row[time]),
                open=Decimal(row[first]),
                high=Decimal(row[high]),
                low=Decimal(row[low]),
                close=Decimal(row[last]),
            )
        except (IndexError, InvalidOperation):
            raise RowInvalid(f"no prices: {','.join(row)}") from None

    return read


def _ticks(names: Sequence[str], time_name: str) -> Callable[[Sequence[str]], Bar]:
    time = names.index(time_name)
    first, high, low, last = (names.index(name) for name in _TICKS)
    liquidity = names.index(_LIQUIDITY) if _LIQUIDITY in names else None

    def read(row: Sequence[str]) -> Bar:
        try:
            return Bar(
                timestamp=timestamp(row[time]),
                open=_tick_price(row[first]),
                high=_tick_price(row[high]),
                low=_tick_price(row[low]),
                close=_tick_price(row[last]),
                tick=int(row[last]),
                liquidity=0 if liquidity is None else int(row[liquidity]),
            )
        except (IndexError, ValueError):
            raise RowInvalid(f"no prices: {','.join(row)}") from None

    return read


@lru_cache(maxsize=1 << 14)
def _tick_price(tick: str) -> Decimal:
    number = int(tick)
    if abs(number) > _MAX_TICK:
        raise ValueError(tick)
    return (_TICK**-number).scaleb(_TICK_DECIMALS)


def timestamp(text: str) -> int:
    """Unix seconds of what a cell says: seconds to nanoseconds, or a date in UTC unless it says
    otherwise. Raises `RowInvalid`."""
    text = text.strip()
    if text.isdecimal():  # as nearly all are: a time of day takes ten times as long
        return _seconds(int(text))
    if ":" not in text and _is_number(text):
        return _seconds(int(Decimal(text)))
    try:
        # Python 3.10 knows neither Z nor " UTC".
        time = datetime.fromisoformat(text.removesuffix(" UTC").replace("Z", "+00:00"))
    except ValueError:
        raise RowInvalid(f"no prices: {text!r} is not a time") from None
    return int(time.timestamp() if time.tzinfo else (time - _EPOCH).total_seconds())


def _seconds(number: int) -> int:
    for start, parts in _UNITS:
        if number >= start:
            return number // parts
    return number


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.strip()).is_finite()
    except InvalidOperation:
        return False
