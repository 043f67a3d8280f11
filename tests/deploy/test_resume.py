"""Deployments that are cut short, wherever it is, and gone on with."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from macrostrike.chain import AnvilTransport, LocalTransport, Receipt, RevmTransport, start_anvil
from macrostrike.deploy import Deployed, DeployError, StepFailed, complete, load_target, prepare
from macrostrike.deploy.run import Deployment, await_confirmed, await_mined
from macrostrike.devchain import deploy_venues, local_account
from macrostrike.errors import NodeUnavailable
from macrostrike.manifest import Manifest

from ..evm import undone
from .support import FACETS, STEPS

OWNER = local_account(0)


class Mortal(RevmTransport):
    """A chain whose node dies at one of the owner's transactions, before it is mined or after."""

    lives: int | None = None
    mines_the_last: bool = False

    def send(self, signer: Any, *args: Any, **options: Any) -> Receipt:
        if signer.address != OWNER.address or self.lives is None:
            return super().send(signer, *args, **options)
        self.lives -= 1
        if self.lives >= 0:
            return super().send(signer, *args, **options)
        if self.mines_the_last:
            super().send(signer, *args, **options)
        raise NodeUnavailable("http://127.0.0.1", "it died")


@dataclass(frozen=True)
class Outcome:
    """All that a deployment leaves behind."""

    manifest: Manifest
    codes: dict[str, bytes]
    sent: int
    checks: tuple[str, ...]


def planned(chain: LocalTransport, manifest: Manifest | None = None) -> Deployment:
    return prepare(
        chain, load_target("local"), deployer=OWNER.address, network="local", manifest=manifest
    )


def outcome(chain: LocalTransport, deployed: Deployed) -> Outcome:
    # The block is one more for each transaction, and so compared as well.
    places = [deployed.manifest.diamond, *(f.address for f in deployed.manifest.facets.values())]
    return Outcome(
        manifest=deployed.manifest,
        codes={place: chain.code(place) for place in places},
        sent=chain.nonce(OWNER.address),
        checks=tuple(map(str, deployed.checks)),
    )


@pytest.fixture(scope="module")
def whole() -> Outcome:
    """What a deployment leaves that nothing disturbs."""
    chain = RevmTransport()
    deployment = planned(chain)
    assert len(deployment.plan.steps) == STEPS
    return outcome(chain, complete(deployment, {OWNER.address: OWNER}))


@pytest.fixture(scope="module")
def _mortal() -> Mortal:
    chain = Mortal()
    deploy_venues(chain)
    return chain


@pytest.fixture
def mortal(_mortal: Mortal) -> Iterator[Mortal]:
    with undone(_mortal):
        yield _mortal
        _mortal.lives, _mortal.mines_the_last = None, False


@pytest.mark.parametrize("lives", range(STEPS))
def test_killed_at_any_transaction_it_ends_the_same(
    lives: int, mortal: Mortal, whole: Outcome
) -> None:
    """Each second one is mined, and what died never heard of it; the others never are."""
    chain, mined = mortal, lives % 2 == 1
    deployment = planned(chain)
    kept: list[Manifest] = []
    chain.lives, chain.mines_the_last = lives, mined
    with pytest.raises(StepFailed, match=f"step {lives + 1} of {STEPS}.*it died"):
        complete(deployment, {OWNER.address: OWNER}, keep=kept.append)

    chain.lives = None
    resumed = planned(chain, kept[-1] if kept else None)
    done = lives + 1 if mined else lives
    assert [s.does for s in resumed.plan.steps] == [s.does for s in deployment.plan.steps[done:]]
    assert resumed.plan.steps == deployment.plan.steps[done:]
    assert outcome(chain, complete(resumed, {OWNER.address: OWNER})) == whole


