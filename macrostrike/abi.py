"""ABIs: calls, answers, events and errors, to bytes and back.

Structs and enums of the contracts become the types of `macrostrike.types`, by the names that the
compiler left in the ABI; other structs become tuples. Addresses come out checksummed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from eth_abi.decoding import ContextFramesBytesIO, TupleDecoder, UnsignedIntegerDecoder
from eth_abi.encoding import TupleEncoder
from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.registry import BaseEquals
from eth_abi.registry import registry as shared_registry
from eth_utils.abi import abi_to_signature, collapse_if_tuple
from eth_utils.crypto import keccak

from macrostrike import types
from macrostrike._roots import Named, Struct
from macrostrike._words import words_reader, words_writer
from macrostrike.errors import AbiError, ArtifactsMissing
from macrostrike.types import checksummed

_ARTIFACTS = Path(__file__).parent / "_artifacts"
# In a clone: what tests alone deploy. No wheel has it.
_MOCKS = Path(__file__).parents[1] / ".build" / "mocks"
_ARRAY = re.compile(r"\[\d*\]$")
_SELECTOR_BYTES = 4

# Ape, where it is imported, puts a decoder of its own into the registry that all share, which takes
# words that are missing for zeros. What this client decodes must not depend on that.
_registry = shared_registry.copy()  # type: ignore[no-untyped-call]
_registry.unregister_decoder("uint")
_uint = BaseEquals("uint")  # type: ignore[no-untyped-call]
_registry.register_decoder(_uint, UnsignedIntegerDecoder, label="uint")


# Solidity's own errors, which no interface can declare.
_BUILT_IN = (
    {"type": "error", "name": "Error", "inputs": [{"name": "reason", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract. `bytecode` creates it; `deployed_bytecode` is then on chain."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    deployed_bytecode: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """A decoded event. `args` are named as in the ABI, in snake_case, in the ABI's order."""

    name: str
    args: Mapping[str, Any]


