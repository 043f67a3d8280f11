"""Keccak-256, by the C of safe-pysha3: several for each transaction, and a tenth of their time."""

from __future__ import annotations

from sha3 import keccak_256  # type: ignore[import-untyped]


def keccak(data: bytes) -> bytes:
    """The 32 bytes."""
    digest: bytes = keccak_256(data).digest()
    return digest
