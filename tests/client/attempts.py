"""Strikes tried in any state: what can be otherwise about the state and the prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from hypothesis import strategies as st

from macrostrike import (
    Action,
    BotConfig,
    MacroStrike,
    Prediction,
    RevmTransport,
    Signal,
    Strategy,
    sign_prediction,
    strategy_mask,
)
from macrostrike.testing import World, deploy_world
from macrostrike.types import MarketConfig

from ..unit.pools import TOKEN, Exchange
from .support import STRANGER, client_of, owner_does, prediction_of

FOREVER = 4_000_000_000
LAST_NONCE = 1000
MODEL = 9
EVERYONE = (1 << 25) - 1


# Where it begins.


@dataclass(frozen=True)
class Start:
    """A world with a past, and what the default strike would take of its limits."""

    world: World
    last_strike_at: int
    lots: int
    base_to_sell: int


@cache
def start_of(past: str) -> Start:
    """`traded` has one strike behind it; of `halted` a breaker has tripped; `full` has 64 open."""
    world = deploy_world(RevmTransport(block_time=1))
    register_cheap_base(world)
    owner_does(world, "setModel", MODEL, world.engine.address)
    client, nonce = client_of(world), LAST_NONCE
    while True:
        mask = strategy_mask(Strategy.MARKET_MAKING)
        prediction = prediction_of(world, nonce=nonce, strategies=mask, model_id=MODEL)
        opened = client.strike(prediction, world.engine)
        if past != "full":
            client.settle(opened.strike_id)
        nonce -= 1
        stats = client.stats()
        if {"traded": True, "halted": stats.halted, "full": stats.open == 64}[past]:
            break
    lots, base_to_sell = 0, 0
    if past == "traded":
        with undone(world):
            short = prediction_of(world, nonce=LAST_NONCE + 1, signal=Signal.STRONG_SHORT)
            opened = client.strike(short, world.engine)
            lots, base_to_sell = sum(opened.lots), opened.record.base_amount
    world.transport.mine(60)  # in which the operator's budget refills
    return Start(world, client.market(0).last_strike_at, lots, base_to_sell)


def register_cheap_base(world: World) -> None:
    """Market 1: so little is its base worth, that a whole fleet's strike overflows 96 bits."""
    key: LocalAccount = Account.from_key("0x" + "c4" * 32)
    exchange = Exchange(world.transport, world.venues, key)
    base, quote = exchange.token(18), world.manifest.quote.address
    price = Fraction(10**10, 1 << 96)
    exchange.mint(base, key.address, 1 << 120)
    exchange.mint(base, world.owner.address, 1 << 100)
    world.venues.provide(key.address, quote=10**15)
    pool = exchange.v3_pool(base, quote, price, 10**14)
    rules = client_of(world).market(0).rules
    factory = world.venues.fixtures.factory
    owner_does(
        world, "registerMarket", MarketConfig(base=base, pool=pool, factory=factory, rules=rules)
    )
    approve = TOKEN.abi.encode_call("approve", world.diamond, 1 << 100)
    world.transport.send(world.owner, base, approve)
    owner_does(world, "depositInventory", base, 1 << 100)


@contextmanager
def undone(world: World) -> Iterator[None]:
    snapshot = world.transport.snapshot()
    try:
        yield
    finally:
        world.transport.revert(snapshot)


# What can be otherwise. Each of these changes one thing about the state or the prediction; numbers
# that stand for a limit or a time are relative to where its boundary is.


@dataclass
class Attempt:
    """A strike in the making, tried at the second `at`."""

    start: Start
    at: int
    sender: LocalAccount
    signature: Callable[[Prediction, bytes], bytes] = lambda _, signature: signature
    grant: dict[str, int] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)
    prediction: dict[str, Any] = field(default_factory=dict)
    price: Decimal | None = None

    @property
    def world(self) -> World:
        return self.start.world

    def owner(self, function: str, *args: object) -> None:
        owner_does(self.world, function, *args)


Change = Callable[[Attempt, Any], object]
CHANGES: dict[str, tuple[st.SearchStrategy[Any], Change]] = {}


def among(name: str, *values: Any) -> Callable[[Change], Change]:
    """Makes a function the change of that name, by one of those values or of that strategy."""
    first = values[0]
    strategy = first if isinstance(first, st.SearchStrategy) else st.sampled_from(values)

    def register(change: Change) -> Change:
        CHANGES[name] = strategy, change
        return change

    return register


def says(name: str, *values: Any) -> None:
    """A field of the prediction."""
    among(name, *values)(lambda attempt, value: attempt.prediction.update({name: value}))


def rules(name: str, *values: Any) -> None:
    """A rule of market 0."""
    among(f"rule {name}", *values)(lambda attempt, value: attempt.rules.update({name: value}))


