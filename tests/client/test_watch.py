"""Watching the registered pools: what events lead to, what is told once, what is left."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from macrostrike import MacroStrike
from macrostrike.devchain import Pair
from macrostrike.errors import ChainError, EnforcedPause, NodeUnavailable
from macrostrike.loop import Seen, Watch
from macrostrike.testing import World
from macrostrike.types import PoolConfig

from .support import client_of, owner_does

USDC, WETH = 10**6, 10**18


@pytest.fixture
def pair(world: World) -> Pair:
    """The second venue, at the price of the first."""
    return world.venues.pair


@pytest.fixture
def client(world: World, pair: Pair) -> MacroStrike:
    return client_of(world)


def watch_of(client: MacroStrike, **options: object) -> Watch:
    return Watch(client, confidence_bps=9500, **options)  # type: ignore[arg-type]


def executed(client: MacroStrike) -> int:
    return sum(each.executed for each in client.amm_stats())


def test_what_somebody_leaves_is_taken_once(client: MacroStrike, pair: Pair) -> None:
    watch = watch_of(client)
    assert list(watch.look()) == []
    assert watch.pools == 2
    for count, swap in enumerate((pair.sell, pair.buy), start=1):
        swap(30 * WETH if swap == pair.sell else 60_000 * USDC)
        (seen,) = watch.look()
        assert seen.done is not None
        assert seen.quoted is not None
        assert (seen.quoted.amount_in, seen.quoted.profit) == (
            seen.done.amount_in,
            seen.done.profit,
        )
        assert seen.refused is None
        assert executed(client) == count
        # Its own swaps are events too, and leave nothing.
        assert list(watch.look()) == list(watch.look()) == []


def test_blocks_without_a_swap_are_not_searched(
    world: World, client: MacroStrike, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(world.transport), "gas_price", lambda _: 10**9)
    watch = watch_of(client)
    assert list(watch.look()) == []
    searched: list[int] = []
    search = MacroStrike.search

    def counted(self: MacroStrike, **options: object) -> object:
        searched.append(1)
        return search(self, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(MacroStrike, "search", counted)
    world.transport.mine()
    assert list(watch.look()) == []
    assert searched == []
    pair.sell(WETH)
    list(watch.look())
    assert searched == [1]
    # What gas was too dear for may pay now.
    monkeypatch.setattr(type(world.transport), "gas_price", lambda _: 10**8)
    world.transport.mine()
    list(watch.look())
    assert searched == [1, 1]


def test_a_dry_run_quotes_and_tells_once(world: World, client: MacroStrike, pair: Pair) -> None:
    watch = watch_of(client, dry_run=True)
    pair.sell(30 * WETH)
    (seen,) = watch.look()
    assert seen.done is None
    assert seen.quoted is not None
    assert seen.quoted.profit > 0
    world.transport.mine()
    assert list(watch.look()) == []
    # Another state of the pools is told anew.
    pair.sell(WETH)
    assert len(list(watch.look())) == 1
    assert executed(client) == 0


def test_what_the_chain_refuses_is_told_with_its_reason(
    world: World, client: MacroStrike, pair: Pair
) -> None:
    watch = watch_of(client)
    pair.sell(30 * WETH)
    owner_does(world, "pause")
    nonce = world.transport.nonce(world.operator.address)
    (seen,) = watch.look()
    assert isinstance(seen.refused, EnforcedPause)
    assert world.transport.nonce(world.operator.address) == nonce
    world.transport.mine()
    assert list(watch.look()) == []
    # What stood against it is gone.
    owner_does(world, "unpause")
    (seen,) = watch.look()
    assert seen.done is not None


def test_pools_that_come_and_go_are_followed(world: World, client: MacroStrike, pair: Pair) -> None:
    watch = watch_of(client, dry_run=True)
    list(watch.look())
    owner_does(world, "unregisterPools", [2])
    pair.sell(30 * WETH)
    assert list(watch.look()) == []
    assert watch.pools == 1
    (config,) = [pool for pool in client.pools() if pool.id == 2]
    again = PoolConfig(factory=config.factory, pool=config.pool, fee=config.fee)
    owner_does(world, "registerPools", [again])
    (seen,) = watch.look()
    assert 3 in seen.find.pools


def test_a_chain_that_goes_back_is_read_anew(world: World, client: MacroStrike, pair: Pair) -> None:
    watch = watch_of(client, dry_run=True)
    snapshot = world.transport.snapshot()
    pair.sell(30 * WETH)
    assert len(list(watch.look())) == 1
    world.transport.revert(snapshot)
    assert list(watch.look()) == []
    pair.sell(30 * WETH)
    assert len(list(watch.look())) == 1


def test_a_node_that_fails_is_told_and_asked_again(
    world: World, client: MacroStrike, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, stop = watch_of(client), threading.Event()
    pair.sell(30 * WETH)
    failing: list[ChainError] = [NodeUnavailable("http://node", "no connection")]
    logs: Callable[..., object] = type(world.transport).call_many

    def sometimes(*args: object, **options: object) -> object:
        if failing:
            raise failing.pop()
        return logs(*args, **options)

    monkeypatch.setattr(type(world.transport), "call_many", sometimes)
    told: list[Seen | ChainError] = []
    for each in watch.run(stop, every=0.01):
        told.append(each)
        if isinstance(each, Seen):
            stop.set()
    failure, seen = told
    assert isinstance(failure, NodeUnavailable)
    assert isinstance(seen, Seen)
    assert seen.done is not None
