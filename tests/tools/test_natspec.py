"""The contracts' documentation, as the compiler reads it, is complete and true."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from eth_utils.abi import collapse_if_tuple

from tools._solc import CONTRACTS, ROOT, compile_sources, solidity_files

from ..layouts import packed_types

INTERFACES = CONTRACTS / "interfaces"
STORAGE = CONTRACTS / "libraries" / "storage"
LAYOUT = json.loads((ROOT / "snapshots" / "storage-layout.json").read_text())
GUARDED = "guarded"

Compiled = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def interfaces() -> Compiled:
    """ABI and documentation of each facet's interface, by its name."""
    paths = [path for path in INTERFACES.glob("I*.sol") if path.stem != "IMacroStrike"]
    sources = {str(path.relative_to(ROOT)): path.read_text() for path in paths}
    files = compile_sources(sources, {"*": ["abi", "devdoc", "userdoc"]})["contracts"]
    return {path.stem: files[str(path.relative_to(ROOT))][path.stem] for path in paths}


def functions(compiled: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each function that the interface declares itself, with what is said of it."""
    found = []
    for entry in compiled["abi"]:
        if entry["type"] != "function" or entry["name"] == "supportsInterface":
            continue
        types = ",".join(collapse_if_tuple(each) for each in entry["inputs"])
        signature = f"{entry['name']}({types})"
        said = compiled["devdoc"].get("methods", {}).get(signature, {})
        found.append((entry, said | compiled["userdoc"].get("methods", {}).get(signature, {})))
    return found


def lacking(compiled: dict[str, Any]) -> list[str]:
    """What is not said: of parameters, of results, of what a function does, and of its stance."""
    missing = []
    for entry, said in functions(compiled):
        outputs = [each["name"] or f"_{n}" for n, each in enumerate(entry["outputs"])]
        wanted = {
            "notice": [] if "notice" in said else [""],
            "param": [
                e["name"] for e in entry["inputs"] if e["name"] not in said.get("params", {})
            ],
            "return": [name for name in outputs if name not in said.get("returns", {})],
        }
        if entry["stateMutability"] not in ("view", "pure"):
            for tag in ("custom:reentrancy", "custom:pause"):
                wanted[tag] = [] if said.get(tag) else [""]
        missing += [f"{entry['name']} @{tag} {n}" for tag, names in wanted.items() for n in names]
    return missing


def test_every_function_says_what_it_takes_and_returns_and_its_stance(interfaces: Compiled) -> None:
    for name, compiled in interfaces.items():
        assert lacking(compiled) == [], name


@pytest.mark.parametrize(
    ("kind", "left_out", "found"),
    [
        ("devdoc", "params", "closeAtOracle @param strikeId"),
        ("devdoc", "returns", "closeAtOracle @return pnl"),
        ("devdoc", "custom:reentrancy", "closeAtOracle @custom:reentrancy "),
        ("devdoc", "custom:pause", "closeAtOracle @custom:pause "),
        ("userdoc", "notice", "closeAtOracle @notice "),
    ],
)
def test_a_function_that_lacks_one_is_found(
    interfaces: Compiled, kind: str, left_out: str, found: str
) -> None:
    taken = json.loads(json.dumps(interfaces["ITakeover"]))
    del taken[kind]["methods"]["closeAtOracle(uint256)"][left_out]
    assert lacking(taken) == [found]


def test_what_is_said_of_a_structs_field_is_of_one_that_it_has() -> None:
    """The compiler does not look: it takes any name behind `@param` at a struct."""
    structs = re.compile(r"((?:^ *///[^\n]*\n)+) *struct (\w+) \{([^}]*)\}", re.MULTILINE)
    for path in solidity_files():
        for said, name, fields in structs.findall(path.read_text()):
            for field in re.findall(r"@param (\w+)", said):
                assert re.search(rf"\b{field};", fields), f"{path.name}: {name}.{field}"


def test_what_is_said_to_be_guarded_is_and_nothing_else(interfaces: Compiled) -> None:
    facets = "\n".join(path.read_text() for path in (CONTRACTS / "facets").glob("*.sol"))
    for compiled in interfaces.values():
        for entry, said in functions(compiled):
            heads = re.findall(rf"function {entry['name']}\([^{{;]*\{{", facets)
            if "custom:reentrancy" in said:
                assert heads, entry["name"]
                guarded = all(re.search(r"\bnonReentrant\b", head) for head in heads)
                assert guarded == (said["custom:reentrancy"] == GUARDED), entry["name"]


def test_the_map_names_every_function_that_changes_something(interfaces: Compiled) -> None:
    """With `guarded` beside those that are."""
    drawn = (INTERFACES / "IMacroStrike.sol").read_text().partition("/// @title")[0]
    lines = [line for line in drawn.splitlines() if line.startswith("// ")]
    for compiled in interfaces.values():
        for entry, said in functions(compiled):
            if "custom:reentrancy" in said:
                (line,) = [each for each in lines if re.search(rf"\b{entry['name']}\b", each)]
                assert line.endswith(GUARDED) == (said["custom:reentrancy"] == GUARDED), line


def sum_of(fields: list[dict[str, Any]]) -> str:
    """The comment of a slot, or of the slots of one field that takes several."""
    slot, total = fields[0]["slot"], sum(each["bytes"] for each in fields)
    if total > 1 << 20:
        return f"// slots {slot} and up: {total} bytes"
    if total > 32:
        return f"// slots {slot} to {slot - 1 - -total // 32}: {total} bytes"
    parts = " + ".join(str(each["bytes"]) for each in fields)
    return f"// slot {slot}: {f'{parts} = ' if len(fields) > 1 else ''}{total} bytes"


@pytest.mark.parametrize("namespace", LAYOUT)
def test_slots_are_annotated_with_the_sum_of_their_bytes(namespace: str) -> None:
    name = namespace.rpartition(".")[2]
    source = (STORAGE / f"{name}Storage.sol").read_text()
    prefixes = {""} | {
        f"{each['field']}[]."
        for each in LAYOUT[namespace]["fields"]
        if re.search(rf"struct {name}Storage\.\w+", each["type"])
    }
    for prefix in prefixes:
        slots: dict[int, list[dict[str, Any]]] = {}
        for each in LAYOUT[namespace]["fields"]:
            rest = each["field"].removeprefix(prefix)
            if each["field"].startswith(prefix) and not re.search(r"\.|\[\]", rest):
                slots.setdefault(each["slot"], []).append(each)
        for fields in slots.values():
            member = fields[0]["field"].removeprefix(prefix)
            assert re.search(rf"{re.escape(sum_of(fields))}\n[^\n]*\b{member};", source), member


def test_rules_are_read_from_where_the_compiler_keeps_them() -> None:
    """RulesWord reads the first word of MarketRules: each field's place and width."""
    source = (CONTRACTS / "types" / "RulesWord.sol").read_text()
    read = {
        name: (int(at), int(bits))
        for name, bits, at in re.findall(
            r"function (\w+)\(RulesWord self\)[^}]*uint(\d+)\(RulesWord.unwrap\(self\) >> (\d+)\)",
            source,
        )
    }
    kept = {
        each["field"].rpartition(".")[2]: (8 * each["offset"], 8 * each["bytes"])
        for each in LAYOUT["macrostrike.storage.Market"]["fields"]
        if each["field"].startswith("markets[].rules.") and each["slot"] == 0
    }
    assert kept.pop("oracle") == (0, 8)
    assert (kept.pop("longs"), kept.pop("shorts")) == ((8, 8), (16, 8))
    assert read == kept


@pytest.mark.parametrize("name", packed_types())
def test_a_packed_word_names_its_fields_with_their_bits_and_the_sum(name: str) -> None:
    packed = packed_types()[name]
    for layout in packed.layouts:
        assert sum(field.width for field in layout.fields) == layout.total
    assert packed.layouts[0].total <= packed.bits
    starts = {field.at for field in packed.layouts[0].fields}
    source = packed.path.read_text()
    places = re.findall(r"^uint256 constant (\w+_AT) = (\d+);", source, re.MULTILINE)
    assert [place for place, at in places if int(at) not in starts] == []


def test_no_packed_word_is_stored_as_a_bare_number() -> None:
    """Numbers in storage that fill a slot are sums and counts; all else has a type."""
    plain = {
        each["field"]
        for fields in (namespace["fields"] for namespace in LAYOUT.values())
        for each in fields
        if re.search(r"uint256(\[\d+\])?\)?$", each["type"])
    }
    assert plain == {"count", "inventory"}
