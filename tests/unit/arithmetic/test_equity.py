"""Equity and free lots of 25 bots: money in and out, weights, settlements."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from macrostrike.errors import EquityOverflow, InsufficientEquity, InvalidConfig, NoWeights

from ...layouts import joined
from ..readers import reverts
from .conftest import Books, Fleet
from .numbers import BOTS, CORE, FULL, LOT_BITS, MAX_LOTS, core_word, edges, per_bot

LOTS = st.sampled_from((1, 7, 10**6, (1 << 32) - 1)) | st.integers(1, (1 << 32) - 1)
HIGH = edges((1 << 48) - 1)
LOCKED = per_bot(MAX_LOTS)
AMOUNTS = per_bot(1 << 36)
COUNT = (1 << 23) - 1


def free_lots(equity: int, locked: int, lot: int) -> int:
    return min(equity // lot - locked, MAX_LOTS)


def holding(lot: int, locked: list[int], above: list[int], **core: int) -> Fleet:
    """Bots that have at least what is locked of them, as ever."""
    locked[:] = [min(lots, FULL // lot) for lots in locked]
    equity = [min(FULL, lots * lot + more) for lots, more in zip(locked, above, strict=True)]
    return Fleet(core=core_word(lot=lot, **core), equity=equity, free=[MAX_LOTS] * BOTS)


@given(
    lot=LOTS,
    locked=LOCKED,
    above=AMOUNTS,
    moved=AMOUNTS,
    high=HIGH,
    adding=st.booleans(),
    exponent=st.integers(0, 16),
)
def test_money_in_and_out_is_neither_profit_nor_drawdown(
    books: Books,
    lot: int,
    locked: list[int],
    above: list[int],
    moved: list[int],
    high: int,
    adding: bool,
    exponent: int,
) -> None:
    """The mark moves in proportion, rounded up, as far as 48 bits go; locked lots stay."""
    fleet = holding(lot, locked, above, highWater=high, unitExponent=exponent)
    has = [each - lots * lot for each, lots in zip(fleet.equity, locked, strict=True)]
    amounts = moved if adding else [min(pair) for pair in zip(moved, has, strict=True)]
    sign = 1 if adding else -1
    equity = [each + sign * amount for each, amount in zip(fleet.equity, amounts, strict=True)]
    books.set(fleet)
    if max(equity) > FULL:
        bot = next(bot for bot, each in enumerate(equity) if each > FULL)
        with reverts(EquityOverflow(bot, equity[bot])):
            books.tell("changeEquity", amounts, adding, locked)
        return
    books.tell("changeEquity", amounts, adding, locked)
    after = books.fleet()
    assert after.equity == equity
    assert after.free == [
        free_lots(each, lots, lot) for each, lots in zip(equity, locked, strict=True)
    ]
    assert after.funded == [sign * sum(amounts[5 * n : 5 * n + 5]) for n in range(5)]
    had = sum(fleet.equity)
    mark = -(-high * sum(equity) // had) if had else sum(equity)
    assert after.core == CORE["highWater"].put(fleet.core, min(mark, (1 << 48) - 1))


@given(
    lot=LOTS,
    locked=LOCKED,
    above=AMOUNTS,
    bot=st.integers(0, BOTS - 1),
    exponent=st.integers(0, 16),
)
def test_what_is_locked_cannot_go(
    books: Books, lot: int, locked: list[int], above: list[int], bot: int, exponent: int
) -> None:
    fleet = holding(lot, locked, above, unitExponent=exponent)
    has, unit = fleet.equity[bot] - locked[bot] * lot, 10**exponent
    books.set(fleet)
    amounts = [0] * BOTS
    amounts[bot] = has + 1
    with reverts(InsufficientEquity(bot, (has + 1) * unit, has * unit)):
        books.tell("changeEquity", amounts, False, locked)
    amounts[bot] = has
    books.tell("changeEquity", amounts, False, locked)
    assert books.fleet().equity[bot] == locked[bot] * lot


@pytest.mark.parametrize("lots", [MAX_LOTS - 1, MAX_LOTS, MAX_LOTS + 1])
def test_a_bot_has_at_most_so_many_lots_free(books: Books, lots: int) -> None:
    books.set(holding(7, [0] * BOTS, [0] * BOTS))
    books.tell("changeEquity", [lots * 7 + 6] * BOTS, True, [0] * BOTS)
    assert books.fleet().free == [min(lots, MAX_LOTS)] * BOTS


@example(lot=1, locked=[0] * BOTS, above=[FULL] + [0] * 24, weights=[1] * BOTS, none={*range(24)})
@example(
    lot=1, locked=[0] * BOTS, above=[FULL, 1] + [0] * 23, weights=[1] * BOTS, none={*range(24)}
)
@given(
    lot=LOTS,
    locked=LOCKED,
    above=AMOUNTS,
    weights=per_bot((1 << 64) - 1),
    none=st.sets(st.integers(0, BOTS - 1)),
)
def test_what_is_free_is_spread_by_weights(
    books: Books,
    lot: int,
    locked: list[int],
    above: list[int],
    weights: list[int],
    none: set[int],
) -> None:
    """What the division leaves is the first weighted bot's. One bot may have all that fits."""
    weights = [0 if bot in none else weight for bot, weight in enumerate(weights)]
    fleet = holding(lot, locked, above)
    books.set(fleet)
    if not any(weights):
        with reverts(NoWeights()):
            books.tell("rebalance", weights, locked)
        return
    pool = sum(fleet.equity) - sum(lots * lot for lots in locked)
    shares = [pool * weight // sum(weights) for weight in weights]
    first = next(bot for bot, weight in enumerate(weights) if weight)
    shares[first] += pool - sum(shares)
    equity = [lots * lot + share for lots, share in zip(locked, shares, strict=True)]
    if max(equity) > FULL:
        bot = next(bot for bot, each in enumerate(equity) if each > FULL)
        with reverts(EquityOverflow(bot, equity[bot])):
            books.tell("rebalance", weights, locked)
        return
    assert list(books.ask("rebalance", weights, locked)) == equity
    books.tell("rebalance", weights, locked)
    after = books.fleet()
    assert after.equity == equity
    assert after.free == [
        free_lots(each, lots, lot) for each, lots in zip(equity, locked, strict=True)
    ]
    gained = [sum(equity[n : n + 5]) - sum(fleet.equity[n : n + 5]) for n in range(0, BOTS, 5)]
    assert after.funded == gained


@given(equity=per_bot(FULL), lot=LOTS, before=LOTS)
def test_a_new_lot_counts_all_lots_anew(
    books: Books, equity: list[int], lot: int, before: int
) -> None:
    fleet = Fleet(core=core_word(lot=before), equity=equity)
    books.set(fleet)
    with reverts(InvalidConfig("lot", 0)):
        books.tell("setLot", 0)
    books.tell("setLot", lot)
    after = books.fleet()
    assert after.free == [free_lots(each, 0, lot) for each in equity]
    assert after.core == CORE["lot"].put(fleet.core, lot)


@given(
    lot=LOTS,
    weights=per_bot(MAX_LOTS),
    out=st.sets(st.integers(0, 4)),
    above=AMOUNTS,
    share=st.integers(-(10**6), 10**6),
    settled=st.lists(edges(COUNT), min_size=5, max_size=5),
    won=st.booleans(),
)
def test_a_settlement_is_shared_by_weights(
    books: Books,
    lot: int,
    weights: list[int],
    out: set[int],
    above: list[int],
    share: int,
    settled: list[int],
    won: bool,
) -> None:
    """Strategies that took no part count nothing, and their bots keep what they have."""
    weights = [0 if bot // 5 in out else lots for bot, lots in enumerate(weights)]
    fleet = holding(lot, weights, above)
    fleet.free = [
        free_lots(each, lots, lot) for each, lots in zip(fleet.equity, weights, strict=True)
    ]
    fleet.settled, fleet.wins = settled, [count // 2 for count in settled]
    total = sum(weights)
    if total == 0:
        return
    pnl = share * total * lot // 10**6
    equity = [
        min(FULL, each + pnl * lots // total)
        for each, lots in zip(fleet.equity, weights, strict=True)
    ]
    books.set(fleet)
    word = joined(weights, LOT_BITS)
    shared, summed = books.ask("book", word, total, pnl, won, lot)
    books.tell("book", word, total, pnl, won, lot)
    after = books.fleet()
    assert (shared, summed) == (sum(equity) - sum(fleet.equity), sum(equity))
    assert after.equity == equity
    took = [n for n in range(5) if any(weights[5 * n : 5 * n + 5])]
    counts = [n in took and settled[n] != COUNT for n in range(5)]
    assert after.settled == [count + more for count, more in zip(settled, counts, strict=True)]
    gained = [more and won for more in counts]
    assert after.wins == [count + more for count, more in zip(fleet.wins, gained, strict=True)]
    assert after.free == [
        min(MAX_LOTS, free + lots + new // lot - old // lot)
        for free, lots, new, old in zip(fleet.free, weights, equity, fleet.equity, strict=True)
    ]
