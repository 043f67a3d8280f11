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

from ..unit.environment import DAY, Env, altered
from ..unit.market.markets import Feed, deploy_feed, feed_market
from ..unit.readers import assert_rebuilt

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

    env: Env
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
        is_long = self.env.read("getStrike", strike_id).signal.is_long
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
        self.env.price(price, settled=False)

    def trade_open(self, signal: Signal) -> Trade:
        """At the price that there is."""
        reported = self.env.strike(
            market=self.market, signal=signal, take_profit_bps=0, stop_loss_bps=9999
        )
        strike_id, notional = reported["strike_id"], reported["notional"]
        worth = self._worth(self.env.read("getStrike", strike_id).record.base_amount)
        lost = notional - worth if signal.is_long else worth - notional
        return Trade(lost, notional, strike_id)

    def trade_settle(self, strike_id: int, by: str = "operator") -> Trade:
        is_long = self.env.read("getStrike", strike_id).signal.is_long
        reported = self.env.settle(strike_id, by=by)
        worth, quote = self._worth(reported["base_amount"]), reported["quote_amount"]
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
        with self.env.undone():
            self.move(off)
            try:
                trade()
            except ContractError:
                return False
            return True

    def _worth(self, base: int) -> int:
        return int(self.env.read("getOracleQuote", self.market, base))


def fortune(env: Env, price: int = FAIR) -> Fraction:
    """All that the diamond holds, at that price, raw quote."""
    base = Fraction(env.balance(env.base) * price * DOLLAR, 10**18)
    return env.balance(env.quote) + base


@contextmanager
def two_markets(env: Env) -> Iterator[Feed]:
    """No time passes within but what is let pass."""
    feed = deploy_feed(env)
    feed.tell(FAIR * 10**8)
    assert feed_market(env, feed, window=_LONG) == FEED
    with env.frozen():
        yield feed


@pytest.fixture
def feed(env: Env) -> Iterator[Feed]:
    with two_markets(env) as feed:
        yield feed


def steal(env: Env, market: int, bps: int, budget: int = 10**13) -> Thief:
    """The key, of an operator who may do all there is, with that budget a day."""
    rules = env.read("getMarket", market).rules
    changed = altered(rules, max_deviation_bps=bps, exit_deviation_bps=bps)
    env.owner.send("updateMarket", market, changed)
    until = env.now + _YEAR
    env.owner.send("setOperator", env.operator.address, until, sum(Action), budget)
    return Thief(env, market, Fraction(bps, 10_000))


def notional_of_one(env: Env) -> int:
    with env.undone():
        return int(env.strike()["notional"])


