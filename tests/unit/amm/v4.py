"""A real Uniswap V4: its manager, and the test routers that come with it."""

from __future__ import annotations

from fractions import Fraction
from itertools import count
from math import isqrt

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike.abi import interface
from macrostrike.build import PROXY, Contract, create2_address, npm
from macrostrike.chain import LocalTransport, Signer

from ...evm import FOREVER, ZERO, Caller, Payer
from ..pools import FULL_RANGE, TOKEN

_OUT = "@uniswap/v4-core/out"
V4_MANAGER = npm(f"{_OUT}/PoolManager.sol/PoolManager.json")
LIQUIDITY = npm(f"{_OUT}/PoolModifyLiquidityTest.sol/PoolModifyLiquidityTest.json")
SWAP = npm(f"{_OUT}/PoolSwapTest.sol/PoolSwapTest.json")
WETH = npm("@uniswap/v2-periphery/build/WETH9.json")
SPACING = 60
BEFORE_SWAP, AFTER_SWAP, AFTER_INITIALIZE = 1 << 7, 1 << 6, 1 << 12
CHANGES_AMOUNTS = 1 << 3 | 1 << 2
_PERMISSIONS = (1 << 14) - 1
_POOLS_SLOT = 6  # of the manager's storage
_MAX_IN = 1 << 100
_MIN_SQRT, _MAX_SQRT = 4295128739, 1461446703485210103287273052203988822378723970342
_MODIFY = (
    "modifyLiquidity((address,address,uint24,int24,address),(int24,int24,int256,bytes32),bytes)"
)

Key = tuple[str, str, int, int, str]


def deploy_hooks(by: Caller, contract: Contract, called: int) -> str:
    """Hooks that pools call at these moments, which are bits of their address."""
    code = contract.create()
    salts = (number.to_bytes(32, "big") for number in count())
    salt, hooks = next(
        (salt, at)
        for salt in salts
        if int(at := create2_address(salt, code), 16) & _PERMISSIONS == called
    )
    by.send(PROXY, salt + code)
    return hooks


class V4(Payer):
    """Makes pools on the manager and trades on them. Ether goes in and out as WETH."""

    def __init__(self, chain: LocalTransport, key: Signer, weth: str) -> None:
        super().__init__(chain, key)
        self.weth = weth
        self.manager = self.deploy(V4_MANAGER, key.address)
        self.liquidity = self.deploy(LIQUIDITY, self.manager)
        self.swapper = self.deploy(SWAP, self.manager)

    def allow(self, token: str) -> None:
        for spender in (self.liquidity, self.swapper):
            self.tell(TOKEN, token, "approve", spender, FOREVER)

    def create_pool(self, key: Key, amounts: dict[str, int]) -> None:
        """A pool over all prices, with so much of each token."""
        amount0, amount1 = amounts[key[0]], amounts[key[1]]
        self.tell(V4_MANAGER, self.manager, "initialize", key, isqrt((amount1 << 192) // amount0))
        change = (-FULL_RANGE, FULL_RANGE, isqrt(amount0 * amount1), bytes(32))
        value = amount0 + 1 if key[0] == ZERO else 0
        self.tell(LIQUIDITY, self.liquidity, _MODIFY, key, change, b"", value=value)

    def sqrt_price(self, key: Key) -> int:
        """As the manager has it of a pool."""
        pool_id = keccak(encode(["address", "address", "uint24", "int24", "address"], key))
        slot = keccak(pool_id + _POOLS_SLOT.to_bytes(32, "big"))
        word = self.ask(interface("IPoolManager"), self.manager, "extsload", slot)
        return int.from_bytes(word, "big") & ((1 << 160) - 1)

    def move(self, key: Key, price: Fraction) -> None:
        """Trades on a pool of tokens until the price, token1 for a token0, is that."""
        target = isqrt((price.numerator << 192) // price.denominator)
        now = self.sqrt_price(key)
        if now != target:
            swap = (target < now, -_MAX_IN, target)
            self.tell(SWAP, self.swapper, "swap", key, swap, (False, False), b"")

    def swap(self, key: Key, down: bool, amount: int) -> None:
        pays_ether = down and key[0] == ZERO
        if pays_ether:
            self.tell(WETH, self.weth, "withdraw", amount)
        before = self.chain.balance(self.address)
        swap = (down, -amount, _MIN_SQRT + 1 if down else _MAX_SQRT - 1)
        value = amount if pays_ether else 0
        self.tell(SWAP, self.swapper, "swap", key, swap, (False, False), b"", value=value)
        got = self.chain.balance(self.address) - before
        if got > 0:
            self.tell(WETH, self.weth, "deposit", value=got)
