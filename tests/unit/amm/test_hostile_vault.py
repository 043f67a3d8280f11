"""A vault in the shape of Balancer's that cheats: each refused with its own error."""

from __future__ import annotations

import pytest

from macrostrike.abi import diamond_abi
from macrostrike.errors import (
    ApprovalLeft,
    ContractError,
    OutputMismatch,
    ReentrancyGuardReentrantCall,
    UnexpectedCallback,
    UnfaithfulToken,
)

from ..environment import TOKEN, ZERO
from ..readers import refuses, unchanged
from .hostile import AMOUNT, HostileVaults, VaultMode
from .pools import UNIT, Amm
from .test_balancer import fund

U = UNIT["usdc"]


@pytest.fixture
def hostiles(amm: Amm) -> HostileVaults:
    """With capital for the cycle that needs some."""
    fund(amm, AMOUNT)
    return HostileVaults(amm)


def orders(hostiles: HostileVaults) -> dict[str, object]:
    return {
        "tail": hostiles.order("low_usdc_weth", hostiles.dear_id),
        "lead": hostiles.order(hostiles.cheap_id, "low_usdc_weth"),
        "capital": hostiles.order(hostiles.cheap_id, "tri_usdc_weth"),
    }


PLACES = ("tail", "lead", "capital")
every_place = pytest.mark.parametrize("place", PLACES)


@every_place
def test_honest(hostiles: HostileVaults, place: str) -> None:
    """As it is before it turns: what is refused below is refused for what it does."""
    assert hostiles.amm.execute(orders(hostiles)[place])["profit"] > 0


@every_place
def test_it_takes_less_than_it_was_allowed_for(hostiles: HostileVaults, place: str) -> None:
    vault = hostiles.dear if place == "tail" else hostiles.cheap
    token = hostiles.env.base if place == "tail" else hostiles.env.quote
    order = orders(hostiles)[place]
    hostiles.behave(VaultMode.LEAVES_SOME)
    with refuses(hostiles.env, ApprovalLeft(token, vault, 1)):
        hostiles.amm.execute(order)
    assert hostiles.env.ask(TOKEN.abi, token, "allowance", hostiles.env.diamond, vault) == 0


@every_place
def test_it_takes_more_than_it_was_allowed_for(hostiles: HostileVaults, place: str) -> None:
    order = orders(hostiles)[place]
    hostiles.behave(VaultMode.TAKES_MORE)
    # The token refuses.
    with (
        pytest.raises(ContractError),
        unchanged(hostiles.env),
    ):
        hostiles.amm.execute(order)


@pytest.mark.parametrize("place", ["tail", "capital"])
@pytest.mark.parametrize("mode", [VaultMode.PAYS_LESS, VaultMode.SAYS_MORE])
def test_it_returns_less_than_it_says(hostiles: HostileVaults, place: str, mode: VaultMode) -> None:
    order = orders(hostiles)[place]
    hostiles.behave(mode)
    with pytest.raises(UnfaithfulToken) as refused, unchanged(hostiles.env):
        hostiles.amm.execute(order)
    assert refused.value.measured == refused.value.stated - 1


@pytest.mark.parametrize(
    ("mode", "more"), [(VaultMode.SAYS_MORE, 1), (VaultMode.QUOTES_MORE, -1)], ids=["now", "before"]
)
def test_it_returns_another_amount_than_it_said(
    hostiles: HostileVaults, mode: VaultMode, more: int
) -> None:
    order = orders(hostiles)["lead"]
    hostiles.behave(mode)
    with pytest.raises(OutputMismatch) as refused, unchanged(hostiles.env):
        hostiles.amm.execute(order)
    assert refused.value.pool == hostiles.cheap
    assert refused.value.delivered == refused.value.announced + more


def test_it_pays_a_pool_less_than_it_says(hostiles: HostileVaults) -> None:
    """The pool that gave first looks itself what came."""
    order = orders(hostiles)["lead"]
    hostiles.behave(VaultMode.PAYS_LESS)
    with pytest.raises(Exception, match="IIA"), unchanged(hostiles.env):
        hostiles.amm.execute(order)


@every_place
def test_an_arbitrage_from_within(hostiles: HostileVaults, place: str) -> None:
    order = orders(hostiles)[place]
    again = diamond_abi().encode_call("executeArbitrage", order)
    hostiles.behave(VaultMode.CALLS_OUT, hostiles.env.diamond, again)
    vault = hostiles.dear if place == "tail" else hostiles.cheap
    assert hostiles.answers(order, vault) == [str(ReentrancyGuardReentrantCall())]


@every_place
def test_a_callback_from_within(hostiles: HostileVaults, place: str) -> None:
    """No callback is expected while the vault is at work."""
    order = orders(hostiles)[place]
    vault = hostiles.dear if place == "tail" else hostiles.cheap
    for call in (
        diamond_abi().encode_call("unlockCallback", b""),
        diamond_abi().encode_call("uniswapV3SwapCallback", 1, -1, b""),
        diamond_abi().encode_call("uniswapV2Call", hostiles.env.diamond, 1, 0, b""),
    ):
        hostiles.behave(VaultMode.CALLS_OUT, hostiles.env.diamond, call)
        with hostiles.env.undone():
            (answer,) = hostiles.answers(order, vault)
        assert answer == str(UnexpectedCallback(vault, ZERO))
