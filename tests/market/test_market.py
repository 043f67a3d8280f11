"""Market paths: what files may hold, and what is made up."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from macrostrike.market import DATA, Bar, PricesInvalid, find_market, read_market, synthetic_market

OHLCV = "timestamp,open,high,low,close,volume\n"
MINUTES = "timestamp,netAmount0,closeTick,openTick,lowestTick,highestTick\n"


def written(tmp_path: Path, text: str, name: str = "prices.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["prices.csv", "prices.csv.gz"])
def test_candles_are_read(tmp_path: Path, name: str) -> None:
    text = OHLCV + "1660000000,1600.5,1602,1599,1601.25,12\n1660000060,1601.25,1603,1601,1602,9\n"
    market = read_market(written(tmp_path, text, name))
    assert not market.is_made_up
    assert market.source == f"{name}, from 2022-08-08 23:06 to 2022-08-08 23:07 UTC"
    first = Bar(1660000000, *map(Decimal, ("1600.5", "1602", "1599", "1601.25")))
    assert market.bars[0] == first
    assert len(market.bars) == 2


def test_pool_minutes_are_read_as_prices_of_the_base(tmp_path: Path) -> None:
    text = MINUTES + "2022-07-19 00:00:00,-1,202693,202656,202649,202697\n"
    (bar,) = read_market(written(tmp_path, text)).bars
    assert bar.timestamp == 1658188800
    assert round(bar.close, 2) == Decimal("1576.14")
    assert round(bar.open, 2) == Decimal("1581.98")
    assert bar.low < bar.close < bar.open < bar.high


@pytest.mark.parametrize(
    "time",
    ["1658188800", "2022-07-19 00:00:00", "2022-07-19T00:00:00Z", "2022-07-19T02:00:00+02:00"],
)
def test_times_are_unix_or_iso_in_utc(tmp_path: Path, time: str) -> None:
    (bar,) = read_market(written(tmp_path, f"{OHLCV}{time},1,1,1,1,1\n")).bars
    assert bar.timestamp == 1658188800


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    rows = "".join(f"{t},1,1,1,1,1\n" for t in range(1, 10)) + "broken\n"
    assert len(read_market(written(tmp_path, OHLCV + rows), limit=4).bars) == 4


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "columns must be a time"),
        ("time,price\n1,2\n", 1, "columns must be a time"),
        (OHLCV, 1, "has no prices"),
        (OHLCV + "1,1,1,1,1,1\n2,1,1,1\n", 3, "no prices"),
        (OHLCV + "1,1,1,1,one,1\n", 2, "no prices"),
        (OHLCV + "yesterday,1,1,1,1,1\n", 2, "no prices"),
        (OHLCV + "1,1,1,0,1,1\n", 2, "must be over zero"),
        (OHLCV + "1,1,1,-1,1,1\n", 2, "must be over zero"),
        (OHLCV + "1,1,1,1,nan,1\n", 2, "must be over zero"),
        (OHLCV + "1,1,1,1,inf,1\n", 2, "must be over zero"),
        (OHLCV + "5,1,1,1,1,1\n5,1,1,1,1,1\n", 3, "5 is not after the row before"),
        (OHLCV + "5,1,1,1,1,1\n6,1,1,1,1,1\n4,1,1,1,1,1\n", 4, "4 is not after the row before"),
        (MINUTES + "5,1,2.5,1,1,1\n", 2, "no prices"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    with pytest.raises(PricesInvalid, match=reason) as refused:
        read_market(written(tmp_path, text))
    assert refused.value.line == line


def test_what_is_not_a_such_file_is_said(tmp_path: Path) -> None:
    not_gzip = written(tmp_path, OHLCV)
    not_gzip = not_gzip.rename(tmp_path / "plain.csv.gz")
    for path in (tmp_path / "none.csv", tmp_path, not_gzip):
        with pytest.raises(PricesInvalid, match="can't be read"):
            read_market(path)


def test_the_same_seed_makes_the_same_market_and_says_that_it_is_made_up() -> None:
    market = synthetic_market(3, 500)
    assert market == synthetic_market(3, 500)
    assert market.bars != synthetic_market(4, 500).bars
    assert market.is_made_up
    assert "made up" in market.source
    assert "seed 3" in market.source
    times = [bar.timestamp for bar in market.bars]
    assert times == list(range(times[0], times[0] + 500 * 60, 60))
    assert all(bar.low <= min(bar.open, bar.close) for bar in market.bars)
    assert all(
        before.close == after.open
        for before, after in zip(market.bars, market.bars[1:], strict=False)
    )


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder of market data is not there")
def test_the_data_beside_the_project_is_found() -> None:
    market = find_market()
    assert market is not None
    assert len(market.bars) == 50_390
    assert round(min(bar.close for bar in market.bars)) == 1358
    assert round(max(bar.close for bar in market.bars)) == 2026


def test_without_data_there_is_not_a_market(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("macrostrike.market._files.DATA", tmp_path)
    written(tmp_path, "timestamp,gas\n1,2\n", "gas.csv")
    assert find_market() is None
