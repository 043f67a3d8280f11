"""A taker approves nothing to code that it does not know, whatever the diamond says of itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from macrostrike import MacroStrike
from macrostrike.abi import diamond_abi, interface
from macrostrike.chain import RevmTransport
from macrostrike.devchain import local_account
from macrostrike.errors import UnknownCode
from macrostrike.executor import Executor
from macrostrike.journal import Journal
from macrostrike.loop import Taker, Took
from macrostrike.loop._known_code import require_known_code
from macrostrike.testing import World
from macrostrike.types import ZERO_ADDRESS, FacetCut, FacetCutAction, Signal

TAKER = local_account(5)
FACETS = interface("IDiamondLoupe").selector("facets")
# Exports `facets()`, so that a cut takes it for a loupe, and answers that to all else.
LIAR = bytes.fromhex(f"60206000526004602052 63{FACETS.hex()}60e01b60405260606000f3")
STEAL = keccak(text="steal(address,uint256)")[:4]


@pytest.fixture(scope="module")
def _chain() -> RevmTransport:
    return RevmTransport()


@pytest.fixture(autouse=True)
def _endowed(world: World) -> None:
    world.transport.block_time = 1
    world.transport.set_balance(TAKER.address, 10**20)
    world.venues.provide(TAKER.address, quote=10**12, base=10**21)


def hash_of(world: World, address: str) -> str:
    return "0x" + keccak(world.transport.code(address)).hex()


def cut(world: World, action: FacetCutAction, selector: bytes) -> str:
    """The owner puts a facet of his own before a function."""
    creation = b"\x60" + bytes([len(LIAR)]) + bytes.fromhex("80600b6000396000f3")
    made = world.transport.send(world.owner, None, creation + LIAR).contract_address
    assert made is not None
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    owner.transact("diamondCut", [FacetCut(made, action, (selector,))], ZERO_ADDRESS, b"")
    return made


def add(world: World) -> str:
    return cut(world, FacetCutAction.ADD, STEAL)


def hide(world: World) -> str:
    """A second facet that is not to be seen, as the loupe is the owner's own."""
    cut(world, FacetCutAction.ADD, STEAL)
    return cut(world, FacetCutAction.REPLACE, FACETS)


def replace_one(world: World) -> str:
    return cut(world, FacetCutAction.REPLACE, diamond_abi().selector("takeStrike"))


def test_the_diamond_of_this_build_is_known(world: World) -> None:
    require_known_code(world.transport, world.diamond)


@pytest.mark.parametrize("change", [add, hide, replace_one])
def test_a_facet_of_somebody_elses_is_refused_with_its_address(
    world: World, change: Callable[[World], str]
) -> None:
    facet = change(world)
    with pytest.raises(UnknownCode) as refused:
        require_known_code(world.transport, world.diamond)
    assert refused.value.unknown == {facet: hash_of(world, facet)}
    assert refused.value.diamond == world.diamond
    assert facet in str(refused.value)


def test_what_its_reader_knows_passes(world: World) -> None:
    known = hash_of(world, add(world))
    require_known_code(world.transport, world.diamond, [known.upper().replace("X", "x")])


def test_a_contract_that_is_not_a_diamond_of_ours_is_refused(world: World) -> None:
    for other in (world.venues.fixtures.pool, local_account(9).address):
        with pytest.raises(UnknownCode) as refused:
            require_known_code(world.transport, other)
        assert other in refused.value.unknown


def taker(world: World, journal: Journal, **options: object) -> Taker:
    sender = Executor(world.transport, TAKER, journal)
    client = MacroStrike(world.transport, world.diamond, sender=sender)
    return Taker(client, journal, **options)  # type: ignore[arg-type]


def due(world: World) -> None:
    client = MacroStrike(world.transport, world.diamond, world.operator)
    made = client.prediction(
        world.engine, Signal.LONG, confidence_bps=9500, horizon=600, stop_loss_bps=300
    )
    client.strike(made, world.engine)
    world.transport.mine(600 + 900 + 1200)


def test_a_taker_does_not_begin_unless_any_code_will_do(world: World, tmp_path: Path) -> None:
    due(world)
    add(world)
    with Journal.open(tmp_path / "taker.sqlite") as journal:
        journal.begin_run("taker")
        with pytest.raises(UnknownCode):
            taker(world, journal)
        assert journal.intents() == []
        (took,) = taker(world, journal, known_code=None).look()
        assert isinstance(took, Took)


def test_an_upgrade_after_the_taker_began_is_seen_before_it_approves(
    world: World, tmp_path: Path
) -> None:
    with Journal.open(tmp_path / "taker.sqlite") as journal:
        journal.begin_run("taker")
        ours = taker(world, journal)
        due(world)
        add(world)
        with pytest.raises(UnknownCode):
            list(ours.look())
        assert journal.intents() == []
