"""Both transports are one chain to those who use them: same calls, same answers, same refusals."""

from __future__ import annotations

import pytest
from eth_account import Account

from macrostrike.chain import LocalTransport, Reverted, RevmTransport
from macrostrike.errors import NodeError

SENDER = Account.from_key("0x" + "a1" * 32)
RECEIVER = Account.from_key("0x" + "b0" * 32)
ETHER = 10**18

# Any call adds 1 to slot 0 and to a transient slot, logs the latter under topic 0x77 and returns
# it; a call with data then reverts with that data.
_COUNT = bytes.fromhex("5f546001015f55" + "5f5c600101805f5d5f52" + "607760205fa1")
_REVERTS_AT = len(_COUNT) + 8
COUNTER = _COUNT + bytes.fromhex(f"3660{_REVERTS_AT:02x}5760205ff3" + "5b365f5f37365ffd")
# Returns the block's time.
CLOCK = bytes.fromhex("425f5260205ff3")
TOPIC = (0x77).to_bytes(32, "big")
OTHER_TOPIC = (0x78).to_bytes(32, "big")


def creation_of(runtime: bytes) -> bytes:
    return bytes.fromhex(f"60{len(runtime):02x}600c60003960{len(runtime):02x}6000f3") + runtime


@pytest.fixture
def chain(local_chain: LocalTransport) -> LocalTransport:
    local_chain.set_balance(SENDER.address, 100 * ETHER)
    return local_chain


@pytest.fixture
def counter(chain: LocalTransport) -> str:
    return str(chain.send(SENDER, None, creation_of(COUNTER)).contract_address)


def number(answer: bytes) -> int:
    return int.from_bytes(answer, "big")


def test_the_chains_id_is_that_of_local_chains(chain: LocalTransport) -> None:
    assert chain.chain_id == 31337


def test_a_contract_is_created_where_the_senders_nonce_says(chain: LocalTransport) -> None:
    chain.send(SENDER, RECEIVER.address, b"", value=1)
    receipt = chain.send(SENDER, None, creation_of(COUNTER))
    assert receipt.contract_address == "0xF68aF9bd6feCD335607d1079AECaceAA265e7d04"
    assert chain.code(receipt.contract_address) == COUNTER
    assert chain.code(SENDER.address) == b""


def test_ether_moves_and_balances_tell(chain: LocalTransport) -> None:
    before = chain.balance(RECEIVER.address)
    receipt = chain.send(SENDER, RECEIVER.address, b"", value=3 * ETHER)
    assert chain.balance(RECEIVER.address) - before == 3 * ETHER
    assert receipt.contract_address is None
    assert receipt.logs == ()


def test_every_transaction_is_a_block_later_by_the_block_time(chain: LocalTransport) -> None:
    chain.block_time = 7
    first = chain.send(SENDER, RECEIVER.address, b"")
    second = chain.send(SENDER, RECEIVER.address, b"")
    assert second.block_number == first.block_number + 1 == chain.block_number()
    assert second.timestamp == first.timestamp + 7 == chain.timestamp()
    assert chain.timestamp(pending=True) == second.timestamp + 7


def test_nonces_count_transactions(chain: LocalTransport, counter: str) -> None:
    assert chain.nonce(SENDER.address) == 1
    chain.send(SENDER, counter, b"")
    assert chain.nonce(SENDER.address) == 2
    assert chain.nonce(RECEIVER.address) == 0


def test_a_transaction_changes_state_and_logs(chain: LocalTransport, counter: str) -> None:
    receipt = chain.send(SENDER, counter, b"")
    (log,) = receipt.logs
    assert chain.storage(counter, 0) == (1).to_bytes(32, "big")
    assert (log.address, log.topics, number(log.data)) == (counter, (TOPIC,), 1)
    assert log.transaction_hash == receipt.transaction_hash
    assert (log.block_number, log.index) == (receipt.block_number, 0)


def test_transient_storage_ends_with_the_transaction(chain: LocalTransport, counter: str) -> None:
    values = [number(chain.send(SENDER, counter, b"").logs[0].data) for _ in range(3)]
    assert values == [1, 1, 1]
    assert number(chain.call(counter, b"")) == 1


def test_a_call_changes_nothing(chain: LocalTransport, counter: str) -> None:
    block = chain.block_number()
    assert number(chain.call(counter, b"", sender=RECEIVER.address)) == 1
    assert number(chain.storage(counter, 0)) == 0
    assert chain.block_number() == block


def test_a_pending_call_sees_the_next_blocks_clock(chain: LocalTransport) -> None:
    clock = str(chain.send(SENDER, None, creation_of(CLOCK)).contract_address)
    assert number(chain.call(clock, b"")) == chain.timestamp()
    assert number(chain.call(clock, b"", pending=True)) == chain.timestamp(pending=True)
    assert chain.timestamp(pending=True) == chain.timestamp() + chain.block_time


