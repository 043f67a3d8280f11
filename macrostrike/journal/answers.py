"""What the diamond's view functions answer, by the books alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from macrostrike.journal.books import Books
from macrostrike.types import (
    STRIKE_SLOTS,
    ZERO_ADDRESS,
    Market,
    Signal,
    Strategy,
    Strike,
    StrikeRecord,
    StrikeStatus,
    Venue,
)

Question = tuple[Any, ...]
"""A view function's name, and its arguments."""

_NO_RECORD = StrikeRecord(*[0] * len(fields(StrikeRecord)))
_NO_STRIKE = Strike(StrikeStatus.NONE, Signal.STRONG_LONG, _NO_RECORD, 0, (0,) * 25)
_ALL = 1 << 32


def answers(
    books: Books,
    now: int,
    *,
    people: Iterable[str] = (),
    tokens: Iterable[str] = (),
    factories: Iterable[str] = (),
    models: Iterable[int] = (),
    strike_ids: Iterable[int] = (),
) -> dict[Question, Any]:
    """The answer to each question that can be asked about what the books know, at a time.

    Beside what they know of: other people, tokens, factories, models and strikes to ask about.

    Left out is what depends on more than events: prices, and balances. See `excess`.
    """
    treasury = books.treasury()
    found: dict[Question, Any] = {
        ("owner",): books.owner,
        ("pendingOwner",): books.pending_owner,
        ("paused",): books.paused,
        ("takeoversStopped",): books.takeovers_stopped,
        ("threshold",): books.threshold,
        ("getTreasury",): (treasury.quote, treasury.reserve, treasury.amm_capital),
        ("getLot",): books.fleet.lot,
        ("getStrikeStats",): books.stats(),
        ("getOpenStrikes",): books.open_strike_ids(),
        ("getAMMStats",): books.amm_stats(),
        ("poolCount",): len(books.pools()),
        ("wrappedNative",): books.amm.wrapped_native,
        ("getPools", 0, _ALL): books.pools(),
        ("marketCount",): len(books.markets),
        ("getModels",): books.models(),
    }
    if books.fleet.configs:
        found["getBots",] = books.bots()
    found |= {("getMarket", n): _market(books, n, now) for n in range(len(books.markets))}
    found |= {("getSignalStats", each): books.signal_stats(each) for each in Signal}
    found |= {("getStrategyStats", each): books.strategy_stats(each) for each in Strategy}
    found |= {("getCalibration", n): books.calibration(n) for n in _models(books) | set(models)}
    for model in {model for model, _ in books.amm.attempts} | set(models):
        found["getArbitrageCalibration", model] = books.amm.calibration(model)
    found |= _roles(books, now, _people(books) | set(people))
    for token in {*tokens_of(books), *tokens}:
        found["inventoryOf", token] = books.inventory[token]
    for factory in {*books.factories, *factories}:
        found["getFactory", factory] = books.factories.get(factory, (False, 0))
    known = {strike.record.id for strike in books.fleet.slots.values()}
    found |= {("getStrike", each): _strike(books, each) for each in known | set(strike_ids)}
    return found


def excess(books: Books, balances: dict[str, int]) -> dict[Question, int]:
    """What `excessOf` answers for tokens of which the diamond has these balances, raw units."""
    return {
        ("excessOf", token): max(balance - books.booked(token), 0)
        for token, balance in balances.items()
    }


def tokens_of(books: Books) -> list[str]:
    """The tokens that the books know: the quote first."""
    bases = [market.config.base for market in books.markets]
    known = dict.fromkeys([books.treasury().quote, *bases, *books.amm.tokens])
    return [token for token in known if token != ZERO_ADDRESS]


def _people(books: Books) -> set[str]:
    return {*books.operators, *books.engines, *books.guardians}


def _models(books: Books) -> set[int]:
    return set(books.fleet.models)


def _roles(books: Books, now: int, people: Iterable[str]) -> dict[Question, Any]:
    found: dict[Question, Any] = {}
    for person in people:
        grant = books.operators[person].view(now)
        found["getOperator", person] = tuple(getattr(grant, each.name) for each in fields(grant))
        engine = books.engines[person].view()
        found["getEngine", person] = tuple(getattr(engine, each.name) for each in fields(engine))
        found["isGuardian", person] = books.guardians.get(person, False)
        found["hooksAllowed", person] = person in books.amm.hooks
    return found


def _market(books: Books, market_id: int, now: int) -> Market:
    market = books.markets[market_id]
    config = market.config
    return Market(
        base=config.base,
        pool=config.pool,
        factory=config.factory,
        feed=config.feed,
        uptime_feed=config.uptime_feed,
        uptime_grace=config.uptime_grace,
        min_block_seconds=config.min_block_seconds,
        fee=config.fee,
        tick_spacing=config.tick_spacing,
        hooks=config.hooks,
        venue=Venue(books.factories[config.factory][1]),
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
