"""Roles, budgets and markets as the chain keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field

from macrostrike.types import (
    NONCE_WINDOW,
    Action,
    EngineGrant,
    MarketConfig,
    MarketRules,
    OperatorGrant,
)

_DAY = 86_400
_MAX_DAY_LOTS = (1 << 24) - 1


@dataclass(slots=True)
class Operator:
    """A hot key's grant, and the budget that it uses up. It drains by the daily budget a day."""

    valid_until: int = 0
    actions: Action = field(default_factory=lambda: Action(0))
    daily_budget: int = 0
    used: int = 0
    used_at: int = 0

    def drained(self, now: int) -> int:
        """What is still in use."""
        return max(self.used - self.daily_budget * (now - self.used_at) // _DAY, 0)

    def grant(self, valid_until: int, actions: int, daily_budget: int, now: int) -> None:
        self.used, self.used_at = self.drained(now), now
        self.valid_until, self.actions = valid_until, Action(actions)
        self.daily_budget = daily_budget

    def charge(self, notional: int, now: int) -> None:
        self.used, self.used_at = self.drained(now) + notional, now

    def view(self, now: int) -> OperatorGrant:
        available = max(self.daily_budget - self.drained(now), 0)
        return OperatorGrant(self.valid_until, self.actions, self.daily_budget, available)


@dataclass(slots=True)
class Engine:
    """A signer, and the nonces that it has used."""

    valid_until: int = 0
    used: set[int] = field(default_factory=set)

    def is_used(self, nonce: int) -> bool:
        """Used, or too old to be used."""
        highest = max(self.used, default=0)
        return nonce in self.used or nonce <= highest - NONCE_WINDOW

    def view(self) -> EngineGrant:
        return EngineGrant(self.valid_until, max(self.used, default=0))


@dataclass(slots=True)
class Market:
    """A market, its rules, and what of its caps is in use."""

    config: MarketConfig
    rules: MarketRules
    enabled: bool = True
    open_lots: int = 0
    used_day_lots: int = 0
    last_strike_at: int = 0

    def used_now(self, now: int) -> int:
        """Lots of the day cap in use."""
        drained = self.rules.max_day_lots * (now - self.last_strike_at) // _DAY
        return max(self.used_day_lots - drained, 0)

    def change(self, rules: MarketRules, now: int) -> None:
        """What is in use stays in use, though it drains at the new cap's pace."""
        used = self.used_now(now)
        self.rules = rules
        drained = rules.max_day_lots * (now - self.last_strike_at) // _DAY if used else 0
        self.used_day_lots = min(used + drained, _MAX_DAY_LOTS)

    def charge(self, lots: int, now: int) -> None:
        self.used_day_lots = self.used_now(now) + lots
        self.open_lots += lots
        self.last_strike_at = now
