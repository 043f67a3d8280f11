"""Commands that send nothing, on diamonds of others."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ape
import pytest
from ape.contracts import ContractContainer
from ape.exceptions import CustomError
from ape.types import ContractType

from ape_diamond import cut_history, history_faults, inspect_diamond, loading
from ape_diamond._provider import ApeChain
from ape_diamond.errors import DiamondError, InvalidAddress, NotADiamond
from macrostrike.build import ours
from macrostrike.types import FacetCutAction

from ..diamonds import OWNER, REFERENCE, ZERO, create, cut, reference_diamond, selector
from .conftest import Node, Run

STRANGER = "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB"


def added(node: Node, name: str = "madeUp()") -> str:
    """A facet that was cut into the reference diamond."""
    facet = create(node.chain, ours("DiamondProbeFacet"), 1)
    cut(node.chain, node.reference, facet, FacetCutAction.ADD, selector(name))
    return facet


def test_inspect_shows_a_diamond_and_that_its_events_agree(node: Node, run: Run) -> None:
    output = run("inspect", node.reference).output
    assert node.reference in output
    assert OWNER.address in output
    assert "diamondCut((address,uint8,bytes4[])[],address,bytes)" in output
    assert "the events, applied in order, give what the loupe says" in output


def test_inspect_names_facets_by_the_abis_that_it_is_given(node: Node, run: Run) -> None:
    shown = json.loads(run("inspect", node.reference, "--abi", str(REFERENCE), "--json").stdout)
    assert [facet["name"] for facet in shown["facets"]] == [
        "DiamondCutFacet",
        "DiamondLoupeFacet",
        "IERC173",
    ]
    assert shown["chain_id"] == 1337
    assert shown["owner"] == OWNER.address
    assert shown["faults"] == []


def test_inspect_fails_where_events_and_loupe_disagree(node: Node, run: Run) -> None:
    block = node.chain.block_number()
    output = run("inspect", node.reference, "--from-block", str(block), code=1).output
    assert "by the loupe, on no facet by the events" in output


def test_abi_is_one_of_all_facets(
    node: Node, run: Run, solidstate_abi: Path, tmp_path: Path
) -> None:
    entries = json.loads(run("abi", node.solidstate, "--abi", str(solidstate_abi)).stdout)
    names = {entry["name"] for entry in entries}
    assert {"nomineeOwner", "facets", "DiamondCut", "Ownable__NotOwner"} <= names
    path = tmp_path / "abi.json"
    ran = run("abi", node.solidstate, "--output", str(path))
    assert "no ABI names 0x" in ran.stderr
    assert "nomineeOwner" not in path.read_text()


def test_load_makes_ape_know_a_diamond_and_know_it_anew_after_a_cut(
    node: Node, solidstate_abi: Path
) -> None:
    with ape.networks.parse_network_choice(node.network):
        first = loading.load(node.solidstate, abis=[solidstate_abi], name="SolidState")
        diamond = ape.Contract(node.solidstate)
        assert diamond.contract_type.name == "SolidState"
        assert diamond.nomineeOwner() == ZERO
        assert "facets()" in first.added
        with pytest.raises(CustomError) as refused:
            diamond.acceptOwnership(sender=ape.accounts.test_accounts[8])
        assert type(refused.value).__name__ == "SafeOwnable__NotNomineeOwner"
        assert len(list(diamond.DiamondCut.range(0, ape.chain.blocks.height + 1))) == 1

        facet = create(node.chain, ours("DiamondProbeFacet"), 1)
        name = selector("probe()")
        cut(node.chain, node.solidstate, facet, FacetCutAction.ADD, name)
        probe = solidstate_abi.with_name("Probe.json")
        entry = {"type": "function", "name": "probe", "inputs": [], "outputs": []}
        probe.write_text(json.dumps([{**entry, "stateMutability": "view"}]))
        again = loading.load(node.solidstate, abis=[solidstate_abi, probe])
        assert (again.added, again.removed) == (("probe()",), ())
        assert hasattr(ape.Contract(node.solidstate), "probe")
        cut(node.chain, node.solidstate, ZERO, FacetCutAction.REMOVE, name)
        last = loading.load(node.solidstate, abis=[solidstate_abi, probe])
        assert (last.added, last.removed) == ((), ("probe()",))
        assert not hasattr(ape.Contract(node.solidstate), "probe")


def test_load_says_that_a_local_network_forgets(node: Node, run: Run) -> None:
    output = run("load", node.solidstate).output
    assert "has 8 functions; 4 are not known by any ABI" in output
    assert "Ape forgets it when this command ends" in output


def test_the_fixture_returns_a_contract(node: Node, load_diamond: Callable[..., Any]) -> None:
    with ape.networks.parse_network_choice(node.network):
        assert load_diamond(node.reference).owner() == OWNER.address


def test_apes_own_test_provider_will_do(load_diamond: Callable[..., Any]) -> None:
    """As `ape test` has it, where no node is installed."""

    def container(name: str) -> ContractContainer:
        content = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
        code = {"bytecode": content["bytecode"]}
        kind = {"contractName": name, "abi": content["abi"], "deploymentBytecode": code}
        return ContractContainer(ContractType.model_validate(kind))

    with ape.networks.parse_network_choice("ethereum:local:test"):
        owner = ape.accounts.test_accounts[0]
        cuts = []
        for name in ("DiamondCutFacet", "DiamondLoupeFacet", "OwnershipFacet"):
            facet = owner.deploy(container(name))
            functions = [selector(each.selector) for each in facet.contract_type.methods]
            cuts.append((facet.address, 0, functions))
        diamond = owner.deploy(container("Diamond"), owner.address, cuts, [])
        assert load_diamond(diamond.address).owner() == owner.address
        chain = ApeChain.connected()
        (cut,) = cut_history(chain, diamond.address)
        assert (len(cut.changes), cut.sender) == (8, owner.address)
        view = inspect_diamond(chain, diamond.address)
        assert not [*view.faults, *history_faults([cut], view.functions)]
        with pytest.raises(NotADiamond, match=r"does not answer facets\(\)"):
            inspect_diamond(chain, facet.address)


def test_history_shows_every_cut(node: Node, run: Run) -> None:
    facet = added(node)
    cuts = json.loads(run("history", node.reference, "--json").stdout)
    assert [len(each["changes"]) for each in cuts] == [8, 1]
    assert cuts[1]["changes"] == [
        {
            "action": "add",
            "selector": "0x" + selector("madeUp()").hex(),
            "function": None,
            "before": None,
            "after": facet,
        }
    ]
    assert cuts[1]["sender"] == OWNER.address
    assert facet in run("history", node.reference).output


def test_diff_finds_what_was_cut_since(node: Node, run: Run, tmp_path: Path) -> None:
    before = node.chain.block_number()
    kept = tmp_path / "before.json"
    kept.write_text(run("inspect", node.reference, "--json").stdout)
    assert "the same 8 functions" in run("diff", node.reference, str(kept)).output
    facet = added(node)
    for than in ([str(kept)], ["--at", str(before)]):
        output = run("diff", node.reference, *than, code=1).output
        assert "only here" in output
        assert facet in output
    assert "other code" in run("diff", node.reference, node.solidstate, code=1).output
    assert "name another diamond" in run("diff", node.reference, code=2).output


def test_a_facet_at_another_address_with_the_same_code_is_the_same(node: Node, run: Run) -> None:
    twin = reference_diamond(node.chain)
    assert "the same 8 functions" in run("diff", node.reference, twin).output


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("0x12", "40 hexadecimal digits"),
        ("nameless", "40 hexadecimal digits"),
        (STRANGER, "no contract is there"),
    ],
)
def test_what_is_not_a_diamond_is_refused(run: Run, given: str, why: str) -> None:
    assert why in run("inspect", given, code=1).output


def test_a_contract_without_a_loupe_is_refused(node: Node, run: Run) -> None:
    facet = create(node.chain, ours("DiamondProbeFacet"), 1)
    assert "does not answer facets()" in run("inspect", facet, code=1).output


def test_diamonds_are_known_by_the_names_of_the_configuration(
    node: Node, solidstate_abi: Path, tmp_path: Path
) -> None:
    abi = tmp_path / "abis" / solidstate_abi.name
    abi.parent.mkdir()
    abi.write_text(solidstate_abi.read_text(encoding="utf-8"))
    named = {"address": node.solidstate, "abis": ["abis"], "network": "ethereum:local"}
    elsewhere = {"address": node.solidstate, "network": "ethereum:mainnet"}
    section = {"diamond": {"diamonds": {"theirs": named, "elsewhere": elsewhere}}}
    (tmp_path / "ape-config.yaml").write_text(json.dumps(section))

    def inspect(name: str) -> subprocess.CompletedProcess[str]:
        ape_command = Path(sys.executable).with_name("ape")
        asked = [ape_command, "diamond", "inspect", name, "--network", node.network]
        return subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True)

    assert "nomineeOwner()" in inspect("theirs").stdout
    refused = inspect("elsewhere")
    assert refused.returncode == 1
    assert "is configured for ethereum:mainnet, and this is ethereum:local" in refused.stderr


def test_the_errors_are_of_one_root() -> None:
    assert issubclass(NotADiamond, DiamondError)
    assert issubclass(InvalidAddress, DiamondError)
