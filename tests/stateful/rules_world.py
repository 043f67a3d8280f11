"""Around the diamond: time, prices, donations, and tokens and pools that turn hostile."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import rule

from macrostrike.abi import diamond_abi
from macrostrike.build import ours

from .arena import DAY
from .machine import DICE, MARKETS, Play
from .wire import execute_strike, execute_strikes

_ZERO = "0x" + "00" * 20
_POOL_MODES = 10
_HOOK_MODES = 7
_SHARES = (1, 500, 5_000, 10_000, 50_000, 500_000)  # of what hooks take, in millionths
_PERMILLE = (-900, -300, -40, -12, -3, -1, 1, 3, 12, 40, 400, 1700)


def _encoded(function: str, *args: object) -> Callable[[World, Random], bytes]:
    return lambda play, random: diamond_abi().encode_call(function, *args)


def _settle(play: World, random: Random) -> bytes:
    ids = play.open_ids() or [1]
    return diamond_abi().encode_call("settleStrike", random.choice(ids), 0)


def _settle_batch(play: World, random: Random) -> bytes:
    ids = play.open_ids()[:3]
    limits = [play.limit_of(each) for each in ids]
    return diamond_abi().encode_call("settleStrikes", ids, limits, True)


def _strike(play: World, random: Random) -> bytes:
    said = play.say(random, random.randrange(6), random.randrange(4))
    return execute_strike(play.arena.order(said))


def _strike_batch(play: World, random: Random) -> bytes:
    said = play.say(random, random.randrange(6), random.randrange(4))
    return execute_strikes([play.arena.order(said)], True)


def _revoke(play: World, random: Random) -> bytes:
    engine = play.arena.account(random.choice(play.arena.all_engines))
    return diamond_abi().encode_call("revokeEngine", engine)


def _skim(play: World, random: Random) -> bytes:
    return diamond_abi().encode_call("skim", random.choice(play.arena.outside.tokens))


# What a token or a pool may do to the diamond while the diamond is at work. The token is an
# operator and a guardian.
_CALLS: tuple[Callable[[World, Random], bytes], ...] = (
    _settle,
    _settle_batch,
    _strike,
    _strike_batch,
    _revoke,
    _skim,
    _encoded("pause"),
    _encoded("setThreshold", 9999),
    _encoded("disableMarket", 1),
    _encoded("rebalanceByPerformance"),
    _encoded("uniswapV3SwapCallback", 1, 1, b""),
    _encoded("unlockCallback", b""),
    _encoded("deposit", 1),
)


class World(Play):
    """Rules of the market, of strangers and of hostile contracts."""

    more_calls: tuple[Callable[[World, Random], bytes], ...] = ()
    """What else a token or a pool may do."""

    @rule(seconds=st.sampled_from((1, 12, 61, 301, 601, 601, 3601, DAY, 30 * DAY)))
    def wait(self, seconds: int) -> None:
        self.arena.chain.mine(seconds)

    @rule(seconds=st.sampled_from((0, 1, 1, 12)))
    def set_pace(self, seconds: int) -> None:
        """With none, calls share a block's time."""
        self.arena.chain.block_time = seconds

    @rule(market=MARKETS, permille=st.sampled_from(_PERMILLE))
    def move_price(self, market: int, permille: int) -> None:
        outside = self.arena.outside
        price = outside.price(market) * (1000 + permille) / 1000
        if Decimal(1) < price < Decimal(10**6):
            outside.move_price(market, price)

    @rule(permille=st.integers(-20, 20), dice=DICE)
    def move_all(self, permille: int, dice: int) -> None:
        """All prices, and after a while all oracles know."""
        outside = self.arena.outside
        for market in range(6):
            price = outside.price(market) * (1000 + permille) / 1000
            outside.move_price(market, price if Decimal(1) < price < 10**6 else Decimal(1600))
        self.arena.chain.mine(601)
        for market in outside.feeds:
            outside.tell_feed(market)

    @rule(market=st.integers(2, 5), off=st.sampled_from((0, 0, 100, -100, 9000, -9999)), dice=DICE)
    def tell_feed(self, market: int, off: int, dice: int) -> None:
        age = Random(dice).choice((0, 0, 0, 2 * DAY, -100))
        silent = Random(dice).random() < 0.1
        self.arena.outside.tell_feed(market, off_bps=off, age=age, silent=silent)

    @rule(token=st.integers(0, 2), amount=st.sampled_from((1, 10**6, 10**18)))
    def donate(self, token: int, amount: int) -> None:
        self.arena.donate(self.arena.outside.tokens[token], amount)

    @rule(amount=st.sampled_from((1, 10**15, 10**18)))
    def seize(self, amount: int) -> None:
        self.arena.seize(amount)

    @rule(fee=st.sampled_from((0, 0, 1, 100, 9999)), lies=st.sampled_from((False,) * 4 + (True,)))
    def turn_token(self, fee: int, lies: bool) -> None:
        self.arena.outside.tell_token("behave", fee, lies)

    @rule(dice=DICE)
    def arm_token(self, dice: int) -> None:
        """Its next transfer calls out; then a strike on it is opened or settled."""
        random = Random(dice)
        self.arena.outside.tell_token("arm", *self._call_out(random))
        self._touch((1, 3), random)

    @rule(dice=DICE)
    def arm_pool(self, dice: int) -> None:
        """The hostile pool calls out at its next swap, first or last."""
        random = Random(dice)
        self.arena.outside.tell_pool(random.choice((7, 8)), *self._call_out(random))
        self._touch((4,), random)

    @rule(mode=st.integers(0, _POOL_MODES - 1), dice=DICE)
    def turn_pool(self, mode: int, dice: int) -> None:
        self.arena.outside.tell_pool(mode, _ZERO, b"")
        self._touch((4,), Random(dice))

    @rule(dice=DICE)
    def arm_hooks(self, dice: int) -> None:
        """The hooks of the pool on V4 call out at its next swap."""
        random = Random(dice)
        self.arena.outside.tell_hooks(7, 0, *self._call_out(random))
        self._touch((5,), random)

    @rule(mode=st.integers(0, _HOOK_MODES - 1), share=st.sampled_from(_SHARES), dice=DICE)
    def turn_hooks(self, mode: int, share: int, dice: int) -> None:
        """They refuse, take, give, or set the fee, at each swap until they are calmed."""
        self.arena.outside.tell_hooks(mode, share, _ZERO, b"")
        self._touch((5,), Random(dice))

    @rule(mode=st.sampled_from((0, 0, 0, 1, 2, 3, 4)), dice=DICE)
    def turn_engine(self, mode: int, dice: int) -> None:
        arena = self.arena
        arena.outside.tell_engine("behave", mode)
        arena.strike("bold", self.say(Random(dice), 0, dice % 4, engine=arena.contract_engine))
        arena.outside.tell_engine("behave", 0)

    @rule(dice=DICE)
    def call_nonsense(self, dice: int) -> None:
        random = Random(dice)
        data = random.choice(
            (
                b"",
                random.randbytes(3),
                random.randbytes(4),
                random.randbytes(68),
                diamond_abi().selector("executeStrike"),
                diamond_abi().selector("settleStrike") + b"\xff" * 64,
                diamond_abi().encode_call("uniswapV3SwapCallback", 1, -1, b""),
            )
        )
        self.arena.raw(self.who("stranger"), "nonsense", data, value=random.choice((0, 0, 1)))

    @rule()
    def calm(self) -> None:
        """Everything hostile behaves, for a while; feeds are fresh."""
        out = self.arena.outside
        out.tell_token("behave", 0, False)
        out.tell_token("arm", _ZERO, b"")
        out.tell_pool(0, _ZERO, b"")
        out.tell_hooks(0, 0, _ZERO, b"")
        for market in range(6):
            price = out.price(market)
            if not Decimal(100) < price < 10**5:
                out.move_price(market, Decimal(1600))
        self.arena.chain.mine(601)
        for market in out.feeds:
            out.tell_feed(market)
        self.arena.chain.block_time = 1

    def _call_out(self, random: Random) -> tuple[str, bytes]:
        """A call to the diamond, or a donation to it."""
        diamond = self.arena.diamond
        if random.random() < 0.25:
            mint = ours("LocalUSD").abi.encode_call("mint", diamond, 10**9)
            return self.arena.outside.quote, mint
        return diamond, random.choice(_CALLS + self.more_calls)(self, random)

    def _touch(self, markets: tuple[int, ...], random: Random) -> None:
        """Opens a strike on one of these markets, or settles what is open there."""
        there = [
            strike.record.id
            for strike in self.arena.books.fleet.open_strikes()
            if strike.record.market in markets
        ]
        if there and random.random() < 0.6:
            strike_id = random.choice(there)
            self.call("bold", "settleStrike", strike_id, self.limit_of(strike_id))
        else:
            said = self.say(random, random.choice(markets), random.randrange(4))
            self.arena.strike("bold", said)
