"""Another owner for a diamond: an account, a Safe, a timelock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from eth_account.signers.local import LocalAccount

from macrostrike import MacroStrike
from macrostrike.cli import post
from macrostrike.cli.ownership import transfer_ownership
from macrostrike.cli.post import Post
from macrostrike.deploy import DeployError, OwnerCall
from macrostrike.deploy import OperationState as State
from macrostrike.devchain import local_account
from macrostrike.testing import World
from macrostrike.types import ZERO_ADDRESS

from ..deploy.test_governance import EXECUTOR, PROPOSER, do, new_safe, new_timelock, send
from .support import printed


def test_ownership_goes_to_another_account_in_two_steps(at: Post, client: MacroStrike) -> None:
    """Offered, withdrawn, offered again, accepted; and no other account can in between."""
    owner, heir = at.manifest.owner, local_account(7).address
    say = {"successor": None, "accept": False, "cancel": False, "yes": True}
    with pytest.raises(DeployError, match="no transfer is pending"):
        transfer_ownership(at, **say | {"accept": True})
    for successor, reason in (
        (owner, "is the owner already"),
        (at.manifest.operators[0], "is an operator"),
        (at.manifest.engines[0], "is an engine"),
        (at.manifest.guardians[0], "is a guardian"),
        (at.manifest.diamond, "is the diamond"),
        ("0x" + "00" * 20, "can't be meant"),
    ):
        with pytest.raises(DeployError, match=reason):
            transfer_ownership(at, **say | {"successor": successor})
    assert transfer_ownership(at, **say | {"successor": heir}) == post.GOOD
    assert f"{heir} has to accept" in printed(at)
    transfer_ownership(at, **say | {"cancel": True})
    assert client.call("pendingOwner") == "0x" + "00" * 20
    transfer_ownership(at, **say | {"successor": heir})
    with pytest.raises(click.UsageError):
        transfer_ownership(at, **say | {"accept": True, "cancel": True})
    assert client.call("owner") == owner
    assert transfer_ownership(at, **say | {"accept": True}) == post.GOOD
    assert (client.call("owner"), client.call("pendingOwner")) == (heir, "0x" + "00" * 20)
    assert "Write it to `roles.owner`" in printed(at)


def test_a_safe_accepts_and_returns_back_from_a_file(at: Post, world: World) -> None:
    safe, client = new_safe(world), MacroStrike(world.transport, world.diamond)
    say = {"successor": None, "accept": False, "cancel": False, "yes": True}

    def signed_by_the_safe() -> None:
        batch = json.loads(Path(at.journal_at).with_suffix(".owner.json").read_text())
        calls = [OwnerCall(c["to"], bytes.fromhex(c["data"][2:])) for c in batch["transactions"]]
        do(world, safe.address, *calls)

    transfer_ownership(at, **say | {"successor": safe.address})
    assert "is a Safe: 2 of 3 owners sign" in printed(at)
    transfer_ownership(at, **say | {"accept": True})
    assert client.call("owner") == world.owner.address
    signed_by_the_safe()
    assert client.call("owner") == safe.address
    transfer_ownership(at, **say | {"successor": world.owner.address})
    signed_by_the_safe()
    transfer_ownership(at, **say | {"accept": True})
    assert client.call("owner") == world.owner.address


def test_a_timelock_accepts_in_three_runs_with_one_operation(at: Post, world: World) -> None:
    """Announced, waited for, carried out; then it gives back, and thinks better of it."""
    timelock, client = (
        new_timelock(world, PROPOSER.address),
        MacroStrike(at.transport, world.diamond),
    )
    say = {"successor": None, "accept": False, "cancel": False, "yes": True}
    path = Path(at.journal_at).with_suffix(".owner.json")

    def run(**changes: object) -> dict[str, Any]:
        assert transfer_ownership(at, **say | changes) == post.GOOD  # type: ignore[arg-type]
        return dict(json.loads(path.read_text()))

    def sent(call: dict[str, str], by: LocalAccount = PROPOSER) -> None:
        data = bytes.fromhex(call["data"][2:])
        assert send(world, by, OwnerCall(call["to"], data)).succeeded

    transfer_ownership(at, **say | {"successor": timelock.address})
    assert f"{timelock.address} is: timelock." in printed(at)
    announced = run(accept=True)
    assert f"For the timelock {timelock.address} to do: accept the ownership" in printed(at)
    assert (announced["timelock"], announced["delay"]) == (timelock.address, timelock.min_delay)
    sent(announced["schedule"])
    waiting = run(accept=True)
    world.transport.mine(timelock.min_delay)
    ready = run(accept=True)
    states = [each["state"] for each in (announced, waiting, ready)]
    assert states == [each.value for each in (State.UNKNOWN, State.WAITING, State.READY)]
    assert announced["operation"] == waiting["operation"] == ready["operation"]
    assert client.call("owner") == world.owner.address
    sent(ready["execute"], by=EXECUTOR)
    assert client.call("owner") == timelock.address

    offered = run(successor=world.owner.address)
    sent(offered["schedule"])
    instead = run(successor=local_account(7).address)
    assert instead["superseded"] == offered["operation"] != instead["operation"]
    sent(instead["cancel"])
    assert "superseded" not in run(successor=local_account(7).address)
    assert (client.call("owner"), client.call("pendingOwner")) == (timelock.address, ZERO_ADDRESS)
