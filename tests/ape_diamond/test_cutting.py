"""Cuts of a diamond of others: planned, rehearsed, applied, verified, and refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ape_diamond import Field, code_hash, compare_layouts, load_layout
from ape_diamond._cli import cli
from ape_diamond._risks import Risk
from ape_diamond.pinned import digest
from ape_diamond.plan import CutPlan
from macrostrike.build import npm, ours
from tools._solc import compile_sources

from ..diamonds import OWNER, REFERENCE, create, selector
from .conftest import Node, Run

CUT, LOUPE, OWNERSHIP = (
    REFERENCE / f"{name}.json"
    for name in ("DiamondCutFacet", "DiamondLoupeFacet", "OwnershipFacet")
)
UNCHECKED = ("--allow", "unchecked-layout")
SAVED = {"type": "function", "name": "madeUp", "inputs": [], "outputs": []}


@pytest.fixture
def probe_abi(tmp_path: Path) -> Path:
    path = tmp_path / "Probe.json"
    path.write_text(json.dumps([{**SAVED, "stateMutability": "view"}]))
    return path


@pytest.fixture
def facet(node: Node) -> str:
    """A facet that the reference diamond lacks."""
    return create(node.chain, ours("DiamondProbeFacet"), 1)


Plan = Callable[..., Path]


@pytest.fixture
def plan(node: Node, run: Run, tmp_path: Path) -> Plan:
    """A plan's file of the reference diamond."""

    def plan(*arguments: str) -> Path:
        path = tmp_path / "plan.json"
        run("plan", node.reference, *arguments, "--output", str(path))
        return path

    return plan


def functions(node: Node, run: Run) -> dict[str, str]:
    shown = json.loads(run("inspect", node.reference, "--json").stdout)
    return {s: facet["address"] for facet in shown["facets"] for s in facet["functions"]}


def hexed(signature: str) -> str:
    return "0x" + selector(signature).hex()


def test_a_facet_is_planned_rehearsed_applied_and_verified(
    node: Node, run: Run, plan: Plan, facet: str, probe_abi: Path
) -> None:
    before = functions(node, run)
    path = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    made = CutPlan.load(path)
    (change,) = made.changes
    assert (change.action, change.function, change.after) == ("add", "madeUp()", facet)
    assert made.owner == OWNER.address
    assert "storage was not compared" in made.risks["unchecked-layout"][0]

    rehearsed = run("rehearse", str(path)).output
    assert "the cut does what the plan says" in rehearsed
    assert functions(node, run) == before  # nothing of it stays
    assert (
        "is not as it should be"
        in run("verify", node.reference, "--plan", str(path), code=1).output
    )

    asked = ("apply", str(path), "--account", "TEST::0")
    assert "Send this cut" in run(*asked, typed="n\n", code=1).output
    assert functions(node, run) == before
    output = run(*asked, "--plan-hash", made.hash, typed="y\n").output
    assert "has 9 functions" in output
    assert functions(node, run) == {**before, hexed("madeUp()"): facet}
    assert (
        "9 functions on 4 facets, 2 cuts"
        in run("verify", node.reference, "--plan", str(path)).output
    )


def test_functions_are_replaced_and_removed_by_signature_selector_and_facet(
    node: Node, run: Run, plan: Plan
) -> None:
    loupe = create(node.chain, npm("hardhat-deploy/extendedArtifacts/DiamondLoupeFacet.json"))
    old = functions(node, run)[hexed("facets()")]
    path = plan("--facet", f"{loupe}={LOUPE}", "--remove", old, *UNCHECKED)
    run("apply", str(path), "--account", "TEST::0", "--yes")
    assert set(functions(node, run).values()) & {loupe, old} == {loupe}

    gone = (hexed("supportsInterface(bytes4)"), "owner()")
    path = plan("--remove", gone[0], "--remove", gone[1], "--allow", "no-owner")
    run("apply", str(path), "--account", "TEST::0", "--yes")
    assert not {hexed("owner()"), gone[0]} & functions(node, run).keys()


def test_what_is_left_of_a_facet_goes_with_its_address(
    node: Node, run: Run, plan: Plan, facet: str, probe_abi: Path
) -> None:
    cut_in = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    run("apply", str(cut_in), "--account", "TEST::0", "--yes")
    (change,) = CutPlan.load(plan("--remove", facet)).changes
    assert (change.action, change.function, change.before) == ("remove", "", facet)
    refused = run("plan", node.solidstate, "--remove", facet, code=1).output
    assert f"{node.solidstate} has no facet {facet}" in refused


