"""An address that answers each call with the bytes that are set for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike.build import ours

from ..evm import Caller

ANSWERING = ours("Answering")


def encoded(signature: str, *args: Any) -> bytes:
    """A call of that function."""
    types = signature.partition("(")[2].removesuffix(")")
    return keccak(text=signature)[:4] + encode(types.split(",") if types else [], args)


def words(*numbers: int) -> bytes:
    return b"".join((number % 2**256).to_bytes(32, "big") for number in numbers)


class Answering:
    """Each call that sets answers is a transaction: a second goes by."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.address = caller.deploy(ANSWERING)

    def set(self, answers: Mapping[bytes, bytes], fails: bool = False) -> None:
        """fails: whether it reverts with these bytes."""
        calls: Sequence[bytes] = [*answers]
        data = [*answers.values()]
        self._caller.tell(ANSWERING, self.address, "set", calls, data, fails)