says("market", 0, 1, 2, 255)
says("signal", *Signal)
says("confidence_bps", 0, 9299, 9300, 9301, 9499, 9500, 9501, 9999, 10_000)
says("strategies", st.integers(1, 31))
says("nonce", LAST_NONCE, LAST_NONCE - 1, LAST_NONCE - 127, LAST_NONCE - 128, 0, (1 << 64) - 1)
says("model_id", MODEL, 0, 8, (1 << 16) - 1)
says("horizon", 1, 14_400, 14_401, (1 << 24) - 1)
says("stop_loss_bps", 1, 300, 301, 9999)
says("take_profit_bps", 0, 1, 5, 6, (1 << 16) - 1)
rules("longs", False)
rules("shorts", False)
rules("max_bot_lots", 1, 5, 1023)
rules("max_deviation_bps", 1, 5, 7, 1000)
rules("oracle_window", 120, 380)
rules("max_horizon", 1, 3599, 3600)
rules("max_stop_loss_bps", 99, 100)


@among("threshold", 9301, 9500, 10_000)
def threshold(attempt: Attempt, threshold_bps: int) -> None:
    attempt.owner("setThreshold", threshold_bps)


@among("paused", True)
def paused(attempt: Attempt, _: bool) -> None:
    attempt.owner("pause")


@among("valid from", -1, 0, 1)
def valid_from(attempt: Attempt, offset: int) -> None:
    attempt.prediction["valid_from"] = first = attempt.at + offset
    last = attempt.prediction.get("valid_until", attempt.at + 600)
    attempt.prediction["valid_until"] = max(first, last)


@among("valid until", -1, 0, 1)
def valid_until(attempt: Attempt, offset: int) -> None:
    attempt.prediction["valid_until"] = attempt.at + offset
    first = attempt.prediction.get("valid_from", 0)
    attempt.prediction["valid_from"] = min(first, attempt.at + offset)


@among("sender", "stranger", "owner", "engine")
def sender(attempt: Attempt, name: str) -> None:
    attempt.sender = STRANGER if name == "stranger" else getattr(attempt.world, name)


@among("operator until", -1, 0, 1)
def operator_until(attempt: Attempt, offset: int) -> None:
    attempt.grant["until"] = attempt.at + offset


@among("operator may", *range(1, 16))
def operator_may(attempt: Attempt, actions: int) -> None:
    attempt.grant["actions"] = actions


@among("operator budget", st.integers(-2, 2) | st.integers(-(10**4), 10**4))
def operator_budget(attempt: Attempt, offset: int) -> None:
    wanted = attempt.start.lots * client_of(attempt.world).call("getLot")
    attempt.grant["budget"] = max(0, wanted + offset)


@among("operator revoked", True)
def operator_revoked(attempt: Attempt, _: bool) -> None:
    attempt.grant["revoked"] = True


@among("engine until", -1, 0, 1)
def engine_until(attempt: Attempt, offset: int) -> None:
    attempt.owner("setEngine", attempt.world.engine.address, attempt.at + offset)


@among("engine revoked", True)
def engine_revoked(attempt: Attempt, _: bool) -> None:
    attempt.owner("revokeEngine", attempt.world.engine.address)


@among("model revoked", 0, 1)
def model_revoked(attempt: Attempt, model: int) -> None:
    attempt.owner("revokeModel", model)


@among("model of another", 0, 1)
def model_of_another(attempt: Attempt, model: int) -> None:
    attempt.owner("setModel", model, STRANGER.address)


@among("engine", STRANGER.address)
def another_engine(attempt: Attempt, engine: str) -> None:
    attempt.prediction["engine"] = engine


@among("signature", "of another", "of another prediction", "cut", "none", "zeros")
def signature(attempt: Attempt, kind: str) -> None:
    def spoil(prediction: Prediction, good: bytes) -> bytes:
        chain_id, diamond = attempt.world.transport.chain_id, attempt.world.diamond
        if kind == "of another":
            return sign_prediction(prediction, attempt.world.guardian, chain_id, diamond)
        if kind == "of another prediction":
            other = replace(prediction, horizon=prediction.horizon ^ 2)
            return sign_prediction(other, attempt.world.engine, chain_id, diamond)
        return {"cut": good[:64], "none": b"", "zeros": bytes(65)}[kind]

    attempt.signature = spoil


@among("disabled", 0, 1)
def disabled(attempt: Attempt, market: int) -> None:
    attempt.owner("disableMarket", market)


@among("cooldown", -1, 0, 1)
def cooldown(attempt: Attempt, offset: int) -> None:
    attempt.rules["cooldown"] = attempt.at - attempt.start.last_strike_at + offset


@among("caps", st.tuples(st.sampled_from(("strike", "open", "day")), st.integers(-20, 20)))
def caps(attempt: Attempt, cap: tuple[str, int]) -> None:
    name, offset = cap
    attempt.rules[f"max_{name}_lots"] = max(1, attempt.start.lots + offset)


