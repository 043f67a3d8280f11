"""Addresses, selectors and signatures, as this package has them everywhere.

Addresses are checksummed `0x` strings in every answer, selectors are four bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eth_utils.abi import abi_to_signature
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ape_diamond.errors import InvalidAddress

ZERO_ADDRESS = "0x" + "00" * 20
_SELECTOR = 4
ADDRESS_BYTES = 20
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HEX = re.compile(r"0x[0-9a-fA-F]*")


def shown(data: bytes) -> str:
    """Bytes as people read them: `0x` and hex."""
    return "0x" + data.hex()


def counted(number: int, one: str) -> str:
    """`1 cut`, `2 cuts`."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def checksummed(address: str | bytes) -> str:
    """An address with its checksum."""
    return str(to_checksum_address(address))


def checked_address(address: str) -> str:
    """The address, checksummed. Raises `InvalidAddress` where it is not an address."""
    if not _ADDRESS.fullmatch(address):
        raise InvalidAddress(address, "it has 0x and 40 hexadecimal digits")
    return checksummed(address)


def selector_of(signature: str) -> bytes:
    """The four bytes of a function or an error: `owner()`."""
    return keccak(text=signature)[:_SELECTOR]


def signature_of(entry: Mapping[str, Any]) -> str:
    """`transfer(address,uint256)`, of an entry of an ABI."""
    return abi_to_signature(entry)  # type: ignore[arg-type]


def to_bytes(text: str) -> bytes:
    """The bytes of a `0x` string. Raises `ValueError` for other text."""
    if not _HEX.fullmatch(text):
        raise ValueError(f"{text!r} is not hex that begins with 0x")
    return bytes.fromhex(text[2:])
