"""A pool's ring of observations, as full and as old as it may be: what the diamond reads there.

The rings are written into the pool's own storage, so that the pool's `observe` reads them too.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.errors import OracleUnavailable

from ...evm import put_word
from ..environment import Env
from ..pools import POOL
from ..readers import refuses

ETHER = 10**18
RING = 8  # the storage slot of the first observation
MAX_TICK = 887_272


@dataclass(frozen=True)
class Ring:
    """Observations, the oldest first: each with its age and the tick that held from then on.

    places: of the ring. index: where in it the latest is, with the others before it.
    """

    seen: tuple[tuple[int, int], ...]
    places: int
    index: int

    @property
    def spot(self) -> int:
        return self.seen[-1][1]

    def sums(self) -> list[int]:
        sums = [0]
        for (before, tick), (after, _) in zip(self.seen, self.seen[1:], strict=False):
            sums.append(sums[-1] + tick * (before - after))
        return sums

    def means(self, shortest: int, longest: int) -> set[int]:
        """Mean ticks, rounded down, since each observation that is so old."""
        now = self.sums()[-1] + self.spot * self.seen[-1][0]
        return {
            (now - total) // age
            for (age, _), total in zip(self.seen, self.sums(), strict=True)
            if shortest <= age <= longest
        }


@st.composite
def rings(draw: st.DrawFn, longest: int = 700) -> Ring:
    """Full ones begin anywhere; others with their first place."""
    count = draw(st.integers(1, 24))
    ages = draw(st.sets(st.integers(0, longest), min_size=count, max_size=count))
    ticks = draw(st.lists(st.integers(-9000, 9000), min_size=count, max_size=count))
    is_full = draw(st.booleans())
    places = count if is_full else count + draw(st.integers(1, 40))
    index = draw(st.integers(0, count - 1)) if is_full else count - 1
    return Ring(tuple(zip(sorted(ages, reverse=True), ticks, strict=True)), places, index)


def write(env: Env, ring: Ring, now: int) -> None:
    oldest = ring.index - len(ring.seen) + 1
    for n in range(64):
        put_word(env.chain, env.pool, RING + n, 0)
    for n, ((age, _), total) in enumerate(zip(ring.seen, ring.sums(), strict=True)):
        place = (oldest + n) % ring.places
        put_word(env.chain, env.pool, RING + place, observation(now - age, total))
    write_first(env, ring.spot, ring.index, ring.places)


def observation(time: int, total: int, known: int = 1) -> int:
    return time | (total % 2**56) << 32 | 1 << 88 | known << 248


def write_first(env: Env, tick: int, index: int, places: int) -> None:
    """The pool's first word. The price stays what it is: only ticks count here."""
    price = env.ask(POOL.abi, env.pool, "slot0")[0]
    word = price | (tick % 2**24) << 160 | index << 184 | places << 200 | places << 216 | 1 << 240
    put_word(env.chain, env.pool, 0, word)


def worth(env: Env, tick: int) -> float:
    base_first = env.base.lower() < env.quote.lower()
    return float(1.0001 ** (tick if base_first else -tick) * ETHER)


def is_of(env: Env, quote: int, ticks: set[int]) -> bool:
    return any(abs(quote - worth(env, tick)) <= 1 + 1e-9 * quote for tick in ticks)


