"""Inspects a diamond by the functions that EIP-2535 asks of it.

What a diamond says of itself can be wrong: `faults` has what does not agree, and
`ape_diamond._history` has what its events say instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eth_utils.crypto import keccak

from ape_diamond._abis import MergedAbi, NamedAbi, merge_abis
from ape_diamond._codec import Function
from ape_diamond._values import ZERO_ADDRESS, checked_address, checksummed, shown
from ape_diamond.chain import Chain
from ape_diamond.errors import AnswerUnreadable, CallReverted, NotADiamond

FACETS = Function("facets()", (), ("(address,bytes4[])[]",))
FACET_ADDRESSES = Function("facetAddresses()", (), ("address[]",))
_SUPPORTS = Function("supportsInterface(bytes4)", ("bytes4",), ("bool",))
_OWNER = Function("owner()", (), ("address",))
_PENDING_OWNER = Function("pendingOwner()", (), ("address",))

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


def inspect_diamond(chain: Chain, address: str, known: Sequence[NamedAbi] = ()) -> DiamondView:
    """What the diamond at `address` is made of.

    `known` are ABIs to name functions by, beside those of the standards. Raises `NotADiamond`, and
    `InvalidAddress` for what is not an address.
    """
    address = checked_address(address)
    block = chain.block_number()
    listed = read_loupe(chain, address)
    facets: dict[str, tuple[bytes, ...]] = {}
    for facet, selectors in listed:
        facets[facet] = (*facets.get(facet, ()), *selectors)
    merged = merge_abis(facets, known)
    codes = {facet: chain.code(facet) for facet in facets}
    return DiamondView(
        address=address,
        chain_id=chain.chain_id,
        block=block,
        facets=tuple(
            _facet(facet, codes[facet], selectors, merged) for facet, selectors in facets.items()
        ),
        interfaces=tuple(_interfaces(chain, address)),
        owner=_account(chain, address, _OWNER),
        pending_owner=_account(chain, address, _PENDING_OWNER),
        abi=merged,
        faults=tuple(_faults(listed, FACET_ADDRESSES.try_to_ask(chain, address), codes)),
    )


def read_loupe(chain: Chain, address: str) -> list[tuple[str, tuple[bytes, ...]]]:
    """What `facets()` answers: each facet with its selectors. Raises `NotADiamond`."""
    if not chain.code(address):
        raise NotADiamond(address, "no contract is there; another chain is meant?")
    try:
        answer = FACETS.ask(chain, address)
    except (AnswerUnreadable, CallReverted) as failure:
        raise NotADiamond(address, f"it does not answer facets() ({failure})") from None
    return [(checksummed(facet), tuple(map(bytes, selectors))) for facet, selectors in answer]


def _facet(address: str, code: bytes, selectors: Sequence[bytes], merged: MergedAbi) -> FacetView:
    signatures = merged.signatures()
    return FacetView(
        address=address,
        name=merged.names[address],
        code_hash=shown(keccak(code)),
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
            yield f"facets() names function {shown(selector)} {count} times"
    if addresses is None:
        yield "facetAddresses() returns nothing"
    elif differing := {facet for facet, _ in listed} ^ set(addresses):
        yield f"facets() and facetAddresses() disagree on {', '.join(sorted(differing))}"


def _account(chain: Chain, address: str, function: Function) -> str | None:
    answer: str | None = function.try_to_ask(chain, address)
    return None if answer == ZERO_ADDRESS else answer


def _interfaces(chain: Chain, address: str) -> Iterator[str]:
    # ERC-165: a contract that supports the one id that none can support has it wrong.
    if _SUPPORTS.try_to_ask(chain, address, _INVALID_INTERFACE) is not False:
        return
    for name, interface_id in INTERFACES.items():
        if _SUPPORTS.try_to_ask(chain, address, interface_id):
            yield name
