"""What a cut runs besides: once, in the diamond's own storage, and part of the plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from macrostrike.build import Contract, ours
from macrostrike.deploy import (
    Deployment,
    Pinning,
    StepFailed,
    complete,
    load_target,
    pin,
    rehearse,
)
from macrostrike.deploy.target import Init, Upgrade
from macrostrike.manifest import Manifest
from macrostrike.testing import World
from tools._solc import compile_sources

from .support import STRANGER, again, ask
from .test_upgrade import built, loupes

MIGRATION = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

contract Migration {
    event Migrated(uint256[] steps, address by, bool done, bytes4 mark);

    error NothingToDo();

    function migrate(uint256[] calldata steps, address by, bool done, bytes4 mark) external {
        if (steps.length == 0) revert NothingToDo();
        emit Migrated(steps, by, done, mark);
    }
}
"""


@cache
def migration() -> Contract:
    output = compile_sources(
        {"contracts/Migration.sol": MIGRATION},
        {"Migration": ["abi", "evm.bytecode.object", "evm.deployedBytecode"]},
    )
    return replace(built(output["contracts"]["contracts/Migration.sol"]["Migration"]), name="M")


def migrating(world: World, manifest: Manifest, build: str, *args: Any) -> Deployment:
    """An upgrade of the loupe that runs the migration."""
    init = Init(contract="Migration", function="migrate", args=args)
    target = load_target("local").model_copy(update={"upgrade": Upgrade(init=init)})
    known = {"DiamondLoupeFacet": loupes()[build], "Migration": migration()}
    return again(
        world,
        target,
        manifest=manifest,
        upgrade=True,
        compiled=lambda name: known.get(name) or ours(name),
    )


def migrated(world: World) -> list[tuple[Any, ...]]:
    topic = migration().abi.topic("Migrated")
    logs = world.transport.logs(world.diamond, topics=[topic])
    events = [migration().abi.decode_event(log.topics, log.data) for log in logs]
    return [tuple(event.args.values()) for event in events if event is not None]


ARGUMENTS = (["1", "0x10"], STRANGER, "true", "0xdeadbeef")


def test_a_cut_runs_what_the_target_says_in_the_diamonds_own_storage(world: World) -> None:
    deployment = migrating(world, world.manifest, "version", *ARGUMENTS)
    steps = deployment.plan.steps
    assert [step.function for step in steps] == ["constructor", "constructor", "diamondCut"]
    assert steps[2].does.endswith(
        f"run Migration.migrate(['1', '0x10'], {STRANGER}, true, 0xdeadbeef)"
    )
    rehearse(deployment)
    assert not migrated(world)
    complete(deployment, {world.owner.address: world.owner})
    assert migrated(world) == [((1, 16), STRANGER, True, bytes.fromhex("deadbeef"))]


def test_what_was_run_is_not_run_again(world: World) -> None:
    owner = {world.owner.address: world.owner}
    first = complete(migrating(world, world.manifest, "version", *ARGUMENTS), owner)
    assert not migrating(world, first.manifest, "version", *ARGUMENTS).plan.steps
    second = migrating(world, first.manifest, "release", *ARGUMENTS)
    assert [step.function for step in second.plan.steps] == ["constructor", "diamondCut"]
    complete(second, owner)
    assert len(migrated(world)) == 1


@pytest.mark.parametrize("sent", [1, 2])
def test_what_a_cut_runs_is_pinned_with_it_and_gone_on_with(world: World, sent: int) -> None:
    of = Pinning("local", "macrostrike", 31337)
    deployment = migrating(world, world.manifest, "version", *ARGUMENTS)
    pinned = pin(deployment.plan, of)
    other = migrating(world, world.manifest, "version", ["1"], *ARGUMENTS[1:])
    assert pin(other.plan, of).hash != pinned.hash
    for step in deployment.plan.steps[:sent]:
        world.transport.send(world.owner, step.to, step.data)
    resumed = migrating(world, world.manifest, "version", *ARGUMENTS)
    assert resumed.plan.steps == deployment.plan.steps[sent:]
    pinned.require(resumed.plan, chain_id=31337, created=resumed.state.created)


def test_what_fails_to_run_cuts_nothing(world: World) -> None:
    before = ask(world, "facets")
    deployment = migrating(world, world.manifest, "version", [], *ARGUMENTS[1:])
    with pytest.raises(StepFailed, match=r"step 3 of 3, cut: .* failed: "):
        rehearse(deployment)
    with pytest.raises(StepFailed):
        complete(deployment, {world.owner.address: world.owner})
    assert ask(world, "facets") == before
