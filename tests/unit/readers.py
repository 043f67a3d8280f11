"""All that the diamond's view functions answer, and what its events say they should."""

from __future__ import annotations

from collections.abc import Iterator
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
    Signal,
    Strategy,
)

from .scene import Scene, reverts

MODELS = (0, 1, 2)


def questions(scene: Scene) -> list[Question]:
    """All there is to ask: every reader, about everyone and everything of the scene."""
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
    asked += [("getMarket", market) for market in range(scene.read("marketCount"))]
    asked += [("getSignalStats", signal) for signal in Signal]
    asked += [("getStrategyStats", strategy) for strategy in Strategy]
    asked += [("getCalibration", model) for model in MODELS]
    asked += [("getArbitrageCalibration", model) for model in MODELS]
    for function in ("getOperator", "getEngine", "isGuardian", "hooksAllowed"):
        asked += [(function, person) for person in _people(scene)]
    for function in ("inventoryOf", "excessOf"):
        asked += [(function, token) for token in _tokens(scene)]
    asked += [("getFactory", factory) for factory in _factories(scene)]
    asked += [("getStrike", strike_id) for strike_id in _strike_ids(scene)]
    return asked


def answers(scene: Scene) -> dict[Question, Any]:
    """What the chain answers to all of them."""
    return {question: scene.read(*question) for question in questions(scene)}


def rebuilt(scene: Scene) -> dict[Question, Any]:
    """The answers by the diamond's events alone. Balances are asked of the tokens."""
    books = Books()
    books.apply_logs(scene.chain.logs(scene.diamond), scene.times.__getitem__)
    told = known_answers(
        books,
        scene.chain.timestamp(),
        people=_people(scene),
        tokens=_tokens(scene),
        factories=_factories(scene),
        models=MODELS,
        strike_ids=_strike_ids(scene),
    )
    told |= excess(books, {token: scene.balance(token) for token in _tokens(scene)})
    return {question: told[question] for question in questions(scene)}


def assert_rebuilt(scene: Scene) -> None:
    """The events alone give what every reader answers."""
    asked, told = answers(scene), rebuilt(scene)
    differing = [key for key in asked if asked[key] != told[key]]
    assert not differing, {key: {"chain": asked[key], "books": told[key]} for key in differing}


@contextmanager
def unchanged(scene: Scene) -> Iterator[None]:
    """Passes if the block leaves every reader's answer and every balance as it was."""
    before = everything(scene)
    yield
    assert everything(scene) == before


@contextmanager
def refuses(scene: Scene, error: ContractError) -> Iterator[None]:
    """Passes if the block is refused with just this error, and changes nothing."""
    with unchanged(scene), reverts(error):
        yield


def everything(scene: Scene) -> dict[Any, Any]:
    """Answers as bytes, balances, and how much has been logged."""
    chain = scene.chain
    found: dict[Any, Any] = {
        question: chain.call(scene.diamond, _calldata(*question)) for question in questions(scene)
    }
    for holder in (scene.diamond, scene.pool, scene.owner.address):
        found |= {(token, holder): scene.balance(token, holder) for token in _tokens(scene)}
    return found | {"logs": len(chain.logs(scene.diamond))}


@cache
def _calldata(function: str, *args: Any) -> bytes:
    return diamond_abi().encode_call(function, *args)


def _people(scene: Scene) -> list[str]:
    return [key.address for key in scene.people.values()]


def _tokens(scene: Scene) -> tuple[str, ...]:
    bases = [scene.read("getMarket", n).base for n in range(scene.read("marketCount"))]
    return (scene.quote, *dict.fromkeys(bases))


def _factories(scene: Scene) -> tuple[str, ...]:
    return tuple({scene.read("getMarket", n).factory for n in range(scene.read("marketCount"))})


def _strike_ids(scene: Scene) -> range:
    """Those that were opened. Ids whose slot was open are passed over, so a few more."""
    opened = scene.read("getStrikeStats").opened
    return range(1, opened + min(opened, STRIKE_SLOTS) + 1)
