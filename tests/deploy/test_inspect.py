"""Looking into diamonds: this project's, the reference implementation, and SolidState's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import ape
import pytest
from ape.exceptions import CustomError
from click.testing import CliRunner
from rich.console import Console
from web3 import Web3
from web3.exceptions import ContractCustomError

from ape_diamond import NamedAbi, history_faults, rebuild_functions
from ape_diamond.loading import contract_of
from ape_diamond.tables import diamond_report
from macrostrike.abi import Abi
from macrostrike.build import ours
from macrostrike.chain import AnvilTransport, LocalTransport, RevmTransport, start_anvil
from macrostrike.deploy import NotADiamond
from macrostrike.errors import InvalidValue, NodeError
from macrostrike.inspector import cut_history, inspect_diamond
from macrostrike.testing import World, deploy_world
from macrostrike.types import FacetCutAction
from scripts.status import cli as status
from tools._solc import compile_sources

from ..diamonds import (
    OWNER,
    STANDARD,
    ZERO,
    create,
    cut,
    reference_diamond,
    selector,
    solidstate,
    solidstate_diamond,
)
from .support import STRANGER, tell

# --- This project's -------------------------------------------------------------------------------


def test_our_diamond_is_named_whole(world: World) -> None:
    diamond = inspect_diamond(world.transport, world.diamond)
    assert {facet.name: facet.address for facet in diamond.facets} == {
        name: entry.address for name, entry in world.manifest.facets.items()
    }
    for facet in diamond.facets:
        assert facet.name is not None
        entry = world.manifest.facets[facet.name]
        assert facet.code_hash == entry.code_hash
        assert facet.code_size == len(world.transport.code(facet.address))
        assert {"0x" + known.hex() for known in facet.functions} == set(entry.selectors)
        assert all(facet.functions.values())
    assert diamond.chain_id == world.transport.chain_id
    assert diamond.block == world.transport.block_number()
    assert diamond.owner == world.owner.address
    assert diamond.pending_owner is None
    assert diamond.interfaces == STANDARD
    assert not diamond.faults
    assert not diamond.abi.conflicts
    assert not diamond.abi.unknown


def test_offered_ownership_shows(world: World) -> None:
    tell(world, world.owner, "transferOwnership", STRANGER)
    assert inspect_diamond(world.transport, world.diamond).pending_owner == STRANGER


def test_the_merged_abi_reads_events_and_errors_of_all_facets(world: World) -> None:
    merged = Abi(inspect_diamond(world.transport, world.diamond).abi.entries)
    receipt = tell(world, world.owner, "setThreshold", 9400)
    events = [merged.decode_event(log.topics, log.data) for log in receipt.logs]
    assert [event and event.name for event in events] == ["ThresholdSet"]
    errors = merged.error_fields()
    assert {"NotOwner", "ConfidenceTooLow", "FunctionNotFound", "UnexpectedCallback"} <= set(errors)


def test_the_history_returns_what_the_loupe_says_through_add_replace_and_remove(
    world: World,
) -> None:
    chain = world.transport
    first = world.manifest.deployed_at
    (deployed,) = cut_history(chain, world.diamond, from_block=first)
    assert deployed.block == first
    assert deployed.init is None
    assert {change.action for change in deployed.changes} == {FacetCutAction.ADD}
    one, other = (create(chain, ours("DiamondProbeFacet"), n) for n in (1, 2))
    name = selector("madeUp()")
    cut(chain, world.diamond, one, FacetCutAction.ADD, name)
    cut(chain, world.diamond, other, FacetCutAction.REPLACE, name)
    replaced = inspect_diamond(chain, world.diamond)
    assert not history_faults(cut_history(chain, world.diamond), replaced.functions)
    assert replaced.functions[name] == other
    cut(chain, world.diamond, ZERO, FacetCutAction.REMOVE, name)

    history = cut_history(chain, world.diamond, from_block=first)
    assert [
        [(c.selector, c.action, c.before, c.after) for c in each.changes] for each in history[1:]
    ] == [
        [(name, FacetCutAction.ADD, None, one)],
        [(name, FacetCutAction.REPLACE, one, other)],
        [(name, FacetCutAction.REMOVE, other, None)],
    ]
    assert [each.block for each in history[1:]] == [chain.block_number() - n for n in (2, 1, 0)]
    diamond = inspect_diamond(chain, world.diamond)
    assert rebuild_functions(history) == diamond.functions
    assert not history_faults(history, diamond.functions)
    is_node = isinstance(chain, AnvilTransport)
    assert {each.sender for each in history} == {world.owner.address if is_node else None}


def test_the_report_says_it_all(world: World) -> None:
    diamond = inspect_diamond(world.transport, world.diamond)
    console = Console(width=200, record=True, file=StringIO())
    console.print(diamond_report(diamond, cut_history(world.transport, world.diamond)))
    text = console.export_text()
    assert world.diamond in text
    assert all(name in text for name in world.manifest.facets)
    assert "executeStrike(" in text
    assert "the events, applied in order, give what the loupe says" in text


# --- Others' --------------------------------------------------------------------------------------


@pytest.fixture(params=["revm", "anvil"])
def chain(request: pytest.FixtureRequest) -> Iterator[LocalTransport]:
    """A chain with nothing of this project's on it."""
    if request.param == "revm":
        yield RevmTransport()
        return
    with start_anvil() as url:
        yield AnvilTransport(url)


