"""ABIs by name, and the one ABI of a diamond that is put together of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from ape_diamond._values import selector_of, shown, signature_of
from ape_diamond.errors import DiamondError

Entry = Mapping[str, Any]

EXPORT_SELECTORS = "exportSelectors()"
"""ERC-8153: a facet's own answer to what it has. Two facets could not both have it in a diamond."""


@dataclass(frozen=True, slots=True)
class NamedAbi:
    """A contract's ABI, its entries as JSON has them."""

    name: str
    entries: tuple[Entry, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two contracts mean different things by the same four bytes or the same topic.

    kind: `function`, `event` or `error`.
    key: the selector or topic, `0x` and hex.
    kept: what the merged ABI has, and whose; `dropped` is what it therefore lacks.
    """

    kind: str
    key: str
    kept: str
    dropped: str

    def __str__(self) -> str:
        return f"{self.kind} {self.key} is {self.kept}, and also {self.dropped}"


@dataclass(frozen=True, slots=True)
class MergedAbi:
    """A diamond's ABI, for web3.py: `w3.eth.contract(address, abi=merged.entries)`.

    names: the ABI that each facet was recognised by, None where it was by none.
    unknown: selectors that no ABI explains, which `entries` therefore lack.
    """

    entries: tuple[dict[str, Any], ...] = field(repr=False)
    names: Mapping[str, str | None]
    conflicts: tuple[Conflict, ...]
    unknown: tuple[bytes, ...]

    def signatures(self) -> dict[bytes, str]:
        """The functions' signatures by selector."""
        return {selector: signature_of(e) for selector, e in _functions(self.entries).items()}


def read_abis(path: Path) -> list[NamedAbi]:
    """ABIs of a JSON file, or of all those below a folder that have one.

    A file is a bare ABI, or what Hardhat, Truffle, Foundry or Ape made of a contract. Raises
    `DiamondError` when there is none.
    """
    if path.is_dir():
        found = [_read(file) for file in sorted(path.rglob("*.json"))]
    elif path.is_file():
        found = [_read(path)]
    else:
        raise DiamondError(f"{path} is missing: name a JSON file with an ABI, or a folder of them")
    known = [each for each in found if each is not None]
    if not known:
        raise DiamondError(f"{path} has no ABI: name a JSON file with an ABI, or a folder of them")
    return known


@cache
def standard_abis() -> tuple[NamedAbi, ...]:
    """The interfaces of EIP-2535, ERC-165, ERC-173 and ERC-8153."""
    text = files("ape_diamond").joinpath("standards.json").read_text(encoding="utf-8")
    return tuple(NamedAbi(name, tuple(entries)) for name, entries in json.loads(text).items())


def merge_abis(facets: Mapping[str, Iterable[bytes]], known: Sequence[NamedAbi] = ()) -> MergedAbi:
    """The ABI of a diamond with these selectors by facet.

    A facet is recognized as the contract that has all of its functions and the fewest others; among
    equals the first of `known` counts, then `standard_abis()`. A facet that is recognized as none
    is looked up one function at a time. Events and errors are those of every contract that gave a
    function.
    """
    merger = _Merger([*known, *standard_abis()])
    names = {facet: merger.add_facet(frozenset(selectors)) for facet, selectors in facets.items()}
    return merger.merged(names)


_EXPORTED = {selector_of(EXPORT_SELECTORS)}


class _Merger:
    def __init__(self, known: Sequence[NamedAbi]) -> None:
        self._known = [(each, _functions(each.entries)) for each in known]
        self._sources: list[NamedAbi] = []
        self._entries: dict[tuple[str, bytes], tuple[Entry, str]] = {}
        self._conflicts: list[Conflict] = []
        self._unknown: list[bytes] = []

    def add_facet(self, selectors: frozenset[bytes]) -> str | None:
        if not selectors:
            return None
        covering = [
            (len(functions.keys() - selectors - _EXPORTED), position)
            for position, (_, functions) in enumerate(self._known)
            if selectors <= functions.keys()
        ]
        if not covering:
            for selector in sorted(selectors):
                self._look_up(selector)
            return None
        source, functions = self._known[min(covering)[1]]
        for selector in sorted(selectors):
            self._add("function", selector, functions[selector], source)
        return source.name

    def merged(self, names: Mapping[str, str | None]) -> MergedAbi:
        for source in self._sources:
            for entry in source.entries:
                if entry["type"] in ("event", "error") and not entry.get("anonymous"):
                    self._add(entry["type"], _key(entry), entry, source)
        entries = tuple(dict(entry) for entry, _ in self._entries.values())
        return MergedAbi(entries, names, tuple(self._conflicts), tuple(self._unknown))

    def _look_up(self, selector: bytes) -> None:
        having = [(source, fs[selector]) for source, fs in self._known if selector in fs]
        if not having:
            self._unknown.append(selector)
        for source, entry in having:
            self._add("function", selector, entry, source)

    def _add(self, kind: str, key: bytes, entry: Entry, source: NamedAbi) -> None:
        kept = self._entries.setdefault((kind, key), (entry, source.name))
        if _shape(kept[0]) != _shape(entry):
            dropped = f"{_shape(entry)} of {source.name}"
            conflict = Conflict(kind, shown(key), f"{_shape(kept[0])} of {kept[1]}", dropped)
            if conflict not in self._conflicts:
                self._conflicts.append(conflict)
        elif source not in self._sources and kept[0] is entry:
            self._sources.append(source)


def _read(path: Path) -> NamedAbi | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise DiamondError(f"{path} is not JSON") from None
    entries = content.get("abi") if isinstance(content, dict) else content
    is_abi = isinstance(entries, list) and all(
        isinstance(entry, dict) and "type" in entry for entry in entries
    )
    return NamedAbi(path.stem, tuple(entries)) if entries and is_abi else None


def _functions(entries: Iterable[Entry]) -> dict[bytes, Entry]:
    return {_key(entry): entry for entry in entries if entry["type"] == "function"}


def _key(entry: Entry) -> bytes:
    hashed = keccak(text=signature_of(entry))
    return hashed if entry["type"] == "event" else hashed[:4]


def _shape(entry: Entry) -> str:
    """All of an entry that decides how its bytes are read."""
    signature = signature_of(entry)
    if entry["type"] == "event":
        indexed = [str(i) for i, each in enumerate(entry["inputs"]) if each.get("indexed")]
        return f"{signature} with {', '.join(indexed) or 'none'} indexed"
    if entry["type"] == "function":
        outputs = {"type": "function", "name": "", "inputs": entry.get("outputs", ())}
        return f"{signature} {entry.get('stateMutability', '')} giving {signature_of(outputs)}"
    return signature
