"""The layouts of packed words, as the comments of their types say them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path

from tools._solc import CONTRACTS

_FIELD = r"(?:\d+ x )?\d+ \w+"
_SUM = re.compile(rf"({_FIELD}(?: \+ {_FIELD})*) = (\d+) bits")


@dataclass(frozen=True)
class Field:
    """Bits of a word: `width` of them from bit `at` on, of `count` equal parts."""

    name: str
    at: int
    width: int
    count: int = 1

    @property
    def mask(self) -> int:
        return (1 << self.width) - 1

    def part(self, index: int) -> Field:
        width = self.width // self.count
        return Field(self.name, self.at + index * width, width)

    def of(self, word: int) -> int:
        return word >> self.at & self.mask

    def put(self, word: int, value: int) -> int:
        """The word with this value in the field, cut to its width."""
        return word & ~(self.mask << self.at) | (value & self.mask) << self.at


@dataclass(frozen=True)
class Layout:
    """Fields, the lowest first, and the sum of their bits that is stated."""

    fields: tuple[Field, ...]
    total: int


@dataclass(frozen=True)
class PackedType:
    """A packed type: its file, the bits of what it is kept in, and the layouts that it states."""

    path: Path
    bits: int
    layouts: tuple[Layout, ...]

    def __getitem__(self, name: str) -> Field:
        return next(field for field in self.layouts[0].fields if field.name == name)


def packed_types() -> dict[str, PackedType]:
    """All of them, by name."""
    found = {}
    for path in sorted((CONTRACTS / "types").glob("*.sol")):
        source = path.read_text()
        for name, bits in re.findall(r"^type (\w+) is uint(\d+);", source, re.MULTILINE):
            above = source.partition(f"type {name} is")[0].rstrip().splitlines()
            said = (line for line in above if line.startswith("///"))
            text = " ".join(line.removeprefix("/// ") for line in said)
            found[name] = PackedType(path, int(bits), tuple(map(_layout, _SUM.finditer(text))))
    return found


def _layout(stated: re.Match[str]) -> Layout:
    fields = list[Field]()
    for each in stated[1].split(" + "):
        widths, _, name = each.rpartition(" ")
        at = fields[-1].at + fields[-1].width if fields else 0
        count, _, width = f"1 x {widths}".rpartition(" x ")
        number = prod(map(int, count.split(" x ")))
        fields.append(Field(name, at, number * int(width), number))
    return Layout(tuple(fields), int(stated[2]))


def joined(numbers: Iterable[int], bits: int) -> int:
    """One word of them, the first in the lowest place."""
    return sum(number << index * bits for index, number in enumerate(numbers))


def split(word: int, count: int, bits: int) -> list[int]:
    """The numbers that such a word is of."""
    return [word >> index * bits & (1 << bits) - 1 for index in range(count)]
