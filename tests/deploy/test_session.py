"""What the commands do once Ape has given them a chain and an account: one run after the other.

A deployment's life in order: deployed, though killed; upgraded; changed by hand, and found out; an
upgrade that would break the storage, refused. `test_session_owners.py` has Safes and
timelocks; `test_resume.py` kills at every single transaction, and real processes.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from macrostrike.abi import diamond_abi
from macrostrike.chain import RevmTransport
from macrostrike.cli.session import LAYOUT
from macrostrike.deploy import (
    EtherMissing,
    LayoutBroken,
    LayoutUnknown,
    PlanMismatch,
    inspect,
    load_target,
)
from macrostrike.errors import WrongChain
from macrostrike.manifest import Manifest
from macrostrike.testing import World

from .session import CALLS, Run, killed_after
from .support import STRANGER, target_with
from .test_upgrade import compiled, loupes

pytestmark = pytest.mark.long


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
