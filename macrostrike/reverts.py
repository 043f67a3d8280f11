"""Revert data, made an error of `macrostrike.errors`."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any

from macrostrike._roots import text_of
from macrostrike.abi import diamond_abi
from macrostrike.errors import CONTRACT_ERRORS, ContractError, UnknownRevert


def decode_revert(data: bytes, reason: str = "") -> ContractError:
    """The error that revert data stands for; `UnknownRevert` when the ABI does not explain it.

    `reason` is what is known beside the data, as of `Reverted.reason`.
    """
    decoded = diamond_abi().decode_error(data)
    if decoded is None:
        return UnknownRevert(data, reason)
    name, values = decoded
    kind = CONTRACT_ERRORS[name]
    return kind(*map(_field_value, fields(kind), values))


def _field_value(field: Field[Any], value: Any) -> Any:
    return text_of(value) if isinstance(value, bytes) and field.type == "str" else value
