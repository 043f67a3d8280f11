"""The client for asyncio: the same methods, awaited."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest

from macrostrike import AsyncMacroStrike, MacroStrike
from macrostrike.chain import AnvilTransport, RpcTransport
from macrostrike.errors import ConfidenceTooLow, NodeUnavailable, WrongChain
from macrostrike.testing import World
from tests.faults import Exchange, FaultProxy, Reply, Rule, drop_before, late, status, truncated

from .support import client_of, prediction_of


def public_methods(kind: type) -> set[str]:
    return {
        name
        for name, member in inspect.getmembers(kind)
        if not name.startswith("_") and callable(member)
    }


def test_it_has_every_method_of_the_client() -> None:
    assert public_methods(AsyncMacroStrike) == public_methods(MacroStrike) | {"aclose"}


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
def test_requests_wait_on_the_loop_and_not_in_threads(world: World) -> None:
    """Of 40 calls that a slow node answers, all wait at once, and there is no thread of theirs."""
    answered = threading.Event()
    waiting: set[int] = set()

    def slow(exchange: Exchange) -> Reply | None:
        if exchange.method == "eth_call":
            waiting.add(exchange.request["id"])
            answered.wait(10)
        return None

    async def run() -> None:
        with FaultProxy(world.transport.url) as proxy:  # type: ignore[attr-defined]
            client = await AsyncMacroStrike.connect(world.manifest, rpc_url=proxy.url)
            async with client:
                proxy.rules.append(slow)
                before = {each.name for each in threading.enumerate()}
                calls = [asyncio.create_task(client.threshold()) for _ in range(40)]
                while len(waiting) < 40:
                    await asyncio.sleep(0.005)
                more = {each.name for each in threading.enumerate()} - before
                assert all("process_request_thread" in name for name in more), "the proxy's own"
                calls[0].cancel()
                answered.set()
                results = await asyncio.gather(*calls, return_exceptions=True)
                assert isinstance(results[0], asyncio.CancelledError)
                assert results[1:] == [9300] * 39

    asyncio.run(run())


@pytest.mark.parametrize("_chain", ["anvil"], indirect=True, scope="session")
def test_failures_of_nodes_are_the_same(world: World) -> None:
    node = world.transport
    assert isinstance(node, AnvilTransport)

    async def said(url: str, rule: Rule | None = None) -> tuple[str, bool]:
        client = AsyncMacroStrike(MacroStrike(node, world.diamond))
        with FaultProxy(node.url) as proxy:
            async with client:
                chain = RpcTransport(url.format(proxy=proxy.url), timeout=0.3, patience=0)
                client.sync.transport = chain
                proxy.rules += [rule] if rule else []
                with pytest.raises(NodeUnavailable) as failure:
                    await client.threshold()
                with pytest.raises(NodeUnavailable) as of_sync:
                    await asyncio.to_thread(client.sync.threshold)
                assert str(failure.value) == str(of_sync.value)
                assert failure.value.sent == of_sync.value.sent
                return failure.value.reason, failure.value.sent

    async def run() -> None:
        key = "{proxy}/v3/s3cret-key"
        assert await said(key, drop_before) == ("the connection was cut", True)
        assert await said(key, late(0.6)) == ("it took too long", True)
        assert await said(key, truncated) == ("the connection was cut", True)
        assert await said(key, status(503)) == ("HTTP 503", True)

    asyncio.run(run())


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
