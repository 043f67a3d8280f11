"""A real Uniswap V4: its manager, and the test routers that come with it."""

from __future__ import annotations

from math import isqrt

from eth_account.signers.local import LocalAccount

from macrostrike.build import Contract, npm
from macrostrike.chain import LocalTransport

from ..pools import TOKEN

ZERO = "0x" + "00" * 20

_OUT = "@uniswap/v4-core/out"
V4_MANAGER = npm(f"{_OUT}/PoolManager.sol/PoolManager.json")
LIQUIDITY = npm(f"{_OUT}/PoolModifyLiquidityTest.sol/PoolModifyLiquidityTest.json")
SWAP = npm(f"{_OUT}/PoolSwapTest.sol/PoolSwapTest.json")
WETH = npm("@uniswap/v2-periphery/build/WETH9.json")
FOREVER = (1 << 256) - 1
SPACING = 60
EDGE = 887_220  # the last tick that the spacing divides
_GAS = 30_000_000
_MIN_SQRT, _MAX_SQRT = 4295128739, 1461446703485210103287273052203988822378723970342
_MODIFY = (
    "modifyLiquidity((address,address,uint24,int24,address),(int24,int24,int256,bytes32),bytes)"
)

Key = tuple[str, str, int, int, str]


class V4:
    """Whoever makes pools on the manager and trades on them. Ether goes in and out as WETH."""

    def __init__(self, chain: LocalTransport, maker: LocalAccount, weth: str) -> None:
        self.chain, self.maker, self.weth = chain, maker, weth
        self.manager = self._deploy(V4_MANAGER, maker.address)
        self.liquidity = self._deploy(LIQUIDITY, self.manager)
        self.swapper = self._deploy(SWAP, self.manager)

    def allow(self, token: str) -> None:
        for spender in (self.liquidity, self.swapper):
            self._send(token, TOKEN.abi.encode_call("approve", spender, FOREVER))

    def create(self, key: Key, amounts: dict[str, int]) -> None:
        """A pool over all prices, with so much of each token."""
        amount0, amount1 = amounts[key[0]], amounts[key[1]]
        root = isqrt((amount1 << 192) // amount0)
        self._send(self.manager, V4_MANAGER.abi.encode_call("initialize", key, root))
        change = (-EDGE, EDGE, isqrt(amount0 * amount1), bytes(32))
        value = amount0 + 1 if key[0] == ZERO else 0
        self._send(self.liquidity, LIQUIDITY.abi.encode_call(_MODIFY, key, change, b""), value)

    def swap(self, key: Key, down: bool, amount: int) -> None:
        pays_ether = down and key[0] == ZERO
        if pays_ether:
            self._send(self.weth, WETH.abi.encode_call("withdraw", amount))
        before = self.chain.balance(self.maker.address)
        swap = (down, -amount, _MIN_SQRT + 1 if down else _MAX_SQRT - 1)
        call = SWAP.abi.encode_call("swap", key, swap, (False, False), b"")
        self._send(self.swapper, call, amount if pays_ether else 0)
        got = self.chain.balance(self.maker.address) - before
        if got > 0:
            self._send(self.weth, WETH.abi.encode_call("deposit"), got)

    def _deploy(self, contract: Contract, *args: object) -> str:
        created = self._send(None, contract.create(*args))
        assert created is not None
        return created

    def _send(self, to: str | None, data: bytes, value: int = 0) -> str | None:
        return self.chain.send(self.maker, to, data, value=value, gas=_GAS).contract_address
