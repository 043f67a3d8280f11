"""Opening and closing strikes, rightly and wrongly."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

from coincurve import PrivateKey
from hypothesis import strategies as st
from hypothesis.stateful import rule

from .machine import DICE, MARKETS, OPERATORS, OWNERS, SETTLERS, SIGNALS, TAKERS, Play
from .wire import (
    Order,
    Said,
    any_price,
    digest,
    domain,
    execute_strike,
    execute_strikes,
    roll,
    sign,
)

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_HUGE = (1 << 256) - 1

# What can be wrong with a prediction that its engine signed.
_WRONG: dict[str, Callable[[Play, Said], Said]] = {
    "under the threshold": lambda play, said: said._replace(
        confidence_bps=play.arena.books.threshold - 1
    ),
    "no confidence": lambda play, said: said._replace(confidence_bps=0),
    "over 100 %": lambda play, said: said._replace(confidence_bps=10_001),
    "too early": lambda play, said: said._replace(valid_from=play.arena.now + 1),
    "too late": lambda play, said: said._replace(valid_until=play.arena.now - 1),
    "nonce used": lambda play, said: said._replace(nonce=max(said.nonce - 1, 0)),
    "nonce too old": lambda play, said: said._replace(nonce=max(said.nonce - 128, 0)),
    "nonce far ahead": lambda play, said: said._replace(nonce=said.nonce + 127),
    "no horizon": lambda play, said: said._replace(horizon=0),
    "horizon too long": lambda play, said: said._replace(horizon=86_401),
    "no stop-loss": lambda play, said: said._replace(stop_loss_bps=0),
    "stop-loss of all": lambda play, said: said._replace(stop_loss_bps=10_000),
    "loses by its own claim": lambda play, said: said._replace(
        confidence_bps=9300, take_profit_bps=1, stop_loss_bps=20
    ),
    "for no strategy": lambda play, said: said._replace(strategies=0),
    "for strategies there are not": lambda play, said: said._replace(strategies=0xE0),
    "no such market": lambda play, said: said._replace(market=200),
    "no such signal": lambda play, said: said._replace(signal=4),
    "another's model": lambda play, said: said._replace(
        model_id=8 if said.model_id == 0 else 0  # 0 is the second engine's, 8 is no one's
    ),
    "a dirty word": lambda play, said: said._replace(model_id=1 << 16),
}


def _of_another_domain(play: Play, said: Said, key: PrivateKey) -> bytes:
    elsewhere = domain(play.arena.chain.chain_id + 1, play.arena.diamond)
    return sign(key, digest(elsewhere, said))


def _high_s(play: Play, said: Said, key: PrivateKey) -> bytes:
    right = sign(key, digest(play.arena.separator, said))
    s = _ORDER - int.from_bytes(right[32:64], "big")
    return right[:32] + s.to_bytes(32, "big") + bytes([55 - right[64]])


# What can be wrong with a signature, given a key that is an engine's.
_MISSIGNED: dict[str, Callable[[Play, Said, PrivateKey], bytes]] = {
    "by nobody": lambda play, said, _: sign(
        play.arena.keys["no_pool"], digest(play.arena.separator, said)
    ),
    "of another": lambda play, said, key: sign(
        key, digest(play.arena.separator, said._replace(nonce=said.nonce + 1))
    ),
    "on another chain": _of_another_domain,
    "none": lambda *_: b"",
    "short": lambda play, said, key: sign(key, digest(play.arena.separator, said))[:64],
    "malleated": _high_s,
}


class Strikes(Play):
    """Rules of operators, keepers and engines."""

    @rule(by=OPERATORS, market=MARKETS, signal=SIGNALS, dice=DICE)
    def strike(self, by: str, market: int, signal: int, dice: int) -> None:
        books = self.arena.books
        if dice % 5 == 0 and (books.paused or books.fleet.halted or not books.markets[0].enabled):
            self.put_right()
        self.arena.strike(by, self.say(Random(dice), market, signal))

    @rule(by=OPERATORS, market=MARKETS, signal=SIGNALS, dice=DICE)
    def strike_again(self, by: str, market: int, signal: int, dice: int) -> None:
        """Strikes are what there should be most of."""
        self.strike(by, market, signal, dice)

    @rule(by=st.sampled_from(("lapsed", "settler", "keeper", "owner")), dice=DICE)
    def strike_by_others(self, by: str, dice: int) -> None:
        self.arena.strike(self.who(by), self.say(Random(dice), 0, 0))

    @rule(wrong=st.sampled_from(sorted(_WRONG)), market=MARKETS, signal=SIGNALS, dice=DICE)
    def strike_wrongly(self, wrong: str, market: int, signal: int, dice: int) -> None:
        said = _WRONG[wrong](self, self.say(Random(dice), market, signal))
        self.arena.strike("bold", said)

    @rule(wrong=st.sampled_from(sorted(_MISSIGNED)), market=MARKETS, signal=SIGNALS, dice=DICE)
    def strike_missigned(self, wrong: str, market: int, signal: int, dice: int) -> None:
        arena = self.arena
        engine = Random(dice).choice(list(arena.engines))
        said = self.say(Random(dice), market, signal, engine=engine)
        signature = _MISSIGNED[wrong](self, said, arena.keys[arena.engines[engine]])
        arena.raw("bold", "executeStrike", execute_strike(Order(said, signature, any_price(said))))

    @rule(market=MARKETS, signal=SIGNALS, dice=DICE)
    def strike_unsaid_by_contract(self, market: int, signal: int, dice: int) -> None:
        """The contract engine has approved nothing of the kind."""
        said = self.say(Random(dice), market, signal, engine=self.arena.contract_engine)
        order = Order(said, b"?", any_price(said))
        self.arena.raw("bold", "executeStrike", execute_strike(order))

    @rule(market=MARKETS, signal=SIGNALS, dice=DICE)
    def strike_at_no_price(self, market: int, signal: int, dice: int) -> None:
        """With a limit that no pool can keep."""
        said = self.say(Random(dice), market, signal)
        order = self.arena.order(said, 1 << 95 if signal <= 1 else 1)
        self.arena.raw("bold", "executeStrike", execute_strike(order))

    @rule(by=OPERATORS, count=st.integers(1, 6), skip=st.booleans(), dice=DICE)
    def strike_batch(self, by: str, count: int, skip: bool, dice: int) -> None:
        random, orders = Random(dice), []
        for _ in range(count):
            said = self.say(random, random.randrange(6), random.randrange(4))
            if random.random() < (0.4 if skip else 0.1):
                said = _WRONG[random.choice(sorted(_WRONG))](self, said)
            orders.append(self.arena.order(said))
        self.arena.raw(by, "executeStrikes", execute_strikes(orders, skip))

    @rule(market=MARKETS, signal=SIGNALS, dice=DICE)
    def strike_in_numbers(self, market: int, signal: int, dice: int) -> None:
        """As many as there are slots, until a cap or the last slot ends it."""
        if dice % 3:
            return
        self.put_right()
        random = Random(dice)
        for _ in range(4):
            said = [self.say(random, market, signal) for _ in range(17)]
            orders = [self.arena.order(each) for each in said]
            self.arena.raw("bold", "executeStrikes", execute_strikes(orders, True))

    @rule(by=OPERATORS, market=MARKETS, signal=SIGNALS, dice=DICE)
    def strike_twice(self, by: str, market: int, signal: int, dice: int) -> None:
        """One prediction, sent again."""
        said = self.say(Random(dice), market, signal)
        self.arena.strike(by, said)
        self.arena.strike("bold", said)

    @rule(by=SETTLERS, dice=DICE)
    def settle(self, by: str, dice: int) -> None:
        strike_id = self.an_open_one(dice)
        self.call(by, "settleStrike", strike_id, self.limit_of(strike_id))

    @rule(by=SETTLERS, dice=DICE)
    def settle_at_no_price(self, by: str, dice: int) -> None:
        strike_id = self.an_open_one(dice)
        self.call(by, "settleStrike", strike_id, _HUGE - self.limit_of(strike_id))

    @rule(dice=DICE)
    def settle_what_is_none(self, dice: int) -> None:
        self.call("bold", "settleStrike", Random(dice).choice((0, 64, 1 << 40, dice)), 0)

    @rule(by=SETTLERS, skip=st.booleans(), dice=DICE)
    def settle_batch(self, by: str, skip: bool, dice: int) -> None:
        random, ids = Random(dice), self.open_ids()
        chosen = random.sample(ids, min(len(ids), 5))
        chosen += random.choices((*chosen, 0), k=1) if random.random() < 0.3 else []
        limits = [self.limit_of(each) for each in chosen]
        limits += [0] if random.random() < 0.05 else []
        self.call(by, "settleStrikes", chosen, limits, skip)

    @rule(by=SETTLERS, dice=DICE)
    def settle_when_due(self, by: str, dice: int) -> None:
        strike_id = self.an_open_one(dice)
        strike = self.strike_of(strike_id)
        if strike is not None:
            self.arena.chain.mine(max(strike.record.due_at - self.arena.now, 0))
        self.call(by, "settleStrike", strike_id, self.limit_of(strike_id))

    @rule(by=SETTLERS, percent=st.integers(-12, 40), dice=DICE)
    def settle_after_a_move(self, by: str, percent: int, dice: int) -> None:
        """The market goes the strike's way, or against it, and the oracle follows."""
        strike_id = self.an_open_one(dice)
        strike = self.strike_of(strike_id)
        if strike is not None and strike.record.market < 5:
            move = Decimal(1000 + (percent if strike.signal.is_long else -percent)) / 1000
            self.move(strike.record.market, move)
        self.call(by, "settleStrike", strike_id, self.limit_of(strike_id))

    @rule(times=st.sampled_from((Decimal("0.3"), Decimal("2.7"), Decimal(5))), dice=DICE)
    def settle_after_a_crash(self, times: Decimal, dice: int) -> None:
        """A short can lose no more than its margin, a long no more than its notional."""
        strike_id = self.an_open_one(dice)
        strike = self.strike_of(strike_id)
        if strike is None or strike.record.market > 4:
            return
        self.move(strike.record.market, times)
        self.call("settler", "settleStrike", strike_id, self.limit_of(strike_id))
        self.call("owner", "settleStrike", strike_id, self.limit_of(strike_id))
        self.move(strike.record.market, 1 / times)

    @rule(by=OPERATORS, market=MARKETS, signal=SIGNALS, may_fail=st.booleans(), dice=DICE)
    def roll_over(self, by: str, market: int, signal: int, may_fail: bool, dice: int) -> None:
        random, strike_id = Random(dice), self.an_open_one(dice)
        said = self.say(random, market, signal)
        if random.random() < (0.4 if may_fail else 0.1):
            said = _WRONG[random.choice(sorted(_WRONG))](self, said)
        order = self.arena.order(said)
        data = roll(strike_id, self.limit_of(strike_id), order, may_fail)
        self.arena.raw(by, "roll", data)

    @rule(by=TAKERS, dice=DICE)
    def mark(self, by: str, dice: int) -> None:
        ids = self.open_ids()
        self.call(by, "markDue", [*ids, dice % 70, *ids[:1]])

    @rule(by=TAKERS, wait=st.sampled_from((0, 60, 61, 200, 360, 660, 5000)), dice=DICE)
    def take(self, by: str, wait: int, dice: int) -> None:
        """A strike that is due, so long after its time, at any price."""
        strike_id = self.an_open_one(dice)
        strike = self.strike_of(strike_id)
        if strike is not None:
            self.arena.chain.mine(max(strike.record.due_at + wait - self.arena.now, 0))
            market = strike.record.market
            if market in self.arena.outside.feeds:
                self.arena.outside.tell_feed(market)
        is_long = strike is not None and strike.signal.is_long
        self.call(by, "takeStrike", strike_id, _HUGE if is_long else 0)

    @rule(by=TAKERS, percent=st.integers(-12, 40), wait=st.integers(60, 700), dice=DICE)
    def take_after_a_move(self, by: str, percent: int, wait: int, dice: int) -> None:
        """The mean reaches a barrier, anyone marks it, and the auction runs."""
        strike_id = self.an_open_one(dice)
        strike = self.strike_of(strike_id)
        if strike is None or strike.record.market > 4:
            return
        move = Decimal(1000 + (percent if strike.signal.is_long else -percent)) / 1000
        self.move(strike.record.market, move)
        self.call(by, "markDue", [strike_id])
        self.take(by, wait, strike_id)

    @rule(by=OWNERS, dice=DICE)
    def close_at_oracle(self, by: str, dice: int) -> None:
        if dice % 2:
            self.call(by, "closeAtOracle", self.an_open_one(dice))

    @rule(by=TAKERS)
    def mark_to_market(self, by: str) -> None:
        self.call(by, "markToMarket")

    @rule(by=st.sampled_from(("guardian", "owner", "bold", "keeper")), allow=st.booleans())
    def switch_takeovers(self, by: str, allow: bool) -> None:
        """Stopped seldom, and allowed again soon."""
        stopped = self.arena.books.takeovers_stopped
        if allow or stopped:
            self.call("owner" if stopped else by, "allowTakeovers")
        else:
            self.call(by, "stopTakeovers")

    @rule(by=OWNERS, dice=DICE)
    def write_off(self, by: str, dice: int) -> None:
        if dice % 3 == 0:
            self.call(by, "writeOffStrike", self.an_open_one(dice))

    @rule()
    def settle_all(self) -> None:
        """So that lots are free again."""
        for strike_id in self.open_ids():
            self.call("owner", "settleStrike", strike_id, self.limit_of(strike_id))

    def move(self, market: int, times: Decimal) -> None:
        """The pool's price, and what the oracle says of it some time later."""
        outside = self.arena.outside
        outside.move_price(market, outside.price(market) * times)
        self.arena.chain.mine(601)
        if market in outside.feeds:
            outside.tell_feed(market)
