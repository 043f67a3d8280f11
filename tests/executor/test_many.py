"""Many at once: one commit and one request a portion, and each its own outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from macrostrike.chain import AnvilTransport, Call, Outcome, Purpose, Receipt, RpcTransport
from macrostrike.errors import ChainError, NodeUnavailable, TransactionRefused
from macrostrike.executor import Executor, NonceJump, Settings
from macrostrike.executor._many import FIRST_PORTION
from macrostrike.journal import IntentState, Journal, JournalUnavailable
from tests.faults import FaultProxy, Rule, drop_after, drop_before, error, on, status

from .conftest import KEY, RECEIVER

SETTINGS = Settings(mined_within=10, resend_after=0.2, max_per_second=None)
# Nothing is sent again where the machine is slow, which would ask for receipts one by one.
PATIENT = Settings(mined_within=60, resend_after=30, max_per_second=None)
COUNT = 50


def calls(count: int = COUNT, value: int = 1) -> list[Call]:
    purpose = Purpose("rebalance")
    return [Call(RECEIVER, b"", 21_000, purpose, value + at) for at in range(count)]


def mine_by_the_clock(node: AnvilTransport) -> None:
    """A block a second. Where anvil mines at once, it misses some of what comes meanwhile."""
    node.request("evm_setAutomine", False)
    node.request("evm_setIntervalMining", 1)


@pytest.fixture
def proxy(node: AnvilTransport) -> Iterator[FaultProxy]:
    with FaultProxy(node.url) as between:
        yield between


@pytest.fixture
def many(proxy: FaultProxy, journal: Journal, node: AnvilTransport) -> Executor:
    mine_by_the_clock(node)
    chain = RpcTransport(proxy.url, timeout=2.0, patience=0.3)
    return Executor(chain, KEY, journal, SETTINGS)


def mined(results: list[object]) -> list[Receipt]:
    assert all(isinstance(each, Receipt) for each in results), results
    return results  # type: ignore[return-value]


def test_all_are_written_before_they_are_sent_and_mined_in_order(
    many: Executor, journal: Journal, proxy: FaultProxy, node: AnvilTransport
) -> None:
    before = node.balance(RECEIVER)
    tickets = many.submit_many(calls())
    receipts = mined(many.wait_many(tickets))  # type: ignore[arg-type, list-item]
    assert [each.transaction_hash for each in receipts] == [t.hash for t in tickets]  # type: ignore[union-attr]
    rows = journal.intents()
    assert [row.account_nonce for row in rows] == list(range(COUNT))
    assert {row.state for row in rows} == {IntentState.CONFIRMED}
    assert all(row.sent_at and row.included_at and row.gas_used == 21_000 for row in rows)
    assert node.balance(RECEIVER) - before == sum(range(1, COUNT + 1))
    assert proxy.count("batch") < 12, "portions, not single requests"


class Counted(AnvilTransport):
    """A node's transport that counts what is sent together, and which receipts are asked for."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.sent: list[int] = []
        self.asked: list[bytes] = []
        self.before_first: Callable[[], object] = lambda: None

    def broadcast_many(self, signed: Sequence[bytes]) -> list[Outcome | ChainError | None]:
        if not self.sent:
            self.before_first()
        self.sent.append(len(signed))
        return super().broadcast_many(signed)

    def receipts(self, hashes: Sequence[bytes]) -> list[Receipt | None]:
        self.asked += hashes
        return super().receipts(hashes)


def until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_portions_that_wait_leave_together(journal: Journal, node: AnvilTransport) -> None:
    mine_by_the_clock(node)
    chain = Counted(node.url)
    chain.before_first = lambda: until(lambda: len(journal.intents()) == 6 * FIRST_PORTION)
    executor = Executor(chain, KEY, journal, PATIENT)
    tickets = executor.submit_many(calls(6 * FIRST_PORTION))
    assert chain.sent == [FIRST_PORTION, 5 * FIRST_PORTION]
    mined(executor.wait_many(tickets))  # type: ignore[arg-type, list-item]


def test_threads_that_wait_ask_once_for_each_receipt(
    journal: Journal, node: AnvilTransport
) -> None:
    mine_by_the_clock(node)
    chain = Counted(node.url)
    executor = Executor(chain, KEY, journal, PATIENT)

    def send(count: int) -> list[Receipt]:
        return mined(executor.wait_many(executor.submit_many(calls(count))))  # type: ignore[arg-type, list-item]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(send, (10, 20, 30, 40)))
    assert [len(each) for each in found] == [10, 20, 30, 40]
    hashes = {receipt.transaction_hash for each in found for receipt in each}
    # And none before it is there: a small question tells how many are mined.
    assert sorted(chain.asked) == sorted(hashes)
    assert len(hashes) == 100


