"""Markets from CSV files, plain or `.gz`.

Read are, recognized by their header or by their columns:

- OHLC with a header, in any order of columns: `timestamp,open,high,low,close`, as ccxt, Binance,
  Coinbase and CryptoDataDownload have it. Prices are quote for one base.
- without a header: Binance's klines, ccxt's and Kraken's (time, open, high, low, close, …), and
  Coinbase's (time, low, high, open, close, …), whichever order the prices agree with.
- pool minutes: `timestamp,openTick,closeTick,lowestTick,highestTick` and, where it is known,
  `currentLiquidity`, of a Uniswap V3 pool whose token0 is a quote of 6 decimals, and whose token1
  is a base of 18.

Times are Unix seconds, milliseconds, microseconds or nanoseconds, or dates in UTC unless they say
otherwise. Newest first is turned around. What is broken is refused with its line; what is
suspicious is in `Market.notes`.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from macrostrike._counts import counted
from macrostrike.market._bars import Bar, Market, PricesInvalid
from macrostrike.market._dialects import Dialect, RowInvalid, dialect_of
from macrostrike.market._suspicions import suspicions

DATA = Path(__file__).parents[3] / "shared" / "data" / "market"
"""Where market data is by convention: beside the project, not in it."""

_LOOKED_AT = 200  # rows by which a dialect without a header is recognized
_KNOWN = (
    "a time with open, high, low and close; or openTick, lowestTick, highestTick and closeTick; or "
    "no header, and the columns of Binance, ccxt, Kraken or Coinbase"
)


def read_market(path: Path | str, limit: int | None = None) -> Market:
    """A market from a file; at most `limit` bars, from its start. Raises `PricesInvalid`."""
    file = Path(path)
    try:
        with _open(file) as text:
            widened: list[int] = []
            numbered = _in_order(file, _bars(file, text, widened), limit)
    except (OSError, UnicodeDecodeError, EOFError, csv.Error) as failure:
        raise PricesInvalid(file, 1, f"can't be read: {failure}") from None
    if not numbered:
        raise PricesInvalid(file, 1, "has no prices")
    lines, bars = zip(*numbered, strict=True)
    source = f"{file.name}, from {_time(bars[0])} to {_time(bars[-1])} UTC"
    return Market(source, False, bars, (*_loose(widened), *suspicions(bars, lines)))


def find_market(limit: int | None = None) -> Market | None:
    """The first market among the files in `DATA`; None when there is none."""
    for file in sorted(DATA.glob("*.csv*")):
        if _has_prices(file):
            return read_market(file, limit)
    return None


def _loose(lines: Sequence[int]) -> Iterator[str]:
    if lines:
        yield (
            f"in {counted(len(lines), 'bar')} the recorded range does not hold the open or the "
            f"close: it is widened to them; the first is in line {lines[0]}"
        )


def _open(file: Path) -> TextIO:
    # utf-8-sig: spreadsheets put a byte-order mark first.
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def _has_prices(file: Path) -> bool:
    try:
        with _open(file) as text:
            return dialect_of([row for _, row in islice(_rows(text), _LOOKED_AT)]) is not None
    except (OSError, UnicodeDecodeError, EOFError, csv.Error):
        return False


def _rows(text: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Rows with their lines; empty ones, and the address that CryptoDataDownload begins with, are
    left out."""
    rows = csv.reader(text)
    for row in rows:
        if row and not (rows.line_num == 1 and row[0].startswith("http")):
            yield rows.line_num, row


def _bars(file: Path, text: TextIO, widened: list[int]) -> Iterator[tuple[int, Bar]]:
    """Bars with their lines; adds to `widened` the lines of those whose range was."""
    rows = _rows(text)
    first = list(islice(rows, _LOOKED_AT))
    dialect = dialect_of([row for _, row in first])
    if dialect is None:
        raise PricesInvalid(file, 1, f"columns must be {_KNOWN}")
    for line, row in chain(first[1:] if dialect.has_header else first, rows):
        bar = _bar(file, line, dialect, row)
        prices = (bar.open, bar.high, bar.low, bar.close)
        low, high = min(prices), max(prices)
        if (low, high) != (bar.low, bar.high):
            if not dialect.is_loose:
                raise PricesInvalid(
                    file,
                    line,
                    f"a high of {bar.high:.10g} and a low of {bar.low:.10g} don't hold "
                    f"an open of {bar.open:.10g} and a close of {bar.close:.10g}",
                )
            widened.append(line)
            bar = replace(bar, low=low, high=high)
        yield line, bar


def _bar(file: Path, line: int, dialect: Dialect, row: Sequence[str]) -> Bar:
    try:
        bar = dialect.read(row)
    except RowInvalid as invalid:
        raise PricesInvalid(file, line, str(invalid)) from None
    prices = (bar.open, bar.high, bar.low, bar.close)
    if not (dialect.is_loose or all(price.is_finite() and price > 0 for price in prices)):
        raise PricesInvalid(file, line, f"prices must be over zero: {','.join(row)}")
    return bar


def _in_order(
    file: Path, bars: Iterator[tuple[int, Bar]], limit: int | None
) -> list[tuple[int, Bar]]:
    """The oldest first. A file is in one order, either way, from its start to its end."""
    kept: list[tuple[int, Bar]] = []
    newest_first = False
    for line, bar in bars:
        if len(kept) == 1:
            newest_first = bar.timestamp < kept[0][1].timestamp
        if kept:
            before = kept[-1][1].timestamp
            step = bar.timestamp - before
            if step == 0 or (step < 0) is not newest_first:
                order = "before" if newest_first else "after"
                reason = f"{bar.timestamp} is not {order} the row before, {before}"
                raise PricesInvalid(file, line, reason)
        kept.append((line, bar))
        if limit is not None and len(kept) >= max(limit, 2) and not newest_first:
            break
    return (kept[::-1] if newest_first else kept)[:limit]


def _time(bar: Bar) -> str:
    return f"{datetime.fromtimestamp(bar.timestamp, timezone.utc):%Y-%m-%d %H:%M}"
