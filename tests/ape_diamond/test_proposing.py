"""Cuts for owners that are contracts: a Safe, OpenZeppelin's timelock, and any other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ape_diamond._codec import describe_revert
from ape_diamond.owner import OwnerCall
from ape_diamond.plan import CutPlan
from macrostrike.abi import Abi
from macrostrike.build import npm, ours
from macrostrike.deploy import read_safe, safe_transaction
from macrostrike.devchain import local_account

from ..diamonds import OWNER, ZERO, create
from .conftest import Node, Run

HOUR = 3600
ARTIFACTS = "@safe-global/safe-contracts/build/artifacts/contracts"
SIGNERS = [local_account(index) for index in (11, 12)]
PROPOSER = local_account(14)


def new_safe(node: Node) -> str:
    """Two of two, through the factory."""
    safe = npm(f"{ARTIFACTS}/Safe.sol/Safe.json")
    factory = npm(f"{ARTIFACTS}/proxies/SafeProxyFactory.sol/SafeProxyFactory.json")
    singleton, at = create(node.chain, safe), create(node.chain, factory)
    owners = [signer.address for signer in SIGNERS]
    setup = safe.abi.encode_call("setup", owners, 2, ZERO, b"", ZERO, ZERO, 0, ZERO)
    data = factory.abi.encode_call("createProxyWithNonce", singleton, setup, 1)
    log = node.chain.send(OWNER, at, data).logs[-1]
    created = factory.abi.decode_event(log.topics, log.data)
    assert created is not None
    return str(created.args["proxy"])


def new_timelock(node: Node) -> str:
    built = npm("@openzeppelin/contracts/build/contracts/TimelockController.json")
    node.chain.set_balance(PROPOSER.address, 10**20)
    return create(node.chain, built, HOUR, [PROPOSER.address], [PROPOSER.address], ZERO)


def owned_by(node: Node, run: Run, owner: str, tmp_path: Path, name: str = "plan") -> Path:
    """A plan of the reference diamond, whose owner is now another one."""
    transfer = npm("hardhat-deploy/extendedArtifacts/OwnershipFacet.json").abi
    node.chain.send(OWNER, node.reference, transfer.encode_call("transferOwnership", owner))
    entry = {"type": "function", "name": name, "inputs": [], "outputs": []}
    abi = tmp_path / "Facet.json"
    abi.write_text(json.dumps([{**entry, "stateMutability": "view"}]))
    facet = create(node.chain, ours("DiamondProbeFacet"), 1)
    path = tmp_path / f"{name}.json"
    asked = [f"--facet={facet}={abi}", "--allow=unchecked-layout", "--output", str(path)]
    run("plan", node.reference, *asked)
    run("rehearse", str(path))  # as the owner, whatever that is
    return path


def proposed(run: Run, plan: Path) -> tuple[str, dict[str, object]]:
    output = plan.with_name("owner.json")
    said = run("propose", str(plan), "--output", str(output)).output
    return said, json.loads(output.read_text(encoding="utf-8"))


def test_a_safe_gets_a_file_for_its_transaction_builder(
    node: Node, run: Run, tmp_path: Path
) -> None:
    safe = new_safe(node)
    plan = owned_by(node, run, safe, tmp_path)
    refused = run("apply", str(plan), "--account", "TEST::0", "--yes", code=1).output
    assert "`ape diamond propose` is for owners that are contracts" in refused
    said, batch = proposed(run, plan)
    assert f"is for the Safe {safe}" in said
    (asked,) = batch["transactions"]  # type: ignore[misc]
    assert (asked["to"], asked["data"]) == (node.reference, CutPlan.load(plan).data)
    assert batch["chainId"] == "1337"

    call = OwnerCall(asked["to"], bytes.fromhex(asked["data"][2:]))
    transaction = safe_transaction(read_safe(node.chain, safe), [call])
    signed = transaction.execution({each.address: transaction.sign(each) for each in SIGNERS})
    node.chain.send(OWNER, signed.to, signed.data)
    assert "9 functions" in run("verify", node.reference, "--plan", str(plan)).output


def test_a_timelock_gets_its_two_transactions(node: Node, run: Run, tmp_path: Path) -> None:
    timelock = new_timelock(node)
    plan = owned_by(node, run, timelock, tmp_path)
    said, content = proposed(run, plan)
    assert f"is for the timelock {timelock}" in said
    assert (content["state"], content["delay"]) == ("not announced", HOUR)
    for step, state in (("schedule", "waiting"), ("execute", "done")):
        call = content[step]
        assert isinstance(call, dict)
        node.chain.send(PROPOSER, call["to"], bytes.fromhex(call["data"][2:]))
        if step == "schedule":
            assert proposed(run, plan)[1]["state"] == state
            node.chain.mine(HOUR)
    assert "9 functions" in run("verify", node.reference, "--plan", str(plan)).output


def test_a_plan_that_was_replaced_is_cancelled_on_the_timelock(
    node: Node, run: Run, tmp_path: Path
) -> None:
    timelock = new_timelock(node)
    plan = owned_by(node, run, timelock, tmp_path)
    first = proposed(run, plan)[1]
    call = first["schedule"]
    assert isinstance(call, dict)
    node.chain.send(PROPOSER, call["to"], bytes.fromhex(call["data"][2:]))
    run("plan", node.reference, "--remove=supportsInterface(bytes4)", "--output", str(plan))
    second = proposed(run, plan)[1]
    assert second["superseded"] == first["operation"]
    assert second["operation"] != first["operation"]


def test_another_contract_gets_the_call_itself(node: Node, run: Run, tmp_path: Path) -> None:
    owner = create(node.chain, ours("DiamondProbeFacet"), 2)
    plan = owned_by(node, run, owner, tmp_path)
    said, content = proposed(run, plan)
    assert f"is for the contract {owner}" in said
    (call,) = content["calls"]  # type: ignore[misc]
    assert call["data"] == CutPlan.load(plan).data


def test_an_owner_with_a_key_applies_it(node: Node, run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    run("plan", node.reference, "--remove=supportsInterface(bytes4)", "--output", str(plan))
    refused = run("propose", str(plan), code=1).output
    assert f"the owner {OWNER.address} is not a contract: use `ape diamond apply`" in refused


def test_a_changed_plan_is_not_proposed(node: Node, run: Run, tmp_path: Path) -> None:
    plan = owned_by(node, run, new_safe(node), tmp_path)
    content = json.loads(plan.read_text(encoding="utf-8"))
    plan.write_text(json.dumps({**content, "chain_id": 1}), encoding="utf-8")
    assert "was changed: its hash is" in run("propose", str(plan), code=1).output


@pytest.mark.parametrize("kind", ["Error", "Panic"])
def test_reverts_are_named(kind: str) -> None:
    type_, value = {"Error": ("string", "why"), "Panic": ("uint256", 17)}[kind]
    entry = {"type": "function", "name": kind, "inputs": [{"name": "", "type": type_}]}
    data = Abi([entry]).encode_call(kind, value)
    assert describe_revert([], data) == f"{kind}({value})"
    assert describe_revert([], b"") == "no revert data"
    assert describe_revert([], b"\1\2\3\4") == "revert data 0x01020304"
    assert describe_revert([], data[:8]) == f"revert data 0x{data[:8].hex()}"
