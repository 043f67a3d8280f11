"""A session whose owner is a Safe or a timelock: what is left for it to do is a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from macrostrike.deploy import (
    OwnerCall,
    Target,
)
from macrostrike.manifest import Manifest
from macrostrike.testing import World

from .session import CALLS, Run
from .support import target_with, tell
from .test_governance import (
    EXECUTOR,
    HOUR,
    PROPOSER,
    do,
    new_safe,
    new_timelock,
    owned_by_timelock,
    send,
)
from .test_upgrade import compiled, loupes

pytestmark = pytest.mark.long


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    return Run(world, tmp_path)


def owned_by(world: World, owner: str) -> Target:
    """The local target with another owner. On a local chain he gets what it spends (D5)."""
    return target_with((f"owner: {world.owner.address}", f"owner: {owner}"))


def calls_of(run: Run) -> list[OwnerCall]:
    batch = json.loads(run.owner_file.read_text())
    return [OwnerCall(c["to"], bytes.fromhex(c["data"][2:])) for c in batch["transactions"]]


def test_a_safe_does_its_part_from_a_file_at_deployment_and_upgrade(run: Run) -> None:
    world = run.world
    safe = new_safe(world)
    target = owned_by(world, safe.address)
    reported = run(run.deployment(target))
    assert "Rehearsed on a copy of the chain" in reported
    assert f"The rest is for the owner, the Safe {safe.address}: {CALLS} calls" in reported
    do(world, safe.address, *calls_of(run))
    reported = run(run.deployment(target))
    assert "Nothing to do" in reported
    assert "Verified on chain" in reported

    built = compiled(loupes()["version"])
    reported = run(run.deployment(target, upgrade=True, built=built))
    (cut,) = calls_of(run)
    do(world, safe.address, cut)
    reported = run(run.deployment(target, upgrade=True, built=built))
    assert "Verified on chain" in reported
    manifest = Manifest.load(run.manifest)
    assert manifest.owner == safe.address
    assert len(manifest.facets["DiamondLoupeFacet"].selectors) == 6


def test_a_timelock_does_its_part_from_a_file_at_deployment_and_upgrade(run: Run) -> None:
    world = run.world
    timelock = new_timelock(world, PROPOSER.address)
    target = owned_by(world, timelock.address)
    reported = run(run.deployment(target))
    assert "Rehearsed on a copy of the chain" in reported
    assert f"The rest is for the owner, the timelock {timelock.address}: {CALLS} calls" in reported
    announce_and_carry_out(run)
    assert "Verified on chain" in run(run.deployment(target))

    built = compiled(loupes()["version"])
    reported = run(run.deployment(target, upgrade=True, built=built))
    assert "1 call, in" in reported
    announce_and_carry_out(run)
    assert "Verified on chain" in run(run.deployment(target, upgrade=True, built=built))
    manifest = Manifest.load(run.manifest)
    assert manifest.owner == timelock.address
    assert len(manifest.facets["DiamondLoupeFacet"].selectors) == 6


def test_what_a_timelock_did_once_it_can_be_asked_for_again(run: Run) -> None:
    """The same change by hand twice is the same plan twice, but another operation."""
    world = run.world
    timelock = owned_by_timelock(world)
    target = target_with((f"owner: {world.owner.address}", f"owner: {timelock.address}"))
    world.manifest.save(run.manifest)
    operations = []
    for _ in range(2):
        tell(world, world.guardian, "disableMarket", 0)
        run(run.deployment(target, undo_guardian=True))
        first = json.loads(run.owner_file.read_text())
        assert first["state"] == "not announced"
        announce(run)
        # A second run meanwhile gets the very same.
        run(run.deployment(target, undo_guardian=True))
        content = json.loads(run.owner_file.read_text())
        assert content == {**first, "state": "waiting"}
        carry_out(run)
        assert "Verified on chain" in run(run.deployment(target, undo_guardian=True))
        operations.append(content["operation"])
    assert len(set(operations)) == 2


def test_a_timelocks_operation_is_the_same_until_it_is_executed(run: Run) -> None:
    """D3: three runs, one operation, though the deployer's own steps are done after the first."""
    world = run.world
    timelock = new_timelock(world, PROPOSER.address)
    target = owned_by(world, timelock.address)
    run(run.deployment(target))
    first = json.loads(run.owner_file.read_text())
    announce(run)
    run(run.deployment(target))
    second = json.loads(run.owner_file.read_text())
    assert second == {**first, "state": "waiting"}
    carry_out(run)
    assert "Verified on chain" in run(run.deployment(target))


def test_an_operation_that_another_one_replaces_can_be_cancelled(run: Run) -> None:
    world = run.world
    timelock = owned_by_timelock(world)
    owner = (f"owner: {world.owner.address}", f"owner: {timelock.address}")
    world.manifest.save(run.manifest)
    run(run.deployment(target_with(owner, ("threshold_bps: 9300", "threshold_bps: 9400"))))
    first = json.loads(run.owner_file.read_text())
    announce(run)

    changed = target_with(owner, ("threshold_bps: 9300", "threshold_bps: 9500"))
    reported = run(run.deployment(changed))

    content = json.loads(run.owner_file.read_text())
    assert content["operation"] != first["operation"]
    assert content["superseded"] == first["operation"]
    assert f"operation {first['operation']} is still scheduled" in reported
    send(world, PROPOSER, part_of(run, "cancel"))
    run(run.deployment(changed))
    assert "superseded" not in json.loads(run.owner_file.read_text())


def announce_and_carry_out(run: Run) -> None:
    announce(run)
    carry_out(run)


def announce(run: Run) -> None:
    send(run.world, PROPOSER, part_of(run, "schedule"))


def carry_out(run: Run) -> None:
    run.world.transport.mine(HOUR)
    send(run.world, EXECUTOR, part_of(run, "execute"))


def part_of(run: Run, name: str) -> OwnerCall:
    content = json.loads(run.owner_file.read_text())[name]
    return OwnerCall(content["to"], bytes.fromhex(content["data"][2:]))
