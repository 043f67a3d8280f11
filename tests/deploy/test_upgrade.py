"""Upgrades: only what differs is cut, and what somebody else cut is never taken over."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from eth_utils.crypto import keccak

from ape_diamond import code_hash, masked
from macrostrike import MacroStrike
from macrostrike.abi import diamond_abi
from macrostrike.build import Contract, contract, immutable_places, ours
from macrostrike.chain import LocalTransport, Receipt, RevmTransport
from macrostrike.deploy import (
    CannotPlan,
    Deployed,
    DeployError,
    Deployment,
    SelectorConflict,
    complete,
    inspect,
    load_target,
    prepare,
)
from macrostrike.deploy.plan import check_code, facet_address
from macrostrike.devchain import local_account
from macrostrike.manifest import Manifest
from macrostrike.testing import World, deploy_world
from macrostrike.types import ZERO_ADDRESS, FacetCut, FacetCutAction
from tools._solc import ROOT, compile_sources

from .support import again, ask, target_with, tell

Compiled = Callable[[str], Contract]

LOUPE = "contracts/facets/DiamondLoupeFacet.sol"
END = "    /// @inheritdoc IFacet\n    function exportSelectors"


def _returning(name: str, answer: int) -> str:
    return f"    function {name}() external pure returns (uint256) {{ return {answer}; }}\n\n{END}"


BORN = f"""    uint256 private immutable BORN = block.timestamp;
    function born() external view returns (uint256) {{ return BORN; }}