@given(ring=rings())
def test_the_mean_is_of_one_to_two_windows_or_there_is_none(env: Env, ring: Ring) -> None:
    """None only where the oldest observation is younger than the window."""
    window = env.read("getMarket", 0).rules.oracle_window
    with env.undone():
        write(env, ring, env.chain.timestamp())
        if ring.seen[0][0] < window:
            write(env, ring, env.now)  # which is when a transaction comes
            with refuses(env, OracleUnavailable(0)):
                env.keeper.send("getOracleQuote", 0, ETHER)
            return
        before, now = env.ask(POOL.abi, env.pool, "observe", [window, 0])[0]
        possible = ring.means(window, 2 * window) | {(now - before) // window}
        assert is_of(env, env.read("getOracleQuote", 0, ETHER), possible)


@given(ring=rings())
def test_reference_prices_are_the_pools_own_means_and_the_tick_of_before(
    env: Env, ring: Ring
) -> None:
    """Zero is a price that is not known; nothing reverts."""
    rules = env.read("getMarket", 0).rules
    with env.undone():
        write(env, ring, env.chain.timestamp())
        oracle, mean, start = env.read("getReferencePrices", 0, ETHER)
        longest = max(rules.oracle_window, rules.exit_window)
        if ring.seen[0][0] < longest:
            assert (oracle, mean) == (0, 0)
        else:
            for quote, window in ((oracle, rules.oracle_window), (mean, rules.exit_window)):
                before, now = env.ask(POOL.abi, env.pool, "observe", [window, 0])[0]
                assert is_of(env, quote, {(now - before) // window})
        if ring.seen[-1][0] > 0:
            assert is_of(env, start, {ring.spot})
        elif len(ring.seen) == 1:
            assert start == 0
        else:
            assert is_of(env, start, {ring.seen[-2][1]})


FAR = 10**6  # no tick of a pool
LIES = {
    "a tick out of range": ((FAR, 1, 2), [(90, 0, 1), (60, 0, 1)]),
    "a negative tick out of range": ((-FAR, 1, 2), [(90, 0, 1), (60, 0, 1)]),
    "an index behind the ring": ((0, 2, 2), [(90, 0, 1), (60, 0, 1)]),
    "no place at all": ((0, 0, 0), [(90, 0, 1)]),
    "a latest observation that was never written": ((0, 1, 2), [(90, 0, 1), (60, 0, 0)]),
    "a latest observation of the future": ((0, 1, 2), [(90, 0, 1), (-1, 0, 1)]),
    "a sum of this second that no tick makes": ((0, 1, 2), [(900, 0, 1), (0, 900 * FAR, 1)]),
    "a negative sum that no tick makes": ((0, 1, 2), [(900, 0, 1), (0, -900 * FAR, 1)]),
    "an earlier observation that is later": ((0, 1, 2), [(-5, 0, 1), (0, 0, 1)]),
    "an earlier observation of the same second": ((0, 1, 2), [(0, 7, 1), (0, 7, 1)]),
    "an earlier observation that was never written": ((0, 1, 2), [(900, 0, 0), (0, 0, 1)]),
}


@pytest.mark.parametrize("what", LIES)
def test_what_cannot_be_is_not_a_price_and_stops_nothing(env: Env, what: str) -> None:
    """The price of before this second is unknown, and so is the mean; no call reverts for it."""
    first, seen = LIES[what]
    now = env.chain.timestamp()
    for n, (age, total, known) in enumerate(seen):
        put_word(env.chain, env.pool, RING + n, observation(now - age, total, known))
    write_first(env, *first)
    assert env.read("getReferencePrices", 0, ETHER)[2] == 0
    with refuses(env, OracleUnavailable(0)):
        env.keeper.send("getOracleQuote", 0, ETHER)


@pytest.mark.parametrize("tick", [-MAX_TICK - 1, -MAX_TICK, MAX_TICK, MAX_TICK + 1])
def test_ticks_are_believed_up_to_the_last_one_that_a_pool_has(env: Env, tick: int) -> None:
    """The start of a second in which the pool was traded on: by the sums on either side of it."""
    now = env.chain.timestamp()
    put_word(env.chain, env.pool, RING, observation(now - 900, 0))
    put_word(env.chain, env.pool, RING + 1, observation(now, 900 * tick))
    write_first(env, 0, 1, 2)
    start = env.read("getReferencePrices", 0, ETHER)[2]
    if abs(tick) > MAX_TICK:
        assert start == 0
    else:
        # One of the two is worth less than a raw unit.
        assert is_of(env, start, {tick})
