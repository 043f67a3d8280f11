"""How exchanges write minutes: all are read as the same bars, or refused with line and reason."""

from __future__ import annotations

import gzip
import re
from decimal import Decimal
from pathlib import Path

import pytest

from macrostrike.market import Bar, PricesInvalid, read_market

T0 = 1_660_000_000
BARS = (
    Bar(T0, Decimal("1600.5"), Decimal(1603), Decimal(1599), Decimal("1601.25")),
    Bar(T0 + 60, Decimal("1601.25"), Decimal(1604), Decimal(1601), Decimal(1602)),
    Bar(T0 + 120, Decimal(1602), Decimal("1602.5"), Decimal(1598), Decimal(1600)),
)
HEADER = "timestamp,open,high,low,close\n"


def rows(order: str, times: list[str] | None = None, more: str = "") -> str:
    """Lines with the bars' fields in an order such as `tohlc`, and `more` behind each."""
    lines = []
    for index, bar in enumerate(BARS):
        fields = {"o": bar.open, "h": bar.high, "l": bar.low, "c": bar.close}
        cells = {name: str(value) for name, value in fields.items()}
        cells["t"] = times[index] if times else str(bar.timestamp)
        lines.append(",".join(cells[name] for name in order) + more)
    return "\n".join(lines) + "\n"


def reversed_lines(text: str) -> str:
    return "\n".join(text.splitlines()[::-1]) + "\n"


def times(factor: int) -> list[str]:
    return [str(bar.timestamp * factor) for bar in BARS]


TICKS = "timestamp,openTick,lowestTick,highestTick,closeTick\n"
BINANCE = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore\n"
)
TAIL = ",10.5,1660000059999,16900.1,31,5.2,8300.3,0"
DOWNLOAD = "unix,date,symbol,open,high,low,close,Volume ETH,Volume USDT,tradecount\n"


def download() -> str:
    date = "2022-08-08 23:06:40,ETHUSDT"
    lines = [
        f"{bar.timestamp}000,{date},{bar.open},{bar.high},{bar.low},{bar.close},1,2,3"
        for bar in BARS[::-1]
    ]
    return "https://www.CryptoDataDownload.com\n" + DOWNLOAD + "\n".join(lines) + "\n"


DIALECTS = {
    "ours": HEADER + rows("tohlc"),
    "columns in another order": "close,low,Open,High,Timestamp\n" + rows("cloht"),
    "Binance with a header": BINANCE + rows("tohlc", times(1000), TAIL),
    "Binance without one": rows("tohlc", times(1000), TAIL),
    "Binance since 2025, microseconds": rows("tohlc", times(10**6), TAIL),
    "nanoseconds": HEADER + rows("tohlc", times(10**9)),
    "float seconds": HEADER + rows("tohlc", [f"{bar.timestamp}.0" for bar in BARS]),
    "ccxt": rows("tohlc", times(1000), ",12.25"),
    "ccxt with a date": "date,open,high,low,close,volume\n"
    + rows(
        "tohlc", ["2022-08-08 23:06:40", "2022-08-08T23:07:40Z", "2022-08-09 01:08:40+02:00"], ",1"
    ),
    "Kraken": rows("tohlc", None, ",3.5,7"),
    "Coinbase": "time,low,high,open,close,volume\n" + rows("tlhoc", None, ",4"),
    "Coinbase's candles, newest first": reversed_lines(rows("tlhoc", None, ",4")),
    "CryptoDataDownload": download(),
}


def written(tmp_path: Path, text: str, name: str = "prices.csv") -> Path:
    path = tmp_path / name
    data = text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("how", ["plain", "with a BOM", "with CRLF", "gzip"])
def test_all_dialects_give_the_same_bars(tmp_path: Path, dialect: str, how: str) -> None:
    text = DIALECTS[dialect]
    if how == "with a BOM":
        text = "\ufeff" + text
    if how == "with CRLF":
        text = text.replace("\n", "\r\n")
    market = read_market(written(tmp_path, text, "p.csv.gz" if how == "gzip" else "p.csv"))
    assert market.bars == BARS
    assert market.notes == ()


def test_a_pools_minutes_keep_tick_and_liquidity(tmp_path: Path) -> None:
    header = "timestamp,netAmount0,closeTick,openTick,lowestTick,highestTick,currentLiquidity\n"
    line = "2022-07-19 00:00:00,-1,202693,202656,202649,202697,422680516552367239\n"
    (bar,) = read_market(written(tmp_path, header + line)).bars
    assert (bar.tick, bar.liquidity) == (202693, 422680516552367239)
    assert bar.low < bar.close < bar.open < bar.high


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (HEADER + "1660000000,2,1,1,2\n", 2, "a high of 1 and a low of 1 don't hold"),
        (HEADER + "1660000000,2,3,2.5,2.6\n", 2, "don't hold an open of 2"),
        (rows("tohlc") + "1660000180,5,4,3,4\n", 4, "don't hold an open of 5"),
        (HEADER + "1660000000,1,1,1,1\n1660000000,1,1,1,1\n", 3, "is not after the row before"),
        (HEADER + "3,1,1,1,1\n2,1,1,1,1\n4,1,1,1,1\n", 4, "is not before the row before"),
        (HEADER + "soon,1,1,1,1\n", 2, "'soon' is not a time"),
        (TICKS + "1660000000,0,0,0,887272\n1660000060,0,0,0,-887273\n", 3, "no prices"),
        ("1660000000,1,1,1\n", 1, "columns must be a time"),
        ("\ufeff", 1, "columns must be a time"),
    ],
)
def test_what_is_broken_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    with pytest.raises(PricesInvalid, match=reason) as refused:
        read_market(written(tmp_path, text))
    assert refused.value.line == line


def ohlc(*bars: tuple[int, float]) -> str:
    return HEADER + "".join(f"{at},{price},{price},{price},{price}\n" for at, price in bars)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        (ohlc(*((T0 + 3600 * n, 1600) for n in range(5))), "bars are 3600 s apart, not a minute"),
        (
            ohlc((T0, 1600), (T0 + 60, 1600), (T0 + 120, 1600), (T0 + 120 + 501 * 60, 1600)),
            "500 of 504 bars are missing, in 1 gap not filled, behind line 4; the longest is 500",
        ),
        (ohlc((T0, 0.0000023), (T0 + 60, 0.0000023)), "order of the tokens swapped"),
        (
            ohlc((T0, 1600), (T0 + 60, 2400)),
            r"jumps by over 20 %.* 1 time, in line 3; most, by \+50 %",
        ),
    ],
)
def test_what_is_suspicious_is_said(tmp_path: Path, text: str, reported: str) -> None:
    notes = " | ".join(read_market(written(tmp_path, text)).notes)
    assert re.search(reported, notes), notes


def test_a_recorded_range_that_is_too_narrow_is_widened_and_said(tmp_path: Path) -> None:
    header = "timestamp,closeTick,openTick,lowestTick,highestTick\n"
    market = read_market(written(tmp_path, header + f"{T0},10,12,11,12\n"))
    (bar,) = market.bars
    assert bar.high == bar.close
    assert "in 1 bar the recorded range does not hold" in market.notes[0]
