"""What is sent is written first; what became of it is known by its receipt, and by nothing else."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from macrostrike.chain import AnvilTransport, Outcome, Purpose, RevmTransport, RpcTransport
from macrostrike.errors import (
    NodeUnavailable,
    NonceTaken,
    Reverted,
    TransactionNotMined,
    TransactionRefused,
)
from macrostrike.executor import Executor, Settings
from macrostrike.journal import IntentState, Journal, LeaseLost
from tests.faults import Exchange, FaultProxy, Rule, drop_after, drop_before, on, status

from .conftest import ETHER, KEY, RECEIVER, Watched, states

# Creates a contract that reverts with the data it is called with.
REVERTER = bytes.fromhex("6007600c60003960076000f3" + "365f5f37365ffd")
GAS = 100_000
SYNC = "eth_sendRawTransactionSync"


def test_a_nonce_that_another_program_has_in_the_pool_is_passed_over(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    executor.submit(RECEIVER, b"").wait()
    node.request("evm_setAutomine", False)
    dear = {"from": KEY.address, "to": RECEIVER, "gas": 21_000, "gasPrice": 90 * 10**9, "nonce": 1}
    foreign = KEY.sign_transaction({**dear, "chainId": node.chain_id, "value": 0})
    node.broadcast(bytes(foreign.raw_transaction))
    ticket = executor.submit(RECEIVER, b"", value=1)
    node.mine()
    assert ticket.wait().succeeded
    _, refused, sent = journal.intents()
    assert (refused.state, refused.account_nonce) == (IntentState.REJECTED, 1)
    assert (sent.state, sent.account_nonce, sent.hash) == (IntentState.CONFIRMED, 2, ticket.hash)


def test_a_transaction_is_in_the_journal_before_it_is_sent(
    watched: Watched, sender: Executor, journal: Journal, tmp_path: Path
) -> None:
    seen: list[tuple[Any, ...]] = []

    def look(signed: bytes) -> None:
        with sqlite3.connect(tmp_path / "journal.sqlite") as other:
            rows = other.execute("SELECT hash, state, signed FROM intents")
            seen.extend(rows.fetchall())
        assert watched.nonce(KEY.address) == nonce

    nonce, watched.on_broadcast = watched.nonce(KEY.address), look
    ticket = sender.submit(RECEIVER, b"", value=1)
    ((written, state, signed),) = seen
    assert (written, state) == ("0x" + ticket.hash.hex(), "prepared")
    assert keccak(bytes.fromhex(signed[2:])) == ticket.hash


def test_sent_and_awaited_in_one_request_it_is_written_before_and_after(
    node: AnvilTransport, journal: Journal
) -> None:
    """A node that gives the receipt with its answer (EIP-7966) is asked nothing else."""
    with FaultProxy(node.url) as proxy:
        chain = RpcTransport(proxy.url, timeout=2.0, patience=0.3, sync=True)
        executor = Executor(chain, KEY, journal, Settings(mined_within=10))
        executor.submit(RECEIVER, b"", value=1, gas=21_000).wait()
        proxy.seen.clear()
        seen: list[list[IntentState]] = []

        def look(_: Exchange) -> None:
            seen.append(states(journal))

        proxy.rules.append(on(SYNC, look))
        ticket = executor.submit(RECEIVER, b"", value=1, gas=21_000)
        assert seen == [[IntentState.CONFIRMED, IntentState.PREPARED]]
        assert states(journal) == [IntentState.CONFIRMED] * 2
        receipt = ticket.wait()
        # The block's time, which a receipt without logs does not say.
        assert proxy.seen == [SYNC, "eth_getBlockByNumber"]
    intent = journal.intent(ticket.hash)
    assert receipt == node.receipt(ticket.hash)
    assert (intent.block_hash, intent.gas_used) == (receipt.block_hash, 21_000)
    assert intent.sent_at is not None
    assert intent.included_at is not None
    assert intent.created_at <= intent.sent_at <= intent.included_at


@pytest.mark.parametrize("fault", [drop_after, drop_before, status(502, forwarded=True)])
def test_awaited_in_one_request_that_is_lost_it_is_unknown_and_mined_once(
    node: AnvilTransport, journal: Journal, fault: Rule
) -> None:
    before = node.balance(RECEIVER)
    with FaultProxy(node.url) as proxy:
        chain = RpcTransport(proxy.url, timeout=2.0, patience=0.3, sync=True)
        executor = Executor(chain, KEY, journal, Settings(mined_within=10))
        executor.recover()
        proxy.rules.append(on(SYNC, fault, times=1))
        ticket = executor.submit(RECEIVER, b"", value=1, gas=21_000)
        assert states(journal) == [IntentState.UNKNOWN]
        assert ticket.wait().succeeded
    assert states(journal) == [IntentState.CONFIRMED]
    assert node.balance(RECEIVER) == before + 1


def test_awaited_in_one_request_a_failure_is_raised_with_its_reason(
    node: AnvilTransport, journal: Journal
) -> None:
    created = node.send(KEY, None, REVERTER).contract_address
    executor = Executor(RpcTransport(node.url, sync=True), KEY, journal)
    with pytest.raises(Reverted) as failed:
        executor.submit(created, b"why", gas=GAS).wait()
    assert failed.value.data == b"why"
    (intent,) = journal.intents()
    assert intent.state is IntentState.CONFIRMED
    assert intent.error is not None


def test_what_its_receipt_says_is_in_the_journal(executor: Executor, journal: Journal) -> None:
    ticket = executor.submit(RECEIVER, b"", value=1)
    assert states(journal) == [IntentState.SENT]
    receipt = ticket.wait()
    intent = journal.intent(ticket.hash)
    assert (intent.state, intent.error) == (IntentState.CONFIRMED, None)
    assert (intent.block_number, intent.block_hash) == (receipt.block_number, receipt.block_hash)
    assert (intent.gas_used, intent.gas_price) == (21_000, receipt.gas_price)
    assert intent.sent_at is not None
    assert intent.included_at is not None
    assert intent.created_at <= intent.sent_at <= intent.included_at <= time.time()
    assert ticket.wait() == receipt


def test_stages_are_by_one_clock_where_the_chains_is_another(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    """A local chain whose minutes are recorded ones is hours ahead of the machine soon."""
    begun = time.time()
    node.request("evm_setNextBlockTimestamp", int(begun) + 7 * 3600)
    ticket = executor.submit(RECEIVER, b"", value=1)
    assert ticket.wait().timestamp > begun + 6 * 3600
    intent = journal.intent(ticket.hash)
    assert intent.sent_at is not None
    assert intent.included_at is not None
    assert begun <= intent.sent_at <= intent.included_at <= time.time()


def test_the_time_in_which_nothing_ran_is_not_a_stage_of_a_transaction(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    """It was sent, the process died, and the next one found it in a block."""
    sent = executor.submit(RECEIVER, b"", value=1)
    executor.close()
    with Executor(node, KEY, journal, Settings(mined_within=10)) as later:
        later.recover()
    intent = journal.intent(sent.hash)
    assert (intent.state, intent.included_at) == (IntentState.CONFIRMED, None)


def test_what_it_is_for_is_written_with_it(executor: Executor, journal: Journal) -> None:
    purpose = Purpose("executeStrike", b"d" * 32, RECEIVER, 2**64 - 1, "bar-7")
    intent = journal.intent(executor.submit(RECEIVER, b"", purpose=purpose).hash)
    assert (intent.action, intent.digest) == ("executeStrike", b"d" * 32)
    assert (intent.engine, intent.engine_nonce) == (RECEIVER, 2**64 - 1)
    assert (intent.causation_id, intent.account) == ("bar-7", KEY.address)


def test_several_are_on_their_way_at_once(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    node.request("evm_setAutomine", False)
    first = node.nonce(KEY.address)
    tickets = [executor.submit(RECEIVER, b"", value=1) for _ in range(20)]
    nonces = [intent.account_nonce for intent in journal.intents()]
    assert nonces == list(range(first, first + 20))
    node.mine()
    assert {ticket.wait().block_number for ticket in tickets} == {node.block_number()}
    assert states(journal) == [IntentState.CONFIRMED] * 20


def test_what_would_revert_is_neither_written_nor_sent(
    executor: Executor, journal: Journal
) -> None:
    reverter = executor.submit(None, REVERTER).wait().contract_address
    assert reverter is not None
    with pytest.raises(Reverted) as refused:
        executor.submit(reverter, b"\x12\x34\x56\x78")
    assert refused.value.data == b"\x12\x34\x56\x78"
    assert len(journal.intents()) == 1


def test_what_fails_when_mined_is_confirmed_with_its_error(
    executor: Executor, journal: Journal
) -> None:
    reverter = executor.submit(None, REVERTER).wait().contract_address
    ticket = executor.submit(reverter, b"\x12\x34\x56\x78", gas=GAS)
    with pytest.raises(Reverted) as failed:
        ticket.wait()
    assert failed.value.data == b"\x12\x34\x56\x78"
    intent = journal.intent(ticket.hash)
    assert intent.state is IntentState.CONFIRMED
    assert intent.error is not None
    assert "0x12345678" in intent.error
    assert executor.submit(RECEIVER, b"").wait().succeeded


def test_a_deterministic_refusal_is_rejected_and_its_nonce_is_free_again(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    with pytest.raises(TransactionRefused):
        executor.submit(RECEIVER, b"", value=10**6 * ETHER, gas=21_000)
    (rejected,) = journal.intents()
    assert rejected.state is IntentState.REJECTED
    assert rejected.error is not None
    executor.submit(RECEIVER, b"", value=1).wait()
    assert journal.intents()[1].account_nonce == rejected.account_nonce


def test_a_node_that_is_not_there_gets_nothing(
    watched: Watched, sender: Executor, journal: Journal
) -> None:
    def gone(signed: bytes) -> None:
        raise NodeUnavailable(watched.url, "no connection", sent=False)

    watched.on_broadcast = gone
    with pytest.raises(NodeUnavailable):
        sender.submit(RECEIVER, b"", value=1, gas=21_000)
    assert states(journal) == [IntentState.REJECTED]
    watched.on_broadcast = lambda signed: None
    assert sender.submit(RECEIVER, b"", value=1).wait().succeeded


@pytest.mark.parametrize("arrived", [True, False])
def test_a_time_out_is_unknown_until_there_is_a_receipt(
    watched: Watched, sender: Executor, journal: Journal, arrived: bool
) -> None:
    """Whether the node got it or not: the same bytes are sent again, and it is mined once."""
    balance = watched.balance(RECEIVER)
    lost: list[bytes] = []

    class Silent(Watched):
        def broadcast(self, signed: bytes) -> Outcome | None:
            if lost:
                return super().broadcast(signed)
            lost.append(signed)
            if arrived:
                super().broadcast(signed)
            return Outcome.UNKNOWN

    sender = Executor(Silent(watched.url), KEY, journal, Settings(mined_within=10))
    ticket = sender.submit(RECEIVER, b"", value=1)
    assert states(journal) == [IntentState.UNKNOWN]
    assert ticket.wait().succeeded
    assert states(journal) == [IntentState.CONFIRMED]
    assert watched.balance(RECEIVER) == balance + 1


def test_what_a_node_has_already_is_on_its_way(
    watched: Watched, sender: Executor, journal: Journal
) -> None:
    watched.request("evm_setAutomine", False)
    watched.on_broadcast = lambda signed: AnvilTransport.broadcast(watched, signed)
    ticket = sender.submit(RECEIVER, b"", value=1)
    assert states(journal) == [IntentState.ALREADY_THERE]
    watched.mine()
    assert ticket.wait().succeeded


def test_what_a_node_has_forgotten_is_sent_again(node: AnvilTransport, journal: Journal) -> None:
    settings = Settings(mined_within=10, resend_after=0.1)
    executor = Executor(node, KEY, journal, settings)
    node.request("evm_setAutomine", False)
    ticket = executor.submit(RECEIVER, b"", value=1)
    node.request("anvil_dropTransaction", "0x" + ticket.hash.hex())
    node.request("evm_setAutomine", True)
    assert ticket.wait().succeeded
    assert len(journal.intents()) == 1


def test_one_that_is_not_mined_in_time_keeps_its_hash_and_may_be_waited_for_again(
    node: AnvilTransport, journal: Journal
) -> None:
    executor = Executor(node, KEY, journal, Settings(mined_within=0.1))
    node.request("evm_setAutomine", False)
    ticket = executor.submit(RECEIVER, b"", value=1)
    with pytest.raises(TransactionNotMined) as late:
        ticket.wait()
    assert late.value.transaction_hash == ticket.hash
    assert states(journal) == [IntentState.SENT]
    node.mine()
    assert executor.ticket(ticket.hash).wait().succeeded
    assert states(journal) == [IntentState.CONFIRMED]


def test_another_use_of_the_key_is_noticed(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    executor.submit(RECEIVER, b"").wait()
    foreign = node.send(KEY, RECEIVER, b"")
    with pytest.raises(NonceTaken):
        executor.submit(RECEIVER, b"", value=1)
    assert states(journal) == [IntentState.CONFIRMED, IntentState.FOREIGN]
    assert executor.submit(RECEIVER, b"", value=1).wait().succeeded
    assert foreign.transaction_hash not in {intent.hash for intent in journal.intents()}


def test_another_use_of_the_key_does_not_stop_what_can_not_happen_twice(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    executor.submit(RECEIVER, b"").wait()
    node.send(KEY, RECEIVER, b"")
    purpose = Purpose("executeStrike", engine=RECEIVER, engine_nonce=7)
    assert executor.submit(RECEIVER, b"", purpose=purpose).wait().succeeded
    assert states(journal)[1:] == [IntentState.FOREIGN, IntentState.CONFIRMED]


def test_it_sends_on_a_chain_in_this_process_too() -> None:
    chain = RevmTransport()
    chain.set_balance(KEY.address, ETHER)
    with Journal.open("sqlite://") as journal:
        executor = Executor(chain, KEY, journal)
        tickets = [executor.submit(RECEIVER, b"", value=5) for _ in range(3)]
        assert all(ticket.wait().succeeded for ticket in tickets)
        assert chain.balance(RECEIVER) == 15
        assert states(journal) == [IntentState.CONFIRMED] * 3


def test_two_executors_of_one_key_do_not_send_side_by_side(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    executor.submit(RECEIVER, b"", value=1).wait()
    newer = Executor(node, KEY, journal)
    newer.submit(RECEIVER, b"", value=1).wait()
    nonce = node.nonce(KEY.address)
    with pytest.raises(LeaseLost):
        executor.submit(RECEIVER, b"", value=1)
    assert node.nonce(KEY.address) == nonce
    assert newer.submit(RECEIVER, b"", value=1).wait().succeeded
    newer.close()


def test_what_went_before_is_counted_by_the_next(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    """Also what no node shows any more."""
    node.request("evm_setAutomine", False)
    ticket = executor.submit(RECEIVER, b"", value=1)
    node.request("anvil_dropTransaction", "0x" + ticket.hash.hex())
    executor.close()
    newer = Executor(node, KEY, journal, Settings(mined_within=10))
    later = newer.submit(RECEIVER, b"", value=1)
    assert [intent.account_nonce for intent in journal.intents()] == [
        journal.intent(ticket.hash).account_nonce,
        journal.intent(ticket.hash).account_nonce + 1,
    ]
    newer.recover()
    node.request("evm_setAutomine", True)
    node.mine()
    assert newer.ticket(ticket.hash).wait().succeeded
    assert later.wait().succeeded
