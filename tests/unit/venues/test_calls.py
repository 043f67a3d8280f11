"""Calls of tokens and pools: what counts as done, and in whose name a failure comes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.build import ours
from macrostrike.chain import Reverted, RevmTransport
from macrostrike.errors import (
    CallbackMissing,
    CallFailed,
    PartialFill,
    UnfaithfulToken,
)

from ...evm import Caller, undone
from ..answering import Answering, encoded, words
from ..environment import account
from ..readers import reverts

PROBE, PAIR, TOKEN = ours("CallProbe"), ours("HostilePair"), ours("LocalUSD")
ALICE, BOB = "0x" + "11" * 20, "0x" + "22" * 20
AMOUNT = 10**6
# What the diamond's own callback fails with, and what says that this swap failed and nothing else.
OF_A_SWAP = (
    "CallFailed(address,bytes)",
    "UnexpectedCallback(address,address)",
    "CallbackAmountExceeded(uint256,uint256)",
    "CallbackAmountMismatch(uint256,uint256)",
    "CallbackMissing(address)",
    "UnexpectedInitiator(address)",
    "UnfaithfulToken(address,uint256,uint256)",
    "PartialFill(uint256,uint256)",
    "NotProfitable(uint256,int256,uint256)",
    "OutputMismatch(address,uint256,uint256)",
    "ApprovalLeft(address,address,uint256)",
)


class Calls:
    """The libraries, a token that answers what is set, and a pair that calls back as it likes."""

    def __init__(self) -> None:
        self._caller = Caller(RevmTransport(), account("calls"))
        self.chain = self._caller.chain
        self.address = self._caller.deploy(PROBE)
        self.token = Answering(self._caller)
        self.usd = self._caller.deploy(TOKEN)
        self.pair = self._caller.deploy(PAIR, self.usd, self.token.address)

    def ask(self, function: str, *args: Any) -> Any:
        return self._caller.ask(PROBE, self.address, function, *args)

    def tell(self, function: str, *args: Any) -> list[tuple[bool, bytes]]:
        """The results of the calls that the pair made in the transaction."""
        receipt = self._caller.tell(PROBE, self.address, function, *args)
        events = (PAIR.abi.decode_event(log.topics, log.data) for log in receipt.logs)
        return [(e.args["ok"], e.args["result"]) for e in events if e and e.name == "CalledOut"]

    def mint(self, amount: int) -> None:
        self._caller.tell(TOKEN, self.usd, "mint", self.address, amount)

    def has(self, holder: str) -> int:
        return int(self._caller.ask(TOKEN, self.usd, "balanceOf", holder))


@pytest.fixture(scope="session")
def _calls() -> Calls:
    return Calls()


@pytest.fixture
def calls(_calls: Calls) -> Iterator[Calls]:
    with undone(_calls.chain):
        yield _calls


@pytest.mark.parametrize("signature", OF_A_SWAP)
def test_errors_of_the_swap_itself_come_out_as_they_are(calls: Calls, signature: str) -> None:
    reason = keccak(text=signature)[:4] + words(1, 2, 3)
    data = PROBE.abi.encode_call("fail", ALICE, reason)
    with pytest.raises(Reverted) as refused:
        calls.chain.call(calls.address, data)
    assert refused.value.data == reason


@given(reason=st.binary(max_size=100))
def test_all_else_comes_out_in_the_name_of_who_failed(calls: Calls, reason: bytes) -> None:
    with reverts(CallFailed(ALICE, reason)):
        calls.ask("fail", ALICE, reason)


MOVES = {
    "transfer": ((BOB, AMOUNT), "transfer(address,uint256)"),
    "transferFrom": ((ALICE, BOB, AMOUNT), "transferFrom(address,address,uint256)"),
    "approve": ((BOB, AMOUNT), "approve(address,uint256)"),
}
ANSWERS = {
    "nothing": (b"", False, True),
    "true": (words(1), False, True),
    "false": (words(0), False, False),
    "two": (words(2), False, False),
    "a byte": (b"\x01", False, False),
    "a failure": (words(1), True, False),
    "a silent failure": (b"", True, False),
}


@pytest.mark.parametrize("function", MOVES)
@pytest.mark.parametrize("what", ANSWERS)
def test_a_token_has_done_it_where_it_says_nothing_or_true(
    calls: Calls, function: str, what: str
) -> None:
    args, signature = MOVES[function]
    answer, fails, is_done = ANSWERS[what]
    calls.token.set({encoded(signature, *args): answer}, fails=fails)
    if is_done:
        calls.tell(function, calls.token.address, *args)
        return
    with reverts(CallFailed(calls.token.address, answer)):
        calls.ask(function, calls.token.address, *args)


@pytest.mark.parametrize("function", MOVES)
def test_who_has_no_code_does_nothing(calls: Calls, function: str) -> None:
    args, _ = MOVES[function]
    with reverts(CallFailed(BOB, b"")):
        calls.ask(function, BOB, *args)


@pytest.mark.parametrize(("answer", "fails"), [(words(5), False), (b"no", True), (b"", True)])
def test_an_allowance_is_asked_of_the_token(calls: Calls, answer: bytes, fails: bool) -> None:
    call = encoded("allowance(address,address)", calls.address, BOB)
    calls.token.set({call: answer}, fails=fails)
    if not fails:
        assert calls.ask("allowance", calls.token.address, BOB) == 5
        return
    with reverts(CallFailed(calls.token.address, answer)):
        calls.ask("allowance", calls.token.address, BOB)


SUMS = st.integers(0, 1000)


@given(has=SUMS, before=SUMS, stated=SUMS, near=st.integers(-1, 1))
def test_what_came_and_went_is_what_was_said_to_the_unit(
    calls: Calls, has: int, before: int, stated: int, near: int
) -> None:
    """A balance that moved the other way counts as nothing."""
    token = calls.token.address
    calls.token.set({encoded("balanceOf(address)", calls.address): words(has)})
    for amount in {stated, max(0, has - before), max(0, has - before + near), 0}:
        came = max(0, has - before)
        if came == amount:
            calls.ask("requireArrived", token, before, amount)
        else:
            with reverts(UnfaithfulToken(token, came, amount)):
                calls.ask("requireArrived", token, before, amount)
        went = max(0, before + amount - has)
        if went == amount:
            calls.ask("requireSpent", token, before, amount)
        else:
            with reverts(PartialFill(went, amount)):
                calls.ask("requireSpent", token, before, amount)


def v3_callback(amount0: int, amount1: int) -> bytes:
    return encoded("uniswapV3SwapCallback(int256,int256,bytes)", amount0, amount1, b"")


@pytest.mark.parametrize("amount0", [-7, -1, 0, 1, 5, AMOUNT])
@pytest.mark.parametrize("amount1", [-7, 0, 1, 5, AMOUNT])
def test_a_pool_is_paid_what_it_is_owed_of_either_token(
    calls: Calls, amount0: int, amount1: int
) -> None:
    """The first that is over zero; of the other it gave something, or nothing."""
    calls.mint(AMOUNT)
    owed = amount0 if amount0 > 0 else amount1
    args = calls.pair, calls.usd, AMOUNT, v3_callback(amount0, amount1)
    if owed < 0:
        with reverts(CallbackMissing(calls.pair)):
            calls.tell("callBack", *args)
        return
    ((ok, _),) = calls.tell("callBack", *args)
    assert ok
    assert calls.has(calls.pair) == owed


@pytest.mark.parametrize("near", [-1, 0, 1])
def test_a_pool_is_paid_at_most_what_is_allowed(calls: Calls, near: int) -> None:
    calls.mint(10 * AMOUNT)
    args = calls.pair, calls.usd, AMOUNT, v3_callback(AMOUNT + near, -1)
    if near > 0:
        # Its turn comes back with what the callback did: it was not called back for, so far.
        with reverts(CallbackMissing(calls.pair)):
            calls.tell("callBack", *args)
        return
    ((ok, _),) = calls.tell("callBack", *args)
    assert ok
    assert calls.has(calls.pair) == AMOUNT + near
