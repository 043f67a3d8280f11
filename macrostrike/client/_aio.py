"""The client for asyncio."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from importlib.util import find_spec
from typing import Any, Concatenate, ParamSpec, TypeVar

from macrostrike.chain import DirectSender
from macrostrike.chain._bridge import on_loop
from macrostrike.chain.transport import Block, Signer
from macrostrike.client._client import MacroStrike
from macrostrike.manifest import Manifest

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _awaited(
    method: Callable[Concatenate[MacroStrike, _P], _R],
) -> Callable[Concatenate[AsyncMacroStrike, _P], Coroutine[Any, Any, _R]]:
    async def call(self: AsyncMacroStrike, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        found: _R = await self._run(method, self.sync, *args, **kwargs)
        return found

    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call


_has_packages = all(find_spec(name) for name in ("aiohttp", "greenlet"))
_run: Callable[..., Any] = on_loop if _has_packages else asyncio.to_thread


class AsyncMacroStrike:
    """`MacroStrike` for asyncio: the same methods, awaited, and the same errors.

    `sync` is the client that does the work: on the event loop, without threads, as the loop awaits
    each request to the node. With an executor, which waits for the disk, or without the packages of
    `macrostrike[live]`, each call is made in a thread. Use it as an asynchronous context manager,
    or `aclose` it, to end the connections of the loop.
    """

    def __init__(self, sync: MacroStrike) -> None:
        self.sync = sync
        is_direct = sync.sender is None or isinstance(sync.sender, DirectSender)
        self._run: Callable[..., Any] = _run if is_direct else asyncio.to_thread

    async def __aenter__(self) -> AsyncMacroStrike:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the connections of this event loop to nodes, which open again when needed."""
        from macrostrike.chain import _async_http

        await _async_http.close()

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
        return cls(await _run(connect, manifest, rpc_url=rpc_url, signer=signer))

    async def pinned(self, block: Block | None = None) -> AsyncMacroStrike:
        return AsyncMacroStrike(await self._run(self.sync.pinned, block))

    pinned.__doc__ = MacroStrike.pinned.__doc__
    strike = _awaited(MacroStrike.strike)
    settle = _awaited(MacroStrike.settle)
    strike_batch = _awaited(MacroStrike.strike_batch)
    strike_each = _awaited(MacroStrike.strike_each)
    settle_batch = _awaited(MacroStrike.settle_batch)
    roll = _awaited(MacroStrike.roll)
    close_at_oracle = _awaited(MacroStrike.close_at_oracle)
    write_off = _awaited(MacroStrike.write_off)
    mark_due = _awaited(MacroStrike.mark_due)
    quote_take = _awaited(MacroStrike.quote_take)
    take = _awaited(MacroStrike.take)
    taken = _awaited(MacroStrike.taken)
    unrealised = _awaited(MacroStrike.unrealised)
    mark_to_market = _awaited(MacroStrike.mark_to_market)
    quote_strike = _awaited(MacroStrike.quote_strike)
    quote_settlement = _awaited(MacroStrike.quote_settlement)
    strike_cost = _awaited(MacroStrike.strike_cost)
    prediction = _awaited(MacroStrike.prediction)
    outcome = _awaited(MacroStrike.outcome)
    strike_of = _awaited(MacroStrike.strike_of)
    pre_check = _awaited(MacroStrike.pre_check)
    get_strike = _awaited(MacroStrike.get_strike)
    can_settle = _awaited(MacroStrike.can_settle)
    open_strikes = _awaited(MacroStrike.open_strikes)
    search = _awaited(MacroStrike.search)
    order = _awaited(MacroStrike.order)
    quote_arbitrage = _awaited(MacroStrike.quote_arbitrage)
    pre_check_arbitrage = _awaited(MacroStrike.pre_check_arbitrage)
    arbitrage = _awaited(MacroStrike.arbitrage)
    attempt_arbitrage = _awaited(MacroStrike.attempt_arbitrage)
    pools = _awaited(MacroStrike.pools)
    amm_stats = _awaited(MacroStrike.amm_stats)
    arbitrage_calibration = _awaited(MacroStrike.arbitrage_calibration)
    stats = _awaited(MacroStrike.stats)
    signal_stats = _awaited(MacroStrike.signal_stats)
    strategy_stats = _awaited(MacroStrike.strategy_stats)
    calibration = _awaited(MacroStrike.calibration)
    bots = _awaited(MacroStrike.bots)
    bot = _awaited(MacroStrike.bot)
    market = _awaited(MacroStrike.market)
    markets = _awaited(MacroStrike.markets)
    treasury = _awaited(MacroStrike.treasury)
    threshold = _awaited(MacroStrike.threshold)
    is_paused = _awaited(MacroStrike.is_paused)
    operator = _awaited(MacroStrike.operator)
    engine = _awaited(MacroStrike.engine)
    models = _awaited(MacroStrike.models)
    next_nonce = _awaited(MacroStrike.next_nonce)
    rebalance = _awaited(MacroStrike.rebalance)
    rebalance_by_performance = _awaited(MacroStrike.rebalance_by_performance)
    call = _awaited(MacroStrike.call)
    transact = _awaited(MacroStrike.transact)
    submit = _awaited(MacroStrike.submit)
    events = _awaited(MacroStrike.events)
