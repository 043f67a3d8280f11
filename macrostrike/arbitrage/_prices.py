"""What tokens are worth by what pools say of them, and pools that are not to be believed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

from macrostrike.arbitrage._errors import Excluded, Fault
from macrostrike.arbitrage.pools._pool import Pool

_MOVE = 0.01  # over a curvature, the amount that moves the price by twice as much


@dataclass(frozen=True, slots=True)
class _Quote:
    """What a pool says of two tokens, whatever its fee.

    price: raw units of `known` for one of `asked`. depth: raw units of `known` that move it by 2 %.
    """

    known: str
    asked: str
    price: float
    depth: float


def reference_prices(
    pools: Iterable[Pool], base_token: str, known: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Wei for a raw unit of each token that pools connect with `base_token` or a known one.

    Of what the pools say of a token, the median by depth, from the known tokens outwards: a deep
    pool is believed more than any number of shallow ones.
    """
    prices = {**(known or {}), base_token: 1.0}
    quotes = [quote for pool in pools for quote in _quotes(pool)]
    while True:
        said: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for quote in quotes:
            if quote.known in prices and quote.asked not in prices:
                worth = prices[quote.known]
                said[quote.asked].append((worth * quote.price, worth * quote.depth))
        if not said:
            return prices
        prices |= {token: _median(offers) for token, offers in said.items()}


def screen(
    pools: Iterable[Pool],
    prices: Mapping[str, float],
    *,
    tolerance: float = 0.2,
    min_worth_wei: int = 0,
) -> tuple[list[Pool], list[Excluded]]:
    """The pools to search, and those left out with the reason.

    Left out is a pool of which all that could come out is worth under `min_worth_wei`, one with
    a token that has no price, and one that pays over 1 + `tolerance` of what is paid to it: had it
    been true, someone would have taken it long ago. It is a dead pool, a token that can't be sold,
    or a state that is wrong.
    """
    kept: list[Pool] = []
    excluded: list[Excluded] = []
    for pool in pools:
        reason = _reason(pool, prices, tolerance, min_worth_wei)
        if reason is None:
            kept.append(pool)
        else:
            excluded.append(Excluded(pool.id, *reason))
    return kept, excluded


def _reason(
    pool: Pool, prices: Mapping[str, float], tolerance: float, min_worth: int
) -> tuple[Fault, str] | None:
    unknown = [token for token in pool.tokens if token not in prices]
    if unknown:
        return Fault.UNPRICED, f"no price for {', '.join(unknown)}"
    ways = list(pool.directions())
    worth = max((way.max_out * prices[way.token_out] for way in ways), default=0.0)
    if worth < min_worth:
        return Fault.DUST, f"{worth:.0f} wei can come out of it at most"
    for way in ways:
        ratio = way.rate * prices[way.token_out] / prices[way.token_in]
        if ratio > 1 + tolerance:
            return Fault.MISPRICED, f"it pays {ratio:.3g} times the worth of {way.token_in}"
    return None


def _quotes(pool: Pool) -> Iterable[_Quote]:
    """Of each two tokens, both ways; nothing of those that trade one way at most."""
    for token0, token1 in combinations(pool.tokens, 2):
        _, there, bend0 = pool.curve(token0, token1).at(0.0)
        _, back, bend1 = pool.curve(token1, token0).at(0.0)
        if min(there, back, bend0, bend1) > 0:
            price = sqrt(back / there)
            yield _Quote(token0, token1, price, _MOVE / bend0)
            yield _Quote(token1, token0, 1 / price, _MOVE / bend1)


def _median(offers: Sequence[tuple[float, float]]) -> float:
    """The price in the middle of all depth."""
    *others, (last, _) = sorted(offers)
    half = sum(depth for _, depth in offers) / 2
    for price, depth in others:
        half -= depth
        if half <= 0:
            return price
    return last
