"""Reference prices: a feed's and its sequencer's, a pool's, and the better of them."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.errors import InvalidOracle, OracleDeviation
from macrostrike.types import BPS, OracleKind, Venue

from ..answering import encoded, words
from ..readers import reverts
from .market import RULES, Market
from .numbers import edges

U96 = (1 << 96) - 1
BASES = edges(U96)
NEAR = st.integers(-2, 2)
PRICES = st.integers(0, 3) | edges(10**15)
WINDOW, EXIT = RULES.oracle_window, RULES.exit_window
UP, DOWN = 0, 1


def worth(base: int, answer: int, exponent: int) -> int:
    if exponent < 0:
        return base * answer // 10**-exponent
    return base * answer * 10**exponent


@given(
    answer=st.sampled_from((-1, 0, 1, U96, U96 + 1)) | st.integers(1, 10**15),
    exponent=st.integers(-28, 16),
    base=BASES,
    age=st.sampled_from((-1, 0, 1, WINDOW - 1, WINDOW, WINDOW + 1)),
)
def test_a_feeds_answer_is_a_price_while_it_is_fresh(
    market: Market, answer: int, exponent: int, base: int, age: int
) -> None:
    """Positive, of 96 bits, of now or before, and at most the window old."""
    market.set(exponent=exponent)
    at = market.price(answer, age)
    fresh = 0 < answer <= U96 and 0 <= age <= WINDOW
    expected = (worth(base, answer, exponent), at) if fresh else (0, 0)
    quote, updated = market.ask("feedQuote", base)
    assert quote == expected[0]
    if fresh:
        assert updated == at
    assert market.ask("tryOracleQuote", base) == (quote != 0, quote)


@pytest.mark.parametrize("wrong", [{"words_less": 1}, {"words_less": 5}, {"fails": True}])
def test_a_feed_that_answers_something_else_has_no_price(
    market: Market, wrong: dict[str, int]
) -> None:
    market.set()
    market.price(10**8, **wrong)
    assert market.ask("feedQuote", 10**18) == (0, 0)
    market.set(exponent=0)
    market.feed.set({encoded("latestRoundData()"): b"\x01" * 159})
    assert market.ask("feedQuote", 10**18) == (0, 0)


@given(
    status=st.sampled_from((-1, UP, DOWN, 2)),
    grace=st.integers(2, 86_400),
    near=NEAR,
    fails=st.booleans(),
)
def test_a_feed_is_believed_after_the_grace_of_its_sequencer(
    market: Market, status: int, grace: int, near: int, fails: bool
) -> None:
    """A second after it is over; not where the sequencer is down, or its feed says nothing."""
    market.set(grace=grace)
    market.price(10**8)
    since = market.status(status, grace + near, fails=fails)
    is_up = status == UP and not fails
    assert market.ask("uptime") == (is_up, since + grace if is_up else 0)
    known = is_up and near > 0
    assert market.ask("feedQuote", 10**6)[0] == (10**6 if known else 0)
    is_feed = status in (UP, DOWN) and not fails
    assert market.ask("isUptimeFeed", market.sequencer.address) == is_feed


@pytest.mark.parametrize(("age", "up"), [(-1, False), (0, True)])
def test_a_sequencer_is_not_up_from_a_later_second_on(market: Market, age: int, up: bool) -> None:
    market.set(grace=60)
    since = market.status(UP, age)
    assert market.ask("uptime") == (up, since + 60 if up else 0)


def test_a_sequencers_feed_that_answers_a_word_less_is_none(market: Market) -> None:
    market.set(grace=60)
    market.sequencer.set({encoded("latestRoundData()"): words(0, UP, 1, 1)})
    assert market.ask("uptime") == (False, 0)
    assert not market.ask("isUptimeFeed", market.sequencer.address)


def test_a_sequencer_without_a_round_is_not_up(market: Market) -> None:
    market.set(grace=60)
    market.sequencer.set({encoded("latestRoundData()"): words(0, UP, 0, 0, 0)})
    assert market.ask("uptime") == (False, 0)


@pytest.mark.parametrize("decimals", [0, 8, 18, 19, 255])
@pytest.mark.parametrize(("base", "quote"), [(18, 6), (8, 6), (2, 18), (18, 18)])
def test_an_exponent_is_of_the_three_decimals(
    market: Market, decimals: int, base: int, quote: int
) -> None:
    asked = encoded("decimals()")
    for place, said in ((market.feed, decimals), (market.pool, base), (market.sequencer, quote)):
        place.set({asked: words(said)})
    args = market.feed.address, market.pool.address, market.sequencer.address
    if decimals > 18:
        with reverts(InvalidOracle(market.feed.address)):
            market.ask("feedExponent", *args)
        return
    assert market.ask("feedExponent", *args) == quote - decimals - base


@pytest.mark.parametrize(("answer", "fails"), [(words(8)[:-1], False), (words(8), True)])
def test_a_feed_without_decimals_is_none(market: Market, answer: bytes, fails: bool) -> None:
    market.feed.set({encoded("decimals()"): answer}, fails=fails)
    with reverts(InvalidOracle(market.feed.address)):
        market.ask("feedExponent", market.feed.address, market.pool.address, market.pool.address)


@given(prices=st.tuples(PRICES, PRICES, PRICES), high=st.booleans())
def test_the_better_of_the_prices_that_are_known(
    market: Market, prices: tuple[int, int, int], high: bool
) -> None:
    """Zero is unknown: of the extreme each such is left out, of the best of all none may be."""
    better = max if high else min
    known = [price for price in prices if price]
    assert market.ask("extreme", prices, high) == better(known, default=0)
    assert market.ask("bestOfAll", prices, high) == (better(prices) if all(prices) else 0)


@pytest.mark.parametrize("oracle", OracleKind)
def test_exits_are_bounded_by_the_feed_or_the_mean(market: Market, oracle: OracleKind) -> None:
    market.set(Venue.UNISWAP_V3, rules={"oracle": oracle})
    expected = 7 if oracle == OracleKind.FEED else 11
    assert market.ask("exitOf", (7, 11, 13)) == expected


def pair(market: Market, reserves: tuple[int, int], age: int) -> None:
    market.pool.set({encoded("getReserves()") + words(0): words(*reserves, market.next - age)})


@given(
    base=st.integers(1, U96),
    answer=st.integers(1, 10**13),
    reserves=st.tuples(st.integers(1, (1 << 112) - 1), st.integers(1, (1 << 112) - 1)),
    traded=st.booleans(),
    is_long=st.booleans(),
    base_first=st.booleans(),
    fresh=st.booleans(),
)
def test_an_exit_from_a_pair_is_counted_by_its_price_of_before_this_second(
    market: Market,
    base: int,
    answer: int,
    reserves: tuple[int, int],
    traded: bool,
    is_long: bool,
    base_first: bool,
    fresh: bool,
) -> None:
    """Without that, by the feed's and the deviation that exits may have."""
    market.set(base_first=base_first)
    market.price(answer, 0 if fresh else WINDOW + 1)
    pair(market, reserves, 0 if traded else 1)
    oracle = worth(base, answer, -8) if fresh else 0
    has, other = reserves if base_first else reserves[::-1]
    start = 0 if traded else base * other // has
    if oracle == 0:
        assert market.ask("exit", is_long, base) == (0, 0)
        return
    better = max if is_long else min
    off = BPS + RULES.exit_deviation_bps if is_long else BPS - RULES.exit_deviation_bps
    limit = better(oracle, start) if start else oracle * off // BPS
    assert market.ask("exit", is_long, base) == (oracle, limit)
    prices = market.ask("prices", base)
    assert tuple(prices) == (oracle, oracle, start)


