"""The client for asyncio: the same methods, awaited."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from macrostrike import AsyncMacroStrike, MacroStrike
from macrostrike.chain import AnvilTransport
from macrostrike.errors import ConfidenceTooLow, WrongChain
from macrostrike.testing import World

from .support import client_of, prediction_of


def public_methods(kind: type) -> set[str]:
    return {
        name
        for name, member in inspect.getmembers(kind)
        if not name.startswith("_") and callable(member)
    }


def test_it_has_every_method_of_the_client() -> None:
    assert public_methods(AsyncMacroStrike) == public_methods(MacroStrike)


@pytest.mark.parametrize("name", sorted(public_methods(MacroStrike) - {"connect"}))
def test_every_method_is_a_coroutine_with_the_same_words(name: str) -> None:
    method = getattr(AsyncMacroStrike, name)
    assert inspect.iscoroutinefunction(method)
    assert (method.__name__, method.__doc__) == (name, getattr(MacroStrike, name).__doc__)


def test_strikes_open_and_settle(world: World) -> None:
    async def run() -> int:
        client = AsyncMacroStrike(client_of(world))
        opened = await client.strike(prediction_of(world), world.engine)
        settled = await client.settle(opened.strike_id)
        assert (await client.stats()).settled == 1
        return settled.pnl

    assert asyncio.run(run()) == client_of(world).stats().pnl


def test_refusals_are_the_same(world: World) -> None:
    client = AsyncMacroStrike(client_of(world))
    with pytest.raises(ConfidenceTooLow):
        asyncio.run(client.strike(prediction_of(world, confidence_bps=9299), world.engine))


def test_many_strikes_at_once_all_open(world: World) -> None:
    async def run() -> set[int]:
        client = AsyncMacroStrike(client_of(world))
        first = client.sync.next_nonce(world.engine.address)
        opened = await asyncio.gather(
            *(
                client.strike(prediction_of(world, nonce=first + i), world.engine, limit_amount=1)
                for i in range(8)
            )
        )
        return {each.strike_id for each in opened}

    assert asyncio.run(run()) == set(range(1, 9))
    assert client_of(world).stats().open == 8


@pytest.mark.parametrize("_chain", ["anvil"], indirect=True, scope="session")
def test_it_connects_as_the_client_does(world: World) -> None:
    assert isinstance(world.transport, AnvilTransport)
    url = world.transport.url

    async def run() -> None:
        client = await AsyncMacroStrike.connect(world.manifest, rpc_url=url)
        assert await client.threshold() == 9300
        with pytest.raises(WrongChain):
            await AsyncMacroStrike.connect(
                world.manifest.model_copy(update={"chain_id": 1}), rpc_url=url
            )

    asyncio.run(run())
