"""What is put into a chain in this process by hand is taken back with a snapshot, as all else."""

from __future__ import annotations

from macrostrike.chain import RevmTransport

from ..evm import Payer, Sender, put_code, put_word, undone

RICH, POOR = "0x" + "11" * 20, "0x" + "22" * 20
ETHER = 10**18
STORES_SEVEN = bytes.fromhex("600760005500")  # sstore(0, 7)


def test_ether() -> None:
    chain = RevmTransport()
    chain.set_balance(RICH, 3 * ETHER)
    with undone(chain):
        chain.set_balance(RICH, 5 * ETHER)
        chain.set_balance(POOR, ETHER)
    assert (chain.balance(RICH), chain.balance(POOR)) == (3 * ETHER, 0)


def test_ether_that_was_sent_before_and_after() -> None:
    chain = RevmTransport()
    chain.set_balance(RICH, 3 * ETHER)
    with undone(chain):
        Payer(chain, Sender(RICH)).send(POOR, b"", ETHER)
        chain.set_balance(RICH, 10 * ETHER)
        Payer(chain, Sender(RICH)).send(POOR, b"", 4 * ETHER)
        assert (chain.balance(RICH), chain.balance(POOR)) == (6 * ETHER, 5 * ETHER)
    assert (chain.balance(RICH), chain.balance(POOR)) == (3 * ETHER, 0)


def test_code() -> None:
    chain = RevmTransport()
    with undone(chain):
        put_code(chain, POOR, STORES_SEVEN)
        Payer(chain, Sender(RICH)).send(POOR, b"")
        assert chain.storage(POOR, 0)[-1] == 7
    Payer(chain, Sender(RICH)).send(POOR, b"")
    assert (chain.code(POOR), chain.storage(POOR, 0)[-1]) == (b"", 0)


def test_code_where_ether_was() -> None:
    chain = RevmTransport()
    chain.set_balance(POOR, ETHER)
    with undone(chain):
        put_code(chain, POOR, STORES_SEVEN)
    Payer(chain, Sender(RICH)).send(POOR, b"")
    assert (chain.balance(POOR), chain.storage(POOR, 0)[-1]) == (ETHER, 0)


def test_words() -> None:
    chain = RevmTransport()
    put_code(chain, POOR, STORES_SEVEN)
    with undone(chain):
        put_word(chain, POOR, 0, 5)
        put_word(chain, POOR, 1, 6)
        Payer(chain, Sender(RICH)).send(POOR, b"")
        assert [chain.storage(POOR, slot)[-1] for slot in (0, 1)] == [7, 6]
    assert [chain.storage(POOR, slot)[-1] for slot in (0, 1)] == [0, 0]


def test_words_that_the_contract_wrote_before() -> None:
    chain = RevmTransport()
    put_code(chain, POOR, STORES_SEVEN)
    with undone(chain):
        Payer(chain, Sender(RICH)).send(POOR, b"")
        put_word(chain, POOR, 0, 5)
    assert chain.storage(POOR, 0)[-1] == 0


def test_the_inner_of_two_snapshots() -> None:
    chain = RevmTransport()
    with undone(chain):
        chain.set_balance(RICH, ETHER)
        with undone(chain):
            chain.set_balance(RICH, 2 * ETHER)
        assert chain.balance(RICH) == ETHER
    assert chain.balance(RICH) == 0