def test_many_calls_see_one_block(chain: LocalTransport, counter: str) -> None:
    clock = str(chain.send(SENDER, None, creation_of(CLOCK)).contract_address)
    # More than a node is asked at once.
    answers = chain.call_many([(clock, b""), (counter, b"")] * 120)
    assert [number(answer) for answer in answers] == [chain.timestamp(), 1] * 120
    assert number(chain.storage(counter, 0)) == 0
    assert chain.call_many([(clock, b"")], block=chain.block_number()) == answers[:1]
    assert chain.call_many([]) == []


def test_of_many_calls_one_that_reverts_is_the_answer(chain: LocalTransport, counter: str) -> None:
    with pytest.raises(Reverted) as failure:
        chain.call_many([(counter, b""), (counter, b"why")])
    assert failure.value.data == b"why"


def test_gas_has_a_price(chain: LocalTransport) -> None:
    assert chain.gas_price() >= 0


def test_an_estimate_covers_what_is_used(chain: LocalTransport, counter: str) -> None:
    estimate = chain.estimate_gas(counter, b"", sender=SENDER.address)
    assert chain.send(SENDER, counter, b"", gas=estimate).gas_used <= estimate
    creation = chain.estimate_gas(None, creation_of(COUNTER), sender=SENDER.address)
    assert chain.send(SENDER, None, creation_of(COUNTER), gas=creation).gas_used <= creation


def test_a_revert_comes_with_its_data(chain: LocalTransport, counter: str) -> None:
    with pytest.raises(Reverted) as called:
        chain.call(counter, b"why")
    with pytest.raises(Reverted) as estimated:
        chain.estimate_gas(counter, b"why")
    assert called.value.data == estimated.value.data == b"why"


def test_what_would_revert_is_not_sent(chain: LocalTransport, counter: str) -> None:
    block, nonce = chain.block_number(), chain.nonce(SENDER.address)
    with pytest.raises(Reverted) as refused:
        chain.send(SENDER, counter, b"why")
    assert refused.value.data == b"why"
    assert (chain.block_number(), chain.nonce(SENDER.address)) == (block, nonce)


def test_with_a_gas_limit_it_is_mined_and_says_why_it_failed(
    chain: LocalTransport, counter: str
) -> None:
    block, nonce = chain.block_number(), chain.nonce(SENDER.address)
    with pytest.raises(Reverted) as failed:
        chain.send(SENDER, counter, b"why", gas=200_000)
    assert failed.value.data == b"why"
    assert (chain.block_number(), chain.nonce(SENDER.address)) == (block + 1, nonce + 1)
    assert number(chain.storage(counter, 0)) == 0


def test_gas_that_runs_out_is_said(chain: LocalTransport, counter: str) -> None:
    with pytest.raises(Reverted) as failed:
        chain.send(SENDER, counter, b"", gas=22_000)
    assert failed.value.data == b""
    assert "outofgas" in failed.value.reason.lower().replace(" ", "")


def test_a_creation_that_fails_leaves_no_contract(chain: LocalTransport) -> None:
    nonce = chain.nonce(SENDER.address)
    with pytest.raises(Reverted) as failed:
        chain.send(SENDER, None, bytes.fromhex("60aa5f5360015ffd"), gas=100_000)
    assert failed.value.data == b"\xaa"
    receipt = chain.send(SENDER, None, creation_of(COUNTER))
    assert receipt.contract_address == "0xF68aF9bd6feCD335607d1079AECaceAA265e7d04"
    assert chain.nonce(SENDER.address) == nonce + 2


def test_ether_that_is_not_there_is_refused_by_the_node(chain: LocalTransport) -> None:
    block, nonce = chain.block_number(), chain.nonce(SENDER.address)
    with pytest.raises(NodeError):
        chain.send(SENDER, RECEIVER.address, b"", value=10**30, gas=21_000)
    assert (chain.block_number(), chain.nonce(SENDER.address)) == (block, nonce)


def test_logs_are_found_by_address_topic_and_block(chain: LocalTransport, counter: str) -> None:
    other = str(chain.send(SENDER, None, creation_of(COUNTER)).contract_address)
    first, second = chain.send(SENDER, counter, b""), chain.send(SENDER, other, b"")
    start = first.block_number
    assert chain.logs(from_block=start) == [*first.logs, *second.logs]
    assert chain.logs(counter, start) == list(first.logs)
    assert chain.logs(counter.lower(), start) == list(first.logs)
    assert chain.logs([counter, other], start) == [*first.logs, *second.logs]
    assert chain.logs(from_block=start, to_block=start) == list(first.logs)
    assert chain.logs(other, start, topics=[TOPIC]) == list(second.logs)
    assert chain.logs(other, start, topics=[None]) == list(second.logs)
    assert chain.logs(other, start, topics=[[OTHER_TOPIC, TOPIC]]) == list(second.logs)
    assert chain.logs(other, start, topics=[OTHER_TOPIC]) == []
    assert chain.logs(SENDER.address, start) == []


