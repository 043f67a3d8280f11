"""Real pools in this process, brought to a given state by their own functions.

A pool's tokens are plain ERC-20s laid where the pool has them, so that each pool keeps the order
of its tokens and their decimals. Everything else is what was deployed on mainnet: Uniswap's and
Balancer's own bytecode, brought to its state by deposits, `sync`, `initialize`, `mint` and joins.
Nothing is written into a pool's storage.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.abi import Abi
from macrostrike.arbitrage import (
    ConcentratedPool,
    ConstantProductPool,
    Pool,
    StablePool,
    WeightedPool,
)
from macrostrike.arbitrage.pools._ticks import MAX_SQRT_PRICE, MIN_SQRT_PRICE, sqrt_price_at
from macrostrike.build import NPM, Contract
from macrostrike.chain import RevmTransport

from ..evm import FOREVER, ZERO, Payer, Sender, put_code, put_word, typed_errors, undone

RICH = 1 << 160
_BALANCE_SLOT = 4
_V2 = "@uniswap/v2-core/build"
_V3 = "@uniswap/v3-core/artifacts/contracts"
_V4 = "@uniswap/v4-core/out"
_BALANCER = "@balancer-labs/v2-deployments/dist/tasks"
_INIT_JOIN = 0
_MONTH = 30 * 86_400


@cache
def contract(path: str) -> Contract:
    """A contract of an npm package, by its file."""
    content = json.loads((NPM / path).read_text(encoding="utf-8"))
    code = {key: content.get(key, "0x") for key in ("bytecode", "deployedBytecode")}
    creation, runtime = (
        bytes.fromhex((value["object"] if isinstance(value, dict) else value).removeprefix("0x"))
        for value in code.values()
    )
    return Contract(path.rpartition("/")[2][:-5], Abi(content["abi"]), creation, runtime)


def _trader_code(owner: str) -> bytes:
    """A trader that does what its owner says, and pays what a pool asks for in its callback.

    From the owner: a target, as one word, and what to call it with. From anyone else:
    callback(int256 amount0, int256 amount1, bytes data), data being both tokens' addresses.
    """
    code = b"\x33\x73" + bytes.fromhex(owner[2:]) + b"\x14"
    pays = b""
    start = len(code) + 4
    for amount, token in ((0x04, 0x84), (0x24, 0xA4)):
        # Where the amount is over zero: token.transfer(msg.sender, amount)
        head = bytes.fromhex(f"60{amount:02x}3580600012" + "15")
        pay = bytes.fromhex(
            f"63a9059cbb60e01b6000523360045280602452600060006044600060 00 60{token:02x}355af150"
        )
        end = start + len(pays) + len(head) + 4 + len(pay)
        pays += head + b"\x61" + end.to_bytes(2, "big") + b"\x57" + pay + b"\x5b\x50"
    forward = start + len(pays) + 1
    code += b"\x61" + forward.to_bytes(2, "big") + b"\x57" + pays + b"\x00"
    # Copies the rest of the call, calls, hands back what came back.
    code += bytes.fromhex("5b602036038060206000376000600082600060006000355af13d600060003e3d600082")
    return code + b"\x61" + (len(code) + 5).to_bytes(2, "big") + b"\x57\xfd\x5b\xf3"


class Chain(Payer):
    """A chain with a trader who holds plenty of every token. The caller owns all that is made."""

    def __init__(self) -> None:
        self.evm = RevmTransport()
        super().__init__(self.evm, Sender("0x" + "0e" * 20))
        self.trader = to_checksum_address("0x" + "7a" * 20)
        put_code(self.evm, self.trader, _trader_code(self.address))
        self._token_code = self.evm.code(self.deploy(_token()))

    def trade(self, to: str, what: Contract, function: str, *arguments: object) -> Any:
        """A transaction of the trader's, and what it answers."""
        data = encode(["address"], [to]) + what.abi.encode_call(function, *arguments)
        with typed_errors():
            answer = self.evm.call(self.trader, data, sender=self.address, pending=True)
        self.send(self.trader, data)
        return what.abi.decode_result(function, answer)

    def token(self, address: str, decimals: int = 18) -> str:
        """Lays a token there, unless it is there already: then it keeps its decimals."""
        if not self.evm.code(address):
            put_code(self.evm, address, self._token_code)
            self.tell(_token(), address, "initialize", "Token", "TKN", decimals)
            slot = keccak(encode(["address", "uint256"], [self.trader, _BALANCE_SLOT]))
            put_word(self.evm, address, int.from_bytes(slot, "big"), RICH)
            assert self.balance(address) == RICH
        return address

    def balance(self, token: str, holder: str | None = None) -> int:
        return int(self.ask(_token(), token, "balanceOf", holder or self.trader))

    def pay(self, token: str, to: str, amount: int) -> None:
        self.trade(token, _token(), "transfer", to, amount)

    def put_answer(self, address: str, value: int) -> str:
        """A contract that answers everything with one number: a rate provider."""
        code = b"\x7f" + value.to_bytes(32, "big") + bytes.fromhex("60005260206000f3")
        put_code(self.evm, address, code)
        return address


