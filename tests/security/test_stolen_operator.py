"""A stolen operator key: what its thief can take at the worst, tried against the formula.

The thief has the key, genuine predictions that no one has used yet, and all the money there is to
move the pool with, before and after each of the diamond's swaps. SPECIFICATION.md, "Worst case of a
stolen operator key", says what he gets at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import ContractError
from macrostrike.types import BOTS, Action, Signal

from ..unit.market.markets import Feed, deploy_feed, feed_market
from ..unit.readers import assert_rebuilt
from ..unit.scene import DAY, Scene, altered

FAIR = 1600
DOLLAR = 10**6
LONG, SHORT = Signal.STRONG_LONG, Signal.STRONG_SHORT
TWAP, FEED = 0, 1  # two markets on one pool, each with its oracle
_YEAR = 365 * DAY
_LONG = (1 << 24) - 1  # the oldest that a feed's answer may be
_STEPS = 10  # of the search for the worst price that is still accepted


class Trade(NamedTuple):
    """lost: against the oracle's price when it was done, raw quote."""

    lost: int
    notional: int
    strike_id: int


@dataclass
class Thief:
    """Who has the key, in a market of that deviation. Amounts in raw quote.

    taken: what the diamond lost at each trade against the oracle; opened: the notional of all that
    he opened.
    """

    scene: Scene
    market: int
    deviation: Fraction
    fair: Decimal = Decimal(FAIR)
    taken: int = 0
    opened: int = 0
    trades: int = 0
    ids: list[int] = field(default_factory=list)

    def open(self, signal: Signal) -> bool:
        """One more strike, at the worst price that is accepted, if any is."""
        done = self._at_the_worst(lambda: self.trade_open(signal), dear=signal.is_long)
        if done is not None:
            self.opened += done.notional
            self.ids.append(done.strike_id)
        return done is not None

    def settle(self, strike_id: int) -> bool:
        """Closes a strike, at the worst price that is accepted."""
        is_long = self.scene.read("getStrike", strike_id).signal.is_long
        done = self._at_the_worst(lambda: self.trade_settle(strike_id), dear=not is_long)
        return done is not None

    def limit(self, budget: int, seconds: int, signals: tuple[Signal, ...]) -> Fraction:
        """The formula, for what he opened himself. Each trade is measured to a unit."""
        d = self.deviation
        rate = max(2 * d / (1 + d if signal.is_long else 1 - d) for signal in signals)
        return rate * budget * (1 + Fraction(seconds, DAY)) + self.trades

    def move(self, off: Fraction = Fraction(0)) -> None:
        """The pool that far off the fair price."""
        share = 1 + off
        price = self.fair * share.numerator / share.denominator
        self.scene.price(price, settled=False)

    def trade_open(self, signal: Signal) -> Trade:
        """At the price that there is."""
        told = self.scene.strike(
            market=self.market, signal=signal, take_profit_bps=0, stop_loss_bps=9999
        )
        strike_id, notional = told["strike_id"], told["notional"]
        worth = self._worth(self.scene.read("getStrike", strike_id).record.base_amount)
        lost = notional - worth if signal.is_long else worth - notional
        return Trade(lost, notional, strike_id)

    def trade_settle(self, strike_id: int, by: str = "operator") -> Trade:
        is_long = self.scene.read("getStrike", strike_id).signal.is_long
        told = self.scene.settle(strike_id, by=by)
        worth, quote = self._worth(told["base_amount"]), told["quote_amount"]
        return Trade(worth - quote if is_long else quote - worth, 0, strike_id)

    def _at_the_worst(self, trade: Callable[[], Trade], *, dear: bool) -> Trade | None:
        """Moves the pool as far as the trade is still done, trades, and moves it back."""
        if not self._passes(trade, Fraction(0)):
            return None
        side = 1 if dear else -1
        low, high = Fraction(0), self.deviation
        for _ in range(_STEPS):
            middle = (low + high) / 2
            if self._passes(trade, side * middle):
                low = middle
            else:
                high = middle
        self.move(side * low)
        done = trade()
        self.move()
        self.taken += done.lost
        self.trades += 1
        return done

    def _passes(self, trade: Callable[[], Trade], off: Fraction) -> bool:
        with self.scene.undone():
            self.move(off)
            try:
                trade()
            except ContractError:
                return False
            return True

    def _worth(self, base: int) -> int:
        return int(self.scene.read("getOracleQuote", self.market, base))


def fortune(scene: Scene, price: int = FAIR) -> Fraction:
    """All that the diamond holds, at that price, raw quote."""
    base = Fraction(scene.balance(scene.base) * price * DOLLAR, 10**18)
    return scene.balance(scene.quote) + base


@contextmanager
def two_markets(scene: Scene) -> Iterator[Feed]:
    """No time passes within but what is let pass."""
    feed = deploy_feed(scene)
    feed.tell(FAIR * 10**8)
    assert feed_market(scene, feed, window=_LONG) == FEED
    with scene.frozen():
        yield feed


