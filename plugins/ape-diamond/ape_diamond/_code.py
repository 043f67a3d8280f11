"""Deployed code, without what differs though the contract is the same."""

from __future__ import annotations

from collections.abc import Iterable

from eth_utils.crypto import keccak

_LENGTH_BYTES = 2
# A CBOR map of one to four entries, the first of which is one of the compiler's.
_MAPS = frozenset(range(0xA1, 0xA5))
_KEYS = tuple(bytes([0x60 + len(key)]) + key for key in (b"ipfs", b"bzzr0", b"bzzr1", b"solc"))


def masked(code: bytes, immutables: Iterable[tuple[int, int]] = ()) -> bytes:
    """Code without the compiler's metadata, which comments change, and with immutables as zeros.

    `immutables` are places in it: first byte and length. Code that ends with no metadata stays
    whole.
    """
    bare = bytearray(code)
    for start, length in immutables:
        bare[start : start + length] = bytes(length)
    return bytes(bare[: len(bare) - _metadata(code)])


def code_hash(code: bytes, immutables: Iterable[tuple[int, int]] = ()) -> str:
    """Keccak of the masked code, `0x` and hex."""
    return "0x" + keccak(masked(code, immutables)).hex()


def _metadata(code: bytes) -> int:
    """Bytes of the metadata at the end, its length included."""
    length = int.from_bytes(code[-_LENGTH_BYTES:], "big") + _LENGTH_BYTES
    if length >= len(code):
        return 0
    start = len(code) - length
    known = code[start] in _MAPS and code.startswith(_KEYS, start + 1)
    return length if known else 0
