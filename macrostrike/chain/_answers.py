"""What a node's answers say, whatever their HTTP status, shape or wording. No I/O.

Nodes, balancers and providers differ in all that the JSON-RPC specification leaves open, and in
some that it does not. All of it is read here, and what makes no sense is a `MalformedAnswer`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from macrostrike.chain._http import HttpAnswer
from macrostrike.errors import MalformedAnswer, NodeError, NodeUnavailable, Reverted
from macrostrike.errors.redaction import without_secrets

_EXECUTION_REVERTED = 3
_EXECUTES = frozenset(
    {"eth_call", "eth_estimateGas", "eth_createAccessList", "debug_traceCall", "eth_simulateV1"}
)
"""What a revert can be the answer of. Of a transaction that is sent it never is."""

_SAYS_REVERT = (
    "revert",
    "vm exception",
    "vm execution error",
    "invalid opcode",
    "bad instruction",
    "bad jump",
    "stack underflow",
    "stack overflow",
    "stack limit",
    "out of gas",
    "outofgas",
)
_NO_REVERT = ("insufficient funds", "nonce", "gas required exceeds", "header not found")
_PREFIXES = ("0x", "0X")
_HEX_WITHIN = re.compile(r"0x(?:[0-9a-fA-F]{2})*(?![0-9a-zA-Z])")
_NESTED = 4  # levels of objects that revert data was seen in, and one more
_SHOWN = 200  # characters of an answer in a message


def parse(url: str, answer: HttpAnswer) -> Any:
    """The JSON of an answer, of any status. Raises `NodeUnavailable` where it is none."""
    try:
        parsed: Any = json.loads(answer.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        parsed = None
    is_json, is_ok = isinstance(parsed, (dict, list)), answer.status == 200
    if is_json and (is_ok or _is_rpc(parsed)):
        return parsed
    said = "the answer is not a JSON object" if is_ok else f"HTTP {answer.status}"
    if is_json and (words := _message(parsed)):
        said += f": {words}"
    raise NodeUnavailable(
        url, said, status=0 if is_ok else answer.status, retry_after=answer.retry_after
    )


def result_of(url: str, method: str, answer: Any) -> Any:
    """The result in one answer.

    Raises `Reverted` and `NodeError` for an error, `MalformedAnswer` where there is neither.
    """
    if not isinstance(answer, dict):
        raise MalformedAnswer(method, f"{type(answer).__name__} instead of an object")
    error = answer.get("error")
    if error is not None and error is not False:
        raise refusal(url, method, error)
    if "result" not in answer:
        said = without_secrets(_message(answer), url)
        raise MalformedAnswer(method, said or "it has neither a result nor an error")
    return answer["result"]


def refusal(url: str, method: str, error: Any) -> NodeError | Reverted:
    """What an `error` says, be it an object, a string, a number or a list.

    Nodes agree on code 3 for reverts, but not all keep to it: some give data alone, as hex, in
    words ("Reverted 0x…"), or in objects in objects.
    """
    code, reason = _code(error), without_secrets(_message(error), url)
    if method in _EXECUTES:
        if output := _revert_data(error):
            return Reverted(output)
        if code == _EXECUTION_REVERTED:
            return Reverted(b"")
        if _says(_SAYS_REVERT, reason) and not _says(_NO_REVERT, reason):
            return Reverted(b"", reason)
    if not code and not reason:
        return MalformedAnswer(method, f"its error is {shown(error)}")
    return NodeError(method, code, reason)


def quantity(value: Any, method: str) -> int:
    """A number, as `0x…` or as JSON's own."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str):
        try:
            number = int(value, 16) if value[:2] in _PREFIXES else -1
        except ValueError:
            number = -1
        if number >= 0 and "_" not in value:
            return number
    raise MalformedAnswer(method, f"{shown(value)} is not a number")


def data(value: Any, method: str, length: int | None = None) -> bytes:
    """Bytes, as `0x…`; of just that `length` where it is given."""
    if isinstance(value, str) and value[:2] in _PREFIXES:
        try:
            found = bytes.fromhex(value[2:])
        except ValueError:
            found = b""
        # It reads blanks between digits too, which are none.
        if 2 * len(found) + 2 == len(value) and (length is None or len(found) == length):
            return found
    wanted = "bytes" if length is None else f"{length} bytes"
    raise MalformedAnswer(method, f"{shown(value)} is not {wanted}")


def mapping(value: Any, method: str) -> Mapping[str, Any]:
    """An object."""
    if isinstance(value, dict):
        return value
    raise MalformedAnswer(method, f"{shown(value)} is not an object")


def sequence(value: Any, method: str) -> Sequence[Any]:
    """A list."""
    if isinstance(value, list):
        return value
    raise MalformedAnswer(method, f"{shown(value)} is not a list")


def field(of: Mapping[str, Any], name: str, method: str) -> Any:
    """A field that must be there, and not be null."""
    if (value := of.get(name)) is None:
        raise MalformedAnswer(method, f"it has no {name}")
    return value


def shown(value: Any) -> str:
    """As much of a value as a message can take."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _says(words: Sequence[str], text: str) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in words)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _is_rpc(parsed: Any) -> bool:
    """Whether it is a JSON-RPC answer, or several, and no object of a balancer's own."""
    if isinstance(parsed, list):
        return bool(parsed) and all(_is_rpc(each) for each in parsed if isinstance(each, dict))
    return "jsonrpc" in parsed or "result" in parsed or isinstance(parsed.get("error"), dict)


def _code(error: Any) -> int:
    code = error.get("code") if isinstance(error, Mapping) else error
    if isinstance(code, bool):
        return 0
    if isinstance(code, float):
        return int(code) if math.isfinite(code) else 0
    if isinstance(code, str):
        try:
            return int(code)
        except ValueError:
            return 0
    return code if isinstance(code, int) else 0


def _message(error: Any, depth: int = 0) -> str:
    """The words of an error: under whatever name, and within whatever."""
    if isinstance(error, str):
        return _cut(error)
    if isinstance(error, Mapping) and depth < _NESTED:
        for name in ("message", "reason", "error", "details", "detail", "msg", "title", "data"):
            if said := _message(error.get(name), depth + 1):
                return said
    return ""


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 2 * _SHOWN else text[: 2 * _SHOWN] + "…"


def _revert_data(error: Any, depth: int = 0) -> bytes:
    """The bytes that a revert came with, from where they were seen; empty where there are none."""
    if depth > _NESTED:
        return b""
    if isinstance(error, str):
        found = _HEX_WITHIN.search(error) if depth else None
        return bytes.fromhex(found[0][2:]) if found else b""
    if not isinstance(error, Mapping):
        return b""
    for name in ("data", "originalError", "error", "return", "output"):
        if found_data := _revert_data(error.get(name), depth + 1):
            return found_data
    if depth:  # ganache: by the transaction's hash
        for value in error.values():
            if isinstance(value, Mapping) and (found_data := _revert_data(value, depth + 1)):
                return found_data
    message = error.get("message")
    if isinstance(message, str) and "revert" in message.lower():
        return _revert_data(message, depth + 1)
    return b""
