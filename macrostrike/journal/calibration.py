"""Claimed against delivered: bins with intervals, and where the Brier score comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from macrostrike._statistics import wilson
from macrostrike.types import BPS

_WIDTH = 100  # basis points of a bin; the last one has 10000 too


@dataclass(frozen=True, slots=True)
class Claim:
    """One prediction that was scored."""

    confidence_bps: int
    won: bool


@dataclass(frozen=True, slots=True)
class Reliability:
    """A bin of claims. `claimed`, `delivered` and its 95 % Wilson interval are 0 to 1."""

    low_bps: int
    high_bps: int
    count: int
    wins: int
    claimed: float
    lower: float
    upper: float

    @property
    def delivered(self) -> float:
        """The share that won."""
        return self.wins / self.count


@dataclass(frozen=True, slots=True)
class Calibration:
    """Claims by bins, and Murphy's decomposition of their Brier score.

    brier: mean of (claim - outcome)². reliability: how far claims are from what was delivered (0 is
        best). resolution: how far what was delivered differs between bins (more is better).
    uncertainty: of the base rate. within: what the bins' width hides, so that
        brier = reliability - resolution + uncertainty + within.
    """

    bins: tuple[Reliability, ...]
    count: int
    wins: int
    brier: float
    reliability: float
    resolution: float
    uncertainty: float

    @property
    def within(self) -> float:
        """The rest, of claims that differ within a bin."""
        return self.brier - (self.reliability - self.resolution + self.uncertainty)


def calibration_of(claims: Iterable[Claim]) -> Calibration | None:
    """The calibration of some claims; None of none."""
    groups: dict[int, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(min(claim.confidence_bps // _WIDTH, BPS // _WIDTH - 1), []).append(claim)
    bins = tuple(_bin(number, groups[number]) for number in sorted(groups))
    count, wins = sum(each.count for each in bins), sum(each.wins for each in bins)
    if not count:
        return None
    base = wins / count
    squares = (
        (claim.confidence_bps / BPS - claim.won) ** 2
        for group in groups.values()
        for claim in group
    )
    return Calibration(
        bins=bins,
        count=count,
        wins=wins,
        brier=sum(squares) / count,
        reliability=sum(b.count * (b.claimed - b.delivered) ** 2 for b in bins) / count,
        resolution=sum(b.count * (b.delivered - base) ** 2 for b in bins) / count,
        uncertainty=base * (1 - base),
    )


def _bin(number: int, claims: list[Claim]) -> Reliability:
    low, count, wins = number * _WIDTH, len(claims), sum(claim.won for claim in claims)
    high = low + _WIDTH - 1
    return Reliability(
        low_bps=low,
        high_bps=BPS if high == BPS - 1 else high,
        count=count,
        wins=wins,
        claimed=sum(claim.confidence_bps for claim in claims) / count / BPS,
        lower=wilson(wins, count)[0],
        upper=wilson(wins, count)[1],
    )