def test_mining_adds_empty_blocks_at_the_time_asked_for(chain: LocalTransport) -> None:
    block, time = chain.block_number(), chain.timestamp()
    chain.mine()
    assert (chain.block_number(), chain.timestamp()) == (block + 1, time + chain.block_time)
    chain.mine(1000)
    assert (chain.block_number(), chain.timestamp()) == (block + 2, time + chain.block_time + 1000)


def test_a_snapshot_brings_everything_back(chain: LocalTransport, counter: str) -> None:
    chain.send(SENDER, counter, b"")
    state = (chain.block_number(), chain.timestamp(), chain.nonce(SENDER.address))
    snapshot = chain.snapshot()
    chain.send(SENDER, counter, b"")
    created = str(chain.send(SENDER, None, creation_of(COUNTER)).contract_address)
    chain.mine(500)
    chain.revert(snapshot)
    assert (chain.block_number(), chain.timestamp(), chain.nonce(SENDER.address)) == state
    assert number(chain.storage(counter, 0)) == 1
    assert chain.code(created) == b""
    assert len(chain.logs(counter)) == 1
    chain.send(SENDER, counter, b"")
    assert chain.send(SENDER, None, creation_of(COUNTER)).contract_address == created


def test_an_outer_snapshot_takes_the_inner_ones_along(chain: LocalTransport, counter: str) -> None:
    outer = chain.snapshot()
    chain.send(SENDER, counter, b"")
    inner = chain.snapshot()
    chain.send(SENDER, counter, b"")
    chain.revert(outer)
    assert number(chain.storage(counter, 0)) == 0
    for spent in (outer, inner, 10_000):
        with pytest.raises(ValueError, match="no snapshot"):
            chain.revert(spent)


def test_in_process_even_contracts_may_send_for_a_while_and_nothing_of_it_stays() -> None:
    chain = RevmTransport()
    counter = str(chain.send(SENDER, None, creation_of(COUNTER)).contract_address)
    clock = str(chain.send(SENDER, None, creation_of(CLOCK)).contract_address)
    there = chain.code(clock), chain.nonce(clock), chain.block_number()

    class Clock:
        address = clock

        def sign_transaction(self, transaction_dict: object) -> object:
            raise AssertionError("nobody can sign for a contract")

    for _ in range(2):
        with chain.undone(senders=[clock]):
            chain.send(Clock(), counter, b"")
            chain.send(Clock(), counter, b"")
            assert number(chain.storage(counter, 0)) == 2
        assert number(chain.storage(counter, 0)) == 0
        assert (chain.code(clock), chain.nonce(clock), chain.block_number()) == there
    assert number(chain.call(clock, b"")) == chain.timestamp()
    with pytest.raises(NodeError, match="RejectCallerWithCode"):
        chain.send(Clock(), counter, b"")


def test_snapshots_can_be_taken_again_and_again(chain: LocalTransport, counter: str) -> None:
    # revm counts each as one level of call depth, of which there are 1024.
    for _ in range(1100 if isinstance(chain, RevmTransport) else 3):
        chain.snapshot()
        chain.revert(chain.snapshot() - 1)
    assert number(chain.send(SENDER, counter, b"").logs[0].data) == 1


def test_blocks_are_linked_by_their_hashes(chain: LocalTransport) -> None:
    receipt = chain.send(SENDER, RECEIVER.address, b"", value=1)
    chain.mine(7)
    latest = chain.block()
    assert (latest.number, latest.timestamp) == (chain.block_number(), chain.timestamp())
    first, second = chain.blocks([receipt.block_number, latest.number])
    assert second == latest == chain.block(latest.number)
    assert second.parent_hash == first.hash != second.hash
    assert (first.timestamp, second.timestamp) == (receipt.timestamp, receipt.timestamp + 7)
    with pytest.raises(NodeError):
        chain.block(latest.number + 1)


def test_a_block_that_took_anothers_place_has_another_hash(chain: LocalTransport) -> None:
    snapshot = chain.snapshot()
    chain.send(SENDER, RECEIVER.address, b"", value=1)
    before = chain.block()
    chain.revert(snapshot)
    chain.send(SENDER, RECEIVER.address, b"", value=2)
    after = chain.block()
    assert (after.number, after.parent_hash) == (before.number, before.parent_hash)
    assert after.hash != before.hash


def test_a_mined_transaction_is_given_as_its_sender_made_it(
    chain: LocalTransport, counter: str
) -> None:
    receipts = [
        chain.send(SENDER, counter, b""),
        chain.send(SENDER, RECEIVER.address, b"", value=1),
    ]
    asked = [receipt.transaction_hash for receipt in receipts]
    called, paid = chain.transactions(asked)
    assert [called.hash, paid.hash] == asked
    assert (called.account, called.to, called.data) == (SENDER.address, counter, b"")
    assert (called.block_number, called.index) == (receipts[0].block_number, 0)
    assert (called.gas_used, called.gas_price) == (receipts[0].gas_used, receipts[0].gas_price)
    assert paid.to == RECEIVER.address
    assert chain.transactions([]) == []
    with pytest.raises(NodeError):
        chain.transactions([b"\x01" * 32])
