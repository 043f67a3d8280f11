"""Uniswap's pairs and pools, brought to the state of a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from eth_abi.abi import encode

from macrostrike.arbitrage import ConcentratedPool, ConstantProductPool
from macrostrike.arbitrage.pools._ticks import MAX_SQRT_PRICE, MIN_SQRT_PRICE, sqrt_price_at
from macrostrike.build import Contract

from ...evm import FOREVER, ZERO
from .chain import RICH, Chain, RealPool, contract, token_contract

_V2 = "@uniswap/v2-core/build"
_V3 = "@uniswap/v3-core/artifacts/contracts"
_V4 = "@uniswap/v4-core/out"


class RealPair(RealPool):
    """A Uniswap V2 pair."""

    def __init__(self, chain: Chain, model: ConstantProductPool) -> None:
        factory = with_fee(contract(f"{_V2}/UniswapV2Factory.json"), model.fee)
        made = chain.deploy(factory, ZERO)
        for token in model.tokens:
            chain.token(token)
        address = chain.trade(made, factory, "createPair", *model.tokens)
        super().__init__(chain, address)
        for token, reserve in zip(model.tokens, model.reserves, strict=True):
            chain.pay(token, address, reserve)
        chain.trade(address, _pair(), "sync")
        self._model = model
        assert self.reserves() == model.reserves

    def reserves(self) -> tuple[int, int]:
        reserve0, reserve1, _ = self.chain.ask(_pair(), self.address, "getReserves")
        return reserve0, reserve1

    def _swap(self, token_in: str, token_out: str, amount_in: int) -> None:
        # A pair has no price of its own: it grants what its rule allows, and not a unit more.
        self.ask(token_in, amount_in, self._model.amount_out(token_in, token_out, amount_in))

    def ask(self, token_in: str, amount_in: int, amount_out: int) -> None:
        """Pays and asks for so much."""
        self.chain.pay(token_in, self.address, amount_in)
        wanted = (0, amount_out) if token_in == self._model.tokens[0] else (amount_out, 0)
        self.chain.trade(self.address, _pair(), "swap", *wanted, self.chain.trader, b"")


class RealV3Pool(RealPool):
    """A Uniswap V3 pool, one position for each range between two ticks."""

    def __init__(self, chain: Chain, model: ConcentratedPool) -> None:
        factory, at = contract(f"{_V3}/UniswapV3Factory.sol/UniswapV3Factory.json"), model
        made = chain.deploy(factory)
        for token in model.tokens:
            chain.token(token)
        if not chain.ask(factory, made, "feeAmountTickSpacing", model.fee):
            chain.tell(factory, made, "enableFeeAmount", model.fee, model.ticks.spacing)
        super().__init__(chain, chain.trade(made, factory, "createPool", *model.tokens, model.fee))
        # On a tick's price exactly, a tick is crossed or not: a falling price has crossed it.
        crossed = sqrt_price_at(at.tick + 1) == at.sqrt_price
        chain.trade(self.address, _v3_pool(), "initialize", at.sqrt_price + crossed)
        self._data = encode(["address", "address"], list(model.tokens))
        self._token0 = model.tokens[0]
        for (lower, upper), liquidity in positions(model):
            chain.trade(
                self.address, _v3_pool(), "mint", chain.trader, lower, upper, liquidity, self._data
            )
        if crossed:
            self._trade(down=True, amount_in=RICH >> 1, limit=at.sqrt_price)
        assert chain.ask(_v3_pool(), self.address, "slot0")[:2] == (at.sqrt_price, at.tick)
        assert chain.ask(_v3_pool(), self.address, "liquidity") == at.liquidity

    def _swap(self, token_in: str, token_out: str, amount_in: int) -> None:
        down = token_in == self._token0
        limit = MIN_SQRT_PRICE + 1 if down else MAX_SQRT_PRICE - 1
        self._trade(down=down, amount_in=amount_in, limit=limit)

    def _trade(self, *, down: bool, amount_in: int, limit: int) -> None:
        arguments = (self.chain.trader, down, amount_in, limit, self._data)
        self.chain.trade(self.address, _v3_pool(), "swap", *arguments)


class RealV4Pool(RealPool):
    """A Uniswap V4 pool without hooks, traded through the test router that comes with it."""

    def __init__(self, chain: Chain, model: ConcentratedPool) -> None:
        super().__init__(chain, chain.deploy(_manager(), chain.trader))
        modifier = contract(
            f"{_V4}/PoolModifyLiquidityTestNoChecks.sol/PoolModifyLiquidityTestNoChecks.json"
        )
        self._router = contract(f"{_V4}/PoolSwapTest.sol/PoolSwapTest.json")
        self._at = chain.deploy(self._router, self.address)
        liquidity_at = chain.deploy(modifier, self.address)
        for token in model.tokens:
            chain.token(token)
            for spender in (self._at, liquidity_at):
                chain.trade(token, token_contract(), "approve", spender, FOREVER)
        self._key = (*model.tokens, model.fee, model.ticks.spacing, ZERO)
        chain.trade(self.address, _manager(), "initialize", self._key, model.sqrt_price)
        modify = (
            "modifyLiquidity((address,address,uint24,int24,address),"
            "(int24,int24,int256,bytes32),bytes)"
        )
        if any(model.protocol_fees):
            tell, (zero, one) = chain.trade, model.protocol_fees
            tell(self.address, _manager(), "setProtocolFeeController", chain.trader)
            tell(self.address, _manager(), "setProtocolFee", self._key, one << 12 | zero)
        for (lower, upper), liquidity in positions(model):
            change = (lower, upper, liquidity, bytes(32))
            chain.trade(liquidity_at, modifier, modify, self._key, change, b"")

    def _swap(self, token_in: str, token_out: str, amount_in: int) -> None:
        down = token_in == self._key[0]
        limit = MIN_SQRT_PRICE + 1 if down else MAX_SQRT_PRICE - 1
        swap = (down, -amount_in, limit)
        self.chain.trade(self._at, self._router, "swap", self._key, swap, (False, False), b"")


def positions(model: ConcentratedPool) -> Iterator[tuple[tuple[int, int], int]]:
    """Ranges and liquidity that add up to the pool's ticks."""
    ranges = zip(pairwise(model.ticks.ticks), model.ticks.liquidity[1:], strict=False)
    return ((between, liquidity) for between, liquidity in ranges if liquidity)


def with_fee(factory: Contract, fee: int) -> Contract:
    """Uniswap's factory, or a fork's: the same code with other numbers, here 1 of 400 for 3 of
    1,000, which is what 25 of 10,000 come to."""
    if fee == 3000:
        return factory
    assert fee == 2500, f"no fork is known that takes {fee} millionths"
    code = factory.creation
    multiply = bytes.fromhex("63ffffffff6121e816")
    for uniswap, fork, times in (
        (b"\x61\x03\xe8" + multiply, b"\x61\x01\x90" + multiply, 1),
        (b"\x60\x03" + multiply, b"\x60\x01" + multiply, 2),
        (b"\x62\x0f\x42\x40", b"\x62\x02\x71\x00", 1),
    ):
        assert code.count(uniswap) == times
        code = code.replace(uniswap, fork)
    return replace(factory, creation=code)


def _pair() -> Contract:
    return contract(f"{_V2}/UniswapV2Pair.json")


def _v3_pool() -> Contract:
    return contract(f"{_V3}/UniswapV3Pool.sol/UniswapV3Pool.json")


def _manager() -> Contract:
    return contract(f"{_V4}/PoolManager.sol/PoolManager.json")
