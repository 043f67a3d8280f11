"""What a base amount is worth, said by something that one block cannot move."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import OracleDeviation, OracleUnavailable
from macrostrike.types import Due, Signal

from ..pools import POOL
from ..readers import refuses
from ..scene import Scene, deploy_other, reverts
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
def test_the_mean_price_follows_the_pools(any_scene: Scene, price: int | str) -> None:
    scene = any_scene
    scene.price(price)
    manifest = scene.world.manifest
    quote, base = 10**manifest.quote.decimals, 10 ** manifest.markets[0].base.decimals
    expected = int(Decimal(price) * 1000 * quote)
    assert close(scene.read("getOracleQuote", 0, 1000 * base), expected, 9000)


def test_it_is_the_pools_own_mean_tick(scene: Scene) -> None:
    """Between one and two windows long. Here the pool's observations fall on the seconds."""
    scene.price(1700, settled=False)
    scene.wait(200)
    scene.price(1650, settled=False)
    scene.wait(400)
    window = scene.read("getMarket", 0).rules.oracle_window
    quotes = []
    for span in range(window, 2 * window + 1):
        before, now = scene.ask(POOL.abi, scene.pool, "observe", [span, 0])[0]
        quotes.append(1.0001 ** ((now - before) // span) * 10**12)
    worth = scene.read("getOracleQuote", 0, ETHER) / 10**6
    assert min(quotes) * 0.999999 <= worth <= max(quotes) * 1.000001


def test_one_swap_does_not_move_it(scene: Scene) -> None:
    before = scene.read("getOracleQuote", 0, ETHER)
    scene.price(3200, settled=False)
    assert scene.read("getOracleQuote", 0, ETHER) == before


def test_a_window_longer_than_the_pools_memory_has_no_price(scene: Scene) -> None:
    scene.lose_oracle()
    with refuses(scene, OracleUnavailable(0)):
        scene.keeper.send("getOracleQuote", 0, ETHER)
    for signal in Signal:
        with refuses(scene, OracleUnavailable(0)):
            scene.strike(signal=signal)


def test_a_window_is_remembered_to_the_second(scene: Scene) -> None:
    """By a pool whose ring is not full, as far back as its first observation."""
    first = scene.ask(POOL.abi, scene.pool, "observations", 0)[0]
    scene.remember(200)
    then = scene.now + 10
    for window, known in ((then - first, True), (then - first + 1, False)):
        with scene.undone():
            scene.rule(oracle_window=window)
            scene.at(then)
            if known:
                scene.strike()
            else:
                with refuses(scene, OracleUnavailable(0)):
                    scene.strike()


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("price", [1500, 1700])
def test_a_strike_far_from_the_oracle_is_refused_either_way(
    scene: Scene, signal: Signal, price: int
) -> None:
    """Too good a price too: then it is the oracle that is stale."""
    scene.price(price, settled=False)
    with pytest.raises(OracleDeviation) as refused:
        scene.strike(signal=signal)
    obtained, fair = refused.value.quote_amount, refused.value.oracle_quote
    assert (obtained > fair) == (price == 1700)


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("price", [1590, 1610])
def test_the_deviation_is_the_markets_to_the_basis_point(
    scene: Scene, signal: Signal, price: int
) -> None:
    scene.price(price, settled=False)
    prediction, then = scene.prediction(signal=signal), scene.now + 10
    with scene.undone():
        scene.rule(max_deviation_bps=1000)
        scene.at(then)
        notional = scene.execute(prediction)["notional"]
        base = scene.read("getStrike", 1).record.base_amount
        # Asked once the pool has traded, as the strike does: its swap is one more observation.
        fair = scene.read("getOracleQuote", 0, base)
    least = -(-abs(notional - fair) * 10_000 // fair)
    with scene.undone():
        scene.rule(max_deviation_bps=least - 1)
        scene.at(then)
        with refuses(scene, OracleDeviation(0, notional, fair)):
            scene.execute(prediction)
    scene.rule(max_deviation_bps=least)
    scene.at(then)
    scene.execute(prediction)


@pytest.fixture
def feed(scene: Scene) -> Feed:
    """The oracle of market 1, at the pool's price."""
    feed = deploy_feed(scene)
    assert feed_market(scene, feed) == 1
    feed.tell(PRICE)
    return feed


def test_a_feeds_answer_is_the_price(scene: Scene, feed: Feed) -> None:
    assert scene.read("getOracleQuote", 1, 3 * ETHER) == 4800 * 10**6
    feed.tell(123_456_789_012)
    assert scene.read("getOracleQuote", 1, ETHER) == 1_234_567_890


@settings(max_examples=25)
@given(
    decimals=st.integers(0, 18),
    answer=st.integers(1, (1 << 96) - 1),
    base=st.integers(0, (1 << 96) - 1),
)
def test_a_feeds_decimals_are_counted(
    any_scene: Scene, decimals: int, answer: int, base: int
) -> None:
    scene = any_scene
    with scene.undone():
        feed = deploy_feed(scene, decimals)
        feed_market(scene, feed)
        feed.tell(answer)
        manifest = scene.world.manifest
        shift = manifest.quote.decimals - decimals - manifest.markets[0].base.decimals
        worth = base * answer * 10**shift if shift >= 0 else base * answer // 10**-shift
        if worth:
            assert scene.read("getOracleQuote", 1, base) == worth
        else:
            # Worth less than a unit of quote: no price.
            with reverts(OracleUnavailable(1)):
                scene.read("getOracleQuote", 1, base)


def test_a_feed_market_trades_as_any(scene: Scene, feed: Feed) -> None:
    for signal in Signal:
        opened = scene.strike(market=1, signal=signal)
        scene.settle(opened["strike_id"])


def test_an_answer_is_fresh_to_the_second(scene: Scene, feed: Feed) -> None:
    told_at = scene.now
    feed.tell(PRICE)
    prediction = scene.prediction(market=1)
    with scene.undone():
        scene.at(told_at + 3600)
        scene.execute(prediction)
    scene.at(told_at + 3601)
    with refuses(scene, OracleUnavailable(1)):
        scene.execute(prediction)


@pytest.mark.parametrize("answer", [0, -1, -(1 << 255), 1 << 96, (1 << 255) - 1])
def test_what_is_no_price_is_none(scene: Scene, feed: Feed, answer: int) -> None:
    feed.tell(answer)
    with refuses(scene, OracleUnavailable(1)):
        scene.strike(market=1)


def test_an_answer_from_the_future_is_none(scene: Scene, feed: Feed) -> None:
    feed.tell(PRICE, updated_at=scene.now + 2)
    with refuses(scene, OracleUnavailable(1)):
        scene.strike(market=1)
    scene.wait(1)
    scene.strike(market=1)


def test_a_feed_that_fails_is_none(scene: Scene, feed: Feed) -> None:
    scene.strike(market=1, horizon=1000)
    scene.wait(120)
    feed.tell(PRICE, silent=True)
    with refuses(scene, OracleUnavailable(1)):
        scene.strike(market=1)
    assert scene.read("canSettle", 1) == (False, Due.ORACLE_UNAVAILABLE)
    with refuses(scene, OracleUnavailable(1)):
        scene.settle(1)
    scene.settle(1, by="owner")


def test_a_feed_that_answers_nothing_is_none(scene: Scene) -> None:
    """As a proxy does whose implementation is gone: the call succeeds, and there is no answer."""
    mute = scene.transact(scene.keeper.key, None, MUTE).contract_address
    assert mute is not None
    assert feed_market(scene, Feed(scene, mute)) == 1
    with refuses(scene, OracleUnavailable(1)):
        scene.strike(market=1)
    with refuses(scene, OracleUnavailable(1)):
        scene.keeper.send("getOracleQuote", 1, ETHER)


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
    scene: Scene, feed: Feed, signal: Signal, price: int, reason: Due
) -> None:
    scene.strike(market=1, signal=signal, take_profit_bps=300, stop_loss_bps=300)
    feed.tell(1600 * 10**8)
    scene.wait(120)
    assert scene.read("canSettle", 1) == (False, Due.NOT_YET)
    feed.tell(price * 10**8)
    assert scene.read("canSettle", 1) == (True, reason)
    scene.price(price, settled=False)
    scene.settle(1)


@pytest.mark.parametrize("base_first", [True, False], ids=["base-first", "quote-first"])
@pytest.mark.parametrize("ticks", [-3, -1, 1, 3])
def test_t2_the_mean_tick_is_rounded_down_to_the_tick(base_first: bool, ticks: int) -> None:
    """Prices a tick apart, on either side: the worth is 1.0001^tick, to a millionth. Tokens of as
    many decimals and worth much the same, so that ticks are small and of both signs."""
    scene = deploy_other(
        quote_decimals=18, base_decimals=18, unit_exponent=12, base_first=base_first
    )
    fraction = Fraction("1.00005") * Fraction("1.0001") ** ticks
    scene.price(Decimal(fraction.numerator) / Decimal(fraction.denominator))
    window = scene.read("getMarket", 0).rules.oracle_window
    before, now = scene.ask(POOL.abi, scene.pool, "observe", [window, 0])[0]
    mean = (now - before) // window
    expected = 1.0001 ** (mean if base_first else -mean) * ETHER
    assert abs(scene.read("getOracleQuote", 0, ETHER) / expected - 1) < 1e-6


def test_t2_a_mean_between_two_ticks_is_the_lower_one() -> None:
    """Also where both are negative: rounded down, not towards zero, as the pool's own `observe`."""
    for base_first, prices in ((True, ("0.99", "0.98")), (False, ("1.01", "1.02"))):
        scene = deploy_other(
            quote_decimals=18, base_decimals=18, unit_exponent=12, base_first=base_first
        )
        window = scene.read("getMarket", 0).rules.oracle_window
        scene.price(prices[0])
        scene.price(prices[1], settled=False)
        scene.wait(window // 3)
        for _ in range(7):
            scene.wait(1)
            possible = set()
            for span in range(window, 2 * window + 1):
                before, now = scene.ask(POOL.abi, scene.pool, "observe", [span, 0])[0]
                possible.add((now - before) // span)
            assert max(possible) < 0
            worth = scene.read("getOracleQuote", 0, ETHER)
            ratios = [1.0001 ** (each if base_first else -each) * ETHER for each in possible]
            assert any(abs(worth / ratio - 1) < 1e-6 for ratio in ratios)


def test_t3_a_ring_that_is_not_full_is_read_without_the_pools_own_search(scene: Scene) -> None:
    """Its first observation is old enough and not too old: it is taken as it is, not searched for.
    `observe` would take many reads, so the cost shows which it was."""
    first = scene.ask(POOL.abi, scene.pool, "observations", 0)[0]
    scene.remember(200)
    window = scene.now - first - 5
    scene.rule(oracle_window=window)
    latest = scene.ask(POOL.abi, scene.pool, "slot0")[2]
    times = [scene.ask(POOL.abi, scene.pool, "observations", n)[0] for n in range(latest + 1)]
    now = scene.chain.timestamp()
    assert window <= now - first <= 2 * window
    assert next(t for t in times if window <= now - t <= 2 * window) == first
    told = scene.read("getOracleQuote", 0, ETHER)
    before, last = scene.ask(POOL.abi, scene.pool, "observe", [now - first, 0])[0]
    mean = (last - before) // (now - first)
    token0_is_base = scene.read("getMarket", 0).base.lower() < scene.quote.lower()
    expected = 1.0001 ** (mean if token0_is_base else -mean) * ETHER
    assert abs(told / expected - 1) < 1e-6
