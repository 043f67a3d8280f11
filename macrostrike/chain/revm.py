"""The chain in this process: revm, with real bytecode and no node.

Each transaction is a block of its own. Three things differ from a node:

- gas is measured warm: what one transaction has touched is warm for all that follow, so that a
  figure is lower than on a chain. Measure gas on anvil.
- nothing is deducted for gas, and no signature is asked for: the sender is `signer.address`.
- memory grows with every transaction, as revm's journal keeps what a revert would need.
"""

from __future__ import annotations

import hashlib
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import pyrevm
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.chain._broadcast import one_by_one
from macrostrike.chain._data_fee import data_cost
from macrostrike.chain._revm_results import RevmTicket, failure_of
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
    hex_bytes,
    log_matches,
)
from macrostrike.errors import (
    ChainError,
    NodeError,
    NonceTaken,
    Reverted,
    TransactionRefused,
)

_ZERO = "0x" + "00" * 20
_GAS_LIMIT = 100_000_000
_CODE_PADDING = 33  # zeros that revm appends to code when it analyses it, and pyrevm leaves there
_SELECTOR_BYTES = 4

_checksummed = lru_cache(maxsize=4096)(to_checksum_address)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    id: int
    checkpoint: pyrevm.JournalCheckpoint
    block: tuple[int, int]
    logs: int
    receipts: int
    nonces: dict[str, int]