# --- What would break a diamond ------------------------------------------------------------------


def _risky(node: Node) -> dict[str, tuple[tuple[str, ...], str]]:
    """For each risk, what to ask for and what is then said."""
    nowhere = "0x000000000000000000000000000000000000dEaD"
    other = create(node.chain, npm("hardhat-deploy/extendedArtifacts/OwnershipFacet.json"))
    removed = [f"--remove={name}" for name in ("facets()", "facetAddresses()")]
    return {
        "no-cut": (
            ("--remove", "diamondCut((address,uint8,bytes4[])[],address,bytes)"),
            "diamondCut would be removed",
        ),
        "no-cut on code without it": (
            ("--facet", f"{other}={CUT}"),
            f"diamondCut would be on {other}, whose code does not have it",
        ),
        "no-loupe": (tuple(removed), "facets() would be removed"),
        "no-loupe on code without it": (("--facet", f"{other}={LOUPE}"), "does not have it"),
        "no-owner": (("--remove", "owner()"), "owner() would be removed"),
        "itself": (
            ("--facet", f"{node.reference}={OWNERSHIP}"),
            "would be on the diamond itself",
        ),
        "no-code": (("--facet", f"{nowhere}={OWNERSHIP}"), f"facet {nowhere} has no code"),
        "no-code to initialise": (
            ("--init", nowhere, "--init-data", "0x12345678"),
            f"initializer {nowhere} has no code",
        ),
    }


RISKS = (
    *("no-cut", "no-cut on code without it", "no-loupe", "no-loupe on code without it"),
    *("no-owner", "itself", "no-code", "no-code to initialise"),
)


@pytest.mark.parametrize("risk", RISKS)
def test_a_cut_that_breaks_a_diamond_is_refused_unless_it_is_allowed(
    node: Node, run: Run, plan: Plan, tmp_path: Path, risk: str
) -> None:
    asked, why = _risky(node)[risk]
    name = risk.split(" ")[0]
    others = [f"--allow={each.value}" for each in Risk if each.value != name]
    path = tmp_path / "refused.json"
    refused = run("plan", node.reference, *asked, *others, "--output", str(path), code=1).output
    assert why in refused
    assert f"pass --allow {name}." in refused
    assert not path.exists()
    made = CutPlan.load(plan(*asked, *others, "--allow", name))
    assert any(why in line for line in made.risks[name])


def test_a_function_in_the_diamonds_own_code_is_not_cut_unless_it_is_allowed(
    node: Node, run: Run, tmp_path: Path
) -> None:
    asked = ("plan", node.solidstate, "--remove", "nomineeOwner()")
    path = tmp_path / "plan.json"
    assert "is in the diamond's own code" in run(*asked, code=1).output
    run(*asked, "--allow", "immutable", "--output", str(path))
    # SolidState's diamond refuses it itself.
    assert "the cut reverts" in run("rehearse", str(path), code=1).output


def layout(tmp_path: Path, name: str, *fields: str) -> str:
    made = [Field(field, "uint256", slot, 0, 32).to_json() for slot, field in enumerate(fields)]
    content = {"app": {"slot": "0x" + "00" * 32, "fields": made}}
    path = tmp_path / name
    path.write_text(json.dumps(content))
    return str(path)


def test_a_broken_storage_is_refused_unless_it_is_allowed(
    node: Node, run: Run, plan: Plan, facet: str, probe_abi: Path, tmp_path: Path
) -> None:
    old = layout(tmp_path, "old.json", "first", "second")
    good = layout(tmp_path, "good.json", "first", "second", "third")
    bad = layout(tmp_path, "bad.json", "second")
    asked = ("--facet", f"{facet}={probe_abi}", "--old-layout", old)
    assert CutPlan.load(plan(*asked, "--new-layout", good)).risks == {}
    refused = run("plan", node.reference, *asked, "--new-layout", bad, code=1).output
    assert "storage app: first is removed" in refused
    assert "--allow layout" in refused
    made = CutPlan.load(plan(*asked, "--new-layout", bad, "--allow", "layout"))
    assert "storage app: first is removed" in made.risks["layout"][0]
    assert "name both layouts" in run("plan", node.reference, *asked, code=2).output


