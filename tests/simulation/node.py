"""A node in virtual time: a pool, blocks, reorganisations, and answers that are late or lost.

What is mined is executed by revm with the real bytecode.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from eth_utils.crypto import keccak

from macrostrike.chain import Block, Fees, Log, Outcome, Receipt, RevmTransport, Terms
from macrostrike.chain.signed import Signed, read_signed
from macrostrike.chain.transport import NO_DATA_COST, DataCost
from macrostrike.errors import (
    ChainError,
    NodeUnavailable,
    NonceTaken,
    Reverted,
    TransactionRefused,
)

from .scheduler import Scheduler

GWEI = 10**9
URL = "http://node.invalid/"
_BASE_FEE, _TIP = 10 * GWEI, GWEI

read = lru_cache(maxsize=4096)(read_signed)


@dataclass
class Weather:
    """How often something goes wrong: of 1, each."""

    silent: float = 0.0
    lost_before: float = 0.0
    lost_after: float = 0.0
    refused: float = 0.0
    twice: float = 0.0
    behind: float = 0.0
    forgets: float = 0.0
    reorganises: float = 0.0
    expensive: float = 0.0


CALM = Weather()


@dataclass
class _Mined:
    """A block: revm's snapshot before it, and the transaction in it, if there is one."""

    snapshot: int
    transaction: bytes | None


@dataclass
class Chain:
    """The network: one pool and one chain for all who ask."""

    revm: RevmTransport
    scheduler: Scheduler
    chance: random.Random
    weather: Weather
    pool: dict[tuple[str, int], bytes] = field(default_factory=dict)
    blocks: list[_Mined] = field(default_factory=list)
    heights: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    base_fee: int = _BASE_FEE
    reorganised: int = 0

    def __post_init__(self) -> None:
        self._remember()

    def mine(self) -> None:
        """A block with one transaction of the pool that pays enough, if there is one."""
        is_expensive = self.base_fee > _BASE_FEE
        stays = is_expensive and self.weather.expensive and self._happens(0.85)
        is_expensive = bool(stays) or self._happens(self.weather.expensive)
        self.base_fee = _BASE_FEE * (20 if is_expensive else 1)
        block = _Mined(self.revm.snapshot(), None)
        self.blocks.append(block)
        for place in sorted(self.pool):
            signed = read(self.pool[place])
            nonce = self.revm.nonce(signed.sender)
            if signed.nonce > nonce or signed.fees.max_fee < self.base_fee:
                continue
            raw = self.pool.pop(place)
            if signed.nonce == nonce and self._executes(raw):
                block.transaction = raw
                break
        if block.transaction is None:
            self.revm.mine()
        self._remember()

    def _executes(self, raw: bytes) -> bool:
        try:
            self.revm.broadcast(raw)
        except ChainError:
            return False  # a node drops it
        return True

    def reorganise(self) -> None:
        """The last blocks are taken back. What was in them is in the pool again, or forgotten."""
        if len(self.blocks) < 2:
            return
        depth = self.chance.randint(1, min(2, len(self.blocks) - 1))
        taken, self.blocks = self.blocks[-depth:], self.blocks[:-depth]
        self.revm.revert(taken[0].snapshot)
        del self.heights[-depth:]
        self.reorganised += 1
        for raw in (block.transaction for block in taken):
            if raw is not None and self.chance.random() < 0.7:
                signed = read(raw)
                self.pool.setdefault((signed.sender, signed.nonce), raw)
        for _ in range(depth + 1):
            self.mine()

    def turn(self) -> None:
        """What happens between two blocks."""
        if self._happens(self.weather.reorganises):
            self.reorganise()
        for place in list(self.pool):
            if self._happens(self.weather.forgets):
                del self.pool[place]
        self.mine()

    def take(self, raw: bytes) -> Outcome | None:
        """As a node that is up takes a transaction. Of one that is mined it says the same as of any
        other whose nonce was used."""
        signed, named = read(raw), keccak(raw)
        if signed.nonce < self.revm.nonce(signed.sender):
            raise NonceTaken(named, 0, f"nonce too low: {signed.nonce}")
        before = self.pool.get((signed.sender, signed.nonce))
        if before == raw:
            return Outcome.ALREADY_THERE
        if before is not None and not _replaces(read(before), signed):
            raise TransactionRefused(named, 0, "replacement transaction underpriced")
        self.pool[signed.sender, signed.nonce] = raw
        return None

    def _remember(self) -> None:
        self.heights.append((self.revm.block_number(), dict(self.revm._nonces)))

    def _happens(self, ratio: float) -> bool:
        return self.chance.random() < ratio


def _replaces(before: Signed, now: Signed) -> bool:
    tips = before.fees.priority or 0, now.fees.priority or 0
    return now.fees.max_fee * 10 >= before.fees.max_fee * 11 and tips[1] * 10 >= tips[0] * 11


