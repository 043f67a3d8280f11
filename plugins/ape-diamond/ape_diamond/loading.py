"""Diamonds through Ape: its provider as a chain, and one contract of all facets in its cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ape import chain, networks, project
from ape.api import ProviderAPI
from ape.contracts import ContractInstance
from ape.exceptions import ApeException
from ape.types import ContractType

from ape_diamond._abis import NamedAbi, read_abis
from ape_diamond._config import DiamondConfig, KnownDiamond
from ape_diamond._loupe import DiamondView, inspect_diamond, read_loupe
from ape_diamond._values import checked_address, checksummed, selector_of, signature_of, to_bytes
from ape_diamond.chain import Log
from ape_diamond.errors import CallReverted, DiamondError, NodeRefused

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
    if method == "eth_call" and failed:
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


def known_abis(diamond: KnownDiamond, more: Sequence[Path] = ()) -> list[NamedAbi]:
    """The ABIs to name a diamond's functions by: those of `more`, those configured, and those that
    Ape has of its facets, from its cache or from an explorer. Raises `DiamondError`.
    """
    configured = [project.path / path for path in (*diamond.abis, *_section().abis)]
    given = [abi for path in (*more, *configured) for abi in read_abis(path)]
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
            yield NamedAbi(found.name or facet, tuple(_entries(found)))


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

    `abis` are files or folders of ABIs. To be called again after a cut. Ape keeps what it knows on
    disk for live networks, and in memory for local ones. Raises `NotADiamond`.
    """
    known = known_diamond(diamond)
    view = inspect_diamond(
        ApeChain.connected(), known.address, known_abis(known, [Path(path) for path in abis])
    )
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


def _signatures(entries: Sequence[dict[str, Any]]) -> dict[bytes, str]:
    signatures = (signature_of(entry) for entry in entries if entry["type"] == "function")
    return {selector_of(signature): signature for signature in signatures}
