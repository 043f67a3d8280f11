"""A build compiles what changed and what imports it, and is then what a build from nothing is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.build import Build

from ..e2e.support import tools

pytestmark = pytest.mark.long

HEAD = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n"
LIBRARY = HEAD + "library Lib { function value() internal pure returns (uint256) { return 1; } }\n"
USER = """import {{Lib}} from "../libraries/Lib.sol";
contract {name} {{ function value() external pure returns (uint256) {{ return Lib.value(); }} }}
"""
OTHER = HEAD + "contract Other { uint256 public kept; }\ncontract Extra { uint256 public kept; }\n"
CONFIG = """name: sample
contracts_folder: contracts
solidity:
  version: 0.8.37
  evm_version: cancun
  via_ir: true
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small project: two contracts that import a library, and a file that does not."""
    write(tmp_path / "ape-config.yaml", CONFIG)
    write(tmp_path / "package-lock.json", "{}")
    write(tmp_path / "contracts/libraries/Lib.sol", LIBRARY)
    for name in ("One", "Two"):
        write(tmp_path / f"contracts/facets/{name}.sol", HEAD + USER.format(name=name))
    write(tmp_path / "contracts/facets/Other.sol", OTHER)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def code_of(root: Path) -> dict[str, str]:
    """The runtime code of each contract that has some."""
    compiled = json.loads((root / ".build" / "__local__.json").read_text())["contractTypes"]
    return {name: each["runtimeBytecode"]["bytecode"] for name, each in compiled.items()}


class Compiled(Build):
    """Tells what it has compiled."""

    def _run_ape(self, names: list[str]) -> None:
        self.names = names
        super()._run_ape(names)


def build(root: Path) -> list[str] | None:
    """The sources that a build compiled: all where the list is empty, None for no compilation."""
    made = Compiled(root, f"{tools()}/ape")
    made.compile()
    return getattr(made, "names", None)


def test_a_change_reaches_what_imports_it_and_nothing_else(root: Path) -> None:
    assert build(root) == []
    before = code_of(root)
    assert build(root) is None

    write(root / "contracts/libraries/Lib.sol", LIBRARY.replace("return 1", "return 2"))
    changed = [
        "contracts/facets/One.sol",
        "contracts/facets/Two.sol",
        "contracts/libraries/Lib.sol",
    ]
    assert build(root) == changed
    after = code_of(root)
    assert {name for name in after if after[name] != before[name]} == {"Lib", "One", "Two"}

    from_nothing = root.parent / "fresh"
    for path in root.joinpath("contracts").rglob("*.sol"):
        write(from_nothing / path.relative_to(root), path.read_text())
    write(from_nothing / "ape-config.yaml", CONFIG)
    write(from_nothing / "package-lock.json", "{}")
    build(from_nothing)
    assert code_of(from_nothing) == after


def test_what_is_gone_is_forgotten(root: Path) -> None:
    build(root)
    (root / "contracts/facets/Two.sol").unlink()
    assert build(root) is None
    assert code_of(root).keys() == {"Lib", "One", "Other", "Extra"}
    # A contract that its file no longer declares.
    write(root / "contracts/facets/Other.sol", OTHER.partition("contract Extra")[0])
    assert build(root) == ["contracts/facets/Other.sol"]
    assert code_of(root).keys() == {"Lib", "One", "Other"}


def test_a_build_that_failed_is_not_believed(root: Path) -> None:
    build(root)
    write(root / "contracts/libraries/Lib.sol", LIBRARY.replace("return 1", "return wrong"))
    with pytest.raises(SystemExit, match="do not compile"):
        build(root)
    write(root / "contracts/libraries/Lib.sol", LIBRARY)
    assert build(root) is not None
    assert code_of(root).keys() == {"Lib", "One", "Two", "Other", "Extra"}


def test_settings_change_everything(root: Path) -> None:
    build(root)
    write(root / "ape-config.yaml", CONFIG + "  optimization_runs: 1\n")
    assert build(root) == []