def test_the_reference_diamond(chain: LocalTransport) -> None:
    address = reference_diamond(chain)
    diamond = inspect_diamond(chain, address)
    assert [facet.name for facet in diamond.facets] == [
        "IDiamondCut",
        "DiamondLoupeFacet",
        "IERC173",
    ]
    assert [len(facet.functions) for facet in diamond.facets] == [1, 5, 2]
    assert diamond.owner == OWNER.address
    assert diamond.interfaces == STANDARD
    assert not diamond.faults
    assert not diamond.abi.unknown
    history = cut_history(chain, address)
    assert len(history) == 1
    assert not history_faults(history, diamond.functions)


def test_a_diamond_that_is_its_own_facet(chain: LocalTransport) -> None:
    address = solidstate_diamond(chain)
    known = [NamedAbi("SolidStateDiamond", tuple(solidstate()["abi"]))]
    (facet,) = inspect_diamond(chain, address, known).facets
    assert (facet.address, facet.name) == (address, "SolidStateDiamond")
    assert len(facet.functions) == 12
    assert facet.functions[selector("nomineeOwner()")] == "nomineeOwner()"

    added = create(chain, ours("DiamondProbeFacet"), 1)
    cut(chain, address, added, FacetCutAction.ADD, selector("madeUp()"))
    diamond = inspect_diamond(chain, address, known)
    assert diamond.functions[selector("madeUp()")] == added
    assert diamond.abi.unknown == (selector("madeUp()"),)
    assert diamond.owner == OWNER.address
    assert "EIP-2535 loupe" in diamond.interfaces
    assert not diamond.faults
    history = cut_history(chain, address)
    assert [len(each.changes) for each in history] == [12, 1]
    assert not history_faults(history, diamond.functions)
    merged = Abi(diamond.abi.entries)
    assert "Ownable__NotOwner" in merged.error_fields()


def test_without_its_abi_functions_that_no_standard_has_stay_four_bytes() -> None:
    chain = RevmTransport()
    (facet,) = inspect_diamond(chain, solidstate_diamond(chain)).facets
    assert facet.name is None
    assert facet.functions[selector("owner()")] == "owner()"
    assert facet.functions[selector("nomineeOwner()")] is None


def test_web3_uses_the_merged_abi_of_a_foreign_diamond() -> None:
    with start_anvil() as url:
        chain = AnvilTransport(url)
        address = solidstate_diamond(chain)
        known = [NamedAbi("SolidStateDiamond", tuple(solidstate()["abi"]))]
        merged = inspect_diamond(chain, address, known).abi
        w3 = Web3(Web3.HTTPProvider(url))
        contract = w3.eth.contract(address=w3.to_checksum_address(address), abi=merged.entries)
        assert contract.functions.nomineeOwner().call() == ZERO
        assert len(contract.events.DiamondCut().get_logs(from_block=0)) == 1
        with pytest.raises(ContractCustomError) as refused:
            contract.functions.acceptOwnership().call({"from": STRANGER})
        assert (
            str(contract.decode_error_data(refused.value.data))
            if hasattr(contract, "decode_error_data")
            else Abi(merged.entries).decode_error(bytes.fromhex(refused.value.data[2:]))
            == (
                "SafeOwnable__NotNomineeOwner",
                (),
            )
        )


# --- What is not a diamond, and what can't be trusted as one ----------------------------------


def test_what_is_not_a_diamond_is_refused(world: World) -> None:
    with pytest.raises(NotADiamond, match="no contract is there"):
        inspect_diamond(world.transport, STRANGER)
    with pytest.raises(NotADiamond, match=r"does not answer facets\(\)"):
        inspect_diamond(world.transport, world.venues.fixtures.router)
    with pytest.raises(InvalidValue, match="40 hexadecimal digits"):
        inspect_diamond(world.transport, "0x12")


def lying_diamond(chain: LocalTransport, body: str) -> str:
    source = (
        "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n"
        "struct Facet { address facet; bytes4[] selectors; }\n"
        "struct FacetCut { address facet; uint8 action; bytes4[] selectors; }\n"
        "contract Liar {\n"
        "event DiamondCut(FacetCut[] cuts, address init, bytes data);\n"
        f"{body}\n}}"
    )
    output = compile_sources({"contracts/Liar.sol": source}, {"*": ["evm.bytecode.object"]})
    code = output["contracts"]["contracts/Liar.sol"]["Liar"]["evm"]["bytecode"]["object"]
    chain.set_balance(OWNER.address, 10**20)
    created = chain.send(OWNER, None, bytes.fromhex(code)).contract_address
    assert created is not None
    return created


