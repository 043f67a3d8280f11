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
    """

    opportunity: Opportunity
    pools: tuple[int, ...]
    gas_price_wei: int
    block_number: int

    @property
    def profit_wei(self) -> int:
        """What it earns in wei at the reference price, before gas."""
        found = self.opportunity
        return found.net_profit_wei + found.gas * self.gas_price_wei

    @property
    def min_profit(self) -> int:
        """What pays for the gas, raw units of the token that is earned, rounded up; 1 at least."""
        found = self.opportunity
        gas_cost = found.gas * self.gas_price_wei
        return max(-(-found.profit * gas_cost // (found.net_profit_wei + gas_cost)), 1)

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
