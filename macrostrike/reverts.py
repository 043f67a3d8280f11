"""Revert data, made an error of `macrostrike.errors`."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any

from macrostrike._roots import caused_by, text_of
from macrostrike.abi import diamond_abi, interface
from macrostrike.errors import CONTRACT_ERRORS, ContractError, ForeignError, UnknownRevert


def decode_revert(data: bytes, reason: str = "") -> ContractError:
    """The error that revert data stands for; `UnknownRevert` when the ABI does not explain it.

    `reason` is what is known beside the data, as of `Reverted.reason`. An error that hands on what
    another contract reverted with has that as its `cause`.
    """
    decoded = diamond_abi().decode_error(data)
    if decoded is None:
        return UnknownRevert(data, reason)
    name, values = decoded
    kind = CONTRACT_ERRORS[name]
    error = kind(*map(_field_value, fields(kind), values))
    return _with_cause(error, getattr(error, "reason", None))


def _foreign(reason: bytes) -> ContractError:
    """What another contract reverted with: a venue's error, Solidity's, or one like ours."""
    if reason and not any(reason):
        return ForeignError("false", {})  # what a token returned
    venues = interface("IVenueErrors")
    decoded = venues.decode_error(reason)
    if decoded is None:
        return decode_revert(reason)
    name, values = decoded
    error = ForeignError(name, dict(zip(venues.error_fields()[name], values, strict=True)))
    return _with_cause(error, error.values.get("reason"))


def _with_cause(error: ContractError, reason: Any) -> ContractError:
    return caused_by(error, _foreign(reason)) if isinstance(reason, bytes) else error


def _field_value(field: Field[Any], value: Any) -> Any:
    return text_of(value) if isinstance(value, bytes) and field.type == "str" else value
