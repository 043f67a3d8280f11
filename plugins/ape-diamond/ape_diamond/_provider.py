"""Ape's provider as a chain, and copies of the network that it is connected to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from ape import networks
from ape.api import ProviderAPI
from ape.exceptions import ApeException
from web3.exceptions import (
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)

from ape_diamond._values import ZERO_ADDRESS, checksummed, to_bytes
from ape_diamond.chain import Log
from ape_diamond.errors import CallReverted, DiamondError, NodeRefused
from ape_diamond.rehearsal import Sent

_T = TypeVar("_T")
_FUNDS = 10**20  # wei that a sender has on a copy
# How nodes say that an execution failed, beside those that revert.
_FAILURES = ("revert", "invalid opcode", "invalidfeopcode", "out of gas", "evm error", "vm exec")


@dataclass(frozen=True, slots=True)
class ApeChain:
    """The network that Ape is connected to, as an `ape_diamond.chain.Chain`."""

    provider: ProviderAPI

    @classmethod
    def connected(cls) -> ApeChain:
        """Of the provider in use. Raises `DiamondError` where there is none."""
        provider = networks.active_provider
        if provider is None:
            raise DiamondError("Ape is connected to no network")
        return cls(provider)

    @property
    def web3(self) -> Any:
        """The provider's own. Raises `DiamondError` where it has none."""
        web3 = getattr(self.provider, "web3", None)
        if web3 is None:
            raise DiamondError(f"provider {self.provider.name} has no web3: use one that has")
        return web3

    @property
    def chain_id(self) -> int:
        return int(self.provider.chain_id)

    def block_number(self) -> int:
        return _answer(lambda: int(self.web3.eth.block_number))

    def timestamp(self) -> int:
        return _answer(lambda: int(self.web3.eth.get_block("pending")["timestamp"]))

    def code(self, address: str) -> bytes:
        return _answer(lambda: bytes(self.web3.eth.get_code(address)))

    def storage(self, address: str, slot: int) -> bytes:
        return _answer(lambda: bytes(self.web3.eth.get_storage_at(address, slot)).rjust(32, b"\0"))

    def call(self, to: str, data: bytes, *, sender: str | None = None) -> bytes:
        asked = {"from": sender or self._default_sender(), "to": to, "data": "0x" + data.hex()}
        return _answer(lambda: bytes(self.web3.eth.call(asked, ccip_read_enabled=False)))

    def logs(self, address: str, first: int, last: int, topics: Sequence[bytes]) -> list[Log]:
        wanted = {
            "address": address,
            "fromBlock": first,
            "toBlock": last,
            "topics": [["0x" + topic.hex() for topic in topics]],
        }
        return [_log(each) for each in _answer(lambda: self.web3.eth.get_logs(wanted))]

    def sender(self, transaction_hash: bytes) -> str | None:
        try:
            return checksummed(self.web3.eth.get_transaction(transaction_hash)["from"])
        except TransactionNotFound:
            return None

    def _default_sender(self) -> str:
        """As nodes have it; Ape's own test provider asks for one that can pay."""
        if self.provider.name == "test":
            return str(self.web3.eth.accounts[0])
        return ZERO_ADDRESS


def _answer(ask: Callable[[], _T]) -> _T:
    """What a node answers. Raises `CallReverted` and `NodeRefused`."""
    try:
        return ask()
    except ContractLogicError as failure:
        data = failure.data if isinstance(failure.data, str) else "0x"
        raise CallReverted(_revert_data(data), str(failure.message)) from failure
    except Web3RPCError as failure:
        if any(each in str(failure).lower() for each in _FAILURES):
            raise CallReverted(b"", str(failure)) from failure
        raise NodeRefused(str(failure)) from failure
    except (Web3Exception, OSError) as failure:
        raise NodeRefused(f"{type(failure).__name__}: {failure}") from failure
    except Exception as failure:
        # Of eth-tester, which Ape's own test provider runs, and others need not have.
        if type(failure).__name__ != "TransactionFailed":
            raise
        raise CallReverted(b"", str(failure)) from failure


def _revert_data(data: str) -> bytes:
    try:
        return to_bytes(data)
    except ValueError:
        return b""  # a text of the node's own


def _log(content: Any) -> Log:
    return Log(
        topics=tuple(map(bytes, content["topics"])),
        data=bytes(content["data"]),
        block_number=int(content["blockNumber"]),
        transaction_hash=bytes(content["transactionHash"]),
    )


@dataclass(frozen=True, slots=True)
class ApeCopy(ApeChain):
    """A copy of a chain, on which every account may send: an `ape_diamond.rehearsal.Copy`."""

    def send_as(self, sender: str, to: str, data: bytes) -> Sent:
        self.call(to, data, sender=sender)  # a node may mine what reverts, and say no reason
        self.request("hardhat_setBalance", sender, hex(_FUNDS))
        self.request("hardhat_impersonateAccount", sender)
        try:
            asked = {"from": sender, "to": to, "data": "0x" + data.hex()}
            mined = self._receipt(self.request("eth_sendTransaction", asked))
        finally:
            self.request("hardhat_stopImpersonatingAccount", sender)
        if int(mined["status"], 16) != 1:
            raise CallReverted(b"", f"transaction {mined['transactionHash']} failed")
        return Sent(int(mined["blockNumber"], 16), int(mined["gasUsed"], 16))

    def request(self, method: str, *params: Any) -> Any:
        """What a node for development is asked. Raises `NodeRefused`."""
        answer = _answer(lambda: self.web3.provider.make_request(method, list(params)))
        if error := answer.get("error"):
            raise NodeRefused(f"{method}: {error}")
        return answer["result"]

    def _receipt(self, transaction: str) -> dict[str, Any]:
        mined: dict[str, Any] | None = self.request("eth_getTransactionReceipt", transaction)
        if mined is None:  # a node that mines by the clock
            self.request("evm_mine")
            mined = self.request("eth_getTransactionReceipt", transaction)
        if mined is None:
            raise NodeRefused(f"transaction {transaction} is in no block")
        return mined


@contextmanager
def copy_of_chain() -> Iterator[ApeCopy]:
    """A copy of the connected network, thrown away afterwards.

    Of a local network it is the network itself, brought back to what it was. Of a live one it is a
    fork, by ape-foundry. Raises `DiamondError` where there is none.
    """
    if networks.network.is_dev:
        itself = ApeCopy(ApeChain.connected().provider)
        snapshot = itself.request("evm_snapshot")
        try:
            yield itself
        finally:
            itself.request("evm_revert", snapshot)
        return
    try:
        fork = networks.fork(provider_name="foundry")
    except ApeException as failure:
        raise DiamondError(f"a rehearsal needs a fork, by ape-foundry: {failure}") from failure
    with fork as provider:
        yield ApeCopy(provider)
