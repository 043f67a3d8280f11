"""A strategy's books in a word: equity of five bots, counts, and their shares of a settlement."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from ...layouts import joined
from .conftest import WORDS, Ask, parts

BITS, LOT_BITS = 42, 10
EQUITY = parts(5, BITS)
COUNT = (1 << 23) - 1
COUNTS = st.sampled_from((0, 1, COUNT - 1, COUNT)) | st.integers(0, COUNT)
FULL = (1 << BITS) - 1
MAX_LOTS = (1 << LOT_BITS) - 1
WEIGHTS = parts(5, LOT_BITS)


def word_of(equity: list[int], settled: int = 0, wins: int = 0) -> int:
    return joined(equity, BITS) | settled << 210 | wins << 233


@given(word=WORDS, index=st.integers(0, 4), equity=st.integers(0, FULL))
def test_equity_of_one_bot_changes_no_other(ask: Ask, word: int, index: int, equity: int) -> None:
    shift = index * BITS
    assert ask("StrategyWord", "equityOf", word, index) == word >> shift & FULL
    changed = word & ~(FULL << shift) | equity << shift
    assert ask("StrategyWord", "withEquity", word, index, equity) == changed


@given(strategies=st.lists(EQUITY, min_size=5, max_size=5), settled=COUNTS, wins=COUNTS)
def test_equity_is_summed_over_bots(
    ask: Ask, strategies: list[list[int]], settled: int, wins: int
) -> None:
    words = [word_of(equity, settled, wins) for equity in strategies]
    assert ask("StrategyWord", "total", words[0]) == sum(strategies[0])
    assert ask("StrategyWord", "totalOfAll", words) == sum(map(sum, strategies))


@given(equity=EQUITY, settled=COUNTS, wins=COUNTS, won=st.booleans())
def test_an_outcome_is_counted_until_the_counts_are_full(
    ask: Ask, equity: list[int], settled: int, wins: int, won: bool
) -> None:
    wins = min(wins, settled)
    after = (settled, wins) if settled == COUNT else (settled + 1, wins + won)
    counted = ask("StrategyWord", "counted", word_of(equity, settled, wins), won)
    assert counted == word_of(equity, *after)


@example(
    weights=[1, 0, 0, 0, 0],
    others=0,
    lot=10**6,
    above=[FULL, 0, 0, 0, 0],
    free=[0] * 25,
    share=1,
    settled=0,
)
@given(
    weights=WEIGHTS,
    others=st.integers(0, 20 * MAX_LOTS),
    lot=st.integers(1, (1 << 32) - 1),
    above=parts(5, 40),
    free=parts(25, LOT_BITS),
    share=st.integers(-(10**6), 10**6),
    settled=COUNTS,
)
def test_each_bot_has_its_share_rounded_down(
    ask: Ask,
    weights: list[int],
    others: int,
    lot: int,
    above: list[int],
    free: list[int],
    share: int,
    settled: int,
) -> None:
    total = sum(weights) + others or 1
    pnl = share * total * lot // 10**6  # at most what the strike held
    equity = [min(FULL, more + weight * lot) for more, weight in zip(above, weights, strict=True)]
    after = [min(FULL, old + pnl * w // total) for old, w in zip(equity, weights, strict=True)]
    has = [
        min(MAX_LOTS, lots + weight + new // lot - old // lot)
        for lots, weight, old, new in zip(free[:5], weights, equity, after, strict=True)
    ]
    if min(has) < 0:  # free lots are at most what equity is good for
        return
    word, turned = ask(
        "StrategyWord",
        "shared",
        word_of(equity, settled),
        joined(free, LOT_BITS),
        joined(weights, LOT_BITS),
        total,
        pnl,
        lot,
    )
    assert word == word_of(after, settled)
    assert turned == joined(free[5:] + has, LOT_BITS)