class Node:
    """One process's way to the chain. See `Transport`, as far as executor, journal and client ask.

    A question takes time, in which others run; it may fail, and a node that is behind answers of a
    block or two before.
    """

    confirmations, first_look = 1, 1.0

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._revm = chain.revm
        self.chain_id = chain.revm.chain_id
        self.on_broadcast: list[Any] = []

    # What a node that is behind answers with what is over.

    def block_number(self) -> int:
        return self._asked()[0]

    def final_block(self) -> int:
        return self.block_number()

    def nonce(self, address: str, *, pending: bool = True, block: int | None = None) -> int:
        _, nonces = self._asked()
        if block is not None:
            known = [each for each in self._chain.heights if each[0] <= block]
            return (known[-1][1] if known else {}).get(address, 0)
        nonce = nonces.get(address, 0)
        if pending:
            while (address, nonce) in self._chain.pool:
                nonce += 1
        return nonce

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        number, _ = self._asked()
        receipt = self._revm.receipt(transaction_hash)
        return None if receipt is None or receipt.block_number > number else receipt

    # What is of the latest block, or of one that is named.

    def timestamp(self, *, pending: bool = False) -> int:
        self._asked()
        return self._revm.timestamp(pending=pending)

    def balance(self, address: str) -> int:
        self._asked()
        return self._revm.balance(address)

    def block(self, number: int | None = None) -> Block:
        self._asked()
        return self._revm.block(number)

    def blocks(self, numbers: Sequence[int]) -> list[Block]:
        self._asked()
        return self._revm.blocks(numbers)

    def call(self, to: str, data: bytes, **options: Any) -> bytes:
        self._asked()
        return self._revm.call(to, data, **options)

    def call_many(self, calls: Sequence[tuple[str, bytes]], **options: Any) -> list[bytes]:
        self._asked()
        return self._revm.call_many(calls, **options)

    def estimate_gas(self, to: str | None, data: bytes, **options: Any) -> int:
        self._asked()
        return self._revm.estimate_gas(to, data, **options)

    def terms(
        self, to: str | None, data: bytes, *, gas: int | None = None, **options: Any
    ) -> Terms:
        if gas is None:
            gas = self.estimate_gas(to, data, **options)
        return Terms(gas, self.fees())

    def gas_price(self) -> int:
        return self.fees().max_fee

    def fees(self) -> Fees:
        self._asked()
        return Fees(max_fee=2 * self._chain.base_fee + _TIP, priority=_TIP)

    def why_failed(self, transaction_hash: bytes) -> Reverted:
        self._asked()
        return self._revm.why_failed(transaction_hash)

    def transactions(self, hashes: Sequence[bytes]) -> Any:
        self._asked()
        return self._revm.transactions(hashes)

    def logs(self, *args: Any, **options: Any) -> list[Log]:
        self._asked()
        return self._revm.logs(*args, **options)

    def logs_in(self, block_hash: bytes, address: str) -> list[Log]:
        self._asked()
        return self._revm.logs_in(block_hash, address)

    # Sending.

    def data_cost(self, to: str | None, data: bytes) -> DataCost:
        return NO_DATA_COST

    def broadcast_and_wait(self, signed: bytes) -> Outcome | None:
        return self.broadcast(signed)

    def broadcast(self, signed: bytes) -> Outcome | None:
        chain, weather = self._chain, self._chain.weather
        for look in self.on_broadcast:
            look(signed)
        self._pause()
        if chain._happens(weather.refused):
            raise NodeUnavailable(URL, "no connection", sent=False)
        if chain._happens(weather.lost_before):
            return Outcome.UNKNOWN
        try:
            outcome = chain.take(signed)
            if chain._happens(weather.twice):
                self._pause()
                outcome = chain.take(signed)
        except NonceTaken:
            self._pause()
            # As a transport does: one of ours, where this node knows its receipt.
            if self.receipt(keccak(signed)) is None:
                raise
            outcome = Outcome.ALREADY_THERE
        self._pause()
        return Outcome.UNKNOWN if chain._happens(weather.lost_after) else outcome

    def _asked(self) -> tuple[int, dict[str, int]]:
        """Takes its time. The height that it answers of, and the accounts' nonces there."""
        chain = self._chain
        self._pause()
        if chain._happens(chain.weather.silent):
            raise NodeUnavailable(URL, "the connection was cut")
        behind = chain.chance.randint(1, 2) if chain._happens(chain.weather.behind) else 0
        return chain.heights[max(len(chain.heights) - 1 - behind, 0)]

    def _pause(self) -> None:
        self._chain.scheduler.sleep(self._chain.chance.uniform(0.001, 0.2))
