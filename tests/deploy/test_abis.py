"""ABIs put together: which contract a facet is recognized as, and what is ambiguous."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from ape_diamond import NamedAbi
from macrostrike.build import NPM
from macrostrike.deploy import DeployError
from macrostrike.inspector import merge_abis, read_abis

REFERENCE = NPM / "hardhat-deploy" / "extendedArtifacts"


def selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]


def event(name: str, *indexed: bool) -> dict[str, Any]:
    inputs = [{"name": f"a{i}", "type": "uint256", "indexed": x} for i, x in enumerate(indexed)]
    return {"type": "event", "name": name, "inputs": inputs}


def function_of(name: str, *outputs: str) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "inputs": [],
        "outputs": [{"name": "", "type": kind} for kind in outputs],
        "stateMutability": "view",
    }


def test_a_facet_is_treated_as_the_contract_that_fits_it_best() -> None:
    wide = NamedAbi("Wide", (function_of("a"), function_of("b"), function_of("c")))
    narrow = NamedAbi("Narrow", (function_of("a"), function_of("b")))
    names = {"1": [selector("a()")], "2": [selector("c()")], "3": [selector("x()")], "4": []}
    merged = merge_abis(names, [wide, narrow])
    assert merged.names == {"1": "Narrow", "2": "Wide", "3": None, "4": None}
    assert merged.unknown == (selector("x()"),)


def test_what_two_contracts_read_differently_is_reported() -> None:
    one = NamedAbi("One", (function_of("a"), event("Moved", True, False)))
    two = NamedAbi("Two", (function_of("b"), event("Moved", False, True)))
    merged = merge_abis({"1": [selector("a()")], "2": [selector("b()")]}, [one, two])
    (conflict,) = merged.conflicts
    assert conflict.kind == "event"
    assert conflict.kept == "Moved(uint256,uint256) with 0 indexed of One"
    assert conflict.dropped == "Moved(uint256,uint256) with 1 indexed of Two"
    assert [entry["name"] for entry in merged.entries] == ["a", "b", "Moved"]


def test_functions_found_one_by_one_must_agree() -> None:
    one = NamedAbi("One", (function_of("a", "uint256"), function_of("c")))
    two = NamedAbi("Two", (function_of("a", "address"),))
    facet = {"1": [selector("a()"), selector("x()")]}
    (conflict,) = merge_abis(facet, [one, two]).conflicts
    assert "(address)" in conflict.dropped


def test_abis_are_read_of_all_that_compilers_write(tmp_path: Path) -> None:
    abi = [function_of("a")]
    (tmp_path / "Bare.json").write_text(json.dumps(abi))
    (tmp_path / "out" / "Built.sol").mkdir(parents=True)
    (tmp_path / "out" / "Built.sol" / "Built.json").write_text(json.dumps({"abi": abi}))
    (tmp_path / "package.json").write_text("{}")
    assert [each.name for each in read_abis(tmp_path)] == ["Bare", "Built"]
    assert read_abis(REFERENCE / "Diamond.json")[0].name == "Diamond"
    for path in (tmp_path / "package.json", tmp_path / "none"):
        with pytest.raises(DeployError, match="name a JSON file with an ABI"):
            read_abis(path)
