"""What a change costs: each page of docs/how-to lists the files, and here the change is made.

The change is made in a copy of the tree, which is built as far as the change needs it.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from eth_utils.crypto import keccak

from macrostrike.deploy import parse_target
from tools._solc import ROOT

from ..unit.access import test_roles as roles
from .copies import PAGES, Copy, assert_as_listed, listed

pytestmark = pytest.mark.long

ACCESS = "contracts/interfaces/IAccess.sol"


@pytest.mark.parametrize("page", sorted(path.stem for path in PAGES.glob("add-*.md")))
def test_the_files_that_a_page_lists_are_there(page: str) -> None:
    names = [name for name in listed(page) if "newvenue" not in name.lower()]
    assert names
    for name in names:
        assert list(ROOT.glob(name.replace("…", "*"))), name


def test_an_error_is_two_files(copy: Copy) -> None:
    copy.insert(
        ACCESS,
        "    /// @notice `caller` is neither",
        "    /// @notice `guardian` was named at `since` and stays until `until`.\n"
        "    /// @custom:group access\n"
        "    /// @custom:remedy Wait until then.\n"
        "    error GuardianStays(address guardian, uint40 since, uint40 until);\n\n",
    )
    copy.insert(
        "contracts/libraries/access/LibAccess.sol",
        "        AccessStorage.load().guardians[guardian] = active;",
        "        if (!active) revert IAccess.GuardianStays(guardian, 1, 2);\n",
    )
    assert_as_listed("add-an-error", copy.changed)
    assert len(copy.changed) == 2

    copy.generate()
    copy.compile("contracts/libraries/access/LibAccess.sol")
    shown = copy.prints(
        "from eth_utils.crypto import keccak\n"
        "from macrostrike.abi import interface\n"
        "from macrostrike.errors import AccessError, GuardianStays\n"
        "data = keccak(text='GuardianStays(address,uint40,uint40)')[:4]\n"
        "data += b''.join(n.to_bytes(32, 'big') for n in (5, 1, 2))\n"
        "name, values = interface('IAccess').decode_error(data)\n"
        "error = GuardianStays(*values)\n"
        "print(name, isinstance(error, AccessError))\n"
        "print(error)\n"
    )
    assert shown == [
        "GuardianStays True",
        f"0x{5:040x} was named at 1 and stays until 2. Wait until then.",
    ]


def test_a_facet_function_is_three_files_and_a_row(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.insert(
        ACCESS,
        "    /// @notice Whether the account is a guardian.",
        "    /// @notice Gives up the caller's own role. Guardians only.\n"
        "    function resignGuardian() external;\n\n",
    )
    copy.insert(
        "contracts/libraries/access/LibAccess.sol",
        "    function setGuardian(",
        "    function resignGuardian() internal {\n"
        "        if (!isGuardian(msg.sender)) revert IAccess.NotGuardian(msg.sender);\n"
        "        setGuardian(msg.sender, false);\n"
        "    }\n\n",
    )
    facet = "contracts/facets/AccessFacet.sol"
    copy.insert(
        facet,
        "    /// @inheritdoc IAccess\n    function isGuardian",
        "    /// @inheritdoc IAccess\n"
        "    function resignGuardian() external {\n        LibAccess.resignGuardian();\n    }\n\n",
    )
    selector = "IAccess.isGuardian.selector,"
    copy.insert(facet, selector, "IAccess.resignGuardian.selector,\n                ")
    assert_as_listed("add-a-facet-function", copy.changed)
    assert len(copy.changed) == 3

    abis = copy.compile(facet, "contracts/interfaces/IMacroStrike.sol")
    for name in ("AccessFacet", "IAccess", "IMacroStrike"):
        assert "resignGuardian" in functions(abis[name]), name
    called = copy.prints(
        "from macrostrike.abi import diamond_abi\n"
        "print(diamond_abi().encode_call('resignGuardian').hex())\n"
    )
    assert called == [diamond_selector("resignGuardian()")]

    # The one table fails until the function is in it.
    class Artifact:
        abi = abis["IMacroStrike"]

    monkeypatch.setattr(roles, "artifact", lambda name: Artifact)
    with pytest.raises(AssertionError):
        roles.test_every_function_that_changes_something_has_a_row()
    monkeypatch.setitem(roles.ROWS, "resignGuardian", roles.anyone("resignGuardian"))
    roles.test_every_function_that_changes_something_has_a_row()


def functions(abi: list[dict[str, Any]]) -> set[str]:
    return {entry["name"] for entry in abi if entry["type"] == "function"}


def diamond_selector(signature: str) -> str:
    return keccak(text=signature)[:4].hex()


RULE = """
from macrostrike.abi import interface
from macrostrike.deploy import TargetInvalid, parse_target
from macrostrike.deploy.plan._settings import market_rules
from macrostrike.deploy.plan._words import differences
from macrostrike.deploy.target import TARGETS

text = (TARGETS / "local.yaml").read_text()
line = "      cooldown: 0 # seconds\\n"


def rules(value):
    target = parse_target(text.replace(line, line + value, 1))
    return market_rules(target.markets[0].rules)


meant, there = rules("      max_spread_bps: 70\\n"), rules("")
call = interface("IMarket").encode_call("updateMarket", 0, meant)
print(call[-32:].hex().lstrip("0"))
(found,) = differences(meant, there, str)
print(*found, sep=" | ")
try:
    rules("      max_spread_bps: 501\\n")
