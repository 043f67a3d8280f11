"""Short scripts of calls to an arena."""

from __future__ import annotations

from .arena import Arena
from .wire import Said

LONG, SHORT = 0, 3


class Script:
    """Calls to an arena."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.nonce = 0

    def say(self, signal: int = LONG, **changes: int) -> Said:
        self.nonce += 1
        now = self.arena.now
        said = Said(
            engine=next(iter(self.arena.engines)),
            nonce=self.nonce,
            market=0,
            signal=signal,
            confidence_bps=9500,
            strategies=31,
            model_id=1,
            valid_from=now,
            valid_until=now + 1000,
            horizon=3600,
            take_profit_bps=0,
            stop_loss_bps=9_999,
        )
        return said._replace(**changes)

    def strike(self, signal: int = LONG, by: str = "bold", **changes: int) -> str | None:
        return self.arena.strike(by, self.say(signal, **changes))

    def settle(self, strike_id: int = 1) -> str | None:
        strike = self.arena.books.fleet.slots[strike_id % 64]
        limit = 0 if strike.signal.is_long else (1 << 256) - 1
        return self.arena.send("bold", "settleStrike", strike_id, limit)

    def own(self, function: str, *args: object) -> str | None:
        return self.arena.send(self.arena.owner, function, *args)

    def part_prices(self) -> None:
        outside = self.arena.outside
        outside.move_price(0, outside.price(2) * 105 / 100)

    def raise_price(self) -> None:
        """Until the oracle knows."""
        outside = self.arena.outside
        outside.move_price(0, outside.price(0) * 103 / 100)
        self.arena.chain.mine(601)
