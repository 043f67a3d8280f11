"""The ABI: what doesn't fit is refused by name, and what is missing is named with the fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from macrostrike import abi
from macrostrike.abi import Abi, Artifact, artifact, diamond_abi, snake_case
from macrostrike.errors import AbiError, ArtifactsMissing
from macrostrike.types import Closing, FacetCut, FacetCutAction, Signal, Strategy

from .support import ROOT

ADDRESS = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
POOL = (
    ROOT / "node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json"
)


def fragment(kind: str, name: str, *inputs: str, outputs: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": kind,
        "name": name,
        "inputs": [{"name": f"a{i}", "type": each} for i, each in enumerate(inputs)],
        "outputs": [{"name": "", "type": each} for each in outputs],
    }


def test_calls_carry_the_selector_and_the_words() -> None:
    data = diamond_abi().encode_call("setThreshold", 9400)
    assert data[4:] == (9400).to_bytes(32, "big")
    assert data[:4] == diamond_abi().selector("setThreshold")


def test_the_loupes_selectors_are_the_standards() -> None:
    known = {"diamondCut": "1f931c1c", "facets": "7a0ed627", "facetAddress": "cdffacc6"}
    assert {name: diamond_abi().selector(name).hex() for name in known} == known


def test_structs_and_enums_go_out_as_they_come_in() -> None:
    cut = FacetCut(ADDRESS, FacetCutAction.ADD, (b"\x01\x02\x03\x04",))
    as_tuples = (ADDRESS, 0, [b"\x01\x02\x03\x04"])
    assert diamond_abi().encode_call("diamondCut", [cut], ADDRESS, b"") == (
        diamond_abi().encode_call("diamondCut", [as_tuples], ADDRESS, b"")
    )


def test_results_are_none_a_value_or_a_tuple() -> None:
    words = b"".join(n.to_bytes(32, "big") for n in (5, 7))
    assert diamond_abi().decode_result("pause", b"") is None
    assert diamond_abi().decode_result("threshold", words[:32]) == 5
    assert diamond_abi().decode_result("getEngine", words) == (5, 7)


@pytest.mark.parametrize(
    ("function", "args", "says"),
    [
        ("noSuchFunction", (), "noSuchFunction"),
        ("setThreshold", (), "1 arguments are expected, not 0"),
        ("setThreshold", (1, 2), "1 arguments are expected, not 2"),
        ("setThreshold", (2**16,), "setThreshold"),
        ("setThreshold", (-1,), "setThreshold"),
        ("setThreshold", ("9300",), "setThreshold"),
        ("revokeEngine", ("0x12",), "revokeEngine"),
        ("fundBots", ([1] * 24,), "fundBots"),
    ],
)
def test_calls_that_do_not_fit_are_refused(
    function: str, args: tuple[object, ...], says: str
) -> None:
    with pytest.raises(AbiError, match=says):
        diamond_abi().encode_call(function, *args)


def test_an_empty_answer_asks_whether_the_contract_is_there() -> None:
    with pytest.raises(AbiError, match="is the contract there"):
        diamond_abi().decode_result("threshold", b"")


def test_an_answer_that_is_too_short_is_refused() -> None:
    with pytest.raises(AbiError, match="is not"):
        diamond_abi().decode_result("getEngine", bytes(40))


def test_a_function_of_several_forms_is_named_by_its_signature() -> None:
    forms = Abi([fragment("function", "f", "uint8"), fragment("function", "f", "bool")])
    with pytest.raises(AbiError, match="several forms"):
        forms.encode_call("f", 1)
    assert forms.encode_call("f(uint8)", 1)[4:] == (1).to_bytes(32, "big")
    assert forms.selector("f(uint8)") != forms.selector("f(bool)")


def test_other_contracts_are_served_as_well() -> None:
    pool = Abi(json.loads(POOL.read_text())["abi"])
    assert pool.selector("swap").hex() == "128acb08"
    words = [ADDRESS, True, -5, 4295128740, b""]
    assert len(pool.encode_call("swap", *words)) == 4 + 6 * 32
    assert pool.encode_constructor() == b""


def test_events_come_with_their_names_and_types() -> None:
    topics = [
        diamond_abi().topic("StrikeSettled"),
        (3).to_bytes(32, "big"),
        bytes(12) + bytes.fromhex(ADDRESS[2:]),
        (7).to_bytes(32, "big"),
    ]
    words = (2, 5, 9400, 1, 10, 20, -30, 1)
    data = b"".join(n.to_bytes(32, "big", signed=True) for n in words)
    event = diamond_abi().decode_event(topics, data)
    assert event is not None
    assert event.name == "StrikeSettled"
    assert dict(event.args) == {
        "strike_id": 3,
        "by": ADDRESS,
        "market": 7,
        "signal": Signal.SHORT,
        "model_id": 5,
        "confidence_bps": 9400,
        "how": Closing.TAKEOVER,
        "base_amount": 10,
        "quote_amount": 20,
        "pnl": -30,
        "won": True,
    }


def test_indexed_strings_come_as_their_hash() -> None:
    entry = {
        "type": "event",
        "name": "E",
        "inputs": [
            {"name": "text", "type": "string", "indexed": True},
            {"name": "someValue", "type": "uint8", "indexed": False},
        ],
    }
    named = Abi([entry])
    event = named.decode_event([named.topic("E"), b"\x11" * 32], (4).to_bytes(32, "big"))
    assert event is not None
    assert dict(event.args) == {"text": b"\x11" * 32, "some_value": 4}


def test_logs_of_others_are_none_of_ours() -> None:
    assert diamond_abi().decode_event([], b"") is None
    assert diamond_abi().decode_event([b"\x01" * 32], b"") is None
    with pytest.raises(AbiError):
        diamond_abi().topic("NoSuchEvent")


def test_enums_are_accepted_as_arguments() -> None:
    assert diamond_abi().encode_call("getSignalStats", Signal.SHORT)[-1] == 2
    assert diamond_abi().encode_call("getStrategyStats", Strategy.VOLATILITY)[-1] == 4


def test_an_artifact_holds_a_contract() -> None:
    diamond = artifact("MacroStrikeDiamond")
    assert isinstance(diamond, Artifact)
    assert diamond.bytecode
    assert diamond.deployed_bytecode
    assert artifact("IMacroStrike").bytecode == b""


def test_missing_artifacts_are_named_with_the_fix(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(abi, "_ARTIFACTS", tmp_path)
    monkeypatch.setattr(abi, "_MOCKS", tmp_path)
    with pytest.raises(ArtifactsMissing, match="make build") as missing:
        artifact("NoSuchContract")
    assert missing.value.name == "NoSuchContract"


@pytest.mark.parametrize(
    ("name", "snake"),
    [("quoteAmount", "quote_amount"), ("id", "id"), ("_diamondCut", "diamond_cut"), ("a0", "a0")],
)
def test_names_become_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake
