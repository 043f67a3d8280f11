"""Strikes of market 0, as they are in storage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from macrostrike.types import Signal

from ...layouts import joined, packed_types
from .market import Market
from .numbers import BOTS, EQUITY_BITS, FULL, LOT_BITS, core_word

STRIKE = packed_types()["StrikeWord"]
ID = 66  # in slot 2


@dataclass
class Strike:
    """Of market 0, with lots of 7 book units."""

    signal: Signal
    lots: list[int]
    lot: int = 7
    exponent: int = 0
    base: int = 10**18
    opened_at: int = 0
    horizon: int = 3600
    take_profit: int = 0
    stop_loss: int = 100
    above: list[int] = field(default_factory=lambda: [0] * BOTS)
    dust: int = 0

    @property
    def notional(self) -> int:
        return int(sum(self.lots) * self.lot * 10**self.exponent)

    @property
    def equity(self) -> list[int]:
        pairs = zip(self.lots, self.above, strict=True)
        return [min(FULL, lots * self.lot + more) for lots, more in pairs]

    def core(self, is_open: bool = True, status: int = 0) -> int:
        values = {"lot": self.lot, "unitExponent": self.exponent, "dust": self.dust}
        bitmap = 1 << ID % 64 if is_open else 0
        return core_word(openBitmap=bitmap, status=status, **values)

    def word(self) -> int:
        values = {
            "id": ID,
            "baseAmount": self.base,
            "openedAt": self.opened_at,
            "horizon": self.horizon,
            "takeProfitBps": self.take_profit,
            "stopLossBps": self.stop_loss,
            "confidenceBps": 9512,
            "modelId": 77,
        }
        word = 0
        for name, value in values.items():
            word = STRIKE[name].put(word, value)
        return word


class Strikes(Market):
    contract = "StrikeProbe"

    def open(self, strike: Strike, reserve: int = 0, **core: Any) -> None:
        strategies = [
            joined(strike.equity[first : first + 5], EQUITY_BITS) for first in range(0, BOTS, 5)
        ]
        self.tell("setFleet", strike.core(**core), strategies, reserve)
        weights = joined(strike.lots, LOT_BITS) | strike.signal << 250
        self.tell("setStrike", strike.word(), weights)
