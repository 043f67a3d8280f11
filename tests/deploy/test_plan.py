"""Plans: computed from a target, what was compiled, and what the chain holds; nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ape_diamond import code_hash
from macrostrike.abi import artifact
from macrostrike.build import DIAMOND, PROXY, create2_address, diamond_salt, ours
from macrostrike.chain import RevmTransport
from macrostrike.deploy import CannotPlan, Plan, Target, load_target, make_plan, read_state
from macrostrike.deploy.plan import Build, missing_capital
from macrostrike.deploy.run import with_fixtures
from macrostrike.deploy.state.snapshot import ChainState, DiamondState
from macrostrike.devchain import deploy_venues
from macrostrike.testing import deploy_world
from macrostrike.types import EngineGrant

from .support import STRANGER, WITHOUT_AMM, target_with

OWNER = load_target("local").roles.owner
# The facets, and the diamond last.
CREATIONS = len(load_target("local").facets) + 1


@pytest.fixture(scope="module")
def blank() -> ChainState:
    """A chain with the venue, and no diamond."""
    chain = RevmTransport()
    deploy_venues(chain)
    return read_state(chain, with_fixtures(load_target("local")))


@pytest.fixture(scope="module")
def deployed() -> ChainState:
    """A chain as the local target says."""
    world = deploy_world(RevmTransport())
    target = with_fixtures(load_target("local"))
    return read_state(world.transport, target, diamond=world.diamond)


def build_of(target: Target | None = None, name: str = "macrostrike") -> Build:
    target = with_fixtures(target or load_target("local"))
    facets = {name: ours(name) for name in target.facets}
    return Build.of(target, facets, ours(DIAMOND), name, deployer=OWNER)


def plan(state: ChainState, target: Target | None = None) -> Plan:
    return make_plan(build_of(target), state)


def functions(state: ChainState, target: Target) -> list[str]:
    return [step.function for step in plan(state, target).steps]


def test_a_pool_with_a_history_remembers_the_windows_that_are_asked_of_it(
    blank: ChainState,
) -> None:
    """The oracle's; beside a feed, the exit's alone."""
    exit_window = load_target("local").markets[0].rules.exit_window
    by_feed = (("PoolTwap", "Feed"), ("    rules:", f"    feed: '{STRANGER}'\n    rules:"))
    asked = "increaseObservationCardinalityNext"
    for changes, window in (((), 300), (by_feed, exit_window)):
        target = target_with(*changes)
        needed = 2 * window // 12 + 1
        (pool,) = blank.memories
        for slots in (needed - 1, needed):
            steps = plan(replace(blank, memories={pool: slots}), target).steps
            assert (asked in [step.function for step in steps]) == (slots < needed)


def diamond_of(state: ChainState) -> DiamondState:
    assert state.diamond is not None
    return state.diamond


def test_a_new_diamond_is_facets_then_itself_then_the_owners_calls(blank: ChainState) -> None:
    made = plan(blank)
    names = [step.function for step in made.steps]
    assert names[:CREATIONS] == ["constructor"] * CREATIONS
    assert names[CREATIONS:] == [
        "initializeStrikeBots",
        "approve",
        "deposit",
        "fundBots",
        "approve",
        "depositInventory",
        "setFactory",
        "setFactory",
        "registerMarket",
        "initializeAMMBots",
        "registerPools",
        "registerPools",
        "setGuardian",
        "setOperator",
        "setEngine",
        *["setModel"] * 6,
    ]
    assert made.is_new
    assert all(step.sender == OWNER for step in made.steps)


def test_addresses_follow_from_the_code_alone(blank: ChainState) -> None:
    made = plan(blank)
    for step in made.steps[:CREATIONS]:
        assert step.to == PROXY
        assert step.creates == create2_address(step.data[:32], step.data[32:])
    assert made.steps[CREATIONS - 1].creates == made.diamond
    other = make_plan(replace(build_of(), deployer=STRANGER), blank)
    assert (other.diamond, other.facets) == (made.diamond, made.facets)


def test_a_diamond_is_where_its_name_its_owner_and_its_facets_put_it(blank: ChainState) -> None:
    made = plan(blank)
    assert made.steps[CREATIONS - 1].data[:32] == diamond_salt("macrostrike")
    renamed = make_plan(build_of(name="another"), blank)
    owned = plan(blank, target_with((f"owner: {OWNER}", f"owner: {STRANGER}")))
    fewer = plan(blank, target_with(*WITHOUT_AMM))
    assert len({each.diamond for each in (made, renamed, owned, fewer)}) == 4
    # Facets are anyone's: their place is their code's.
    assert made.facets == renamed.facets == owned.facets
    assert fewer.facets.items() < made.facets.items()


def test_facets_that_are_there_are_not_created_again(blank: ChainState) -> None:
    made = plan(blank)
    there = frozenset(list(made.facets.values())[2:5])
    steps = plan(replace(blank, created=there)).steps
    assert [step for step in made.steps if step.creates not in there] == list(steps)
    assert len(steps) == len(made.steps) - 3


def test_an_approval_that_was_given_is_not_given_again(deployed: ChainState) -> None:
    target = target_with(("WETH: 500", "WETH: 501"))
    base = with_fixtures(target).tokens["WETH"].address
    for allowed, calls in (
        (10**18, ["depositInventory"]),
        (10**18 - 1, ["approve", "depositInventory"]),
    ):
        diamond = replace(diamond_of(deployed), allowances={base: allowed})
        assert functions(replace(deployed, diamond=diamond), target) == calls


def test_the_diamond_gets_all_functions_in_its_constructor(blank: ChainState) -> None:
    creation = plan(blank).steps[CREATIONS - 1].data
    arguments = creation[len(ours(DIAMOND).creation) :]
    cut = {s for name in load_target("local").facets for s in ours(name).functions}
    assert cut == ours("IMacroStrike").functions.keys()
    assert all(selector in arguments for selector in cut)


def test_a_plan_is_a_function_of_its_arguments(blank: ChainState, deployed: ChainState) -> None:
    assert plan(blank) == plan(blank)
    assert plan(deployed) == plan(deployed)


def test_what_is_as_it_should_be_needs_nothing(deployed: ChainState) -> None:
    made = plan(deployed)
    assert not made.steps
    assert not made.is_new
    assert made.diamond == diamond_of(deployed).address
    assert not made.spends


@pytest.mark.parametrize(
    ("changes", "calls"),
    [
        ([("threshold_bps: 9300", "threshold_bps: 9400")], ["setThreshold"]),
        ([("lot: 40", "lot: 50")], ["setLot"]),
        ([("risk_bps: 1200", "risk_bps: 1100")], ["configureBot"]),
        ([("risk_bps: 600,", "risk_bps: 600, active: false,")], ["configureBot"]),
        ([("WETH: 500", "WETH: 501")], ["approve", "depositInventory"]),
        ([("funding: 32_000", "funding: 33_000")], ["approve", "deposit", "fundBots"]),
        ([("cooldown: 0", "cooldown: 60")], ["updateMarket"]),
        ([("pool: fixture", "pool: fixture\n    enabled: false")], ["disableMarket"]),
        ([("daily_budget: 10_000_000", "daily_budget: 1")], ["setOperator"]),
        ([("[strike, settle, arbitrage]", "[settle]")], ["setOperator"]),
        ([("USDC: 500_000", "USDC: 400_000")], ["setAMMCap"]),
        ([("{USDC: 500_000, WETH: 500}", "{USDC: 500_000}")], ["setAMMCap"]),
        ([("fee: 3000", "fee: 2500")], ["unregisterPools", "registerPools"]),
        ([("    - {factory: uniswap-v2, pool: fixture, fee: 3000}\n", "")], ["unregisterPools"]),
        ([("2100-01-01T00:00:00Z", "2099-01-01T00:00:00Z")], ["setOperator"]),
        ([("guardians:", f"guardians:\n    - {STRANGER.lower()}")], ["setGuardian"]),
        ([("- 0x90F79bf6EB2c4f870365E785982E1f101E93b906", "[]")], ["setGuardian"]),
        (
            [("cooldown: 0", "cooldown: 9"), ("threshold_bps: 9300", "threshold_bps: 9500")],
            ["setThreshold", "updateMarket"],
        ),
    ],
)
def test_only_what_differs_is_fixed(
    deployed: ChainState, changes: list[tuple[str, str]], calls: list[str]
) -> None:
    assert functions(deployed, target_with(*changes)) == calls


def test_a_deposit_asks_for_what_the_reserve_does_not_have(deployed: ChainState) -> None:
    target = target_with(("funding: 32_000", "funding: 33_000"))
    quote = target_quote(target)
    assert plan(deployed, target).spends[quote] == 1_000 * 10**6
    richer = replace(deployed, diamond=replace(diamond_of(deployed), reserve=600 * 10**6))
    assert plan(richer, target).spends[quote] == 400 * 10**6
    rich = replace(deployed, diamond=replace(diamond_of(deployed), reserve=5_000 * 10**6))
    assert functions(rich, target) == ["fundBots"]


def test_accounts_that_the_target_does_not_name_lose_its_role(deployed: ChainState) -> None:
    diamond = diamond_of(deployed)
    more = replace(
        diamond,
        operators={**diamond.operators, STRANGER: next(iter(diamond.operators.values()))},
        engines={**diamond.engines, STRANGER: EngineGrant(4_000_000_000, 7)},
        guardians=diamond.guardians | {STRANGER},
    )
    steps = plan(replace(deployed, diamond=more)).steps
    assert [step.function for step in steps] == ["setGuardian", "revokeOperator", "revokeEngine"]
    assert all(STRANGER in step.does for step in steps)


def test_a_role_that_was_revoked_already_is_left_alone(deployed: ChainState) -> None:
    diamond = diamond_of(deployed)
    gone = replace(diamond, engines={**diamond.engines, STRANGER: EngineGrant(0, 7)})
    assert not plan(replace(deployed, diamond=gone)).steps


def target_quote(target: Target) -> str:
    return with_fixtures(target).quote.address


def refusals(state: ChainState, target: Target | None = None) -> list[str]:
    with pytest.raises(CannotPlan) as refused:
        plan(state, target)
    return list(refused.value.reasons)


def test_another_owner_is_not_a_matter_of_deploying(deployed: ChainState) -> None:
    other = replace(deployed, diamond=replace(diamond_of(deployed), owner=STRANGER))
    with pytest.raises(CannotPlan) as refused:
        plan(other)
    assert "upgrade" not in str(refused.value)
    (reason,) = refused.value.reasons
    assert reason == f"owner: {STRANGER}, where {OWNER} is meant"


def test_a_facet_that_differs_is_not_a_matter_of_deploying(deployed: ChainState) -> None:
    diamond = diamond_of(deployed)
    home = diamond.functions[next(iter(ours("MarketFacet").functions))]
    code = artifact("AccessFacet").deployed_bytecode
    other = replace(diamond, codes={**diamond.codes, home: code})
    with pytest.raises(CannotPlan, match="replaced by `ape run upgrade`") as refused:
        plan(replace(deployed, diamond=other))
    (reason,) = refused.value.reasons
    built, other_code = (code_hash(ours(name).runtime) for name in ("MarketFacet", "AccessFacet"))
    assert reason == f"code of MarketFacet: {other_code}, where {built} is meant"


def test_a_diamond_of_other_code_is_not_a_matter_of_deploying(deployed: ChainState) -> None:
    other = replace(diamond_of(deployed), code=ours("AccessFacet").runtime)
    for known in (None, dict(other.functions)):
        with pytest.raises(CannotPlan, match="code of the diamond: 0x"):
            make_plan(build_of(), replace(deployed, diamond=other), known=known)


def test_functions_that_are_missing_or_too_many_are_named(deployed: ChainState) -> None:
    diamond = diamond_of(deployed)
    selectors = dict(diamond.functions)
    del selectors[ours("AccessFacet").abi.selector("pause")]
    selectors[bytes.fromhex("deadbeef")] = STRANGER
    reasons = refusals(replace(deployed, diamond=replace(diamond, functions=selectors)))
    assert reasons == [
        "functions of AccessFacet: without pause(), where 23 functions of one contract is meant",
        f"other functions: 0xdeadbeef on {STRANGER}, where none is meant",
    ]


def test_comments_in_the_source_are_not_difference(deployed: ChainState) -> None:
    diamond = diamond_of(deployed)
    home = diamond.functions[next(iter(ours("MarketFacet").functions))]
    code = bytearray(diamond.codes[home])
    code[-20] ^= 0xFF  # within the hash of the sources
    commented = replace(diamond, codes={**diamond.codes, home: bytes(code)})
    assert not plan(replace(deployed, diamond=commented)).steps


def test_capital_is_never_taken_out_by_a_plan(deployed: ChainState) -> None:
    (reason,) = refusals(deployed, target_with(("funding: 32_000", "funding: 31_000")))
    assert reason == "funding of the bots: 800,000 USDC, where 799,000 USDC is meant"


def test_capital_that_moved_between_strategies_is_not_a_difference(deployed: ChainState) -> None:
    """As after a rebalancing. What is missing in total goes to those that have less than meant."""
    funded = (170_000_790_001, 149_999_209_999, 160_000_000_000, 150_000_000_000, 170_000_000_000)
    moved = replace(deployed, diamond=replace(diamond_of(deployed), funded=funded))
    assert not plan(moved).steps
    target = target_with(("funding: 32_000", "funding: 33_000"))
    assert plan(moved, target).spends[target_quote(target)] == 1_000 * 10**6
    (reason,) = refusals(moved, target_with(("funding: 32_000", "funding: 31_000")))
    assert reason == "funding of the bots: 800,000 USDC, where 799,000 USDC is meant"


@pytest.mark.parametrize("unit", [1, 100])
def test_missing_capital_adds_up_and_goes_where_it_is_missing(unit: int) -> None:
    meant = [(100 + bot) * unit for bot in range(25)]
    assert missing_capital(meant, [0] * 5, unit) == meant
    by_strategy = [sum(meant[first : first + 5]) for first in range(0, 25, 5)]
    assert missing_capital(meant, by_strategy, unit) == [0] * 25
    # 33 units short in total, of which 50 and 3 in strategies 1 and 3; strategy 2 has 20 more.
    moved = [part + by * unit for part, by in zip(by_strategy, (0, -50, 20, -3, 0), strict=True)]
    given = missing_capital(meant, moved, unit)
    assert sum(given) == 33 * unit
    assert all(amount % unit == 0 and amount >= 0 for amount in given)
    assert [sum(given[i : i + 5]) // unit for i in range(0, 25, 5)] == [0, 32, 0, 1, 0]


@pytest.mark.parametrize("which", ["blank", "deployed"])
def test_every_reason_against_the_chain_is_said(which: str, request: pytest.FixtureRequest) -> None:
    state = request.getfixturevalue(which)
    tokens = {token: 18 if decimals == 6 else None for token, decimals in state.decimals.items()}
    odd = replace(state, chain_id=5, decimals=tokens, timestamp=4_200_000_000)
    reasons = refusals(odd)
    assert [reason.split(": ")[0] for reason in reasons[:5]] == [
        "chain",
        "decimals of USDC",
        "decimals of WETH",
        "operator 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "engine 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    ]
    assert "chain: 5, where 1337 or 31337 is meant" in reasons