@pytest.fixture
def feed(scene: Scene) -> Iterator[Feed]:
    with two_markets(scene) as feed:
        yield feed


def steal(scene: Scene, market: int, bps: int, budget: int = 10**13) -> Thief:
    """The key, of an operator who may do all there is, with that budget a day."""
    rules = scene.read("getMarket", market).rules
    changed = altered(rules, max_deviation_bps=bps, exit_deviation_bps=bps)
    scene.owner.send("updateMarket", market, changed)
    until = scene.now + _YEAR
    scene.owner.send("setOperator", scene.operator.address, until, sum(Action), budget)
    return Thief(scene, market, Fraction(bps, 10_000))


def notional_of_one(scene: Scene) -> int:
    with scene.undone():
        return int(scene.strike()["notional"])


@pytest.mark.parametrize("market", [TWAP, FEED], ids=["twap", "feed"])
@pytest.mark.parametrize("signal", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize(
    ("bps", "strikes", "seconds"),
    [(100, 2, 0), (150, 4, DAY // 2), (700, 3, 2 * DAY), (1000, 3, 0)],
    ids=["1 %", "1.5 %, half a day", "7 %, two days", "10 %"],
)
def test_what_he_opens_himself(
    scene: Scene, feed: Feed, market: int, signal: Signal, bps: int, strikes: int, seconds: int
) -> None:
    """All that the budget gives at once, and what comes back of it with time; then all is settled,
    which no breaker can stop."""
    budget = strikes * notional_of_one(scene)
    thief, before = steal(scene, market, bps, budget), fortune(scene)
    for passed in range(0, seconds + 1, DAY // 4):
        scene.wait(DAY // 4 if passed else 0)
        while thief.open(signal):
            pass
        assert thief.opened <= budget * (1 + Fraction(passed, DAY))
    for strike_id in thief.ids:
        assert thief.settle(strike_id)
    limit = thief.limit(budget, seconds, (signal,))
    # It is not a limit in name alone: most of it can really be taken.
    assert limit * 2 / 3 <= thief.taken <= limit
    if market == FEED:
        # What was lost against the oracle is what was lost.
        lost = before - fortune(scene)
        assert lost <= limit
        assert abs(lost - thief.taken) <= thief.trades


@pytest.mark.parametrize("signal", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("bps", [100, 700])
@pytest.mark.parametrize("price", [1400, 1600, 1900])
def test_what_was_open(scene: Scene, feed: Feed, signal: Signal, bps: int, price: int) -> None:
    """The deviation, of what its base is worth when he settles: which may be more than the
    notional that it was opened for."""
    ids = [scene.strike(market=FEED, signal=signal)["strike_id"] for _ in range(3)]
    feed.tell(price * 10**8)
    scene.price(price, settled=False)
    thief, before = steal(scene, FEED, bps), fortune(scene, price)
    thief.fair = Decimal(price)
    base = sum(scene.read("getStrike", each).record.base_amount for each in ids)
    limit = thief.deviation * scene.read("getOracleQuote", FEED, base) + len(ids)
    for strike_id in ids:
        assert thief.settle(strike_id)
    assert limit * 9 / 10 <= thief.taken <= limit
    assert before - fortune(scene, price) <= limit


@pytest.mark.parametrize("signal", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("price", [1400, 1600, 1900])
def test_what_he_takes_over_himself(scene: Scene, feed: Feed, signal: Signal, price: int) -> None:
    check_taker(scene, feed, signal, price)


def check_taker(scene: Scene, feed: Feed, signal: Signal, price: int) -> None:
    """The discount, of what its base is worth: he settles nothing, and is the only taker."""
    ids = [scene.strike(market=FEED, signal=signal, horizon=60)["strike_id"] for _ in range(3)]
    feed.tell(price * 10**8)
    scene.price(price)
    rules = scene.read("getMarket", FEED).rules
    scene.wait(60 + rules.keeper_delay + rules.auction_seconds)
    before = fortune(scene, price)
    worth = sum(
        scene.read("getOracleQuote", FEED, scene.read("getStrike", each).record.base_amount)
        for each in ids
    )
    taker = scene.keeper
    scene.give(taker.address, quote=10**14, base=10**23)
    for token in (scene.quote, scene.base):
        scene.approve(taker.key, token)
    for strike_id in ids:
        taker.send("takeStrike", strike_id, 0 if not signal.is_long else (1 << 256) - 1)
    lost = before - fortune(scene, price)
    limit = worth * Fraction(rules.discount_bps, 10_000)
    # The pool's tick is up to a basis point off the feed.
    assert limit * 95 / 100 <= lost <= limit + worth / 10_000 + len(ids)


OFF = st.integers(-40, 40).map(lambda share: Fraction(share, 20))  # in deviations
MOVES = st.one_of(
    st.tuples(st.just("open"), st.sampled_from(list(Signal))),
    st.tuples(st.just("open at"), st.sampled_from(list(Signal)), OFF),
    st.tuples(st.just("settle"), st.integers(0, 9)),
    st.tuples(
        st.just("settle at"), st.integers(0, 9), OFF, st.sampled_from(["operator", "keeper"])
    ),
    st.tuples(st.just("settle all at"), OFF),
    st.tuples(st.just("leave the pool at"), OFF),
    st.tuples(st.just("wait"), st.sampled_from([12, 3600, DAY // 3])),
    st.tuples(st.just("rebalance"), st.integers(1, 1 << 60)),
)


def act(thief: Thief, kind: str, *args: Any) -> None:
    """One move, with any result."""
    scene, open_ids = thief.scene, thief.scene.read("getOpenStrikes")
    if kind == "open":
        thief.open(*args)
    elif kind == "open at":
        thief.move(args[1] * thief.deviation)
        with suppress(ContractError):
            thief.opened += thief.trade_open(args[0]).notional
            thief.trades += 1
    elif kind == "settle" and open_ids:
        thief.settle(open_ids[args[0] % len(open_ids)])
    elif kind == "settle at" and open_ids:
        thief.move(args[1] * thief.deviation)
        with suppress(ContractError):
            thief.trade_settle(open_ids[args[0] % len(open_ids)], by=args[2])
            thief.trades += 1
    elif kind == "settle all at":
        thief.move(args[0] * thief.deviation)
        signals = [scene.read("getStrike", each).signal for each in open_ids]
        limits = [0 if signal.is_long else (1 << 256) - 1 for signal in signals]
        scene.operator.send("settleStrikes", open_ids, limits, True)
        thief.trades += len(open_ids)
    elif kind == "leave the pool at":
        thief.move(args[0] * thief.deviation)
    elif kind == "wait":
        scene.wait(*args)
    elif kind == "rebalance":
        scene.operator.send("rebalance", [args[0] >> 2 * bot & 0xFF | 1 for bot in range(BOTS)])


@settings(max_examples=60)
@given(bps=st.sampled_from([50, 150, 400, 1000]), moves=st.lists(MOVES, min_size=2, max_size=12))
def test_whatever_he_does_in_whatever_order(
    deployed: Scene, bps: int, moves: list[tuple[Any, ...]]
) -> None:
    """At any prices that he makes, over as many blocks as he likes, by a feed that he does not
    move."""
    scene = deployed
    with scene.undone(), two_markets(scene):
        budget = 3 * notional_of_one(scene)
        thief, before, began = steal(scene, FEED, bps, budget), fortune(scene), scene.now
        for move in moves:
            act(thief, *move)
        thief.move()
        passed = scene.now - began
        for strike_id in scene.read("getOpenStrikes"):
            assert thief.settle(strike_id)
        assert thief.opened <= budget * (1 + Fraction(passed, DAY))
        assert before - fortune(scene) <= thief.limit(budget, passed, (LONG, SHORT))
        assert_rebuilt(scene)


def hold(scene: Scene, price: int) -> None:
    """The pool at that price against everybody, until its TWAP believes it."""
    window = scene.read("getMarket", TWAP).rules.oracle_window
    scene.price(price, settled=False)
    scene.wait(2 * window + 1)


def test_with_an_oracle_that_he_moves_a_long_loses_its_notional_at_most(
    scene: Scene, feed: Feed
) -> None:
    """No one trades against him for minutes: the formula's assumption does not hold."""
    thief, before = steal(scene, TWAP, 150), fortune(scene)
    hold(scene, 100 * FAIR)
    opened = thief.trade_open(LONG)
    hold(scene, FAIR)
    thief.trade_settle(opened.strike_id)
    lost = before - fortune(scene)
    assert opened.notional * 9 / 10 < lost <= opened.notional
    stats = scene.read("getStrikeStats")
    assert stats.worst == -stats.loss >= -opened.notional


def test_with_an_oracle_that_he_moves_a_short_sells_inventory_cheap(
    scene: Scene, feed: Feed
) -> None:
    """Its bots lose their notional at most. What it sold too cheap was the owner's inventory, and
    all of that is what it can come to."""
    thief, before = steal(scene, TWAP, 150), fortune(scene)
    inventory = scene.read("inventoryOf", scene.base)
    hold(scene, FAIR // 10)
    opened = thief.trade_open(SHORT)
    hold(scene, FAIR)
    thief.trade_settle(opened.strike_id)
    lost = before - fortune(scene)
    worth = Fraction(inventory * FAIR * DOLLAR, 10**18)
    assert opened.notional * 5 < lost <= opened.notional + worth
    assert scene.read("getStrikeStats").loss == opened.notional


def test_with_an_oracle_that_he_moves_an_open_short_loses_margin_and_proceeds(
    scene: Scene, feed: Feed
) -> None:
    """They buy back next to nothing of the base."""
    opened = scene.strike(signal=SHORT)
    thief, before = steal(scene, TWAP, 150), fortune(scene)
    hold(scene, 100 * FAIR)
    thief.trade_settle(opened["strike_id"])
    hold(scene, FAIR)
    lost = before - fortune(scene)
    assert opened["notional"] * 19 / 10 < lost <= opened["notional"] * 2
    assert scene.read("getStrikeStats").loss == opened["notional"]
