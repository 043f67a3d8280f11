"""The sources with all mutants in them, each behind a switch.

A mutant is on where the block's coinbase is its window's number and its bit of the block's
`prevrandao` is set: so any group of a window's mutants can be on together, and no state is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools._solc import ROOT

from .assembly import BIT
from .mutant import Mutant

WINDOW = 256  # mutants, a bit each
LIBRARY = "contracts/libraries/Mutant.sol"
_PRAGMA = "pragma solidity 0.8.37;\n"
LIBRARY_SOURCE = f"""// SPDX-License-Identifier: MIT
{_PRAGMA}
library Mutant {{
    function on(uint256 window, uint256 bit) internal pure returns (bool) {{
        return (_pure(_word)(window) >> bit) & 1 == 1;
    }}

    function word(uint256 window) internal pure returns (uint256) {{
        return _pure(_word)(window);
    }}

    function _word(uint256 window) private view returns (uint256 bits) {{
        assembly ("memory-safe") {{ bits := mul(prevrandao(), eq(coinbase(), window)) }}
    }}

    function _pure(function(uint256) internal view returns (uint256) f)
        private
        pure
        returns (function(uint256) internal pure returns (uint256) g)
    {{
        assembly ("memory-safe") {{ g := f }}
    }}
}}
"""
# Where the modifiers are, and forms of them that can be switched off.
GUARD = "node_modules/@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol"
_BEFORE = "    modifier nonReentrant() {"
_MODIFIERS = """    modifier nonReentrantUnless(bool off) {
        if (!off) _nonReentrantBefore();
        _;
        if (!off) _nonReentrantAfter();
    }

    modifier nonReentrantViewUnless(bool off) {
        if (!off) _nonReentrantBeforeView();
        _;
    }

"""


@dataclass
class _Range:
    """A range of a source with its mutants, and the ranges within it."""

    start: int
    end: int
    form: str
    mutants: list[tuple[int, Mutant]] = field(default_factory=list)
    within: list[_Range] = field(default_factory=list)


def place_of(number: int) -> tuple[int, int]:
    """A mutant's window, from 1, and its bit."""
    return number // WINDOW + 1, number % WINDOW


def block_of(numbers: Sequence[int]) -> dict[str, Any]:
    """The fields of a block in which these mutants, all of one window, are on."""
    window, bits = 0, 0
    for number in numbers:
        window, bit = place_of(number)
        bits |= 1 << bit
    return {
        "coinbase": "0x" + window.to_bytes(20, "big").hex(),
        "prevrandao": bits.to_bytes(32, "big"),
    }


def switched(sources: Mapping[str, str], mutants: Mapping[int, Mutant]) -> dict[str, str]:
    """The sources with these mutants, by number."""
    by_file: dict[str, list[tuple[int, Mutant]]] = {}
    for number, mutant in mutants.items():
        by_file.setdefault(mutant.file, []).append((number, mutant))
    result = dict(sources) | {LIBRARY: LIBRARY_SOURCE}
    if any(mutant.form == "modifier" for mutant in mutants.values()):
        guard = (ROOT / GUARD).read_text(encoding="utf-8")
        result[GUARD] = guard.replace(_BEFORE, _MODIFIERS + _BEFORE, 1)
    for file, own in by_file.items():
        text = sources[file].encode()
        whole = _nested(own, len(text))
        rendered = _inside(text, whole)
        result[file] = rendered.replace(
            _PRAGMA, f'{_PRAGMA}import {{Mutant}} from "{LIBRARY}";\n', 1
        )
    return result


def _nested(mutants: Iterable[tuple[int, Mutant]], size: int) -> _Range:
    whole = _Range(0, size, "file")
    ranges: dict[tuple[int, int, str], _Range] = {}
    for number, mutant in mutants:
        key = (mutant.start, mutant.end, mutant.form)
        ranges.setdefault(key, _Range(*key)).mutants.append((number, mutant))
        if mutant.form == "assembly":
            around = (*mutant.block, "block")
            ranges.setdefault(around, _Range(*around)).mutants.append((number, mutant))
    path = [whole]
    for each in sorted(ranges.values(), key=lambda r: (r.start, -r.end)):
        while each.end > path[-1].end:
            path.pop()
        path[-1].within.append(each)
        path.append(each)
    return whole


def _inside(text: bytes, outer: _Range) -> str:
    """The text of a range, with the switches of what is within it."""
    parts, at = [], outer.start
    for each in outer.within:
        parts += [text[at : each.start].decode(), _rendered(text, each)]
        at = each.end
    return "".join(parts) + text[at : outer.end].decode()


def _rendered(text: bytes, each: _Range) -> str:
    original = _inside(text, each)
    if each.form == "value":
        return _value(each, original)
    if each.form == "assembly":
        return _assembly(each, original)
    if each.form == "modifier":
        return f"{original}Unless({_on(each.mutants[0][0])})"
    if each.form == "block":
        return f"{{ {_words(each)}{original} }}"
    chain = "".join(
        f"if ({_on(number)}) {{ {_marked(number, mutant.now)} }} else "
        for number, mutant in each.mutants
    )
    return f"{{ {chain}{{ {original} }} }}"


def _value(each: _Range, original: str) -> str:
    cast = each.mutants[0][1].cast
    for number, mutant in reversed(each.mutants):
        original = f"({_on(number)} ? {cast}({_marked(number, mutant.now)}) : {cast}({original}))"
    return original


def _assembly(each: _Range, original: str) -> str:
    for number, mutant in each.mutants:
        window, bit = place_of(number)
        switch = f"and(shr({bit}, mutants{window}), 1)"
        original = mutant.now.replace(BIT, switch).format(original)
    return original


def _words(each: _Range) -> str:
    """What assembly, which can't call a library, reads its switches from."""
    windows = sorted({place_of(number)[0] for number, _ in each.mutants})
    return "".join(f"uint256 mutants{w} = Mutant.word({w}); " for w in windows)


def _on(number: int) -> str:
    window, bit = place_of(number)
    return f"Mutant.on({window}, {bit})"


def _marked(number: int, text: str) -> str:
    """So that an error of the compiler is known to be this mutant's."""
    return f"/*<{number}*/{text}/*{number}>*/"
