"""Marks and breakers, at the very unit at which they trip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.abi import Event
from macrostrike.errors import (
    EnforcedPause,
    ExpectedPause,
    TakeoversAreStopped,
    TakeoversNotStopped,
    ThresholdOutOfRange,
)
from macrostrike.types import BPS

from ..readers import reverts
from .conftest import Books, Fleet
from .numbers import CORE, core_word, edges

HALTED = 2
KEEP_BPS = 9000  # of the highest equity so far
MIN_WINS = 34  # of the last 40
PNL = edges((1 << 40) - 1) | st.integers(0, 300)
HIGH = edges((1 << 47) - 1)
LOSSES = st.integers(0, 40).map(lambda count: (1 << count) - 1) | edges((1 << 40) - 1)
EXPONENTS = st.sampled_from((0, 1, 16)) | st.integers(0, 16)
NEAR = st.integers(-2, 2)


def halted(reason: str, *amounts: int) -> Event:
    names = ("equity", "high_water", "recent_wins")
    return Event(
        "Halted",
        {"reason": reason.encode().ljust(32, b"\0")} | dict(zip(names, amounts, strict=True)),
    )


def marks_after(fleet: Fleet, pnl: int) -> tuple[int, int]:
    return max(fleet.best, pnl), max(fleet.worst, -pnl)


@given(
    best=PNL,
    worst=PNL,
    size=PNL,
    near=NEAR,
    is_gain=st.booleans(),
    rest=st.integers(0, (1 << 256) - 1),
)
def test_best_and_worst_are_of_one_strike(
    books: Books, best: int, worst: int, size: int, near: int, is_gain: bool, rest: int
) -> None:
    """Near what they are so far, too; the core word has their numbers of bits."""
    fleet = Fleet(best=best, worst=worst)
    word = CORE["bestBits"].put(rest, best.bit_length())
    word = CORE["worstBits"].put(word, worst.bit_length())
    word = CORE["status"].put(word, HALTED)  # of the breakers below
    for each in (size, max(0, (best if is_gain else worst) + near)):
        pnl = each if is_gain else -each
        books.set(fleet)
        word_after = books.ask("mark", word, pnl, False, 0)
        books.tell("mark", word, pnl, False, 0)
        after = books.fleet()
        assert (after.best, after.worst) == marks_after(fleet, pnl)
        losses = CORE["recentLosses"]
        expected = losses.put(word, losses.of(word) << 1 | 1)
        expected = CORE["bestBits"].put(expected, after.best.bit_length())
        assert word_after == CORE["worstBits"].put(expected, after.worst.bit_length())


@given(
    high=HIGH,
    near=NEAR,
    rest=HIGH,
    losses=LOSSES,
    won=st.booleans(),
    exponent=EXPONENTS,
    was_halted=st.booleans(),
)
def test_a_settlement_halts_at_a_unit_under_nine_tenths_or_at_33_wins(
    books: Books,
    high: int,
    near: int,
    rest: int,
    losses: int,
    won: bool,
    exponent: int,
    was_halted: bool,
) -> None:
    word = core_word(
        highWater=high, recentLosses=losses, unitExponent=exponent, status=HALTED * was_halted
    )
    for equity in (max(0, high * KEEP_BPS // BPS + near), rest, max(0, high + near)):
        kept = (losses << 1 | (not won)) & (1 << 40) - 1
        highest, wins = max(high, equity), 40 - kept.bit_count()
        drawdown = equity * BPS < highest * KEEP_BPS
        stops = not was_halted and (drawdown or wins < MIN_WINS)
        after = CORE["recentLosses"].put(CORE["highWater"].put(word, highest), kept)
        after = CORE["status"].put(after, HALTED * (was_halted or stops))
        assert books.ask("mark", word, 0, won, equity) == after
        unit = 10**exponent
        reason = "drawdown" if drawdown else "winrate"
        events = [halted(reason, equity * unit, highest * unit, wins)] if stops else []
        assert books.tell("mark", word, 0, won, equity) == events


@given(
    high=HIGH,
    equity=edges((1 << 40) - 1),
    near=NEAR,
    exponent=EXPONENTS,
    losses=LOSSES,
    was_halted=st.booleans(),
)
def test_what_open_strikes_have_lost_halts_at_a_unit_under_nine_tenths(
    books: Books, high: int, equity: int, near: int, exponent: int, losses: int, was_halted: bool
) -> None:
    """By raw units; equity under zero is said to be zero."""
    unit = 10**exponent
    word = core_word(
        highWater=high, recentLosses=losses, unitExponent=exponent, status=HALTED * was_halted
    )
    keeps = -(-high * KEEP_BPS * unit // BPS)
    for marked in (keeps - equity * unit + near, -equity * unit + near, near):
        books.set(Fleet(core=word, equity=[equity] + [0] * 24))
        stops = (equity * unit + marked) * BPS < high * KEEP_BPS * unit
        assert books.ask("haltIfMarkedDown", marked) == (stops or was_halted)
        events = books.tell("haltIfMarkedDown", marked)
        if was_halted or not stops:
            assert events == []
            assert books.fleet().core == word
            continue
        wins = 40 - losses.bit_count()
        has = max(0, equity * unit + marked)
        assert events == [halted("marked", has, high * unit, wins)]
        assert books.fleet().core == CORE["status"].put(word, HALTED)


@given(
    high=HIGH,
    equity=edges((1 << 40) - 1),
    near=NEAR,
    exponent=EXPONENTS,
    losses=LOSSES,
    marked=st.integers(-(10**30), 10**30),
)
def test_resuming_begins_with_what_there_is_less_what_open_strikes_have_lost(
    books: Books, high: int, equity: int, near: int, exponent: int, losses: int, marked: int
) -> None:
    unit = 10**exponent
    word = core_word(highWater=high, recentLosses=losses, unitExponent=exponent, status=HALTED + 5)
    for each in (near, marked, -equity * unit + near, -3 * unit + near):
        books.set(Fleet(core=word, equity=[equity] + [0] * 24))
        begins = max(0, equity - max(0, -each) // unit)
        events = books.tell("resume", each)
        assert events == [Event("Resumed", {"high_water": begins * unit})]
        after = CORE["recentLosses"].put(CORE["highWater"].put(word, begins), 0)
        assert books.fleet().core == CORE["status"].put(after, 5)


STATUS = {
    "pause": ("Paused", 1, True, EnforcedPause()),
    "unpause": ("Unpaused", 1, False, ExpectedPause()),
    "stopTakeovers": ("TakeoversStopped", 4, True, TakeoversAreStopped()),
    "allowTakeovers": ("TakeoversAllowed", 4, False, TakeoversNotStopped()),
}


@pytest.mark.parametrize("function", STATUS)
@given(word=st.integers(0, (1 << 256) - 1))
def test_a_status_is_set_alone_and_once(books: Books, function: str, word: int) -> None:
    name, bit, on, error = STATUS[function]
    books.set(Fleet(core=word))
    if bool(word & bit) == on:
        with reverts(error):
            books.tell(function)
        return
    assert [each.name for each in books.tell(function)] == [name]
    assert books.fleet().core == word ^ bit


@given(
    word=st.integers(0, (1 << 256) - 1),
    threshold=st.sampled_from((9299, 9300, 9301, 9999, 10_000, 10_001)) | st.integers(9300, BPS),
    floor=st.sampled_from((9300, 9301, 9999)) | st.integers(9300, BPS),
)
def test_a_threshold_is_between_what_the_caller_may_and_certainty(
    books: Books, word: int, threshold: int, floor: int
) -> None:
    books.set(Fleet(core=word))
    if not floor <= threshold <= BPS:
        with reverts(ThresholdOutOfRange(threshold, floor)):
            books.tell("setThreshold", threshold, floor)
        return
    books.tell("setThreshold", threshold, floor)
    assert books.fleet().core == CORE["thresholdOverBps"].put(word, threshold - 9300)
