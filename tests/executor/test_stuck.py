"""What is stuck is replaced by fee, or cancelled; nonces that nothing has are used up."""

from __future__ import annotations

import pytest

from macrostrike.chain import AnvilTransport, Fees, Purpose
from macrostrike.chain.signed import read_signed
from macrostrike.executor import Executor, FeeAboveCeiling, Settings, TransactionCancelled
from macrostrike.executor._fees import replacing, within
from macrostrike.journal import IntentState, Journal

from ..predictions import prediction
from .conftest import KEY, RECEIVER

GWEI = 10**9
HASTY = Settings(mined_within=10, resend_after=0.2, replace_after=0.2)


@pytest.fixture
def hasty(node: AnvilTransport, journal: Journal) -> Executor:
    """On a node that mines on command."""
    node.request("evm_setAutomine", False)
    return Executor(node, KEY, journal, HASTY)


def rise(node: AnvilTransport, gwei: int) -> None:
    """The next block's base fee."""
    node.request("anvil_setNextBlockBaseFeePerGas", hex(gwei * GWEI))


def states(journal: Journal) -> list[IntentState]:
    return [intent.state for intent in journal.intents()]


class MinesLater(AnvilTransport):
    """Mines after so many broadcasts."""

    after = 2

    def broadcast(self, signed: bytes):  # type: ignore[no-untyped-def]
        outcome = super().broadcast(signed)
        self.after -= 1
        if self.after == 0:
            self.mine()
        return outcome


def test_a_stuck_transaction_is_signed_again_with_higher_fees(
    node: AnvilTransport, journal: Journal
) -> None:
    node.request("evm_setAutomine", False)
    chain = MinesLater(node.url)
    # The first, once more the same, and the second, which is mined.
    chain.after = 3
    executor = Executor(chain, KEY, journal, HASTY)
    purpose = Purpose("settleStrike", cause="bar-7")
    ticket = executor.submit(RECEIVER, b"", value=1, purpose=purpose)
    receipt = ticket.wait()
    first, second = journal.intents()
    assert receipt.transaction_hash == second.hash != ticket.hash == first.hash
    assert (first.state, second.state) == (IntentState.REPLACED, IntentState.CONFIRMED)
    assert first.account_nonce == second.account_nonce
    assert (second.action, second.causation_id) == ("settleStrike", "bar-7")
    before, after = read_signed(first.signed), read_signed(second.signed)
    assert (before.to, before.data, before.value) == (after.to, after.data, after.value)
    assert after.fees.max_fee * 10 >= before.fees.max_fee * 11
    assert receipt.succeeded


def test_the_one_before_may_be_mined_all_the_same(
    node: AnvilTransport, hasty: Executor, journal: Journal
) -> None:
    """A hash that was replaced is looked for as long as either may be mined."""
    ticket = hasty.submit(RECEIVER, b"", value=1)
    node.request("anvil_dropTransaction", "0x" + ticket.hash.hex())
    slot = hasty._slot_of(journal.intents()[0].account_nonce)
    hasty._replace(slot, is_cancelled=False)
    second = journal.intents()[1]
    node.request("anvil_dropTransaction", "0x" + second.hash.hex())
    node.broadcast(journal.intents()[0].signed)
    node.mine()
    assert hasty.ticket(second.hash).wait().transaction_hash == ticket.hash
    assert ticket.wait().transaction_hash == ticket.hash
    assert states(journal) == [IntentState.CONFIRMED, IntentState.REPLACED]


def test_what_a_reorganisation_took_out_keeps_its_nonce(
    node: AnvilTransport, journal: Journal
) -> None:
    first = Executor(node, KEY, journal, HASTY).submit(RECEIVER, b"", value=1)
    assert first.wait().succeeded
    node.request("anvil_rollback", 1)
    node.request("anvil_dropAllTransactions")
    # Another process, that asks the chain: by it, the nonce is free.
    again = Executor(node, KEY, journal, HASTY)
    later = again.submit(RECEIVER, b"", value=2)
    assert [each.account_nonce for each in journal.intents()] == [0, 1]
    again.recover()
    assert later.wait().succeeded
    assert first.wait().transaction_hash == first.hash
    assert states(journal) == [IntentState.CONFIRMED] * 2


def test_nothing_is_offered_above_the_ceiling(node: AnvilTransport, journal: Journal) -> None:
    executor = Executor(node, KEY, journal, Settings(max_fee_per_gas=50 * GWEI))
    rise(node, 100)
    node.mine()
    with pytest.raises(FeeAboveCeiling) as refused:
        executor.submit(RECEIVER, b"", value=1)
    assert refused.value.ceiling == 50 * GWEI
    assert refused.value.needed > 50 * GWEI
    assert journal.intents() == []


def test_what_may_cost_no_more_waits(node: AnvilTransport, journal: Journal) -> None:
    node.request("evm_setAutomine", False)
    fees = node.fees()
    ceiling = fees.max_fee * 105 // 100
    executor = Executor(
        node, KEY, journal, Settings(max_fee_per_gas=ceiling, resend_after=0, replace_after=0)
    )
    ticket = executor.submit(RECEIVER, b"", value=1)
    executor.recover()
    assert len(journal.intents()) == 1
    node.mine()
    assert ticket.wait().succeeded