def test_a_pools_mean_is_a_price_to_the_unit(market: Market) -> None:
    """At the tick of 0 both tokens are worth the same."""
    market.set(Venue.UNISWAP_V3, rules={"oracle": OracleKind.POOL_TWAP, "max_deviation_bps": 1})
    at = market.next
    market.pool.set(
        {
            encoded("slot0()") + words(0): words(1 << 96, 0, 1, 2),
            encoded("observations(uint256)", 0): words(at - WINDOW, 0, 0, 1),
            encoded("observations(uint256)", 1): words(at - 5, 0, 0, 1),
        }
    )
    assert market.ask("tryOracleQuote", 10_000) == (True, 10_000)
    for quote in (9_999, 10_000, 10_001):
        market.ask("requireNearOracle", 10_000, quote)
    for quote in (9_998, 10_002):
        with reverts(OracleDeviation(0, quote, 10_000)):
            market.ask("requireNearOracle", 10_000, quote)


@pytest.mark.parametrize("is_long", [True, False])
@pytest.mark.parametrize("has_mean", [True, False])
def test_beside_a_feed_an_exit_is_counted_by_the_pools_own_mean(
    market: Market, is_long: bool, has_mean: bool
) -> None:
    """The feed's stands for a mean that the pool can't tell."""
    market.set(Venue.UNISWAP_V3)
    market.price(2 * 10**8)
    at = market.next
    market.pool.set(
        {
            encoded("slot0()") + words(0): words(1 << 96, 0, 1, 2),
            encoded("observations(uint256)", 0): words(at - 90 if has_mean else at - 9, 0, 0, 1),
            encoded("observations(uint256)", 1): words(at - 5, 0, 0, 1),
        }
    )
    better = max if is_long else min
    mean = 1000 if has_mean else 2000
    assert market.ask("exit", is_long, 1000) == (2000, better(mean, 1000))


@given(base=st.integers(1, U96), answer=st.integers(1, 10**13), after=st.integers(-1, 1))
def test_a_barrier_is_reached_by_a_feeds_answer_from_after_the_opening(
    market: Market, base: int, answer: int, after: int
) -> None:
    market.set()
    at = market.price(answer)
    expected = worth(base, answer, -8) if after > 0 else 0
    assert market.ask("since", base, at - after) == expected


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_a_barrier_is_reached_by_a_mean_that_begins_with_the_opening_or_later(
    market: Market, after: int
) -> None:
    market.set(Venue.UNISWAP_V3, rules={"oracle": OracleKind.POOL_TWAP})
    sums = encode(["int56[]", "uint160[]"], [(0, 0, 0), (0, 0, 0)])
    market.pool.set({encoded("observe(uint32[])", [EXIT, EXIT, 0]): sums})
    opened_at = market.now - EXIT - after
    assert market.ask("since", 1000, opened_at) == (1000 if after >= 0 else 0)
    market.pool.set({encoded("observe(uint32[])", [EXIT, EXIT, 0]): sums}, fails=True)
    assert market.ask("since", 1000, opened_at) == 0
