"""What the commands do once Ape has given them a chain and an account: one run after the other.

A deployment's life in order: deployed, though killed; upgraded; changed by hand, and found out; an
upgrade that would break the storage, refused; then the same with a Safe and with a timelock as the
owner. `test_resume.py` kills at every single transaction, and real processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from macrostrike.abi import diamond_abi
from macrostrike.chain import Receipt, RevmTransport
from macrostrike.cli.session import LAYOUT, Session
from macrostrike.deploy import (
    Deployment,
    EtherMissing,
    LayoutBroken,
    LayoutUnknown,
    OwnerCall,
    PlanMismatch,
    Target,
    inspect,
    load_target,
    prepare,
)
from macrostrike.deploy.run import Compiled
from macrostrike.errors import WrongChain
from macrostrike.manifest import Manifest
from macrostrike.testing import World

from .support import FACETS, STEPS, STRANGER, target_with, tell
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
from .test_upgrade import compiled, loupes, ours

pytestmark = pytest.mark.long

# The owner's, after the facets and the diamond.
CALLS = STEPS - FACETS - 1


class Killed(BaseException):
    """As by a signal: nothing catches it."""


class Run:
    """A folder, and sessions in it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.manifest = folder / "macrostrike.json"
        self.plan = folder / "plan.json"
        self.owner_file = folder / "macrostrike.owner.json"
        self.reported = ""

    def deployment(
        self,
        target: Target | None = None,
        *,
        upgrade: bool = False,
        undo_guardian: bool = False,
        built: Compiled = ours,
    ) -> Deployment:
        return prepare(
            self.world.transport,
            target or load_target("local"),
            deployer=self.world.owner.address,
            network="local",
            name="session",
            manifest=Manifest.load(self.manifest) if self.manifest.exists() else None,
            upgrade=upgrade,
            undo_guardian=undo_guardian,
            compiled=built,
        )

    def __call__(
        self,
        deployment: Deployment,
        write_plan: Path | None = None,
        plan: Path | None = None,
        plan_hash: str | None = None,
        unchecked_layout: bool = False,
    ) -> str:
        console = Console(record=True, width=200, file=StringIO())
        owner = self.world.owner
        session = Session(
            console,
            self.manifest,
            write_plan,
            plan,
            plan_hash,
            lambda steps: None,
            unchecked_layout=unchecked_layout,
        )
        try:
            session.run(deployment, lambda: {owner.address: owner})
        finally:
            self.reported = console.export_text()
        return self.reported

    def forget(self) -> None:
        """As in a clone where nothing was deployed yet."""
        for path in self.manifest.parent.iterdir():
            path.unlink()

    def checks(self) -> dict[str, tuple[str, str]]:
        """What `ape run status` finds: the checks that fail, with what is meant and what is."""
        manifest = Manifest.load(self.manifest)
        checks = inspect(self.world.transport, load_target("local"), manifest)
        return {check.name: (check.expected, check.actual) for check in checks if not check.ok}


@contextmanager
def killed_after(world: World, lives: int) -> Iterator[None]:
    """Who deploys dies instead of sending one transaction more. A rehearsal costs no life."""
    send, left = world.transport.send, [lives]

    def dying(signer: Any, *args: Any, **options: Any) -> Receipt:
        if signer is world.owner:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
        return send(signer, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.transport, "send", dying)
        with pytest.raises(Killed):
            yield


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    return Run(world, tmp_path)


