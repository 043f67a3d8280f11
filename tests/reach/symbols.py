"""What there is to reach: every function, error and event of the contracts, by their ABI."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from eth_utils.abi import abi_to_signature
from eth_utils.crypto import keccak

from macrostrike.build import immutable_places

from .evm import root_with
from .instrument import ARTIFACTS, CACHE, instrumented

_DIAMOND = "MacroStrikeDiamond"


@dataclass
class Symbols:
    """By selector or topic, `Where.signature`: the interface that declares it, or the facet."""

    functions: dict[bytes, str] = field(default_factory=dict)
    errors: dict[bytes, str] = field(default_factory=dict)
    events: dict[bytes, str] = field(default_factory=dict)
    own: dict[tuple[str, bytes], str] = field(default_factory=dict)
    abi: list[dict[str, Any]] = field(default_factory=list)
    constructor: str = f"{_DIAMOND}.constructor"

    def function(self, contract: str, selector: bytes) -> str | None:
        """What of a contract a call with this selector is."""
        return self.own.get((contract, selector)) or self.functions.get(selector)

    def all(self) -> dict[str, list[str]]:
        """Every symbol, by kind."""
        functions = [self.constructor, *self.functions.values(), *self.own.values()]
        return {
            "function": sorted(functions),
            "error": sorted(self.errors.values()),
            "event": sorted(self.events.values()),
        }


@cache
def instrumented_root() -> Path:
    """A folder like the project's, with the instrumented contracts among its artifacts."""
    return root_with(CACHE / "root", instrumented().code)


@dataclass(frozen=True)
class Codes:
    """Names of the instrumented contracts by runtime code, and what creation of a diamond is."""

    names: dict[bytes, str]
    diamond: bytes

    def name_of(self, code: bytes) -> str | None:
        """Of the contract that has this code on chain, whatever its immutables are there."""
        if code in self.names:
            return self.names[code]
        same = (runtime for runtime in self.names if len(runtime) == len(code))
        return next((self.names[each] for each in same if _blanked(code, each) == each), None)


def _blanked(code: bytes, runtime: bytes) -> bytes:
    blanked = bytearray(code)
    for at, length in immutable_places(runtime):
        blanked[at : at + length] = bytes(length)
    return bytes(blanked)


@cache
def codes() -> Codes:
    code = instrumented().code
    names = {bytes.fromhex(runtime): name for name, (_, runtime) in code.items()}
    return Codes(names, bytes.fromhex(code[_DIAMOND][0]))


def _load() -> Symbols:
    symbols = Symbols()
    contents = [json.loads(path.read_text()) for path in sorted(ARTIFACTS.glob("[A-Z]*.json"))]
    # Interfaces first: what a facet has beyond them is its own.
    for content in contents:
        source, name = content["sourceName"], content["contractName"]
        if source.startswith("contracts/interfaces/") and "/external/" not in source:
            _add_interface(symbols, name, content["abi"])
    for content in contents:
        source, name = content["sourceName"], content["contractName"]
        if source.startswith("contracts/facets/") or name == _DIAMOND:
            _add_contract(symbols, name, content["abi"])
        elif source.startswith("contracts/periphery/") and content["bytecode"] != "0x":
            _add_own(symbols, name, content["abi"])
    return symbols


def _add_interface(symbols: Symbols, name: str, abi: list[dict[str, Any]]) -> None:
    """One that inherits the others says nothing of its own; every facet has those of IFacet."""
    if name in ("IMacroStrike", "IFacet"):
        return
    for entry in abi:
        _add(symbols, name, entry)
    symbols.abi += [entry for entry in abi if entry["type"] == "event"]


def _add_contract(symbols: Symbols, name: str, abi: list[dict[str, Any]]) -> None:
    """What a facet has beyond the interfaces: errors of the libraries that it uses."""
    for entry in abi:
        if entry["type"] == "function" and entry["name"] == "exportSelectors":
            signature = abi_to_signature(entry)  # type: ignore[arg-type]
            symbols.own[name, keccak(text=signature)[:4]] = f"{name}.{signature}"
        elif entry["type"] in ("error", "event"):
            _add(symbols, name, entry)


def _add_own(symbols: Symbols, name: str, abi: list[dict[str, Any]]) -> None:
    """What is outside of the diamond: all that it has is its own."""
    for entry in abi:
        if entry["type"] == "function":
            signature = abi_to_signature(entry)  # type: ignore[arg-type]
            symbols.own[name, keccak(text=signature)[:4]] = f"{name}.{signature}"
        else:
            _add(symbols, name, entry)
    symbols.abi += [entry for entry in abi if entry["type"] == "event"]


def _add(symbols: Symbols, where: str, entry: dict[str, Any]) -> None:
    kinds = {"function": symbols.functions, "error": symbols.errors, "event": symbols.events}
    if entry["type"] not in kinds:
        return
    signature = abi_to_signature(entry)  # type: ignore[arg-type]
    digest = keccak(text=signature)
    key = digest if entry["type"] == "event" else digest[:4]
    kinds[entry["type"]].setdefault(key, f"{where}.{signature}")


SYMBOLS = _load()