{END}"""
# What to replace in the loupe facet's source, and by what.
VARIANTS = {
    "plain": ("", ""),
    "commented": ("/// @title Looking into", "/// @title A look into"),
    "version": (END, _returning("version", 2)),
    "release": (END, _returning("release", 3)),
    "paused": (END, _returning("paused", 1)),
    "born": (END, BORN),
}


def selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]


@cache
def loupes() -> dict[str, Contract]:
    """The loupe facet in variants, as the compiler makes them."""
    source = (ROOT / LOUPE).read_text()
    paths = {name: LOUPE.replace("Diamond", name) for name in VARIANTS}
    assert all(old in source for old, _ in VARIANTS.values())
    output = compile_sources(
        {paths[name]: source.replace(old, new, 1) for name, (old, new) in VARIANTS.items()},
        {"DiamondLoupeFacet": ["abi", "evm.bytecode.object", "evm.deployedBytecode"]},
    )
    return {
        name: built(output["contracts"][path]["DiamondLoupeFacet"]) for name, path in paths.items()
    }


def built(output: dict[str, Any]) -> Contract:
    creation, deployed = output["evm"]["bytecode"], output["evm"]["deployedBytecode"]
    return contract(
        "DiamondLoupeFacet",
        output["abi"],
        bytes.fromhex(creation["object"]),
        bytes.fromhex(deployed["object"]),
        deployed["immutableReferences"],
    )


def compiled(changed: Contract) -> Compiled:
    return lambda name: changed if name == changed.name else ours(name)


def upgrade(world: World, changed: Contract, manifest: Manifest | None = None) -> Deployment:
    return again(
        world, manifest=manifest or world.manifest, upgrade=True, compiled=compiled(changed)
    )


def done(world: World, changed: Contract, manifest: Manifest | None = None) -> Deployed:
    owner = {world.owner.address: world.owner}
    return complete(upgrade(world, changed, manifest), owner)


def counts(deployment: Deployment) -> list[tuple[str, int]]:
    actions = [change.action.name for change in deployment.plan.changes]
    return [(action, actions.count(action)) for action in dict.fromkeys(actions)]


def test_nothing_changed_is_nothing_to_do(world: World) -> None:
    deployment = upgrade(world, ours("DiamondLoupeFacet"))
    assert not deployment.plan.steps
    assert not deployment.plan.changes


def test_a_changed_facet_is_deployed_and_only_its_functions_are_cut(world: World) -> None:
    changed = loupes()["version"]
    before = {f.facet_address: f.function_selectors for f in ask(world, "facets")}
    deployment = upgrade(world, changed)
    assert [step.function for step in deployment.plan.steps] == ["constructor", "diamondCut"]
    assert counts(deployment) == [("REPLACE", 5), ("ADD", 1)]
    deployed = complete(deployment, {world.owner.address: world.owner})

    after = {f.facet_address: f.function_selectors for f in ask(world, "facets")}
    old, new = (
        manifest.facets["DiamondLoupeFacet"].address
        for manifest in (world.manifest, deployed.manifest)
    )
    assert new == facet_address(changed)
    assert set(after[new]) == {*before[old], selector("version()")}
    assert {k: set(v) for k, v in after.items() if k != new} == {
        k: set(v) for k, v in before.items() if k != old
    }
    assert int.from_bytes(world.transport.call(world.diamond, selector("version()")), "big") == 2
    assert all(check.ok for check in deployed.checks)
    # Capital and history stay.
    assert (
        sum(bot.equity for bot in MacroStrike(world.transport, world.diamond).bots()) == 8 * 10**11
    )
    assert deployed.manifest.deployed_at == world.manifest.deployed_at


def test_removals_come_first_then_replacements_then_additions(world: World) -> None:
    first = done(world, loupes()["version"])
    deployment = upgrade(world, loupes()["release"], first.manifest)
    assert counts(deployment) == [("REMOVE", 1), ("REPLACE", 5), ("ADD", 1)]
    second = complete(deployment, {world.owner.address: world.owner})
    functions = {s for f in ask(world, "facets") for s in f.function_selectors}
    assert selector("release()") in functions
    assert selector("version()") not in functions
    assert len(second.receipts) == 2


def test_the_way_back_needs_no_deployment(world: World) -> None:
    changed = done(world, loupes()["version"])
    deployment = upgrade(world, ours("DiamondLoupeFacet"), changed.manifest)
    assert [step.function for step in deployment.plan.steps] == ["diamondCut"]
    back = complete(deployment, {world.owner.address: world.owner})
    assert back.manifest == world.manifest


def test_an_upgrade_is_one_whole_cut(world: World) -> None:
    done(world, loupes()["version"])
    logs = world.transport.logs(world.diamond, topics=[diamond_abi().topic("DiamondCut")])
    assert len(logs) == 2


def test_a_facet_of_the_same_code_stays_though_its_comments_changed(world: World) -> None:
    plain, commented = loupes()["plain"], loupes()["commented"]
    assert commented.runtime != plain.runtime
    assert masked(commented.runtime) == masked(plain.runtime)
    first = done(world, plain)
    assert not upgrade(world, commented, first.manifest).plan.steps


def test_a_facet_with_immutables_is_compared_without_them(world: World) -> None:
    changed = loupes()["born"]
    assert changed.immutables
    first = done(world, changed)
    on_chain = world.transport.code(first.manifest.facets["DiamondLoupeFacet"].address)
    assert masked(on_chain) != masked(changed.runtime)
    assert not upgrade(world, changed, first.manifest).plan.steps


def test_deploy_leaves_the_functions_alone(world: World) -> None:
    changed = loupes()["version"]
    with pytest.raises(CannotPlan, match="functions of DiamondLoupeFacet: without version"):
        again(world, compiled=compiled(changed))


def strange(world: World) -> str:
    """A facet that somebody else deployed."""
    code = ours("DiamondProbeFacet").create(1)
    created = world.transport.send(world.owner, None, code).contract_address
    assert created is not None
    return created


def cut(world: World, facet: str, action: FacetCutAction, *selectors: bytes) -> Receipt:
    cuts = [FacetCut(facet, action, selectors)]
    return tell(world, world.owner, "diamondCut", cuts, ZERO_ADDRESS, b"")


@pytest.mark.parametrize("changed", ["same", "changed"])
def test_a_function_on_another_facet_than_the_manifests_is_not_taken_over(
    world: World, changed: str
) -> None:
    facet = strange(world)
    pause = diamond_abi().selector("pause")
    cut(world, facet, FacetCutAction.REPLACE, pause)
    build = ours("AccessFacet") if changed == "same" else loupes()["version"]
    with pytest.raises(SelectorConflict) as refused:
        upgrade(world, build)
    home = world.manifest.facets["AccessFacet"].address
    assert refused.value.conflicts == (
        f"0x{pause.hex()} pause() is on {facet}, where {home} is expected",
    )


def test_a_new_function_that_somebody_put_there_already_is_not_taken_over(world: World) -> None:
    facet = strange(world)
    cut(world, facet, FacetCutAction.ADD, selector("version()"))
    with pytest.raises(SelectorConflict, match=f"version.. is on {facet}, where no facet is"):
        upgrade(world, loupes()["version"])


def test_functions_that_no_one_knows_are_said_and_left(world: World) -> None:
    facet = strange(world)
    cut(world, facet, FacetCutAction.ADD, bytes.fromhex("12345678"))
    with pytest.raises(CannotPlan) as refused:
        upgrade(world, loupes()["version"])
    assert refused.value.reasons == (f"0x12345678 is on {facet}, and it is not known",)


def test_a_function_that_was_removed_by_hand_comes_back_where_it_was(world: World) -> None:
    pause = diamond_abi().selector("pause")
    cut(world, ZERO_ADDRESS, FacetCutAction.REMOVE, pause)
    found = inspect(world.transport, load_target("local"), world.manifest)
    assert [check.name for check in found if not check.ok] == ["functions of AccessFacet"]
    deployment = upgrade(world, ours("DiamondLoupeFacet"))
    assert [step.function for step in deployment.plan.steps] == ["diamondCut"]
    assert counts(deployment) == [("ADD", 1)]
    back = complete(deployment, {world.owner.address: world.owner})
    assert back.manifest == world.manifest


def test_a_function_that_moves_between_facets_is_replaced(world: World) -> None:
    """The target's facets, the manifest's functions: whose it was is known."""
    changed = loupes()["paused"]
    without = {s: f for s, f in ours("AccessFacet").functions.items() if f != "paused()"}
    access = ours("AccessFacet")
    lesser = Contract(access.name, access.abi, access.creation, access.runtime, without)
    deployment = again(
        world,
        upgrade=True,
        compiled=lambda name: {changed.name: changed, lesser.name: lesser}.get(name) or ours(name),
    )
    assert counts(deployment) == [("REPLACE", 6)]
    complete(deployment, {world.owner.address: world.owner})


@pytest.mark.parametrize("facet", ["AMMBotFacet", "PoolsFacet"])
def test_a_diamond_that_was_deployed_without_a_facet_gets_it(
    local_chain: LocalTransport, facet: str
) -> None:
    target = load_target("local").model_copy(update={"amm": None})
    lesser = target.model_copy(update={"facets": tuple(n for n in target.facets if n != facet)})
    world = deploy_world(local_chain, target=lesser)
    assert facet not in world.manifest.facets
    found = inspect(world.transport, target, world.manifest)
    assert [check.name for check in found if not check.ok] == [f"functions of {facet}"]

    deployment = again(world, target, upgrade=True)
    assert counts(deployment) == [("ADD", len(ours(facet).functions))]
    deployed = complete(deployment, {world.owner.address: world.owner})
    assert deployed.manifest.facets[facet].address == facet_address(ours(facet))
    assert all(check.ok for check in deployed.checks)


def test_a_facet_comes_with_its_settings_in_one_plan(local_chain: LocalTransport) -> None:
    """They can't be read before it is there: they are read on a copy that has been cut."""
    target = load_target("local")
    facets = tuple(name for name in target.facets if name != "AMMBotFacet")
    lesser = target.model_copy(update={"amm": None, "facets": facets})
    world = deploy_world(local_chain, target=lesser)
    found = inspect(world.transport, target, world.manifest)
    assert [check.name for check in found if not check.ok] == [
        "functions of AMMBotFacet",
        "settings",
    ]
    before = local_chain.block_number()
    deployment = again(world, target, upgrade=True)
    assert local_chain.block_number() == before
    functions = [step.function for step in deployment.plan.steps]
    cut = functions.index("diamondCut")
    assert functions[cut + 1] == "initializeAMMBots"
    assert "registerPools" in functions
    deployed = complete(deployment, {world.owner.address: world.owner})
    assert all(check.ok for check in deployed.checks)
    assert not again(world, target, upgrade=True).plan.steps