def test_killed_at_every_single_transaction_it_ends_the_same(
    mortal: Mortal, whole: Outcome
) -> None:
    chain = mortal
    for _ in range(STEPS):
        deployment = planned(chain)
        chain.lives, chain.mines_the_last = 0, True
        with pytest.raises(StepFailed):
            complete(deployment, {OWNER.address: OWNER})
        chain.lives = None
    assert not planned(chain).plan.steps
    assert outcome(chain, complete(planned(chain), {})) == whole


def test_another_account_can_go_on(mortal: Mortal, whole: Outcome) -> None:
    chain, other = mortal, local_account(5)
    chain.lives = 4
    with pytest.raises(StepFailed):
        complete(planned(chain), {OWNER.address: OWNER})
    chain.lives = None
    target = load_target("local")
    resumed = prepare(chain, target, deployer=other.address, network="local")
    deployed = complete(resumed, {each.address: each for each in (OWNER, other)})
    assert deployed.manifest == whole.manifest
    assert chain.nonce(other.address) == FACETS - 4 + 1


@pytest.fixture(scope="module")
def node() -> Iterator[AnvilTransport]:
    """An anvil of one's own, with the venue."""
    with start_anvil() as url:
        chain = AnvilTransport(url)
        deploy_venues(chain)
        yield chain


@pytest.fixture
def fresh(node: AnvilTransport) -> Iterator[AnvilTransport]:
    with undone(node):
        yield node


KILLED = """
import os, signal, sys
from macrostrike.chain import AnvilTransport
from macrostrike.deploy import (complete, load_target, prepare)
from macrostrike.devchain import (local_account)
owner = local_account(0)
class Doomed(AnvilTransport):
    lives = int(sys.argv[2])
    def submit(self, signer, *args, **options):
        ticket = super().submit(signer, *args, **options)
        if signer.address == owner.address:
            if self.lives == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.lives -= 1
        return ticket
deployment = prepare(
    Doomed(sys.argv[1]), load_target("local"), deployer=owner.address, network="local"
)
complete(deployment, {owner.address: owner})
"""


@pytest.mark.parametrize("lives", [2, FACETS, STEPS - 9])
def test_a_process_that_is_killed_after_sending(
    fresh: AnvilTransport, lives: int, whole: Outcome
) -> None:
    command = [sys.executable, "-c", KILLED, fresh.url, str(lives)]
    killed = subprocess.run(command, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    resumed = planned(fresh)
    assert len(resumed.plan.steps) == STEPS - lives - 1
    ended = outcome(fresh, complete(resumed, {OWNER.address: OWNER}))
    assert ended.manifest.diamond == whole.manifest.diamond
    assert (ended.codes, ended.sent, ended.checks) == (whole.codes, whole.sent, whole.checks)


def test_what_is_in_no_block_yet_is_waited_for(fresh: AnvilTransport) -> None:
    before = planned(fresh).plan.steps
    first = before[0]
    fresh.request("evm_setAutomine", False)
    try:
        fresh.request(
            "eth_sendTransaction",
            {"from": OWNER.address, "to": first.to, "data": "0x" + first.data.hex()},
        )
        with pytest.raises(DeployError, match=r"1 transaction of .* in no block after 0 s"):
            await_mined(fresh, [OWNER.address], within=0)
        fresh.request("evm_setIntervalMining", 1)
        assert planned(fresh).plan.steps == before[1:]
    finally:
        fresh.request("evm_setIntervalMining", 0)
        fresh.request("evm_setAutomine", True)


def test_confirmations_are_waited_for(fresh: AnvilTransport) -> None:
    complete(planned(fresh), {OWNER.address: OWNER})
    last = fresh.block_number()
    await_confirmed(fresh, last, 1)
    with pytest.raises(DeployError, match=rf"block {last} has 1 of 3 confirmations"):
        await_confirmed(fresh, last, 3, within=0)
    fresh.request("evm_setIntervalMining", 1)
    try:
        await_confirmed(fresh, last, 3)
    finally:
        fresh.request("evm_setIntervalMining", 0)
    assert fresh.block_number() >= last + 2
