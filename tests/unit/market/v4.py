"""A market on a real Uniswap V4 pool, with a feed, and with hooks that can be set to cheat."""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction
from typing import Any

from macrostrike.build import ours
from macrostrike.types import Market, MarketConfig, OracleKind, Signal, StrikeOrder, Venue

from ...evm import FOREVER
from ..amm.v4 import (
    AFTER_SWAP,
    BEFORE_SWAP,
    CHANGES_AMOUNTS,
    SPACING,
    V4,
    V4_MANAGER,
    Key,
    deploy_hooks,
)
from ..environment import ZERO, Env
from ..pools import in_order
from .markets import config, deploy_feed, rules

HOOK = ours("HostileHook")
FEE = 500
DEPTH = 10**14  # raw quote in the pool
HOOKED = BEFORE_SWAP | AFTER_SWAP | CHANGES_AMOUNTS


class HookMode(IntEnum):
    """As `HostileHook.Mode`."""

    HONEST = 0
    REFUSES = 1
    TAKES_SPECIFIED = 2
    TAKES_UNSPECIFIED = 3
    ADDS_UNSPECIFIED = 4
    SETS_FEE = 5
    SENDS = 6
    CALLS_OUT = 7
    REFUSES_EXACT_OUTPUT = 8


class V4Market:
    """Market 1 of an environment: the base against the quote at 1600, on a pool without hooks."""

    def __init__(self, env: Env) -> None:
        self.env = env
        exchange = env.exchange
        self.v4 = V4(env.chain, exchange.key, ZERO)
        for token in (env.base, env.quote):
            self.v4.allow(token)
        self.feed = deploy_feed(env)
        self.feed.tell(1600 * 10**8)
        env.owner.send("setFactory", self.manager, Venue.UNISWAP_V4, True)
        self.key = self.pool(FEE)
        env.owner.send("registerMarket", self.config())

    @property
    def manager(self) -> str:
        return self.v4.manager

    @property
    def base_first(self) -> bool:
        return int(self.env.base, 16) < int(self.env.quote, 16)

    def pool(self, fee: int, hooks: str = ZERO) -> Key:
        """Another pool of the two tokens, at 1600."""
        token0, token1 = in_order(self.env.base, self.env.quote)
        key = (token0, token1, fee, SPACING, hooks)
        base = DEPTH * 10**12 // 1600
        self.v4.create_pool(key, {self.env.quote: DEPTH, self.env.base: base})
        return key

    def config(self, key: Key | None = None, **changes: Any) -> MarketConfig:
        """What registers a market on a pool of the manager's."""
        _, _, fee, spacing, hooks = key or self.key
        values = {
            "pool": self.manager,
            "factory": self.manager,
            "feed": self.feed.address,
            "rules": rules(self.env, oracle=OracleKind.FEED, oracle_window=10**6),
            "fee": fee,
            "tick_spacing": spacing,
            "hooks": hooks,
        }
        return config(self.env, **(values | changes))

    def view(self) -> Market:
        found: Market = self.env.read("getMarket", 1)
        return found

    def strike(self, signal: Signal = Signal.STRONG_LONG, **changes: Any) -> int:
        return int(self.opened(signal, **changes)["strike_id"])

    def opened(self, signal: Signal = Signal.STRONG_LONG, **changes: Any) -> dict[str, Any]:
        """What the event says of a strike that opens."""
        return self.env.strike(**({"market": 1, "signal": signal} | changes))

    def order(self, signal: Signal, market: int = 1, limit: int | None = None) -> StrikeOrder:
        """By default at any price."""
        prediction = self.env.prediction(market=market, signal=signal)
        worst = 0 if signal.is_long else FOREVER
        return StrikeOrder(
            prediction=prediction,
            signature=self.env.sign(prediction),
            limit_amount=worst if limit is None else limit,
        )

    def protocol_fee(self, fee: int) -> None:
        """What the protocol takes of the pool's swaps, either way, hundredths of a basis point."""
        controller = self.v4.address
        self.v4.tell(V4_MANAGER, self.manager, "setProtocolFeeController", controller)
        self.v4.tell(V4_MANAGER, self.manager, "setProtocolFee", self.key, fee << 12 | fee)

    def price(self, price: int) -> None:
        """Of the pool and the feed: somebody trades until it is so."""
        self.move(price)
        self.feed.tell(price * 10**8)

    def move(self, price: int) -> None:
        """Of the pool alone."""
        raw = Fraction(price, 10**12) if self.base_first else Fraction(10**12, price)
        self.v4.move(self.key, raw)

    # Hooks.

    def hooked(self, fee: int = FEE, market: bool = True) -> str:
        """Hooks that can be set to cheat; with a pool of theirs, which is market 2."""
        hooks = deploy_hooks(self.v4, HOOK, HOOKED)
        self.key = self.pool(fee, hooks)
        self.env.give(hooks, quote=10**12, base=10**21)
        if market:
            self.env.owner.send("setHooks", hooks, True)
            self.env.owner.send("registerMarket", self.config())
        return hooks

    def behave(
        self, hooks: str, mode: HookMode, share: int = 0, target: str = ZERO, call: bytes = b""
    ) -> None:
        self.v4.tell(HOOK, hooks, "behave", mode, share, target, call)
