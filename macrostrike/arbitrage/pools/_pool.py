"""What every pool can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from macrostrike.arbitrage._errors import Fault, PoolInvalid

MAX_BALANCE = (1 << 112) - 1
"""What pools and Balancer's Vault can hold of a token."""


class Curve(Protocol):
    """The amount out of a pool for an amount in, in floats: for search, never for amounts."""

    def at(self, amount_in: float) -> tuple[float, float, float]:
        """`(amount_out, rate, curvature)`; the rate is zero over what the pool takes.

        From there, `more` in pays `rate × more / (1 + curvature × more)` out. That is exact for a
        constant product, and within one range of ticks; elsewhere it is right to the third order.
        """


class Direction(NamedTuple):
    """One way through a pool, as it is now: a bound on the amount out for any amount in.

    rate: of the first unit, after fees, in raw units.
    curvature: so low that `rate × x / (1 + curvature × x)` is never under the amount out for x.
    max_out: the maximum that the pool pays out.
    """

    token_in: str
    token_out: str
    rate: float
    curvature: float
    max_out: float


class Pool(Protocol):
    """A pool's state at one moment, and what it would trade. Amounts are raw token units."""

    @property
    def swap_gas(self) -> int:
        """What one swap costs in gas, as part of a longer transaction."""

    @property
    def lends_first(self) -> bool:
        """Whether it pays out before it is paid, so that a cycle through it needs no capital."""

    @property
    def id(self) -> str:
        """The pool's address, or its id where pools have no address of their own."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens' addresses, in the pool's order."""

    def amount_out(self, token_in: str, token_out: str, amount_in: int) -> int:
        """What the real contract pays for `amount_in`, to the unit.

        Raises `AmountRefused` when it would not take that much.
        """

    def directions(self) -> Iterator[Direction]:
        """Every way through the pool on which it pays anything out."""

    def curve(self, token_in: str, token_out: str) -> Curve:
        """Its amount out one way, in floats."""


def check_balances(pool: str, balances: Sequence[int]) -> None:
    """Raises `PoolInvalid` unless a pool can hold these, and trade."""
    if 0 in balances:
        raise PoolInvalid(pool, Fault.EMPTY, f"it holds {balances}")
    if not all(0 < balance <= MAX_BALANCE for balance in balances):
        raise PoolInvalid(pool, Fault.PARAMETERS, f"balances are under 2^112, not {balances}")
