"""Live against replay: equal to the unit, or the cause is named; a bug halts the loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport, Block, Receipt
from macrostrike.journal import ChangeKind, Journal
from macrostrike.loop import Changed, LiveReplay, LoopState, StrikeLoop
from macrostrike.loop._live_replay import ACCEPTED, Cause, StateMissing, named
from macrostrike.testing import World
from macrostrike.types import Signal

from ..evm import calmed
from .support import START


@pytest.fixture(scope="module")
def _chain(anvil_url: str) -> AnvilTransport:
    return AnvilTransport(anvil_url, block_time=1)


@pytest.fixture
def world(_deployed: World, _chain: AnvilTransport) -> Iterator[World]:
    with calmed(_chain):
        yield _deployed


@pytest.fixture
def journal(world: World, tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        sync(world, journal)
        yield journal


def sync(world: World, journal: Journal) -> None:
    journal.sync(world.transport, world.diamond, world.manifest.deployed_at)


@pytest.fixture
def replay(world: World, journal: Journal) -> LiveReplay:
    return LiveReplay(journal, world.transport, world.diamond)


def strike(world: World, signal: Signal = Signal.LONG) -> int:
    client = MacroStrike(world.transport, world.diamond, world.operator)
    made = client.prediction(world.engine, signal, confidence_bps=9500, stop_loss_bps=300)
    return client.strike(made, world.engine).strike_id


def causes(world: World, journal: Journal, replay: LiveReplay) -> list[Cause | None]:
    sync(world, journal)
    return [each.cause for each in replay.check()]


def test_strikes_settlements_and_batches_are_equal_to_the_unit(
    world: World, journal: Journal, replay: LiveReplay
) -> None:
    client = MacroStrike(world.transport, world.diamond, world.operator)
    ids = [strike(world), strike(world, Signal.SHORT), strike(world)]
    world.venues.move_price(START * 1.004)
    client.settle(ids[0])
    client.settle_batch(ids[1:])
    assert causes(world, journal, replay) == [None] * 5
    assert causes(world, journal, replay) == []
    assert replay.equal == 5
    assert journal.changes(kind=ChangeKind.CHECK) == []


def same_block(world: World, *before: tuple[str, bytes]) -> None:
    """A strike in one block with what the market maker does first."""
    transport = world.transport
    client = MacroStrike(transport, world.diamond, world.operator)
    made = client.prediction(world.engine, Signal.LONG, confidence_bps=9500, stop_loss_bps=300)
    signature = client._signature(made, world.engine)
    transport.request("evm_setAutomine", False)
    gas = 10**6
    for to, data in before:
        transport.submit(world.venues.maker, to, data, gas=gas)
    ticket = client.submit("executeStrike", made, signature, 0, gas=gas)
    transport.request("evm_mine")
    assert ticket.wait().succeeded
    transport.request("evm_setAutomine", True)


def maker_swap(world: World) -> tuple[str, bytes]:
    """A swap of the market maker's, as `move_price` makes it."""
    sent: list[tuple[str, bytes]] = []
    venues = world.venues
    catch = replace(venues, transport=_Caught(venues.transport, sent))
    catch.move_price(START * 1.001)
    return sent[-1]


class _Caught:
    """Everything of a transport, but that what would be sent is kept."""

    def __init__(self, transport: Any, sent: list[tuple[str, bytes]]) -> None:
        self._transport, self._sent = transport, sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def send(self, signer: Any, to: str, data: bytes, **_: Any) -> None:
        self._sent.append((to, data))


def test_what_came_first_in_the_block_is_named(
    world: World, journal: Journal, replay: LiveReplay
) -> None:
    same_block(world, maker_swap(world))
    assert causes(world, journal, replay) == [Cause.ORDERING]
    (check,) = journal.changes(kind=ChangeKind.CHECK)
    assert (check.name, check.value) == ("replay", "ordering")
    assert not replay.bug


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        ("AnswerUpdated(int256,uint256,uint256)", Cause.ORACLE),
        ("SetFeeProtocol(uint8,uint8,uint8,uint8)", Cause.FEE),
        ("Mint(address,address,int24,int24,uint128,uint256,uint256)", Cause.LIQUIDITY),
        ("Burn(address,int24,int24,uint128,uint256,uint256)", Cause.LIQUIDITY),
        ("Transfer(address,address,uint256)", Cause.ORDERING),
    ],
)
def test_the_events_of_what_came_first_say_the_cause(event: str, cause: Cause) -> None:
    assert named([keccak(text="Swap()"), keccak(text=event)]) is cause


class Lying(AnvilTransport):
    """A node whose receipts have one unit more in their last event; or that forgets a block."""

    forgets = False

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        receipt = super().receipt(transaction_hash)
        assert receipt is not None
        *logs, last = receipt.logs
        changed = (int.from_bytes(last.data, "big") ^ 1).to_bytes(len(last.data), "big")
        return replace(receipt, logs=(*logs, replace(last, data=changed)))

    def block(self, number: int | None = None) -> Block:
        block = super().block(number)
        return replace(block, hash=bytes(32)) if self.forgets else block


def test_one_unit_is_a_bug_and_halts_the_loop_until_a_person_has_looked(
    world: World, journal: Journal
) -> None:
    lying = Lying(world.transport.url, block_time=None)
    replay = LiveReplay(journal, lying, world.diamond)
    strike(world)
    assert causes(world, journal, replay) == [Cause.BUG]
    assert replay.bug
    client = MacroStrike(world.transport, world.diamond, world.operator)
    options = {"from_block": world.manifest.deployed_at}
    loop = StrikeLoop(client, journal, [], replay=replay, **options)
    (changed,) = [each for each in loop.cycle() if isinstance(each, Changed)]
    assert changed.state is LoopState.HALTED
    assert "replay" in changed.cause
    assert LiveReplay(journal, lying, world.diamond).bug  # a restart forgets nothing
    journal.record_change(ChangeKind.CHECK, "replay", ACCEPTED)
    assert not LiveReplay(journal, lying, world.diamond).bug


def test_of_a_block_that_is_not_a_longer_there_the_cause_is_the_reorganisation(
    world: World, journal: Journal
) -> None:
    lying = Lying(world.transport.url, block_time=None)
    lying.forgets = True
    replay = LiveReplay(journal, lying, world.diamond)
    strike(world)
    assert causes(world, journal, replay) == [Cause.REORG]
    assert not replay.bug


def test_a_node_without_the_state_is_said_without_its_url(
    world: World, journal: Journal, replay: LiveReplay
) -> None:
    strike(world)
    sync(world, journal)
    replay._transport = Elsewhere(world.transport.url, block_time=None)
    with pytest.raises(StateMissing) as refused:
        replay.check()
    assert "a-key" not in str(refused.value)
    replay._transport = world.transport
    assert [each.cause for each in replay.check()] == [None]


class Elsewhere(AnvilTransport):
    """Its state is asked of an address where no one listens."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self.url = "http://127.0.0.1:9/a-key"
