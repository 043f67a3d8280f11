"""The chain in this process: revm, with real bytecode and no node.

Each transaction is a block of its own. Three things differ from a node:

- gas is measured warm: what one transaction has touched is warm for all that follow, so that a
  figure is lower than on a chain. Measure gas on anvil.
- nothing is deducted for gas, and no signature is asked for: the sender is `signer.address`.
- memory grows with every transaction, as revm's journal keeps what a revert would need.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from eth_utils.crypto import keccak

from macrostrike.chain._broadcast import one_by_one
from macrostrike.chain._data_fee import data_costs
from macrostrike.chain._revm_machine import RevmMachine
from macrostrike.chain._revm_results import RevmTicket
from macrostrike.chain.signed import read_signed
from macrostrike.chain.transport import (
    Block,
    DataCost,
    Fees,
    Log,
    Outcome,
    Receipt,
    Signer,
    Terms,
    Topics,
    Transaction,
)
from macrostrike.errors import (
    ChainError,
    NodeError,
    NonceTaken,
    Reverted,
    TransactionRefused,
)
from macrostrike.types import checksummed

_ZERO = "0x" + "00" * 20
_CODE_PADDING = 33  # zeros that revm appends to code when it analyses it, and pyrevm leaves there


class RevmTransport(RevmMachine):
    """A local chain in this process, empty at first. See `Transport` and `LocalTransport`.

    `block_time` is the seconds from one transaction's block to the next; `timestamp` is the
    first block's time.
    """

    confirmations = 1  # each transaction's block is the last word
    first_look = 0.001

    def final_block(self) -> int:
        return self._number

    def block_number(self) -> int:
        return self._number

    def block(self, number: int | None = None) -> Block:
        return self.blocks([self._number if number is None else number])[0]

    def blocks(self, numbers: Sequence[int]) -> list[Block]:
        with self._lock:
            return [self._block(number) for number in numbers]

    def timestamp(self, *, pending: bool = False) -> int:
        return self._timestamp + (self.block_time if pending else 0)

    def code(self, address: str) -> bytes:
        return (self._evm.get_code(address) or b"")[:-_CODE_PADDING]

    def storage(self, address: str, slot: int) -> bytes:
        return self._evm.storage(address, slot).to_bytes(32, "big")

    def call(
        self,
        to: str,
        data: bytes,
        *,
        sender: str | None = None,
        value: int = 0,
        gas: int | None = None,
        pending: bool = False,
    ) -> bytes:
        with self._undone(pending):
            return self._message(sender or _ZERO, to, data, value, gas)

    def call_many(
        self, calls: Sequence[tuple[str, bytes]], *, block: int | Block | None = None
    ) -> list[bytes]:
        with self._lock:
            if isinstance(block, Block) and block != self._block(self._number):
                raise NodeError("call", 0, f"block {block.number} is not the latest, or is no more")
            self._require_latest(block.number if isinstance(block, Block) else block)
            return [self.call(to, data) for to, data in calls]

    def gas_price(self) -> int:
        return 0

    def fees(self) -> Fees:
        return Fees(max_fee=0, priority=0)

    def data_cost(self, to: str | None, data: bytes) -> DataCost:
        return data_costs(self, to, [data])[0]

    def data_costs(self, to: str | None, data: Sequence[bytes]) -> list[DataCost]:
        return data_costs(self, to, data)

    def terms(
        self,
        to: str | None,
        data: bytes,
        *,
        sender: str,
        value: int = 0,
        gas: int | None = None,
    ) -> Terms:
        if gas is None:
            gas = self.estimate_gas(to, data, sender=sender, value=value)
        return Terms(gas, self.fees(), self.data_cost(to, data))

    def estimate_gas(
        self, to: str | None, data: bytes, *, sender: str | None = None, value: int = 0
    ) -> int:
        with self._undone(pending=True):
            if to is None:
                self._create(sender or _ZERO, data, value, None)
            else:
                self._message(sender or _ZERO, to, data, value, None)
            result = self._result()
            return result.gas_used + result.gas_refunded

    def send(
        self,
        signer: Signer,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
    ) -> Receipt:
        return self.submit(signer, to, data, value=value, gas=gas).wait()

    def submit(
        self,
        signer: Signer,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
    ) -> RevmTicket:
        with self._lock:
            receipt = self._execute(checksummed(signer.address), to, data, value, gas)
        return RevmTicket(self, receipt.transaction_hash)

    def broadcast(self, signed: bytes) -> Outcome | None:
        """See `Transport`. What is ahead of its account's nonce waits for those before it."""
        transaction_hash = keccak(signed)
        try:
            transaction = read_signed(signed)
        except ValueError as failure:
            raise TransactionRefused(transaction_hash, 0, str(failure)) from None
        place = (transaction.sender, transaction.nonce)
        with self._lock:
            if transaction_hash in self._receipts or self._waiting.get(place) == signed:
                return Outcome.ALREADY_THERE
            if transaction.nonce < self.nonce(transaction.sender):
                raise NonceTaken(transaction_hash, 0, f"nonce too low: {transaction.nonce}")
            self._waiting[place] = signed
            try:
                self._execute_waiting(transaction.sender)
            except NodeError as refusal:
                raise TransactionRefused(transaction_hash, 0, refusal.reason) from None
        return None

    def broadcast_and_wait(self, signed: bytes) -> Receipt | Outcome | None:
        return self.broadcast(signed)

    def broadcast_many(self, signed: Sequence[bytes]) -> list[Outcome | ChainError | None]:
        return [one_by_one(self, each) for each in signed]

    def receipts(self, hashes: Sequence[bytes]) -> list[Receipt | None]:
        return [self.receipt(each) for each in hashes]

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        return self._receipts.get(transaction_hash)

    def why_failed(self, transaction_hash: bytes) -> Reverted:
        return self._failures[transaction_hash]

    def transactions(self, hashes: Sequence[bytes]) -> list[Transaction]:
        missing = next((each for each in hashes if each not in self._transactions), None)
        if missing is not None:
            raise NodeError("transactions", 0, f"transaction 0x{missing.hex()} is not mined")
        return [self._transactions[each] for each in hashes]

    def logs_in(self, block_hash: bytes, address: str) -> list[Log]:
        return [log for log in self.logs(address) if log.block_hash == block_hash]

    def logs(
        self,
        address: str | Sequence[str] | None = None,
        from_block: int = 0,
        to_block: int | None = None,
        topics: Topics = (),
    ) -> list[Log]:
        wanted = [address] if isinstance(address, str) else address or ()
        addresses = frozenset(checksummed(a) for a in wanted)
        last = self._number if to_block is None else to_block
        start = bisect_left(self._logs, from_block, key=lambda log: log.block_number)
        end = bisect_left(self._logs, last + 1, key=lambda log: log.block_number)
        return [log for log in self._logs[start:end] if _matches(log, addresses, topics)]

    def advance(self, signer: Signer, to: str, data: bytes, *, seconds: int) -> None:
        with self._lock:
            sender, block = signer.address, (self._number, self._timestamp)
            nonce = self.nonce(sender)
            self._enter_block(self._number + 1, self._timestamp + seconds)
            try:
                self._message(sender, to, data, 0, None)
            except (Reverted, NodeError):
                self._enter_block(*block)
                raise
            self._nonces[sender] = nonce + 1


def _matches(log: Log, addresses: frozenset[str], topics: Topics) -> bool:
    """Whether a log passes a filter; no addresses at all let every address pass."""
    if addresses and log.address not in addresses:
        return False
    if len(topics) > len(log.topics):
        return False
    return all(_topic_matches(t, want) for t, want in zip(log.topics, topics, strict=False))


def _topic_matches(topic: bytes, want: bytes | Sequence[bytes] | None) -> bool:
    if want is None:
        return True
    return topic == want if isinstance(want, bytes) else topic in want
