"""A V3 pool's memory: which observation a mean begins with, and what can't be believed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.errors import CallFailed

from ..answering import encoded, words
from .conftest import Place

UNKNOWN = (1 << 255) - 1
MAX_TICK = 887_272
WAD = 10**18
TICKS = st.sampled_from((0, -1, 1, -MAX_TICK, MAX_TICK)) | st.integers(-MAX_TICK, MAX_TICK)
FLAT = (1 << 96, 0, 0, 0)  # the words of slot0 behind the first four


@dataclass(frozen=True)
class Ring:
    """Observations by how old they are, the oldest first, each with the tick from then on.

    index: the place of the latest. places: of the ring. A ring that is not full begins at place 0.
    """

    ages: tuple[int, ...]
    ticks: tuple[int, ...]
    index: int
    places: int

    def sums(self) -> list[int]:
        """The pool's sums of ticks at each of them, and now."""
        sums = [-(10**6)]
        for tick, before, after in zip(self.ticks, self.ages, (*self.ages[1:], 0), strict=True):
            sums.append(sums[-1] + tick * (before - after))
        return sums

    def sum_at(self, age: int) -> int:
        """What `observe` answers for that age, which is at most the oldest one's."""
        sums = self.sums()
        begun = max(n for n, each in enumerate(self.ages) if each >= age)
        return sums[begun] + self.ticks[begun] * (self.ages[begun] - age)

    def tell(self, place: Place, *windows: tuple[int, int], spot: int | None = None) -> None:
        """`windows`: for which `observe` is asked."""
        for window in windows:
            if max(window) > self.ages[0]:
                place.set({observe(window): b"OLD"}, fails=True)
        now, sums = place.next, self.sums()
        first = (FLAT[0], self.ticks[-1] if spot is None else spot, self.index, self.places)
        answers = {encoded("slot0()") + words(0): words(*first, self.places, 0, 1)}
        for n in range(self.places):
            answers[observation(n)] = words(1, 0, 0, 0)
        for back, (age, total) in enumerate(
            zip(reversed(self.ages), reversed(sums[:-1]), strict=True)
        ):
            at = (self.index - back) % self.places
            answers[observation(at)] = words(now - age, total, 0, 1)
        for window in windows:
            if max(window) <= self.ages[0]:
                answers[observe(window)] = observed(*map(self.sum_at, (*window, 0)))
        place.set(answers)


def observation(index: int) -> bytes:
    return encoded("observations(uint256)", index)


def observe(window: tuple[int, int]) -> bytes:
    return encoded("observe(uint32[])", [*window, 0])


def observed(*sums: int) -> bytes:
    return encode(["int56[]", "uint160[]"], [sums, [0, 0, 0]])


def mean_of(ring: Ring, age: int) -> int:
    return (ring.sums()[-1] - ring.sum_at(age)) // age


@st.composite
def rings(draw: st.DrawFn, longest: int = 700) -> Ring:
    count = draw(st.integers(1, 24))
    ages = draw(st.sets(st.integers(0, longest), min_size=count, max_size=count))
    return _ring(draw, sorted(ages))


