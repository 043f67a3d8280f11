"""What the commands do once Ape has given them a chain and an account: one run after the other."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from macrostrike.deploy import (
    Deployment,
    LayoutBroken,
    OwnerCall,
    PlanMismatch,
    Target,
    World,
    load_target,
    prepare,
)
from macrostrike.deploy.deployment import Compiled
from macrostrike.deploy.session import LAYOUT, Session
from macrostrike.manifest import Manifest

from .support import target_with
from .test_governance import EXECUTOR, HOUR, PROPOSER, do, new_safe, new_timelock, send
from .test_upgrade import compiled, loupes, ours


class Run:
    """A folder, and sessions in it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.manifest = folder / "macrostrike.json"
        self.plan = folder / "plan.json"
        self.owner_file = folder / "macrostrike.owner.json"

    def deployment(
        self, target: Target | None = None, *, upgrade: bool = False, built: Compiled = ours
    ) -> Deployment:
        return prepare(
            self.world.transport,
            target or load_target("local"),
            deployer=self.world.owner.address,
            network="local",
            name="session",
            manifest=Manifest.load(self.manifest) if self.manifest.exists() else None,
            upgrade=upgrade,
            compiled=built,
        )

    def __call__(
        self,
        deployment: Deployment,
        write_plan: Path | None = None,
        plan: Path | None = None,
        plan_hash: str | None = None,
    ) -> str:
        console = Console(record=True, width=200, file=StringIO())
        owner = self.world.owner
        session = Session(console, self.manifest, write_plan, plan, plan_hash, lambda steps: None)
        session.run(deployment, lambda: {owner.address: owner})
        return console.export_text()


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    return Run(world, tmp_path)


def test_a_plan_is_written_reviewed_and_applied(run: Run) -> None:
    before = run.world.transport.nonce(run.world.owner.address)
    told = run(run.deployment(), write_plan=run.plan)
    assert "Nothing was sent." in told
    assert run.world.transport.nonce(run.world.owner.address) == before
    approved = json.loads(run.plan.read_text())["hash"]
    assert approved in told

    told = run(run.deployment(), plan=run.plan, plan_hash=approved)
    assert "Verified on chain" in told
    assert "Rehearsed on a copy of the chain" in told
    told = run(run.deployment(), plan=run.plan, plan_hash=approved)
    assert "Nothing to do" in told


def test_what_is_not_the_plan_is_not_applied(run: Run) -> None:
    run(run.deployment(), write_plan=run.plan)
    before = run.world.transport.nonce(run.world.owner.address)
    other = run.deployment(target_with(("cooldown: 0", "cooldown: 1")))
    with pytest.raises(PlanMismatch, match="other data than in the plan"):
        run(other, plan=run.plan)
    with pytest.raises(PlanMismatch, match="approved was 0x00"):
        run(run.deployment(), plan=run.plan, plan_hash="0x00")
    assert run.world.transport.nonce(run.world.owner.address) == before


def test_an_upgrade_compares_the_storage_first(run: Run) -> None:
    run(run.deployment())
    layout = run.manifest.with_suffix(".layout.json")
    assert layout.read_text() == LAYOUT.read_text()
    changed = run.deployment(upgrade=True, built=compiled(loupes()["version"]))
    before = run.world.transport.nonce(run.world.owner.address)

    content = json.loads(layout.read_text())
    name = next(name for name, namespace in content.items() if len(namespace["fields"]) > 1)
    content[name]["fields"][0]["type"] = "uint7"
    layout.write_text(json.dumps(content))
    with pytest.raises(LayoutBroken, match="uint7"):
        run(changed)
    assert run.world.transport.nonce(run.world.owner.address) == before

    layout.unlink()
    assert "storage was not compared" in run(changed)
    assert layout.read_text() == LAYOUT.read_text()


def owned_by(world: World, owner: str) -> Target:
    """The local target with another owner, who has what it spends."""
    world.venues.provide(owner, quote=800_000 * 10**6, base=500 * 10**18)
    return target_with((f"owner: {world.owner.address}", f"owner: {owner}"))


def calls_of(run: Run) -> list[OwnerCall]:
    batch = json.loads(run.owner_file.read_text())
    return [OwnerCall(c["to"], bytes.fromhex(c["data"][2:])) for c in batch["transactions"]]


def test_a_safe_does_its_part_from_a_file_at_deployment_and_upgrade(run: Run) -> None:
    world = run.world
    safe = new_safe(world)
    target = owned_by(world, safe.address)
    told = run(run.deployment(target))
    assert f"The rest is for the owner, the Safe {safe.address}: 15 calls" in told
    do(world, safe.address, *calls_of(run))
    told = run(run.deployment(target))
    assert "Nothing to do" in told
    assert "Verified on chain" in told

    built = compiled(loupes()["version"])
    told = run(run.deployment(target, upgrade=True, built=built))
    (cut,) = calls_of(run)
    do(world, safe.address, cut)
    told = run(run.deployment(target, upgrade=True, built=built))
    assert "Verified on chain" in told
    manifest = Manifest.load(run.manifest)
    assert manifest.owner == safe.address
    assert len(manifest.facets["DiamondLoupeFacet"].selectors) == 6


def test_a_timelock_does_its_part_from_a_file(run: Run) -> None:
    world = run.world
    timelock = new_timelock(world, PROPOSER.address)
    target = owned_by(world, timelock.address)
    run(run.deployment(target))
    content = json.loads(run.owner_file.read_text())
    schedule, execute = (
        OwnerCall(content[part]["to"], bytes.fromhex(content[part]["data"][2:]))
        for part in ("schedule", "execute")
    )
    send(world, PROPOSER, schedule)
    world.transport.mine(HOUR)
    send(world, EXECUTOR, execute)
    assert "Verified on chain" in run(run.deployment(target))
