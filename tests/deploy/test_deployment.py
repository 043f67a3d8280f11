"""Deployments, on both kinds of chain: what is there afterwards, once, twice, and after drift."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from macrostrike import MacroStrike, Signal
from macrostrike.abi import diamond_abi
from macrostrike.build import npm, ours
from macrostrike.chain import RevmTransport
from macrostrike.deploy import (
    DeployError,
    ManifestElsewhere,
    NotLocal,
    StepFailed,
    VerificationFailed,
    complete,
    inspect,
    load_target,
    prepare,
)
from macrostrike.devchain import local_account
from macrostrike.errors import WrongChain
from macrostrike.manifest import Manifest
from macrostrike.testing import World, deploy_world
from macrostrike.types import BotConfig, FacetCut, FacetCutAction, Venue

from ..predictions import prediction_now
from .support import STRANGER, again, ask, named, target_with, tell

ZERO = "0x" + "00" * 20


def failing(world: World) -> dict[str, tuple[str, str]]:
    """The checks that fail, with what is meant and what is."""
    checks = inspect(world.transport, load_target("local"), world.manifest)
    return {check.name: (check.expected, check.actual) for check in checks if not check.ok}


def test_all_checks_hold(world: World) -> None:
    assert len(world.deployed.checks) > 60
    assert all(check.ok for check in world.deployed.checks)
    assert not failing(world)


def test_the_diamond_is_whole_in_one_transaction(world: World) -> None:
    logs = world.transport.logs(world.diamond, topics=[diamond_abi().topic("DiamondCut")])
    assert len(logs) == 1
    assert logs[0].block_number == world.manifest.deployed_at
    facets = {facet.facet_address: set(facet.function_selectors) for facet in ask(world, "facets")}
    assert facets == {
        entry.address: {bytes.fromhex(selector[2:]) for selector in entry.selectors}
        for entry in world.manifest.facets.values()
    }


def test_capital_and_inventory_are_where_the_target_says(world: World) -> None:
    bots = ask(world, "getBots")
    assert [bot.equity for bot in bots] == [32_000 * 10**6] * 25
    fixtures = world.venues.fixtures
    assert ask(world, "inventoryOf", fixtures.base) == 500 * 10**18
    assert world.venues.balance(fixtures.quote, world.diamond) == 800_000 * 10**6
    assert ask(world, "excessOf", fixtures.quote) == 0
    assert world.venues.balance(fixtures.quote, world.owner.address) == 0


def test_the_manifest_survives_its_file(world: World, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "macrostrike.json"
    world.manifest.save(path)
    assert Manifest.load(path) == world.manifest
    assert world.manifest.markets[0].fee == 500
    assert world.manifest.quote.symbol == "USDC"
    assert world.manifest.fixtures["router"] == world.venues.fixtures.router


def test_a_second_time_nothing_is_sent(world: World) -> None:
    chain = world.transport
    before = chain.nonce(world.owner.address), chain.block_number()
    deployment = again(world)
    assert not deployment.plan.steps
    deployed = complete(deployment, {})
    assert not deployed.receipts
    assert deployed.manifest == world.manifest
    assert (chain.nonce(world.owner.address), chain.block_number()) == before


def test_trading_and_rebalancing_are_not_drift(world: World) -> None:
    client = MacroStrike(world.transport, world.diamond, world.operator)
    for signal in Signal:
        nonce = client.next_nonce(world.engine.address)
        said = prediction_now(world, nonce, signal=signal, take_profit_bps=0)
        opened = client.strike(said, world.engine)
        if signal.is_strong:
            client.settle(opened.strike_id)
    assert len(client.open_strikes()) == 2
    assert not failing(world)
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    before = funded(owner)
    owner.rebalance([1] * 20 + [9] * 5)
    after = funded(owner)
    assert after != before
    assert sum(after) == sum(before)
    assert not failing(world)
    assert not again(world).plan.steps
    assert not again(world, upgrade=True).plan.steps


def test_a_rebalanced_fleet_gets_what_it_lacks_in_total(world: World) -> None:
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    owner.rebalance([1] * 20 + [9] * 5)
    tell(world, world.owner, "defundBots", [10**9 + 7] + [0] * 24)
    expected = ("800,000 USDC", "798,999.999993 USDC")
    assert failing(world) == {"funding of the bots": expected}
    complete(again(world), {world.owner.address: world.owner})
    assert sum(funded(owner)) == 800_000 * 10**6
    assert not failing(world)


def funded(client: MacroStrike) -> list[int]:
    """What each strategy was given, raw units."""
    return [part.equity - part.pnl for part in client.strategy_stats().values()]


DRIFTS: dict[str, tuple[str, str, list[Any], dict[str, tuple[str, str]]]] = {
    "threshold": ("owner", "setThreshold", [9600], {"threshold": ("9300 bps", "9600 bps")}),
    "bot": (
        "owner",
        "configureBot",
        [7, BotConfig(risk_bps=77, min_confidence_bps=9400, longs=False, active=False)],
        {
            "bot 7 (Arbitrage)": (
                "risk 800 bps, min confidence 9300 bps, longs on, active on",
                "risk 77 bps, min confidence 9400 bps, longs off, active off",
            )
        },
    ),
    "lot": ("owner", "setLot", [50_000_000], {"lot": ("40 USDC", "50 USDC")}),
    "market": (
        "guardian",
        "disableMarket",
        [0],
        {"market 0, ETH/USDC is enabled": ("True", "False")},
    ),
    "guardian": (
        "owner",
        "setGuardian",
        [STRANGER, True],
        {f"guardian {STRANGER}": ("False", "True")},
    ),
    "capital": (
        "owner",
        "defundBots",
        [[10**9] + [0] * 24],
        {"funding of the bots": ("800,000 USDC", "799,000 USDC")},
    ),
    "inventory": (
        "owner",
        "withdrawInventory",
        ["BASE", 10**18, STRANGER],
        {"inventory of WETH": ("at least 500 WETH", "499 WETH")},
    ),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_is_found_with_both_values_and_fixed(world: World, drift: str) -> None:
    who, function, args, expected = DRIFTS[drift]
    args = [world.venues.fixtures.base if arg == "BASE" else arg for arg in args]
    tell(world, getattr(world, who), function, *args)
    assert failing(world) == expected
    deployment = again(world, undo_guardian=True)
    deployed = complete(deployment, {world.owner.address: world.owner})
    assert deployed.receipts
    assert not failing(world)


def test_what_a_guardian_did_is_undone_only_where_that_is_said(world: World) -> None:
    """D8: a role revoked, the threshold raised, a market disabled, beside another difference."""
    signers = {world.owner.address: world.owner}
    tell(world, world.guardian, "setThreshold", 9700)
    tell(world, world.guardian, "disableMarket", 0)
    tell(world, world.guardian, "revokeEngine", world.engine.address)
    tell(world, world.owner, "setLot", 50_000_000)
    left = ["threshold", "market 0, ETH/USDC is enabled", f"engine {world.engine.address}"]
    plan = again(world).plan
    assert [step.does for step in plan.steps] == ["change the lot from 50 USDC to 40 USDC"]
    assert [check.name for check in plan.withheld] == left
    deployed = complete(again(world), signers)
    assert all(check.ok for check in deployed.checks)
    assert list(failing(world)) == left
    assert not again(world).plan.steps
    undone = again(world, undo_guardian=True).plan
    assert not undone.withheld
    assert [step.does.split(", REVERSING ")[1] for step in undone.steps] == [
        "a raised threshold",
        "a disabled market",
        "a revoked role",
    ]
    assert undone.steps[0].does.startswith("change the threshold from 9700 bps to 9300 bps")
    complete(again(world, undo_guardian=True), signers)
    assert not failing(world)


def test_a_change_of_rules_names_them_with_units(world: World) -> None:
    changed = target_with(
        ("cooldown: 0", "cooldown: 90"),
        ("max_bot_lots: 200", "max_bot_lots: 50"),
        ("risk_bps: 600,", "risk_bps: 500,"),
    )
    assert [step.does for step in again(world, changed).plan.steps] == [
        "configure bot 0 (MarketMaking): risk 600 bps -> 500 bps",
        "change the rules of market 0, ETH/USDC: max bot 200 lots (8,000 USDC) -> 50 lots "
        "(2,000 USDC); cooldown 0 s -> 90 s",
    ]


def test_revoked_roles_come_back_and_strange_ones_go(world: World) -> None:
    tell(world, world.guardian, "revokeOperator", world.operator.address)
    tell(world, world.guardian, "revokeEngine", world.engine.address)
    tell(world, world.owner, "setOperator", STRANGER, 4_000_000_000, 15, 10**18)
    assert [name.split()[0] for name in failing(world)] == ["operator", "operator", "engine"]
    complete(again(world, undo_guardian=True), {world.owner.address: world.owner})
    assert not failing(world)
    assert ask(world, "getOperator", STRANGER)[0] == 0


def test_a_factory_that_the_target_does_not_name_is_found_and_refused(world: World) -> None:
    factory = npm("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json")
    created = world.transport.send(world.owner, None, factory.create()).contract_address
    assert created is not None
    tell(world, world.owner, "setFactory", created, Venue.UNISWAP_V3, True)
    assert failing(world) == {f"factory {created}": ("not allowed", "allowed as UniswapV3")}
    complete(again(world), {world.owner.address: world.owner})
    assert not failing(world)
    assert not ask(world, "getFactory", created)[0]


def test_functions_that_no_one_meant_are_found(world: World) -> None:
    probe = ours("DiamondProbeFacet")
    created = world.transport.send(world.owner, None, probe.create(1)).contract_address
    assert created is not None
    selector = bytes.fromhex("12345678")
    cut = [FacetCut(created, FacetCutAction.ADD, (selector,))]
    tell(world, world.owner, "diamondCut", cut, ZERO, b"")
    assert failing(world) == {"other functions": ("none", f"0x12345678 on {created}")}


def test_a_pending_owner_is_shown_and_an_accepted_one_is_drift(world: World) -> None:
    successor = world.guardian
    tell(world, world.owner, "transferOwnership", successor.address)
    assert failing(world) == {"pending owner": ("none", successor.address)}
    tell(world, successor, "acceptOwnership")
    assert failing(world) == {"owner": (world.owner.address, successor.address)}


def test_nothing_is_sent_when_a_signer_is_missing(world: World) -> None:
    deployment = again(world, target_with(("cooldown: 0", "cooldown: 5")))
    before = world.transport.block_number()
    with pytest.raises(DeployError, match=f"for {world.owner.address} to sign"):
        complete(deployment, {STRANGER: world.guardian})
    assert world.transport.block_number() == before


def test_a_step_that_is_refused_says_why(world: World) -> None:
    deployment = again(world, target_with(("cooldown: 0", "cooldown: 5")))
    tell(world, world.owner, "transferOwnership", world.guardian.address)
    tell(world, world.guardian, "acceptOwnership")
    with pytest.raises(StepFailed, match=r"step 1 of 1, change the rules .*NotOwner"):
        complete(deployment, {world.owner.address: world.owner})


def test_an_account_that_sends_something_else_meanwhile_does_no_harm(world: World) -> None:
    target = load_target("local")
    owner = {world.owner.address: world.owner}
    deployment = prepare(
        world.transport, target, deployer=world.owner.address, network="local", name="another"
    )
    world.transport.send(world.owner, STRANGER, b"")
    assert complete(deployment, owner).manifest.diamond == deployment.plan.diamond


def test_what_drifts_while_it_is_applied_fails_the_verification(world: World) -> None:
    deployment = again(world, target_with(("cooldown: 0", "cooldown: 5")))

    def meddle(*_: object) -> None:
        tell(world, world.owner, "setThreshold", 9999)

    with pytest.raises(VerificationFailed, match="threshold: 9999 bps, where 9300 bps is meant"):
        complete(deployment, {world.owner.address: world.owner}, meddle)


def test_an_owner_who_lacks_the_capital_is_said_before_anything_is_sent() -> None:
    world = deploy_world(RevmTransport())
    fixtures = world.venues.fixtures
    target = target_with(
        *named(fixtures),
        ("funding: 32_000", "funding: 32_001"),
    )
    assert not target.has_fixtures
    before = world.transport.block_number()
    with pytest.raises(DeployError, match="lacks 1000000 raw units of USDC"):
        complete(again(world, target), {world.owner.address: world.owner})
    assert world.transport.block_number() == before


def test_a_local_chain_that_lost_the_diamond_gets_a_new_one(world: World) -> None:
    chain = RevmTransport()
    deployment = prepare(
        chain,
        load_target("local"),
        deployer=world.owner.address,
        network="local",
        manifest=world.manifest,
        replace_manifest=True,
    )
    assert deployment.plan.is_new


def test_a_real_chain_without_the_diamond_is_refused(world: World) -> None:
    fixtures = world.venues.fixtures
    target = target_with(
        ("[1337, 31337]", "[5]"),
        *named(fixtures),
    )
    with pytest.raises(DeployError, match=f"the manifest has a diamond at {world.diamond}"):
        prepare(
            RevmTransport(chain_id=5),
            target,
            deployer=world.owner.address,
            network="goerli",
            manifest=world.manifest,
        )


@pytest.mark.parametrize("change", ["gone", "elsewhere", "chain"])
def test_a_manifest_of_another_local_chain_is_replaced_only_where_that_is_said(
    world: World, change: str
) -> None:
    """D9: local chains share an id, and often addresses; block 0 tells them apart."""
    manifest, chain = world.manifest, world.transport
    assert manifest.genesis == "0x" + chain.block(0).hash.hex()
    if change == "gone":
        manifest = manifest.model_copy(update={"diamond": STRANGER})
    elif change == "elsewhere":
        manifest = manifest.model_copy(update={"genesis": "0x" + "ab" * 32})
    else:
        manifest = manifest.model_copy(update={"chain_id": 1337, "genesis": None})
    before = chain.block_number()
    here = {"deployer": world.owner.address, "network": "local", "manifest": manifest}
    with pytest.raises(ManifestElsewhere, match="--replace-manifest"):
        prepare(chain, load_target("local"), **here)
    with pytest.raises((ManifestElsewhere, WrongChain)):
        inspect(chain, load_target("local"), manifest)
    assert chain.block_number() == before
    # The one that is here is found by its place.
    again = prepare(chain, load_target("local"), **here, replace_manifest=True)
    assert not again.plan.steps
    assert complete(again, {}).manifest == world.manifest


def test_a_target_with_fixtures_deploys_on_no_real_chain() -> None:
    chain = RevmTransport(chain_id=1)
    owner = local_account(0)
    with pytest.raises(NotLocal):
        prepare(chain, load_target("local"), deployer=owner.address, network="ethereum-mainnet")
    assert chain.block_number() == 0


def test_both_kinds_of_chain_give_the_same_addresses(world: World) -> None:
    other = deploy_world(RevmTransport())
    assert other.venues.fixtures == world.venues.fixtures
    assert other.diamond == world.diamond
    same = {name: entry.code_hash for name, entry in world.manifest.facets.items()}
    assert {name: entry.code_hash for name, entry in other.manifest.facets.items()} == same
