"""Bots' settings in words, and the sizes of all bots at once: those of each bot alone."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace

from hypothesis import example, given
from hypothesis import strategies as st

from ...layouts import joined
from .conftest import Ask, parts

BPS = 10_000
MIN_CONFIDENCE = 9300
CONFIG_BITS, LOT_BITS = 28, 10
FACTORS = st.sampled_from((1, 2500, BPS - 1, BPS)) | st.integers(1, BPS)
OVER = st.integers(0, 700)
MAX_LOTS = (1 << LOT_BITS) - 1
CAPS = st.integers(0, MAX_LOTS)


@dataclass(frozen=True)
class Config:
    risk: int
    confidence: int
    longs: bool
    shorts: bool
    active: bool

    @property
    def word(self) -> int:
        refuses = (not self.longs) | (not self.shorts) << 1 | (not self.active) << 2
        return self.risk | (self.confidence - MIN_CONFIDENCE) << 14 | refuses << 24

    def takes(self, is_long: bool) -> bool:
        return self.active and (self.longs if is_long else self.shorts)


RISKS = st.sampled_from((0, 1, 10, BPS - 10, BPS)) | st.integers(0, BPS)
CONFIDENCES = st.sampled_from((MIN_CONFIDENCE, BPS)) | st.integers(MIN_CONFIDENCE, BPS)
FLAGS = (st.booleans(), st.booleans(), st.booleans())
CONFIGS = st.builds(Config, RISKS, CONFIDENCES, *FLAGS)
OF_TENTHS = st.builds(Config, st.integers(0, 1000).map(lambda n: 10 * n), CONFIDENCES, *FLAGS)
NINE = st.lists(CONFIGS, min_size=9, max_size=9)


def words_of(configs: list[Config]) -> list[int]:
    """The three words of 25 bots."""
    words = [each.word for each in configs]
    return [joined(words[first : first + 9], CONFIG_BITS) for first in (0, 9, 18)]


def size(lots: int, risk: int, factor: int, cap: int) -> int:
    return min(lots * risk * factor // BPS**2, cap)


@given(configs=NINE, index=st.integers(0, 8), new=CONFIGS, above=st.integers(0, 15))
def test_settings_are_read_as_they_were_written(
    ask: Ask, configs: list[Config], index: int, new: Config, above: int
) -> None:
    word = joined((each.word for each in configs), CONFIG_BITS) | above << 252
    read = ask("ConfigWord", "configAt", word, index)
    assert astuple(read) == astuple(configs[index])
    changed = ask("ConfigWord", "withConfig", word, index, astuple(new))
    configs = [*configs[:index], new, *configs[index + 1 :]]
    assert changed == joined((each.word for each in configs), CONFIG_BITS) | above << 252


@given(configs=NINE, is_long=st.booleans(), over=OVER, above=st.integers(0, 15))
def test_bots_that_take_no_part_have_no_risk(
    ask: Ask, configs: list[Config], is_long: bool, over: int, above: int
) -> None:
    """At a bot's own minimum too, and a basis point under it."""
    word = joined((each.word for each in configs), CONFIG_BITS) | above << 252
    for confidence in {over, *(each.confidence - MIN_CONFIDENCE for each in configs)}:
        for limit in {confidence, max(confidence - 1, 0)}:
            risks = [
                each.risk
                if each.takes(is_long) and each.confidence <= MIN_CONFIDENCE + limit
                else 0
                for each in configs
            ]
            assert ask("ConfigWord", "risks", word, is_long, limit) == joined(risks, CONFIG_BITS)


@example(lots=[16] * 9, configs=[Config(625, BPS, True, True, True)] * 9, factor=BPS, cap=9)
@example(lots=[3] * 9, configs=[Config(7373, BPS, True, True, True)] * 9, factor=4521, cap=9)
@given(lots=parts(9, LOT_BITS), configs=NINE, factor=FACTORS, cap=CAPS)
def test_sizes_of_nine_are_those_of_each(
    ask: Ask, lots: list[int], configs: list[Config], factor: int, cap: int
) -> None:
    """A unit under a whole lot is none."""
    risks = [each.risk for each in configs]
    sizes = [size(n, risk, factor, cap) for n, risk in zip(lots, risks, strict=True)]
    answer = ask(
        "ConfigWord", "sizes", joined(lots, LOT_BITS), joined(risks, CONFIG_BITS), factor, cap
    )
    assert answer == joined(sizes, LOT_BITS)


@given(
    configs=st.lists(OF_TENTHS, min_size=25, max_size=25),
    highest=st.sampled_from((0, 1, 12, 696, 700)),
    is_long=st.booleans(),
)
def test_a_side_has_its_bots_risks_and_the_highest_demand(
    ask: Ask, configs: list[Config], highest: int, is_long: bool
) -> None:
    configs = [
        replace(each, confidence=min(each.confidence, MIN_CONFIDENCE + highest)) for each in configs
    ]
    theirs = [each if each.takes(is_long) else None for each in configs]
    risks = joined((each.risk // 10 if each else 0 for each in theirs), LOT_BITS)
    demand = max((each.confidence - MIN_CONFIDENCE for each in theirs if each), default=0)
    steps = -(-demand // 12)
    word = ask("SideWord", "sideWord", words_of(configs), is_long)
    assert word == risks | (steps + 1) << 250
    assert ask("SideWord", "allTakePart", word, 12 * steps)
    assert not steps or not ask("SideWord", "allTakePart", word, 12 * steps - 1)


@given(
    configs=st.lists(OF_TENTHS, min_size=25, max_size=25),
    bot=st.integers(0, 24),
    off=st.integers(1, 9),
    is_long=st.booleans(),
)
def test_a_risk_between_steps_makes_no_side(
    ask: Ask, configs: list[Config], bot: int, off: int, is_long: bool
) -> None:
    configs[bot] = Config(configs[bot].risk // 2 // 10 * 10 + off, BPS, True, True, True)
    word = ask("SideWord", "sideWord", words_of(configs), is_long)
    assert word == 0
    assert not ask("SideWord", "allTakePart", word, 700)


@example(lots=[1] + [0] * 24, empty=set(), risks=[1000] * 25, demand=1, factor=BPS, cap=9)
@example(lots=[9] * 25, empty=set(), risks=[239] * 25, demand=1, factor=4649, cap=9)
@given(
    lots=parts(25, LOT_BITS),
    empty=st.sets(st.integers(0, 4)),
    risks=st.lists(st.integers(0, 1000), min_size=25, max_size=25),
    demand=st.integers(0, 63),
    factor=FACTORS,
    cap=CAPS,
)
def test_sizes_of_a_side_are_those_of_each(
    ask: Ask,
    lots: list[int],
    empty: set[int],
    risks: list[int],
    demand: int,
    factor: int,
    cap: int,
) -> None:
    """One lot of one bot alone is sized too, and a unit under a whole lot is none."""
    lots = [0 if bot // 5 in empty else each for bot, each in enumerate(lots)]
    side = joined(risks, LOT_BITS) | demand << 250
    sizes = [size(n, 10 * risk, factor, cap) for n, risk in zip(lots, risks, strict=True)]
    answer = ask("SideWord", "sized", side, joined(lots, LOT_BITS), factor, cap)
    assert answer == joined(sizes, LOT_BITS)
