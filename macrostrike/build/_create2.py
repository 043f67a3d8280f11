"""Addresses that follow from the code alone, not from who sends it, or when.

Contracts are created by the canonical deterministic-deployment proxy, which is at one address on
every chain: its calldata is a salt and the creation code, and it creates by CREATE2. Who sends
the same gets the same contract at the same place, and no one can put another one there.

- A facet's salt is zero: it has no state and no owner, so that diamonds share it where they can.
- A diamond's salt is the hash of its name. Its creation code holds its facets' addresses and its
  owner, so that it does not matter who sends it, nor that the proxy is who creates it.
"""

from __future__ import annotations

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

PROXY = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
PROXY_RUNTIME = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
)
PROXY_CREATION = bytes.fromhex("604580600e600039806000f350fe") + PROXY_RUNTIME
# Signed by no one: the signature was chosen, and the account follows from it. Without a chain id,
# so that it holds on every chain.
PROXY_CREATOR = "0x3fAB184622Dc19b6109349B94811493BF2a45362"
PROXY_TRANSACTION = (
    bytes.fromhex("f8a58085174876e800830186a08080b853")
    + PROXY_CREATION
    + bytes.fromhex("1ba0" + "22" * 32 + "a0" + "22" * 32)
)
PROXY_COST = 100_000 * 100 * 10**9  # wei: the gas and the price that the transaction names

FACET_SALT = bytes(32)


def diamond_salt(name: str) -> bytes:
    """The salt of the diamond of that name."""
    return keccak(text=f"macrostrike.diamond.{name}")


def create2_address(salt: bytes, code: bytes) -> str:
    """Where the proxy creates a contract."""
    packed = b"\xff" + bytes.fromhex(PROXY[2:]) + salt + keccak(code)
    return to_checksum_address(keccak(packed)[12:])