def test_a_loupe_that_contradicts_itself_and_its_events_is_found_out() -> None:
    chain = RevmTransport()
    address = lying_diamond(
        chain,
        """
        constructor() {
            FacetCut[] memory cuts = new FacetCut[](1);
            cuts[0] = FacetCut(address(this), 0, new bytes4[](1));
            cuts[0].selectors[0] = 0x11111111;
            emit DiamondCut(cuts, address(0), "");
        }
        function facets() external view returns (Facet[] memory all) {
            all = new Facet[](2);
            all[0] = Facet(address(this), new bytes4[](1));
            all[1] = Facet(address(0xdead), new bytes4[](1));
            all[0].selectors[0] = all[1].selectors[0] = 0x22222222;
        }
        function facetAddresses() external view returns (address[] memory all) {
            all = new address[](1);
            all[0] = address(this);
        }
        function supportsInterface(bytes4) external pure returns (bool) { return true; }
        """,
    )
    dead = "0x000000000000000000000000000000000000dEaD"
    diamond = inspect_diamond(chain, address)
    assert diamond.faults == (
        f"facet {dead} has no code: calls to it do nothing, and succeed",
        "facets() names function 0x22222222 2 times",
        f"facets() and facetAddresses() disagree on {dead}",
    )
    assert diamond.interfaces == ()
    assert diamond.owner is None
    faults = history_faults(cut_history(chain, address), diamond.functions)
    assert faults == [
        f"function 0x11111111 is on no facet by the loupe, on {address} by the events",
        f"function 0x22222222 is on {dead} by the loupe, on no facet by the events",
    ]


def test_an_event_that_is_not_a_cut_is_refused() -> None:
    chain = RevmTransport()
    address = lying_diamond(
        chain,
        """
        constructor() {
            FacetCut[] memory cuts = new FacetCut[](1);
            cuts[0] = FacetCut(address(this), 7, new bytes4[](1));
            emit DiamondCut(cuts, address(0), "");
        }
        """,
    )
    with pytest.raises(NotADiamond, match="DiamondCut event in block 1 is invalid"):
        cut_history(chain, address)


class Stingy(RevmTransport):
    """A node that returns the logs of a thousand blocks at most, as public ones do."""

    asked = 0

    def logs(
        self, address: Any = None, from_block: int = 0, to_block: Any = None, topics: Any = ()
    ):  # type: ignore[no-untyped-def]
        self.asked += 1
        assert to_block is not None
        if to_block - from_block >= 1000:
            raise NodeError("eth_getLogs", -32005, "too many blocks")
        return super().logs(address, from_block, to_block, topics)


def test_history_is_read_in_parts_where_the_node_wants_it_so() -> None:
    chain = Stingy()
    address = reference_diamond(chain)
    for _ in range(3000):
        chain.mine()
    added = create(chain, ours("DiamondProbeFacet"), 1)
    cut(chain, address, added, FacetCutAction.ADD, selector("madeUp()"))
    assert [len(each.changes) for each in cut_history(chain, address)] == [8, 1]
    assert chain.asked < 10


# --- Ape ------------------------------------------------------------------------------------------


def test_ape_gets_one_contract_with_the_events_and_errors_of_all_facets() -> None:
    with start_anvil("--chain-id", "1337") as url:
        world = deploy_world(AnvilTransport(url))
        with ape.networks.parse_network_choice(f"ethereum:local:{url}"):
            diamond = contract_of(inspect_diamond(world.transport, world.diamond), "MacroStrike")
            assert diamond.contract_type.name == "MacroStrike"
            owner = ape.accounts.test_accounts[0]
            assert owner.address == diamond.owner() == world.owner.address
            assert len(diamond.facets()) == len(world.manifest.facets)
            assert diamond.getBots()[24].equity == 32_000 * 10**6
            receipt = diamond.setThreshold(9400, sender=owner)
            assert [(log.event_name, log.thresholdBps) for log in receipt.events] == [
                ("ThresholdSet", 9400)
            ]
            with pytest.raises(CustomError) as refused:
                diamond.setThreshold(9200, sender=owner)
            assert type(refused.value).__name__ == "ThresholdOutOfRange"
            with pytest.raises(CustomError) as refused:
                diamond.setLot(1, sender=ape.accounts.test_accounts[8])
            assert type(refused.value).__name__ == "NotOwner"
            stranger = ape.accounts.test_accounts[8].address
            assert refused.value.inputs == {"caller": stranger, "owner": owner.address}


def test_ape_run_status_looks_into_a_foreign_diamond(tmp_path: Path) -> None:
    path = tmp_path / "SolidStateDiamond.json"
    path.write_text(json.dumps(solidstate()["abi"]))
    with start_anvil() as url:
        address = solidstate_diamond(AnvilTransport(url))
        network = ["--network", f"ethereum:local:{url}"]
        asked = [*network, "--address", address, "--abi", str(path)]
        ran = CliRunner().invoke(status, asked, env={"COLUMNS": "160"})
        output = ran.output
        assert ran.exit_code == 0, output
        assert "nomineeOwner()" in output
        assert "SolidStateDiamond, the diamond itself" in output
        assert "the events, applied in order, give what the loupe says" in output
