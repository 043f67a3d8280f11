"""Merkle trees over rows, as of RFC 6962: SHA-256; leaves are hashed behind a 0, nodes behind a 1.

A leaf is a row's canonical JSON: keys in order, no blanks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any


def text(content: Mapping[str, Any]) -> str:
    """The canonical JSON."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def leaf(content: Mapping[str, Any]) -> bytes:
    """A leaf's hash."""
    return sha256(b"\x00" + text(content).encode()).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree's root, 32 bytes; of no leaves, the hash of nothing."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = _middle(len(leaves))
    return _node(root(leaves[:middle]), root(leaves[middle:]))


def proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that show that a leaf is in the tree, from its neighbour up."""
    if len(leaves) == 1:
        return []
    middle = _middle(len(leaves))
    if index < middle:
        return [*proof(leaves[:middle], index), root(leaves[middle:])]
    return [*proof(leaves[middle:], index - middle), root(leaves[:middle])]


def root_by(proof: Sequence[bytes], leaf: bytes, index: int, count: int) -> bytes:
    """The root by a proof for the leaf at an index, of so many."""
    if count == 1:
        return leaf
    middle, rest, other = _middle(count), proof[:-1], proof[-1]
    if index < middle:
        return _node(root_by(rest, leaf, index, middle), other)
    return _node(other, root_by(rest, leaf, index - middle, count - middle))


def _middle(count: int) -> int:
    """The largest power of two under it."""
    power: int = 1 << ((count - 1).bit_length() - 1)
    return power


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