def test_settings_that_cannot_be_read_are_not_guessed(world: World) -> None:
    """Without its reader, the bots' funding would look like none, and be paid again."""
    reader = diamond_abi().selector("getStrategyStats")
    cut(world, ZERO_ADDRESS, FacetCutAction.REMOVE, reader)
    lacks = "settings: not readable: the diamond lacks getStrategyStats, where readable is meant"
    found = inspect(world.transport, load_target("local"), world.manifest)
    assert [str(check) for check in found if not check.ok][1:] == [lacks]
    with pytest.raises(CannotPlan) as refused:
        again(world)
    assert refused.value.reasons[1:] == (lacks,)


def test_settings_are_read_by_the_functions_that_an_upgrade_brings(world: World) -> None:
    reader = diamond_abi().selector("getStrategyStats")
    cut(world, ZERO_ADDRESS, FacetCutAction.REMOVE, reader)
    tell(world, world.owner, "setThreshold", 9600)
    before = world.transport.block_number(), world.transport.nonce(world.owner.address)
    deployment = again(world, upgrade=True, undo_guardian=True)
    assert (world.transport.block_number(), world.transport.nonce(world.owner.address)) == before
    assert [step.function for step in deployment.plan.steps] == ["diamondCut", "setThreshold"]
    back = complete(deployment, {world.owner.address: world.owner})
    assert back.manifest == world.manifest


