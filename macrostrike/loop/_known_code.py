"""Whether a diamond runs code that is known, before anything is approved to it."""

from __future__ import annotations

from collections.abc import Iterable

from eth_utils.crypto import keccak

from ape_diamond import code_hash, first_slot
from macrostrike.abi import interface
from macrostrike.build import built_hashes
from macrostrike.chain import BoundContract, Transport
from macrostrike.errors import UnknownCode
from macrostrike.types import checksummed

_NAMESPACE = "macrostrike.storage.Diamond"
_ADDRESS_BYTES = 20


def require_known_code(transport: Transport, diamond: str, known: Iterable[str] = ()) -> None:
    """Raises `UnknownCode` unless the diamond and each of its facets have the code of this build,
    or of one that is `known`, by the Keccak hash of its code (`0x` and hex). Raises what the
    transport raises.

    Its list of facets is believed where the facet that returns it is known, by the diamond's own
    storage: the diamond's code reads it there. What its owner changes afterwards is not covered.
    """
    accepted = built_hashes() | {each.lower() for each in known}
    unknown: dict[str, str] = {}
    for address in [diamond, _loupe(transport, diamond)]:
        unknown |= _unknown(transport, address, accepted)
    if not unknown:
        for address in _facets(transport, diamond):
            unknown |= _unknown(transport, address, accepted)
    if unknown:
        raise UnknownCode(diamond, unknown)


def _unknown(transport: Transport, address: str, accepted: Iterable[str]) -> dict[str, str]:
    """The address and its code's hash, where that is none of those that are accepted."""
    code = transport.code(address)
    exact = "0x" + keccak(code).hex()
    return {} if code and {exact, code_hash(code)} & set(accepted) else {address: exact}


def _loupe(transport: Transport, diamond: str) -> str:
    """The facet that answers `facets()`, by the storage of a diamond with our code."""
    selector = int.from_bytes(interface("IDiamondLoupe").selector("facets"), "big")
    word = transport.storage(diamond, int(first_slot(_NAMESPACE), 16) + selector)
    return checksummed("0x" + word[-_ADDRESS_BYTES:].hex())


def _facets(transport: Transport, diamond: str) -> list[str]:
    loupe = BoundContract.of(transport, diamond, "IDiamondLoupe")
    return [checksummed(facet.facet_address) for facet in loupe.call("facets")]
