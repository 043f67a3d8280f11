"""Where pools of concentrated liquidity keep their state: each in itself, or all in a manager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from eth_utils.crypto import keccak

from macrostrike.arbitrage._block import Block, Question
from macrostrike.types import ZERO_ADDRESS, Pool

_GAS_V3, _GAS_V4, _GAS_V4_ETHER = 108_163, 86_772, 99_697
_POOLS_SLOT = 6  # of the manager's storage
_LIQUIDITY, _TICKS, _BITMAP = 3, 4, 5  # words after a pool's first


class State(NamedTuple):
    """A pool, but for its ticks. `unlike` is why it is no pool of this kind, if it isn't."""

    sqrt_price: int
    tick: int
    liquidity: int
    spacing: int
    fee: int
    unlike: str = ""


class Store(Protocol):
    """Asks for parts of pools."""

    def states(self, block: Block, pools: Sequence[Pool]) -> list[State]:
        """All but the ticks."""

    def swap_gas(self, pool: Pool) -> int:
        """What a swap costs, as part of a longer transaction. Measured."""

    def bitmap(self, pool: Pool, word: int) -> Question:
        """Which ticks of a word are in use."""

    def tick(self, pool: Pool, tick: int) -> Question:
        """What a tick has."""

    def bits(self, answer: Any) -> int:
        """The bitmap's answer."""

    def net(self, answer: Any) -> int:
        """What a rising price gains, of the tick's answer."""


@dataclass(frozen=True, slots=True)
class InItself:
    """Uniswap V3."""

    def states(self, block: Block, pools: Sequence[Pool]) -> list[State]:
        asked = block.ask(
            [
                (pool.pool, function, ())
                for pool in pools
                for function in ("slot0", "liquidity", "tickSpacing")
            ]
        )
        return [
            State(price, tick, liquidity, spacing, pool.fee)
            for pool, (price, tick, *_), liquidity, spacing in zip(
                pools, asked[::3], asked[1::3], asked[2::3], strict=True
            )
        ]

    def swap_gas(self, pool: Pool) -> int:
        return _GAS_V3

    def bitmap(self, pool: Pool, word: int) -> Question:
        return pool.pool, "tickBitmap", (word,)

    def tick(self, pool: Pool, tick: int) -> Question:
        return pool.pool, "ticks", (tick,)

    def bits(self, answer: Any) -> int:
        return int(answer)

    def net(self, answer: Any) -> int:
        _, net, *_ = answer
        return int(net)


@dataclass(frozen=True, slots=True)
class InManager:
    """Uniswap V4: read word by word, from the manager's storage."""

    def states(self, block: Block, pools: Sequence[Pool]) -> list[State]:
        asked = block.ask([_word(pool, _at(pool, n)) for pool in pools for n in (0, _LIQUIDITY)])
        states = []
        for pool, first, liquidity in zip(pools, asked[::2], asked[1::2], strict=True):
            word = int.from_bytes(first, "big")
            unlike = ""
            if pool.hooks != ZERO_ADDRESS:
                unlike = f"it has hooks, {pool.hooks}"
            elif word >> 184 & 0xFFFFFF:
                unlike = "it has a protocol fee"
            states.append(
                State(
                    sqrt_price=word & ((1 << 160) - 1),
                    tick=_signed(word >> 160, 24),
                    liquidity=int.from_bytes(liquidity, "big"),
                    spacing=pool.tick_spacing,
                    fee=word >> 208 & 0xFFFFFF,
                    unlike=unlike,
                )
            )
        return states

    def swap_gas(self, pool: Pool) -> int:
        return _GAS_V4_ETHER if pool.token0 == ZERO_ADDRESS else _GAS_V4

    def bitmap(self, pool: Pool, word: int) -> Question:
        return _word(pool, _mapped(word, _at(pool, _BITMAP)))

    def tick(self, pool: Pool, tick: int) -> Question:
        return _word(pool, _mapped(tick, _at(pool, _TICKS)))

    def bits(self, answer: Any) -> int:
        return int.from_bytes(answer, "big")

    def net(self, answer: Any) -> int:
        return _signed(int.from_bytes(answer, "big") >> 128, 128)


def _word(pool: Pool, slot: int) -> Question:
    return pool.pool, "extsload", (slot.to_bytes(32, "big"),)


def _at(pool: Pool, word: int) -> int:
    return int.from_bytes(keccak(pool.pool_id + _POOLS_SLOT.to_bytes(32, "big")), "big") + word


def _mapped(key: int, slot: int) -> int:
    packed = key.to_bytes(32, "big", signed=True) + slot.to_bytes(32, "big")
    return int.from_bytes(keccak(packed), "big")


def _signed(word: int, bits: int) -> int:
    low = word & ((1 << bits) - 1)
    return low - (low >> (bits - 1) << bits)
