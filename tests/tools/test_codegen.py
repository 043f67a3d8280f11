"""What the Python side takes from the contracts: tried on a copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools._solc import ROOT

ERROR = """    /// @notice Market `market` is shut from `shutsAt`.
    /// @custom:group gate, config
    /// @custom:text weekday
    /// @custom:remedy Wait for `opensAt`.
    error MarketClosed(uint256 market, bytes32 weekday, uint40 shutsAt, uint40 opensAt, Venue on);
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("contracts", "macrostrike", "tools"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("_artifacts")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder in (".venv", "node_modules"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    return tmp_path


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True)


def add_to_market(copy: Path, text: str) -> None:
    path = copy / "contracts" / "interfaces" / "IMarket.sol"
    path.write_text(
        path.read_text().replace("interface IMarket {\n", f"interface IMarket {{\n{text}\n")
    )


def test_what_is_committed_is_what_the_contracts_say(copy: Path) -> None:
    result = run(copy, "-m", "tools.codegen", "--check")
    assert (result.returncode, result.stderr) == (0, "")


def test_an_error_in_an_interface_is_a_class_with_its_message(copy: Path) -> None:
    add_to_market(copy, ERROR)
    drift = run(copy, "-m", "tools.codegen", "--check")
    assert drift.returncode == 1
    assert "run `make build`" in drift.stderr
    assert run(copy, "-m", "tools.codegen").returncode == 0

    shown = run(
        copy,
        "-c",
        "from macrostrike.errors import ConfigError, GateError, MarketClosed\n"
        "from macrostrike.types import Venue\n"
        "error = MarketClosed(3, 'Sunday', 100, 200, Venue.UNISWAP_V2)\n"
        "print(isinstance(error, GateError) and isinstance(error, ConfigError))\n"
        "print(error)",
    )
    assert shown.stdout.splitlines() == [
        "True",
        "Market 3 is shut from 100 (weekday Sunday, on UniswapV2). Wait for 200.",
    ], shown.stderr


def test_an_error_without_a_remedy_is_refused(copy: Path) -> None:
    add_to_market(
        copy,
        "    /// @notice Market `market` is closed.\n    error MarketClosed(uint256 market);\n",
    )
    result = run(copy, "-m", "tools.codegen")
    assert result.returncode == 1
    assert "error MarketClosed needs a @notice and a @custom:remedy" in result.stderr


def test_a_word_that_cannot_be_read_is_refused(copy: Path) -> None:
    path = copy / "contracts" / "interfaces" / "IStrikeBot.sol"
    path.write_text(path.read_text().replace("uint10[25] lots", "ten bits of lots"))
    result = run(copy, "-m", "tools.codegen")
    assert result.returncode == 1
    assert "@custom:word has a part 'ten bits of lots'" in result.stderr
