"""All that the diamond's readers answer, and what its events say they should."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from typing import Any

from macrostrike.abi import diamond_abi
from macrostrike.errors import ContractError
from macrostrike.journal import Books
from macrostrike.types import (
    STRIKE_SLOTS,
    Market,
    Signal,
    Strategy,
    Strike,
    StrikeRecord,
    StrikeStatus,
)

from .scene import Scene, reverts

Question = tuple[Any, ...]
MODELS = (0, 1, 2)
_NO_RECORD = StrikeRecord(*[0] * 9)
_NO_STRIKE = Strike(StrikeStatus.NONE, Signal.STRONG_LONG, _NO_RECORD, 0, (0,) * 25)


def questions(scene: Scene) -> list[Question]:
    """All there is to ask: every reader, about everyone and everything of the scene."""
    asked: list[Question] = [
        (name,)
        for name in (
            "owner",
            "pendingOwner",
            "paused",
            "threshold",
            "getTreasury",
            "getLot",
            "getBots",
            "getStrikeStats",
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
    now, treasury = scene.chain.timestamp(), books.treasury()
    told: dict[Question, Any] = {
        ("owner",): books.owner,
        ("pendingOwner",): books.pending_owner,
        ("paused",): books.paused,
        ("threshold",): books.threshold,
        ("getTreasury",): (treasury.quote, treasury.reserve, treasury.amm_capital),
        ("getLot",): books.fleet.lot,
        ("getBots",): books.bots(),
        ("getStrikeStats",): books.stats(),
        ("getOpenStrikes",): books.open_strike_ids(),
        ("getAMMStats",): books.amm_stats(),
        ("poolCount",): len(books.pools()),
        ("wrappedNative",): books.amm.wrapped_native,
        ("getPools", 0, 1 << 32): books.pools(),
    }
    told |= {("getMarket", n): _market(books, n, now) for n in range(len(books.markets))}
    told |= {("getSignalStats", each): books.signal_stats(each) for each in Signal}
    told |= {("getStrategyStats", each): books.strategy_stats(each) for each in Strategy}
    told |= {("getCalibration", each): books.calibration(each) for each in MODELS}
    for person in _people(scene):
        grant = books.operators[person].view(now)
        told["getOperator", person] = tuple(getattr(grant, each.name) for each in fields(grant))
        engine = books.engines[person].view()
        told["getEngine", person] = (engine.valid_until, engine.highest_nonce)
        told["isGuardian", person] = books.guardians.get(person, False)
        told["hooksAllowed", person] = person in books.amm.hooks
    for token in _tokens(scene):
        told["inventoryOf", token] = books.inventory[token]
        told["excessOf", token] = max(scene.balance(token) - books.booked(token), 0)
    for factory in _factories(scene):
        told["getFactory", factory] = books.factories.get(factory, (False, 0))
    told |= {("getStrike", each): _strike(books, each) for each in _strike_ids(scene)}
    return told


def assert_rebuilt(scene: Scene) -> None:
    """The events alone give what every reader answers."""
    asked, told = answers(scene), rebuilt(scene)
    assert asked.keys() == told.keys()
    differing = [key for key in asked if asked[key] != told[key]]
    assert not differing, {key: {"chain": asked[key], "books": told[key]} for key in differing}


@contextmanager
def unchanged(scene: Scene) -> Iterator[None]:
    """Passes if the block leaves every reader's answer and every balance as it was."""
    before = _everything(scene)
    yield
    assert _everything(scene) == before


@contextmanager
def refuses(scene: Scene, error: ContractError) -> Iterator[None]:
    """Passes if the block is refused with just this error, and changes nothing."""
    with unchanged(scene), reverts(error):
        yield


def _everything(scene: Scene) -> dict[Any, Any]:
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


def _market(books: Books, market_id: int, now: int) -> Market:
    market = books.markets[market_id]
    config = market.config
    return Market(
        base=config.base,
        pool=config.pool,
        factory=config.factory,
        feed=config.feed,
        venue=books.factories[config.factory][1],
        enabled=market.enabled,
        rules=market.rules,
        open_lots=market.open_lots,
        used_day_lots=market.used_now(now),
        last_strike_at=market.last_strike_at,
    )


def _strike(books: Books, strike_id: int) -> Strike:
    known = books.fleet.slots.get(strike_id % STRIKE_SLOTS)
    if known is None or known.record.id != strike_id:
        return _NO_STRIKE
    return Strike(
        status=StrikeStatus.OPEN if known.is_open else StrikeStatus.SETTLED,
        signal=known.signal,
        record=known.record,
        notional=sum(known.lots) * books.fleet.lot_value if known.is_open else 0,
        lots=known.lots,
    )
