"""What every reader of the diamond must answer, by its events alone, as the very bytes.

Bytes are compared, not decoded values: a run compares dozens of answers after each of hundreds of
thousands of calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from macrostrike.abi import diamond_abi
from macrostrike.journal import Books
from macrostrike.types import (
    BOTS,
    STRIKE_SLOTS,
    BotConfig,
    CalibrationBin,
    MarketRules,
    Signal,
    Strategy,
)

from .wire import number, words

Answer = tuple[str, bytes, bytes]  # what was asked, its calldata, what must come
_DYNAMIC = 32


def totals(books: Books) -> Iterator[Answer]:
    """View functions without arguments, and those by signal, strategy and market."""
    treasury, ids = books.treasury(), books.open_strike_ids()
    yield _ask("owner", (), words(number(books.owner)))
    yield _ask("pendingOwner", (), words(number(books.pending_owner)))
    yield _ask("paused", (), words(books.paused))
    yield _ask("threshold", (), words(books.threshold))
    yield _ask("getLot", (), words(books.fleet.lot))
    yield _ask("marketCount", (), words(len(books.markets)))
    treasury_words = words(number(treasury.quote), treasury.reserve, treasury.amm_capital)
    yield _ask("getTreasury", (), treasury_words)
    yield _ask("getStrikeStats", (), _fields(books.stats()))
    yield _ask("getOpenStrikes", (), words(_DYNAMIC, len(ids), *ids))
    yield _ask("getBots", (), b"".join(map(_bot, books.bots())))
    models = books.models()
    yield _ask("getModels", (), words(_DYNAMIC, len(models)) + b"".join(map(_fields, models)))
    for signal in Signal:
        yield _ask("getSignalStats", (signal,), _fields(books.signal_stats(signal)))
    for strategy in Strategy:
        yield _ask("getStrategyStats", (strategy,), _fields(books.strategy_stats(strategy)))


def of_market(books: Books, market: int, now: int) -> Iterator[Answer]:
    yield _ask("getMarket", (market,), _market(books, market, now))


def of_model(books: Books, model: int) -> Iterator[Answer]:
    yield _ask("getCalibration", (model,), b"".join(map(_bin, books.calibration(model))))
    attempts = b"".join(map(_fields, books.amm.calibration(model)))
    yield _ask("getArbitrageCalibration", (model,), attempts)


def of_factory(books: Books, factory: str) -> Iterator[Answer]:
    yield _ask("getFactory", (factory,), words(*books.factories[factory]))


def of_strike(books: Books, strike_id: int) -> Iterator[Answer]:
    yield _ask("getStrike", (strike_id,), _strike(books, strike_id))


def of_token(books: Books, token: str, excess: int) -> Iterator[Answer]:
    yield _ask("inventoryOf", (token,), words(books.inventory[token]))
    yield _ask("excessOf", (token,), words(max(excess, 0)))


def of_arbitrage(books: Books) -> Iterator[Answer]:
    stats, pools = books.amm_stats(), books.pools()
    yield _ask("getAMMStats", (), words(_DYNAMIC, len(stats)) + b"".join(map(_fields, stats)))
    yield _ask("poolCount", (), words(len(pools)))
    yield _ask("wrappedNative", (), words(number(books.amm.wrapped_native)))
    listed = b"".join(map(_fields, pools))
    yield _ask("getPools", (0, 1 << 32), words(_DYNAMIC, len(pools)) + listed)


def of_bot(books: Books, bot: int) -> Iterator[Answer]:
    yield _ask("getBot", (bot,), _bot(books.bots()[bot]))


def of_account(books: Books, account: str, now: int) -> Iterator[Answer]:
    # Looked up without a trace: these are dicts that make what they are asked for.
    if account in books.operators:
        yield _ask("getOperator", (account,), _fields(books.operators[account].view(now)))
    else:
        yield _ask("getOperator", (account,), words(0, 0, 0, 0))
    yield _ask("isGuardian", (account,), words(books.guardians.get(account, False)))
    if account not in books.engines:
        yield _ask("getEngine", (account,), words(0, 0))
        return
    engine = books.engines[account]
    view = engine.view()
    yield _ask("getEngine", (account,), _fields(view))
    for nonce in {view.highest_nonce, max(view.highest_nonce - 5, 0), view.highest_nonce + 1}:
        yield _ask("isNonceUsed", (account, nonce), words(engine.is_used(nonce)))


@cache
def _calldata(function: str, args: tuple[Any, ...]) -> bytes:
    return diamond_abi().encode_call(function, *args)


def _ask(function: str, args: tuple[Any, ...], expected: bytes) -> Answer:
    return function, _calldata(function, args), expected


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _fields(view: Any) -> bytes:
    """A dataclass of numbers, addresses and words."""
    return words(*[_number(getattr(view, name)) for name in _names(type(view))])


def _number(value: Any) -> int:
    if isinstance(value, bytes):
        return int.from_bytes(value, "big")
    return number(value) if isinstance(value, str) else int(value)


def _bot(bot: Any) -> bytes:
    return words(bot.strategy) + _config(bot.config) + words(bot.equity, bot.locked)


@cache
def _config(config: BotConfig) -> bytes:
    return _fields(config)


@cache
def _rules(rules: MarketRules) -> bytes:
    return _fields(rules)


def _bin(each: CalibrationBin) -> bytes:
    return words(each.settled, each.wins, each.brier_sum, *each.factor_bps)


def _market(books: Books, market_id: int, now: int) -> bytes:
    market = books.markets[market_id]
    config = market.config
    places = (config.base, config.pool, config.factory, config.feed, config.uptime_feed)
    feeds = (config.uptime_grace, config.min_block_seconds)
    key = (config.fee, config.tick_spacing, number(config.hooks))
    venue = books.factories[config.factory][1]
    return (
        words(*map(number, places), *feeds, *key, venue, market.enabled)
        + _rules(market.rules)
        + words(market.open_lots, market.used_now(now), market.last_strike_at)
    )


def _strike(books: Books, strike_id: int) -> bytes:
    known = books.fleet.slots.get(strike_id % STRIKE_SLOTS)
    if known is None or known.record.id != strike_id:
        return bytes(32 * (3 + 9 + BOTS))
    notional = sum(known.lots) * books.fleet.lot_value if known.is_open else 0
    status = 1 if known.is_open else 2
    return words(status, known.signal) + _fields(known.record) + words(notional, *known.lots)


Reader = Callable[[bytes], bytes]


def differing(asked: Iterable[Answer], read: Reader) -> Iterator[str]:
    """Whatever is answered otherwise."""
    abi = diamond_abi()
    for function, calldata, expected in asked:
        answer = read(calldata)
        if answer != expected:
            reported, known = (abi.decode_result(function, each) for each in (answer, expected))
            yield f"{function}(0x{calldata[4:].hex()}) answers {reported}, the events say {known}"
