"""What the Python side takes from the contracts: tried on a copy of the tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from .copies import Copy

ERROR = """    /// @notice Market `market` is shut from `shutsAt`.
    /// @custom:group gate, config
    /// @custom:text weekday
    /// @custom:remedy Wait for `opensAt`.
    error MarketClosed(uint256 market, bytes32 weekday, uint40 shutsAt, uint40 opensAt, Venue on);
"""


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def add_to_market(copy: Copy, text: str) -> None:
    opening = "interface IMarket {\n"
    copy.edit("contracts/interfaces/IMarket.sol", opening, opening + text)


def test_what_is_committed_is_what_the_contracts_say(copy: Copy) -> None:
    result = copy.run("-m", "tools.codegen", "--check")
    assert (result.returncode, result.stderr) == (0, "")


def test_an_error_in_an_interface_is_a_class_with_its_message(copy: Copy) -> None:
    add_to_market(copy, ERROR)
    drift = copy.run("-m", "tools.codegen", "--check")
    assert drift.returncode == 1
    assert "run `make build`" in drift.stderr
    copy.generate()
    assert copy.prints(
        "from macrostrike.errors import ConfigError, GateError, MarketClosed\n"
        "from macrostrike.types import Venue\n"
        "error = MarketClosed(3, 'Sunday', 100, 200, Venue.UNISWAP_V2)\n"
        "print(isinstance(error, GateError) and isinstance(error, ConfigError))\n"
        "print(error)"
    ) == ["True", "Market 3 is shut from 100 (weekday Sunday, on UniswapV2). Wait for 200."]


def test_an_error_without_a_remedy_is_refused(copy: Copy) -> None:
    add_to_market(
        copy,
        "    /// @notice Market `market` is closed.\n    error MarketClosed(uint256 market);\n",
    )
    result = copy.run("-m", "tools.codegen")
    assert result.returncode == 1
    assert "error MarketClosed needs a @notice and a @custom:remedy" in result.stderr


def test_a_word_that_cannot_be_read_is_refused(copy: Copy) -> None:
    copy.edit("contracts/interfaces/IStrikeBot.sol", "uint10[25] lots", "ten bits of lots")
    result = copy.run("-m", "tools.codegen")
    assert result.returncode == 1
    assert "@custom:word has a part 'ten bits of lots'" in result.stderr
