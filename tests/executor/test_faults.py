"""Through a proxy that does what networks, balancers and nodes do: nothing is lost or doubled."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from macrostrike.chain import AnvilTransport, RpcTransport, start_anvil
from macrostrike.client import MacroStrike
from macrostrike.errors import MacroStrikeError, NonceUsed, StrikeNotOpen
from macrostrike.executor import Executor, Settings
from macrostrike.journal import IntentState, Journal
from macrostrike.testing import World, deploy_world
from macrostrike.types import Prediction, Signal

from ..chain.test_sending import ARRIVES, DOES_NOT_ARRIVE, SEND
from ..faults import (
    Exchange,
    FaultProxy,
    Reply,
    Rule,
    drop_after,
    drop_before,
    error,
    on,
    status,
    truncated,
    twice,
)
from ..predictions import prediction as of_engine
from .conftest import KEY, RECEIVER

STRIKES = 12
FAULTS: tuple[Rule, ...] = (
    drop_before,
    drop_after,
    truncated,
    twice,
    status(429),
    status(502, b"<html>Bad Gateway</html>", forwarded=True),
    status(503),
    error(-32603, "Internal error"),
    error(-32603, "Internal error", forwarded=True),
)


@pytest.fixture
def proxy(node: AnvilTransport) -> Iterator[FaultProxy]:
    with FaultProxy(node.url) as between:
        yield between


@pytest.mark.parametrize("fault", [*ARRIVES.values(), *DOES_NOT_ARRIVE.values()])
def test_one_transaction_is_mined_once_whatever_the_broadcast_meets(
    node: AnvilTransport, proxy: FaultProxy, journal: Journal, fault: Rule
) -> None:
    chain = RpcTransport(proxy.url, timeout=2.0, patience=0.4)
    executor = Executor(chain, KEY, journal, Settings(mined_within=10, resend_after=0.2))
    balance = node.balance(RECEIVER)
    proxy.rules.append(on(SEND, fault, times=1))
    try:
        ticket = executor.submit(RECEIVER, b"", value=1)
    except MacroStrikeError:
        # Refused for good, or never sent: it is nowhere, and the next one has its nonce.
        assert [intent.state for intent in journal.intents()] == [IntentState.REJECTED]
        assert node.balance(RECEIVER) == balance
        ticket = executor.submit(RECEIVER, b"", value=1)
    assert ticket.wait().succeeded
    assert node.balance(RECEIVER) == balance + 1
    assert journal.intents()[-1].state is IntentState.CONFIRMED


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with start_anvil() as url:
        yield deploy_world(AnvilTransport(url))


class Weather:
    """A fault in so many of a hundred exchanges, the same ones for the same seed."""

    def __init__(self, seed: int, percent: int) -> None:
        self.random = random.Random(seed)
        self.percent = percent

    def __call__(self, exchange: Exchange) -> Reply | None:
        if self.random.randrange(100) >= self.percent:
            return None
        return self.random.choice(FAULTS)(exchange)


def prediction(world: World, nonce: int) -> Prediction:
    return of_engine(world.engine.address, nonce, signal=Signal(nonce % 4))


@pytest.mark.parametrize("seed", [1, 2])
def test_strikes_and_settlements_in_bad_weather(world: World, journal: Journal, seed: int) -> None:
    """Every prediction is one strike, every strike is settled once, and the journal agrees with
    the chain; the key is used elsewhere, the pool forgets, and blocks are replaced meanwhile."""
    node = world.transport
    assert isinstance(node, AnvilTransport)
    plain = MacroStrike(node, world.diamond)
    owner = MacroStrike(node, world.diamond, world.owner)
    before, first = plain.stats(), plain.next_nonce(world.engine.address)
    with FaultProxy(node.url) as proxy:
        chain = RpcTransport(proxy.url, timeout=2.0, patience=0.5)
        weather = Weather(seed, percent=20)
        proxy.rules.append(weather)
        settings = Settings(mined_within=3, resend_after=0.2)
        executor = Executor(chain, world.operator, journal, settings)
        client = MacroStrike(chain, world.diamond, sender=executor)

        def until(done: type[MacroStrikeError], work: Callable[..., object], *args: object) -> None:
            reasons = []
            for _ in range(50):
                try:
                    work(*args)
                except done:
                    return
                except MacroStrikeError as failure:
                    reasons.append(str(failure))
                    with suppress(MacroStrikeError):  # the weather: again at the next turn
                        executor.recover()
            pytest.fail(f"{work} in vain: {reasons[-3:]}")

        for nonce in range(first, first + STRIKES):
            if plain.stats().halted:
                owner.transact("resume")  # each of these strikes loses the pool's fee
            # Until the chain itself says that it has happened.
            until(NonceUsed, client.strike, prediction(world, nonce), world.engine)
            node.mine(30)
            (opened,) = plain.open_strikes()
            until(StrikeNotOpen, client.settle, opened)
            node.mine(30)
            if nonce % 8 == 0:
                node.send(world.operator, RECEIVER, b"", value=1)
            if nonce % 10 == 5:
                node.request("anvil_reorg", 1, [])
        weather.percent = 0
        executor.recover()
    stats = plain.stats()
    assert stats.opened - before.opened == STRIKES
    assert (stats.open, stats.settled - before.settled) == (0, STRIKES)
    journal.sync(node, world.diamond, world.manifest.deployed_at)
    assert journal.verify(plain) == []
    nonces = [row.engine_nonce for row in journal.strikes() if row.engine_nonce >= first]
    assert nonces == list(range(first, first + STRIKES))
    known = {intent.hash: intent for intent in journal.intents()}
    for row in journal.strikes():
        if row.engine_nonce >= first:
            assert known[row.opened_tx].state is IntentState.CONFIRMED
    assert not journal.intents(IntentState.PREPARED, IntentState.SENT, IntentState.UNKNOWN)
