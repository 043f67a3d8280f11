"""Calibration: what each of a model's confidence bins has really delivered, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.types import BPS, BotConfig, CalibrationBin, Signal

from ..environment import Env

NEW = 2500
FULL = 10_000


@dataclass
class Cell:
    """One signal of a bin, as the design says it is kept."""

    settled: int = 0
    wins: int = 0
    brier_sum: int = 0

    def add(self, confidence_bps: int, *, won: bool) -> None:
        miss = (1 if won else 0) - confidence_bps / BPS
        self.settled, self.wins = self.settled + 1, self.wins + won
        self.brier_sum += int(round(miss * miss * 10**8) // 100)

    @property
    def factor(self) -> int:
        """Full size from a posterior mean of 93 %, the smallest of 5 % at 85 % and under."""
        mean = (self.wins * BPS + 20 * 8700) // (self.settled + 20)
        if mean >= 9300:
            return FULL
        return max((mean - 8500) * BPS // 800, 500)


def test_a_new_model_starts_at_a_quarter(env: Env) -> None:
    """By the prior: as if 20 strikes had been seen, and 87 % of them won."""
    for model in (0, 1, 65_535):
        for each in env.read("getCalibration", model):
            assert each == CalibrationBin(0, 0, 0, (NEW,) * 4)
    assert Cell().factor == NEW


@pytest.mark.parametrize(
    ("confidence", "bin_"),
    [(9300, 0), (9399, 0), (9400, 1), (9499, 1), (9500, 2), (9899, 5), (9900, 6), (9999, 6)],
)
def test_bins_are_of_a_hundred_basis_points(env: Env, confidence: int, bin_: int) -> None:
    env.play(won=True, confidence_bps=confidence)
    settled = [each.settled for each in env.read("getCalibration", 1)]
    assert settled == [int(index == bin_) for index in range(7)]


def test_certainty_is_in_the_last_bin(env: Env) -> None:
    env.play(won=True, confidence_bps=10_000)
    assert env.read("getCalibration", 1)[6] == CalibrationBin(
        1, 1, 0, (Cell(1, 1).factor, NEW, NEW, NEW)
    )


def test_each_model_has_bins_of_its_own(env: Env) -> None:
    env.play(won=True, model_id=1)
    env.play(won=False, model_id=2)
    assert env.read("getCalibration", 1)[2].wins == 1
    assert env.read("getCalibration", 2)[2].wins == 0
    assert all(each.settled == 0 for each in env.read("getCalibration", 3))


@pytest.mark.parametrize(("won", "expected"), [(True, 4225), (False, 874_225)])
def test_the_brier_sum_is_of_squared_misses(env: Env, won: bool, expected: int) -> None:
    """In millionths: (1 - 0.935)^2, and 0.935^2."""
    env.play(won=won, confidence_bps=9350)
    assert env.read("getCalibration", 1)[0].brier_sum == expected


def test_a_factor_is_of_one_signal_and_at_most_the_models(env: Env) -> None:
    env.play(won=True, signal=Signal.LONG)
    env.play(won=False, signal=Signal.SHORT)
    down, whole = Cell(1, 0).factor, Cell(2, 1).factor
    assert down <= whole < NEW < Cell(1, 1).factor
    expected = (whole, whole, down, whole)
    assert env.read("getCalibration", 1)[2].factor_bps == expected


@pytest.fixture
def at_full_risk(env: Env) -> Env:
    """The last bot has 800 lots, and puts in what the factor lets it."""
    for bot in range(25):
        config = env.read("getBot", bot).config
        env.owner.send("configureBot", bot, type(config)(risk_bps=BPS))
    env.rule(max_bot_lots=1023, max_strike_lots=25_000, max_open_lots=65_000)
    return env


def lots_of_the_last(env: Env, **changes: Any) -> int:
    with env.undone():
        strike_id = env.strike(**changes)["strike_id"]
        return int(env.read("getStrike", strike_id).lots[24])


def test_half_of_an_odd_factor_is_rounded_down(at_full_risk: Env) -> None:
    for _ in range(2):
        at_full_risk.play(won=True, signal=Signal.LONG, strategies=1)
    factor = Cell(2, 2).factor
    assert factor % 2 == 1
    assert 800 * (factor + 1) // 2 // BPS == 159
    assert lots_of_the_last(at_full_risk, signal=Signal.LONG) == 158


def test_a_regular_strike_has_half_the_size_to_the_basis_point(at_full_risk: Env) -> None:
    """Of 1,023 lots at a risk of 99.9 %."""
    env = at_full_risk
    while env.read("getCalibration", 1)[2].factor_bps[Signal.LONG] < FULL:
        env.play(won=True, signal=Signal.LONG, strategies=1)
    env.owner.send("setLot", env.lot_value // env.unit // 2)
    env.owner.send("configureBot", 24, BotConfig(risk_bps=9990))
    assert 1023 * 9990 * 5000 // BPS**2 < 1023 * 9990 * 5001 // BPS**2
    assert lots_of_the_last(env, signal=Signal.LONG) == 1023 * 9990 * 5000 // BPS**2


def test_size_follows_what_was_delivered(at_full_risk: Env) -> None:
    """Of one signal, bin and model; the whole model's record bounds its other bins and signals."""
    env, history = at_full_risk, list[bool]()

    def lots(**changes: Any) -> int:
        return lots_of_the_last(env, **changes)

    assert lots() == 200
    for won in (True, True, False, True):
        env.play(won=won, strategies=1)
        history.append(won)
        factor = Cell(len(history), sum(history)).factor
        assert lots() == 800 * factor // BPS
        assert lots(model_id=2) == 200
        for other in ({"confidence_bps": 9600}, {"signal": Signal.STRONG_SHORT}):
            assert lots(**other) == 800 * min(NEW, factor) // BPS


