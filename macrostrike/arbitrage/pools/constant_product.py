"""Constant product: Uniswap V2 and its forks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from macrostrike.arbitrage._errors import AmountRefused, TokenNotInPool
from macrostrike.arbitrage.pools._pool import MAX_BALANCE, Direction, check_balances

_FEE_UNITS = 10**6


@dataclass(frozen=True, slots=True)
class ConstantProductPool:
    """A Uniswap V2 pair, or a fork's.

    tokens, reserves: token0 first.
    fee: millionths of what comes in. Forks count in thousandths or ten-thousandths; the amounts
        are the same integers.
    """

    id: str
    tokens: tuple[str, str]
    reserves: tuple[int, int]
    fee: int = 3000

    swap_gas: ClassVar[int] = 90_171
    lends_first: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_balances(self.id, self.reserves)

    def amount_out(self, token_in: str, token_out: str, amount_in: int) -> int:
        reserve_in, reserve_out = self._reserves(token_in, token_out)
        if not 0 < amount_in <= MAX_BALANCE - reserve_in:
            raise AmountRefused(self.id, amount_in, f"1 to {MAX_BALANCE - reserve_in} fit")
        kept = amount_in * (_FEE_UNITS - self.fee)
        return kept * reserve_out // (reserve_in * _FEE_UNITS + kept)

    def directions(self) -> Iterator[Direction]:
        (token0, token1), (reserve0, reserve1) = self.tokens, self.reserves
        kept = 1 - self.fee / _FEE_UNITS
        yield Direction(token0, token1, kept * reserve1 / reserve0, kept / reserve0, reserve1)
        yield Direction(token1, token0, kept * reserve0 / reserve1, kept / reserve1, reserve0)

    def curve(self, token_in: str, token_out: str) -> _Curve:
        return _Curve(*self._reserves(token_in, token_out), self.fee)

    def _reserves(self, token_in: str, token_out: str) -> tuple[int, int]:
        if (token_in, token_out) == self.tokens:
            return self.reserves
        if (token_out, token_in) == self.tokens:
            return self.reserves[1], self.reserves[0]
        raise TokenNotInPool(self.id, token_in, token_out)


class _Curve:
    __slots__ = ("_in", "_kept", "_out")

    def __init__(self, reserve_in: int, reserve_out: int, fee: int) -> None:
        self._in = float(reserve_in)
        self._out = float(reserve_out)
        self._kept = 1 - fee / _FEE_UNITS

    def at(self, amount_in: float) -> tuple[float, float, float]:
        kept = amount_in * self._kept
        depth = self._in + kept
        share = self._in / depth
        return kept * self._out / depth, self._kept * share * self._out / depth, self._kept / depth
