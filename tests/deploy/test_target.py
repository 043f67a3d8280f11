"""The target state: what a file may say, and that every fault is shown at once."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from macrostrike.deploy import TargetInvalid, load_target, parse_target
from macrostrike.deploy.target import TARGETS
from macrostrike.devchain import pool_address
from macrostrike.types import Action, Venue

from .support import LOCAL, STRANGER


def faults_of(text: str) -> list[str]:
    with pytest.raises(TargetInvalid) as refused:
        parse_target(text, "net.yaml")
    assert str(refused.value).startswith("net.yaml has ")
    return list(refused.value.faults)


def changed(old: str, new: str) -> str:
    assert old in LOCAL
    return LOCAL.replace(old, new, 1)


def test_the_local_target_is_800_000_usdc_over_25_bots() -> None:
    target = load_target("local")
    assert len(target.fleet.bots) == 25
    assert sum(bot.funding for bot in target.fleet.bots) == 800_000
    assert target.book(target.fleet.lot) == 40_000_000
    assert target.raw(Decimal("0.5"), "WETH") == 5 * 10**17
    assert target.roles.operators[0].actions == Action.STRIKE | Action.SETTLE | Action.ARBITRAGE


def test_a_target_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    copy = tmp_path / "mine.yaml"
    copy.write_text(LOCAL)
    assert load_target(copy) == load_target(str(copy)) == load_target("local")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("threshold_bps: 9300", "threshold_bps: 9299", "threshold_bps: .*9300, not '9299'"),
        ("chain_ids: [1337, 31337]", "", "chain_ids: is missing"),
        ("chain_ids: [1337, 31337]", "chain_ids: []", "chain_ids: .* at least 1 item"),
        ("risk_bps: 600", "risk_bps: 0", r"fleet.strategies.MarketMaking\[0\].risk_bps: .*'0'"),
        ("risk_bps: 600", "risk_bps: many", r"MarketMaking\[0\].risk_bps: .*'many'"),
        ("risk_bps: 600, ", "", r"fleet.strategies.MarketMaking\[0\].risk_bps: is missing"),
        ("risk_bps: 600", "risk: 600, risk_bps: 600", r"MarketMaking\[0\].risk: is unknown"),
        ("min_confidence_bps: 9300", "min_confidence_bps: 9000", "min_confidence_bps: .*'9000'"),
        ("funding: 32_000", "funding: -1", r"MarketMaking\[0\].funding: .*'-1'"),
        ("funding: 32_000", "funding: NaN", r"MarketMaking\[0\].funding: .*finite number"),
        ("funding: 32_000", "funding: 0.0000001", "not a whole number of book units"),
        ("funding: 32_000", "funding: 5_000_000", "use a larger unit_exponent"),
        ("lot: 40", "lot: 0.0000001", "fleet.lot: .*not a whole number of book units"),
        ("quote: USDC", "quote: USDT", "fleet.quote: 'USDT' is not among the tokens: USDC, WETH"),
        ("base: WETH", "base: USDC", r"markets\[0\].base: USDC is the quote token"),
        ("WETH: 500", "WBTC: 500", "inventory.WBTC: 'WBTC' is not among the tokens"),
        ("factory: uniswap-v3", "factory: sushi", r"markets\[0\].factory: 'sushi' is not among"),
        (
            "pool: fixture",
            "pool: here",
            r"markets\[0\].pool: address can't be 'here': an address is 0x and 40",
        ),
        ("venue: UniswapV3", "venue: UniswapV5", r"factories.uniswap-v3.venue: .*'UniswapV5'"),
        ("venue: UniswapV3", "venue: UniswapV2", "keeps no price history: name a feed"),
        ("oracle: PoolTwap", "oracle: Feed", r"markets\[0\].feed: is missing"),
        ("max_bot_lots: 200", "max_bot_lots: 1024", r"rules.max_bot_lots: .*'1024'"),
        (
            "- ScoreFacet",
            "- ScoreFacet\n  - ScoreFacet",
            r"facets\[9\]: ScoreFacet is listed 2 times",
        ),
        ("[strike, settle,", "[strike, steal,", "actions: unknown: steal; known are strike"),
        ("[strike, settle, arbitrage]", "[]", r"roles.operators\[0\].actions: "),
        ("{USDC: 500_000", "{USDT: 500_000", "amm.caps.USDT: 'USDT' is not among the tokens"),
        ("{USDC: 500_000", "{USDC: 0.0000001", "amm.caps.USDC: 1E-7 has more than 6 decimals"),
        ("- {factory: uniswap-v2", "- {factory: sushi", r"amm.pools\[1\].factory: 'sushi' is not"),
        ("fixture, fee: 3000", "fixture, fee: 1_000_000", r"amm.pools\[1\].fee: "),
        (
            "- {factory: uniswap-v2",
            "- {factory: uniswap-v3",
            r"amm.pools\[1\]: .* is listed 2 times",
        ),
        ("  - AMMBotFacet\n", "", "amm: no facet has getAMMStats, initializeAMMBots"),
        ("  - PoolsFacet\n", "", "no facet has getPools, hooksAllowed, poolCount, wrappedNative"),
        ("2100-01-01T00:00:00Z", "2100-01-01T00:00:00", "valid_until: .*timezone"),
        ("0x70997970C", "0x70997970D", "its checksum is wrong"),
        ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x" + "0" * 40, "zero address"),
        (
            "unit_exponent: 0",
            "unit_exponent: 0\n  unit_exponent: 1",
            "unit_exponent: is there twice",
        ),
        ("threshold_bps: 9300", "threshold_bps: 9300\npaused: true", "paused: is unknown"),
        (
            "- ScoreFacet",
            "- ScorFacet\n  - ScoreFacet",
            r"facets\[8\]: ScorFacet is not a compiled",
        ),
        ("- ScoreFacet", "- IScore\n  - ScoreFacet", r"facets\[8\]: IScore has no code"),
        ("- ScoreFacet", "- HostileFeed\n  - ScoreFacet", "HostileFeed takes arguments to be"),
        (
            "  - ScoreFacet\n",
            "",
            "facets: no facet has getModels, getOpenStrikes, getStrategyStats, getStrike",
        ),
        ("  - DiamondCutFacet\n", "", "facets: no facet has diamondCut"),
    ],
)
def test_a_fault_is_said_with_its_place(old: str, new: str, fault: str) -> None:
    (reported,) = faults_of(changed(old, new))
    assert re.search(fault, reported), reported


@pytest.mark.parametrize("venue", ["BalancerWeighted", "BalancerStable"])
def test_a_market_is_not_of_a_venue_for_arbitrages(venue: str) -> None:
    reported = faults_of(changed("venue: UniswapV3", f"venue: {venue}"))
    assert any(
        f"{venue} is for arbitrages: a market needs a pool of UniswapV2 or UniswapV3 or UniswapV4"
        in f
        for f in reported
    )
    # Nor is a fixture, and its pools are named by more than their address.
    assert any(f"factories.uniswap-v3.address: no fixture is of {venue}" in f for f in reported)
    assert any(f"amm.pools[0].token0: is missing: a pool of {venue} needs" in f for f in reported)


@pytest.mark.parametrize(
    ("init", "fault"),
    [
        ("{contract: None, function: f}", "None is not a compiled contract"),
        ("{contract: HostileFeed, function: f}", "HostileFeed takes arguments to be created"),
        ("{contract: AccessFacet, function: f}", "AccessFacet has 0 functions f; it has accept"),
        (
            "{contract: AccessFacet, function: pause, args: [1]}",
            r"takes 0 arguments, not 1",
        ),
        (
            "{contract: AccessFacet, function: setThreshold, args: [many]}",
            "'many'",
        ),
        ("{contract: AccessFacet, function: setThreshold, args: [-1]}", "setThreshold"),
        ("{contract: AccessFacet, function: setGuardian, args: [here, true]}", "here"),
        (
            f"{{contract: AccessFacet, function: setGuardian, args: [{STRANGER}, no]}}",
            "'no' is nei",
        ),
    ],
)
def test_what_an_upgrade_runs_must_be_there_and_fit(init: str, fault: str) -> None:
    (reported,) = faults_of(LOCAL + f"upgrade:\n  init: {init}\n")
    assert re.search(f"upgrade.init: .*{fault}", reported), reported


def test_a_function_of_two_facets_is_said_by_both_names() -> None:
    reported = faults_of(changed("- ScoreFacet", "- ScoreFacet\n  - LocalUSD\n  - NoReturnToken"))
    assert all("facets[10]: NoReturnToken has " in each for each in reported)
    assert any("has transfer(address,uint256), as LocalUSD has" in each for each in reported)


def test_a_fault_is_said_with_its_line() -> None:
    text = changed("risk_bps: 1200", "risk_bps: 12000")
    line = text[: text.index("12000")].count("\n") + 1
    (reported,) = faults_of(text)
    assert reported.startswith(f"line {line}: fleet.strategies.Momentum[4].risk_bps: ")


def test_every_fault_is_said_at_once() -> None:
    text = LOCAL
    for old, new in (
        ("chain_ids: [1337, 31337]", "chain_ids: [1, 31337]"),
        ("threshold_bps: 9300", "threshold_bps: 9299"),
        ("risk_bps: 1200", "risk_bps: 12000"),
        ("Volatility:", "Volatilty:"),
        ("[strike, settle,", "[strike, steal,"),
        ("      cooldown: 0 # seconds\n", ""),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    places = [fault.split(": ")[1] for fault in faults_of(text)]
    assert places == [
        "tokens.USDC.address",
        "tokens.WETH.address",
        "threshold_bps",
        "fleet.strategies.Volatility",
        "fleet.strategies.Momentum[4].risk_bps",
        "fleet.strategies.Volatilty",
        "factories.uniswap-v3.address",
        "factories.uniswap-v2.address",
        "markets[0].rules.cooldown",
        "amm.pools[0].pool",
        "amm.pools[1].pool",
        "roles.operators[0].actions",
    ]


def test_fixtures_are_for_local_chains_only() -> None:
    reported = faults_of(changed("chain_ids: [1337, 31337]", "chain_ids: [11155111]"))
    assert len(reported) == 7
    assert all("fixtures are for local chains only, not for chain 11155111" in f for f in reported)


@pytest.mark.parametrize("text", ["", "[]", "just words", "a: [", "a:\n\t- b", "\x00"])
def test_what_is_not_a_target_at_all_is_said(text: str) -> None:
    assert len(faults_of(text)) == 1


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(TargetInvalid, match="can't be read"):
        load_target(tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "mainnet.exampel", "none.yaml"])
def test_a_name_that_is_not_a_target_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(TargetInvalid, match=r"no such target: local, .*mainnet\.example"):
        load_target(name)


def test_a_target_is_found_by_its_name_though_it_has_a_dot() -> None:
    """D12."""
    with pytest.raises(TargetInvalid, match="FILL_IN_OWNER"):
        load_target("mainnet.example")


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    """N17: as some editors leave it."""
    (tmp_path / "t.yaml").write_text("\ufeff" + LOCAL, encoding="utf-8")
    assert load_target(tmp_path / "t.yaml") == load_target("local")


FILLED = {
    "FILL_IN_OWNER": "0x" + "11" * 20,
    "FILL_IN_OPERATOR_UNTIL": "2030-01-01T00:00:00Z",
    "FILL_IN_OPERATOR": "0x" + "22" * 20,
    "FILL_IN_ENGINE_UNTIL": "2030-01-01T00:00:00Z",
    "FILL_IN_ENGINE": "0x" + "33" * 20,
    "FILL_IN_GUARDIAN": "0x" + "44" * 20,
}
PUBLIC = [
    (
        "sepolia.yaml",
        11155111,
        "0x0227628f3F023bb0B980b67D528571c95c6DaC1c",
        "0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238",
        "0xfFf9976782d46CC05630D1f6eBAb18b2324d6B14",
    ),
    (
        "mainnet.example.yaml",
        1,
        "0x1F98431c8aD98523631AE4a59f267346ea31F984",
        "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
    ),
    (
        "mainnet-fork.yaml",
        1,
        "0x1F98431c8aD98523631AE4a59f267346ea31F984",
        "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
    ),
]


V4_MANAGERS = {
    1: "0x000000000004444c5dc75cB358380D2e3dE08A90",
    11155111: "0xE03A1074c86CFeDd5C142C4F04F1a1536e203543",
}


@pytest.mark.parametrize(("file", "chain", "factory", "usdc", "weth"), PUBLIC)
def test_public_networks_have_real_addresses(
    file: str, chain: int, factory: str, usdc: str, weth: str
) -> None:
    text = (TARGETS / file).read_text()
    for name, value in FILLED.items():
        text = text.replace(name, value)
    target = parse_target(text, file)
    assert target.chain_ids == (chain,)
    assert not target.has_fixtures
    assert len(target.fleet.bots) == 25
    assert (target.tokens["USDC"].address, target.tokens["WETH"].address) == (usdc, weth)
    assert target.factories["uniswap-v3"].address == factory
    manager = target.factories["uniswap-v4"]
    assert (manager.address, manager.venue) == (V4_MANAGERS[chain], Venue.UNISWAP_V4)
    assert target.facets == load_target("local").facets
    (market,) = target.markets
    # The pool is the one that this factory creates for these tokens, at 0.05 %.
    assert market.pool == pool_address(factory, weth, usdc)


def test_a_forks_roles_are_those_of_local_chains() -> None:
    fork, local = load_target("mainnet-fork"), load_target("local")
    assert fork.roles == local.roles
    assert fork.fleet == local.fleet


@pytest.mark.parametrize("file", ["sepolia.yaml", "mainnet.example.yaml"])
def test_until_the_roles_are_filled_in_nothing_can_be_deployed(file: str) -> None:
    with pytest.raises(TargetInvalid) as refused:
        load_target(TARGETS / file)
    faults = list(refused.value.faults)
    assert len(faults) == len(FILLED)
    assert all("roles." in fault and "FILL_IN_" in fault for fault in faults)


@pytest.mark.parametrize("path", sorted(TARGETS.glob("*.yaml")), ids=lambda path: path.name)
def test_no_target_holds_a_key(path: Path) -> None:
    assert not re.search(r"0x[0-9a-fA-F]{64}", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("line", "role", "taken"),
    [
        ("engines:", "owner", "owner"),
        ("guardians:", "operator", "operator"),
        ("guardians:", "engine", "engine"),
        ("operators:", "owner", "owner"),
    ],
)
def test_s16_one_address_has_one_role(line: str, role: str, taken: str) -> None:
    """A key that is stolen must not hold two."""
    roles = load_target("local").roles
    kept = {
        "owner": roles.owner,
        "operator": roles.operators[0].address,
        "engine": roles.engines[0].address,
    }[role]
    own = {
        "engines:": roles.engines[0].address,
        "guardians:": roles.guardians[0],
        "operators:": roles.operators[0].address,
    }[line]
    assert LOCAL.count(own) == 1
    (fault,) = faults_of(changed(own, kept))
    assert f"{kept} is {taken} already" in fault
