"""Real pools of two kinds around the environment's own, registered, and swaps on them by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike.abi import diamond_abi
from macrostrike.build import ours
from macrostrike.chain import Receipt
from macrostrike.types import (
    ZERO_ADDRESS,
    ArbitrageOrder,
    PoolConfig,
    TokenCap,
    Venue,
)

from ...evm import FOREVER, ZERO
from ..environment import TOKEN, Env, unchecked
from ..pools import FACTORY as V3_FACTORY
from ..pools import MANAGER, PAIR, ROUTER, V2_FACTORY, make_pair, make_v3_pool
from .balancer import Balancer
from .v4 import SPACING, V4, Key

UNIT = {"usdc": 10**6, "weth": 10**18, "third": 10**6, "fourth": 10**6}
PRICE = 1600
V2_FEE = 3000
V4_FEE = 3000
CAP = {"usdc": 2_000_000 * UNIT["usdc"], "weth": 2_000 * UNIT["weth"]}


@dataclass(frozen=True)
class Pool:
    """A pool of the environment. `id` is what the diamond knows it as.

    tokens: as cycles have them.
    weth: what of them the pool itself has as ether, if any.
    vault_id: what Balancer's vault knows it as.
    """

    name: str
    venue: Venue
    address: str
    factory: str
    fee: int
    tokens: tuple[str, str]
    id: int = 0
    weth: str = ""
    hooks: str = ZERO
    vault_id: bytes = bytes(32)

    @property
    def own_tokens(self) -> tuple[str, ...]:
        """As the pool has them."""
        own = (ZERO if token == self.weth else token for token in self.tokens)
        return tuple(sorted(own, key=str.lower))

    @property
    def token0(self) -> str:
        return self.own_tokens[0]

    @property
    def token1(self) -> str:
        return self.own_tokens[1]

    @property
    def key(self) -> Key:
        return (self.token0, self.token1, self.fee, SPACING, self.hooks)

    @property
    def pool_id(self) -> bytes:
        if self.venue is not Venue.UNISWAP_V4:
            return self.vault_id
        return keccak(encode(["address", "address", "uint24", "int24", "address"], self.key))

    @property
    def config(self) -> PoolConfig:
        said = PoolConfig(factory=self.factory, pool=self.address, fee=self.fee)
        if self.venue in (Venue.UNISWAP_V2, Venue.UNISWAP_V3):
            return said
        said = replace(said, token0=self.token0, token1=self.token1)
        if self.venue is not Venue.UNISWAP_V4:
            return said
        return replace(said, tick_spacing=SPACING, hooks=self.hooks)

    def across(self, token: str) -> str:
        return self.tokens[1] if token == self.tokens[0] else self.tokens[0]


class Amm:
    """The environment, four tokens, and pools by name.

    `a_` and `b_` are V2 pairs of two factories, `low_` and `high_` V3 pools of 0.05 % and 0.3 %,
    `v4_` pools of V4 at 0.3 %, and `eth_` too, of which one token is ether itself. `bal_` are
    Balancer's weighted pools, `tri_` one of three tokens, `stable_` and `composable_` stable ones.
    """

    def __init__(self, env: Env) -> None:
        self.env = env
        self.maker = env.world.venues.maker
        self.by = env.caller(self.maker)
        self.tokens = {"usdc": env.quote, "weth": env.base}
        self.tokens |= {name: self._dollar() for name in ("third", "fourth")}
        self.v2_factories = {name: self._v2_factory() for name in "ab"}
        self.pools: dict[str, Pool] = {}
        for factory, first, second, depth in (
            ("a", "usdc", "weth", 4_000_000),
            ("b", "usdc", "weth", 3_000_000),
            ("a", "third", "weth", 2_000_000),
            ("a", "usdc", "third", 2_000_000),
            ("a", "third", "fourth", 2_000_000),
        ):
            self._add(self._pair(factory, first, second, depth))
        for fee, first, second, depth in (
            (3000, "usdc", "weth", 5_000_000),
            (500, "third", "weth", 5_000_000),
            (3000, "usdc", "third", 5_000_000),
            (500, "fourth", "weth", 5_000_000),
        ):
            self._add(self._v3(fee, first, second, depth))
        self.v4 = self._v4_manager()
        for kind, first, second, depth in (
            ("v4", "usdc", "weth", 5_000_000),
            ("v4", "third", "weth", 5_000_000),
            ("v4", "usdc", "third", 5_000_000),
            ("eth", "usdc", "weth", 4_000_000),
            ("eth", "third", "weth", 4_000_000),
        ):
            self._add(self._v4(kind, first, second, depth))
        self.balancer = self._vault()
        for pool in self._balancer_pools():
            self._add(pool)
        venue = env.world.venues.fixtures
        tokens = (self.tokens["usdc"], self.tokens["weth"])
        self._add(Pool("low_usdc_weth", Venue.UNISWAP_V3, venue.pool, venue.factory, 500, tokens))
        self._register()

    def __getitem__(self, name: str) -> Pool:
        return self.pools[name]

    def order(self, token_in: str, amount_in: int, *pools: str, **changes: Any) -> ArbitrageOrder:
        """An order as the operator sends it, unchecked: the chain is to refuse what is wrong."""
        values = {
            "pools": tuple(self.pools[name].id for name in pools),
            "token_in": self.tokens[token_in],
            "amount_in": amount_in,
            "min_profit": 0,
            "confidence_bps": 9500,
            "deadline": self.env.now + 60,
            "resize": False,
        }
        return unchecked(ArbitrageOrder, **(values | changes))

    def execute(self, order: ArbitrageOrder, by: str = "operator") -> dict[str, Any]:
        """What the event of the arbitrage says."""
        actor = getattr(self.env, by)
        return dict(actor.only("ArbitrageExecuted", "executeArbitrage", order))

    def run(self, order: ArbitrageOrder) -> Receipt:
        """The whole receipt, with what pools and tokens logged."""
        operator, diamond = self.env.operator.key, self.env.diamond
        return self.env.tell(operator, diamond_abi(), diamond, "executeArbitrage", order)

    def quote(self, order: ArbitrageOrder, by: str = "keeper") -> tuple[int, int]:
        """What it would give, as anyone can ask: amount and profit."""
        amount_in, profit = getattr(self.env, by).call("quoteArbitrage", order)
        return int(amount_in), int(profit)

    def stats(self, token: str) -> Any:
        """The AMM bots' stats in a token."""
        reported = self.env.read("getAMMStats")
        return next(each for each in reported if each.token == self.tokens[token])

    # By hand: the maker, who has nothing to do with the diamond.

    def swap(self, name: str, token_in: str, amount: int) -> int:
        """The maker swaps. What it received."""
        pool, paid = self.pools[name], self.tokens.get(token_in, token_in)
        before = self.balance(pool.across(paid), self.maker.address)
        if pool.venue is Venue.UNISWAP_V3:
            call = (paid, pool.across(paid), pool.fee, self.maker.address, amount, 0, 0)
            router = self.env.world.venues.fixtures.router
            self.tell(ROUTER, router, "exactInputSingle", call)
        elif pool.venue is Venue.UNISWAP_V4:
            own = ZERO if paid == pool.weth else paid
            self.v4.swap(pool.key, own == pool.token0, amount)
        elif pool.venue in (Venue.BALANCER_WEIGHTED, Venue.BALANCER_STABLE):
            self.balancer.swap(pool.address, paid, pool.across(paid), amount)
        else:
            quoted = self.pair_out(pool, paid, amount)
            self.tell(TOKEN, paid, "transfer", pool.address, amount)
            out = (0, quoted) if paid == pool.token0 else (quoted, 0)
            self.tell(PAIR, pool.address, "swap", *out, self.maker.address, b"")
        return self.balance(pool.across(paid), self.maker.address) - before

    def by_hand(self, order: ArbitrageOrder, amount: int | None = None) -> int:
        """The profit of somebody who swaps hop by hop, with capital; taken back."""
        by_id = {pool.id: pool.name for pool in self.pools.values()}
        paid = amount = order.amount_in if amount is None else amount
        token = order.token_in
        with self.env.undone():
            for pool_id in order.pools:
                amount = self.swap(by_id[pool_id], token, amount)
                token = self.pools[by_id[pool_id]].across(token)
        return amount - paid

    def pair_out(self, pool: Pool, paid: str, amount: int) -> int:
        reserves = self.env.ask(PAIR.abi, pool.address, "getReserves")[:2]
        into, out = reserves if paid == pool.token0 else reversed(reserves)
        return int(amount * 997 * out // (into * 1000 + amount * 997))

    def balance(self, token: str, holder: str) -> int:
        return self.env.balance(self.tokens.get(token, token), holder)

    def tell(self, contract: Any, to: str, function: str, *args: Any) -> Any:
        return self.env.tell(self.maker, contract.abi, to, function, *args)

    # Making it.

    def _dollar(self) -> str:
        token = self.env.deploy(ours("LocalUSD"))
        self.tell(ours("LocalUSD"), token, "mint", self.maker.address, 10**15)
        fixtures = self.env.world.venues.fixtures
        for spender in (fixtures.router, fixtures.position_manager):
            self.tell(TOKEN, token, "approve", spender, FOREVER)
        return token

    def _v2_factory(self) -> str:
        factory = self.env.deploy(V2_FACTORY, self.maker.address)
        self.env.owner.send("setFactory", factory, Venue.UNISWAP_V2, True)
        return factory

    def _amounts(self, first: str, second: str, depth: int) -> dict[str, int]:
        """By token, `depth` dollars of each."""
        return {
            self.tokens[name]: depth * UNIT[name] // (PRICE if name == "weth" else 1)
            for name in (first, second)
        }

    def _pair(self, factory: str, first: str, second: str, depth: int) -> Pool:
        at, tokens = self.v2_factories[factory], (self.tokens[first], self.tokens[second])
        pair = make_pair(self.by, at, self._amounts(first, second, depth))
        return Pool(f"{factory}_{first}_{second}", Venue.UNISWAP_V2, pair, at, V2_FEE, tokens)

    def _v3(self, fee: int, first: str, second: str, depth: int) -> Pool:
        at = self.env.world.venues.fixtures
        pool = make_v3_pool(self.by, at, self._amounts(first, second, depth), fee)
        name = f"{'low' if fee == 500 else 'high'}_{first}_{second}"
        tokens = (self.tokens[first], self.tokens[second])
        return Pool(name, Venue.UNISWAP_V3, pool, at.factory, fee, tokens)

    def _v4_manager(self) -> V4:
        v4 = V4(self.env.chain, self.maker, self.tokens["weth"])
        for token in self.tokens.values():
            v4.allow(token)
        self.env.owner.send("setFactory", v4.manager, Venue.UNISWAP_V4, True)
        self.env.owner.send("setWrappedNative", self.tokens["weth"])
        return v4

    def _v4(self, kind: str, first: str, second: str, depth: int) -> Pool:
        tokens = (self.tokens[first], self.tokens[second])
        weth = self.tokens["weth"] if kind == "eth" else ""
        at = self.v4.manager
        pool = Pool(f"{kind}_{first}_{second}", Venue.UNISWAP_V4, at, at, V4_FEE, tokens, weth=weth)
        amounts = self._amounts(first, second, depth)
        self.v4.create_pool(
            pool.key, {ZERO if token == weth else token: a for token, a in amounts.items()}
        )
        return pool

    def _vault(self) -> Balancer:
        balancer = Balancer(self.env.chain, self.maker)
        for token in self.tokens.values():
            balancer.allow(token)
        for factory, venue in (
            (balancer.weighted_factory, Venue.BALANCER_WEIGHTED),
            (balancer.stable_factory, Venue.BALANCER_STABLE),
            (balancer.composable_factory, Venue.BALANCER_STABLE),
        ):
            self.env.owner.send("setFactory", factory, venue, True)
        return balancer

    def _balancer_pools(self) -> list[Pool]:
        made, at = self.balancer, self.tokens
        usdc, weth, third, fourth = (at[name] for name in ("usdc", "weth", "third", "fourth"))
        worth = 1_000_000  # dollars for each percent of a pool's worth, by 100
        uneven = {usdc: 20, weth: 80}
        thirds = {usdc: 33, weth: 34, third: 33}
        kinds = {
            "bal_usdc_weth": made.weighted(self._worth(uneven, worth), uneven, 3000),
            "bal_third_weth": made.weighted(
                self._worth({third: 50, weth: 50}, worth), {third: 50, weth: 50}, 3000
            ),
            "tri_usdc_weth": made.weighted(self._worth(thirds, worth), thirds, 1000),
            "stable_usdc_third": made.stable(self._worth({usdc: 50, third: 50}, worth), 400),
            "composable_third_fourth": made.composable(
                self._worth({third: 50, fourth: 50}, worth), 400
            ),
        }
        factories = {
            "stable": (made.stable_factory, Venue.BALANCER_STABLE),
            "composable": (made.composable_factory, Venue.BALANCER_STABLE),
        }
        pools = []
        for name, address in kinds.items():
            kind, first, second = name.split("_")
            factory, venue = factories.get(kind, (made.weighted_factory, Venue.BALANCER_WEIGHTED))
            fee = {"tri": 1000, "stable": 400, "composable": 400}.get(kind, 3000)
            tokens, vault_id = (at[first], at[second]), made.pool_id(address)
            pools.append(Pool(name, venue, address, factory, fee, tokens, vault_id=vault_id))
        return pools

    def _worth(self, shares: dict[str, int], dollars: int) -> dict[str, int]:
        """By token, so many times `dollars` × 10 / 100 of each as its share says."""
        prices = {self.tokens["weth"]: (UNIT["weth"], PRICE)}
        amounts = {}
        for token, share in shares.items():
            unit, price = prices.get(token, (UNIT["usdc"], 1))
            amounts[token] = 10 * dollars * share // 100 * unit // price
        return amounts

    def _add(self, pool: Pool) -> None:
        number = len(self.pools) + 1
        self.pools[pool.name] = replace(pool, id=number)

    def _register(self) -> None:
        owner = self.env.owner
        caps = [TokenCap(token=self.tokens[name], max_amount_in=CAP[name]) for name in CAP]
        owner.send("initializeAMMBots", caps)
        owner.send("registerPools", [pool.config for pool in self.pools.values()])


__all__ = [
    "CAP",
    "MANAGER",
    "PAIR",
    "UNIT",
    "V2_FACTORY",
    "V3_FACTORY",
    "ZERO_ADDRESS",
    "Amm",
    "Pool",
]
