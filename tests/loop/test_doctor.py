"""The doctor names what is stuck, with its facts, and the safe act resolves what it can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.client import MacroStrike
from macrostrike.executor import Executor, Settings
from macrostrike.journal import IntentState, Journal
from macrostrike.loop import Finding, Stuck, examine
from macrostrike.testing import World

from ..evm import calmed
from ..executor.conftest import RECEIVER
from ..predictions import prediction_now

HASTY = Settings(mined_within=10, resend_after=0, replace_after=0)


@pytest.fixture(scope="module")
def _chain() -> Iterator[AnvilTransport]:
    with start_anvil() as url:
        yield AnvilTransport(url)


@pytest.fixture
def world(_deployed: World, _chain: AnvilTransport) -> Iterator[World]:
    with calmed(_chain):
        yield _deployed


@pytest.fixture
def node(world: World) -> AnvilTransport:
    assert isinstance(world.transport, AnvilTransport)
    return world.transport


@pytest.fixture
def journal(world: World, tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.sqlite") as opened:
        opened.sync(world.transport, world.diamond, world.manifest.deployed_at)
        yield opened


@pytest.fixture
def executor(world: World, journal: Journal) -> Executor:
    return Executor(world.transport, world.operator, journal, HASTY)


def findings(world: World, journal: Journal, *, ahead: float = 0) -> list[Finding]:
    client = MacroStrike(world.transport, world.diamond)
    now = world.transport.timestamp() + ahead
    return examine(client, journal, world.manifest.operators, now=now)


def kinds(world: World, journal: Journal) -> list[Stuck]:
    return [finding.kind for finding in findings(world, journal)]


def test_nothing_is_stuck_after_a_deployment(world: World, journal: Journal) -> None:
    assert findings(world, journal) == []


@pytest.mark.parametrize("ahead", [-61, 61])
def test_a_clock_that_differs(world: World, journal: Journal, ahead: float) -> None:
    (finding,) = findings(world, journal, ahead=ahead)
    assert finding.kind is Stuck.CLOCK
    assert "61 s" in finding.why
    assert findings(world, journal, ahead=ahead / 61 * 60) == []


def test_an_unknown_outcome_is_resolved_by_the_safe_act(
    world: World, journal: Journal, executor: Executor
) -> None:
    ticket = executor.submit(RECEIVER, b"")
    journal.change_intent(ticket.hash, IntentState.UNKNOWN, error="no answer from the node")
    (finding,) = findings(world, journal)
    assert (finding.kind, finding.is_resolved_by_recovery) == (Stuck.UNKNOWN, True)
    assert ticket.hash.hex() in finding.subject
    assert finding.why == "no answer from the node"
    executor.recover()
    assert findings(world, journal) == []


def test_a_gap(world: World, journal: Journal, executor: Executor, node: AnvilTransport) -> None:
    node.request("evm_setAutomine", False)
    lost, later = executor.submit(RECEIVER, b""), executor.submit(RECEIVER, b"")
    node.request("anvil_dropAllTransactions")
    journal.change_intent(lost.hash, IntentState.REJECTED)
    (finding,) = findings(world, journal)
    assert (finding.kind, finding.is_resolved_by_recovery) == (Stuck.GAP, True)
    assert f"nonce {journal.intent(lost.hash).account_nonce}" in finding.why
    executor.recover()
    node.request("evm_setAutomine", True)
    node.mine()
    assert later.wait().succeeded
    executor.recover()
    assert findings(world, journal) == []


def test_a_key_that_something_else_uses(world: World, journal: Journal, executor: Executor) -> None:
    executor.submit(RECEIVER, b"").wait()
    world.transport.send(world.operator, RECEIVER, b"")
    executor.recover()
    (finding,) = findings(world, journal)
    assert finding.kind is Stuck.FOREIGN
    assert "revoke" in finding.remedy
    assert not finding.is_resolved_by_recovery


def test_an_offer_that_is_too_low_is_raised(
    world: World, journal: Journal, executor: Executor, node: AnvilTransport
) -> None:
    node.request("evm_setAutomine", False)
    ticket = executor.submit(RECEIVER, b"")
    node.request("anvil_dropTransaction", "0x" + ticket.hash.hex())
    node.request("anvil_setNextBlockBaseFeePerGas", hex(50 * 10**9))
    node.mine()
    (finding,) = findings(world, journal)
    assert (finding.kind, finding.is_resolved_by_recovery) == (Stuck.UNDERPRICED, True)


def test_a_block_that_was_replaced(
    world: World, journal: Journal, executor: Executor, node: AnvilTransport
) -> None:
    executor.submit(RECEIVER, b"").wait()
    journal.sync(node, world.diamond, world.manifest.deployed_at)
    node.request("anvil_reorg", 1, [])
    assert Stuck.REORGED in kinds(world, journal)
    journal.sync(node, world.diamond, world.manifest.deployed_at)
    assert kinds(world, journal) == [Stuck.UNKNOWN]
    executor.recover()
    assert findings(world, journal) == []


def test_a_prediction_that_nothing_decided(world: World, journal: Journal) -> None:
    said = prediction_now(world, 7, valid_for=0)
    journal.record_prediction(said, b"d" * 32, b"", source="http")
    assert findings(world, journal) == []
    world.transport.mine(1)
    (finding,) = findings(world, journal)
    assert finding.kind is Stuck.EXPIRED
    assert "nonce 7" in finding.subject


def test_roles_budgets_and_breakers(world: World, journal: Journal) -> None:
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    guardian = MacroStrike(world.transport, world.diamond, world.guardian)
    guardian.transact("pause")
    assert kinds(world, journal) == [Stuck.PAUSED]
    owner.transact("unpause")
    operator = world.operator.address
    now = world.transport.timestamp()
    actions = int(owner.operator(operator).actions)
    owner.transact("setOperator", operator, now + 86_400, actions, 0)
    assert kinds(world, journal) == [Stuck.BUDGET]
    owner.transact("revokeOperator", operator)
    assert kinds(world, journal) == [Stuck.ROLE]


def test_an_operator_without_ether(world: World, journal: Journal) -> None:
    world.transport.set_balance(world.operator.address, 1)
    assert kinds(world, journal) == [Stuck.ETHER]


def test_an_oracle_that_knows_too_little(world: World, journal: Journal) -> None:
    """The pool keeps 64 observations, of as many blocks: here, of a minute."""
    client = MacroStrike(world.transport, world.diamond, world.owner)
    rules = replace(client.market(0).rules, oracle_window=383)
    client.transact("updateMarket", 0, rules)
    world.transport.block_time = 1
    for _ in range(40):
        world.venues.move_price(1601)
        world.venues.move_price(1600)
    (finding,) = findings(world, journal)
    assert finding.kind is Stuck.CARDINALITY
    assert "observations, too few for" in finding.why
