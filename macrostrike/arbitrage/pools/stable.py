"""Stable: Balancer V2's pools of tokens that are worth the same, or move by a rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import prod, sqrt
from typing import ClassVar

from macrostrike.arbitrage._errors import AmountRefused, Fault, PoolInvalid, TokenNotInPool
from macrostrike.arbitrage.pools._fixed_point import ONE, div_down, mul_down, mul_up
from macrostrike.arbitrage.pools._pool import MAX_BALANCE, Direction, check_balances

AMP_PRECISION = 1000
_ROUNDS = 255
_GAS_2021, _GAS_COMPOSABLE = 188_692, 230_904


@dataclass(frozen=True, slots=True)
class StablePool:
    """A Balancer V2 stable, meta-stable or composable stable pool, without its own share token.

    tokens, balances: in the Vault's order.
    scales: what makes a raw balance one of 18 decimals and of equal worth: 10^(18 - decimals) times
        the token's rate, with 18 decimals.
    amplification: times 1,000, as the pools keep it.
    fee: 18 decimals, of what comes in.
    version: 1 for the stable and meta-stable pools of 2021; 2 for those since, which compute the
        invariant in another order.
    """

    id: str
    tokens: tuple[str, ...]
    balances: tuple[int, ...]
    scales: tuple[int, ...]
    amplification: int
    fee: int
    version: int = 2

    lends_first: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_balances(self.id, self.balances)
        if self.amplification < AMP_PRECISION:
            raise PoolInvalid(
                self.id, Fault.PARAMETERS, f"amplification is 1,000 at least: {self.amplification}"
            )
        self._invariant(self._scaled())

    @property
    def swap_gas(self) -> int:
        # With the trial, as where the next pool has to know beforehand what comes.
        return _GAS_2021 if self.version == 1 else _GAS_COMPOSABLE

    def amount_out(self, token_in: str, token_out: str, amount_in: int) -> int:
        into, out_of = self._indices(token_in, token_out)
        if not 0 < amount_in <= MAX_BALANCE - self.balances[into]:
            raise AmountRefused(self.id, amount_in, "its balance is 2^112 - 1 at most")
        kept = mul_down(amount_in - mul_up(amount_in, self.fee), self.scales[into])
        balances = self._scaled()
        invariant = self._invariant(balances)
        before = balances[out_of]
        balances[into] += kept
        after = self._balance_at(invariant, balances, out_of)
        if after is None:
            raise AmountRefused(self.id, amount_in, "its price can't be found there")
        if before <= after:
            raise AmountRefused(self.id, amount_in, "it is too little to get anything for")
        return div_down(before - after - 1, self.scales[out_of])

    def directions(self) -> Iterator[Direction]:
        model = _Model(self)
        kept = 1 - self.fee / ONE
        for into, out_of in permutations(range(len(self.tokens)), 2):
            rate = kept * model.rate(into, out_of) * self.scales[into] / self.scales[out_of]
            # Flat in the middle: no bound over zero holds everywhere.
            yield Direction(
                self.tokens[into], self.tokens[out_of], rate, 0.0, self.balances[out_of]
            )

    def curve(self, token_in: str, token_out: str) -> _Curve:
        return _Curve(self, *self._indices(token_in, token_out))

    def _indices(self, token_in: str, token_out: str) -> tuple[int, int]:
        try:
            return self.tokens.index(token_in), self.tokens.index(token_out)
        except ValueError:
            raise TokenNotInPool(self.id, token_in, token_out) from None

    def _scaled(self) -> list[int]:
        return [mul_down(b, scale) for b, scale in zip(self.balances, self.scales, strict=True)]

    def _invariant(self, balances: Sequence[int]) -> int:
        step = _step_2021 if self.version == 1 else _step_2022
        invariant = sum(balances)
        for _ in range(_ROUNDS):
            before = invariant
            invariant = step(self.amplification * len(balances), balances, invariant)
            if abs(invariant - before) <= 1:
                return invariant
        raise PoolInvalid(self.id, Fault.PARAMETERS, f"balances {self.balances} have no invariant")

    def _balance_at(self, invariant: int, balances: Sequence[int], of: int) -> int | None:
        """The balance that a token has when the others are as given; None if none is found."""
        count = len(balances)
        amp = self.amplification * count
        product = balances[0] * count
        for balance in balances[1:]:
            product = product * balance * count // invariant
        square = invariant * invariant
        c = -(-square // (amp * product)) * AMP_PRECISION * balances[of]
        b = sum(balances) - balances[of] + invariant // amp * AMP_PRECISION
        result = -(-(square + c) // (invariant + b))
        for _ in range(_ROUNDS):
            before = result
            result = -(-(result * result + c) // (2 * result + b - invariant))
            if abs(result - before) <= 1:
                return result
        return None


def _step_2021(amp: int, balances: Sequence[int], invariant: int) -> int:
    """One step towards the invariant, rounded up."""
    count = len(balances)
    product = balances[0] * count
    for balance in balances[1:]:
        product = -(-product * balance * count // invariant)
    over = count * invariant * invariant - (-amp * sum(balances) * product // AMP_PRECISION)
    under = (count + 1) * invariant + (amp - AMP_PRECISION) * product // AMP_PRECISION
    return -(-over // under)


def _step_2022(amp: int, balances: Sequence[int], invariant: int) -> int:
    """One step towards the invariant, rounded down."""
    count = len(balances)
    product = invariant
    for balance in balances:
        product = product * invariant // (balance * count)
    over = (amp * sum(balances) // AMP_PRECISION + product * count) * invariant
    under = (amp - AMP_PRECISION) * invariant // AMP_PRECISION + (count + 1) * product
    return over // under


class _Model:
    """The invariant in floats, of scaled balances.

    amp × sum + invariant = amp × invariant + curl, where curl = invariant^(n+1) / (n^n × product).
    """

    __slots__ = ("amp", "balances", "curl", "invariant")

    def __init__(self, pool: StablePool) -> None:
        exact = pool._scaled()
        self.balances = [float(balance) for balance in exact]
        count = len(exact)
        self.amp = pool.amplification * count / AMP_PRECISION
        self.invariant = float(pool._invariant(exact))
        self.curl = self.invariant * prod(self.invariant / (count * b) for b in self.balances)

    def rate(self, into: int, out_of: int) -> float:
        x, y = self.balances[into], self.balances[out_of]
        return (self.amp + self.curl / x) / (self.amp + self.curl / y)


class _Curve:
    __slots__ = ("_in", "_kept", "_model", "_others", "_out", "_scale_in", "_scale_out")

    def __init__(self, pool: StablePool, into: int, out_of: int) -> None:
        self._model = model = _Model(pool)
        self._in, self._out = model.balances[into], model.balances[out_of]
        self._others = sum(model.balances) - self._in - self._out
        self._scale_in, self._scale_out = pool.scales[into] / ONE, pool.scales[out_of] / ONE
        self._kept = (1 - pool.fee / ONE) * self._scale_in

    def at(self, amount_in: float) -> tuple[float, float, float]:
        x = self._in + amount_in * self._kept
        y, curl = self._solve(x)
        amp = self._model.amp
        over, under = amp + curl / x, amp + curl / y
        rate = over / under
        # The curl's own change along the curve, then the rate's.
        bend = curl * (rate / y - 1 / x)
        turn = (bend / x - curl / x**2) - rate * (bend / y + curl * rate / y**2)
        return (
            (self._out - y) / self._scale_out,
            rate * self._kept / self._scale_out,
            -turn / under / (2 * rate) * self._kept,
        )

    def _solve(self, x: float) -> tuple[float, float]:
        """The other balance, and the curl there: amp × y² + rest × y = fixed."""
        model = self._model
        fixed = model.curl * self._in * self._out / x
        rest = model.amp * (x + self._others - model.invariant) + model.invariant
        root = sqrt(rest * rest + 4 * model.amp * fixed)
        # Of two equal forms the one that subtracts nothing.
        y = 2 * fixed / (rest + root) if rest > 0 else (root - rest) / (2 * model.amp)
        return y, fixed / y
