"""Uniswap V4: all pools in one manager, whose storage is read word by word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils.crypto import keccak

from macrostrike.arbitrage._block import Block, Question
from macrostrike.arbitrage.pools.concentrated import ConcentratedPool
from macrostrike.arbitrage.venues._ranged import RangedReader, State
from macrostrike.arbitrage.venues._spec import BY_KEY, MAX_FEE, Ask, StrikeMarket, VenueSpec
from macrostrike.types import ZERO_ADDRESS, Venue
from macrostrike.types import Pool as Registered

_GAS, _GAS_ETHER = 86_772, 99_697
_POOLS_SLOT = 6  # of the manager's storage
_LIQUIDITY, _TICKS, _BITMAP = 3, 4, 5  # words after a pool's first


class _InManager:
    def states(self, block: Block, pools: Sequence[Registered]) -> list[State]:
        asked = block.ask([_word(pool, _at(pool, n)) for pool in pools for n in (0, _LIQUIDITY)])
        states = []
        for pool, first, liquidity in zip(pools, asked[::2], asked[1::2], strict=True):
            word = int.from_bytes(first, "big")
            hooked = pool.hooks != ZERO_ADDRESS
            states.append(
                State(
                    sqrt_price=_sqrt_price(word),
                    tick=_signed(word >> 160, 24),
                    liquidity=int.from_bytes(liquidity, "big"),
                    spacing=pool.tick_spacing,
                    fee=_lp_fee(word),
                    unlike=f"it has hooks, {pool.hooks}" if hooked else "",
                    protocol_fees=_protocol_fees(word),
                )
            )
        return states

    def swap_gas(self, pool: Registered) -> int:
        return _GAS_ETHER if pool.token0 == ZERO_ADDRESS else _GAS

    def bitmap(self, pool: Registered, word: int) -> Question:
        return _word(pool, _mapped(word, _at(pool, _BITMAP)))

    def tick(self, pool: Registered, tick: int) -> Question:
        return _word(pool, _mapped(tick, _at(pool, _TICKS)))

    def bits(self, answer: Any) -> int:
        return int.from_bytes(answer, "big")

    def net(self, answer: Any) -> int:
        return _signed(int.from_bytes(answer, "big") >> 128, 128)


def _sqrt_price(word: int) -> int:
    return word & ((1 << 160) - 1)


def _lp_fee(word: int) -> int:
    return word >> 208 & 0xFFFFFF


def _protocol_fees(word: int) -> tuple[int, int]:
    """Of either way, token0 for token1 first."""
    return word >> 184 & 0xFFF, word >> 196 & 0xFFF


def _first(ask: Ask, pool: Registered) -> int:
    """A pool's first word: price, tick, fees."""
    return int.from_bytes(ask("extsload", _at(pool, 0).to_bytes(32, "big")), "big")


def _ratio(ask: Ask, pool: Registered) -> tuple[int, int]:
    return 1 << 192, _sqrt_price(_first(ask, pool)) ** 2


def _fee(ask: Ask, pool: Registered) -> int:
    """The protocol's part first, and the pool's of the rest; hooks that set it may set another."""
    word = _first(ask, pool)
    lp, protocol = _lp_fee(word), max(_protocol_fees(word))
    return protocol + lp - protocol * lp // MAX_FEE


def _word(pool: Registered, slot: int) -> Question:
    return pool.pool, "extsload", (slot.to_bytes(32, "big"),)


def _at(pool: Registered, word: int) -> int:
    return int.from_bytes(keccak(pool.pool_id + _POOLS_SLOT.to_bytes(32, "big")), "big") + word


def _mapped(key: int, slot: int) -> int:
    packed = key.to_bytes(32, "big", signed=True) + slot.to_bytes(32, "big")
    return int.from_bytes(keccak(packed), "big")


def _signed(word: int, bits: int) -> int:
    low = word & ((1 << bits) - 1)
    return low - (low >> (bits - 1) << bits)


UNISWAP_V4 = VenueSpec(
    venue=Venue.UNISWAP_V4,
    model=ConcentratedPool,
    read=RangedReader(_InManager()),
    naming=BY_KEY,
    contracts=("IPoolManager",),
    market=StrikeMarket(contract="IPoolManager", ratio=_ratio, fee=_fee, keeps_history=False),
)