def test_what_else_differs_is_fixed_after_the_cut(world: World) -> None:
    deployment = again(
        world,
        target_with(("threshold_bps: 9300", "threshold_bps: 9400")),
        upgrade=True,
        compiled=compiled(loupes()["version"]),
    )
    functions = [step.function for step in deployment.plan.steps]
    assert functions == ["constructor", "diamondCut", "setThreshold"]


@pytest.mark.parametrize("sent", [0, 1, 2])
def test_an_upgrade_that_was_cut_short_goes_on(world: World, sent: int) -> None:
    changed = loupes()["version"]
    for step in upgrade(world, changed).plan.steps[:sent]:
        world.transport.send(world.owner, step.to, step.data)
    resumed = upgrade(world, changed)
    assert len(resumed.plan.steps) == 2 - sent
    deployed = complete(resumed, {world.owner.address: world.owner})
    entry = deployed.manifest.facets["DiamondLoupeFacet"]
    assert entry.address == facet_address(changed)
    assert code_hash(world.transport.code(entry.address)) == code_hash(changed.runtime)


def test_there_must_be_something_to_upgrade() -> None:
    with pytest.raises(DeployError, match="there is no diamond to upgrade"):
        prepare(
            RevmTransport(),
            load_target("local"),
            deployer=load_target("local").roles.owner,
            network="local",
            upgrade=True,
        )


def test_without_a_manifest_only_the_own_build_is_known(world: World) -> None:
    deployment: Any = again(world, upgrade=True, manifest=None)
    assert not deployment.plan.steps
    assert again(world).plan.diamond == deployment.plan.diamond


# --- Immutables -----------------------------------------------------------------------------------


def test_where_immutables_are_follows_from_the_code_alone() -> None:
    born = loupes()["born"]
    assert born.immutables
    assert immutable_places(born.runtime) == born.immutables
    assert not immutable_places(loupes()["plain"].runtime)


def test_a_mock_with_immutables_is_built_as_it_is_on_chain() -> None:
    probe = ours("DiamondProbeFacet")
    assert probe.immutables
    chain = RevmTransport()
    at = chain.send(local_account(0), None, probe.create(7)).contract_address
    assert at is not None
    assert code_hash(chain.code(at)) != code_hash(probe.runtime)
    assert check_code("it", probe, chain.code(at)).ok
