"""What trading cost, in raw quote: the pools' fees, and gas at the price of the nearest strike."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from macrostrike.journal import StrikeRow, TransactionRow
from macrostrike.manifest import Manifest
from macrostrike.types import FEE_BASE

_ETHER = ("ETH", "WETH")


@dataclass(frozen=True, slots=True)
class Costs:
    """Raw quote. `gas` is the operators', None where no market prices ether."""

    fees: int
    gas: int | None


def costs_of(
    strikes: Sequence[StrikeRow], transactions: Sequence[TransactionRow], manifest: Manifest
) -> Costs:
    """The fees of all strikes, and the gas that operators have paid: what the owner does, such as
    deploying, is not a cost of trading."""
    operators = set(manifest.operators)
    fees = {market.id: market.fee for market in manifest.markets}
    ether = {m.id for m in manifest.markets if m.base.symbol in _ETHER}
    return Costs(
        fees=sum(_fees(strike, fees.get(strike.market, 0)) for strike in strikes),
        gas=_gas([t for t in transactions if t.account in operators], _prices(strikes, ether)),
    )


def _fees(strike: StrikeRow, fee: int) -> int:
    """Of both swaps. A pool takes its fee from what goes in, quote or the quote's worth of base."""
    received, spent = strike.quote_amount or 0, strike.notional
    if not strike.signal.is_long:
        received, spent = spent, received
    return spent * fee // FEE_BASE + received * fee // (FEE_BASE - fee)


def _prices(strikes: Sequence[StrikeRow], ether: set[int]) -> Mapping[int, tuple[int, int]]:
    """Raw quote and the wei that it was for, by the block of the strike."""
    own = (strike for strike in strikes if strike.market in ether and strike.base_amount)
    return {strike.opened_block: (strike.notional, strike.base_amount) for strike in own}


def _gas(
    transactions: Sequence[TransactionRow], prices: Mapping[int, tuple[int, int]]
) -> int | None:
    if not prices:
        return None
    blocks, total = sorted(prices), 0
    for row in transactions:
        nearest = blocks[max(bisect_right(blocks, row.block_number) - 1, 0)]
        quote, wei = prices[nearest]
        total += row.gas_used * (row.gas_price or 0) * quote // wei
    return total
