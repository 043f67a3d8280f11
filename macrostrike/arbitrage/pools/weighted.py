"""Weighted product: Balancer V2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from math import expm1, log1p
from typing import ClassVar

from macrostrike.arbitrage._errors import AmountRefused, Fault, PoolInvalid, TokenNotInPool
from macrostrike.arbitrage.pools._fixed_point import (
    ONE,
    complement,
    div_down,
    div_up,
    mul_down,
    mul_up,
    pow_up,
)
from macrostrike.arbitrage.pools._pool import Direction, check_balances

_DECIMALS = 18
_MAX_IN_RATIO = 3 * ONE // 10


@dataclass(frozen=True, slots=True)
class WeightedPool:
    """A Balancer V2 weighted pool.

    tokens, balances, weights, decimals: in the Vault's order, by address. Weights have 18 decimals
        and add up to one.
    fee: 18 decimals, of what comes in.
    version: 1 for pools made before September 2022; 2 for those since, which round otherwise where
        weights are equal or in the ratio of two or four.
    """

    id: str
    tokens: tuple[str, ...]
    balances: tuple[int, ...]
    weights: tuple[int, ...]
    decimals: tuple[int, ...]
    fee: int
    version: int = 1

    # With the trial, as where the next pool has to know beforehand what comes.
    swap_gas: ClassVar[int] = 136_637
    lends_first: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if sum(self.weights) != ONE:
            raise PoolInvalid(
                self.id, Fault.WEIGHTS, f"weights add up to 10^18, not {sum(self.weights)}"
            )
        check_balances(self.id, self.balances)

    def amount_out(self, token_in: str, token_out: str, amount_in: int) -> int:
        into, out_of = self._indices(token_in, token_out)
        scale_in, scale_out = self._scale(into), self._scale(out_of)
        balance_in = self.balances[into] * scale_in
        kept = (amount_in - mul_up(amount_in, self.fee)) * scale_in
        limit = mul_down(balance_in, _MAX_IN_RATIO)
        if amount_in <= 0 or kept > limit:
            raise AmountRefused(self.id, amount_in, "at most 30 % of what it has are taken")
        base = div_up(balance_in, balance_in + kept)
        exponent = div_down(self.weights[into], self.weights[out_of])
        power = pow_up(base, exponent, shortcuts=self.version > 1)
        return mul_down(self.balances[out_of] * scale_out, complement(power)) // scale_out

    def directions(self) -> Iterator[Direction]:
        kept = 1 - self.fee / ONE
        depths = [b / weight for b, weight in zip(self.balances, self.weights, strict=True)]
        for into, out_of in permutations(range(len(self.tokens)), 2):
            exponent = self.weights[into] / self.weights[out_of]
            yield Direction(
                self.tokens[into],
                self.tokens[out_of],
                kept * depths[out_of] / depths[into],
                # By Bernoulli's inequality, where the exponent is under one.
                kept * min(exponent, (exponent + 1) / 2) / self.balances[into],
                self.balances[out_of],
            )

    def curve(self, token_in: str, token_out: str) -> _Curve:
        return _Curve(self, *self._indices(token_in, token_out))

    def _indices(self, token_in: str, token_out: str) -> tuple[int, int]:
        try:
            return self.tokens.index(token_in), self.tokens.index(token_out)
        except ValueError:
            raise TokenNotInPool(self.id, token_in, token_out) from None

    def _scale(self, index: int) -> int:
        return int(10 ** (_DECIMALS - self.decimals[index]))


class _Curve:
    __slots__ = ("_exponent", "_in", "_kept", "_max_in", "_out")

    def __init__(self, pool: WeightedPool, into: int, out_of: int) -> None:
        self._in, self._out = float(pool.balances[into]), float(pool.balances[out_of])
        self._exponent = pool.weights[into] / pool.weights[out_of]
        self._kept = 1 - pool.fee / ONE
        self._max_in = _MAX_IN_RATIO / ONE * self._in

    def at(self, amount_in: float) -> tuple[float, float, float]:
        kept = amount_in * self._kept
        if kept > self._max_in:
            return self.at(self._max_in / self._kept * (1 - 1e-9))[0], 0.0, 0.0
        depth = self._in + kept
        exponent = self._exponent
        # 1 - (in / depth)^exponent, right for tiny amounts too
        share = -expm1(-exponent * log1p(kept / self._in))
        return (
            self._out * share,
            self._kept * exponent * self._out * (1 - share) / depth,
            self._kept * (exponent + 1) / (2 * depth),
        )
