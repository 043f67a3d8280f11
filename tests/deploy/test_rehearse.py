"""Rehearsals: the whole plan on a copy, and not a trace of it on the chain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from macrostrike.chain import LocalTransport
from macrostrike.deploy import (
    StepFailed,
    VerificationFailed,
    complete,
    load_target,
    owner_kind,
    prepare,
    rehearse,
)
from macrostrike.deploy.run import Deployment
from macrostrike.testing import World

from .support import again, ask, target_with, tell
from .test_governance import owned_by_safe, owned_by_timelock
from .test_upgrade import compiled, loupes, upgrade


def fingerprint(chain: LocalTransport, owner: str) -> tuple[object, ...]:
    return chain.block_number(), chain.timestamp(), chain.nonce(owner), chain.balance(owner)


def another(world: World) -> Deployment:
    """A new diamond's deployment, beside the one that is there."""
    owner = world.owner.address
    target = load_target("local")
    return prepare(world.transport, target, deployer=owner, network="local", name="another")


def test_a_deployment_is_rehearsed_whole_and_leaves_no_trace(world: World) -> None:
    deployment = another(world)
    before = fingerprint(world.transport, world.owner.address)
    rehearsal = rehearse(deployment)
    assert fingerprint(world.transport, world.owner.address) == before
    assert not world.transport.code(deployment.plan.diamond)
    assert len(rehearsal.gas) == len(deployment.plan.steps)
    assert not rehearsal.skipped
    names = [check.name for check in rehearsal.checks]
    assert names[-3:] == ["USDC covers the books", "WETH covers the books", "a strike"]
    assert all(check.ok for check in rehearsal.checks)

    # And then it comes as it was rehearsed.
    deployed = complete(deployment, {world.owner.address: world.owner})
    assert deployed.manifest.diamond == deployment.plan.diamond


def test_gas_is_what_the_chain_then_takes(world: World) -> None:
    deployment = again(world, target_with(("cooldown: 0", "cooldown: 5")))
    rehearsal = rehearse(deployment)
    (receipt,) = complete(deployment, {world.owner.address: world.owner}).receipts
    assert abs(rehearsal.gas[0] - receipt.gas_used) <= 5_000  # in process, what is warm is cheaper


def test_an_upgrade_is_rehearsed_with_the_new_code(world: World) -> None:
    deployment = upgrade(world, loupes()["version"])
    rehearsal = rehearse(deployment)
    assert len(rehearsal.gas) == 2
    assert "a strike" in [check.name for check in rehearsal.checks]
    assert len(ask(world, "facetFunctionSelectors", deployment.plan.facets["AccessFacet"])) > 1


@pytest.mark.parametrize("kind", ["Safe", "timelock"])
def test_what_a_contract_owns_is_rehearsed_as_if_it_had_signed(world: World, kind: str) -> None:
    """Owners whose keys are elsewhere: on a copy they need none."""
    chain = world.transport
    owner = owned_by_safe(world) if kind == "Safe" else owned_by_timelock(world)
    target = target_with((f"owner: {world.owner.address}", f"owner: {owner.address}"))
    deployment = prepare(
        chain,
        target,
        deployer=world.owner.address,
        network="local",
        manifest=world.manifest,
        upgrade=True,
        compiled=compiled(loupes()["version"]),
    )
    code, before = chain.code(owner.address), fingerprint(chain, owner.address)
    rehearsal = rehearse(deployment)
    assert len(rehearsal.gas) == 2
    assert not rehearsal.skipped
    assert "a strike" in [check.name for check in rehearsal.checks]
    assert (chain.code(owner.address), fingerprint(chain, owner.address)) == (code, before)
    # It is the Safe or the timelock that it was.
    assert owner_kind(chain, owner.address).value == kind


def test_what_would_fail_fails_in_the_rehearsal(world: World) -> None:
    deployment = again(world, target_with(("cooldown: 0", "cooldown: 5")))
    tell(world, world.owner, "transferOwnership", world.guardian.address)
    tell(world, world.guardian, "acceptOwnership")
    before = world.transport.block_number()
    with pytest.raises(StepFailed, match=r"step 1 of 1, change the rules .*NotOwner"):
        rehearse(deployment)
    assert world.transport.block_number() == before


def test_a_plan_that_does_not_lead_to_the_target_is_found(world: World) -> None:
    deployment = again(world, target_with(("cooldown: 0", "cooldown: 5")))
    idle = replace(deployment, plan=replace(deployment.plan, steps=()))
    with pytest.raises(VerificationFailed, match="rules of market 0, ETH/USDC: cooldown 0"):
        rehearse(idle)


def test_a_strike_that_the_gates_refuse_is_said_to_be_skipped(world: World) -> None:
    tell(world, world.guardian, "pause")
    rehearsal = rehearse(again(world, target_with(("cooldown: 0", "cooldown: 5"))))
    (skipped,) = rehearsal.skipped
    assert skipped.startswith("no strike was tried: ")
    assert "a strike" not in [check.name for check in rehearsal.checks]
