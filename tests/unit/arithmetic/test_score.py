"""The score's cells: bins, Brier sums, the size that a record allows."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.types import BPS

from .conftest import Books, Fleet
from .numbers import BOTS, edges

MIN_CONFIDENCE, BINS, SIGNALS = 9300, 7, 4
FULL_BPS, NONE_BPS, MIN_FACTOR = 9300, 8500, 500
CONFIDENCES = st.integers(MIN_CONFIDENCE, BPS)
ENGINE = "0x" + "e1" * 20
COUNT = (1 << 24) - 1
MODELS = st.sampled_from((0, 1, 255, 65535)) | st.integers(0, 65535)


@dataclass(frozen=True)
class Cell:
    settled: int = 0
    wins: int = 0
    brier: int = 0
    profit: int = 0
    loss: int = 0


@dataclass(frozen=True)
class Model:
    settled: int = 0
    wins: int = 0
    engine: str = ENGINE

    def values(self) -> tuple[Any, ...]:
        return self.engine, self.settled, self.wins, True


def posterior(wins: int, settled: int) -> int:
    return (wins * BPS + 20 * 8700) // (settled + 20)


def factor(wins: int, settled: int) -> int:
    mean = posterior(wins, settled)
    if mean >= FULL_BPS:
        return BPS
    if mean <= NONE_BPS:
        return MIN_FACTOR
    return max((mean - NONE_BPS) * BPS // (FULL_BPS - NONE_BPS), MIN_FACTOR)


def bin_of(confidence: int) -> int:
    return min((confidence - MIN_CONFIDENCE) // 100, BINS - 1)


def key(model: int, bin_: int, signal: int) -> int:
    return (model * BINS + bin_) * SIGNALS + signal


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    """Strikes and wins, mostly near a border of the size that they allow."""
    settled = draw(st.integers(0, 300) | edges(COUNT))
    border = draw(st.sampled_from((NONE_BPS, NONE_BPS + 40, FULL_BPS, 8800)))
    wins = (border * (settled + 20) - 20 * 8700) // BPS + draw(st.integers(-1, 2))
    return settled, min(max(wins, 0), settled)


def test_bins_are_of_a_hundred_and_the_last_of_one_more(books: Books) -> None:
    for confidence in range(MIN_CONFIDENCE, BPS + 1):
        assert books.ask("bin", confidence) == bin_of(confidence)
        assert books.ask("brier", confidence, True) == (BPS - confidence) ** 2 // 100
        assert books.ask("brier", confidence, False) == confidence**2 // 100


@pytest.mark.parametrize("mean", [8499, 8500, 8501, 8540, 8541, 9298, 9299, 9300, 9301])
def test_a_factor_at_the_borders_of_what_it_is_of(books: Books, mean: int) -> None:
    pairs = ((wins, settled) for settled in range(2000) for wins in range(settled + 1))
    wins, settled = next(pair for pair in pairs if posterior(*pair) == mean)
    books.tell("setCell", key(1, 0, 0), astuple(Cell(settled, wins)))
    books.tell("setModel", 1, Model(settled, wins).values())
    assert books.ask("factor", 1, MIN_CONFIDENCE, 0) == factor(wins, settled)


@given(model=MODELS, confidence=CONFIDENCES, signal=st.integers(0, 3), cell=counts(), all_=counts())
def test_a_size_is_the_cells_and_at_most_the_models(
    books: Books,
    model: int,
    confidence: int,
    signal: int,
    cell: tuple[int, int],
    all_: tuple[int, int],
) -> None:
    at = key(model, bin_of(confidence), signal)
    books.tell("setCell", at, astuple(Cell(*cell)))
    books.tell("setModel", model, Model(*all_).values())
    expected = min(factor(*reversed(cell)), factor(*reversed(all_)))
    assert books.ask("factor", model, confidence, signal) == expected
    shown = next(each for each in books.ask("models") if each.model_id == model)
    assert (shown.settled, shown.wins, shown.factor_bps) == (*all_, factor(*reversed(all_)))
    bins = books.ask("calibration", model)
    assert bins[bin_of(confidence)].factor_bps[signal] == expected


@given(
    model=MODELS,
    confidence=CONFIDENCES,
    signal=st.integers(0, 3),
    settled=edges(COUNT),
    totals=st.tuples(st.integers(0, 1 << 47), st.integers(0, 1 << 79), st.integers(0, 1 << 79)),
    pnl=st.integers(-(1 << 56) + 1, (1 << 56) - 1) | st.integers(-1, 1),
    won=st.booleans(),
    all_=counts(),
)
def test_a_settlement_is_added_to_its_cell_and_its_model(
    books: Books,
    model: int,
    confidence: int,
    signal: int,
    settled: int,
    totals: tuple[int, int, int],
    pnl: int,
    won: bool,
    all_: tuple[int, int],
) -> None:
    """Until the cell is full: then neither counts any more."""
    at, cell, before = (
        key(model, bin_of(confidence), signal),
        Cell(settled, 0, *totals),
        Model(*all_),
    )
    books.tell("setCell", at, astuple(cell))
    books.tell("setModel", model, before.values())
    books.tell("record", model, confidence, signal, pnl, won)
    miss = BPS - confidence if won else confidence
    if settled != COUNT:
        cell = Cell(
            settled + 1,
            int(won),
            totals[0] + miss**2 // 100,
            totals[1] + max(pnl, 0),
            totals[2] + max(-pnl, 0),
        )
        before = replace(before, settled=all_[0] + 1, wins=all_[1] + won)
    record, kept = books.ask("score", model, at)
    assert tuple(kept) == astuple(cell)
    assert tuple(record)[1:3] == (before.settled, before.wins)


@given(
    wins=st.lists(counts(), min_size=5, max_size=5),
    active=st.lists(st.booleans(), min_size=BOTS, max_size=BOTS),
)
def test_weights_by_performance_are_over_80_percent_within_bounds(
    books: Books, wins: list[tuple[int, int]], active: list[bool]
) -> None:
    """A strategy's active bots share its part."""
    off = [0 if each else 1 << 26 for each in active]
    books.tell(
        "setConfigs",
        [
            sum(each << 28 * n for n, each in enumerate(off[first : first + 9]))
            for first in (0, 9, 18)
        ],
    )
    settled = [min(each[0], (1 << 23) - 1) for each in wins]
    won = [min(each[1], count) for each, count in zip(wins, settled, strict=True)]
    books.set(Fleet(settled=settled, wins=won))
    weights = []
    for strategy in range(5):
        mean = posterior(won[strategy], settled[strategy])
        part = min(max(mean - 8000, 300), 1500) * 60
        bots = active[5 * strategy : 5 * strategy + 5]
        weights += [part // sum(bots) if each else 0 for each in bots]
    assert list(books.ask("performanceWeights")) == weights
