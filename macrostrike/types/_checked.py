"""Dataclasses that check their fields against their annotations."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from enum import IntEnum
from functools import cache, lru_cache
from numbers import Integral
from typing import Annotated, Any, ClassVar, get_args, get_origin, get_type_hints

from eth_utils.address import to_checksum_address

from macrostrike._roots import Length, Range
from macrostrike.errors import InvalidValue

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
ZERO_ADDRESS = "0x" + "00" * 20

checksummed: Callable[[str | bytes], str] = lru_cache(maxsize=4096)(to_checksum_address)
"""An address with its EIP-55 checksum."""


class Checked:
    """Checks every field against its annotation, and makes addresses and enums what they are."""

    __slots__ = ()
    _error: ClassVar[type[InvalidValue]] = InvalidValue

    def __post_init__(self) -> None:
        kind: Any = type(self)
        for name, check in _checks(kind):
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, check(value))
            except _Refused as refused:
                raise self._error(name, value, str(refused)) from None


class _Refused(Exception):
    """What the value must be."""


@cache
def _checks(kind: type[Any]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple((field.name, _check(hints[field.name])) for field in fields(kind))


def _check(hint: Any) -> Callable[[Any], Any]:
    if get_origin(hint) is Annotated:
        base, rule = get_args(hint)
        if isinstance(rule, Range):
            return lambda value: _integer(value, rule)
        if isinstance(rule, Length):
            item = _check(get_args(base)[0])
            return lambda value: _items(value, item, rule)
        return _address
    if get_origin(hint) is tuple:
        item = _check(get_args(hint)[0])
        return lambda value: _items(value, item, None)
    if issubclass(hint, IntEnum):
        return lambda value: _member(value, hint)
    return lambda value: _instance(value, hint)


def _integer(value: Any, rule: Range) -> int:
    # A bool is an int to Python, and an enum's member is one number too few. Those of numpy are no
    # subclass, and numbers.
    if not isinstance(value, int) and isinstance(value, Integral):
        value = int(value)
    if type(value) is not int or not rule.min <= value <= rule.max:
        raise _Refused(f"it must be an integer from {rule.min} to {rule.max}")
    return value


def _address(value: Any) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise _Refused("an address is 0x and 40 hexadecimal digits")
    right = checksummed(value)
    # Mixed case is a checksum (EIP-55), and a wrong one a mistyped address.
    if value not in (right, value.lower(), "0x" + value[2:].upper()):
        raise _Refused(f"its checksum is wrong, {right} has the right one")
    return right


def _member(value: Any, kind: type[IntEnum]) -> IntEnum:
    try:
        return kind(value)
    except ValueError:
        choices = ", ".join(f"{kind.__name__}.{member.name}" for member in kind)
        raise _Refused(f"it must be one of {choices}") from None


def _items(value: Any, item: Callable[[Any], Any], rule: Length | None) -> tuple[Any, ...]:
    if not isinstance(value, (tuple, list)) or (rule and not rule.min <= len(value) <= rule.max):
        raise _Refused(f"it must have {rule or 'some'} items")
    return tuple(item(entry) for entry in value)


def _instance(value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise _Refused(f"it must be a {kind.__name__}")
    return value


@cache
def ranges_of(kind: type[Any]) -> dict[str, Range]:
    """What each integer field of a checked class may be."""
    hints = get_type_hints(kind, include_extras=True).items()
    found = {name: rule for name, hint in hints for rule in getattr(hint, "__metadata__", ())}
    return {name: rule for name, rule in found.items() if isinstance(rule, Range)}


def checked_address(value: str, field: str = "address") -> str:
    """The address with its EIP-55 checksum. Raises `InvalidValue`."""
    try:
        return _address(value)
    except _Refused as refused:
        raise InvalidValue(field, value, str(refused)) from None
