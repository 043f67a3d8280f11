"""Depths of the recorded V3 pools of WETH."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

POOLS = Path(__file__).parents[2] / "../shared/data/pools/cow_auction_7400681.json.gz"
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
ETHER_USD = 1610
DOLLAR = 10**6
_MIN_DEPTH = 10**5 * DOLLAR


class Depth(NamedTuple):
    """quote: virtual depth at the price, raw USDC. fee: millionths."""

    quote: int
    fee: int


@cache
def recorded_depths() -> list[Depth]:
    """Ascending; empty where nothing was recorded."""
    if not POOLS.exists():
        return []
    return sorted(_depths(json.loads(gzip.decompress(POOLS.read_bytes()))))


def quantiles(count: int) -> list[Depth]:
    """So many of them, from the smallest to the largest."""
    depths = recorded_depths()
    return [depths[(len(depths) - 1) * step // (count - 1)] for step in range(count)]


def _depths(auction: Any) -> Iterator[Depth]:
    for amm in auction["amms"].values():
        if amm["kind"] != "Concentrated":
            continue
        tokens, state = [each["id"] for each in amm["pool"]["tokens"]], amm["pool"]["state"]
        if WETH not in tokens:
            continue
        root, liquidity = int(state["sqrt_price"]), int(state["liquidity"])
        weth = (liquidity << 96) // root if tokens[0] == WETH else liquidity * root >> 96
        depth = weth * ETHER_USD * DOLLAR // 10**18
        if depth > _MIN_DEPTH:
            yield Depth(depth, int(Fraction(amm["fee"]) * 10**6))
