"""The roots of the tree, and the groups that callers catch by."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


class MacroStrikeError(Exception):
    """The root: catching it catches all that this package raises on purpose."""


CONTRACT_ERRORS: dict[str, type[ContractError]] = {}
"""The class of each custom error, by the error's name in the ABI."""


@dataclass(eq=False)
class ContractError(MacroStrikeError):
    """A contract refused. The fields are the error's own, in the order of the ABI.

    Addresses are checksummed strings, amounts are integers in the unit that the message names.
    """

    message: ClassVar[str] = ""
    """What was wrong and what to do, with the fields in braces."""

    def __init_subclass__(cls, *, abi_name: str | None = "") -> None:
        """`abi_name` is by default the class's name; None for what no contract declares."""
        if abi_name is not None:
            CONTRACT_ERRORS[abi_name or cls.__name__] = cls

    def __str__(self) -> str:
        shown = {field.name: _shown(getattr(self, field.name)) for field in fields(self)}
        return f"{type(self).__name__}: {self.message.format(**shown)}"


class GateError(ContractError, abi_name=None):
    """A gate refused the strike: nothing was traded, and no nonce was used."""


class AccessError(ContractError, abi_name=None):
    """The caller may not do this."""


class CutError(ContractError, abi_name=None):
    """The diamond refused a cut."""


class TreasuryError(ContractError, abi_name=None):
    """Capital could not be moved."""


class ConfigError(ContractError, abi_name=None):
    """A setting of the fleet, a market or a role was refused."""


class SwapError(ContractError, abi_name=None):
    """A pool did not trade as it must."""


def _shown(value: object) -> object:
    return "0x" + value.hex() if isinstance(value, bytes) else value