@st.composite
def even_rings(draw: st.DrawFn) -> tuple[Ring, int]:
    """Observations at even steps, some of one to two windows old and some older; the window."""
    window = draw(st.integers(30, 400))
    step = draw(st.integers(max(1, window // 8), window // 4))
    count = 2 * window // step + draw(st.integers(2, 12))
    first = draw(st.integers(0, step))
    return _ring(draw, [first + step * n for n in range(count)]), window


def _ring(draw: st.DrawFn, ages: list[int]) -> Ring:
    count = len(ages)
    ticks = draw(st.lists(TICKS, min_size=count, max_size=count))
    is_full = draw(st.booleans())
    places = count if is_full else count + draw(st.integers(1, 40))
    index = draw(st.integers(0, count - 1)) if is_full else count - 1
    return Ring(tuple(reversed(ages)), tuple(ticks), index, places)


def before_this_second(ring: Ring) -> int:
    """The tick with which it began."""
    if ring.ages[-1] != 0:
        return ring.ticks[-1]
    return ring.ticks[-2] if len(ring.ages) > 1 else UNKNOWN


@given(ring=rings(), window=st.integers(30, 400), back=st.integers(0, 80))
def test_a_mean_begins_with_an_observation_of_one_to_two_windows(
    place: Place, ring: Ring, window: int, back: int
) -> None:
    """With the one that is named, where that will do; else any, or the pool's own search."""
    ring.tell(place, (window, window))
    mean, start, found = place.ask("look", place.address, window, back)
    assert start == before_this_second(ring)
    backwards = [*reversed(ring.ages)]
    of_age = [n for n, age in enumerate(backwards) if window <= age <= 2 * window]
    if back and back in of_age:
        assert found == back
    if backwards[-1] < window:
        assert (mean, found) == (UNKNOWN, 0)
    elif found:
        assert found in of_age
        assert mean == mean_of(ring, backwards[found])
    elif len(backwards) - 1 in of_age:
        # The latest is the oldest too, or it stands for none before it.
        assert len(backwards) == 1
        assert mean == mean_of(ring, backwards[-1])
    else:
        assert mean == mean_of(ring, window)


@given(rings_and_windows=even_rings())
def test_observations_at_even_steps_are_found_at_once(
    place: Place, rings_and_windows: tuple[Ring, int]
) -> None:
    """The middle of the range that will do: no search of the pool's, which costs its reads."""
    ring, window = rings_and_windows
    ring.tell(place)
    mean, _, found = place.ask("look", place.address, window, 0)
    assert found
    assert window <= ring.ages[-1 - found] <= 2 * window
    assert abs(ring.ages[-1 - found] - 3 * window / 2) <= 2 * (ring.ages[0] - ring.ages[1])
    assert mean == mean_of(ring, ring.ages[-1 - found])


@given(ring=rings(), windows=st.tuples(st.integers(1, 700), st.integers(1, 700)))
def test_exact_means_are_the_pools_own(place: Place, ring: Ring, windows: tuple[int, int]) -> None:
    ring.tell(place, windows)
    answer = place.ask("exactMeanTicks", place.address, *windows)
    if max(windows) > ring.ages[0]:
        assert answer == (False, 0, 0)
    else:
        assert answer == (True, *(mean_of(ring, window) for window in windows))


@given(ring=rings())
def test_the_tick_of_before_this_second(place: Place, ring: Ring) -> None:
    ring.tell(place)
    assert place.ask("startTick", place.address) == before_this_second(ring)


TWO = Ring((90, 60), (5, 7), 1, 2)


def slot0(place: Place, *first: int) -> None:
    place.set({encoded("slot0()") + words(0): words(1 << 96, *first)})


@pytest.mark.parametrize(
    "first",
    [(MAX_TICK + 1, 1, 2), (-MAX_TICK - 1, 1, 2), (7, 2, 2), (7, 0, 0), (7, 1, 1 << 16)],
    ids=["tick", "negative tick", "index", "no place", "places"],
)
def test_a_first_word_that_cannot_be_tells_nothing(place: Place, first: tuple[int, ...]) -> None:
    TWO.tell(place, (60, 60))
    slot0(place, *first)
    place.set({observation(2): words(place.next - 60, 0, 0, 1)})
    assert place.ask("look", place.address, 60, 0) == (UNKNOWN, UNKNOWN, 0)
    assert place.ask("startTick", place.address) == UNKNOWN


@pytest.mark.parametrize("tick", [-MAX_TICK, MAX_TICK])
def test_the_outermost_ticks_are_ticks(place: Place, tick: int) -> None:
    ring = Ring((90, 60), (tick, tick), 1, 2)
    ring.tell(place, (60, 60))
    assert place.ask("look", place.address, 60, 0) == (tick, tick, 1)
    assert place.ask("exactMeanTicks", place.address, 60, 60) == (True, tick, tick)


@pytest.mark.parametrize("age", [60, 120])
def test_an_observation_of_just_one_or_two_windows_will_do(place: Place, age: int) -> None:
    ring = Ring((age, 30), (5, 7), 1, 2)
    ring.tell(place)
    assert place.ask("look", place.address, 60, 0) == (mean_of(ring, age), 7, 1)


@pytest.mark.parametrize("back", [0, 8])
def test_an_observation_that_is_not_there_is_not_believed(place: Place, back: int) -> None:
    """Whatever else is said of it: the pool's own search is asked."""
    ring, set_at = Ring(tuple(range(205, 5, -10)), (*range(20),), 19, 20), place.next
    ring.tell(place, (60, 60))
    assert place.ask("look", place.address, 60, back)[2] == 8
    later = place.next - set_at
    at = set_at - ring.ages[-9]
    place.set({observation(11): words(at, ring.sums()[-10], 0, 0)})
    moved = ring.sums()[-1] + ring.ticks[-1] * later - ring.sum_at(60)
    mean, _, found = place.ask("look", place.address, 60, back)
    assert (mean, found) == (moved // 60, 0)


def test_without_an_observation_of_that_age_and_a_search_there_is_no_mean(place: Place) -> None:
    """Whether the ring goes back far enough, or begins with this second."""
    Ring((500, 20), (5, 7), 1, 2).tell(place)
    assert place.ask("look", place.address, 60, 0) == (UNKNOWN, 7, 0)
    Ring((0,), (7,), 0, 1).tell(place)
    assert place.ask("look", place.address, 60, 0) == (UNKNOWN, UNKNOWN, 0)


def test_a_guess_behind_the_ring_is_none(place: Place) -> None:
    """It would be the latest, once more."""
    TWO.tell(place)
    assert place.ask("look", place.address, 50, 2) == (6, 7, 1)


def test_the_largest_ring_is_one(place: Place) -> None:
    TWO.tell(place)
    slot0(place, 7, 1, (1 << 16) - 1)
    place.set({observation(2): words(1, 0, 0, 0)})
    assert place.ask("look", place.address, 60, 0)[1:] == (7, 1)


@pytest.mark.parametrize(
    ("index", "said"),
    [(1, (1, 0, 0, 0)), (1, (1 << 32, 0, 0, 1)), (1, (60, 0, 0, 2)), (1, (60, 0, 0))],
    ids=["never written", "no time", "neither", "three words"],
)
def test_a_latest_observation_that_cannot_be_tells_nothing(
    place: Place, index: int, said: tuple[int, ...]
) -> None:
    TWO.tell(place, (60, 60))
    place.set({observation(index): words(*said)})
    assert place.ask("look", place.address, 60, 0) == (UNKNOWN, UNKNOWN, 0)
    assert place.ask("startTick", place.address) == UNKNOWN


def test_a_pool_that_reverts_with_what_could_be_tells_nothing(place: Place) -> None:
    TWO.tell(place, (60, 60))
    latest = place.next - 60
    place.set({observation(1): words(latest, 0, 0, 1)}, fails=True)
    assert place.ask("look", place.address, 60, 0) == (UNKNOWN, UNKNOWN, 0)
    assert place.ask("startTick", place.address) == UNKNOWN
    TWO.tell(place, (60, 60))
    place.set({encoded("slot0()") + words(0): words(1 << 96, 7, 1, 2)}, fails=True)
    assert place.ask("look", place.address, 60, 0) == (UNKNOWN, UNKNOWN, 0)
    assert place.ask("startTick", place.address) == UNKNOWN


@pytest.mark.parametrize("said", [(0, 0, 0), (0, 0)], ids=["never written", "three words"])
def test_an_oldest_observation_that_is_not_there_is_none(
    place: Place, said: tuple[int, ...]
) -> None:
    """Nor is it there because the one before was, in the same memory."""
    TWO.tell(place)
    place.set({observation(0): words(place.next - 90, *said)})
    assert place.ask("look", place.address, 60, 0) == (UNKNOWN, 7, 0)


def test_an_observation_of_the_future_tells_nothing(place: Place) -> None:
    TWO.tell(place, (60, 60))
    place.set({observation(1): words(place.next + 1, 0, 0, 1)})
    assert place.ask("look", place.address, 60, 0) == (UNKNOWN, UNKNOWN, 0)
    assert place.ask("startTick", place.address) == UNKNOWN


def test_a_second_observation_of_this_second_begins_none(place: Place) -> None:
    """One place, or one of the same second, leaves that tick unknown."""
    TWO.tell(place)
    place.set({observation(n): words(place.next, 0, 0, 1) for n in (0, 1)})
    assert place.ask("startTick", place.address) == UNKNOWN
    Ring((0,), (7,), 0, 1).tell(place)
    assert place.ask("startTick", place.address) == UNKNOWN


def test_an_oldest_observation_of_the_future_is_none(place: Place) -> None:
    TWO.tell(place, (30, 30))
    place.set({observation(0): words(place.next + 5, 0, 0, 1)})
    assert place.ask("look", place.address, 30, 0)[::2] == (UNKNOWN, 0)


def test_a_mean_that_no_tick_is_of_is_unknown(place: Place) -> None:
    TWO.tell(place)
    for total in (90 * (MAX_TICK + 1), -90 * (MAX_TICK + 1)):
        now = place.next
        place.set(
            {observation(0): words(now - 90, -total, 0, 1), observation(1): words(now, 0, 0, 1)}
        )
        assert place.ask("look", place.address, 60, 0)[0] == UNKNOWN


SUMS = (-600, -300, 0)


@pytest.mark.parametrize(
    "answer",
    [
        words(1, 2),
        observed(*SUMS) + words(0),
        observed(*SUMS)[:-32],
        observed(-60 * (MAX_TICK + 1), 0, 0),
        observed(0, -30 * (MAX_TICK + 1), 0),
        observed(60 * (MAX_TICK + 1), 0, 0),
    ],
    ids=["short", "a word more", "a word less", "long mean", "short mean", "negative"],
)
def test_means_that_cannot_be_are_none(place: Place, answer: bytes) -> None:
    place.set({observe((60, 30)): answer})
    ok, *_ = place.ask("exactMeanTicks", place.address, 60, 30)
    assert not ok


def test_a_pool_that_reverts_with_an_answer_has_no_means(place: Place) -> None:
    place.set({observe((60, 30)): observed(*SUMS)}, fails=True)
    assert place.ask("exactMeanTicks", place.address, 60, 30) == (False, 0, 0)
    place.set({observe((60, 30)): observed(*SUMS)})
    assert place.ask("exactMeanTicks", place.address, 60, 30) == (True, 10, 10)


@given(slots=st.integers(0, (1 << 16) - 1))
def test_a_pool_says_how_much_it_will_remember(place: Place, slots: int) -> None:
    place.set({encoded("slot0()"): words(1 << 96, 0, 0, 1, slots)})
    assert place.ask("memoryOf", place.address) == slots


def test_a_pool_that_says_too_little_is_none(place: Place) -> None:
    whole = words(1 << 96, 0, 0, 1, 9)
    for answer in (whole[:-32], whole[:-1]):
        place.set({encoded("slot0()"): answer})
        with pytest.raises(CallFailed) as refused:
            place.ask("memoryOf", place.address)
        assert refused.value.reason == answer
    place.set({encoded("slot0()"): whole}, fails=True)
    with pytest.raises(CallFailed):
        place.ask("memoryOf", place.address)


def ln_of_a_tick() -> int:
    with localcontext() as context:
        context.prec = 60
        return int(Decimal("1.0001").ln() * WAD)


@given(tick=TICKS, amount=st.integers(0, 1 << 128), is_token0=st.booleans())
def test_a_tick_is_a_power_of_1_0001(place: Place, tick: int, amount: int, is_token0: bool) -> None:
    """Rounded down, of the ratio that is over one."""
    power = tick if is_token0 else -tick
    ratio = place.ask("expWad", abs(power) * ln_of_a_tick())
    quote = place.ask("quoteAtTick", tick, amount, is_token0)
    assert quote == (amount * WAD // ratio if power < 0 else amount * ratio // WAD)
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(amount) * Decimal("1.0001") ** power
        assert abs(Decimal(quote) - exact) <= 1 + exact * Decimal("1e-9")