class NotTaken(Exception):
    """A pool took another amount than it was given."""


class RealPool(ABC):
    """A deployed pool in the state that a model says."""

    def __init__(self, chain: Chain, address: str) -> None:
        self.chain = chain
        self.address = address

    def swap(self, token_in: str, token_out: str, amount_in: int) -> int:
        """The trader swaps: what they receive, measured.

        Raises `ContractError` on a revert, and `NotTaken`.
        """
        before = [self.chain.balance(token) for token in (token_in, token_out)]
        self._swap(token_in, token_out, amount_in)
        after = [self.chain.balance(token) for token in (token_in, token_out)]
        if before[0] - after[0] != amount_in:
            raise NotTaken(before[0] - after[0])
        return after[1] - before[1]

    def quote(self, token_in: str, token_out: str, amount_in: int) -> int:
        """As `swap`, but taken back."""
        with undone(self.chain.evm):
            return self.swap(token_in, token_out, amount_in)

    @abstractmethod
    def _swap(self, token_in: str, token_out: str, amount_in: int) -> None:
        """As the pool's venue does it."""


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
                chain.trade(token, _token(), "approve", spender, FOREVER)
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


class Vault:
    """Balancer's Vault, with what its pools need around it."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        authorizer = chain.deploy(
            contract(f"{_BALANCER}/20210418-authorizer/artifact/Authorizer.json"), chain.trader
        )
        self.contract = contract(f"{_BALANCER}/20210418-vault/artifact/Vault.json")
        self.address = chain.deploy(self.contract, authorizer, ZERO, 3 * _MONTH, _MONTH)
        self._fees = chain.deploy(
            contract(
                f"{_BALANCER}/20220725-protocol-fee-percentages-provider/artifact/"
                "ProtocolFeePercentagesProvider.json"
            ),
            self.address,
            10**18,
            10**18,
        )

    def weighted(self, model: WeightedPool) -> RealBalancerPool:
        """A pool of the first version by its factory, of the second by its own constructor."""
        tokens, weights = self._lay(model.tokens, model.decimals), model.weights
        if model.version == 1:
            made = self._by_factory(
                "deprecated/20210418-weighted-pool/artifact/WeightedPoolFactory.json",
                *("Pool", "BPT", tokens, weights, model.fee, self.chain.trader),
            )
        else:
            none = [ZERO] * len(tokens)
            made = self.chain.deploy(
                contract(f"{_BALANCER}/20230206-weighted-pool-v3/artifact/WeightedPool.json"),
                ("Pool", "BPT", tokens, weights, none, none, model.fee),
                *(self.address, self._fees, 3 * _MONTH, _MONTH, self.chain.trader, ""),
            )
        return RealBalancerPool(self, made, model.tokens, model.balances)

    def stable(self, model: StablePool, decimals: Sequence[int]) -> RealBalancerPool:
        """A stable pool of 2021 in the first version, a composable one in the second."""
        tokens = self._lay(model.tokens, decimals)
        amplification, odd = divmod(model.amplification, 1000)
        assert not odd, "pools are made with whole amplifications"
        rates = [scale // 10 ** (18 - d) for scale, d in zip(model.scales, decimals, strict=True)]
        if model.version == 1:
            assert set(rates) == {10**18}, "the stable pools of 2021 know no rates"
            made = self._by_factory(
                "deprecated/20210624-stable-pool/artifact/StablePoolFactory.json",
                *("Pool", "BPT", tokens, amplification, model.fee, self.chain.trader),
            )
            return RealBalancerPool(self, made, model.tokens, model.balances)
        providers = [self._rate_provider(rate) for rate in rates]
        zeros = [0] * len(tokens)
        parameters = (
            *(self.address, self._fees, "Pool", "BPT", tokens, providers, zeros),
            *([False] * len(tokens), amplification, model.fee),
            *(3 * _MONTH, _MONTH, self.chain.trader, ""),
        )
        path = "20230206-composable-stable-pool-v3/artifact/ComposableStablePool.json"
        made = self.chain.deploy(contract(f"{_BALANCER}/{path}"), parameters)
        return RealBalancerPool(self, made, model.tokens, model.balances)

    def _lay(self, tokens: Sequence[str], decimals: Sequence[int]) -> list[str]:
        for token, places in zip(tokens, decimals, strict=True):
            self.chain.token(token, places)
            self.chain.trade(token, _token(), "approve", self.address, FOREVER)
        return list(tokens)

    def _by_factory(self, path: str, *arguments: object) -> str:
        factory = contract(f"{_BALANCER}/{path}")
        at = self.chain.deploy(factory, self.address)
        made: str = self.chain.trade(at, factory, "create", *arguments)
        return made

    def _rate_provider(self, rate: int) -> str:
        if rate == 10**18:
            return ZERO
        address = to_checksum_address(keccak(rate.to_bytes(32, "big"))[12:])
        return self.chain.put_answer(address, rate)


class RealBalancerPool(RealPool):
    """A pool of the Vault, joined once with all its balances."""

    def __init__(
        self, vault: Vault, address: str, tokens: Sequence[str], balances: Sequence[int]
    ) -> None:
        super().__init__(vault.chain, address)
        self._vault = vault
        pool = contract(f"{_BALANCER}/20230206-weighted-pool-v3/artifact/WeightedPool.json")
        self._id = self.chain.ask(pool, address, "getPoolId")
        registered = self._registered()[0]
        # A composable pool's own share is one of its tokens, and no account can bring it.
        amounts = [dict(zip(tokens, balances, strict=True)).get(token, 0) for token in registered]
        data = encode(["uint256", "uint256[]"], [_INIT_JOIN, amounts])
        request = (list(registered), [FOREVER] * len(registered), data, False)
        trader = self.chain.trader
        self._send("joinPool", self._id, trader, trader, request)
        kept = dict(zip(*self._registered()[:2], strict=True))
        assert [kept[token] for token in tokens] == list(balances)

    def _registered(self) -> Any:
        return self._send("getPoolTokens", self._id)

    def _swap(self, token_in: str, token_out: str, amount_in: int) -> None:
        trader = self.chain.trader
        given_in = (self._id, 0, token_in, token_out, amount_in, b"")
        self._send("swap", given_in, (trader, False, trader, False), 0, FOREVER)

    def _send(self, function: str, *arguments: object) -> Any:
        return self.chain.trade(self._vault.address, self._vault.contract, function, *arguments)


def positions(model: ConcentratedPool) -> Iterator[tuple[tuple[int, int], int]]:
    """Ranges and liquidity that add up to the pool's ticks."""
    ranges = zip(pairwise(model.ticks.ticks), model.ticks.liquidity[1:], strict=False)
    return ((between, liquidity) for between, liquidity in ranges if liquidity)


def rebuilt(chain: Chain, vault: Vault, pool: Pool, decimals: Sequence[int]) -> RealPool:
    """The real pool in a model's state."""
    if isinstance(pool, ConstantProductPool):
        return RealPair(chain, pool)
    if isinstance(pool, ConcentratedPool):
        return RealV3Pool(chain, pool)
    if isinstance(pool, WeightedPool):
        return vault.weighted(pool)
    assert isinstance(pool, StablePool)
    return vault.stable(pool, decimals)


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


def _token() -> Contract:
    return contract(f"{_V4}/MockERC20.sol/MockERC20.json")


def _pair() -> Contract:
    return contract(f"{_V2}/UniswapV2Pair.json")


def _v3_pool() -> Contract:
    return contract(f"{_V3}/UniswapV3Pool.sol/UniswapV3Pool.json")


def _manager() -> Contract:
    return contract(f"{_V4}/PoolManager.sol/PoolManager.json")
