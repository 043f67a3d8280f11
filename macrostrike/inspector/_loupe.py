"""Looks into any diamond, this project's or not, by what EIP-2535 makes it tell.

What a diamond says of itself can be wrong: `faults` has what does not agree, and
`macrostrike.inspector._history` gives what its events say instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from macrostrike.abi import interface
from macrostrike.chain import BoundContract, Reverted, Transport
from macrostrike.errors import AbiError
from macrostrike.errors.deploying import NotADiamond
from macrostrike.inspector._abis import MergedAbi, NamedAbi, merge_abis
from macrostrike.types import ZERO_ADDRESS, checked_address, checksummed

_INVALID_INTERFACE = bytes.fromhex("ffffffff")
INTERFACES = {
    "ERC-165": bytes.fromhex("01ffc9a7"),
    "ERC-173 (owner)": bytes.fromhex("7f5828d0"),
    "EIP-2535 diamondCut": bytes.fromhex("1f931c1c"),
    "EIP-2535 loupe": bytes.fromhex("48e2b093"),
    "ERC-20": bytes.fromhex("36372b07"),
    "ERC-721": bytes.fromhex("80ac58cd"),
    "ERC-1155": bytes.fromhex("d9b67a26"),
    "ERC-1271": bytes.fromhex("1626ba7e"),
    "ERC-2981": bytes.fromhex("2a55205a"),
}
"""The ids that a diamond is asked about."""


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet.

    name: the contract that has its functions, as far as one is known; the code is not compared.
    code_hash: Keccak of its code, `0x` and hex. code_size: bytes of it, 0 where there is none.
    functions: signatures by selector, None where no ABI knows it.
    """

    address: str
    name: str | None
    code_hash: str
    code_size: int
    functions: Mapping[bytes, str | None]


@dataclass(frozen=True, slots=True)
class DiamondView:
    """A diamond, as it was at a block.

    interfaces: those of `INTERFACES` that it says it supports.
    owner, pending_owner: None where it has no such function, or there is none.
    faults: where it contradicts itself, or cannot work.
    """

    address: str
    chain_id: int
    block: int
    facets: tuple[FacetView, ...]
    interfaces: tuple[str, ...]
    owner: str | None
    pending_owner: str | None
    abi: MergedAbi
    faults: tuple[str, ...]

    @property
    def functions(self) -> dict[bytes, str]:
        """The facet of each selector."""
        return {selector: facet.address for facet in self.facets for selector in facet.functions}


def inspect_diamond(
    transport: Transport, address: str, known: Sequence[NamedAbi] = ()
) -> DiamondView:
    """What the diamond at `address` is made of.

    `known` are ABIs to name functions by, beside those of this project and of the standards.
    Raises `NotADiamond`, and `InvalidValue` for what is not an address.
    """
    address = checked_address(address)
    block = transport.block_number()
    if not transport.code(address):
        raise NotADiamond(address, "no contract is there; another chain is meant?")
    reader = _Reader(transport, address)
    try:
        answer = reader.ask("facets")
    except (AbiError, Reverted) as failure:
        raise NotADiamond(address, f"it does not answer facets() ({failure})") from None
    listed = [(checksummed(facet), tuple(map(bytes, selectors))) for facet, selectors in answer]
    facets: dict[str, tuple[bytes, ...]] = {}
    for facet, selectors in listed:
        facets[facet] = (*facets.get(facet, ()), *selectors)
    merged = merge_abis(facets, known)
    codes = {facet: transport.code(facet) for facet in facets}
    return DiamondView(
        address=address,
        chain_id=transport.chain_id,
        block=block,
        facets=tuple(
            _facet(facet, codes[facet], selectors, merged) for facet, selectors in facets.items()
        ),
        interfaces=tuple(reader.interfaces()),
        owner=reader.account("owner"),
        pending_owner=reader.account("pendingOwner"),
        abi=merged,
        faults=tuple(_faults(listed, reader.try_to_ask("facetAddresses"), codes)),
    )


def _facet(address: str, code: bytes, selectors: Sequence[bytes], merged: MergedAbi) -> FacetView:
    signatures = merged.signatures()
    return FacetView(
        address=address,
        name=merged.names[address],
        code_hash="0x" + keccak(code).hex(),
        code_size=len(code),
        functions={selector: signatures.get(selector) for selector in selectors},
    )


def _faults(
    listed: Sequence[tuple[str, Sequence[bytes]]],
    addresses: Sequence[str] | None,
    codes: Mapping[str, bytes],
) -> Iterator[str]:
    for facet, code in codes.items():
        if not code:
            yield f"facet {facet} has no code: calls to it do nothing, and succeed"
    for facet, count in Counter(facet for facet, _ in listed).items():
        if count > 1:
            yield f"facets() names facet {facet} {count} times"
    for selector, count in Counter(s for _, selectors in listed for s in selectors).items():
        if count > 1:
            yield f"facets() names function 0x{selector.hex()} {count} times"
    if addresses is None:
        yield "facetAddresses() gives no answer"
    elif differing := {facet for facet, _ in listed} ^ set(addresses):
        yield f"facets() and facetAddresses() disagree on {', '.join(sorted(differing))}"


class _Reader:
    def __init__(self, transport: Transport, address: str) -> None:
        # Others' structs need not be ours.
        abi = interface("IDiamondLoupe", "IAccess", typed=False)
        self.ask = BoundContract(transport, address, abi).call

    def try_to_ask(self, name: str, *args: Any) -> Any:
        """None where there is no answer that could be read."""
        try:
            return self.ask(name, *args)
        except (AbiError, Reverted):
            return None

    def account(self, name: str) -> str | None:
        answer = self.try_to_ask(name)
        return None if answer == ZERO_ADDRESS else answer

    def interfaces(self) -> Iterator[str]:
        # ERC-165: a contract that supports the one id that none can support has it wrong.
        if self.try_to_ask("supportsInterface", _INVALID_INTERFACE) is not False:
            return
        for name, interface_id in INTERFACES.items():
            if self.try_to_ask("supportsInterface", interface_id):
                yield name
