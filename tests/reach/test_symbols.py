"""What `make reach` asks for is all that the contracts have."""

from __future__ import annotations

import re
from collections.abc import Iterable

from macrostrike.abi import artifact
from tools._solc import ROOT, solidity_files

from .symbols import SYMBOLS

_COMMENT = re.compile(r"//.*?$|/\*.*?\*/", re.DOTALL | re.MULTILINE)
_OUTSIDE = {"mocks", "external"}


def declared(kind: str) -> set[str]:
    """Names in the sources, as a reader would find them."""
    found: set[str] = set()
    for path in solidity_files():
        if not _OUTSIDE & set(path.relative_to(ROOT).parts):
            source = _COMMENT.sub("", path.read_text())
            found |= set(re.findall(rf"^\s*{kind}\s+(\w+)\s*\(", source, re.MULTILINE))
    return found


def known(symbols: Iterable[str]) -> set[str]:
    return {symbol.partition("(")[0].partition(".")[2] for symbol in symbols}


def test_every_error_that_is_declared() -> None:
    assert declared("error") <= known(SYMBOLS.errors.values())


def test_every_event_that_is_declared() -> None:
    assert declared("event") == known(SYMBOLS.events.values())


def test_every_function_of_the_diamond_and_of_its_facets() -> None:
    of_diamond = {
        entry["name"] for entry in artifact("IMacroStrike").abi if entry["type"] == "function"
    }
    assert known(SYMBOLS.functions.values()) == of_diamond
    facets = {path.stem for path in (ROOT / "contracts" / "facets").glob("*.sol")}
    assert {name for name, _ in SYMBOLS.own} == {*facets, "FlashTaker"}


def test_the_arbitrage_facets_are_among_them() -> None:
    assert "executeArbitrage" in known(SYMBOLS.functions.values())
    assert "NotProfitable" in known(SYMBOLS.errors.values())
    assert "ArbitrageExecuted" in known(SYMBOLS.events.values())