def test_without_layouts_new_code_is_refused_unless_it_is_allowed(
    node: Node, run: Run, facet: str, probe_abi: Path
) -> None:
    refused = run("plan", node.reference, "--facet", f"{facet}={probe_abi}", code=1).output
    assert "storage was not compared" in refused
    assert "--allow unchecked-layout" in refused


def test_layouts_are_compared_as_files(run: Run, tmp_path: Path) -> None:
    old = layout(tmp_path, "old.json", "first")
    good, bad = layout(tmp_path, "good.json", "first", "next"), layout(tmp_path, "bad.json", "next")
    assert CliRunner().invoke(cli, ["layout", old, good]).exit_code == 0
    broken = CliRunner().invoke(cli, ["layout", old, bad])
    assert broken.exit_code == 1
    assert "1 fault" in broken.output


def test_layouts_of_the_compiler_are_read(tmp_path: Path) -> None:
    def compiled(body: str) -> Path:
        source = (
            "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n"
            f"enum Kind {{ A, B }}\nstruct AppStorage {{ {body} }}\n"
            "contract App { AppStorage internal s; }"
        )
        output = compile_sources({"contracts/App.sol": source}, {"*": ["storageLayout"]})
        path = tmp_path / f"{code_hash(body.encode())}.json"
        path.write_text(json.dumps(output["contracts"]["contracts/App.sol"]["App"]))
        return path

    old = load_layout(compiled("uint128 a; address b; Kind kind; mapping(address => uint256) c;"))
    assert [field.name for field in old["storage"].fields] == ["s", "s.a", "s.b", "s.kind", "s.c"]
    longer = load_layout(
        compiled("uint128 a; address b; Kind kind; mapping(address => uint256) c; uint256 d;")
    )
    assert compare_layouts(old, longer) == []
    moved = load_layout(compiled("address b; uint128 a; mapping(address => uint256) c;"))
    assert {fault.field for fault in compare_layouts(old, moved)} >= {"s.a", "s.b", "s.kind"}


# --- What no cut does ----------------------------------------------------------------------------


def test_two_facets_with_the_same_function_are_refused(
    node: Node, run: Run, facet: str, probe_abi: Path
) -> None:
    other = create(node.chain, ours("DiamondProbeFacet"), 2)
    asked = [f"--facet={each}={probe_abi}" for each in (facet, other)]
    assert "madeUp() of " in run("plan", node.reference, *asked, code=1).output


def test_what_is_there_already_or_is_not_there_is_refused(node: Node, run: Run) -> None:
    at = functions(node, run)[hexed("owner()")]
    assert (
        "nothing to do" in run("plan", node.reference, f"--facet={at}={OWNERSHIP}", code=1).output
    )
    assert "is on no facet" in run("plan", node.reference, "--remove", "nothing()", code=1).output
    assert "and no initializer" in run("plan", node.reference, "--init-data", "0x12", code=1).output


def test_a_facet_without_an_abi_must_export_its_functions(
    node: Node, run: Run, plan: Plan, facet: str
) -> None:
    exporting = create(node.chain, ours("DiamondLoupeFacet"))
    loupe = CutPlan.load(plan("--facet", exporting, *UNCHECKED))
    assert {change.action for change in loupe.changes} == {"replace"}
    assert len(loupe.changes) == 5
    silent = functions(node, run)[hexed("owner()")]
    refused = run("plan", node.reference, "--facet", silent, *UNCHECKED, code=1).output
    assert "does not answer exportSelectors(): name its ABI" in refused


def test_an_abi_that_is_not_there_is_refused(node: Node, run: Run) -> None:
    refused = run("plan", node.reference, f"--facet={node.reference}=none.json", code=1).output
    assert "neither a file nor a contract of this project" in refused


# --- A plan is valid for what it was made for alone ----------------------------------------------


def apply(run: Run, path: Path, *arguments: str) -> str:
    return run("apply", str(path), "--account", "TEST::0", "--yes", *arguments, code=1).output


def test_a_changed_file_is_refused(run: Run, plan: Plan, facet: str, probe_abi: Path) -> None:
    path = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    content = json.loads(path.read_text())
    for change in ({"data": content["data"][:-2] + "01"}, {"unknown": 1}, {"owner": None}):
        path.write_text(json.dumps({**content, **change}))
        refused = apply(run, path)
        assert "was changed: its hash is" in refused or "is not a plan that can be read" in refused


