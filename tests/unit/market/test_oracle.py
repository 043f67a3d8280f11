"""What a base amount is worth, said by something that one block cannot move."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import OracleDeviation, OracleUnavailable
from macrostrike.types import Due, Signal

from ..deployed import deploy_other
from ..environment import Env, reverts
from ..pools import POOL
from ..readers import refuses
from .markets import Feed, deploy_feed, feed_market

ETHER = 10**18
PRICE = 1600 * 10**8
# Answers the call of `decimals` by 8, and any other by nothing at all.
MUTE = bytes.fromhex("601b600c600039601b6000f3") + bytes.fromhex(
    "60003560e01c63313ce56714601057005b600860005260206000f3"
)


def close(value: int, expected: int, parts: int = 10_000) -> bool:
    """Within one part in so many: ticks are a hundredth of a percent apart."""
    return abs(value - expected) * parts <= expected


@pytest.mark.parametrize("price", [1600, 1234, 4000, "0.5", 10**6])
def test_the_mean_price_follows_the_pools(any_env: Env, price: int | str) -> None:
    env = any_env
    env.price(price)
    manifest = env.world.manifest
    quote, base = 10**manifest.quote.decimals, 10 ** manifest.markets[0].base.decimals
    expected = int(Decimal(price) * 1000 * quote)
    assert close(env.read("getOracleQuote", 0, 1000 * base), expected, 9000)


def test_it_is_the_pools_own_mean_tick(env: Env) -> None:
    """Between one and two windows long. Here the pool's observations fall on the seconds."""
    env.price(1700, settled=False)
    env.wait(200)
    env.price(1650, settled=False)
    env.wait(400)
    window = env.read("getMarket", 0).rules.oracle_window
    quotes = []
    for span in range(window, 2 * window + 1):
        before, now = env.ask(POOL.abi, env.pool, "observe", [span, 0])[0]
        quotes.append(1.0001 ** ((now - before) // span) * 10**12)
    worth = env.read("getOracleQuote", 0, ETHER) / 10**6
    assert min(quotes) * 0.999999 <= worth <= max(quotes) * 1.000001


def test_one_swap_does_not_move_it(env: Env) -> None:
    before = env.read("getOracleQuote", 0, ETHER)
    env.price(3200, settled=False)
    assert env.read("getOracleQuote", 0, ETHER) == before


def test_a_window_longer_than_the_pools_memory_has_no_price(env: Env) -> None:
    env.lose_oracle()
    with refuses(env, OracleUnavailable(0)):
        env.keeper.send("getOracleQuote", 0, ETHER)
    for signal in Signal:
        with refuses(env, OracleUnavailable(0)):
            env.strike(signal=signal)


def test_a_window_is_remembered_to_the_second(env: Env) -> None:
    """By a pool whose ring is not full, as far back as its first observation."""
    first = env.ask(POOL.abi, env.pool, "observations", 0)[0]
    env.remember(200)
    then = env.now + 10
    for window, known in ((then - first, True), (then - first + 1, False)):
        with env.undone():
            env.rule(oracle_window=window)
            env.at(then)
            if known:
                env.strike()
            else:
                with refuses(env, OracleUnavailable(0)):
                    env.strike()


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("price", [1500, 1700])
def test_a_strike_far_from_the_oracle_is_refused_either_way(
    env: Env, signal: Signal, price: int
) -> None:
    """Too good a price too: then it is the oracle that is stale."""
    env.price(price, settled=False)
    with pytest.raises(OracleDeviation) as refused:
        env.strike(signal=signal)
    obtained, fair = refused.value.quote_amount, refused.value.oracle_quote
    assert (obtained > fair) == (price == 1700)


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("price", [1590, 1610])
def test_the_deviation_is_the_markets_to_the_basis_point(
    env: Env, signal: Signal, price: int
) -> None:
    env.price(price, settled=False)
    prediction, then = env.prediction(signal=signal), env.now + 10
    with env.undone():
        env.rule(max_deviation_bps=1000)
        env.at(then)
        notional = env.execute(prediction)["notional"]
        base = env.read("getStrike", 1).record.base_amount
        # Asked once the pool has traded, as the strike does: its swap is one more observation.
        fair = env.read("getOracleQuote", 0, base)
    minimum = -(-abs(notional - fair) * 10_000 // fair)
    with env.undone():
        env.rule(max_deviation_bps=minimum - 1)
        env.at(then)
        with refuses(env, OracleDeviation(0, notional, fair)):
            env.execute(prediction)
    env.rule(max_deviation_bps=minimum)
    env.at(then)
    env.execute(prediction)


@pytest.fixture
def feed(env: Env) -> Feed:
    """The oracle of market 1, at the pool's price."""
    feed = deploy_feed(env)
    assert feed_market(env, feed) == 1
    feed.tell(PRICE)
    return feed


def test_a_feeds_answer_is_the_price(env: Env, feed: Feed) -> None:
    assert env.read("getOracleQuote", 1, 3 * ETHER) == 4800 * 10**6
    feed.tell(123_456_789_012)
    assert env.read("getOracleQuote", 1, ETHER) == 1_234_567_890


@settings(max_examples=25)
@given(
    decimals=st.integers(0, 18),
    answer=st.integers(1, (1 << 96) - 1),
    base=st.integers(0, (1 << 96) - 1),
)
def test_a_feeds_decimals_are_counted(any_env: Env, decimals: int, answer: int, base: int) -> None:
    env = any_env
    with env.undone():
        feed = deploy_feed(env, decimals)
        feed_market(env, feed)
        feed.tell(answer)
        manifest = env.world.manifest
        shift = manifest.quote.decimals - decimals - manifest.markets[0].base.decimals
        worth = base * answer * 10**shift if shift >= 0 else base * answer // 10**-shift
        if worth:
            assert env.read("getOracleQuote", 1, base) == worth
        else:
            # Worth less than a unit of quote: no price.
            with reverts(OracleUnavailable(1)):
                env.read("getOracleQuote", 1, base)


def test_a_feed_market_trades_as_any(env: Env, feed: Feed) -> None:
    for signal in Signal:
        opened = env.strike(market=1, signal=signal)
        env.settle(opened["strike_id"])


def test_an_answer_is_fresh_to_the_second(env: Env, feed: Feed) -> None:
    reported_at = env.now
    feed.tell(PRICE)
    prediction = env.prediction(market=1)
    with env.undone():
        env.at(reported_at + 3600)
        env.execute(prediction)
    env.at(reported_at + 3601)
    with refuses(env, OracleUnavailable(1)):
        env.execute(prediction)


@pytest.mark.parametrize("answer", [0, -1, -(1 << 255), 1 << 96, (1 << 255) - 1])
def test_what_is_not_a_price_is_none(env: Env, feed: Feed, answer: int) -> None:
    feed.tell(answer)
    with refuses(env, OracleUnavailable(1)):
        env.strike(market=1)


def test_an_answer_from_the_future_is_none(env: Env, feed: Feed) -> None:
    feed.tell(PRICE, updated_at=env.now + 2)
    with refuses(env, OracleUnavailable(1)):
        env.strike(market=1)
    env.wait(1)
    env.strike(market=1)


def test_a_feed_that_fails_is_none(env: Env, feed: Feed) -> None:
    env.strike(market=1, horizon=1000)
    env.wait(120)
    feed.tell(PRICE, silent=True)
    with refuses(env, OracleUnavailable(1)):
        env.strike(market=1)
    assert env.read("canSettle", 1) == (False, Due.ORACLE_UNAVAILABLE)
    with refuses(env, OracleUnavailable(1)):
        env.settle(1)
    env.settle(1, by="owner")


def test_a_feed_that_answers_nothing_is_none(env: Env) -> None:
    """As a proxy does whose implementation is gone: the call succeeds, and there is no answer."""
    mute = env.transact(env.keeper.key, None, MUTE).contract_address
    assert mute is not None
    assert feed_market(env, Feed(env, mute)) == 1
    with refuses(env, OracleUnavailable(1)):
        env.strike(market=1)
    with refuses(env, OracleUnavailable(1)):
        env.keeper.send("getOracleQuote", 1, ETHER)


@pytest.mark.parametrize(
    ("signal", "price", "reason"),
    [
        (Signal.LONG, 1700, Due.TAKE_PROFIT),
        (Signal.LONG, 1500, Due.STOP_LOSS),
        (Signal.SHORT, 1500, Due.TAKE_PROFIT),
        (Signal.SHORT, 1700, Due.STOP_LOSS),
    ],
)
def test_barriers_are_reached_by_the_feed(
    env: Env, feed: Feed, signal: Signal, price: int, reason: Due
) -> None:
    env.strike(market=1, signal=signal, take_profit_bps=300, stop_loss_bps=300)
    feed.tell(1600 * 10**8)
    env.wait(120)
    assert env.read("canSettle", 1) == (False, Due.NOT_YET)
    feed.tell(price * 10**8)
    assert env.read("canSettle", 1) == (True, reason)
    env.price(price, settled=False)
    env.settle(1)


@pytest.mark.parametrize("base_first", [True, False], ids=["base-first", "quote-first"])
@pytest.mark.parametrize("ticks", [-3, -1, 1, 3])
def test_t2_the_mean_tick_is_rounded_down_to_the_tick(base_first: bool, ticks: int) -> None:
    """Prices a tick apart, on either side: the worth is 1.0001^tick, to a millionth. Tokens of as
    many decimals and worth much the same, so that ticks are small and of both signs."""
    env = deploy_other(quote_decimals=18, base_decimals=18, unit_exponent=12, base_first=base_first)
    fraction = Fraction("1.00005") * Fraction("1.0001") ** ticks
    env.price(Decimal(fraction.numerator) / Decimal(fraction.denominator))
    window = env.read("getMarket", 0).rules.oracle_window
    before, now = env.ask(POOL.abi, env.pool, "observe", [window, 0])[0]
    mean = (now - before) // window
    expected = 1.0001 ** (mean if base_first else -mean) * ETHER
    assert abs(env.read("getOracleQuote", 0, ETHER) / expected - 1) < 1e-6


def test_t2_a_mean_between_two_ticks_is_the_lower_one() -> None:
    """Also where both are negative: rounded down, not towards zero, as the pool's own `observe`."""
    for base_first, prices in ((True, ("0.99", "0.98")), (False, ("1.01", "1.02"))):
        env = deploy_other(
            quote_decimals=18, base_decimals=18, unit_exponent=12, base_first=base_first
        )
        window = env.read("getMarket", 0).rules.oracle_window
        env.price(prices[0])
        env.price(prices[1], settled=False)
        env.wait(window // 3)
        for _ in range(7):
            env.wait(1)
            possible = set()
            for span in range(window, 2 * window + 1):
                before, now = env.ask(POOL.abi, env.pool, "observe", [span, 0])[0]
                possible.add((now - before) // span)
            assert max(possible) < 0
            worth = env.read("getOracleQuote", 0, ETHER)
            ratios = [1.0001 ** (each if base_first else -each) * ETHER for each in possible]
            assert any(abs(worth / ratio - 1) < 1e-6 for ratio in ratios)


def test_t3_a_ring_that_is_not_full_is_read_without_the_pools_own_search(env: Env) -> None:
    """Its first observation is old enough and not too old: it is taken as it is, not searched for.
    `observe` would take many reads, so the cost shows which it was."""
    first = env.ask(POOL.abi, env.pool, "observations", 0)[0]
    env.remember(200)
    window = env.now - first - 5
    env.rule(oracle_window=window)
    latest = env.ask(POOL.abi, env.pool, "slot0")[2]
    times = [env.ask(POOL.abi, env.pool, "observations", n)[0] for n in range(latest + 1)]
    now = env.chain.timestamp()
    assert window <= now - first <= 2 * window
    assert next(t for t in times if window <= now - t <= 2 * window) == first
    reported = env.read("getOracleQuote", 0, ETHER)
    before, last = env.ask(POOL.abi, env.pool, "observe", [now - first, 0])[0]
    mean = (last - before) // (now - first)
    token0_is_base = env.read("getMarket", 0).base.lower() < env.quote.lower()
    expected = 1.0001 ** (mean if token0_is_base else -mean) * ETHER
    assert abs(reported / expected - 1) < 1e-6
