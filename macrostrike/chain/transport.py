"""What a transport is.

Addresses are EIP-55 checksummed `0x` strings in every answer and any `0x` string in every question;
amounts are integers in the chain's smallest unit; times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from eth_utils.crypto import keccak

from macrostrike.errors import ChainError, Reverted


class Outcome(str, Enum):
    """What happened to a transaction that was sent."""

    CONFIRMED = "confirmed"
    """Mined: its receipt is there."""
    REJECTED = "rejected"
    """A deterministic refusal: it is in no pool, and will never be mined."""
    ALREADY_THERE = "already there"
    """The node had it before: in its pool, or mined."""
    FOREIGN = "foreign"
    """Its nonce was used by another transaction of the same key."""
    UNKNOWN = "unknown"
    """It may have reached the network, or may not have: only its hash can tell."""


Topics = Sequence[bytes | Sequence[bytes] | None]
"""A filter by position, as of `eth_getLogs`: a topic, any of several, or None for whatever."""


@dataclass(frozen=True, slots=True)
class Log:
    """An event as the chain keeps it. `index` counts the logs of its block."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    transaction_hash: bytes
    index: int
    block_hash: bytes = b""
    transaction_index: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A block's header, as far as an index of the chain needs it.

    `logs_bloom` is empty where it is not known.
    """

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp: int
    logs_bloom: bytes = field(default=b"", compare=False, repr=False)

    def hints_at_logs_of(self, address: str) -> bool:
        """Whether a contract may have logged in this block, by its bloom; False without one."""
        digest, bits = keccak(hex_bytes(address)), int.from_bytes(self.logs_bloom, "big")
        pairs = (int.from_bytes(digest[place : place + 2], "big") for place in (0, 2, 4))
        return all(bits >> (pair & 2047) & 1 for pair in pairs)


@dataclass(frozen=True, slots=True)
class DataCost:
    """What a transaction pays for its data on the chain below its own.

    fee: wei, beside all gas. gas: units that are part of the gas it uses, and of every estimate.
    """

    fee: int = 0
    gas: int = 0

    def wei(self, gas_price: int) -> int:
        """All of it, at a price of gas."""
        return self.fee + self.gas * gas_price


NO_DATA_COST = DataCost()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mined transaction.

    `timestamp` is its block's, 0 where the node could not tell; `contract_address` is None unless
    it created a contract; `gas_price` is what it paid for a unit of gas, in wei, and `l1_fee` what
    it paid beside its gas for its data on the chain below. Where it failed, `logs` is empty.
    """

    transaction_hash: bytes
    block_number: int
    timestamp: int
    gas_used: int
    logs: tuple[Log, ...]
    contract_address: str | None
    succeeded: bool = True
    block_hash: bytes = b""
    gas_price: int = 0
    l1_fee: int = 0


@dataclass(frozen=True, slots=True)
class Transaction:
    """A mined transaction as its sender made it. `index` is its place in the block.

    `data` may be cut off behind the function's selector; `to` is None where it created a contract.
    """

    hash: bytes
    block_number: int
    index: int
    account: str
    to: str | None
    data: bytes
    gas_used: int
    gas_price: int
    l1_fee: int = 0


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction offers for a unit of gas, in wei.

    `priority` is None where the chain has no base fee: it takes a legacy transaction then, at the
    gas price `max_fee`.
    """

    max_fee: int
    priority: int | None

    def fields(self) -> dict[str, int]:
        """As of a transaction that is to be signed."""
        if self.priority is None:
            return {"gasPrice": self.max_fee}
        return {"maxFeePerGas": self.max_fee, "maxPriorityFeePerGas": self.priority}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a transaction needs and should offer, all as of one moment.

    gas: what it would need, or the limit that was given. data_cost: see `Transport.data_cost`.
    """

    gas: int
    fees: Fees
    data_cost: DataCost = NO_DATA_COST


class Ticket(Protocol):
    """A transaction on its way."""

    @property
    def hash(self) -> bytes:
        """The transaction's hash, known before the first byte was sent."""

    def wait(self) -> Receipt:
        """Waits until it is mined.

        Raises `Reverted` when it was mined and failed, `TransactionNotMined`, with the hash, when
        no receipt is known in time for whatever reason. May be called again.
        """


class Signer(Protocol):
    """What signs transactions: an `eth_account` `LocalAccount`, or anything alike.

    The in-process transport asks for the address only.
    """

    @property
    def address(self) -> Any:
        """The account's address."""

    def sign_transaction(self, transaction_dict: Any) -> Any:
        """The transaction, signed, with its bytes in `raw_transaction`."""


