"""Watching the registered pools: what events lead to, what is reported once, what is left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from macrostrike import MacroStrike
from macrostrike.arbitrage import GasOverProfit
from macrostrike.build import ours
from macrostrike.chain import AnvilTransport, RpcTransport
from macrostrike.devchain import Pair
from macrostrike.errors import ChainError, EnforcedPause, NodeUnavailable, NotProfitable
from macrostrike.loop import Seen, Watch
from macrostrike.loop._quarantine import QUARANTINE_BLOCKS, Quarantine
from macrostrike.testing import World
from macrostrike.types import PoolConfig
from tests import faults
from tests.unit.pools import Exchange

from .support import STRANGER, client_of, owner_does

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


def test_what_goes_before_the_block_is_a_miss_and_scored(
    world: World, client: MacroStrike, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A6: the chain's score of the operator's confidence has hits and misses."""
    watch = watch_of(client)
    pair.sell(30 * WETH)
    (seen,) = watch.look()
    assert seen.done is not None
    pair.buy(60_000 * USDC)
    send = client._send

    def overtaken(function: str, *args: Any, **options: Any) -> Any:
        pair.sell(30 * WETH)  # somebody else is first
        return send(function, *args, **options)

    monkeypatch.setattr(client, "_send", overtaken)
    (seen,) = watch.look()
    assert seen.done is None
    assert isinstance(seen.refused, NotProfitable)
    (attempted,) = [b for b in client.arbitrage_calibration(0) if b.attempts]
    assert (attempted.attempts, attempted.hits) == (2, 1)
    assert executed(client) == 1


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


def test_a_dry_run_quotes_and_says_once(world: World, client: MacroStrike, pair: Pair) -> None:
    watch = watch_of(client, dry_run=True)
    pair.sell(30 * WETH)
    (seen,) = watch.look()
    assert seen.done is None
    assert seen.quoted is not None
    assert seen.quoted.profit > 0
    world.transport.mine()
    assert list(watch.look()) == []
    # Another state of the pools is reported anew.
    pair.sell(WETH)
    assert len(list(watch.look())) == 1
    assert executed(client) == 0


