"""Diamonds through Ape: one contract of all facets in its cache, and what is configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ape import chain, networks, project
from ape.api import AccountAPI, ReceiptAPI
from ape.contracts import ContractInstance
from ape.exceptions import ApeException
from ape.types import ContractType

from ape_diamond._abis import NamedAbi, read_abis
from ape_diamond._config import DiamondConfig, KnownDiamond
from ape_diamond._loupe import DiamondView, inspect_diamond, read_loupe
from ape_diamond._provider import ApeChain
from ape_diamond._values import (
    checked_address,
    selector_of,
    signature_of,
)
from ape_diamond.errors import DiamondError
from ape_diamond.plan import CutPlan

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
