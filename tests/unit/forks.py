"""Forks of Uniswap: its own bytecode, but that the callback has another name."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike.build import Contract

from ..arbitrage.real import trader_code
from .environment import Env
from .pools import FACTORY as V3_FACTORY
from .pools import FEE, FULL_RANGE, PAIR, V2_FACTORY, in_order
from .pools import POOL as V3_POOL

V3_ARGUMENTS, V2_ARGUMENTS = "(int256,int256,bytes)", "(address,uint256,uint256,bytes)"
_PUSH4 = b"\x63"


def selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]


def renamed(contract: Contract, old: str, new: str) -> Contract:
    """The same contract, calling back by another name."""
    code = contract.creation
    assert _PUSH4 + selector(old) in code
    changed = code.replace(_PUSH4 + selector(old), _PUSH4 + selector(new))
    return replace(contract, creation=changed)


def v2_fork(name: str) -> Contract:
    return renamed(V2_FACTORY, f"uniswapV2Call{V2_ARGUMENTS}", f"{name}{V2_ARGUMENTS}")


def v3_fork(name: str) -> Contract:
    return renamed(V3_FACTORY, f"uniswapV3SwapCallback{V3_ARGUMENTS}", f"{name}{V3_ARGUMENTS}")


class Forks:
    """Deploys forks and their pools on two tokens: 1,000 ether at a price in dollars."""

    def __init__(self, env: Env) -> None:
        self.env, self.by = env, env.caller(env.world.venues.maker)
        self.tokens = in_order(env.base, env.quote)

    def v2(self, name: str, price: int) -> tuple[str, str]:
        """Factory and pair."""
        factory = self.env.deploy(v2_fork(name), self.by.address)
        pair = str(self.by.get(V2_FACTORY, factory, "createPair", *self.tokens))
        self.env.give(pair, quote=1000 * price * 10**6, base=1000 * 10**18)
        self.by.tell(PAIR, pair, "mint", self.by.address)
        return factory, pair

    def v3(self, name: str, price: int, memory: int = 100) -> tuple[str, str]:
        """Factory and pool."""
        factory = self.env.deploy(v3_fork(name))
        pool = str(self.by.get(V3_FACTORY, factory, "createPool", *self.tokens, FEE))
        amounts = {self.env.base: 1000 * 10**18, self.env.quote: 1000 * price * 10**6}
        both = [amounts[token] for token in self.tokens]
        self.by.tell(V3_POOL, pool, "initialize", isqrt((both[1] << 192) // both[0]))
        self.by.tell(V3_POOL, pool, "increaseObservationCardinalityNext", memory)
        trader = self._trader()
        self.env.give(trader, quote=2 * 1000 * price * 10**6, base=2 * 1000 * 10**18)
        data = encode(["address", "address"], self.tokens)
        liquidity = isqrt(both[0] * both[1])
        mint = (trader, -FULL_RANGE, FULL_RANGE, liquidity, data)
        call = V3_POOL.abi.encode_call("mint", *mint)
        self.by.send(trader, encode(["address"], [pool]) + call)
        return factory, pool

    def _trader(self) -> str:
        """Pays whatever a pool asks for, by whatever name it is called."""
        code = trader_code(self.by.address)
        head = b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("80600c6000396000f3")
        return self.by.create(head + code)
