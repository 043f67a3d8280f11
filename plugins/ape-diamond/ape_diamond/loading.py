"""Diamonds through Ape: its provider as a chain, and one contract of all facets in its cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ape import chain, networks, project
from ape.api import AccountAPI, ProviderAPI, ReceiptAPI
from ape.contracts import ContractInstance
from ape.exceptions import ApeException
from ape.types import ContractType

from ape_diamond._abis import NamedAbi, read_abis
from ape_diamond._config import DiamondConfig, KnownDiamond
from ape_diamond._loupe import DiamondView, inspect_diamond, read_loupe
from ape_diamond._values import checked_address, checksummed, selector_of, signature_of, to_bytes
from ape_diamond.chain import Log
from ape_diamond.errors import CallReverted, DiamondError, NodeRefused
from ape_diamond.plan import CutPlan
from ape_diamond.rehearsal import Sent

_FUNDS = 10**20  # wei that a sender has on a copy
_REVERTED = 3  # JSON-RPC's code of an execution that reverted
# Of nodes that have no code of its own for it.
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

    def request(self, method: str, *params: Any) -> Any:
        """The node's own answer. Raises `CallReverted` and `NodeRefused`."""
        web3 = getattr(self.provider, "web3", None)
        if web3 is None:
            raise DiamondError(f"provider {self.provider.name} has no JSON-RPC: use one that has")
        try:
            answer = web3.provider.make_request(method, list(params))
        except OSError as failure:
            raise NodeRefused(f"{method}: {failure}") from failure
        if error := answer.get("error"):
            raise _failure(method, error)
        return answer["result"]

    @property
    def chain_id(self) -> int:
        return int(self.provider.chain_id)

    def block_number(self) -> int:
        return int(self.request("eth_blockNumber"), 16)

    def timestamp(self) -> int:
        return int(self.request("eth_getBlockByNumber", "pending", False)["timestamp"], 16)

    def code(self, address: str) -> bytes:
        return to_bytes(self.request("eth_getCode", address, "latest"))

    def storage(self, address: str, slot: int) -> bytes:
        return to_bytes(self.request("eth_getStorageAt", address, hex(slot), "latest"))

    def call(self, to: str, data: bytes, *, sender: str | None = None) -> bytes:
        asked = {"to": to, "data": "0x" + data.hex()}
        asked |= {"from": sender} if sender else {}
        return to_bytes(self.request("eth_call", asked, "latest"))

    def logs(self, address: str, first: int, last: int, topics: Sequence[bytes]) -> list[Log]:
        wanted = {
            "address": address,
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "topics": [["0x" + topic.hex() for topic in topics]],
        }
        return [_log(each) for each in self.request("eth_getLogs", wanted)]

    def sender(self, transaction_hash: bytes) -> str | None:
        found = self.request("eth_getTransactionByHash", "0x" + transaction_hash.hex())
        return None if found is None else checksummed(found["from"])


def _failure(method: str, error: Any) -> DiamondError:
    if not isinstance(error, dict):
        return NodeRefused(f"{method}: {error}")
    message, data = str(error.get("message", "")), error.get("data")
    failed = error.get("code") == _REVERTED or any(f in message.lower() for f in _FAILURES)
    if method in ("eth_call", "eth_sendTransaction") and failed:
        given = data if isinstance(data, str) and data.startswith("0x") else "0x"
        return CallReverted(to_bytes(given), message)
    return NodeRefused(f"{method}: {message or error}")


