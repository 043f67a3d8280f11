"""Cuts of a diamond that has ERC-8153's `upgradeDiamond` and no `diamondCut`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ape_diamond import CutAction, FunctionChange
from ape_diamond._upgrade import UPGRADE_DIAMOND, call_of, facet_changes
from ape_diamond._values import selector_of
from ape_diamond.errors import CannotPlan

from ..diamonds import ZERO, selector
from .conftest import Node, Run
from .whole_facets import deploy

SOURCE = """
struct FacetReplacement { address oldFacet; address newFacet; }

contract Old {
    function one() external pure returns (uint256) { return 1; }
    function exportSelectors() external pure returns (bytes memory) {
        return bytes.concat(this.one.selector);
    }
}

contract New {
    function one() external pure returns (uint256) { return 2; }
    function two() external pure returns (uint256) { return 2; }
    function exportSelectors() external pure returns (bytes memory) {
        return bytes.concat(this.one.selector, this.two.selector);
    }
}

contract Upgradable is WholeFacets {

    address public owner = msg.sender;
    address internal immutable _upgrader;

    constructor(address upgrader) {
        _upgrader = upgrader;
        _facets.push(upgrader);
        emit FacetAdded(upgrader);
    }

    function upgradeDiamond(
        address[] memory added,
        FacetReplacement[] memory replaced,
        address[] memory removed,
        address,
        bytes memory,
        bytes32,
        bytes memory
    ) external {
        require(msg.sender == owner, "not the owner");
        for (uint256 i; i < added.length; i++) {
            _facets.push(added[i]);
            emit FacetAdded(added[i]);
        }
        for (uint256 i; i < replaced.length; i++) {
            _drop(replaced[i].oldFacet);
            _facets.push(replaced[i].newFacet);
            emit FacetReplaced(replaced[i].oldFacet, replaced[i].newFacet);
        }
        for (uint256 i; i < removed.length; i++) {
            _drop(removed[i]);
            emit FacetRemoved(removed[i]);
        }
    }
}

contract Upgrader {
    function exportSelectors() external pure returns (bytes memory) {
        return bytes.concat(Upgradable.upgradeDiamond.selector);
    }
}
"""


@pytest.fixture
def diamond(node: Node) -> str:
    upgrader = deploy(node.chain, SOURCE, "Upgrader")
    return deploy(node.chain, SOURCE, "Upgradable", bytes(12) + bytes.fromhex(upgrader[2:]))


def test_facets_are_added_replaced_and_removed_whole(
    node: Node, run: Run, diamond: str, tmp_path: Path
) -> None:
    path = str(tmp_path / "plan.json")
    old, new = deploy(node.chain, SOURCE, "Old"), deploy(node.chain, SOURCE, "New")
    for asked, actions, count in (
        (["--facet", old, "--allow=unchecked-layout"], ["add"], 2),
        (["--facet", new, "--remove", old, "--allow=unchecked-layout"], ["replace", "add"], 3),
        (["--remove", new], ["remove", "remove"], 1),
    ):
        run("plan", diamond, *asked, "--output", path)
        made = json.loads(Path(path).read_text(encoding="utf-8"))
        assert made["data"].startswith("0x" + selector_of(UPGRADE_DIAMOND.signature).hex())
        assert [change["action"] for change in made["changes"]] == actions
        assert "the cut does what the plan says" in run("rehearse", path).output
        run("apply", path, "--account", "TEST::0", "--yes")
        run("verify", diamond, "--plan", path)
        shown = json.loads(run("inspect", diamond, "--json").stdout)
        assert sum(len(facet["functions"]) for facet in shown["facets"]) == count


def test_a_part_of_a_facet_is_refused(node: Node, run: Run, diamond: str, tmp_path: Path) -> None:
    path = str(tmp_path / "plan.json")
    new = deploy(node.chain, SOURCE, "New")
    run("plan", diamond, "--facet", new, "--allow=unchecked-layout", "--output", path)
    run("apply", path, "--account", "TEST::0", "--yes")
    refused = run("plan", diamond, "--remove", "two()", code=1).output
    assert "upgradeDiamond takes whole facets" in refused
    assert f"functions of {new} would stay" in refused


def test_without_it_the_diamond_can_not_be_upgraded_again(run: Run, diamond: str) -> None:
    refused = run("plan", diamond, f"--remove={UPGRADE_DIAMOND.signature}", code=1).output
    assert "upgradeDiamond would be removed" in refused


def change(action: CutAction, before: str | None, after: str | None, name: str) -> FunctionChange:
    return FunctionChange(action, selector(name), name, "", before, after)


def test_two_facets_that_become_one_are_not_replacement() -> None:
    one, two, new = (f"0x{n:040x}" for n in (1, 2, 3))
    functions = {selector("a()"): one, selector("b()"): two}
    changes = [
        change(CutAction.REPLACE, one, new, "a()"),
        change(CutAction.REPLACE, two, new, "b()"),
    ]
    with pytest.raises(CannotPlan, match="and others elsewhere"):
        facet_changes(functions, changes)
    with pytest.raises(CannotPlan, match="has functions already"):
        facet_changes({selector("a()"): new}, [change(CutAction.ADD, None, new, "b()")])


def test_a_diamond_that_has_neither_is_refused() -> None:
    with pytest.raises(CannotPlan, match="neither diamondCut nor upgradeDiamond"):
        call_of({}, [], ZERO, b"")


def test_verify_notes_what_a_facet_exports_and_does_not_serve(
    node: Node, run: Run, tmp_path: Path
) -> None:
    new, path = deploy(node.chain, SOURCE, "New"), str(tmp_path / "plan.json")
    for asked, note in (
        (["--facet", new, "--allow=unchecked-layout"], False),
        (["--remove", "two()"], True),
    ):
        run("plan", node.reference, *asked, "--output", path)
        run("apply", path, "--account", "TEST::0", "--yes")
        output = run("verify", node.reference).output
        assert (f"note: {new} exports 1 function that it does not serve" in output) is note