except TargetInvalid as fault:
    print("max_spread_bps" in str(fault))
"""
WHOLE = """
from macrostrike.abi import interface
from macrostrike.deploy import TargetInvalid, parse_target
from macrostrike.deploy.plan._compare import compare_configuration
from macrostrike.deploy.run import with_fixtures
from macrostrike.deploy.state.read import _Reader
from macrostrike.deploy.state.snapshot import DiamondState
from macrostrike.deploy.target import TARGETS

text = (TARGETS / "local.yaml").read_text()
target = with_fixtures(parse_target("max_gas_price_bps: 70\\n" + text))
there = dict.fromkeys(type(target).plain(), 9300) | {"max_gas_price_bps": 40}
blank = DiamondState("0x" + "11" * 20, target.roles.owner, there)
(check,) = [each for each in compare_configuration(target, blank, {}) if "gas" in each.name]
print(check)
(fix,) = check.fixes
print(fix.does, interface("IAccess").encode_call("setMaxGasPrice", 70) == fix.data)


class Answers:
    def call(self, diamond, data, **options):
        return bytes(31) + b"\\x09"


reader = _Reader(Answers(), blank.address, 0)
abi = interface("IAccess")
reader._functions = {abi.selector(each): "" for each in ("threshold", "maxGasPrice")}
print(reader.plain())
"""


def test_a_setting_is_solidity_and_one_row(copy: Copy) -> None:
    """One of a market's rules, and one of the whole diamond."""
    types = "contracts/types/MarketTypes.sol"
    copy.edit(
        types,
        "    uint24 auctionSeconds;\n}",
        "    uint24 auctionSeconds;\n    uint16 maxSpreadBps;\n}",
    )
    library, access = "contracts/libraries/market/LibRules.sol", "LibAccess.maxGasPrice()"
    copy.insert(
        library,
        '        _requireRange("auctionSeconds"',
        '        _requireRange("maxSpreadBps", rules.maxSpreadBps, 0, 500);\n',
    )
    facet = "contracts/facets/AccessFacet.sol"
    solidity_of_a_whole_setting(copy, facet, access)
    solidity = set(copy.changed)
    schema = "macrostrike/deploy/target/_schema.py"
    copy.insert(
        schema,
        "    auction_seconds: int",
        "    max_spread_bps: Annotated[int, Field(ge=0, le=500)] = 50\n",
    )
    copy.insert(
        schema,
        "    fleet: Fleet\n",
        '    max_gas_price_bps: Annotated[Bps, Plain("maxGasPrice", "setMaxGasPrice", 0)] = 50\n',
    )
    assert_as_listed("add-a-setting", copy.changed)
    assert copy.changed - solidity == {schema}

    copy.generate()
    copy.compile(library, facet, "contracts/interfaces/IMacroStrike.sol")
    # Read from the target, sent to the chain, compared with what is there, and named.
    assert copy.prints(RULE) == [f"{70:x}", "max spread | 70 bps | 50 bps", "True"]
    assert copy.prints(WHOLE) == [
        "max gas price: 40 bps, where 70 bps is meant",
        "change the max gas price from 40 bps to 70 bps True",
        "{'threshold_bps': 9, 'max_gas_price_bps': 9}",
    ]


def solidity_of_a_whole_setting(copy: Copy, facet: str, value: str) -> None:
    copy.insert(
        ACCESS,
        "    /// @notice Whether the account is a guardian.",
        "    /// @notice Sets it. Owner only.\n"
        "    /// @param bps Basis points.\n"
        "    function setMaxGasPrice(uint16 bps) external;\n\n"
        "    /// @notice What it is.\n"
        "    /// @return Basis points.\n"
        "    function maxGasPrice() external view returns (uint16);\n\n",
    )
    copy.insert(
        "contracts/libraries/access/LibAccess.sol",
        "    function setGuardian(",
        "    function setMaxGasPrice(uint16) internal {\n"
        "        requireOwner();\n"
        "    }\n\n"
        "    function maxGasPrice() internal pure returns (uint16) {\n"
        "        return 0;\n"
        "    }\n\n",
    )
    copy.insert(
        facet,
        "    /// @inheritdoc IAccess\n    function isGuardian",
        "    /// @inheritdoc IAccess\n"
        "    function setMaxGasPrice(uint16 bps) external {\n"
        "        LibAccess.setMaxGasPrice(bps);\n    }\n\n"
        "    /// @inheritdoc IAccess\n"
        "    function maxGasPrice() external view returns (uint16) {\n"
        f"        return {value};\n    }}\n\n",
    )
    selector = "IAccess.isGuardian.selector,"
    both = "IAccess.setMaxGasPrice.selector,IAccess.maxGasPrice.selector,"
    copy.insert(facet, selector, both)


def test_a_chain_is_a_file_of_twenty_lines() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (PAGES / "add-a-chain.md").read_text(), re.DOTALL)
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) <= 22
    target = parse_target(text)
    own = yaml.safe_load(text)
    assert own["extends"] == "local"
    assert target.chain_ids == tuple(own["chain_ids"])
    assert not target.has_fixtures
    assert (len(target.fleet.bots), len(target.markets)) == (25, 1)