class RevmTransport:
    """A local chain in this process, empty at first. See `Transport` and `LocalTransport`.

    `block_time` is the seconds from one transaction's block to the next; `timestamp` is the
    first block's time.
    """

    confirmations = 1  # each transaction's block is the last word
    first_look = 0.001

    def __init__(
        self, *, chain_id: int = 31337, block_time: int = 12, timestamp: int = 1_700_000_000
    ) -> None:
        self.block_time = block_time
        self._chain_id = chain_id
        self._number = 0
        self._timestamp = timestamp
        self._nonces: dict[str, int] = {}
        self._logs: list[Log] = []
        self._receipts: dict[bytes, Receipt] = {}
        self._failures: dict[bytes, Reverted] = {}
        self._transactions: dict[bytes, Transaction] = {}
        self._waiting: dict[tuple[str, int], bytes] = {}  # signed, by account and nonce
        self._snapshots: list[_Snapshot] = []
        self._snapshot_id = 0
        self._headers: list[tuple[int, int]] = []  # of each block, its time and `_forks` then
        self._forks = 0  # how often blocks were taken back: those that follow are others
        self._lock = threading.RLock()
        self._evm = pyrevm.EVM(
            env=pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=chain_id)),
            gas_limit=_GAS_LIMIT,
            spec_id="PRAGUE",
        )
        self._enter_block(0, timestamp)

    @property
    def chain_id(self) -> int:
        return self._chain_id

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

    def balance(self, address: str) -> int:
        return self._evm.get_balance(address)

    def code(self, address: str) -> bytes:
        return (self._evm.get_code(address) or b"")[:-_CODE_PADDING]

    def storage(self, address: str, slot: int) -> bytes:
        return self._evm.storage(address, slot).to_bytes(32, "big")

    def nonce(self, address: str, *, pending: bool = True, block: int | None = None) -> int:
        self._require_latest(block)
        # revm counts an account's creations alone: the count of its transactions is kept here.
        known = self._nonces.get(_checksummed(address))
        return self._evm.basic(address).nonce if known is None else known

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
        return data_cost(self, to, data)

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
            receipt = self._execute(_checksummed(signer.address), to, data, value, gas)
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
        addresses = frozenset(_checksummed(a) for a in wanted)
        last = self._number if to_block is None else to_block
        start = bisect_left(self._logs, from_block, key=lambda log: log.block_number)
        end = bisect_left(self._logs, last + 1, key=lambda log: log.block_number)
        return [log for log in self._logs[start:end] if log_matches(log, addresses, topics)]

    def mine(self, seconds: int | None = None) -> None:
        step = self.block_time if seconds is None else seconds
        with self._lock:
            self._enter_block(self._number + 1, self._timestamp + step)

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

    def snapshot(self) -> int:
        with self._lock:
            self._snapshot_id += 1
            self._snapshots.append(
                _Snapshot(
                    id=self._snapshot_id,
                    checkpoint=self._evm.snapshot(),
                    block=(self._number, self._timestamp),
                    logs=len(self._logs),
                    receipts=len(self._receipts),
                    nonces=dict(self._nonces),
                )
            )
            return self._snapshot_id

    def revert(self, snapshot: int) -> None:
        if all(taken.id != snapshot for taken in self._snapshots):
            raise ValueError(f"no snapshot {snapshot}: it was never taken, or is spent")
        with self._lock:
            # Innermost first: revm counts each snapshot as one level of its call depth, and a level
            # that is skipped is never given back.
            while (taken := self._snapshots.pop()).id != snapshot:
                self._evm.revert(taken.checkpoint)
            self._evm.revert(taken.checkpoint)
            del self._logs[taken.logs :]
            while len(self._receipts) > taken.receipts:
                transaction_hash, _ = self._receipts.popitem()
                self._failures.pop(transaction_hash, None)
                del self._transactions[transaction_hash]
            self._nonces = taken.nonces
            self._forks += 1
            self._enter_block(*taken.block)

    @contextmanager
    def undone(self, *, senders: Iterable[str] = ()) -> Iterator[None]:
        """Takes back, at its end, all that is done within.

        `senders` are contracts that may send meanwhile, as only accounts without code can: theirs
        is away for that time.
        """
        kept = {sender: self._evm.basic(sender) for sender in senders}
        snapshot = self.snapshot()
        for sender, info in kept.items():
            self._set_account(sender, info.nonce)
        try:
            yield
        finally:
            self.revert(snapshot)
            # The snapshot does not hold what was put there by hand.
            for sender, info in kept.items():
                self._evm.insert_account_info(sender, info)

    def set_balance(self, address: str, wei: int) -> None:
        self._evm.set_balance(address, wei)

    def _execute_waiting(self, sender: str) -> None:
        while raw := self._waiting.pop((sender, self.nonce(sender)), None):
            signed = read_signed(raw)
            self._execute(
                sender, signed.to, signed.data, signed.value, signed.gas, named=keccak(raw)
            )

    def _execute(
        self,
        sender: str,
        to: str | None,
        data: bytes,
        value: int,
        gas: int | None,
        named: bytes | None = None,
    ) -> Receipt:
        nonce = self.nonce(sender)
        block = (self._number, self._timestamp)
        self.mine()
        created = failure = None
        try:
            if to is None:
                self._set_account(sender, nonce)
                created = self._create(sender, data, value, gas)
            else:
                self._message(sender, to, data, value, gas)
        except (Reverted, NodeError) as refused:
            # As with a node: without a gas limit the estimate fails, and nothing is mined.
            if gas is None or isinstance(refused, NodeError):
                self._enter_block(*block)
                raise
            failure = refused
        self._nonces[sender] = nonce + 1
        # Not signed, so without a hash of its own: one that is unique and repeatable.
        unsigned = f"{self._number}:{sender}:{nonce}".encode()
        transaction_hash = named or hashlib.sha256(unsigned).digest()
        receipt = self._receipt(transaction_hash, created, failed=failure is not None)
        self._transactions[receipt.transaction_hash] = Transaction(
            hash=receipt.transaction_hash,
            block_number=receipt.block_number,
            index=0,
            account=sender,
            to=None if to is None else _checksummed(to),
            data=data[:_SELECTOR_BYTES],
            gas_used=receipt.gas_used,
            gas_price=receipt.gas_price,
        )
        if failure is not None:
            self._failures[receipt.transaction_hash] = failure
        return receipt

    @contextmanager
    def _undone(self, pending: bool) -> Iterator[None]:
        """Rolls back what is done within, which runs in the latest block or the one to come."""
        with self._lock:
            block = (self._number, self._timestamp)
            checkpoint = self._evm.snapshot()
            try:
                if pending:
                    self.mine()
                yield
            finally:
                self._evm.revert(checkpoint)
                self._enter_block(*block)

    def _result(self) -> pyrevm.ExecutionResult:
        result = self._evm.result
        assert result is not None, "asked before anything was executed"
        return result

    def _set_account(self, address: str, nonce: int) -> None:
        # Its stub forgets `balance`, without which the account would lose its ether.
        info = pyrevm.AccountInfo(nonce=nonce, balance=self.balance(address))  # type: ignore[call-arg]
        self._evm.insert_account_info(address, info)

    def _require_latest(self, block: int | None) -> None:
        if block not in (None, self._number):
            raise NodeError("call", 0, f"block {block} is not the latest, the one that is kept")

    def _block(self, number: int) -> Block:
        if not 0 <= number <= self._number:
            raise NodeError(
                "block", 0, f"block {number} is not there, the latest is {self._number}"
            )
        return Block(
            number=number,
            hash=self._hash(number),
            parent_hash=self._hash(number - 1) if number else bytes(32),
            timestamp=self._headers[number][0],
        )

    def _hash(self, number: int) -> bytes:
        # Not of the block's content: unique and repeatable.
        timestamp, forks = self._headers[number]
        return hashlib.sha256(f"{number}:{timestamp}:{forks}".encode()).digest()

    def _enter_block(self, number: int, timestamp: int) -> None:
        if number >= len(self._headers):
            self._headers.append((timestamp, self._forks))
        else:
            del self._headers[number + 1 :]
        self._number = number
        self._timestamp = timestamp
        self._evm.set_block_env(
            pyrevm.BlockEnv(number=number, timestamp=timestamp, basefee=0, gas_limit=_GAS_LIMIT)
        )

    def _message(self, sender: str, to: str, data: bytes, value: int, gas: int | None) -> bytes:
        # revm keeps transient storage from one message to the next; on a chain it ends with the
        # transaction.
        self._evm.reset_transient_storage()
        try:
            return self._evm.message_call(sender, to, calldata=data, value=value, gas=gas)
        except RuntimeError as failure:
            raise failure_of(failure) from None

    def _create(self, sender: str, data: bytes, value: int, gas: int | None) -> str:
        self._evm.reset_transient_storage()
        try:
            return _checksummed(self._evm.deploy(sender, data, value=value, gas=gas))
        except RuntimeError as failure:
            raise failure_of(failure) from None

    def _receipt(self, transaction_hash: bytes, created: str | None, *, failed: bool) -> Receipt:
        result = self._result()
        block_hash = self._hash(self._number)
        logs = tuple(
            Log(
                address=_checksummed(log.address),
                topics=tuple(hex_bytes(topic) for topic in log.topics),
                data=log.data[1],
                block_number=self._number,
                transaction_hash=transaction_hash,
                index=index,
                block_hash=block_hash,
            )
            for index, log in enumerate(() if failed else result.logs)
        )
        self._logs.extend(logs)
        receipt = Receipt(
            transaction_hash=transaction_hash,
            block_number=self._number,
            timestamp=self._timestamp,
            gas_used=result.gas_used,
            logs=logs,
            contract_address=created,
            succeeded=not failed,
            block_hash=block_hash,
        )
        self._receipts[transaction_hash] = receipt
        return receipt