def test_that_it_has_left_is_written_where_its_receipt_lingers(
    journal: Journal, node: AnvilTransport
) -> None:
    executor = Executor(node, KEY, journal, Settings(mined_within=20))
    node.request("evm_setAutomine", False)
    tickets = executor.submit_many(calls(3))
    assert {row.state for row in journal.intents()} == {IntentState.PREPARED}
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(executor.wait_many, tickets)  # type: ignore[arg-type]
        until(lambda: {row.state for row in journal.intents()} == {IntentState.SENT})
        node.mine()
        mined(waiting.result())  # type: ignore[arg-type]
    rows = journal.intents()
    assert {row.state for row in rows} == {IntentState.CONFIRMED}
    assert all(row.sent_at for row in rows)


def test_that_it_has_left_is_written_when_the_executor_is_closed(
    journal: Journal, node: AnvilTransport
) -> None:
    with Executor(node, KEY, journal, SETTINGS) as executor:
        executor.submit_many(calls(3))
    assert {row.state for row in journal.intents()} == {IntentState.SENT}


@pytest.mark.parametrize(
    "fault",
    [
        on("batch", drop_after, times=3),
        on("batch", drop_before, times=3),
        on("batch", status(502, forwarded=True), times=3),
        on("batch", status(413), times=2),
        on("batch", error(-32600, "batch too large"), times=2),
        on("batch", error(-32603, "Internal error", forwarded=True), times=3),
        on("batch", error(-32005, "limit exceeded"), times=3),
        on("eth_sendRawTransaction", error(-32603, "Internal error", forwarded=True), after=3),
    ],
    ids=[
        "cut after",
        "cut before",
        "502 after",
        "413",
        "no batches",
        "error after",
        "limit",
        "each",
    ],
)
def test_whatever_becomes_of_a_request_each_is_mined_once(
    many: Executor, journal: Journal, proxy: FaultProxy, node: AnvilTransport, fault: Rule
) -> None:
    before = node.balance(RECEIVER)
    many.recover()
    proxy.rules.append(fault)
    tickets = many.submit_many(calls())
    receipts = mined(many.wait_many(tickets))  # type: ignore[arg-type, list-item]
    assert node.balance(RECEIVER) - before == sum(range(1, COUNT + 1))
    assert {row.state for row in journal.intents()} == {IntentState.CONFIRMED}
    blocks = {each.block_number for each in receipts}
    assert len(blocks) < 6, "what is sent again is sent together"


def test_what_is_refused_holds_nothing_up(
    many: Executor, journal: Journal, node: AnvilTransport
) -> None:
    poor = Call(RECEIVER, b"", 21_000, Purpose("rebalance"), value=10**24)
    results = many.submit_many([*calls(3), poor, *calls(3, value=9)])
    assert isinstance(results[3], TransactionRefused)
    tickets = [each for each in results if not isinstance(each, Exception)]
    assert len(tickets) == 6
    mined(many.wait_many(tickets))  # type: ignore[arg-type]
    # Its nonce was used up by a transaction that does nothing.
    assert node.nonce(KEY.address) == 7
    states = [(row.account_nonce, row.action, row.state) for row in journal.intents()]
    assert (3, "rebalance", IntentState.REJECTED) in states
    assert any(nonce == 3 and action == "cancel" for nonce, action, _ in states)


def test_a_prediction_too_far_ahead_of_those_with_it_is_not_sent(many: Executor) -> None:
    def struck(nonce: int) -> Call:
        return Call(RECEIVER, b"", 21_000, Purpose("executeStrike", None, KEY.address, nonce))

    first, jump, last = many.submit_many([struck(5), struck(133), struck(132)])
    assert isinstance(jump, NonceJump)
    assert (jump.nonce, jump.waiting) == (133, 5)
    mined(many.wait_many([first, last]))  # type: ignore[list-item]


def test_a_journal_that_can_not_be_written_stops_what_is_not_written(
    many: Executor, journal: Journal, node: AnvilTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, portions = journal.prepare, [0]

    def full(intents, lease=None):  # type: ignore[no-untyped-def]
        portions[0] += 1
        if portions[0] == 2:
            raise JournalUnavailable("disk is full")
        return prepare(intents, lease)

    monkeypatch.setattr(journal, "prepare", full)
    results = many.submit_many(calls())
    sent = [each for each in results if not isinstance(each, Exception)]
    assert all(isinstance(each, JournalUnavailable) for each in results[len(sent) :])
    mined(many.wait_many(sent))  # type: ignore[arg-type]
    assert node.nonce(KEY.address) == len(sent) == len(journal.intents()) == FIRST_PORTION
    monkeypatch.undo()
    mined(many.wait_many(many.submit_many(calls(2))))  # type: ignore[arg-type]


def test_a_node_that_is_gone_is_said_of_each(journal: Journal, node: AnvilTransport) -> None:
    class Gone(AnvilTransport):
        def broadcast_many(self, signed):  # type: ignore[no-untyped-def]
            return [NodeUnavailable(self.url, "no connection", sent=False) for _ in signed]

    results = Executor(Gone(node.url), KEY, journal, SETTINGS).submit_many(calls(3))
    assert all(isinstance(each, NodeUnavailable) for each in results)
    assert {row.state for row in journal.intents()} == {IntentState.REJECTED}
