"""A real Uniswap V4: its manager, and the test routers that come with it."""

from __future__ import annotations

from math import isqrt
from typing import Any

from macrostrike.deploy._contracts import npm

from ..scene import TOKEN, ZERO, Scene

_OUT = "@uniswap/v4-core/out"
V4_MANAGER = npm(f"{_OUT}/PoolManager.sol/PoolManager.json")
LIQUIDITY = npm(f"{_OUT}/PoolModifyLiquidityTest.sol/PoolModifyLiquidityTest.json")
SWAP = npm(f"{_OUT}/PoolSwapTest.sol/PoolSwapTest.json")
WETH = npm("@uniswap/v2-periphery/build/WETH9.json")
FOREVER = (1 << 256) - 1
SPACING = 60
EDGE = 887_220  # the last tick that the spacing divides
_MIN_SQRT, _MAX_SQRT = 4295128739, 1461446703485210103287273052203988822378723970342
_MODIFY = (
    "modifyLiquidity((address,address,uint24,int24,address),(int24,int24,int256,bytes32),bytes)"
)

Key = tuple[str, str, int, int, str]


class V4:
    """Whoever makes pools on the manager and trades on them. Ether goes in and out as WETH."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.maker = scene, scene.world.venues.maker
        self.manager = scene.deploy(V4_MANAGER, self.maker.address)
        self.liquidity = scene.deploy(LIQUIDITY, self.manager)
        self.swapper = scene.deploy(SWAP, self.manager)

    def allow(self, token: str) -> None:
        for spender in (self.liquidity, self.swapper):
            self.scene.tell(self.maker, TOKEN.abi, token, "approve", spender, FOREVER)

    def create(self, key: Key, amounts: dict[str, int]) -> None:
        """A pool over all prices, with so much of each token."""
        amount0, amount1 = amounts[key[0]], amounts[key[1]]
        root = isqrt((amount1 << 192) // amount0)
        self.scene.tell(self.maker, V4_MANAGER.abi, self.manager, "initialize", key, root)
        change = (-EDGE, EDGE, isqrt(amount0 * amount1), bytes(32))
        value = amount0 + 1 if key[0] == ZERO else 0
        self._send(self.liquidity, LIQUIDITY.abi.encode_call(_MODIFY, key, change, b""), value)

    def swap(self, key: Key, down: bool, amount: int) -> None:
        pays_ether = down and key[0] == ZERO
        weth, maker = self.scene.base, self.maker
        if pays_ether:
            self.scene.tell(maker, WETH.abi, weth, "withdraw", amount)
        before = self.scene.chain.balance(maker.address)
        swap = (down, -amount, _MIN_SQRT + 1 if down else _MAX_SQRT - 1)
        call = SWAP.abi.encode_call("swap", key, swap, (False, False), b"")
        self._send(self.swapper, call, amount if pays_ether else 0)
        got = self.scene.chain.balance(maker.address) - before
        if got > 0:
            self._send(weth, WETH.abi.encode_call("deposit"), got)

    def _send(self, to: str, data: bytes, value: int) -> Any:
        receipt = self.scene.chain.send(self.maker, to, data, value=value)
        self.scene.times[receipt.block_number] = receipt.timestamp
        return receipt
