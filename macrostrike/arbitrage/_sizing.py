"""How much to put into a cycle: in floats first, then to the unit."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from math import inf, isfinite, sqrt
from typing import NamedTuple

from macrostrike.arbitrage._errors import AmountRefused
from macrostrike.arbitrage.pools._pool import Curve, Pool

Way = tuple[Pool, str, str]
"""A pool, the token that goes in and the one that comes out."""

_ROUNDS = 200
_CLOSE = 1e-12
_ROUNDING = 2  # raw units that rounding may cost a hop
_MAX_TRIES = 250  # amounts on either side
_NEARLY = 1e-7
_FINE_BITS = 20
_UNIT_MATTERS = 1e-5  # of the profit
_FINALISTS = 3


def best_amount(
    curves: Sequence[Curve], rate: float, needed: float, enough: float = 0.0
) -> tuple[float, float]:
    """The amount in that earns most, and its profit; zeros where that is not over `needed`.

    `rate` is what the first unit becomes. The less there is to come, the more a unit earns, so that
    it takes `needed / (rate - 1)` to earn `needed`; a cycle that loses there is left at once. From
    one amount to the next, each hop is treated as the hyperbola that it is like there. They add up
    to one hyperbola, of which the best amount is known: at once for constant products, and within
    one range of ticks.

    As soon as no amount can earn `enough`, the amount is zero and the profit what none is over.
    """
    amount = needed / (rate - 1)
    low, high = _Point(0.0, 0.0, rate), _Point(inf, -inf, 0.0)
    out, rate, curvature = _through(curves, amount)
    if rate <= 1:
        return 0.0, 0.0
    for _ in range(_ROUNDS):
        if rate > 1:
            low = _Point(amount, out - amount, rate)
        else:
            high = _Point(amount, out - amount, rate)
        better = amount + (sqrt(rate) - 1) / curvature if curvature > 0 else inf
        if (
            abs(better - amount) <= _CLOSE * amount
            or high.amount - low.amount <= _CLOSE * low.amount
        ):
            break
        if isfinite(high.amount) and (bound := _highest(low, high)) < enough:
            return 0.0, bound
        if not low.amount < better < high.amount:
            finite = isfinite(high.amount)
            better = (low.amount + high.amount) / 2 if finite else 2 * low.amount + 1
        amount = better
        out, rate, curvature = _through(curves, amount)
    # On a kink `low` is the better, as `amount` may be more than a pool takes.
    at_low = (low.profit, low.amount)
    profit, best = max(at_low, (profit_of(curves, amount), amount))
    return (best, profit) if profit > needed else (0.0, 0.0)


def exact_amounts(
    hops: Sequence[Way], curves: Sequence[Curve], amount: float
) -> tuple[int, ...] | None:
    """What goes in and what comes out of each hop, at the best whole amount near `amount`.

    No other amount earns more than rounding can make of it, a few units. Where few amounts are
    that close, all of them are tried, and the best is the best there is. Where a unit of a token on
    the way is worth something, as of one with six decimals, those around are tried too. The input
    is the smallest with this output. None where the pools take no such amount.
    """
    best = _accepted(hops, max(int(amount), 1))
    if best is None:
        return None
    if _is_on_a_kink(curves, amount):
        best = _climbed(hops, best)
    if _is_coarse(curves, amount):
        for start in range(best[0] - _MAX_TRIES, best[0] + _MAX_TRIES + 1):
            best = _better(hops, best, start)
    best = _trimmed(hops, best)
    for hop in range(1, len(hops)):
        best = _refined(hops, curves, best, hop)
    return best


def trimmed_amounts(hops: Sequence[Way], max_in: int) -> tuple[int, ...] | None:
    """What `max_in` becomes, for the smallest input with that output.

    None where the pools don't take it.
    """
    try:
        return _trimmed(hops, amounts_from(hops, max_in))
    except AmountRefused:
        return None


def profit_of(curves: Sequence[Curve], amount: float) -> float:
    """What an amount earns, in floats."""
    return _through(curves, amount)[0] - amount


def amounts_from(hops: Sequence[Way], amount_in: int) -> tuple[int, ...]:
    """What goes in and what comes out of each hop. Raises `AmountRefused`."""
    amounts = [amount_in]
    for pool, token_in, token_out in hops:
        amounts.append(pool.amount_out(token_in, token_out, amounts[-1]))
    return tuple(amounts)


class _Point(NamedTuple):
    """An amount in, what it earns, and what one more unit becomes there."""

    amount: float
    profit: float
    rate: float


def _highest(low: _Point, high: _Point) -> float:
    """What no amount between two earns more than: where the tangents of both meet."""
    rises, falls = low.rate - 1, 1 - high.rate
    width = high.amount - low.amount
    return low.profit + rises * (high.profit - low.profit + falls * width) / (rises + falls)


def _through(curves: Sequence[Curve], amount: float) -> tuple[float, float, float]:
    """The amount out of a cycle for an amount in, and the hyperbola that it is like there."""
    rate, curvature = 1.0, 0.0
    for curve in curves:
        amount, of_hop, bend = curve.at(amount)
        curvature += rate * bend
        rate *= of_hop
    return amount, rate, curvature


def _is_on_a_kink(curves: Sequence[Curve], amount: float) -> bool:
    """Whether the last units still earned something, and the next would not fit."""
    return _through(curves, amount * (1 - _NEARLY))[1] - 1 > _NEARLY


def _climbed(hops: Sequence[Way], best: tuple[int, ...]) -> tuple[int, ...]:
    """To where a pool takes no more: floats, which know of no rounding, may be off by some."""
    step = max(best[0] >> _FINE_BITS, 1)
    while (better := _better(hops, best, best[0] + step)) is not best:
        best = better
        step *= 2
    while step:
        best = _better(hops, best, best[0] + step)
        best = _better(hops, best, best[0] - step)
        step //= 2
    return best


def _better(hops: Sequence[Way], best: tuple[int, ...], start: int) -> tuple[int, ...]:
    """What another amount makes, if it is better; `best` itself otherwise."""
    try:
        return max(best, amounts_from(hops, start), key=_profit_then_min_in)
    except AmountRefused:
        return best


def _is_coarse(curves: Sequence[Curve], amount: float) -> bool:
    """Whether all amounts that rounding could make the best are close enough to try each."""
    out, *_ = _through(curves, amount)
    # A unit that a hop loses is worth what the hops after it would have made of it.
    rounding, worth, at = 0.0, 1.0, [amount]
    for curve in curves:
        at.append(curve.at(at[-1])[0])
    for curve, into in zip(reversed(curves), reversed(at[:-1]), strict=True):
        rounding += _ROUNDING * worth
        worth *= curve.at(into)[1]
    ends = [end for end in (amount - _MAX_TRIES, amount + _MAX_TRIES) if end > 0]
    return all(out - amount - _through(curves, end)[0] + end > rounding for end in ends)


def _refined(
    hops: Sequence[Way], curves: Sequence[Curve], best: tuple[int, ...], hop: int
) -> tuple[int, ...]:
    """With what goes into a hop chosen to the unit: pools round their fees there."""
    rate = _through(curves[:hop], best[0])[1]
    if not rate or rate * _UNIT_MATTERS * _profit(best) >= 1:
        return best
    into = best[hop]
    tried = []
    for amount in range(max(into - _MAX_TRIES, 1), into + _MAX_TRIES + 1):
        try:
            out = amounts_from(hops[hop:], amount)[-1]
        except AmountRefused:
            break
        tried.append((out - (amount - into) / rate, amount))
    for _, amount in nlargest(_FINALISTS, tried):
        start = _input_for(hops[:hop], best, amount)
        if start is not None:
            best = _better(hops, best, start)
    return best


def _input_for(hops: Sequence[Way], near: Sequence[int], wanted: int) -> int | None:
    """The minimum that becomes `wanted`, not far from what is known of other amounts."""
    for hop, known in zip(reversed(hops), reversed(near[: len(hops)]), strict=True):
        enough, step = known, max(known >> _FINE_BITS, 1)
        while not _amount_out(hop, enough, wanted):
            if enough > 2 * known:
                return None
            enough += step
            step *= 2
        wanted = _min_in(hop, enough, wanted)
    return wanted


def _accepted(hops: Sequence[Way], start: int) -> tuple[int, ...] | None:
    """From `start`, or from a lower amount that all pools take."""
    step = 1
    while start > 0:
        try:
            return amounts_from(hops, start)
        except AmountRefused:
            start -= step
            step *= 2
    return None


def _trimmed(hops: Sequence[Way], amounts: Sequence[int]) -> tuple[int, ...]:
    """The same output for the smallest input, hop by hop from the last."""
    wanted = amounts[-1]
    for hop, known in zip(reversed(hops), reversed(amounts[:-1]), strict=True):
        wanted = _min_in(hop, known, wanted)
    return amounts_from(hops, wanted)


def _min_in(hop: Way, enough: int, wanted: int) -> int:
    step = 1
    while _amount_out(hop, enough - step, wanted):
        enough -= step
        step *= 2
    too_little = max(enough - step, 0)
    while enough - too_little > 1:
        middle = (enough + too_little) // 2
        if _amount_out(hop, middle, wanted):
            enough = middle
        else:
            too_little = middle
    return enough


def _amount_out(hop: Way, amount: int, wanted: int) -> bool:
    pool, token_in, token_out = hop
    try:
        return amount > 0 and pool.amount_out(token_in, token_out, amount) >= wanted
    except AmountRefused:
        return False


def _profit(amounts: Sequence[int]) -> int:
    return amounts[-1] - amounts[0]


def _profit_then_min_in(amounts: Sequence[int]) -> tuple[int, int]:
    return _profit(amounts), -amounts[0]
