"""A contract on a chain: asked one by one, in a batch, on one block; and sent to."""

from __future__ import annotations

import pytest
from eth_account import Account

from macrostrike.build import ours
from macrostrike.chain import BoundContract, Reverted, RevmTransport
from macrostrike.chain.contract import balances
from macrostrike.errors import AbiError

HOLDER = Account.from_key(b"\x01" * 32)
NO_ONE = "0x" + "22" * 20


@pytest.fixture
def dollar() -> BoundContract:
    chain = RevmTransport()
    chain.set_balance(HOLDER.address, 10**18)
    address = chain.send(HOLDER, None, ours("LocalUSD").create()).contract_address
    assert address is not None
    return BoundContract(chain, address, ours("LocalUSD").abi)


def test_what_was_sent_is_answered(dollar: BoundContract) -> None:
    assert dollar.send(HOLDER, "mint", HOLDER.address, 5).succeeded
    assert dollar.call("balanceOf", HOLDER.address) == 5
    asked = [("balanceOf", HOLDER.address), ("decimals",), ("balanceOf", NO_ONE)]
    assert dollar.ask(asked) == [5, 6, 0]
    assert dollar.ask([]) == []
    assert balances(dollar.transport, [dollar.address], HOLDER.address) == {dollar.address: 5}


def test_it_is_asked_in_a_senders_name(dollar: BoundContract) -> None:
    named = BoundContract(dollar.transport, dollar.address, dollar.abi, sender=HOLDER.address)
    dollar.send(HOLDER, "mint", HOLDER.address, 5)
    assert named.call("transfer", NO_ONE, 5) is True
    with pytest.raises(Reverted):
        dollar.call("transfer", NO_ONE, 5)


def test_pinned_it_is_the_state_of_one_block(
    dollar: BoundContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks, call_many = [], dollar.transport.call_many
    monkeypatch.setattr(
        dollar.transport, "call_many", lambda calls, block: blocks.append(block) or call_many(calls)
    )
    head = dollar.transport.block()
    assert dollar.pinned(head).call("decimals") == 6
    assert dollar.pinned(7).ask([("decimals",)] * 3) == [6] * 3
    assert blocks == [head, 7]


def test_an_account_without_code_is_not_a_contract(dollar: BoundContract) -> None:
    with pytest.raises(AbiError, match="is the contract there"):
        BoundContract.of(dollar.transport, NO_ONE, "IToken").call("decimals")
