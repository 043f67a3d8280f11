"""All that the diamond's view functions answer, and what its events say they should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from macrostrike.abi import diamond_abi
from macrostrike.errors import ContractError
from macrostrike.journal import Books
from macrostrike.journal.answers import Question, excess
from macrostrike.journal.answers import answers as known_answers
from macrostrike.types import (
    STRIKE_SLOTS,
    Market,
    Signal,
    Strategy,
)

from .environment import Env, reverts

MODELS = (0, 1, 2)


def questions(env: Env) -> list[Question]:
    """All there is to ask: every reader, about everyone and everything of the environment."""
    asked: list[Question] = [
        (name,)
        for name in (
            "owner",
            "pendingOwner",
            "paused",
            "takeoversStopped",
            "threshold",
            "getTreasury",
            "getLot",
            "getBots",
            "getStrikeStats",
            "getModels",
            "getOpenStrikes",
            "getAMMStats",
            "poolCount",
            "wrappedNative",
        )
    ]
    asked.append(("getPools", 0, 1 << 32))
    markets = _markets(env)
    asked += [("getMarket", market) for market in range(len(markets))]
    asked += [("getSignalStats", signal) for signal in Signal]
    asked += [("getStrategyStats", strategy) for strategy in Strategy]
    asked += [("getCalibration", model) for model in MODELS]
    asked += [("getArbitrageCalibration", model) for model in MODELS]
    for function in ("getOperator", "getEngine", "isGuardian", "hooksAllowed"):
        asked += [(function, person) for person in _people(env)]
    for function in ("inventoryOf", "excessOf"):
        asked += [(function, token) for token in _tokens(env, markets)]
    asked += [("getFactory", factory) for factory in _factories(markets)]
    asked += [("getStrike", strike_id) for strike_id in _strike_ids(env)]
    return asked


def answers(env: Env) -> dict[Question, Any]:
    """What the chain answers to all of them."""
    return {question: env.read(*question) for question in questions(env)}


def rebuilt(env: Env) -> dict[Question, Any]:
    """The answers by the diamond's events alone. Balances are asked of the tokens."""
    books, markets = Books(), _markets(env)
    tokens = _tokens(env, markets)
    books.apply_logs(env.chain.logs(env.diamond), env.times.__getitem__)
    reported = known_answers(
        books,
        env.chain.timestamp(),
        people=_people(env),
        tokens=tokens,
        factories=_factories(markets),
        models=MODELS,
        strike_ids=_strike_ids(env),
    )
    reported |= excess(books, {token: env.balance(token) for token in tokens})
    return {question: reported[question] for question in questions(env)}


def assert_rebuilt(env: Env) -> None:
    """The events alone give what every reader answers."""
    asked, reported = answers(env), rebuilt(env)
    differing = [key for key in asked if asked[key] != reported[key]]
    assert not differing, {key: {"chain": asked[key], "books": reported[key]} for key in differing}


@contextmanager
def unchanged(env: Env) -> Iterator[None]:
    """Passes if the block leaves every reader's answer and every balance as it was."""
    before = everything(env)
    yield
    assert everything(env) == before


@contextmanager
def refuses(env: Env, error: ContractError) -> Iterator[None]:
    """Passes if the block is refused with just this error, and changes nothing."""
    with unchanged(env), reverts(error):
        yield


def everything(env: Env) -> dict[Any, Any]:
    """Answers as bytes, balances, and how much has been logged."""
    chain = env.chain
    found: dict[Any, Any] = {
        question: chain.call(env.diamond, _calldata(*question)) for question in questions(env)
    }
    tokens = _tokens(env, _markets(env))
    for holder in (env.diamond, env.pool, env.owner.address):
        found |= {(token, holder): env.balance(token, holder) for token in tokens}
    return found | {"logs": len(chain.logs(env.diamond))}


@cache
def _calldata(function: str, *args: Any) -> bytes:
    return diamond_abi().encode_call(function, *args)


def _people(env: Env) -> list[str]:
    return [key.address for key in env.people.values()]


def _markets(env: Env) -> list[Market]:
    return [env.read("getMarket", n) for n in range(env.read("marketCount"))]


def _tokens(env: Env, markets: Sequence[Market]) -> tuple[str, ...]:
    return (env.quote, *dict.fromkeys(market.base for market in markets))


def _factories(markets: Sequence[Market]) -> tuple[str, ...]:
    return tuple({market.factory for market in markets})


def _strike_ids(env: Env) -> range:
    """Those that were opened. Ids whose slot was open are passed over, so a few more."""
    opened = env.read("getStrikeStats").opened
    return range(1, opened + min(opened, STRIKE_SLOTS) + 1)