class Transport(Protocol):
    """A chain to read from and to send to.

    Every method may raise `NodeUnavailable` and `NodeError`.
    """

    confirmations: int
    """Blocks, the first included, after which a transaction is believed to stay mined."""
    first_look: float
    """Seconds between the first two looks for a receipt."""

    @property
    def chain_id(self) -> int:
        """The chain's EIP-155 id."""

    def final_block(self) -> int:
        """The number of the latest block that will never be replaced."""

    def block_number(self) -> int:
        """The latest block."""

    def block(self, number: int | None = None) -> Block:
        """A block; None is the latest. Raises `NodeError` where there is none of that number."""

    def blocks(self, numbers: Sequence[int]) -> list[Block]:
        """Several blocks, in the order asked for."""

    def timestamp(self, *, pending: bool = False) -> int:
        """The latest block's time, or the one that the next is expected to have."""

    def balance(self, address: str) -> int:
        """Wei held by an account."""

    def code(self, address: str) -> bytes:
        """A contract's code; empty for any other account."""

    def storage(self, address: str, slot: int) -> bytes:
        """One storage word, 32 bytes."""

    def nonce(self, address: str, *, pending: bool = True, block: int | None = None) -> int:
        """The nonce that the account's next transaction has.

        Without `pending`, as of the latest block: that of the first that is not mined. With
        `block`, as of that block.
        """

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
        """What a call returns on the latest state, changing nothing.

        With `pending` it sees the clock of the next block, as a transaction sent now would. `gas`
        is its limit, by default the node's. Raises `Reverted`.
        """

    def call_many(
        self, calls: Sequence[tuple[str, bytes]], *, block: int | Block | None = None
    ) -> list[bytes]:
        """What each call, of a contract and its calldata, returns, all on the state of one block.

        `block` is the latest by default. A whole `Block` is meant by its hash: that of another fork
        with its number is not treated as it. Raises `Reverted` when any of them does.
        """

    def gas_price(self) -> int:
        """Wei that a transaction sent now would pay for a unit of gas."""

    def fees(self) -> Fees:
        """What a transaction sent now should offer to be mined within the next five blocks."""

    def data_cost(self, to: str | None, data: bytes) -> DataCost:
        """What a transaction sent now would pay for its data on the chain below, if there is one.

        `to` is None to create a contract.
        """

    def data_costs(self, to: str | None, data: Sequence[bytes]) -> list[DataCost]:
        """As `data_cost`, of several, in as few requests as can be."""

    def estimate_gas(
        self, to: str | None, data: bytes, *, sender: str | None = None, value: int = 0
    ) -> int:
        """Gas that a transaction sent now would need; `to` is None to create a contract.

        Raises `Reverted`.
        """

    def terms(
        self,
        to: str | None,
        data: bytes,
        *,
        sender: str,
        value: int = 0,
        gas: int | None = None,
    ) -> Terms:
        """Estimate, fees and data cost of a transaction sent now, in as few requests as can be.

        It is not estimated where `gas` is given. Raises `Reverted`.
        """

    def send(
        self,
        signer: Signer,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
    ) -> Receipt:
        """Signs a transaction, sends it and waits until it is mined.

        `to` is None to create a contract. `gas` is its limit; the transport estimates when None.
        Raises `Reverted` when it fails, before or after it was mined, and `TransactionNotMined`.
        """

    def submit(
        self,
        signer: Signer,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
    ) -> Ticket:
        """As `send`, without waiting. Raises only where nothing was sent, or is certainly refused:
        `Reverted` by the estimate, `NodeError`, `NodeUnavailable`. A transaction of which it is
        not known whether it arrived has a ticket.
        """

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        """The receipt of a mined transaction, failed ones too; None while none is known."""

    def broadcast(self, signed: bytes) -> Outcome | None:
        """Sends a signed transaction, once.

        None: the node took it. `ALREADY_THERE`: it had it before. `UNKNOWN`: it may have arrived,
        or may not have; ask `receipt` of its hash, the keccak of these bytes. Raises
        `TransactionRefused` where it will never be mined, `NonceTaken` where its nonce was used by
        another one, and `NodeUnavailable` where nothing was sent.
        """

    def broadcast_and_wait(self, signed: bytes) -> Receipt | Outcome | None:
        """As `broadcast`; with the receipt where the transport waits for it in the same request."""

    def broadcast_many(self, signed: Sequence[bytes]) -> list[Outcome | ChainError | None]:
        """As `broadcast`, of several in order, in as few requests as can be; what it would raise is
        the result of that one."""

    def receipts(self, hashes: Sequence[bytes]) -> list[Receipt | None]:
        """As `receipt`, of several."""

    def why_failed(self, transaction_hash: bytes) -> Reverted:
        """Why a mined transaction failed, as far as the node can tell."""

    def transactions(self, hashes: Sequence[bytes]) -> list[Transaction]:
        """Mined transactions, in the order asked for. Raises `NodeError` where one is not mined."""

    def logs_in(self, block_hash: bytes, address: str) -> list[Log]:
        """One contract's events in one block. Raises `NodeError` where the node does not know it,
        and so never answers for another block."""

    def logs(
        self,
        address: str | Sequence[str] | None = None,
        from_block: int = 0,
        to_block: int | None = None,
        topics: Topics = (),
    ) -> list[Log]:
        """Events in chain order, both blocks included; `to_block` None is the latest."""


class LocalTransport(Transport, Protocol):
    """A chain of one's own, whose clock and state can be moved. Tests and replays stand on it."""

    block_time: int
    """Seconds from one block to the next; 0 where the chain keeps a time of its own."""

    def mine(self, seconds: int | None = None) -> None:
        """Adds an empty block, `seconds` (by default `block_time`) after the latest."""

    def advance(self, signer: Signer, to: str, data: bytes, *, seconds: int) -> None:
        """A transaction in a block `seconds` after the latest, whose receipt is not asked for.

        In process it keeps no receipt and no logs: it is meant for what moves a market. Raises as
        `send`.
        """

    def snapshot(self) -> int:
        """An id to which `revert` can bring the chain back."""

    def revert(self, snapshot: int) -> None:
        """Brings the chain back to a snapshot, which is spent then, and those after it too."""

    def set_balance(self, address: str, wei: int) -> None:
        """Sets an account's balance, wei."""


def hex_bytes(value: str) -> bytes:
    """The bytes of a `0x` string."""
    return bytes.fromhex(value[2:])
