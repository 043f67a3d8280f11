"""A4: no token speaks with the diamond's errors, and no quote is a token's word.

A token fails with whatever bytes it likes. It may say that the swap failed, since it can see to
that; it may say nothing else in the diamond's name, and never that there is a profit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macrostrike.abi import artifact
from macrostrike.build import ours
from macrostrike.errors import CallFailed, ContractError, NotProfitable, SwapError

from ..unit.amm.hostile import HOST, HostileTokens
from ..unit.amm.pools import Amm
from ..unit.deployed import deploy_other
from ..unit.environment import Env

ENTRIES = {e["name"]: e for e in artifact("IMacroStrike").abi if e["type"] == "error"}
# What our own callback fails with comes back by way of the pool, and looks like a token's.
OF_SWAPS = {
    *("CallFailed", "UnexpectedCallback", "CallbackAmountExceeded", "CallbackAmountMismatch"),
    *("CallbackMissing", "UnexpectedInitiator", "UnfaithfulToken", "PartialFill", "NotProfitable"),
    *("OutputMismatch", "ApprovalLeft"),
}


def words(name: str) -> bytes:
    """An error of the diamond's, with values that would impress."""
    kinds = [each["type"] for each in ENTRIES[name]["inputs"]]
    values: list[Any] = []
    for kind in kinds:
        if kind == "address":
            values.append("0x" + "aa" * 20)
        elif kind.startswith("bytes"):
            values.append(b"\1" * (int(kind[5:]) if kind != "bytes" else 4))
        elif kind == "bool":
            values.append(True)
        else:
            values.append(100)
    return keccak(text=f"{name}({','.join(kinds)})")[:4] + encode(kinds, values)


@pytest.fixture(scope="module")
def _tokens() -> HostileTokens:
    from ..unit.deployed import deploy_env

    return HostileTokens(Amm(deploy_env()))


@pytest.fixture
def tokens(_tokens: HostileTokens) -> Iterator[HostileTokens]:
    """A token that speaks, in two real pairs."""
    with _tokens.env.undone():
        yield _tokens


@pytest.fixture(scope="module")
def _market() -> Env:
    env = deploy_other(
        quote_decimals=18,
        base_decimals=18,
        unit_exponent=12,
        base_first=True,
        base_contract=ours("HostileToken"),
    )
    env.strike()
    return env


@pytest.fixture
def market(_market: Env) -> Iterator[Env]:
    """A market whose base speaks, and one long open on it."""
    with _market.undone():
        yield _market


def speak(env: Env, token: str, said: bytes, in_balances: bool) -> None:
    env.tell(env.keeper.key, ours("HostileToken").abi, token, "speak", said, in_balances)


def says_no_more_than_failed(refused: ContractError, name: str) -> None:
    """It is wrapped, or it is an error of swaps, which says no more than that one failed."""
    if name in OF_SWAPS and type(refused).__name__ == name:
        return
    assert isinstance(refused, (CallFailed, SwapError)), f"in the diamond's name: {refused}"
    assert type(refused).__name__ != name or name in OF_SWAPS


# Every error by a transfer; by a balance those that swaps fail with, and some that they do not.
SPOKEN = [(name, False) for name in sorted(ENTRIES)]
SPOKEN += [(name, True) for name in sorted(OF_SWAPS | {"EnforcedPause", "NotOwner", "CapExceeded"})]


@pytest.mark.parametrize(("name", "in_balances"), SPOKEN)
def test_a_token_in_a_strike(market: Env, name: str, in_balances: bool) -> None:
    speak(market, market.base, words(name), in_balances)
    for acts in (
        lambda: market.strike(),
        lambda: market.settle(1),
        lambda: market.owner.send("depositInventory", market.base, 1),
        lambda: market.owner.send("withdrawInventory", market.base, 1, market.owner.address),
    ):
        with pytest.raises(ContractError) as refused:
            acts()
        says_no_more_than_failed(refused.value, name)


@pytest.mark.parametrize(("name", "in_balances"), SPOKEN)
def test_a_token_in_an_arbitrage_and_in_its_quote(
    tokens: HostileTokens, name: str, in_balances: bool
) -> None:
    order = tokens.order(tokens.env.quote, 1000 * 10**6)
    assert tokens.amm.quote(order)[1] > 0
    speak(tokens.env, tokens.token, words(name), in_balances)
    for acts in (tokens.amm.quote, tokens.amm.execute):
        try:
            acts(order)
        except ContractError as refused:
            says_no_more_than_failed(refused, name)
        else:
            raise AssertionError("it went through")


FORGED = {
    "a_profit": words("ArbitrageQuoted")[:4] + encode(["uint256"] * 2, [1, 10**30]),
    "a_failed_trial": words("ArbitrageFailed"),
    "bare_bytes": words("ArbitrageQuoted")[:4],
    "no_loss_but_a_profit": words("NotProfitable")[:4]
    + encode(["uint256", "int256", "uint256"], [1, 10**30, 0]),
    "more_than_was_asked_for": words("NotProfitable")[:4]
    + encode(["uint256", "int256", "uint256"], [10**30, -1, 0]),
    "bare_loss": words("NotProfitable")[:4],
}


@pytest.mark.parametrize("in_balances", [False, True], ids=["transfer", "balance"])
@pytest.mark.parametrize("said", FORGED.values(), ids=FORGED)
def test_no_quote_is_forged(tokens: HostileTokens, said: bytes, in_balances: bool) -> None:
    order = tokens.order(tokens.env.quote, 1000 * 10**6)
    speak(tokens.env, tokens.token, said, in_balances)
    with pytest.raises((CallFailed, NotProfitable)):
        tokens.amm.quote(order)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.binary(min_size=1, max_size=200), known=st.sampled_from(sorted(ENTRIES)))
def test_whatever_a_token_says_a_quote_is_not_a_profit(
    tokens: HostileTokens, said: bytes, known: str
) -> None:
    """Any bytes, behind the selector of any error too."""
    env, order = tokens.env, tokens.order(tokens.env.quote, 1000 * 10**6)
    for each in (said, words(known)[:4] + said):
        with env.undone():
            speak(env, tokens.token, each, True)
            try:
                _, profit = tokens.amm.quote(order)
            except ContractError:
                continue
            assert profit <= 0


def test_a_token_that_does_nothing_and_says_false(tokens: HostileTokens) -> None:
    tokens.tell("behave", 0, True)
    with pytest.raises(CallFailed) as refused:
        tokens.amm.execute(tokens.order(tokens.token, 10 * HOST))
    assert "false" in str(refused.value) or "TRANSFER_FAILED" in str(refused.value)