def test_a_record_of_wins_earns_full_size(env: Env) -> None:
    settled = 0
    while env.read("getCalibration", 1)[2].factor_bps[0] < FULL:
        env.play(won=True, strategies=1)
        settled += 1
        assert env.read("getCalibration", 1)[2].factor_bps[0] == Cell(settled, settled).factor
    # (n + 17.4) / (n + 20) = 93 %.
    assert settled == 18


def test_a_model_that_fails_shrinks_to_the_minimum_and_no_further(env: Env) -> None:
    """Never to nothing, so that it can show that it has recovered."""
    for settled in range(1, 5):
        env.play(won=False, strategies=1)
        assert env.read("getCalibration", 1)[2].factor_bps[0] == Cell(settled, 0).factor
    assert env.read("getCalibration", 1)[2].factor_bps[0] == 500
    env.strike(strategies=1)


history = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(Signal),
        st.one_of(st.integers(9300, BPS), st.sampled_from([9300, 9399, 9400, 9999, BPS])),
        st.sampled_from([1, 2]),
    ),
    min_size=1,
    max_size=15,
)


@settings(max_examples=10)
@given(history)
def test_it_is_as_reckoned_by_hand(env: Env, history: list[tuple[bool, Signal, int, int]]) -> None:
    with env.undone():
        cells: dict[tuple[int, int, Signal], Cell] = {}
        for won, signal, confidence, model in history:
            env.play(won=won, signal=signal, confidence_bps=confidence, model_id=model)
            key = model, min((confidence - 9300) // 100, 6), signal
            cells.setdefault(key, Cell()).add(confidence, won=won)
            if env.read("getStrikeStats").halted:
                env.owner.send("resume")
        for model in (1, 2):
            for index, each in enumerate(env.read("getCalibration", model)):
                own = [cells.get((model, index, signal), Cell()) for signal in Signal]
                all_of_it = [cell for (of, *_), cell in cells.items() if of == model]
                whole = Cell(
                    sum(cell.settled for cell in all_of_it), sum(cell.wins for cell in all_of_it)
                )
                assert each == CalibrationBin(
                    settled=sum(cell.settled for cell in own),
                    wins=sum(cell.wins for cell in own),
                    brier_sum=sum(cell.brier_sum for cell in own),
                    factor_bps=tuple(min(cell.factor, whole.factor) for cell in own),
                )
