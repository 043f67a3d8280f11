"""Strikes as a report needs them: what the chain measured, and where the pool stood."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.replay._pool import FullRange
from macrostrike.types import BOTS_PER_STRATEGY as SIZE
from macrostrike.types import Signal, Strategy, StrikeOpened, StrikeSettled

_FEE_UNITS = 10**6


@dataclass(frozen=True, slots=True)
class Leg:
    """One swap of a strike.

    at: the block's time.
    worth: raw quote that the strike's base was worth at the pool's price just before the swap.
    moved: how much of that came in the blocks between decision and swap, by others' trades.
    fee: raw quote of the pool's fee.
    gas: what the transaction used, in process, where storage is warm.
    """

    at: int
    worth: int
    fee: int
    gas: int
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Trade:
    """A settled strike, in raw units of quote; `base` in raw base, bought or sold at its opening.

    quote: what the settlement received or spent.
    """

    strike_id: int
    signal: Signal
    model_id: int
    confidence_bps: int
    take_profit_bps: int
    stop_loss_bps: int
    strategies: tuple[Strategy, ...]
    base: int
    notional: int
    quote: int
    pnl: int
    won: bool
    opened: Leg
    settled: Leg

    @property
    def gross(self) -> int:
        """What the move of the pool's price alone was worth, from decision to decision."""
        return self._gain(self.settled.worth) - self._gain(self.opened.worth) + self.flow

    @property
    def flow(self) -> int:
        """What others took by trading between the fleet's decisions and its swaps."""
        return self._gain(self.opened.moved) - self._gain(self.settled.moved)

    def _gain(self, amount: int) -> int:
        return amount if self.signal.is_long else -amount

    @property
    def fees(self) -> int:
        """Both swaps' pool fees."""
        return self.opened.fee + self.settled.fee

    @property
    def measured(self) -> int:
        """P&L by what was paid and received; the chain may count less of it."""
        return self.quote - self.notional if self.signal.is_long else self.notional - self.quote

    @property
    def impact(self) -> int:
        """What the fleet's own swaps cost by moving the price: all that fees don't explain."""
        return self.gross - self.flow - self.fees - self.measured

    @property
    def uncounted(self) -> int:
        """What the chain measured and did not count as profit."""
        return self.measured - self.pnl


Prices = tuple[int, int]
"""The pool's, as `sqrtPriceX96`: when a swap was decided, and just before it."""


def opening(opened: StrikeOpened, pool: FullRange, prices: Prices) -> Leg:
    """The first swap."""
    decided, worth = (pool.worth(price, base_of(opened)) for price in prices)
    fee = _fee(opened.notional if opened.signal.is_long else worth, pool)
    return Leg(opened.mined.timestamp, worth, fee, opened.mined.gas_used, worth - decided)


def closing(opened: StrikeOpened, settled: StrikeSettled, pool: FullRange, prices: Prices) -> Leg:
    """The second swap."""
    decided, worth = (pool.worth(price, base_of(opened)) for price in prices)
    fee = _fee(worth if opened.signal.is_long else settled.quote_amount, pool)
    return Leg(settled.mined.timestamp, worth, fee, settled.mined.gas_used, worth - decided)


def trade(opened: StrikeOpened, settled: StrikeSettled, first: Leg, second: Leg) -> Trade:
    """The whole strike."""
    lots = opened.lots
    return Trade(
        strike_id=opened.strike_id,
        signal=opened.signal,
        model_id=opened.model_id,
        confidence_bps=opened.confidence_bps,
        take_profit_bps=opened.take_profit_bps,
        stop_loss_bps=opened.stop_loss_bps,
        strategies=tuple(s for s in Strategy if any(lots[s * SIZE : (s + 1) * SIZE])),
        base=base_of(opened),
        notional=opened.notional,
        quote=settled.quote_amount,
        pnl=settled.pnl,
        won=settled.won,
        opened=first,
        settled=second,
    )


def base_of(opened: StrikeOpened) -> int:
    """Raw base that a long received, or a short sold."""
    return opened.record.base_amount


def _fee(paid: int, pool: FullRange) -> int:
    """The fee in what a swap took, rounded as the pool does; in quote where it took base."""
    return -(-paid * pool.fee // _FEE_UNITS)
