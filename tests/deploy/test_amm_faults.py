"""What a target says wrongly of arbitrages is said with its place, all at once."""

from __future__ import annotations

import re

import pytest

from macrostrike.deploy import TargetInvalid, parse_target

from .amm import HOOKS, NOBODYS, text_of

TEXT = text_of()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("USDC: 100_000", "USDT: 1", "amm.funding.USDT: 'USDT' is not among the tokens"),
        ("USDC: 100_000", "USDC: 0.0000001", "amm.funding.USDC: 1E-7 has more than 6 decimals"),
        ("wrapped_native: WETH", "wrapped_native: DAI", "amm.wrapped_native: 'DAI' is not among"),
        (
            f"hooks: [{HOOKS}]",
            f"hooks: [{HOOKS}, {HOOKS}]",
            r"amm.hooks\[1\]: .* is listed 2 times",
        ),
        (f"hooks: [{HOOKS}]", "hooks: []", rf"pools\[5\].hooks: {HOOKS} is not among amm.hooks"),
        ("token0: ether, ", "", r"pools\[2\].token0: is missing: a pool of UniswapV4 needs it"),
        ("token0: ether", "token0: DAI", r"pools\[2\].token0: 'DAI' is not among the tokens"),
        ("token0: ether", "token0: USDC", r"pools\[2\].token1: USDC is the pool's token0 too"),
        (", tick_spacing: 60}", "}", r"pools\[2\].tick_spacing: is missing: a pool of UniswapV4"),
        ("tick_spacing: 60", "tick_spacing: 0", r"pools\[2\].tick_spacing: .*'0'"),
        (
            "token1: USDC, fee: 3000",
            "token1: USDC, fee: 1000001",
            r"pools\[2\].fee: 1000001 is over",
        ),
        (
            "token1: USDC, fee: 3000",
            "token1: USDC, fee: dynamic",
            r"pools\[2\].fee: .* set by hooks",
        ),
        ("fixture, fee: 500", "fixture, fee: dynamic", r"pools\[0\].fee: 8388608 is over 999999"),
        (
            "pool: fixture, fee: 500",
            "fee: 500",
            r"pools\[0\].pool: is missing: a pool of UniswapV3",
        ),
        (
            "fixture, fee: 500",
            "fixture, token0: USDC, fee: 500",
            r"pools\[0\].token0: is not wanted",
        ),
        ("{factory: balancer, ", "{factory: balancer, fee: 5, ", r"pools\[6\].fee: is not wanted"),
        (
            f"pool: {NOBODYS}",
            "pool: fixture",
            r"pools\[6\].pool: no fixture is of BalancerWeighted",
        ),
        (
            f"pool: {NOBODYS}, token0: USDC",
            f"pool: {NOBODYS}, token0: ether",
            "trades no ether: name",
        ),
        ("token1: WETH, fee: 500", "token1: WETH, fee: 3000", r"pools\[4\]: .* is listed 2 times"),
        (
            f"    - {{factory: balancer, pool: {NOBODYS}, token0: USDC, token1: WETH}}\n",
            f"    - {{factory: balancer, pool: {NOBODYS}, token0: USDC, token1: WETH}}\n"
            f"    - {{factory: balancer, pool: {NOBODYS}, token0: WETH, token1: USDC}}\n",
            rf"pools\[7\]: {NOBODYS} of balancer is listed 2 times",
        ),
    ],
)
def test_a_fault_is_said_with_its_place(old: str, new: str, fault: str) -> None:
    assert old in TEXT
    with pytest.raises(TargetInvalid) as refused:
        parse_target(TEXT.replace(old, new, 1))
    (reported,) = refused.value.faults
    assert re.search(fault, reported), reported


@pytest.mark.parametrize(
    ("wrapped", "places", "fault"),
    [
        ("", ["token0", "token1"], "ether counts as a token: say amm.wrapped_native"),
        ("  wrapped_native: USDC\n", ["token1", "token0"], "USDC counts as ether itself"),
    ],
)
def test_ether_counts_as_a_token_and_is_not_paired_with_it(
    wrapped: str, places: list[str], fault: str
) -> None:
    with pytest.raises(TargetInvalid) as refused:
        parse_target(TEXT.replace("  wrapped_native: WETH\n", wrapped))
    first, second = places
    assert [reported.split(": ", 1)[1] for reported in refused.value.faults] == [
        f"amm.pools[2].{first}: {fault}",
        f"amm.pools[5].{second}: {fault}",
    ]


def test_every_fault_is_said_at_once() -> None:
    text = TEXT
    for old, new in (
        ("WETH: 50}", "DAI: 50}"),
        ("token0: ether", "token0: DAI"),
        ("{factory: balancer, ", "{factory: balancer, tick_spacing: 1, "),
        ("fixture, fee: 500", "fixture"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(TargetInvalid) as refused:
        parse_target(text)
    assert [reported.split(": ")[1] for reported in refused.value.faults] == [
        "amm.funding.DAI",
        "amm.pools[0].fee",
        "amm.pools[2].token0",
        "amm.pools[6].tick_spacing",
    ]
