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


@dataclass(frozen=True, slots=True)
class GasPrice:
    """What a unit of gas costs, assumed: a replay's chain is this process and takes none.

    Ether is at the price of the strike's minute. No L1 data fee is in it.
    """

    gwei: float

    def cost(self, trade: Trade) -> int:
        """Both transactions of a strike, raw quote units."""
        return sum(self._leg(gas, trade) for gas in gas_of(trade))

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
    """Sums over trades, raw quote units. gross - fees - impact - uncounted = pnl; less gas, net."""

    gross: int
    fees: int
    impact: int
    uncounted: int
    pnl: int
    gas: int

    @classmethod
    def of(cls, trades: Sequence[Trade], gas: GasPrice) -> Costs:
        """Of all these trades."""
        return cls(
            gross=sum(each.gross for each in trades),
            fees=sum(each.fees for each in trades),
            impact=sum(each.impact for each in trades),
            uncounted=sum(each.uncounted for each in trades),
            pnl=sum(each.pnl for each in trades),
            gas=sum(gas.cost(each) for each in trades),
        )

    @property
    def net(self) -> int:
        """What is left after gas."""
        return self.pnl - self.gas
