"""A target that extends another one: what it inherits, what never, and whose line is shown."""

from __future__ import annotations

import pytest

from macrostrike.deploy import TargetInvalid, load_target, parse_target
from macrostrike.deploy.target import TARGETS

OWN = """extends: local
chain_ids: [1]
tokens:
  USDC: {address: 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48, decimals: 6}
  WETH: {address: 0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2, decimals: 18}
factories:
  uniswap-v3: {address: 0x1F98431c8aD98523631AE4a59f267346ea31F984, venue: UniswapV3}
markets:
  - {name: ETH/USDC, pool: 0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640}
amm: null
roles:
  owner: 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
"""


def faults_of(text: str) -> tuple[str, ...]:
    with pytest.raises(TargetInvalid) as refused:
        parse_target(text)
    return refused.value.faults


def test_what_is_not_said_is_the_other_targets() -> None:
    local, target = load_target("local"), parse_target(OWN)
    assert target.fleet == local.fleet
    assert target.facets == local.facets
    assert target.inventory == local.inventory
    assert target.markets[0].rules == local.markets[0].rules
    assert target.markets[0].base == "WETH"


def test_what_is_said_counts_key_by_key() -> None:
    text = OWN.replace("amm: null", "amm: null\nfleet: {lot: 80}\ninventory: {WETH: 7}")
    target, local = parse_target(text), load_target("local")
    assert (target.fleet.lot, target.inventory["WETH"]) == (80, 7)
    assert target.fleet.strategies == local.fleet.strategies


def test_null_removes() -> None:
    assert load_target("local").amm is not None
    assert parse_target(OWN).amm is None


def test_markets_are_merged_by_name_and_new_ones_come_after() -> None:
    second = "\n  - name: ETH/USDC again\n    base: WETH\n    factory: uniswap-v3\n"
    second += "    pool: 0x8ad599c3A0ff1De082011EFDDc58f1908eb6e6D8\n    rules: {max_bot_lots: 1, "
    second += "max_strike_lots: 1, max_open_lots: 1, max_day_lots: 1, cooldown: 1, "
    second += "max_deviation_bps: 1, oracle_window: 60, exit_window: 60, exit_deviation_bps: 1, "
    second += "max_horizon: 1, max_stop_loss_bps: 1, keeper_delay: 0, premium_bps: 0, "
    second += "discount_bps: 0, auction_seconds: 300}\n"
    target = parse_target(OWN.replace("f5640}\n", "f5640}" + second))
    assert [market.name for market in target.markets] == ["ETH/USDC", "ETH/USDC again"]


def test_every_bot_is_laid_over_each_row() -> None:
    target = parse_target(OWN.replace("amm: null", "amm: null\nfleet: {every_bot: {funding: 40}}"))
    assert {bot.funding for bot in target.fleet.bots} == {40}
    risks = [bot.risk_bps for bot in load_target("local").fleet.bots]
    assert [bot.risk_bps for bot in target.fleet.bots] == risks


@pytest.mark.parametrize("section", ["chain_ids", "tokens", "roles"])
def test_addresses_and_chains_are_never_inherited(section: str) -> None:
    lines = OWN.splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{section}:"))
    end = next((i for i in range(start + 1, len(lines)) if lines[i][0] != " "), len(lines))
    faults = faults_of("".join(lines[:start] + lines[end:]))
    assert any(fault.endswith(f"{section}: is missing") for fault in faults)


def test_a_fixture_that_is_inherited_is_refused_on_another_chain() -> None:
    faults = faults_of(OWN.replace(", pool: 0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640", ""))
    assert any("markets[0].pool" in fault and "fixture" in fault for fault in faults)


def test_a_fault_is_shown_with_the_file_that_it_is_in() -> None:
    (fault,) = faults_of(OWN.replace("amm: null", "amm: null\nfleet: {quote: EUR}"))
    assert fault.startswith("line 11: fleet.quote")
    # The lot of the other file, in units that this one makes too large for it.
    faults = faults_of(OWN.replace("amm: null", "amm: null\nfleet: {unit_exponent: 9}"))
    lot = next(i for i, line in enumerate(local_lines(), start=1) if line.startswith("  lot:"))
    assert any(fault.startswith(f"local.yaml line {lot}: fleet.lot") for fault in faults)


def local_lines() -> list[str]:
    return (TARGETS / "local.yaml").read_text().splitlines()


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("nowhere", "line 1: extends: there is no target 'nowhere': local, "),
        ("sepolia", "extends: sepolia itself extends another: name that one"),
    ],
)
def test_what_cannot_be_extended(name: str, fault: str) -> None:
    (reported,) = faults_of(OWN.replace("extends: local", f"extends: {name}"))
    assert reported.startswith(fault)


def test_a_chain_is_about_twenty_lines() -> None:
    text = (TARGETS / "mainnet-fork.yaml").read_text()
    said = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(said) <= 24
