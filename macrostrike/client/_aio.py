"""The client for asyncio."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from macrostrike.chain.transport import Block, Signer
from macrostrike.client._client import MacroStrike
from macrostrike.manifest import Manifest

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _in_thread(
    method: Callable[Concatenate[MacroStrike, _P], _R],
) -> Callable[Concatenate[AsyncMacroStrike, _P], Coroutine[Any, Any, _R]]:
    async def call(self: AsyncMacroStrike, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await asyncio.to_thread(method, self.sync, *args, **kwargs)

    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call


class AsyncMacroStrike:
    """`MacroStrike` for asyncio: the same methods, awaited, each in a thread of its own.

    `sync` is the client that does the work.
    """

    def __init__(self, sync: MacroStrike) -> None:
        self.sync = sync

    @classmethod
    async def connect(
        cls,
        manifest: Manifest | str | os.PathLike[str],
        *,
        rpc_url: str | Sequence[str],
        signer: Signer | None = None,
    ) -> AsyncMacroStrike:
        """As `MacroStrike.connect`."""
        connect = MacroStrike.connect
        return cls(await asyncio.to_thread(connect, manifest, rpc_url=rpc_url, signer=signer))

    async def pinned(self, block: Block | None = None) -> AsyncMacroStrike:
        return AsyncMacroStrike(await asyncio.to_thread(self.sync.pinned, block))

    pinned.__doc__ = MacroStrike.pinned.__doc__
    strike = _in_thread(MacroStrike.strike)
    settle = _in_thread(MacroStrike.settle)
    strike_batch = _in_thread(MacroStrike.strike_batch)
    strike_each = _in_thread(MacroStrike.strike_each)
    settle_batch = _in_thread(MacroStrike.settle_batch)
    roll = _in_thread(MacroStrike.roll)
    close_at_oracle = _in_thread(MacroStrike.close_at_oracle)
    write_off = _in_thread(MacroStrike.write_off)
    mark_due = _in_thread(MacroStrike.mark_due)
    quote_take = _in_thread(MacroStrike.quote_take)
    take = _in_thread(MacroStrike.take)
    unrealised = _in_thread(MacroStrike.unrealised)
    mark_to_market = _in_thread(MacroStrike.mark_to_market)
    quote_strike = _in_thread(MacroStrike.quote_strike)
    quote_settlement = _in_thread(MacroStrike.quote_settlement)
    strike_cost = _in_thread(MacroStrike.strike_cost)
    prediction = _in_thread(MacroStrike.prediction)
    outcome = _in_thread(MacroStrike.outcome)
    strike_of = _in_thread(MacroStrike.strike_of)
    pre_check = _in_thread(MacroStrike.pre_check)
    get_strike = _in_thread(MacroStrike.get_strike)
    can_settle = _in_thread(MacroStrike.can_settle)
    open_strikes = _in_thread(MacroStrike.open_strikes)
    search = _in_thread(MacroStrike.search)
    order = _in_thread(MacroStrike.order)
    quote_arbitrage = _in_thread(MacroStrike.quote_arbitrage)
    pre_check_arbitrage = _in_thread(MacroStrike.pre_check_arbitrage)
    arbitrage = _in_thread(MacroStrike.arbitrage)
    attempt_arbitrage = _in_thread(MacroStrike.attempt_arbitrage)
    pools = _in_thread(MacroStrike.pools)
    amm_stats = _in_thread(MacroStrike.amm_stats)
    arbitrage_calibration = _in_thread(MacroStrike.arbitrage_calibration)
    stats = _in_thread(MacroStrike.stats)
    signal_stats = _in_thread(MacroStrike.signal_stats)
    strategy_stats = _in_thread(MacroStrike.strategy_stats)
    calibration = _in_thread(MacroStrike.calibration)
    bots = _in_thread(MacroStrike.bots)
    bot = _in_thread(MacroStrike.bot)
    market = _in_thread(MacroStrike.market)
    markets = _in_thread(MacroStrike.markets)
    treasury = _in_thread(MacroStrike.treasury)
    threshold = _in_thread(MacroStrike.threshold)
    is_paused = _in_thread(MacroStrike.is_paused)
    operator = _in_thread(MacroStrike.operator)
    engine = _in_thread(MacroStrike.engine)
    models = _in_thread(MacroStrike.models)
    next_nonce = _in_thread(MacroStrike.next_nonce)
    rebalance = _in_thread(MacroStrike.rebalance)
    rebalance_by_performance = _in_thread(MacroStrike.rebalance_by_performance)
    call = _in_thread(MacroStrike.call)
    transact = _in_thread(MacroStrike.transact)
    submit = _in_thread(MacroStrike.submit)
    events = _in_thread(MacroStrike.events)