BOT = BotConfig(risk_bps=700)


@among(
    "bots",
    st.tuples(
        st.just(EVERYONE) | st.integers(1, EVERYONE),
        st.sampled_from(
            (
                replace(BOT, active=False),
                replace(BOT, longs=False),
                replace(BOT, shorts=False),
                replace(BOT, min_confidence_bps=9301),
                replace(BOT, min_confidence_bps=10_000),
                replace(BOT, risk_bps=1),
                replace(BOT, risk_bps=10_000),
            )
        ),
    ),
)
def bots(attempt: Attempt, change: tuple[int, BotConfig]) -> None:
    mask, config = change
    for bot in range(25):
        if mask >> bot & 1:
            attempt.owner("configureBot", bot, config)


@among("equity to one", st.integers(0, 24))
def equity_to_one(attempt: Attempt, bot: int) -> None:
    attempt.owner("rebalance", [int(each == bot) for each in range(25)])


@among("inventory", st.integers(-1, 1) | st.integers(-(10**16), 10**16) | st.just(-(10**30)))
def inventory(attempt: Attempt, offset: int) -> None:
    base = client_of(attempt.world).market(0).base
    kept = client_of(attempt.world).call("inventoryOf", base)
    left = min(kept, max(0, attempt.start.base_to_sell + offset))
    if kept > left:
        attempt.owner("withdrawInventory", base, kept - left, attempt.world.owner.address)


@among("price", "1560", "1599", "1601", "1621", "1622", "1625", "1640")
def price(attempt: Attempt, moved_to: str) -> None:
    attempt.price = Decimal(moved_to)


PASTS = st.sampled_from(("traded",) * 12 + ("halted", "full", "full"))
CLOCKS = st.sampled_from((4000, 4001, 60_000))
Drawn = dict[str, Any]


# One of these decides alone, whatever else is wrong.
EARLY = [name for name in CHANGES if name.startswith(("paused", "sender", "op", "eng", "sig"))]
LATE = [name for name in CHANGES if name not in EARLY]


@st.composite
def attempts(draw: st.DrawFn) -> Drawn:
    """A few changes together, by name, in the order in which they are made."""
    names = draw(st.lists(st.sampled_from(LATE), max_size=5, unique=True))
    if draw(st.integers(0, 2)) == 2:
        names += draw(st.lists(st.sampled_from(EARLY), max_size=2, unique=True))
    drawn = {name: draw(CHANGES[name][0]) for name in names}
    return {"past": draw(PASTS), "clock": draw(CLOCKS)} | drawn


@contextmanager
def prepared(drawn: Drawn) -> Iterator[tuple[MacroStrike, Prediction, bytes, bytes]]:
    """The sender's client at the last block before the attempt, and what it would send: the
    prediction, its signature, and the one that it should have."""
    changes = dict(drawn)
    start = start_of(changes.pop("past", "traded"))
    world = start.world
    with undone(world):
        at = world.transport.timestamp() + changes.pop("clock", 4000)
        attempt = Attempt(start, at, world.operator)
        for name, value in changes.items():
            CHANGES[name][1](attempt, value)
        settle_roles_and_rules(attempt)
        if attempt.price is not None:
            # So shortly before, that the pool's mean price does not know it.
            wait_until(world, at - 10)
            world.venues.move_price(attempt.price)
        wait_until(world, at)
        now = world.transport.timestamp()
        defaults = {"nonce": LAST_NONCE + 1, "valid_from": now, "signal": Signal.STRONG_LONG}
        prediction = prediction_of(world, **defaults | attempt.prediction)
        engine = world.engine if prediction.engine == world.engine.address else STRANGER
        right = sign_prediction(prediction, engine, world.transport.chain_id, world.diamond)
        client = client_of(world, attempt.sender)
        yield client, prediction, attempt.signature(prediction, right), right


def wait_until(world: World, at: int) -> None:
    """The next transaction will be at that second."""
    world.transport.mine(at - world.transport.timestamp(pending=True))


def settle_roles_and_rules(attempt: Attempt) -> None:
    operator = attempt.world.operator.address
    if attempt.grant:
        until, actions = attempt.grant.get("until", FOREVER), attempt.grant.get("actions", 15)
        budget = attempt.grant.get("budget", 10**13)
        attempt.owner("setOperator", operator, until, Action(actions), budget)
    if "revoked" in attempt.grant:
        attempt.owner("revokeOperator", operator)
    if attempt.rules:
        now = client_of(attempt.world).market(0).rules
        attempt.world.venues.remember(2 * attempt.rules.get("oracle_window", 0) // 12 + 1)
        attempt.owner("updateMarket", 0, replace(now, **attempt.rules))
