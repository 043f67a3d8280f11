"""Every custom error of every facet has its class: same name, same fields, a message that helps."""

from __future__ import annotations

import dataclasses
import json
import pickle
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike import errors
from macrostrike.abi import diamond_abi
from macrostrike.deploy.target import load_target
from macrostrike.errors import (
    CONTRACT_ERRORS,
    AccessError,
    CapExceeded,
    ConfidenceTooLow,
    ContractError,
    ForeignError,
    GateError,
    MacroStrikeError,
    Panicked,
    RevertedWithReason,
    UnknownRevert,
)
from macrostrike.reverts import decode_revert

from .support import ROOT

FIELDS = diamond_abi().error_fields()
ADDRESS = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"


def abi_errors(contract: str) -> list[dict[str, Any]]:
    path = ROOT / "macrostrike" / "_artifacts" / f"{contract}.json"
    return [entry for entry in json.loads(path.read_text())["abi"] if entry["type"] == "error"]


ENTRIES = {entry["name"]: entry for entry in abi_errors("IMacroStrike")}


def test_errors_and_classes_agree_one_to_one() -> None:
    assert set(FIELDS) == set(CONTRACT_ERRORS)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_fields_are_those_of_the_abi(name: str) -> None:
    kind = CONTRACT_ERRORS[name]
    assert tuple(field.name for field in dataclasses.fields(kind)) == FIELDS[name]


@pytest.mark.parametrize("facet", load_target("local").facets)
def test_whatever_a_facet_can_fail_with_has_its_class(facet: str) -> None:
    unknown = {entry["name"] for entry in abi_errors(facet)} - set(CONTRACT_ERRORS)
    assert unknown == set()


def sample(kind: str) -> Any:
    if kind == "address":
        return ADDRESS
    if kind.startswith("bytes"):
        return b"\xab\xcd" if kind == "bytes" else b"day".ljust(int(kind[5:]), b"\0")
    return True if kind == "bool" else 2


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_error_is_decoded_with_its_values_and_says_them(name: str) -> None:
    inputs = ENTRIES[name]["inputs"]
    kinds = [each["type"] for each in inputs]
    data = keccak(text=f"{name}({','.join(kinds)})")[:4] + encode(
        kinds, [sample(kind) for kind in kinds]
    )
    decoded = decode_revert(data)
    assert type(decoded) is CONTRACT_ERRORS[name]
    for field, kind in zip(dataclasses.fields(decoded), kinds, strict=True):
        value = getattr(decoded, field.name)
        expected = sample(kind)
        assert value == ("day" if field.type == "str" and kind == "bytes32" else expected)
        shown = "0x" + value.hex() if isinstance(value, bytes) else str(value)
        assert shown in str(decoded)
    assert not str(decoded).startswith(f"{name}:")  # a traceback has the class before it (D13)
    assert repr(pickle.loads(pickle.dumps(decoded))) == repr(decoded)


def test_enums_in_errors_come_as_enums() -> None:
    kinds = ["address", "uint8"]
    data = keccak(text="NoSelectors(address,uint8)")[:4] + encode(kinds, [ADDRESS, 2])
    decoded = decode_revert(data)
    assert repr(decoded) == f"NoSelectors(facet='{ADDRESS}', action=<FacetCutAction.REMOVE: 2>)"
    assert (
        str(decoded) == f"The entry for facet {ADDRESS} (action Remove) names no "
        "selectors. Name at least one selector, or leave the entry out."
    )


def test_a_refusal_by_a_gate_can_be_caught_as_such() -> None:
    data = keccak(text="ConfidenceTooLow(uint256,uint256)")[:4] + encode(
        ["uint256"] * 2, [9299, 9300]
    )
    decoded = decode_revert(data)
    assert isinstance(decoded, (ConfidenceTooLow, GateError, ContractError, MacroStrikeError))
    assert (decoded.confidence_bps, decoded.threshold_bps) == (9299, 9300)  # type: ignore[attr-defined]
    assert "9299 bps is under the threshold of 9300 bps" in str(decoded)


def test_short_names_are_text() -> None:
    kinds = ["bytes32", "uint256", "uint256"]
    data = keccak(text="CapExceeded(bytes32,uint256,uint256)")[:4] + encode(kinds, [b"day", 5, 2])
    assert vars(decode_revert(data)) == vars(CapExceeded("day", 5, 2))


def test_soliditys_own_errors_are_said() -> None:
    text = decode_revert(keccak(text="Error(string)")[:4] + encode(["string"], ["LOK"]))
    panic = decode_revert(keccak(text="Panic(uint256)")[:4] + encode(["uint256"], [0x11]))
    assert isinstance(text, RevertedWithReason)
    assert "LOK" in str(text)
    assert isinstance(panic, Panicked)
    assert "overflow" in str(panic)


def _manager_errors() -> list[tuple[str, list[str]]]:
    """Names and types of what V4's real manager can fail with."""
    path = ROOT / "node_modules/@uniswap/v4-core/out/PoolManager.sol/PoolManager.json"
    entries = json.loads(path.read_text())["abi"]
    return [(e["name"], [i["type"] for i in e["inputs"]]) for e in entries if e["type"] == "error"]


def handed_on(reason: bytes) -> ContractError | None:
    """The cause of an error of the diamond's that hands a venue's on."""
    selector = keccak(text="CallFailed(address,bytes)")[:4]
    return decode_revert(selector + encode(["address", "bytes"], [ADDRESS, reason])).cause


@pytest.mark.parametrize(("name", "types"), _manager_errors())
def test_a9_what_v4s_manager_fails_with_is_named(name: str, types: list[str]) -> None:
    values: dict[str, object] = {"address": "0x" + "22" * 20, "bytes": b"", "bytes4": b"abcd"}
    data = encode(types, [values.get(each, 1) for each in types])
    cause = handed_on(keccak(text=f"{name}({','.join(types)})")[:4] + data)
    assert isinstance(cause, ForeignError)
    assert cause.name == name
    assert len(cause.values) == len(types)


@pytest.mark.parametrize("text", ["TF", "BAL#507", "UniswapV2: K"])
def test_a9_what_a_venue_says_in_text_is_said(text: str) -> None:
    cause = handed_on(keccak(text="Error(string)")[:4] + encode(["string"], [text]))
    assert isinstance(cause, RevertedWithReason)
    assert text in str(cause)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\xde\xad\xbe\xef",
        # Known errors, cut short.
        keccak(text="ConfidenceTooLow(uint256,uint256)")[:4],
        keccak(text="Error(string)")[:4] + b"\xff" * 32,
    ],
)
def test_what_no_one_knows_is_passed_on_as_it_is(data: bytes) -> None:
    decoded = decode_revert(data, "OutOfGas")
    assert isinstance(decoded, UnknownRevert)
    assert decoded.data == data
    assert "OutOfGas" in str(decoded)
    assert data.hex() in str(decoded)


def test_operators_errors_are_both_access_and_gate() -> None:
    both = {n for n, kind in CONTRACT_ERRORS.items() if issubclass(kind, AccessError | GateError)}
    assert {"NotOperator", "ActionNotAllowed", "BudgetExceeded"} <= both


def test_every_error_is_exported_and_documented() -> None:
    for name in errors.__all__:
        exported = getattr(errors, name)
        if isinstance(exported, type):
            assert issubclass(exported, MacroStrikeError)
            assert exported.__doc__
    assert {kind.__name__ for kind in CONTRACT_ERRORS.values()} <= set(errors.__all__)
