"""Which tests to try on a mutant, and in which order.

Those that run its line: first what has found others in its function, then what is cheap.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from .mutant import Mutant


@dataclass
class Selection:
    """Tests with their seconds, and by file the statements' lines with the tests that run them."""

    seconds: dict[str, float] = field(default_factory=dict)
    by_place: dict[str, dict[tuple[int, int], set[str]]] = field(default_factory=dict)
    found: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @classmethod
    def load(cls, folder: Path) -> Selection:
        """From what `tests.mutants.reached` recorded."""
        result = cls()
        for path in folder.glob("*.json"):
            content = json.loads(path.read_text())
            places = [_place(text) for text in content["places"]]
            for test, what in content["tests"].items():
                result.seconds[test] = what["seconds"]
                for number in what["statements"]:
                    file, first, last = places[number]
                    lines = result.by_place.setdefault(file, {})
                    lines.setdefault((first, last), set()).add(test)
        return result

    def tests_of(self, mutant: Mutant) -> list[str]:
        places = self.by_place.get(mutant.file, {})
        lines = [each for each in places if each[0] <= mutant.line <= each[1]]
        if not lines:  # a function's head: the statement that follows
            lines = sorted(each for each in places if each[0] > mutant.line)[:1]
        wanted = {test for each in lines for test in places[each]}
        found = self.found[mutant.function]
        return sorted(wanted, key=lambda t: (-found[t], self.seconds[t], t))

    def credit(self, mutant: Mutant, test: str) -> None:
        self.found[mutant.function][test] += 1


def _place(text: str) -> tuple[str, int, int]:
    file, first, last = text.rsplit(":", 2)
    return file, int(first), int(last)