class _Parameters:
    """A list of ABI parameters, ready to encode and decode."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self.names = tuple(snake_case(entry.get("name", "")) for entry in entries)
        self.types = tuple(collapse_if_tuple(dict(entry)) for entry in entries)
        self._convert = tuple(_converter(entry) for entry in entries)

    # Made once for each list, and not with each call, as eth_abi's own codec does.

    @cached_property
    def _encoder(self) -> Callable[[Sequence[Any]], bytes]:
        encoders = [_registry.get_encoder(kind) for kind in self.types]
        return TupleEncoder(encoders=encoders)  # type: ignore[no-untyped-call]

    @cached_property
    def _write(self) -> Callable[[Sequence[Any]], bytes | None]:
        return words_writer(self.types) or (lambda _: None)

    @cached_property
    def _read(self) -> Callable[[bytes], Sequence[Any]]:
        if (words := words_reader(self.types)) is not None:
            return words
        decoders = [_registry.get_decoder(kind) for kind in self.types]
        decoder = TupleDecoder(decoders=decoders)  # type: ignore[no-untyped-call]
        return lambda data: decoder(ContextFramesBytesIO(data))  # type: ignore[no-untyped-call]

    def encode(self, values: Sequence[Any]) -> bytes:
        if len(values) != len(self.types):
            raise AbiError(f"{len(self.types)} arguments are expected, not {len(values)}")
        try:
            plain = [_plain(value) for value in values]
            written = self._write(plain)
            return self._encoder(plain) if written is None else written
        except (EncodingError, OverflowError, TypeError, ValueError) as failure:
            raise AbiError(str(failure)) from failure

    def decode(self, data: bytes) -> tuple[Any, ...]:
        try:
            values = self._read(data)
            # Within: a number that its enum lacks is not a value of the type either.
            pairs = zip(self._convert, values, strict=True)
            return tuple(convert(value) for convert, value in pairs)
        except (DecodingError, OverflowError, ValueError) as failure:
            raise AbiError(f"0x{data.hex()} is not ({','.join(self.types)})") from failure


class _Function:
    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.name: str = entry["name"]
        self.signature: str = abi_to_signature(entry)  # type: ignore[arg-type]
        self.selector = keccak(text=self.signature)[:_SELECTOR_BYTES]
        self.inputs = _Parameters(entry["inputs"])
        self.outputs = _Parameters(entry.get("outputs", ()))


class _EventType:
    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.name: str = entry["name"]
        self.topic = keccak(text=abi_to_signature(entry))  # type: ignore[arg-type]
        self.names = [snake_case(each["name"]) for each in entry["inputs"]]
        self.is_indexed = [bool(each["indexed"]) for each in entry["inputs"]]
        self.indexed = [_Parameters([_topic(e)]) for e in entry["inputs"] if e["indexed"]]
        self.data = _Parameters([e for e in entry["inputs"] if not e["indexed"]])

    def decode(self, topics: Sequence[bytes], data: bytes) -> Event:
        indexed = (
            parameter.decode(topic)[0]
            for parameter, topic in zip(self.indexed, topics[1:], strict=True)
        )
        plain = iter(self.data.decode(data))
        values = (next(indexed) if is_topic else next(plain) for is_topic in self.is_indexed)
        return Event(self.name, dict(zip(self.names, values, strict=True)))


class Abi:
    """An ABI. Functions are named, or given by signature where a name has several.

    Unless it is `typed`, structs are tuples and enums numbers: for contracts of others, whose types
    may have the names of ours.
    """

    def __init__(self, entries: Iterable[Mapping[str, Any]], *, typed: bool = True) -> None:
        entries = entries if typed else map(_untyped, entries)
        by_kind: dict[str, list[Mapping[str, Any]]] = {}
        for entry in entries:
            by_kind.setdefault(entry["type"], []).append(entry)
        functions = [_Function(entry) for entry in by_kind.get("function", ())]
        names = [function.name for function in functions]
        self._functions = {function.signature: function for function in functions} | {
            function.name: function for function in functions if names.count(function.name) == 1
        }
        constructors = by_kind.get("constructor", ())
        self._constructor = _Parameters(constructors[0]["inputs"] if constructors else ())
        events = [_EventType(e) for e in by_kind.get("event", ()) if not e.get("anonymous")]
        self._events = {event.topic: event for event in events}
        errors = [_Function(entry) for entry in by_kind.get("error", ())]
        self._errors = {error.selector: error for error in errors}

    def encode_call(self, function: str, *args: Any) -> bytes:
        """Calldata. Raises `AbiError` when the arguments don't fit."""
        known = self._function(function)
        try:
            return known.selector + known.inputs.encode(args)
        except AbiError as failure:
            raise AbiError(f"{known.signature}: {failure}") from failure

    def encode_constructor(self, *args: Any) -> bytes:
        """What follows a contract's creation bytecode."""
        return self._constructor.encode(args)

    def decode_result(self, function: str, data: bytes) -> Any:
        """What a call returned: None, a value, or a tuple of several."""
        known = self._function(function)
        if not data and known.outputs.types:
            raise AbiError(f"{known.signature} answered nothing: is the contract there?")
        values = known.outputs.decode(data)
        return values if len(values) > 1 else next(iter(values), None)

    def decode_event(self, topics: Sequence[bytes], data: bytes) -> Event | None:
        """The event of a log; None when it is none of this ABI's."""
        known = self._events.get(topics[0]) if topics else None
        return None if known is None else known.decode(topics, data)

    def decode_error(self, data: bytes) -> tuple[str, tuple[Any, ...]] | None:
        """Name and arguments of a custom error; None when it is none of this ABI's."""
        known = self._errors.get(data[:_SELECTOR_BYTES])
        if known is None:
            return None
        try:
            return known.name, known.inputs.decode(data[_SELECTOR_BYTES:])
        except AbiError:
            return None

    def selector(self, function: str) -> bytes:
        """A function's four bytes."""
        return self._function(function).selector

    def topic(self, event: str) -> bytes:
        """An event's first topic."""
        for known in self._events.values():
            if known.name == event:
                return known.topic
        raise AbiError(f"there is no event {event}")

    def error_fields(self) -> dict[str, tuple[str, ...]]:
        """The custom errors, and the names of their arguments in snake_case."""
        return {error.name: error.inputs.names for error in self._errors.values()}

    def _function(self, function: str) -> _Function:
        try:
            return self._functions[function]
        except KeyError:
            raise AbiError(f"there is no function {function}, or it has several forms") from None


