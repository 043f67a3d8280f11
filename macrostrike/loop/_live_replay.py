"""Each live strike and settlement once more in revm, on the state of its block's parent.

What came out there has to be what came out on the chain, to the unit; where it is not, the cause is
named: what was mined before it in the same block, or a bug, which halts the loop.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pyrevm
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.chain import Receipt, RpcTransport
from macrostrike.chain.chains import DataFee, spec_of
from macrostrike.errors import ChainError
from macrostrike.journal import ChangeKind, EventRow, Journal

NAME = "replay"
"""What divergences are recorded under, as checks; the value is the cause."""

ACCEPTED = "accepted"
"""The value that a person records when a bug was looked at: the loop goes on."""

_EVENTS = ("StrikeOpened", "StrikeSettled")
_SPEC = "PRAGUE"
_MARKS = {
    "oracle": ("AnswerUpdated(int256,uint256,uint256)", "NewRound(uint256,address,uint256)"),
    "fee": (
        "SetFeeProtocol(uint8,uint8,uint8,uint8)",
        "SwapFeePercentageChanged(uint256)",
        "Fee(uint16)",
    ),
    "liquidity": (
        "Mint(address,address,int24,int24,uint128,uint256,uint256)",
        "Burn(address,int24,int24,uint128,uint256,uint256)",
        "Mint(address,uint256,uint256)",
        "Burn(address,uint256,uint256,address)",
        "Sync(uint112,uint112)",
    ),
}
Outcome = tuple[bool, tuple[tuple[tuple[bytes, ...], bytes], ...]]
"""Whether it succeeded, and the diamond's events: topics and data."""


