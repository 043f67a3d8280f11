"""The AMM bots' pools, caps and capital as the chain keeps them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from macrostrike.journal._fleet import BINS, bin_of, brier
from macrostrike.types import ZERO_ADDRESS, AMMTokenStats, AttemptBin, Pool

_FULL_VOLUME = (1 << 112) - 1  # where the chain's count stops


@dataclass(slots=True)
class TokenBook:
    """One token. `funded` is what the owner put in, less what was taken out."""

    executed: int = 0
    profit: int = 0
    volume: int = 0
    best: int = 0
    cap: int = 0
    funded: int = 0

    @property
    def capital(self) -> int:
        return self.funded + self.profit

    def record(self, amount_in: int, profit: int) -> None:
        self.executed += 1
        self.profit += profit
        self.volume = min(self.volume + amount_in, _FULL_VOLUME)
        self.best = max(self.best, profit)

    def view(self, token: str) -> AMMTokenStats:
        return AMMTokenStats(
            token=token,
            executed=self.executed,
            profit=self.profit,
            best=self.best,
            volume=self.volume,
            capital=self.capital,
            max_amount_in=self.cap,
        )


@dataclass(slots=True)
class Amm:
    """`tokens` are those that have, or had, a cap or capital, in the order they came.

    hooks: those that V4 pools may have.
    wrapped_native: what ether counts as; zero until it is set.
    """

    pools: list[Pool] = field(default_factory=list)
    hooks: set[str] = field(default_factory=set)
    wrapped_native: str = ZERO_ADDRESS
    tokens: dict[str, None] = field(default_factory=dict)
    books: defaultdict[str, TokenBook] = field(default_factory=lambda: defaultdict(TokenBook))

    attempts: defaultdict[tuple[int, int], AttemptBin] = field(
        default_factory=lambda: defaultdict(lambda: AttemptBin(0, 0, 0))
    )
    """By model and confidence bin."""

    def score(self, model: int, confidence_bps: int, *, hit: bool) -> None:
        key = model, bin_of(confidence_bps)
        cell = self.attempts[key]
        self.attempts[key] = AttemptBin(
            attempts=cell.attempts + 1,
            hits=cell.hits + hit,
            brier_sum=cell.brier_sum + brier(confidence_bps, right=hit),
        )

    def calibration(self, model: int) -> tuple[AttemptBin, ...]:
        """As `getArbitrageCalibration`."""
        none = AttemptBin(0, 0, 0)
        return tuple(self.attempts.get((model, each), none) for each in range(BINS))

    def know(self, token: str) -> TokenBook:
        self.tokens[token] = None
        return self.books[token]

    def unregister(self, pool_id: int) -> None:
        index = pool_id - 1
        self.pools[index] = replace(self.pools[index], registered=False)
