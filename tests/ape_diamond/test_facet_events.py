"""Diamonds whose cuts are known by the events of ERC-8153, and by both standards at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ape_diamond import CutAction, cut_history, history_faults, inspect_diamond, rebuild_functions
from ape_diamond.errors import NotADiamond
from macrostrike.abi import Abi
from macrostrike.chain import RevmTransport
from macrostrike.inspector import TransportChain

from ..diamonds import OWNER, selector
from .conftest import Node, Run
from .whole_facets import built, deploy

ONE, TWO, THREE = (selector(f"{name}()") for name in ("one", "two", "three"))
SOURCE = """
struct FacetCut { address facet; uint8 action; bytes4[] selectors; }

contract Old {
    function exportSelectors() external pure returns (bytes memory) {
        return bytes.concat(bytes4(keccak256("one()")), bytes4(keccak256("two()")));
    }
}

contract New {
    function exportSelectors() external pure returns (bytes memory) {
        return bytes.concat(bytes4(keccak256("two()")), bytes4(keccak256("three()")));
    }
}

contract Silent {}

contract FacetBased is WholeFacets {
    event DiamondDelegateCall(address indexed _delegate, bytes _delegateCalldata);
    event DiamondCut(FacetCut[] cuts, address init, bytes data);


    function add(address facet, bool both) public {
        _facets.push(facet);
        emit FacetAdded(facet);
        if (!both) return;
        FacetCut[] memory cuts = new FacetCut[](1);
        cuts[0] = FacetCut(facet, 0, _selectors(facet));
        emit DiamondCut(cuts, address(0), "");
    }

    function replace(address older, address newer, address delegate) external {
        _drop(older);
        _facets.push(newer);
        emit FacetReplaced(older, newer);
        if (delegate != address(0)) emit DiamondDelegateCall(delegate, hex"1234");
    }

    function remove(address facet) external {
        _drop(facet);
        emit FacetRemoved(facet);
    }
}
"""


def tell(chain: Any, diamond: str, function: str, *args: Any) -> None:
    chain.send(OWNER, diamond, Abi(built(SOURCE)["FacetBased"]["abi"]).encode_call(function, *args))


def test_facets_that_are_added_replaced_and_removed() -> None:
    chain = RevmTransport()
    names = ("FacetBased", "Old", "New", "Silent")
    diamond, old, new, silent = (deploy(chain, SOURCE, name) for name in names)
    tell(chain, diamond, "add", old, False)
    tell(chain, diamond, "replace", old, new, silent)
    asked = TransportChain(chain)
    history = cut_history(asked, diamond)
    assert [cut.standard for cut in history] == ["ERC-8153", "ERC-8153"]
    assert [(c.selector, c.action, c.before, c.after) for c in history[1].changes] == [
        (TWO, CutAction.REPLACE, old, new),
        (THREE, CutAction.ADD, None, new),
        (ONE, CutAction.REMOVE, old, None),
    ]
    assert (history[1].init, history[1].init_data) == (silent, bytes.fromhex("1234"))
    assert not history_faults(history, inspect_diamond(asked, diamond).functions)
    tell(chain, diamond, "remove", new)
    assert rebuild_functions(cut_history(asked, diamond)) == {}


@pytest.mark.parametrize("later", [False, True])
def test_a_diamond_that_emits_both_standards_has_each_change_once(later: bool) -> None:
    chain = RevmTransport()
    diamond, old, new = (deploy(chain, SOURCE, name) for name in ("FacetBased", "Old", "New"))
    tell(chain, diamond, "add", old, True)
    history = cut_history(TransportChain(chain), diamond)
    assert [(cut.standard, len(cut.changes)) for cut in history] == [("EIP-2535", 2)]
    if later:
        tell(chain, diamond, "replace", old, new, OWNER.address)
        history = cut_history(TransportChain(chain), diamond)
        assert rebuild_functions(history) == {TWO: new, THREE: new}


def test_a_facet_that_does_not_say_what_it_has_is_refused() -> None:
    chain = RevmTransport()
    diamond, silent = (deploy(chain, SOURCE, name) for name in ("FacetBased", "Silent"))
    tell(chain, diamond, "add", silent, False)
    with pytest.raises(NotADiamond, match=r"does not answer exportSelectors\(\)"):
        cut_history(TransportChain(chain), diamond)


def test_the_command_shows_them(node: Node, run: Run) -> None:
    chain = node.chain
    diamond, old = (deploy(chain, SOURCE, name) for name in ("FacetBased", "Old"))
    tell(chain, diamond, "add", old, False)
    (cut,) = json.loads(run("history", diamond, "--json").stdout)
    assert cut["standard"] == "ERC-8153"
    assert [change["selector"] for change in cut["changes"]] == [
        "0x" + ONE.hex(),
        "0x" + TWO.hex(),
    ]
