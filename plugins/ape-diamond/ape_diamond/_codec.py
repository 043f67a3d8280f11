"""Calls, answers and events of contracts, to bytes and back: by the types of their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.codec import ABICodec
from eth_abi.decoding import UnsignedIntegerDecoder
from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.registry import BaseEquals
from eth_abi.registry import registry as shared_registry
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from ape_diamond._values import checksummed, selector_of, shown, signature_of
from ape_diamond.chain import Chain
from ape_diamond.errors import AnswerUnreadable, CallReverted, DiamondError

# Ape puts a decoder of its own into the registry that all share, which reads words that are missing
# as zeros: an account without code would then answer `facets()`.
_registry = shared_registry.copy()  # type: ignore[no-untyped-call]
_registry.unregister_decoder("uint")
_registry.register_decoder(
    BaseEquals("uint"),  # type: ignore[no-untyped-call]
    UnsignedIntegerDecoder,
    label="uint",
)
_codec = ABICodec(_registry)


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """ABI-encoded values. Raises `DiamondError` where one does not fit its type."""
    try:
        return _codec.encode(types, values)
    except (EncodingError, OverflowError, TypeError, ValueError) as failure:
        raise DiamondError(str(failure)) from failure


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """The values, addresses checksummed. Raises `AnswerUnreadable`."""
    try:
        values = _codec.decode(types, data)
    except (DecodingError, OverflowError, ValueError) as failure:
        raise AnswerUnreadable(f"{shown(data)} is not ({','.join(types)})") from failure
    return tuple(_checked(kind, value) for kind, value in zip(types, values, strict=True))


def _checked(kind: str, value: Any) -> Any:
    if kind == "address":
        return checksummed(value)
    if kind == "address[]":
        return tuple(map(checksummed, value))
    return value


@dataclass(frozen=True, slots=True)
class Function:
    """A function by its signature, with the types that it returns."""

    signature: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Function:
        """From an entry of an ABI."""
        inputs, outputs = (
            tuple(collapse_if_tuple(dict(each)) for each in entry.get(part, ()))
            for part in ("inputs", "outputs")
        )
        return cls(signature_of(entry), inputs, outputs)

    @property
    def name(self) -> str:
        return self.signature.partition("(")[0]

    def encode(self, *values: Any) -> bytes:
        """Calldata. Raises `DiamondError`."""
        return selector_of(self.signature) + encode(self.inputs, values)

    def ask(self, chain: Chain, contract: str, *values: Any) -> Any:
        """What a contract answers: a value, or a tuple of several.

        Raises `CallReverted` and `AnswerUnreadable`.
        """
        answers = decode(self.outputs, chain.call(contract, self.encode(*values)))
        return answers if len(answers) > 1 else next(iter(answers), None)

    def try_to_ask(self, chain: Chain, contract: str, *values: Any) -> Any:
        """As `ask`; None where there is no answer that could be read."""
        try:
            return self.ask(chain, contract, *values)
        except (AnswerUnreadable, CallReverted):
            return None


_BUILT_IN = {
    selector_of("Error(string)"): Function("Error(string)", ("string",)),
    selector_of("Panic(uint256)"): Function("Panic(uint256)", ("uint256",)),
}


def describe_revert(entries: Iterable[Mapping[str, Any]], data: bytes) -> str:
    """A revert as people read it: the error's name with its values, as far as an ABI has it."""
    errors = (Function.of(entry) for entry in entries if entry["type"] == "error")
    known = _BUILT_IN | {selector_of(error.signature): error for error in errors}
    error = known.get(data[:4])
    if error is None:
        return f"revert data {shown(data)}" if data else "no revert data"
    try:
        values = decode(error.inputs, data[4:])
    except AnswerUnreadable:
        return f"revert data {shown(data)}"
    texts = (shown(value) if isinstance(value, bytes) else str(value) for value in values)
    return f"{error.name}({', '.join(texts)})"


def topic_of(signature: str) -> bytes:
    """An event's first topic."""
    return keccak(text=signature)
