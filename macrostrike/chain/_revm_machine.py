"""revm, one transaction a block: what executes, what it leaves, and how it is taken back."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyrevm
from eth_utils.crypto import keccak

from macrostrike.chain._revm_results import failure_of
from macrostrike.chain.signed import read_signed
from macrostrike.chain.transport import (
    Block,
    Log,
    Receipt,
    Transaction,
    hex_bytes,
)
from macrostrike.errors import (
    NodeError,
    Reverted,
)
from macrostrike.types import checksummed

_GAS_LIMIT = 100_000_000

_SELECTOR_BYTES = 4


@dataclass(frozen=True, slots=True)
class _Snapshot:
    id: int
    checkpoint: pyrevm.JournalCheckpoint
    block: tuple[int, int]
    logs: int
    receipts: int
    nonces: dict[str, int]
    by_hand: int


class RevmMachine:
    """Blocks, accounts and snapshots of a chain in this process. See `RevmTransport`."""

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
        self._by_hand: list[Callable[[], None]] = []  # takes back what revm's journal does not hold
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

    def balance(self, address: str) -> int:
        return self._evm.get_balance(address)

    def nonce(self, address: str, *, pending: bool = True, block: int | None = None) -> int:
        self._require_latest(block)
        # revm counts an account's creations alone: the count of its transactions is kept here.
        known = self._nonces.get(checksummed(address))
        return self._evm.basic(address).nonce if known is None else known

    def mine(self, seconds: int | None = None) -> None:
        step = self.block_time if seconds is None else seconds
        with self._lock:
            self._enter_block(self._number + 1, self._timestamp + step)

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
                    by_hand=len(self._by_hand),
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
            while len(self._by_hand) > taken.by_hand:
                self._by_hand.pop()()
            del self._logs[taken.logs :]
            while len(self._receipts) > taken.receipts:
                transaction_hash, _ = self._receipts.popitem()
                self._failures.pop(transaction_hash, None)
                del self._transactions[transaction_hash]
            self._nonces = taken.nonces
            self._forks += 1
            self._enter_block(*taken.block)

    def set_balance(self, address: str, wei: int) -> None:
        with self._lock:
            added = wei - self.balance(address)
            self._evm.set_balance(address, wei)
            # By how much it changed: revm itself takes back what was sent before and since.
            self._take_back(
                address, lambda: self._evm.set_balance(address, self.balance(address) - added)
            )

    def _take_back(self, address: str, undo: Callable[[], None]) -> None:
        """Calls `undo` when what was done to the account by hand, just now, is reverted.

        Not where revm itself does it: it forgets accounts that it had not met before.
        """

        def undo_if_known() -> None:
            if checksummed(address) in self._evm.journal_state:
                undo()

        self._by_hand.append(undo_if_known)

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
            to=None if to is None else checksummed(to),
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
            return checksummed(self._evm.deploy(sender, data, value=value, gas=gas))
        except RuntimeError as failure:
            raise failure_of(failure) from None

    def _receipt(self, transaction_hash: bytes, created: str | None, *, failed: bool) -> Receipt:
        result = self._result()
        block_hash = self._hash(self._number)
        logs = tuple(
            Log(
                address=checksummed(log.address),
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
