"""What trading cost: from the price's move to what is left, adding up to the unit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from macrostrike.build import ROOT
from macrostrike.replay._trades import Trade

_GAS_TABLE = ROOT / "snapshots" / "gas.json"
_GWEI = 10**9
QUOTE = 10**6
"""Raw units in one quote token, a dollar."""
_OPTIONAL = ("Others' trades first", "L1 data, assumed")


@dataclass(frozen=True, slots=True)
class GasPrice:
    """What transactions cost, assumed: a replay's chain is this process and takes nothing.

    gwei: for a unit of gas, with ether at the price of the strike's minute.
    l1_usd: for the data of one transaction on an L1, where the chain has one; whole quote.
    """

    gwei: float
    l1_usd: float = 0.0

    def cost(self, trade: Trade) -> int:
        """Both transactions of a strike, raw quote units."""
        return self.l2_cost(trade) + self.l1_cost

    def l2_cost(self, trade: Trade) -> int:
        """Of both, what their gas costs."""
        return sum(self._leg(gas, trade) for gas in gas_of(trade))

    @property
    def l1_cost(self) -> int:
        """Of both, what their data cost."""
        return 2 * round(self.l1_usd * QUOTE)

    def _leg(self, gas: int, trade: Trade) -> int:
        ether = gas * round(self.gwei * _GWEI)  # wei
        # What the base was worth tells the price: raw quote for a raw unit of base.
        return ether * trade.opened.worth // trade.base


@cache
def _gas_table() -> tuple[int, int] | None:
    """Gas of a strike and of a settlement for 25 bots, whole transactions, measured on anvil."""
    try:
        gas = json.loads(_GAS_TABLE.read_text(encoding="utf-8"))["gas"]
    except FileNotFoundError:
        return None
    return gas["strike_v3_25"], gas["settle_v3_25"]


def gas_of(trade: Trade) -> tuple[int, int]:
    """Gas of the two transactions: of the project's gas table, or else as measured in process."""
    return _gas_table() or (trade.opened.gas, trade.settled.gas)


@dataclass(frozen=True, slots=True)
class Costs:
    """Sums over trades, raw quote units.

    gross - flow - fees - impact - uncounted = pnl, and pnl - gas - l1 = net.
    """

    gross: int
    flow: int
    fees: int
    impact: int
    uncounted: int
    pnl: int
    gas: int
    l1: int

    @classmethod
    def of(cls, trades: Sequence[Trade], gas: GasPrice) -> Costs:
        """Of all these trades."""
        return cls(
            gross=sum(each.gross for each in trades),
            flow=sum(each.flow for each in trades),
            fees=sum(each.fees for each in trades),
            impact=sum(each.impact for each in trades),
            uncounted=sum(each.uncounted for each in trades),
            pnl=sum(each.pnl for each in trades),
            gas=sum(gas.l2_cost(each) for each in trades),
            l1=gas.l1_cost * len(trades),
        )

    @property
    def net(self) -> int:
        """What is left after gas."""
        return self.pnl - self.gas - self.l1

    def steps(self) -> tuple[tuple[str, int, bool], ...]:
        """From the price's moves to what is left: names, amounts, and whether it is a sum so far.

        Others' flow and an L1's fee are there where there are any.
        """
        steps = (
            ("Price moves", self.gross, False),
            ("Others' trades first", -self.flow, False),
            ("Pool fees", -self.fees, False),
            ("Own price impact", -self.impact, False),
            ("Measured, not counted", -self.uncounted, False),
            ("In the books", self.pnl, True),
            ("Gas, assumed", -self.gas, False),
            ("L1 data, assumed", -self.l1, False),
            ("Net", self.net, True),
        )
        return tuple(step for step in steps if step[1] or step[0] not in _OPTIONAL)
