"""Venues: one spec a venue. A new one is a file here, its model in `pools`, and a line below."""

from __future__ import annotations

from macrostrike.arbitrage.venues._spec import (
    BY_ADDRESS,
    BY_KEY,
    BY_PAIR,
    Ask,
    Identity,
    Naming,
    StrikeMarket,
    VenueSpec,
)
from macrostrike.arbitrage.venues.balancer import BALANCER_STABLE, BALANCER_WEIGHTED
from macrostrike.arbitrage.venues.uniswap_v2 import UNISWAP_V2
from macrostrike.arbitrage.venues.uniswap_v3 import UNISWAP_V3
from macrostrike.arbitrage.venues.uniswap_v4 import UNISWAP_V4
from macrostrike.types import Venue

__all__ = [
    "BY_ADDRESS",
    "BY_KEY",
    "BY_PAIR",
    "VENUES",
    "Ask",
    "Identity",
    "Naming",
    "StrikeMarket",
    "VenueSpec",
    "venue_named",
]

VENUES: dict[Venue, VenueSpec] = {
    spec.venue: spec
    for spec in (UNISWAP_V2, UNISWAP_V3, UNISWAP_V4, BALANCER_WEIGHTED, BALANCER_STABLE)
}
"""All that are modelled."""

_NAMED = {str(venue): venue for venue in VENUES}


def venue_named(name: object) -> Venue:
    """The venue of a name such as `UniswapV3`. Raises `ValueError`, with the names that are."""
    if isinstance(name, Venue):
        return name
    if name not in _NAMED:
        raise ValueError(f"unknown venue; known are {', '.join(_NAMED)}")
    return _NAMED[str(name)]
