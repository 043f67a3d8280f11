"""The same calls to ours and to two other diamonds: the same answers, events and refusals, but for
what decision 20 lists with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools._solc import ROOT

from ...evm import undone
from .calls import CALLS, SUPPORTS
from .references import Outcome, Side, sides
from .sequences import FUNCTIONS, NO_ONE, NONE, OTHER, PROBE, SELF, Call, calls
from .support import CORE, Chain

NAMES = ["ours", "hardhat", "solidstate"]
_DECISIONS = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in re.findall(r"^\|.*\|$", _DECISIONS.split("**20.")[1], re.MULTILINE)
]
REASONS = {call: why for call, *_, why in _ROWS[2:]}
LISTED = {call: cells for call, *cells, _ in _ROWS[2:]}

# Which row a random call belongs to that one takes and another refuses.
BY_REFUSAL = {
    "ZeroSelector": "add the selector 0x00000000",
    "DiamondAsFacet": "add the diamond as a facet",
    "CoreFunction": "remove a core function",
    "CoreFunctionNotExported": "replace a core function by a facet that does not",
    "bytes as text": "an initialiser that fails with an error",
}
_OWN = ("remove a function of its own, no core one", "replace a function of its own, no core one")


@pytest.fixture(scope="module")
def three() -> list[Side]:
    return sides(Chain())


def outcomes(three: list[Side], call: str) -> list[Outcome]:
    found = []
    for side in three:
        with undone(side.chain.transport):
            found.append(side.outcome(CALLS[call]))
    return found


@pytest.mark.parametrize("call", CALLS)
def test_call(three: list[Side], call: str) -> None:
    ours, *others = found = outcomes(three, call)
    same = all(
        other.as_ours(ours, side.words) for other, side in zip(others, three[1:], strict=True)
    )
    whole = len({outcome.said for outcome in found}) == 1
    cells = [outcome.shown(whole=whole) for outcome in found]
    assert LISTED.get(call) == (None if same else cells)


def test_each_difference_is_of_a_call_and_has_a_reason() -> None:
    assert [side.name for side in sides(Chain())] == NAMES
    assert set(LISTED) <= set(CALLS)
    assert all(REASONS.values())
    assert {*BY_REFUSAL.values(), *_OWN} <= set(LISTED)


# Mostly such that all three go on, and some that are of the table.
USUAL = calls(FUNCTIONS, [PROBE, OTHER, NO_ONE, NONE])
ANY = calls([*FUNCTIONS, bytes(4), SUPPORTS, *CORE], [PROBE, OTHER, SELF, NO_ONE, NONE])


@settings(max_examples=100)
@given(st.lists(st.one_of(USUAL, USUAL, USUAL, ANY), min_size=3, max_size=12))
def test_random_cuts(three: list[Side], sequence: list[Call]) -> None:
    """What both take leaves the same functions. What one alone refuses is in the table, and ends
    the comparison."""
    for other in three[1:]:
        with undone(other.chain.transport):
            if all(same(three[0], other, call) for call in sequence):
                assert_same_functions(three[0], other)


def same(ours: Side, other: Side, call: Call) -> bool:
    """Whether both did it, or both refused: with the same reason, or each with one that the table
    has, where a call has several faults."""
    mine, theirs = (side.outcome(applied(call)) for side in (ours, other))
    assert theirs.as_ours(mine, other.words) or listed(mine, theirs)
    return mine.said == theirs.said


def assert_same_functions(ours: Side, other: Side) -> None:
    """By the loupe, by calling them, and by what initialisers have written."""
    assert ours.look() == other.look()
    assert stored(ours) == stored(other)
    for function in FUNCTIONS:
        mine, theirs = (side.outcome(answer(function)) for side in (ours, other))
        assert theirs.as_ours(mine, other.words)


def listed(ours: Outcome, theirs: Outcome) -> bool:
    rows = [BY_REFUSAL.get(each.reason) for each in (ours, theirs)]
    if theirs.reason == "DiamondWritable__SelectorIsImmutable":
        rows += _OWN
    return any(row in LISTED for row in rows if row)


def applied(call: Call) -> Callable[[Side], None]:
    def run(side: Side) -> None:
        cuts = [(side.at(e.facet), e.action, e.selectors) for e in call.entries]
        side.diamond.cut(*cuts, init=side.at(call.init), data=call.data, sender=call.sender)

    return run


def answer(function: bytes) -> Callable[[Side], bytes]:
    """What a call of `function` returns, or why it is refused."""
    return lambda side: side.chain.raw(side.diamond.address, function + bytes(32))


def stored(side: Side) -> int:
    """What initialisers have written."""
    return side.chain.storage(side.diamond.address, 0)