def _log(content: dict[str, Any]) -> Log:
    return Log(
        topics=tuple(map(to_bytes, content["topics"])),
        data=to_bytes(content["data"]),
        block_number=int(content["blockNumber"], 16),
        transaction_hash=to_bytes(content["transactionHash"]),
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


# --- What is configured ---------------------------------------------------------------------------


def known_diamond(given: str) -> KnownDiamond:
    """A diamond by its name in ape-config.yaml, or by its address.

    Raises `DiamondError` where it is configured for another network, and `InvalidAddress`.
    """
    found = _section().diamonds.get(given)
    if found is None:
        return KnownDiamond(address=checked_address(given))
    network = networks.network
    here = f"{network.ecosystem.name}:{network.name.removesuffix('-fork')}"
    if found.network not in (None, here):
        raise DiamondError(f"{given} is configured for {found.network}, and this is {here}")
    return found.model_copy(update={"address": checked_address(found.address)})


def project_abi(given: str) -> NamedAbi:
    """An ABI by its file, or by the name of a contract of the project. Raises `DiamondError`."""
    if Path(given).is_file():
        (abi,) = read_abis(Path(given))
        return abi
    # Ape compiles all that it has before it says that it has no such contract.
    contract = None if given.endswith(".json") else project.get(given)
    if contract is None:
        raise DiamondError(f"{given} is neither a file nor a contract of this project")
    return abi_of_contract(contract.contract_type)


def known_abis(diamond: KnownDiamond, more: Sequence[Path | NamedAbi] = ()) -> list[NamedAbi]:
    """The ABIs to name a diamond's functions by: those of `more`, those configured, and those that
    Ape has of its facets, from its cache or from an explorer. Raises `DiamondError`.
    """
    configured = [project.path / path for path in (*diamond.abis, *_section().abis)]
    given: list[NamedAbi] = []
    for each in (*more, *configured):
        given += [each] if isinstance(each, NamedAbi) else read_abis(each)
    facets = dict.fromkeys(facet for facet, _ in read_loupe(ApeChain.connected(), diamond.address))
    return [*given, *_of_ape(facets)]


def _section() -> DiamondConfig:
    section = project.config.get_config("diamond")
    assert isinstance(section, DiamondConfig)
    return section


def _of_ape(facets: Sequence[str] | dict[str, None]) -> Iterator[NamedAbi]:
    for facet in facets:
        try:
            found = chain.contracts.get(facet, detect_proxy=False)
        except ApeException:
            continue  # an explorer that does not answer: functions stay four bytes
        if found is not None:
            yield abi_of_contract(found, facet)


def abi_of_contract(contract: ContractType, address: str = "") -> NamedAbi:
    """A contract's ABI, as Ape has it. `address` names one that has no name."""
    return NamedAbi(contract.name or address, tuple(_entries(contract)))


def _entries(contract: ContractType) -> list[dict[str, Any]]:
    return [
        entry.model_dump(mode="json", by_alias=True, exclude_none=True) for entry in contract.abi
    ]


# --- Ape's cache ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loaded:
    """A diamond as Ape knows it now.

    contract: with the functions, events and errors of all facets.
    added, removed: signatures of functions, against what Ape knew of the address before.
    """

    contract: ContractInstance
    view: DiamondView
    added: tuple[str, ...]
    removed: tuple[str, ...]


def load(diamond: str, *, abis: Sequence[Path | str] = (), name: str = "Diamond") -> Loaded:
    """Makes `Contract(address)` know a diamond: by name in ape-config.yaml, or by address.

    `abis` are files or folders of ABIs, and names of the project's contracts. To be called again
    after a cut. Ape keeps what it knows on disk for live networks, and in memory for local ones.
    Raises `NotADiamond`.
    """
    known = known_diamond(diamond)
    more = [Path(each) if Path(each).exists() else project_abi(str(each)) for each in abis]
    view = inspect_diamond(ApeChain.connected(), known.address, known_abis(known, more))
    before = chain.contracts.contract_types[known.address]
    earlier = _signatures(_entries(before)) if before else {}
    contract = contract_of(view, name)
    now = _signatures(view.abi.entries)
    return Loaded(
        contract=contract,
        view=view,
        added=tuple(sorted(now[s] for s in now.keys() - earlier.keys())),
        removed=tuple(sorted(earlier[s] for s in earlier.keys() - now.keys())),
    )


def contract_of(diamond: DiamondView, name: str = "Diamond") -> ContractInstance:
    """A diamond as one contract of Ape's, on the network that Ape is connected to.

    It has the functions, events and errors of all facets, so that Ape decodes the logs of its
    transactions and the errors that refuse them. Replaces what Ape had cached of the address.
    """
    merged = {"contractName": name, "abi": list(diamond.abi.entries)}
    return chain.contracts.instance_at(
        diamond.address,
        contract_type=ContractType.model_validate(merged),
        # A diamond delegates as proxies do, but has no one implementation that could be found.
        detect_proxy=False,
        fetch_from_explorer=False,
        fetch_from_disk=False,
        replace=True,
    )


def send_cut(account: AccountAPI, plan: CutPlan) -> ReceiptAPI:
    """Sends a plan's cut, and waits until it is mined. Ape asks for the key as it always does.

    Raises Ape's own errors, by the diamond's ABI where Ape knows it.
    """
    ecosystem = networks.network.ecosystem
    return account.call(ecosystem.create_transaction(receiver=plan.diamond, data=plan.data))


def _signatures(entries: Sequence[dict[str, Any]]) -> dict[bytes, str]:
    signatures = (signature_of(entry) for entry in entries if entry["type"] == "function")
    return {selector_of(signature): signature for signature in signatures}
