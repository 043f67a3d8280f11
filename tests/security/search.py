"""Worst cases by search: what a thief of a key, or a stranger, can have the diamond lose.

Sequences of what he may do are bred: each try is a new one, or the worst so far with a change. The
first one is the obvious theft. What counts is the loss against the limit that the specification
gives. He has all the tokens that there are, moves the pool as he likes, and is the only taker. The
feed is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

from macrostrike.errors import ContractError
from macrostrike.types import BOTS, Action, Signal

from ..unit.environment import DAY, Actor, Env
from .test_stolen_operator import FEED, LONG, SHORT, Thief, fortune, notional_of_one, two_markets

_MAX_MOVES = 20
_UNLIMITED = (1 << 256) - 1
_YEAR = 365 * DAY
# In deviations: within, at and beyond what the diamond accepts.
_PUSHES = [
    Fraction(n, 100) for n in (0, 50, 90, 99, 100, 101, 200, -50, -90, -99, -100, -101, -200)
]
_WAITS = (12, 60, 900, 2200, 5700, DAY // 4, DAY)


class Move(NamedTuple):
    """number: which strike, how far or how long, as the kind of move reads it."""

    kind: str
    number: int


class Loss(NamedTuple):
    """Raw quote. limit: what the specification allows after these moves."""

    lost: Fraction
    limit: Fraction
    moves: tuple[Move, ...]

    @property
    def share(self) -> Fraction:
        return self.lost / self.limit


@dataclass
class Theft:
    """One thief at work. Raw quote.

    open_worth: of the base of what was open before, at the feed's price. budget: the key's, a day.
    """

    thief: Thief
    open_worth: int
    budget: int
    began: int
    taken: int = 0

    @property
    def env(self) -> Env:
        return self.thief.env

    def strike_of(self, number: int) -> int | None:
        open_ids = self.env.read("getOpenStrikes")
        return open_ids[number % len(open_ids)] if open_ids else None

    def send(self, role: str, function: str, *args: Any) -> None:
        Actor(self.env, self.env.people[role]).send(function, *args)


Act = Callable[[Theft, int], object]


def _push(theft: Theft, number: int) -> None:
    theft.thief.move(_PUSHES[number % len(_PUSHES)] * theft.thief.deviation)


def _open(theft: Theft, number: int) -> None:
    theft.thief.opened += theft.thief.trade_open(list(Signal)[number % 4]).notional
    theft.thief.trades += 1


def _settle(theft: Theft, number: int) -> None:
    if (strike_id := theft.strike_of(number)) is not None:
        theft.thief.trade_settle(strike_id)
        theft.thief.trades += 1


def _settle_worst(theft: Theft, number: int) -> None:
    if (strike_id := theft.strike_of(number)) is not None:
        theft.thief.settle(strike_id)


def _take(theft: Theft, number: int) -> None:
    if (strike_id := theft.strike_of(number)) is not None:
        is_long = theft.env.read("getStrike", strike_id).signal.is_long
        theft.send("keeper", "takeStrike", strike_id, _UNLIMITED if is_long else 0)
        theft.taken += 1


def _rebalance(theft: Theft, number: int) -> None:
    theft.send("operator", "rebalance", [number >> bot % 7 & 0xFF | 1 for bot in range(BOTS)])


_ANYONE: dict[str, Act] = {
    "push": _push,
    "wait": lambda theft, n: theft.env.wait(_WAITS[n % len(_WAITS)]),
    "take": _take,
    "mark": lambda theft, _: theft.send(
        "keeper", "markDue", list(theft.env.read("getOpenStrikes"))
    ),
    "mark to market": lambda theft, _: theft.send("keeper", "markToMarket"),
    "give": lambda theft, n: theft.env.give(theft.env.diamond, quote=n + 1, base=n + 1),
}
_TRADES: dict[str, Act] = {
    "open": _open,
    "open at the worst": lambda theft, n: theft.thief.open((LONG, SHORT)[n % 2]),
    "settle": _settle,
    "settle at the worst": _settle_worst,
}
# What each can do. An engine's predictions are executed, and settled, as its thief would wish.
ROLES: Mapping[str, Mapping[str, Act]] = {
    "stranger": _ANYONE,
    "guardian": _ANYONE
    | {
        "pause": lambda theft, _: theft.send("guardian", "pause"),
        "raise the threshold": lambda theft, n: theft.send("guardian", "setThreshold", 9300 + n),
        "disable the market": lambda theft, _: theft.send("guardian", "disableMarket", FEED),
        "revoke the operator": lambda theft, _: theft.send(
            "guardian", "revokeOperator", theft.env.operator.address
        ),
        "revoke the engine": lambda theft, _: theft.send(
            "guardian", "revokeEngine", theft.env.engine.address
        ),
        "stop takeovers": lambda theft, _: theft.send("guardian", "stopTakeovers"),
    },
    "engine": _ANYONE | _TRADES,
    "operator": _ANYONE | _TRADES | {"rebalance": _rebalance},
}


_LATER = 4  # in _WAITS: until an auction of a strike of an hour is at its end
_TAKE_ALL = [Move("wait", _LATER)] + [Move("take", 0)] * 3
# While his model still has the size of its record.
_OPEN_FIRST = [Move("open at the worst", n) for n in range(4)] + _TAKE_ALL + _TAKE_ALL[1:]
_OBVIOUS = {
    "stranger": _TAKE_ALL,
    "guardian": [Move("revoke the operator", 0), *_TAKE_ALL],
    "engine": _OPEN_FIRST,
    "operator": _OPEN_FIRST,
}


def play(env: Env, role: str, moves: Sequence[Move]) -> Loss:
    """What these moves come to. Refused ones change nothing; all is undone afterwards."""
    with env.undone(), two_markets(env):
        theft = _begin(env)
        before = fortune(env)
        for move in moves:
            with suppress(ContractError):
                ROLES[role][move.kind](theft, move.number)
        if role == "operator":
            theft.thief.move()
            for strike_id in env.read("getOpenStrikes"):
                theft.thief.settle(strike_id)
        return Loss(before - fortune(env), limit_of(theft, role), tuple(moves))


def limit_of(theft: Theft, role: str) -> Fraction:
    """The formulas of the specification, with a unit for each rounding."""
    rules = theft.env.read("getMarket", FEED).rules
    discount = Fraction(rules.discount_bps, 10_000)
    roundings = theft.thief.trades + theft.taken + 1
    if "open" not in ROLES[role]:
        return discount * theft.open_worth + roundings
    opens, exits = theft.thief.deviation, Fraction(rules.exit_deviation_bps, 10_000)
    worst_exit = max(exits, discount)
    days = 1 + Fraction(theft.env.now - theft.began, DAY)
    return (
        (opens + worst_exit) / (1 - opens) * theft.budget * days
        + worst_exit * theft.open_worth
        + roundings
    )


def _begin(env: Env) -> Theft:
    """Another operator has three strikes open; the stolen key has a budget of three a day."""
    one = notional_of_one(env)
    for signal in (LONG, SHORT, LONG):
        honest = env.prediction(market=FEED, signal=signal, horizon=60, take_profit_bps=0)
        env.execute(honest, by="striker")
    worth = sum(
        env.read("getOracleQuote", FEED, env.read("getStrike", each).record.base_amount)
        for each in env.read("getOpenStrikes")
    )
    until = env.now + _YEAR
    env.owner.send("setOperator", env.operator.address, until, sum(Action), 3 * one)
    env.give(env.keeper.address, quote=10**14, base=10**23)
    for token in (env.quote, env.base):
        env.approve(env.keeper.key, token)
    deviation = Fraction(env.read("getMarket", FEED).rules.max_deviation_bps, 10_000)
    return Theft(Thief(env, FEED, deviation), worth, 3 * one, env.now)


def search(env: Env, role: str, tries: int, seed: int = 0) -> Loss:
    """The greatest share of the limit that was found."""
    random = Random(seed)
    worst = play(env, role, _OBVIOUS[role])
    for n in range(tries):
        moves = _fresh(role, random) if n % 4 == 0 else _changed(worst.moves, role, random)
        worst = max(worst, play(env, role, moves), key=lambda loss: loss.share)
    return worst


def _move(role: str, random: Random) -> Move:
    return Move(random.choice(list(ROLES[role])), random.randrange(700))


def _fresh(role: str, random: Random) -> list[Move]:
    return [_move(role, random) for _ in range(random.randint(3, _MAX_MOVES))]


def _changed(moves: Sequence[Move], role: str, random: Random) -> list[Move]:
    """One to three moves more, less, others, or elsewhere."""
    changed = list(moves)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(changed) + 1)
        kind = random.randrange(4)
        if kind == 0 and len(changed) < _MAX_MOVES:
            changed.insert(at, _move(role, random))
        elif changed and kind == 1:
            changed[at % len(changed)] = _move(role, random)
        elif changed:
            moved = changed.pop(at % len(changed))
            if kind == 2:
                changed.insert(random.randrange(len(changed) + 1), moved)
    return changed