@pytest.mark.parametrize("market", [TWAP, FEED], ids=["twap", "feed"])
@pytest.mark.parametrize("signal", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize(
    ("bps", "strikes", "seconds"),
    [(100, 2, 0), (150, 4, DAY // 2), (700, 3, 2 * DAY), (1000, 3, 0)],
    ids=["1 %", "1.5 %, half a day", "7 %, two days", "10 %"],
)
def test_what_he_opens_himself(
    env: Env, feed: Feed, market: int, signal: Signal, bps: int, strikes: int, seconds: int
) -> None:
    """All that the budget gives at once, and what comes back of it with time; then all is settled,
    which no breaker can stop."""
    budget = strikes * notional_of_one(env)
    thief, before = steal(env, market, bps, budget), fortune(env)
    for passed in range(0, seconds + 1, DAY // 4):
        env.wait(DAY // 4 if passed else 0)
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
        lost = before - fortune(env)
        assert lost <= limit
        assert abs(lost - thief.taken) <= thief.trades


@pytest.mark.parametrize("signal", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("bps", [100, 700])
@pytest.mark.parametrize("price", [1400, 1600, 1900])
def test_what_was_open(env: Env, feed: Feed, signal: Signal, bps: int, price: int) -> None:
    """The deviation, of what its base is worth when he settles: which may be more than the
    notional that it was opened for."""
    ids = [env.strike(market=FEED, signal=signal)["strike_id"] for _ in range(3)]
    feed.tell(price * 10**8)
    env.price(price, settled=False)
    thief, before = steal(env, FEED, bps), fortune(env, price)
    thief.fair = Decimal(price)
    base = sum(env.read("getStrike", each).record.base_amount for each in ids)
    limit = thief.deviation * env.read("getOracleQuote", FEED, base) + len(ids)
    for strike_id in ids:
        assert thief.settle(strike_id)
    assert limit * 9 / 10 <= thief.taken <= limit
    assert before - fortune(env, price) <= limit


@pytest.mark.parametrize("signal", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("price", [1400, 1600, 1900])
def test_what_he_takes_over_himself(env: Env, feed: Feed, signal: Signal, price: int) -> None:
    check_taker(env, feed, signal, price)


def check_taker(env: Env, feed: Feed, signal: Signal, price: int) -> None:
    """The discount, of what its base is worth: he settles nothing, and is the only taker."""
    ids = [env.strike(market=FEED, signal=signal, horizon=60)["strike_id"] for _ in range(3)]
    feed.tell(price * 10**8)
    env.price(price)
    rules = env.read("getMarket", FEED).rules
    env.wait(60 + rules.keeper_delay + rules.auction_seconds)
    before = fortune(env, price)
    worth = sum(
        env.read("getOracleQuote", FEED, env.read("getStrike", each).record.base_amount)
        for each in ids
    )
    taker = env.keeper
    env.give(taker.address, quote=10**14, base=10**23)
    for token in (env.quote, env.base):
        env.approve(taker.key, token)
    for strike_id in ids:
        taker.send("takeStrike", strike_id, 0 if not signal.is_long else (1 << 256) - 1)
    lost = before - fortune(env, price)
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
    env, open_ids = thief.env, thief.env.read("getOpenStrikes")
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
        signals = [env.read("getStrike", each).signal for each in open_ids]
        limits = [0 if signal.is_long else (1 << 256) - 1 for signal in signals]
        env.operator.send("settleStrikes", open_ids, limits, True)
        thief.trades += len(open_ids)
    elif kind == "leave the pool at":
        thief.move(args[0] * thief.deviation)
    elif kind == "wait":
        env.wait(*args)
    elif kind == "rebalance":
        env.operator.send("rebalance", [args[0] >> 2 * bot & 0xFF | 1 for bot in range(BOTS)])


@settings(max_examples=60)
@given(bps=st.sampled_from([50, 150, 400, 1000]), moves=st.lists(MOVES, min_size=2, max_size=12))
def test_whatever_he_does_in_whatever_order(
    deployed: Env, bps: int, moves: list[tuple[Any, ...]]
) -> None:
    """At any prices that he makes, over as many blocks as he likes, by a feed that he does not
    move."""
    env = deployed
    with env.undone(), two_markets(env):
        budget = 3 * notional_of_one(env)
        thief, before, began = steal(env, FEED, bps, budget), fortune(env), env.now
        for move in moves:
            act(thief, *move)
        thief.move()
        passed = env.now - began
        for strike_id in env.read("getOpenStrikes"):
            assert thief.settle(strike_id)
        assert thief.opened <= budget * (1 + Fraction(passed, DAY))
        assert before - fortune(env) <= thief.limit(budget, passed, (LONG, SHORT))
        assert_rebuilt(env)


def hold(env: Env, price: int) -> None:
    """The pool at that price against everybody, until its TWAP believes it."""
    window = env.read("getMarket", TWAP).rules.oracle_window
    env.price(price, settled=False)
    env.wait(2 * window + 1)


def test_with_an_oracle_that_he_moves_a_long_loses_its_notional_at_most(
    env: Env, feed: Feed
) -> None:
    """No one trades against him for minutes: the formula's assumption does not hold."""
    thief, before = steal(env, TWAP, 150), fortune(env)
    hold(env, 100 * FAIR)
    opened = thief.trade_open(LONG)
    hold(env, FAIR)
    thief.trade_settle(opened.strike_id)
    lost = before - fortune(env)
    assert opened.notional * 9 / 10 < lost <= opened.notional
    stats = env.read("getStrikeStats")
    assert stats.worst == -stats.loss >= -opened.notional


def test_with_an_oracle_that_he_moves_a_short_sells_inventory_cheap(env: Env, feed: Feed) -> None:
    """Its bots lose their notional at most. What it sold too cheap was the owner's inventory, and
    all of that is what it can come to."""
    thief, before = steal(env, TWAP, 150), fortune(env)
    inventory = env.read("inventoryOf", env.base)
    hold(env, FAIR // 10)
    opened = thief.trade_open(SHORT)
    hold(env, FAIR)
    thief.trade_settle(opened.strike_id)
    lost = before - fortune(env)
    worth = Fraction(inventory * FAIR * DOLLAR, 10**18)
    assert opened.notional * 5 < lost <= opened.notional + worth
    assert env.read("getStrikeStats").loss == opened.notional


def test_with_an_oracle_that_he_moves_an_open_short_loses_margin_and_proceeds(
    env: Env, feed: Feed
) -> None:
    """They buy back next to nothing of the base."""
    opened = env.strike(signal=SHORT)
    thief, before = steal(env, TWAP, 150), fortune(env)
    hold(env, 100 * FAIR)
    thief.trade_settle(opened["strike_id"])
    hold(env, FAIR)
    lost = before - fortune(env)
    assert opened["notional"] * 19 / 10 < lost <= opened["notional"] * 2
    assert env.read("getStrikeStats").loss == opened["notional"]
