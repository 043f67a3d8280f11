"""What is around the diamond: tokens, pools, feeds and a contract engine, good and hostile.

Pools by market: 0 WETH on Uniswap V3; 1 the hostile token on Uniswap V3; 2 and 3 the same two on
Uniswap V2 with feeds; 4 WETH on a hostile pool with a feed. One more pair, `cross`, is of the two
base tokens, for arbitrages of three hops.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from macrostrike.abi import Abi
from macrostrike.build import Contract, npm, ours
from macrostrike.chain import Receipt, Reverted, RevmTransport
from macrostrike.devchain import Venues, sqrt_price_x96
from macrostrike.errors.deploying import PriceOutOfReach
from macrostrike.testing import World

from .wire import number

PRICE = Decimal(1600)
FOREVER = (1 << 256) - 1
TOKEN = npm("@uniswap/v2-core/build/ERC20.json").abi
PAIR = npm("@uniswap/v2-core/build/UniswapV2Pair.json").abi
_V2_FACTORY = npm("@uniswap/v2-core/build/UniswapV2Factory.json")
_V3_FACTORY = npm("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json")
_V3_POOL = npm("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json").abi
_MANAGER = npm(
    "@uniswap/v3-periphery/artifacts/contracts/"
    "NonfungiblePositionManager.sol/NonfungiblePositionManager.json"
).abi
_HOSTILE = {name: ours(f"Hostile{name}") for name in ("Token", "Pool", "Feed", "Engine")}
_LIQUIDITY = 20_000_000  # of quote in each pair
_SCALE = 12  # decimals of base less those of quote
_Q96 = 1 << 96


class Outside:
    """Everything is sent by the venue's maker, who has all the tokens.

    `listener` hears of every transaction: a token that calls out may do something to the diamond.
    """

    def __init__(self, world: World) -> None:
        assert isinstance(world.transport, RevmTransport)
        self.listener: Callable[[Receipt], None] = lambda receipt: None
        self.chain = world.transport
        self.maker = world.venues.maker
        fixtures = world.venues.fixtures
        self.v3_factory, self.quote, self.weth = fixtures.factory, fixtures.quote, fixtures.base
        self.host = self._hostile_token()
        self.tokens = (self.quote, self.weth, self.host)
        self.engine = self._create(_HOSTILE["Engine"])
        self.feeds = {market: self._create(_HOSTILE["Feed"], 8) for market in (2, 3, 4)}
        self.v3 = {0: world.venues, 1: self._hostile_v3(world.venues)}
        self.v2_factory = self._create(_V2_FACTORY, self.maker.address)
        self.bases = {2: self.weth, 3: self.host}
        self.pairs = {market: self._pair(base) for market, base in self.bases.items()}
        self.cross = self._cross()
        tokens = sorted((self.weth, self.quote), key=number)
        self.pool = self._create(_HOSTILE["Pool"], *tokens, 1)
        self._price_pool(PRICE)
        self._fund(self.pool, self.weth)
        for market in self.feeds:
            self.tell_feed(market)

    # Prices, quote for one base.

    def price(self, market: int) -> Decimal:
        if market in self.v3:
            return self.v3[market].price()
        if market in self.pairs:
            base, quote = self._reserves(market)
            return Decimal(quote).scaleb(_SCALE) / base
        return self._pool_price

    def move_price(self, market: int, price: Decimal) -> None:
        """As far as the pool and a hostile token let it."""
        if market in self.v3:
            _attempt(lambda: self._move_v3(market, price))
        elif market in self.pairs:
            _attempt(lambda: self._move_pair(market, price))
        else:
            self._price_pool(price)

    def tell_feed(
        self, market: int, *, off_bps: int = 0, age: int = 0, silent: bool = False
    ) -> None:
        """The feed says what the pool does, or that much off."""
        answer = int(self.price(market) * 10**8) * (10_000 + off_bps) // 10_000
        told = self.chain.timestamp(pending=True) - age
        self._tell(self.feeds[market], _HOSTILE["Feed"].abi, "tell", answer, told, silent)

    # Hostility.

    def tell_engine(self, function: str, *args: Any) -> None:
        self._tell(self.engine, _HOSTILE["Engine"].abi, function, *args)

    def tell_pool(self, mode: int, target: str, call: bytes) -> None:
        self._tell(self.pool, _HOSTILE["Pool"].abi, "behave", mode, target, call)

    def turn_pool(self, base: str) -> None:
        """The hostile pool says from now on that this is its base."""
        tokens = (base, self.quote)
        # Its place in the pool stays: that is what a market remembers.
        ordered = tokens if number(self.weth) < number(self.quote) else tokens[::-1]
        self._tell(self.pool, _HOSTILE["Pool"].abi, "turn", *ordered)

    def nudge(self, market: int) -> None:
        """Dust is traded, so that the pool writes an observation."""
        price = self.price(market)
        self.move_price(market, price * Decimal("1.0001"))
        self.move_price(market, price)

    def tell_token(self, function: str, *args: Any) -> None:
        self._tell(self.host, _HOSTILE["Token"].abi, function, *args)

    def give(self, token: str, to: str, amount: int) -> None:
        """Tokens of the maker's. A hostile token may not let it."""
        _attempt(lambda: self._tell(token, TOKEN, "transfer", to, amount))

    def approve(self, token: str, spender: str, by: Any) -> None:
        self.chain.send(by, token, TOKEN.encode_call("approve", spender, FOREVER))

    # How it is built.

    def _hostile_token(self) -> str:
        """On the other side of the quote token than WETH is, so that both orders are tried."""
        while True:
            token = self._create(_HOSTILE["Token"])
            if (number(token) < number(self.quote)) != (number(self.weth) < number(self.quote)):
                self._tell(token, _HOSTILE["Token"].abi, "mint", self.maker.address, 10**27)
                return token

    def _hostile_v3(self, venues: Venues) -> Venues:
        at, maker = venues.fixtures, self.maker.address
        for spender in (at.position_manager, at.router):
            self._tell(self.host, TOKEN, "approve", spender, FOREVER)
        tokens = sorted((self.host, self.quote), key=number)
        sqrt = sqrt_price_x96(PRICE, base_is_token0=tokens[0] == self.host)
        create = ("createAndInitializePoolIfNecessary", *tokens, 500, sqrt)
        self._tell(at.position_manager, _MANAGER, *create)
        pool = self._ask(at.factory, _V3_FACTORY.abi, "getPool", *tokens, 500)
        self._tell(pool, _V3_POOL, "increaseObservationCardinalityNext", 64)
        worth = {self.quote: 10**14, self.host: 10**26 // int(PRICE)}
        amounts = [worth[token] for token in tokens]
        position = (*tokens, 500, -887_270, 887_270, *amounts, 0, 0, maker, FOREVER)
        self._tell(at.position_manager, _MANAGER, "mint", position)
        hostile = replace(venues, fixtures=replace(at, base=self.host, pool=pool))
        for swap in range(16):
            self.chain.mine(36)
            hostile.move_price(PRICE * (Decimal("1.0003") if swap % 2 == 0 else 1))
        return hostile

    def _pair(self, base: str) -> str:
        pair = self._create_pair(base, self.quote)
        self._fund(pair, base)
        self._tell(pair, PAIR, "mint", self.maker.address)
        return pair

    def _cross(self) -> str:
        """One for one."""
        pair = self._create_pair(self.weth, self.host)
        for token in (self.weth, self.host):
            self.give(token, pair, 10**22)
        self._tell(pair, PAIR, "mint", self.maker.address)
        return pair

    def _create_pair(self, *tokens: str) -> str:
        self._tell(self.v2_factory, _V2_FACTORY.abi, "createPair", *tokens)
        return str(self._ask(self.v2_factory, _V2_FACTORY.abi, "getPair", *tokens))

    def _fund(self, holder: str, base: str) -> None:
        self.give(base, holder, _LIQUIDITY * 10**18 // int(PRICE))
        self.give(self.quote, holder, _LIQUIDITY * 10**6)

    def _price_pool(self, price: Decimal) -> None:
        self._pool_price = price
        raw = int(price.scaleb(-_SCALE) * _Q96)
        x96 = raw if number(self.weth) < number(self.quote) else _Q96**2 // raw
        self._tell(self.pool, _HOSTILE["Pool"].abi, "setPrice", x96)

    def _move_v3(self, market: int, price: Decimal) -> None:
        receipt = self.v3[market].move_price(price)
        if receipt is not None:
            self.listener(receipt)

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
        self._tell(paid, TOKEN, "transfer", self.pairs[market], amount)
        out = amount * 997 * reserve_out // (reserve_in * 1000 + amount * 997)
        outs = (out, 0) if pays_quote == self._base_is_token0(market) else (0, out)
        self._tell(self.pairs[market], PAIR, "swap", *outs, self.maker.address, b"")

    def _reserves(self, market: int) -> tuple[int, int]:
        """Base and quote."""
        first, second, _ = self._ask(self.pairs[market], PAIR, "getReserves")
        return (first, second) if self._base_is_token0(market) else (second, first)

    def _base_is_token0(self, market: int) -> bool:
        return number(self.bases[market]) < number(self.quote)

    def _create(self, contract: Contract, *args: Any) -> str:
        created = self.chain.send(self.maker, None, contract.create(*args)).contract_address
        assert created is not None
        return created

    def _tell(self, to: str, abi: Abi, function: str, *args: Any) -> None:
        self.listener(self.chain.send(self.maker, to, abi.encode_call(function, *args)))

    def _ask(self, to: str, abi: Abi, function: str, *args: Any) -> Any:
        return abi.decode_result(function, self.chain.call(to, abi.encode_call(function, *args)))


def _attempt(what: Callable[[], Any]) -> None:
    with suppress(Reverted, PriceOutOfReach):
        what()
