"""Further tokens, and real Uniswap pools of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from eth_account.signers.local import LocalAccount

from macrostrike.build import Contract, npm, ours
from macrostrike.chain import LocalTransport
from macrostrike.devchain import Venues

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
FOREVER = (1 << 256) - 1
_FULL_RANGE = 887_270
_GAS = 30_000_000
_WARM_SWAPS, _WARM_SECONDS = 16, 36


@dataclass(frozen=True)
class Exchange:
    """Whoever makes tokens and pools, and trades on them. Prices are raw quote for raw base."""

    chain: LocalTransport
    venues: Venues
    key: LocalAccount

    @property
    def factory(self) -> str:
        """The V3 factory."""
        return self.venues.fixtures.factory

    def send(self, to: str | None, data: bytes) -> str | None:
        return self.chain.send(self.key, to, data, gas=_GAS).contract_address

    def deploy(self, contract: Contract, *args: object) -> str:
        created = self.send(None, contract.create(*args))
        assert created is not None
        return created

    def token(self, decimals: int = 18, contract: Contract | None = None) -> str:
        """A new token; a `contract` of one's own knows its decimals."""
        return self.deploy(TOKEN, decimals) if contract is None else self.deploy(contract)

    def mint(self, token: str, to: str, amount: int) -> None:
        self.send(token, TOKEN.abi.encode_call("mint", to, amount))

    def v3_pool(
        self, base: str, quote: str, price: Fraction, depth: int, remembers: int = 64
    ) -> str:
        """A pool with `depth` of raw quote in it, whose oracle remembers nine minutes, or less."""
        token0, token1 = sorted((base, quote), key=lambda token: int(token, 16))
        manager = self.venues.fixtures.position_manager
        create = MANAGER.abi.encode_call(
            "createAndInitializePoolIfNecessary",
            token0,
            token1,
            FEE,
            sqrt_price(price if base == token0 else 1 / price),
        )
        pool = MANAGER.abi.decode_result(
            "createAndInitializePoolIfNecessary",
            self.chain.call(manager, create, sender=self.key.address),
        )
        self.send(manager, create)
        self.send(pool, POOL.abi.encode_call("increaseObservationCardinalityNext", remembers))
        amounts = {quote: depth, base: int(depth / price)}
        self._allow(manager, amounts)
        self._allow(self.venues.fixtures.router, dict.fromkeys(amounts, 1 << 120))
        position = (
            *(token0, token1, FEE, -_FULL_RANGE, _FULL_RANGE),
            *(amounts[token0], amounts[token1], 0, 0, self.key.address, FOREVER),
        )
        self.send(manager, MANAGER.abi.encode_call("mint", position))
        for swap in range(_WARM_SWAPS):
            self.chain.mine(_WARM_SECONDS)
            self.move(base, quote, price * (Fraction("1.0003") if swap % 2 == 0 else 1))
        return str(pool)

    def move(self, base: str, quote: str, price: Fraction) -> None:
        """Trades on the V3 pool until the price is that."""
        token0 = min(base, quote, key=lambda token: int(token, 16))
        target = sqrt_price(price if base == token0 else 1 / price)
        get = FACTORY.abi.encode_call("getPool", base, quote, FEE)
        pool = FACTORY.abi.decode_result("getPool", self.chain.call(self.factory, get))
        slot0 = self.chain.call(pool, POOL.abi.encode_call("slot0"))
        now = POOL.abi.decode_result("slot0", slot0)[0]
        if now == target:
            return
        token1 = quote if token0 == base else base
        paid, bought = (token0, token1) if target < now else (token1, token0)
        swap = (paid, bought, FEE, self.key.address, 1 << 120, 0, target)
        self.send(self.venues.fixtures.router, ROUTER.abi.encode_call("exactInputSingle", swap))

    def v2_factory(self) -> str:
        return self.deploy(V2_FACTORY, self.key.address)

    def v2_pair(self, factory: str, base: str, quote: str, price: Fraction, depth: int) -> str:
        self.send(factory, V2_FACTORY.abi.encode_call("createPair", base, quote))
        get = V2_FACTORY.abi.encode_call("getPair", base, quote)
        pair = V2_FACTORY.abi.decode_result("getPair", self.chain.call(factory, get))
        transfer = TOKEN.abi.encode_call
        self.send(quote, transfer("transfer", pair, depth))
        self.send(base, transfer("transfer", pair, int(depth / price)))
        self.send(pair, PAIR.abi.encode_call("mint", self.key.address))
        return str(pair)

    def _allow(self, spender: str, amounts: dict[str, int]) -> None:
        for token, amount in amounts.items():
            self.send(token, TOKEN.abi.encode_call("approve", spender, amount))


def sqrt_price(price: Fraction) -> int:
    """Token1 for a token0, as a V3 pool has it: its root × 2^96."""
    return isqrt((price.numerator << 192) // price.denominator)