def artifact_path(name: str) -> Path:
    """Where a compiled contract of the project is, whether it is there or not."""
    mock = _MOCKS / f"{name}.json"
    return mock if mock.exists() else _ARTIFACTS / f"{name}.json"


def facet_names() -> tuple[str, ...]:
    """The facets of the project, as far as they were built."""
    found = sorted(path.stem for path in _ARTIFACTS.glob("*Facet.json"))
    return tuple(name for name in found if artifact(name).deployed_bytecode)


@cache
def artifact(name: str) -> Artifact:
    """A compiled contract of the project. Raises `ArtifactsMissing`."""
    path = artifact_path(name)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArtifactsMissing(name, str(_ARTIFACTS)) from None
    return Artifact(
        name=name,
        abi=content["abi"],
        bytecode=bytes.fromhex(content["bytecode"][2:]),
        deployed_bytecode=bytes.fromhex(content["deployedBytecode"][2:]),
    )


@cache
def diamond_abi() -> Abi:
    """The whole diamond's ABI: all facets, and the errors of the libraries beneath them."""
    return Abi([*artifact("IMacroStrike").abi, *_BUILT_IN])


@cache
def interface(*names: str, typed: bool = True) -> Abi:
    """The ABI of interfaces of the project, such as those of outside contracts, taken together."""
    entries = [entry for name in names for entry in artifact(name).abi]
    return Abi(entries, typed=typed)


def snake_case(name: str) -> str:
    """`quoteAmount` as `quote_amount`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")


def _topic(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an indexed parameter is in its topic: itself, or its hash if it is over a word."""
    kind = entry["type"]
    is_hashed = kind in ("string", "bytes", "tuple") or _ARRAY.search(kind)
    return {"name": entry["name"], "type": "bytes32"} if is_hashed else entry


def _plain(value: Any) -> Any:
    if isinstance(value, (int, str, bytes)):
        return value
    if is_dataclass(value):
        return tuple([_plain(getattr(value, name)) for name in _names(value.__class__)])
    if isinstance(value, (tuple, list)):
        return tuple([_plain(entry) for entry in value])
    return value


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]


def _converter(entry: Mapping[str, Any]) -> Callable[[Any], Any]:
    kind: str = entry["type"]
    if _ARRAY.search(kind):
        item = _converter({**entry, **_item(entry)})
        return lambda values: tuple(item(value) for value in values)
    known = _named_types().get(entry.get("internalType", "").rpartition(" ")[2].rpartition(".")[2])
    if kind == "tuple":
        members = [_converter(component) for component in entry["components"]]
        build = tuple if known is None else _builder(known)
        return lambda values: build(
            [convert(value) for convert, value in zip(members, values, strict=True)]
        )
    if known is not None:
        return known
    return checksummed if kind == "address" else _unchanged


def _untyped(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry without the names that its types have in Solidity."""
    plain = {key: value for key, value in entry.items() if key != "internalType"}
    for part in ("inputs", "outputs", "components"):
        if part in plain:
            plain[part] = [_untyped(each) for each in plain[part]]
    return plain


@cache
def _named_types() -> dict[str, type[Any]]:
    """Structs and enums by the names that they have in the contracts."""
    kinds = [kind for kind in vars(types).values() if isinstance(kind, type)]
    structs = {kind.abi_name: kind for kind in kinds if issubclass(kind, Struct)}
    return structs | {kind.__name__: kind for kind in kinds if issubclass(kind, Named)}


def _item(entry: Mapping[str, Any]) -> dict[str, str]:
    """The type of an array's items."""
    return {key: _ARRAY.sub("", entry[key]) for key in ("type", "internalType") if key in entry}


def _builder(kind: type[Any]) -> Callable[[list[Any]], Any]:
    """Makes a `kind` of what the chain said, which is not for us to refuse."""
    names = [field.name for field in fields(kind)]

    def build(values: list[Any]) -> Any:
        built = object.__new__(kind)
        for name, value in zip(names, values, strict=True):
            object.__setattr__(built, name, value)
        return built

    return build


def _unchanged(value: Any) -> Any:
    return value