def test_from_a_deployment_that_was_killed_to_an_upgrade(run: Run) -> None:
    chain, owner = run.world.transport, run.world.owner

    # Undisturbed, to know how it should end.
    snapshot = chain.snapshot()
    reported = run(run.deployment())
    assert "Rehearsed on a copy of the chain" in reported
    assert "Verified on chain" in reported
    meant = Manifest.load(run.manifest)
    chain.revert(snapshot)
    run.forget()

    # Killed before the diamond is there, right after, and before the last transaction. The facets
    # are the world's own, as it is of the same build.
    for lives in (0, 1, CALLS - 1):
        with killed_after(run.world, lives):
            run(run.deployment())
    assert len(run.deployment().plan.steps) == 1
    assert "Verified on chain" in run(run.deployment())
    assert Manifest.load(run.manifest) == meant
    assert "Nothing to do" in run(run.deployment())

    # One facet changed: it alone is deployed and cut.
    new = compiled(loupes()["version"])
    reported = run(run.deployment(upgrade=True, built=new))
    assert "Sent 2 transactions," in reported
    assert "cut: replace 5, add 1 functions" in reported
    assert Manifest.load(run.manifest).facets["AccessFacet"] == meant.facets["AccessFacet"]

    # And back: its code is still there.
    assert "Sent 1 transaction," in run(run.deployment(upgrade=True))
    assert Manifest.load(run.manifest) == meant
    assert not run.checks()

    # Changed by hand, found with both values, fixed.
    data = diamond_abi().encode_call("setThreshold", 9700)
    chain.send(owner, meant.diamond, data)
    assert run.checks() == {"threshold": ("9300 bps", "9700 bps")}
    reported = run(run.deployment())
    assert "Nothing to do" in reported
    assert "--undo-guardian reverses a raised threshold" in reported
    reported = run(run.deployment(undo_guardian=True))
    assert (
        "change the threshold from 9700 bps to 9300 bps, REVERSING a raised threshold" in reported
    )
    assert not run.checks()

    # A field retyped: nothing is sent, and both layouts are shown.
    layout = run.manifest.with_suffix(".layout.json")
    layout.write_text(layout.read_text().replace('"uint40"', '"uint48"', 1))
    before = chain.nonce(owner.address)
    with pytest.raises(LayoutBroken, match=r"is retyped: uint48 .* -> uint40 "):
        run(run.deployment(upgrade=True, built=new))
    assert "Storage: 1 fault" in run.reported
    assert chain.nonce(owner.address) == before


def test_a_plan_is_written_reviewed_and_applied(run: Run) -> None:
    before = run.world.transport.nonce(run.world.owner.address)
    reported = run(run.deployment(), write_plan=run.plan)
    assert "Nothing was sent." in reported
    assert run.world.transport.nonce(run.world.owner.address) == before
    approved = json.loads(run.plan.read_text())["hash"]
    assert approved in reported

    reported = run(run.deployment(), plan=run.plan, plan_hash=approved)
    assert "Verified on chain" in reported
    assert "Rehearsed on a copy of the chain" in reported
    reported = run(run.deployment(), plan=run.plan, plan_hash=approved)
    assert "Nothing to do" in reported


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
    with pytest.raises(LayoutUnknown, match="--unchecked-layout"):
        run(changed)
    assert run.world.transport.nonce(run.world.owner.address) == before
    assert "storage was not compared" in run(changed, unchecked_layout=True)
    assert layout.read_text() == LAYOUT.read_text()


def test_an_account_that_cannot_pay_is_found_before_anything_is_sent(run: Run) -> None:
    """D6: on a node, since gas costs nothing in process."""
    world = run.world
    if isinstance(world.transport, RevmTransport):
        pytest.skip("in process nothing is paid for gas")
    deployment = run.deployment()
    before = world.transport.balance(world.owner.address)
    world.transport.set_balance(world.owner.address, 10**12)
    with pytest.raises(EtherMissing, match="send ether there first") as refused:
        run(deployment)
    assert (refused.value.account, refused.value.balance) == (world.owner.address, 10**12)
    world.transport.set_balance(world.owner.address, before)
    assert "Verified on chain" in run(deployment)


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


def test_what_stops_the_diamond_is_found_though_all_settings_are_right(run: Run) -> None:
    """D4: paused, and an ownership transfer to a stranger pending."""
    world = run.world
    run(run.deployment())
    assert run.checks() == {}
    diamond = Manifest.load(run.manifest).diamond
    for function, *arguments in (
        ("pause",),
        ("stopTakeovers",),
        ("transferOwnership", STRANGER),
    ):
        data = diamond_abi().encode_call(function, *arguments)
        world.transport.send(world.owner, diamond, data)
    assert run.checks() == {
        "pause": ("off", "on"),
        "takeovers": ("allowed", "stopped"),
        "pending owner": ("none", STRANGER),
    }


def test_a_manifest_of_another_chain_is_refused(run: Run) -> None:
    """D9: the same address may hold something else there."""
    run(run.deployment())
    other = Manifest.load(run.manifest).model_copy(update={"chain_id": 1})
    with pytest.raises(WrongChain, match="chain 1 is meant"):
        inspect(run.world.transport, load_target("local"), other)


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
