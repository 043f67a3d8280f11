"""What is around the diamond: tokens, pools, feeds and a contract engine, good and hostile.

Pools by market: 0 WETH on Uniswap V3; 1 the hostile token on Uniswap V3; 2 and 3 the same two on
Uniswap V2 with feeds; 4 WETH on a hostile pool with a feed; 5 WETH on Uniswap V4, with hostile
hooks and a feed. One more pair, `cross`, is of the two base tokens, for arbitrages of three hops;
`liar` is a hostile pair of WETH's, which no market trades on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from macrostrike.build import ours
from macrostrike.chain import Reverted, RevmTransport
from macrostrike.devchain import Venues, sqrt_price_x96
from macrostrike.errors import ContractError
from macrostrike.errors.deploying import PriceOutOfReach
from macrostrike.testing import World
from macrostrike.types import DYNAMIC_FEE

from ..evm import FOREVER, Caller
from ..unit.amm.v4 import SPACING, V4, Key, deploy_hooks
from ..unit.market.v4 import HOOKED
from ..unit.pools import PAIR, POOL, TOKEN, V2_FACTORY, make_pair, make_v3_pool
from .wire import number

PRICE = Decimal(1600)
_KINDS = ("Token", "Pool", "Pair", "Feed", "Engine", "Hook")
_HOSTILE = {name: ours(f"Hostile{name}") for name in _KINDS}
_LIQUIDITY = 20_000_000  # of quote in each pair
_SCALE = 12  # decimals of base less those of quote
_Q96 = 1 << 96


class Outside(Caller):
    """Everything is sent by the venue's maker, who has all the tokens.

    `hears` gets every receipt: a token that calls out may do something to the diamond.
    """

    def __init__(self, world: World) -> None:
        assert isinstance(world.transport, RevmTransport)
        super().__init__(world.transport, world.venues.maker)
        fixtures = world.venues.fixtures
        self.v3_factory, self.quote, self.weth = fixtures.factory, fixtures.quote, fixtures.base
        self.host = self._hostile_token()
        self.tokens = (self.quote, self.weth, self.host)
        self.engine = self.deploy(_HOSTILE["Engine"])
        self.feeds = {market: self.deploy(_HOSTILE["Feed"], 8) for market in (2, 3, 4, 5)}
        self.v3 = {0: world.venues, 1: self._hostile_v3(world.venues)}
        self.v2_factory = self.deploy(V2_FACTORY, self.address)
        self.bases = {2: self.weth, 3: self.host}
        self.pairs = {market: self._pair(base) for market, base in self.bases.items()}
        self.cross = self._cross()
        tokens = sorted((self.weth, self.quote), key=number)
        self.pool = self.deploy(_HOSTILE["Pool"], *tokens, 1)
        self._price_pool(PRICE)
        for token, amount in self._depth(self.weth).items():
            self.give(token, self.pool, amount)
        self.liar = self._hostile_pair(tokens)
        self.v4 = V4(self.chain, world.venues.maker, self.weth)
        self.v4.hears = lambda receipt: self.hears(receipt)
        self.hooks = deploy_hooks(self, _HOSTILE["Hook"], HOOKED)
        self.v4_key = self._hooked_pool()
        for market in self.feeds:
            self.tell_feed(market)

    # Prices, quote for one base.

    def price(self, market: int) -> Decimal:
        if market in self.v3:
            return self.v3[market].price()
        if market in self.pairs:
            base, quote = self._reserves(market)
            return Decimal(quote).scaleb(_SCALE) / base
        return self._pool_price if market == 4 else self._v4_price()

    def base_of(self, market: int) -> str:
        """What a market trades against quote."""
        return self.host if market in (1, 3) else self.weth

    def pool_of(self, market: int) -> str:
        """Where; of the last one, the manager of all pools on V4."""
        if market in self.v3:
            return self.v3[market].fixtures.pool
        return self.pairs.get(market, self.pool if market == 4 else self.v4.manager)

    def move_price(self, market: int, price: Decimal) -> None:
        """As far as the pool and a hostile token let it."""
        if market in self.v3:
            _attempt(lambda: self._move_v3(market, price))
        elif market in self.pairs:
            _attempt(lambda: self._move_pair(market, price))
        elif market == 4:
            self._price_pool(price)
        else:
            _attempt(lambda: self._move_v4(price))

    def tell_feed(
        self, market: int, *, off_bps: int = 0, age: int = 0, silent: bool = False
    ) -> None:
        """The feed says what the pool does, or that much off."""
        answer = int(self.price(market) * 10**8) * (10_000 + off_bps) // 10_000
        reported = self.chain.timestamp(pending=True) - age
        self.tell(_HOSTILE["Feed"], self.feeds[market], "tell", answer, reported, silent)

    # Hostility.

    def tell_engine(self, function: str, *args: Any) -> None:
        self.tell(_HOSTILE["Engine"], self.engine, function, *args)

    def tell_pool(self, mode: int, target: str, call: bytes) -> None:
        self.tell(_HOSTILE["Pool"], self.pool, "behave", mode, target, call)

    def tell_liar(self, mode: int, target: str, call: bytes) -> None:
        self.tell(_HOSTILE["Pair"], self.liar, "behave", mode, target, call)

    def tell_hooks(self, mode: int, share: int, target: str, call: bytes) -> None:
        self.tell(_HOSTILE["Hook"], self.hooks, "behave", mode, share, target, call)

    def turn_pool(self, base: str) -> None:
        """The hostile pool says from now on that this is its base."""
        tokens = (base, self.quote)
        # Its place in the pool stays: that is what a market remembers.
        ordered = tokens if number(self.weth) < number(self.quote) else tokens[::-1]
        self.tell(_HOSTILE["Pool"], self.pool, "turn", *ordered)

    def nudge(self, market: int) -> None:
        """Dust is traded, so that the pool writes an observation."""
        price = self.price(market)
        self.move_price(market, price * Decimal("1.0001"))
        self.move_price(market, price)

    def tell_token(self, function: str, *args: Any) -> None:
        self.tell(_HOSTILE["Token"], self.host, function, *args)

    def give(self, token: str, to: str, amount: int) -> None:
        """Tokens of the maker's. A hostile token may not let it."""
        _attempt(lambda: self.tell(TOKEN, token, "transfer", to, amount))

    def approve(self, token: str, spender: str, by: Any) -> None:
        Caller(self.chain, by).tell(TOKEN, token, "approve", spender, FOREVER)

    # How it is built.

    def _hostile_token(self) -> str:
        """On the other side of the quote token than WETH is, so that both orders are tried."""
        while True:
            token = self.deploy(_HOSTILE["Token"])
            if (number(token) < number(self.quote)) != (number(self.weth) < number(self.quote)):
                self.tell(_HOSTILE["Token"], token, "mint", self.address, 10**27)
                return token

    def _hostile_v3(self, venues: Venues) -> Venues:
        at = venues.fixtures
        for spender in (at.position_manager, at.router):
            self.tell(TOKEN, self.host, "approve", spender, FOREVER)
        root = sqrt_price_x96(PRICE, base_is_token0=number(self.host) < number(self.quote))
        worth = {self.quote: 10**14, self.host: 10**26 // int(PRICE)}
        pool = make_v3_pool(self, at, worth, price=root)
        self.tell(POOL, pool, "increaseObservationCardinalityNext", 64)
        hostile = replace(venues, fixtures=replace(at, base=self.host, pool=pool))
        for swap in range(16):
            self.chain.mine(36)
            hostile.move_price(PRICE * (Decimal("1.0003") if swap % 2 == 0 else 1))
        return hostile

    def _pair(self, base: str) -> str:
        return make_pair(self, self.v2_factory, self._depth(base))

    def _hostile_pair(self, tokens: Sequence[str]) -> str:
        pair, amounts = self.deploy(_HOSTILE["Pair"], *tokens), self._depth(self.weth)
        for token, amount in amounts.items():
            self.give(token, pair, amount)
        self.tell(_HOSTILE["Pair"], pair, "setReserves", *(amounts[token] for token in tokens))
        return pair

    def _cross(self) -> str:
        """One for one."""
        return make_pair(self, self.v2_factory, dict.fromkeys((self.weth, self.host), 10**22))

    def _depth(self, base: str) -> dict[str, int]:
        return {base: _LIQUIDITY * 10**18 // int(PRICE), self.quote: _LIQUIDITY * 10**6}

    def _price_pool(self, price: Decimal) -> None:
        self._pool_price = price
        raw = int(price.scaleb(-_SCALE) * _Q96)
        x96 = raw if number(self.weth) < number(self.quote) else _Q96**2 // raw
        self.tell(_HOSTILE["Pool"], self.pool, "setPrice", x96)

    def _hooked_pool(self) -> Key:
        """Its hooks may set its fee, and have something to give."""
        amounts = self._depth(self.weth)
        for token, amount in amounts.items():
            self.v4.allow(token)
            self.give(token, self.hooks, amount // 100)
        token0, token1 = sorted(amounts, key=number)
        key = (token0, token1, DYNAMIC_FEE, SPACING, self.hooks)
        self.v4.create_pool(key, amounts)
        return key

    def _v4_price(self) -> Decimal:
        root = Decimal(self.v4.sqrt_price(self.v4_key)) / _Q96
        raw = root * root if self.v4_key[0] == self.weth else 1 / (root * root)
        return raw.scaleb(_SCALE)

    def _move_v4(self, price: Decimal) -> None:
        raw = Fraction(price.scaleb(-_SCALE))
        self.v4.move(self.v4_key, raw if self.v4_key[0] == self.weth else 1 / raw)

    def _move_v3(self, market: int, price: Decimal) -> None:
        receipt = self.v3[market].move_price(price)
        if receipt is not None:
            self.hears(receipt)

    def _move_pair(self, market: int, price: Decimal) -> None:
        """One swap that leaves the pair about there."""
        base, quote = self._reserves(market)
        wanted = int((Decimal(base) * quote * price.scaleb(-_SCALE)).sqrt())
        pays_quote = wanted > quote
        reserve_in, reserve_out = (quote, base) if pays_quote else (base, quote)
        amount = (wanted if pays_quote else base * quote // wanted) - reserve_in
        if amount <= 0:
            return
        paid = self.quote if pays_quote else self.bases[market]
        self.tell(TOKEN, paid, "transfer", self.pairs[market], amount)
        out = amount * 997 * reserve_out // (reserve_in * 1000 + amount * 997)
        outs = (out, 0) if pays_quote == self._base_is_token0(market) else (0, out)
        self.tell(PAIR, self.pairs[market], "swap", *outs, self.address, b"")

    def _reserves(self, market: int) -> tuple[int, int]:
        """Base and quote."""
        first, second, _ = self.ask(PAIR, self.pairs[market], "getReserves")
        return (first, second) if self._base_is_token0(market) else (second, first)

    def _base_is_token0(self, market: int) -> bool:
        return number(self.bases[market]) < number(self.quote)


def _attempt(what: Callable[[], Any]) -> None:
    with suppress(ContractError, Reverted, PriceOutOfReach):
        what()