def test_a_transaction_can_be_taken_back(
    node: AnvilTransport, hasty: Executor, journal: Journal
) -> None:
    balance = node.balance(RECEIVER)
    ticket = hasty.submit(RECEIVER, b"", value=1, purpose=Purpose("executeStrike"))
    taken_back = hasty.cancel(ticket.hash)
    node.mine()
    with pytest.raises(TransactionCancelled) as cancelled:
        ticket.wait()
    assert cancelled.value.transaction_hash == ticket.hash
    assert taken_back.wait().transaction_hash == cancelled.value.cancelled_by
    assert node.balance(RECEIVER) == balance
    first, second = journal.intents()
    assert (first.state, second.state) == (IntentState.REPLACED, IntentState.CONFIRMED)
    assert second.action == "cancel"


def test_a_prediction_that_has_expired_is_taken_back_when_it_is_stuck(
    node: AnvilTransport, journal: Journal
) -> None:
    node.request("evm_setAutomine", False)
    said = prediction(RECEIVER, 7, valid_until=node.timestamp())
    journal.record_prediction(said, b"d" * 32, b"", source="engine")
    node.mine(30)
    executor = Executor(node, KEY, journal, Settings(resend_after=0, replace_after=0))
    executor.submit(
        RECEIVER, b"", value=1, purpose=Purpose("executeStrike", b"d" * 32, RECEIVER, 7)
    )
    executor.recover()
    node.mine()
    executor.recover()
    assert [intent.action for intent in journal.intents()] == ["executeStrike", "cancel"]
    assert states(journal) == [IntentState.REPLACED, IntentState.CONFIRMED]


def test_a_gap_is_filled_so_that_later_ones_can_be_mined(
    node: AnvilTransport, hasty: Executor, journal: Journal
) -> None:
    """A nonce was given to what was then refused, while the next was on its way already."""
    lost = hasty.submit(RECEIVER, b"", value=1)
    later = hasty.submit(RECEIVER, b"", value=1)
    node.request("anvil_dropAllTransactions")
    journal.change_intent(lost.hash, IntentState.REJECTED)
    found = hasty.recover()
    filled = journal.intents()[-1]
    assert (filled.action, filled.account_nonce) == ("cancel", journal.intents()[0].account_nonce)
    assert filled.hash in {each.intent.hash for each in found}
    node.mine()
    assert later.wait().succeeded
    hasty.recover()
    assert states(journal)[1:] == [IntentState.CONFIRMED, IntentState.CONFIRMED]


def test_recovery_finds_what_was_mined_and_leaves_the_rest(
    node: AnvilTransport, executor: Executor, journal: Journal
) -> None:
    tickets = [executor.submit(RECEIVER, b"", value=1) for _ in range(3)]
    assert states(journal) == [IntentState.SENT] * 3
    found = executor.recover()
    assert [each.state for each in found] == [IntentState.CONFIRMED] * 3
    assert [each.intent.hash for each in found] == [ticket.hash for ticket in tickets]
    assert executor.recover() == []


def test_a_reorganised_transaction_is_sent_again(node: AnvilTransport, journal: Journal) -> None:
    """It was confirmed, its block was replaced, and the journal's index has noticed."""
    executor = Executor(node, KEY, journal)
    first_block = node.block_number()
    journal.sync(node, RECEIVER, first_block)
    ticket = executor.submit(RECEIVER, b"", value=1)
    ticket.wait()
    journal.sync(node, RECEIVER, first_block)
    node.request("anvil_reorg", 1, [])
    journal.sync(node, RECEIVER, first_block)
    assert states(journal) == [IntentState.UNKNOWN]
    executor.recover()
    assert ticket.wait().succeeded
    assert states(journal) == [IntentState.CONFIRMED]


@pytest.mark.parametrize(
    ("fees", "ceiling", "offered"),
    [
        (Fees(30, 2), None, Fees(30, 2)),
        (Fees(30, 2), 30, Fees(30, 2)),
        (Fees(30, 2), 16, Fees(16, 2)),
        (Fees(30, 2), 15, None),
        (Fees(30, None), 30, Fees(30, None)),
        (Fees(30, None), 29, None),
    ],
)
def test_fees_are_within_the_ceiling_or_refused(
    fees: Fees, ceiling: int | None, offered: Fees | None
) -> None:
    if offered is not None:
        assert within(fees, ceiling) == offered
        return
    with pytest.raises(FeeAboveCeiling):
        within(fees, ceiling)


def test_a_replacement_offers_more_of_both() -> None:
    assert replacing(Fees(1000, 100), Fees(500, 50), None) == Fees(1131, 114)
    assert replacing(Fees(1000, 100), Fees(5000, 900), None) == Fees(5000, 900)
    assert replacing(Fees(1000, None), Fees(500, None), None) == Fees(1131, None)
    assert replacing(Fees(1000, 100), Fees(500, 50), 1101) == Fees(1101, 114)
    assert replacing(Fees(1000, 100), Fees(500, 50), 1100) is None
