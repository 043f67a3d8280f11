"""`ape run demo`, start to end, and cut short."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest

from macrostrike.market import Bar, synthetic_market

from .support import is_running, run, start


def prices(path: Path, bars: tuple[Bar, ...]) -> Path:
    rows = [f"{b.timestamp},{b.open},{b.high},{b.low},{b.close}" for b in bars]
    path.write_text("\n".join(["timestamp,open,high,low,close", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return prices(tmp_path / "prices.csv", synthetic_market(5, 900).bars)


def test_the_demo_says_the_whole_run(file: Path) -> None:
    began = time.monotonic()
    code, output = run("run", "demo", "--prices", str(file), "--strikes", "2")
    assert code == 0, output
    assert time.monotonic() - began < 120

    assert "Prices: prices.csv, from " in output
    for facet in ("DiamondCutFacet", "StrikeBotFacet", "ScoreFacet"):
        assert facet in output
    assert re.search(r"9299, .*refused, ConfidenceTooLow: .*9299.*9300", output)
    assert re.search(r"9300, signed by somebody else: refused, InvalidSignature", output)
    assert "9300, signed by the engine: accepted" in output

    opened = re.findall(r"#(\d+) (\w+) at [\d.,]+, claimed [\d.]+ %: (\d+) bots", output)
    settled = re.findall(r"#(\d+) settled at", output)
    assert sorted(number for number, _, _ in opened) == sorted(settled)
    signals = [signal for _, signal, _ in opened]
    assert {name: signals.count(name) for name in signals} == {
        "StrongLong": 2,
        "Long": 2,
        "Short": 2,
        "StrongShort": 2,
    }
    assert {bots for _, _, bots in opened} == {"25"}
    assert "taken over by a stranger" in output
    for table in ("Score by signal", "Score by strategy", "Claimed against delivered", "Gas"):
        assert table in output
    arbitrage = output.partition("An arbitrage between two venues")[2]
    assert re.search(r"found: WETH → \(UniswapV. #.\) USDC → \(UniswapV. #.\) WETH, ", arbitrage)
    quoted = re.search(r"quoted by the chain: .* WETH in, ([\d.]+) WETH to earn", arbitrage)
    done = re.search(r"executed: ([\d.]+) WETH earned, measured", arbitrage)
    assert quoted
    assert done
    assert quoted[1] == done[1]
    assert re.search(rf"│ WETH +│ +1 │ +{done[1]} │ +{done[1]} │", arbitrage)
    assert output.count("  yes  ") == 4
    assert "  NO  " not in output


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_no_process_behind(file: Path, how: signal.Signals) -> None:
    process = start("run", "demo", "--prices", str(file), "--strikes", "10")
    assert process.stdout is not None
    # Its own anvil runs by then, and strikes go on for a while.
    for line in process.stdout:
        if "accepted" in line:
            break
    process.send_signal(how)
    process.communicate(timeout=30)
    assert process.returncode in (1, 128 + how)
    assert not is_running(process.pid)


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("", "columns must be"),
        ("timestamp,open,high,low,close\n", "has no prices"),
        ("timestamp,open,high,low,close\n1,2,3,x,5\n", "line 2: no prices"),
        ("timestamp,open,high,low,close\n1,2,3,1,2\n", "1 minutes are too few"),
    ],
)
def test_prices_that_cannot_be_used_are_said(tmp_path: Path, content: str, reported: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(content)
    code, output = run("run", "demo", "--prices", str(file))
    assert code == 1
    assert reported in output
    assert "Traceback" not in output
