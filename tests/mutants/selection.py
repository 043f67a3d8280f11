"""Which tests to try on a mutant, and in which order.

Those that run its line: first what has found most others in its function for its time, then what is
cheap and runs little else, one set of parameters of each at first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .mutant import Mutant


@dataclass
class Selection:
    """Tests with their seconds and how many statements they run; by file the statements' lines with
    the tests that run them.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    by_place: dict[str, dict[tuple[int, int], set[str]]] = field(default_factory=dict)
    reach: dict[str, int] = field(default_factory=dict)
    found: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @classmethod
    def load(cls, contents: Iterable[dict[str, Any]]) -> Selection:
        """From what `reached` recorded."""
        result = cls()
        for content in contents:
            places = [_place(text) for text in content["places"]]
            for test, what in content["tests"].items():
                result.seconds[test] = what["seconds"]
                result.reach[test] = len(what["statements"])
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
        cheap = sorted(wanted, key=self._cost)
        seen: Counter[str] = Counter()
        turn: dict[str, int] = {}
        for test in cheap:
            base = test.partition("[")[0]
            turn[test] = seen[base]
            seen[base] += 1
        worth = {test: found[test] / (self.seconds[test] + 0.1) for test in cheap}
        return sorted(cheap, key=lambda test: (-worth[test], turn[test]))

    def all_tests(self) -> list[str]:
        """Cheap ones first."""
        return sorted(self.seconds, key=lambda test: (self.seconds[test], test))

    def _cost(self, test: str) -> tuple[float, str]:
        return self.seconds[test] * self.reach.get(test, 1), test


def _place(text: str) -> tuple[str, int, int]:
    file, first, last = text.rsplit(":", 2)
    return file, int(first), int(last)
