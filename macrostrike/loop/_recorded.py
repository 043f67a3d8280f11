"""Recorded minutes, played on a local chain: its pool and its clock follow them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from macrostrike.chain import LocalTransport
from macrostrike.devchain import Venues
from macrostrike.loop._feed import MINUTE, FeedEnded
from macrostrike.market import Bar, Market


class RecordedFeed:
    """A `Feed` that makes a local chain live through recorded minutes.

    Each minute's end is one swap by the market maker that leaves the pool at its close. The first
    `warm_up` bars are history; the next ends a minute after `begins_at`, by the chain's clock.
    Which minute it is follows from that clock alone, so that a loop that was stopped goes on where
    the market is now. Minutes missing in the record are not waited for.

    minutes_per_second: how fast; None is as fast as the chain is.
    """

    def __init__(
        self,
        venues: Venues,
        market: Market,
        *,
        begins_at: int,
        warm_up: int,
        minutes_per_second: float | None = None,
    ) -> None:
        self._chain: LocalTransport = venues.transport
        self._venues, self._market = venues, market
        self._begins_at, self._warm_up = begins_at, warm_up
        self._pause = 1 / minutes_per_second if minutes_per_second else 0.0
        gone = max(0, self._chain.timestamp() - begins_at) // MINUTE
        self._number = warm_up + gone
        self._next_at = time.monotonic()

    def history(self) -> Sequence[Bar]:
        """As of `Feed`."""
        known = min(self._number, len(self._market.bars))
        return [self._bar(number) for number in range(known)]

    def next(self) -> Bar | None:
        """As of `Feed`: moves clock and pool to the bar's end."""
        if self._number >= len(self._market.bars):
            raise FeedEnded(f"{self._market.source}: played to its end")
        if time.monotonic() < self._next_at:
            return None
        self._next_at = max(self._next_at + self._pause, time.monotonic() - self._pause)
        bar = self._bar(self._number)
        ahead = bar.timestamp + MINUTE - self._chain.timestamp()
        if ahead > self._chain.block_time:
            self._chain.mine(ahead - self._chain.block_time)
        self._venues.move_price(bar.close)
        self._number += 1
        return bar

    def _bar(self, number: int) -> Bar:
        """A recorded bar at the time at which it is played."""
        begins = self._begins_at + (number - self._warm_up) * MINUTE
        return replace(self._market.bars[number], timestamp=begins)