class Cause(str, Enum):
    """Why a transaction's outcome is not that of its parent's state."""

    ORDERING = "ordering"
    """Other transactions of its block came first."""
    LIQUIDITY = "liquidity"
    """Among them one that added or removed liquidity."""
    FEE = "fee"
    """Among them one that changed a pool's fee."""
    ORACLE = "oracle"
    """Among them one that brought a feed's answer."""
    REORG = "reorg"
    """Its block is no longer one of the chain."""
    BUG = "bug"
    """None of these: the product, revm or the node computes something else."""

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A transaction that was run again. `cause` is None where it came out equal."""

    transaction_hash: bytes
    block_number: int
    cause: Cause | None


class LiveReplay:
    """Follows the journal's events, and runs each of their transactions again. One process.

    transport: a node that still has the state of recent blocks; `Fork` asks it for single slots.
    `bug`: the transaction of the last bug that was found and not accepted, and empty of none.
    """

    def __init__(self, journal: Journal, transport: RpcTransport, diamond: str) -> None:
        self._journal, self._transport, self._diamond = journal, transport, diamond
        blocks = [events[-1] for name in _EVENTS if (events := journal.events(name=name))]
        self._after = max((event.block_number for event in blocks), default=-1)
        changes = journal.changes(kind=ChangeKind.CHECK, name=NAME)
        weighty = [change for change in changes if change.value in (ACCEPTED, Cause.BUG)]
        self.bug = weighty[-1].cause if weighty and weighty[-1].value == Cause.BUG else ""
        self.equal = 0

    def run(self, stop: threading.Event, every: float = 1.0) -> None:
        """Checks until it is to `stop`; a node that fails is asked again."""
        failed = ""
        while not stop.wait(every):
            try:
                self.check()
            except ChainError as failure:
                if str(failure) != failed:
                    failed = str(failure)
                    self._journal.record_change(ChangeKind.LOG, "warning", failed, cause=NAME)

    def check(self) -> list[Replayed]:
        """All that was mined since the last time.

        Raises `ChainError`, and looks at what it could not tell again the next time.
        """
        if spec_of(self._transport.chain_id).data_fee is DataFee.ARBITRUM:
            return []  # its block numbers and precompiles are not those of an EVM alone
        rows = [
            row for name in _EVENTS for row in self._journal.events(name=name, after=self._after)
        ]
        found = []
        for row in sorted(_one_each(rows), key=lambda each: (each.block_number, each.log_index)):
            replayed = self._replay(row)
            found.append(replayed)
            self._note(replayed)
            self._after = max(self._after, row.block_number - 1)
        self._after = max([self._after, *(row.block_number for row in rows)])
        return found

    def _note(self, replayed: Replayed) -> None:
        if replayed.cause is None:
            self.equal += 1
            return
        where = f"0x{replayed.transaction_hash.hex()} in block {replayed.block_number}"
        if replayed.cause is Cause.BUG:
            self.bug = where
        self._journal.record_change(ChangeKind.CHECK, NAME, str(replayed.cause), cause=where)

    def _replay(self, row: EventRow) -> Replayed:
        named = f"0x{row.transaction_hash.hex()}"
        receipt = self._transport.receipt(row.transaction_hash)
        if receipt is None:
            return Replayed(row.transaction_hash, row.block_number, Cause.REORG)
        number = hex(receipt.block_number)
        block = self._transport.request("eth_getBlockByNumber", number, True)
        place = [tx["hash"] for tx in block["transactions"]].index(named)
        before, ours = block["transactions"][:place], block["transactions"][place]
        live = outcome_of(receipt, self._diamond)
        cause = None
        if self._fork(block).outcome(ours, self._diamond) != live:
            cause = self._cause(block, before, ours, live)
        return Replayed(row.transaction_hash, receipt.block_number, cause)

    def _cause(
        self, block: Mapping[str, Any], before: Sequence[Any], ours: Any, live: Outcome
    ) -> Cause:
        fork = self._fork(block)
        for each in before:
            fork.execute(each)
        if fork.outcome(ours, self._diamond) == live:
            receipts = [self._transport.receipt(_bytes(each["hash"])) for each in before]
            return named(log.topics[0] for r in receipts if r for log in r.logs if log.topics)
        latest = self._transport.block(int(block["number"], 16))
        return Cause.BUG if latest.hash == _bytes(block["hash"]) else Cause.REORG

    def _fork(self, block: Mapping[str, Any]) -> Fork:
        return Fork(self._transport.url, block, self._transport.chain_id)


class Fork:
    """revm on the state of a block's parent, in the block's own environment."""

    def __init__(self, url: str, block: Mapping[str, Any], chain_id: int) -> None:
        self._evm = _guarded(
            lambda: pyrevm.EVM(
                env=pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=chain_id)),
                fork_url=url,
                fork_block=block["parentHash"],
                gas_limit=int(block["gasLimit"], 16),
                spec_id=_SPEC,
            )
        )
        self._evm.set_block_env(
            pyrevm.BlockEnv(
                number=int(block["number"], 16),
                timestamp=int(block["timestamp"], 16),
                coinbase=block["miner"],
                prevrandao=_bytes(block.get("mixHash") or "0x" + "00" * 32),
                basefee=0,  # gas is not paid for here
                gas_limit=int(block["gasLimit"], 16),
            )
        )

    def execute(self, transaction: Mapping[str, Any]) -> bool:
        """Whether it succeeded. Raises `ChainError` where the node has no such state."""
        self._evm.reset_transient_storage()
        data, to = _bytes(transaction["input"]), transaction.get("to")
        value, gas = int(transaction["value"], 16), int(transaction["gas"], 16)
        try:
            if to is None:
                _guarded(lambda: self._evm.deploy(transaction["from"], data, value, gas))
            else:
                _guarded(
                    lambda: self._evm.message_call(
                        transaction["from"], to, calldata=data, value=value, gas=gas
                    )
                )
        except RuntimeError:
            return False
        return True

    def outcome(self, transaction: Mapping[str, Any], diamond: str) -> Outcome:
        """What it does to a diamond."""
        if not self.execute(transaction):
            return False, ()
        result = self._evm.result
        assert result is not None, "it was just executed"
        logs = [log for log in result.logs if to_checksum_address(log.address) == diamond]
        return True, tuple(
            (tuple(_bytes(topic) for topic in log.topics), bytes(log.data[1])) for log in logs
        )


def outcome_of(receipt: Receipt, diamond: str) -> Outcome:
    """What it did to a diamond on the chain."""
    logs = [log for log in receipt.logs if log.address == diamond]
    return receipt.succeeded, tuple((log.topics, log.data) for log in logs)


def named(topics: Any) -> Cause:
    """The cause by the events of the transactions that came first."""
    seen = set(topics)
    for cause, signatures in _MARKS.items():
        if seen.intersection(keccak(text=each) for each in signatures):
            return Cause(cause)
    return Cause.ORDERING


def _one_each(rows: Sequence[EventRow]) -> list[EventRow]:
    """One event of each transaction."""
    return list({row.transaction_hash: row for row in rows}.values())


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _guarded(work: Any) -> Any:
    """Runs it. An error of the node's is not shown: its message may have the URL."""
    try:
        return work()
    except RuntimeError as failure:
        if str(failure).startswith("Database"):
            raise StateMissing() from None
        raise
    except BaseException as failure:
        if type(failure).__name__ != "PanicException":
            raise
        raise StateMissing() from None


class StateMissing(ChainError):
    """The node does not give the state of a block's parent, which a replay needs."""

    def __str__(self) -> str:
        return "the node has no state of that block's parent, or did not answer: no replay of it"