def test_what_the_chain_refuses_is_said_with_its_reason(
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
    # What prevented it is gone.
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


def test_a_node_that_fails_is_said_and_asked_again(
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
    reported: list[Seen | ChainError] = []
    for each in watch.run(stop, every=0.01):
        reported.append(each)
        if isinstance(each, Seen):
            stop.set()
    failure, seen = reported
    assert isinstance(failure, NodeUnavailable)
    assert isinstance(seen, Seen)
    assert seen.done is not None


def test_a1_a_pool_that_always_fails_hides_no_other(
    world: World, client: MacroStrike, pair: Pair
) -> None:
    exchange = Exchange(world.transport, world.venues, STRANGER)
    world.transport.set_balance(STRANGER.address, 10**24)
    token = exchange.token(contract=ours("HostileToken"))
    fixtures = world.venues.fixtures
    exchange.mint(token, STRANGER.address, 10**24)
    world.venues.provide(STRANGER.address, quote=10**12, base=10**21)
    # Worth 1600 by one pair and 1000 by the other; and it keeps a hundredth of each transfer.
    in_base = exchange.v2_pair(fixtures.pair_factory, token, fixtures.base, Fraction(1), 10**20)
    in_quote = exchange.v2_pair(
        fixtures.pair_factory, token, fixtures.quote, Fraction(1000, 10**12), 10**11
    )
    exchange.tell(ours("HostileToken"), token, "behave", 100, False)
    configs = [
        PoolConfig(factory=fixtures.pair_factory, pool=pool, fee=3000)
        for pool in (in_base, in_quote)
    ]
    owner_does(world, "registerPools", configs)
    pair.sell(30 * WETH)
    watch = watch_of(client)
    seen = list(watch.look())
    assert isinstance(seen[0], Seen)
    assert seen[0].refused is not None
    done = [each for each in seen if isinstance(each, Seen) and each.done is not None]
    assert [sorted(each.find.pools) for each in done] == [[1, 2]]
    assert executed(client) == 1


def test_a1_pools_whose_cycles_keep_failing_are_left_out_for_a_while() -> None:
    quarantine = Quarantine()
    assert [*quarantine.failed((1, 2), 10), *quarantine.failed((2, 3), 11)] == []
    (said,) = quarantine.failed((1, 2, 4), 12)
    assert (said.pool, said.failures, said.until_block) == (2, 3, 12 + QUARANTINE_BLOCKS)
    assert quarantine.pools(12) == {2}
    assert quarantine.pools(said.until_block) == frozenset()
    # The next time it is twice as long.
    again = [said for block in range(400, 403) for said in quarantine.failed((2, 5), block)]
    assert [(each.pool, each.until_block) for each in again] == [(5, 402 + QUARANTINE_BLOCKS)]
    again = [said for block in range(800, 803) for said in quarantine.failed((1, 2), block)]
    assert [(each.pool, each.until_block) for each in again] == [(2, 802 + 2 * QUARANTINE_BLOCKS)]


def test_a_success_speaks_for_its_pools() -> None:
    quarantine = Quarantine()
    for block in range(10):
        assert list(quarantine.failed((1, 2), block)) == []
        quarantine.worked((2, 3))
        quarantine.worked((1, 3))


def test_a2_what_costs_more_gas_than_it_earns_is_not_sent(
    world: World, client: MacroStrike, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.sell(30 * WETH)
    (find,) = client.search()
    nonce = world.transport.nonce(world.operator.address)
    with monkeypatch.context() as patch:
        # As dear as that, or as much gas as that, is the same to the wallet.
        patch.setattr(type(world.transport), "gas_price", lambda _: 10**13)
        with pytest.raises(GasOverProfit) as refused:
            client.arbitrage(find, confidence_bps=9500)
    assert refused.value.gas * 10**13 > refused.value.profit_wei == find.profit_wei
    assert world.transport.nonce(world.operator.address) == nonce
    assert client.arbitrage(find, confidence_bps=9500).profit > 0


def test_another_block_of_the_same_number_is_another_chain(
    world: World, client: MacroStrike, pair: Pair
) -> None:
    watch = watch_of(client, dry_run=True)
    list(watch.look())
    snapshot = world.transport.snapshot()
    pair.sell(30 * WETH)
    assert len(list(watch.look())) == 1
    gone = world.transport.block()
    world.transport.revert(snapshot)
    while world.transport.block_number() < gone.number:
        world.transport.mine(7)
    assert world.transport.block().hash != gone.hash
    # What the block that is no more left is not there.
    assert list(watch.look()) == []
    pair.sell(WETH // 100)
    assert list(watch.look()) == []


def test_nodes_of_different_heights_behind_one_address_tell_a_find_once(
    world: World, client: MacroStrike, pair: Pair
) -> None:
    if not isinstance(world.transport, AnvilTransport):
        pytest.skip("in process there is one node")

    def every_other_is_behind(exchange: faults.Exchange) -> faults.Reply | None:
        if exchange.request["params"][0] != "latest" or exchange.count % 2:
            return None
        before = hex(int(exchange.result()["number"], 16) - 1)
        return exchange.answer(result=exchange.ask("eth_getBlockByNumber", before, False))

    with faults.FaultProxy(world.transport.url) as proxy:
        proxy.rules.append(faults.on("eth_getBlockByNumber", every_other_is_behind))
        watched = MacroStrike(RpcTransport(proxy.url), world.diamond, world.operator)
        watch = watch_of(watched, dry_run=True)
        list(watch.look())
        pair.sell(30 * WETH)
        seen = [each for _ in range(8) for each in watch.look()]
        assert len(seen) == 1