def rehashed(path: Path, **changes: Any) -> None:
    """As by someone who knows how the hash is made."""
    content = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    del content["hash"]
    content["hash"] = digest(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_calldata_that_is_not_what_the_changes_say_is_refused(
    run: Run, plan: Plan, facet: str, probe_abi: Path
) -> None:
    path = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    removal = CutPlan.load(plan("--remove", "owner()", "--allow", "no-owner")).data
    path = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    rehashed(path, data=removal)
    assert "its calldata is not what its changes say" in apply(run, path)


def test_a_risk_that_the_file_does_not_name_is_refused(run: Run, plan: Plan) -> None:
    path = plan("--remove", "owner()", "--allow", "no-owner")
    rehashed(path, risks={})
    assert "owner() would be removed" in apply(run, path)
    assert "owner() would be removed" in run("rehearse", str(path), code=1).output


def test_another_hash_than_approved_is_refused(
    run: Run, plan: Plan, facet: str, probe_abi: Path
) -> None:
    path = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    assert "approved was 0x00" in apply(run, path, "--plan-hash", "0x00")


def test_a_diamond_that_was_cut_since_is_refused(
    run: Run, plan: Plan, facet: str, probe_abi: Path, tmp_path: Path
) -> None:
    first = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    kept = tmp_path / "first.json"
    kept.write_text(first.read_text())
    run("apply", str(plan("--remove", "supportsInterface(bytes4)")), "--account=TEST::0", "--yes")
    refused = apply(run, kept)
    assert f"{hexed('supportsInterface(bytes4)')} is on no facet, when the plan was made" in refused
    assert "when the plan was made" in run("rehearse", str(kept), code=1).output


def test_a_facet_whose_code_changed_since_is_refused(
    node: Node, run: Run, plan: Plan, facet: str, probe_abi: Path
) -> None:
    path = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    node.chain.request("anvil_setCode", facet, "0x00")
    assert f"the code at {facet} is another one" in apply(run, path)


def test_another_chain_is_refused(run: Run, plan: Plan, facet: str, probe_abi: Path) -> None:
    path = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    rehashed(path, chain_id=1)
    assert "this is chain 1337, the plan is for chain 1" in apply(run, path)


def test_an_account_that_is_not_the_owner_is_refused(
    run: Run, plan: Plan, facet: str, probe_abi: Path
) -> None:
    path = plan("--facet", f"{facet}={probe_abi}", *UNCHECKED)
    refused = run("apply", str(path), "--account", "TEST::1", "--yes", code=1).output
    assert f"the owner {OWNER.address} must send it" in refused


def test_a_rehearsal_shows_what_answers_otherwise_and_what_reverts(
    node: Node, run: Run, plan: Plan, tmp_path: Path
) -> None:
    probe = create(node.chain, ours("DiamondProbeFacet"), 1)
    abi = tmp_path / "Owner.json"
    abi.write_text(json.dumps([{**SAVED, "name": "owner", "stateMutability": "view"}]))
    path = plan("--facet", f"{probe}={abi}", *UNCHECKED, "--allow", "no-owner")
    assert "answers otherwise: owner()" in run("rehearse", str(path)).output
    init = create(node.chain, npm("hardhat-deploy/extendedArtifacts/DiamondERC165Init.json"))
    path = plan("--init", init, "--init-data", "0x12345678", *UNCHECKED)
    refused = run("rehearse", str(path), code=1).output
    assert "the cut reverts: Error(LibDiamondCut: _init function reverted)" in refused


def test_what_a_rehearsal_finds_is_not_sent_unless_it_is_asked_for(
    node: Node, run: Run, plan: Plan
) -> None:
    """A loupe that reads another diamond's storage: code is there, and functions are named."""
    foreign = create(node.chain, ours("DiamondLoupeFacet"))
    path = plan("--facet", f"{foreign}={LOUPE}", *UNCHECKED)
    before = functions(node, run)
    for command in (("rehearse",), ("apply", "--account=TEST::0", "--yes")):
        refused = run(command[0], str(path), *command[1:], code=1).output
        assert f"{hexed('owner()')} is on no facet, where" in refused
        assert functions(node, run) == before
    asked = ("apply", str(path), "--account=TEST::0", "--yes", "--unrehearsed")
    assert "it was sent, and" in run(*asked, code=1).output
