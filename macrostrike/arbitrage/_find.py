"""What a search among a diamond's own pools finds."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.arbitrage._search import Opportunity
from macrostrike.types import ArbitrageOrder


@dataclass(frozen=True, slots=True)
class Find:
    """An opportunity that a diamond can take.

    pools: their ids, in the order of the hops.
    gas_price_wei: what gas was reckoned at.
    block_number: the block in whose state it is.
    data_cost_wei: what was reckoned for the data of its transaction on a chain below.
    """

    opportunity: Opportunity
    pools: tuple[int, ...]
    gas_price_wei: int
    block_number: int
    data_cost_wei: int = 0

    @property
    def profit_wei(self) -> int:
        """What it earns in wei at the reference price, before gas and data."""
        return self.opportunity.net_profit_wei + self._cost

    @property
    def min_profit(self) -> int:
        """What pays for gas and data, raw units of the token that is earned, rounded up from 1."""
        return max(-(-self.opportunity.profit * self._cost // self.profit_wei), 1)

    @property
    def _cost(self) -> int:
        return self.opportunity.gas * self.gas_price_wei + self.data_cost_wei

    def order(self, *, confidence_bps: int, deadline: int) -> ArbitrageOrder:
        """An order for it that the chain sizes anew, and refuses where it would not pay its gas."""
        return ArbitrageOrder(
            pools=self.pools,
            token_in=self.opportunity.token,
            amount_in=self.opportunity.amount_in,
            min_profit=self.min_profit,
            confidence_bps=confidence_bps,
            deadline=deadline,
            resize=True,
        )
