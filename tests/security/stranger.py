"""A stranger in person: tokens, a pool of a depth of his choice, a due strike to close."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from eth_account.signers.local import LocalAccount

from macrostrike.build import Contract
from macrostrike.types import OracleKind, Signal

from ..unit.environment import TOKEN, Env
from ..unit.market.markets import config, deploy_feed
from ..unit.pools import FEE, POOL, ROUTER, sqrt_price

U = (1 << 256) - 1
LONG, SHORT = Signal.STRONG_LONG, Signal.STRONG_SHORT


@dataclass
class Stranger:
    """Someone with tokens, and a market of a pool of his choice."""

    env: Env
    market: int
    base: str
    pool: str

    @property
    def key(self) -> LocalAccount:
        return self.env.people["stranger"]

    def price(self) -> Fraction:
        """Raw quote for raw base."""
        root = self.env.ask(POOL.abi, self.pool, "slot0")[0]
        price = Fraction(root * root, 1 << 192)
        return price if self.base_first else 1 / price

    @property
    def base_first(self) -> bool:
        return int(self.base, 16) < int(self.env.quote, 16)

    def push(self, share: Fraction) -> None:
        """Trades the pool's price that far away, by his own swap."""
        self.buy_to(self.price() * (1 + share))

    def sell(self, base: int) -> None:
        self._swap(False, base, 0)

    def buy_to(self, price: Fraction) -> None:
        self._swap(
            price > self.price(), 10**24, sqrt_price(price if self.base_first else 1 / price)
        )

    def holds(self) -> tuple[int, int]:
        env, at = self.env, str(self.key.address)
        return env.balance(env.quote, at), env.balance(self.base, at)

    def take(self, strike_id: int, signal: Signal) -> None:
        self.env.stranger.send("takeStrike", strike_id, U if signal.is_long else 0)

    def even(self, before: int) -> None:
        """Trades until he has as much base as before."""
        has = self.holds()[1]
        if has > before:
            self.sell(has - before)
        elif has < before:
            swap = (self.env.quote, self.base, FEE, self.key.address, before - has, 1 << 120, 0)
            self._router("exactOutputSingle", swap)

    def _swap(self, buys: bool, amount: int, limit: int) -> None:
        paid, got = (self.env.quote, self.base)[:: 1 if buys else -1]
        swap = (paid, got, FEE, self.key.address, amount, 0, limit)
        self._router("exactInputSingle", swap)

    def _router(self, function: str, swap: tuple[Any, ...]) -> None:
        router = self.env.world.venues.fixtures.router
        self.env.tell(self.key, ROUTER.abi, router, function, swap)


def stranger_of(
    env: Env,
    depth: int,
    lots: int = 1023,
    remembers: int = 64,
    base_contract: Contract | None = None,
) -> Stranger:
    """A market on a new pool of that depth, on which a bot has at most so many lots.

    base_contract: what base is, by default an honest one.
    A pool that remembers one observation is of a market that reads a feed, for which it is made to
    remember more as soon as it is traded on.
    """
    exchange = env.exchange
    base = exchange.token(18, base_contract)
    price = Fraction(1600) * Fraction(10) ** (6 - 18)
    exchange.mint(base, exchange.address, 10**27)
    env.give(exchange.address, quote=4 * depth)
    pool = exchange.v3_pool(base, env.quote, price, depth, remembers)
    rules = env.read("getMarket", 0).rules
    open_rules = replace(rules, max_bot_lots=lots, max_deviation_bps=1000)
    changes: dict[str, Any] = {"base": base, "pool": pool, "factory": exchange.factory}
    if remembers == 1:
        exchange.tell(POOL, pool, "increaseObservationCardinalityNext", 64)
        feed = deploy_feed(env)
        feed.tell(1600 * 10**8)
        open_rules = replace(open_rules, oracle=OracleKind.FEED)
        changes["feed"] = feed.address
    market = config(env, rules=open_rules, **changes)
    found = env.owner.only("MarketRegistered", "registerMarket", market)["market"]
    holder = env.owner.address
    exchange.mint(base, holder, 10**24)
    env.approve(env.owner.key, base)
    env.owner.send("depositInventory", base, 10**23)
    stranger = Stranger(env, found, base, str(pool))
    key = stranger.key
    exchange.mint(base, key.address, 10**27)
    env.give(key.address, quote=10**18)
    router = env.world.venues.fixtures.router
    for token in (base, env.quote):
        env.approve(key, token)
        env.tell(key, TOKEN.abi, token, "approve", router, U)
    return stranger


def due_strike(
    stranger: Stranger, signal: Signal, lag: Fraction = Fraction(0), elapsed: int = 1200
) -> int:
    """A strike that can be taken over, so long after the auction's beginning, in a market that has
    run ahead of its means by `lag`."""
    env = stranger.env
    opened = env.strike(market=stranger.market, signal=signal, horizon=60)
    strike_id = int(opened["strike_id"])
    opens_at = env.read("quoteTake", strike_id)[1]
    env.at(opens_at + elapsed - 13)
    if lag:
        stranger.push(lag)
        env.wait(11)
    return strike_id
