"""Further tokens, and real Uniswap pools of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isqrt

from macrostrike.build import Contract, npm, ours
from macrostrike.chain import LocalTransport, Signer
from macrostrike.devchain import Fixtures, Venues

from ..evm import FOREVER, Caller, Payer

V3 = "@uniswap/v3-core/artifacts/contracts"
MANAGER = npm(
    "@uniswap/v3-periphery/artifacts/contracts/"
    "NonfungiblePositionManager.sol/NonfungiblePositionManager.json"
)
ROUTER = npm(
    "@uniswap/swap-router-contracts/artifacts/contracts/SwapRouter02.sol/SwapRouter02.json"
)
POOL = npm(f"{V3}/UniswapV3Pool.sol/UniswapV3Pool.json")
FACTORY = npm(f"{V3}/UniswapV3Factory.sol/UniswapV3Factory.json")
TOKEN = ours("LocalToken")
V2_FACTORY = npm("@uniswap/v2-core/build/UniswapV2Factory.json")
PAIR = npm("@uniswap/v2-core/build/UniswapV2Pair.json")
FEE = 500
FULL_RANGE = 887_220  # the last tick that a spacing of 60 divides; 10 divides it too
_WARM_SWAPS, _WARM_SECONDS = 16, 36


def in_order(*tokens: str) -> list[str]:
    """Tokens as pools have them."""
    return sorted(tokens, key=lambda token: int(token, 16))


def make_pair(by: Caller, factory: str, amounts: Mapping[str, int]) -> str:
    """A V2 pair with so much of each token, the caller's."""
    pair = str(by.get(V2_FACTORY, factory, "createPair", *amounts))
    for token, amount in amounts.items():
        by.tell(TOKEN, token, "transfer", pair, amount)
    by.tell(PAIR, pair, "mint", by.address)
    return pair


def make_v3_pool(
    by: Caller, at: Fixtures, amounts: Mapping[str, int], fee: int = FEE, price: int | None = None
) -> str:
    """A V3 pool over all prices with so much of each token, the caller's, who has allowed it.

    price: as the pool has it; by default what the amounts say.
    """
    tokens = in_order(*amounts)
    amount0, amount1 = (amounts[token] for token in tokens)
    root = isqrt((amount1 << 192) // amount0) if price is None else price
    create = "createAndInitializePoolIfNecessary"
    pool = by.get(MANAGER, at.position_manager, create, *tokens, fee, root)
    span = (*tokens, fee, -FULL_RANGE, FULL_RANGE)
    position = (*span, amount0, amount1, 0, 0, by.address, FOREVER)
    by.tell(MANAGER, at.position_manager, "mint", position)
    return str(pool)


class Exchange(Payer):
    """Makes tokens and pools, and trades on them. Prices are raw quote for raw base."""

    def __init__(self, chain: LocalTransport, venues: Venues, key: Signer) -> None:
        super().__init__(chain, key)
        self.at = venues.fixtures

    @property
    def factory(self) -> str:
        """The V3 factory."""
        return self.at.factory

    def token(self, decimals: int = 18, contract: Contract | None = None) -> str:
        """A new token; a `contract` of one's own knows its decimals."""
        return self.deploy(TOKEN, decimals) if contract is None else self.deploy(contract)

    def mint(self, token: str, to: str, amount: int) -> None:
        self.tell(TOKEN, token, "mint", to, amount)

    def v3_pool(
        self, base: str, quote: str, price: Fraction, depth: int, remembers: int = 64
    ) -> str:
        """A pool with `depth` of raw quote in it, whose oracle remembers nine minutes, or less."""
        amounts = {quote: depth, base: int(depth / price)}
        for token, amount in amounts.items():
            self.tell(TOKEN, token, "approve", self.at.position_manager, amount)
            self.tell(TOKEN, token, "approve", self.at.router, 1 << 120)
        root = sqrt_price(price if in_order(base, quote)[0] == base else 1 / price)
        pool = make_v3_pool(self, self.at, amounts, price=root)
        self.tell(POOL, pool, "increaseObservationCardinalityNext", remembers)
        for swap in range(_WARM_SWAPS):
            self.chain.mine(_WARM_SECONDS)
            self.move(base, quote, price * (Fraction("1.0003") if swap % 2 == 0 else 1))
        return pool

    def move(self, base: str, quote: str, price: Fraction) -> None:
        """Trades on the V3 pool until the price is that."""
        token0, token1 = in_order(base, quote)
        target = sqrt_price(price if base == token0 else 1 / price)
        pool = self.ask(FACTORY, self.factory, "getPool", base, quote, FEE)
        now = self.ask(POOL, pool, "slot0")[0]
        if now == target:
            return
        paid, bought = (token0, token1) if target < now else (token1, token0)
        swap = (paid, bought, FEE, self.address, 1 << 120, 0, target)
        self.tell(ROUTER, self.at.router, "exactInputSingle", swap)

    def v2_factory(self) -> str:
        return self.deploy(V2_FACTORY, self.address)

    def v2_pair(self, factory: str, base: str, quote: str, price: Fraction, depth: int) -> str:
        return make_pair(self, factory, {quote: depth, base: int(depth / price)})


def sqrt_price(price: Fraction) -> int:
    """Token1 for a token0, as a V3 pool has it: its root × 2^96."""
    return isqrt((price.numerator << 192) // price.denominator)
