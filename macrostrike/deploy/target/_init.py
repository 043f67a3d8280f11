"""What an upgrade runs once, in the diamond's own storage, with its next cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from macrostrike.build import FACET_SALT, Contract, create2_address
from macrostrike.errors import AbiError, ArtifactsMissing, InvalidValue
from macrostrike.errors.deploying import DeployError
from macrostrike.types import checked_address

_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class InitCall:
    """A contract that the cut delegates to, and the calldata. `does` says it in words."""

    contract: Contract
    data: bytes = field(repr=False)
    does: str

    @property
    def address(self) -> str:
        """Where the contract goes."""
        return create2_address(FACET_SALT, self.contract.create())


def init_call(
    name: str, function: str, arguments: Sequence[Any], compiled: Callable[[str], Contract]
) -> InitCall:
    """The call of a contract's function, by its name or its signature.

    `arguments` are as a target has them: scalars as text, arrays as lists of them. Raises
    `DeployError`.
    """
    try:
        contract = compiled(name)
    except ArtifactsMissing:
        raise DeployError(f"{name} is not a compiled contract") from None
    if contract.takes_arguments:
        raise DeployError(f"{name} takes arguments to be created, and gets none")
    found = [s for s in contract.functions.values() if function in (s, s.partition("(")[0])]
    if len(found) != 1:
        known = ", ".join(sorted(contract.functions.values())) or "none"
        raise DeployError(f"{name} has {len(found)} functions {function}; it has {known}")
    (signature,) = found
    kinds = [kind for kind in signature.partition("(")[2][:-1].split(",") if kind]
    if len(kinds) != len(arguments):
        raise DeployError(f"{signature} takes {len(kinds)} arguments, not {len(arguments)}")
    try:
        values = [_value(*each) for each in zip(kinds, arguments, strict=True)]
        data = contract.abi.encode_call(signature, *values)
    except (AbiError, InvalidValue, ValueError) as failure:
        raise DeployError(f"{signature}: {failure}") from None
    shown = ", ".join(map(str, arguments))
    return InitCall(contract, data, f"{name}.{function.partition('(')[0]}({shown})")


def _value(kind: str, given: Any) -> Any:
    if kind.endswith("]"):
        if not isinstance(given, (list, tuple)):
            raise ValueError(f"{given!r} is not a list, which {kind} needs")
        return [_value(kind.rpartition("[")[0], each) for each in given]
    text = str(given)
    if kind.startswith(("uint", "int")):
        return int(text, 0)
    if kind == "bool":
        if text not in _TRUTHS:
            raise ValueError(f"{text!r} is neither true nor false")
        return _TRUTHS[text]
    if kind == "address":
        return checked_address(text)
    if kind.startswith("bytes"):
        return bytes.fromhex(text.removeprefix("0x"))
    if kind == "string":
        return text
    raise ValueError(f"{kind} can't be given in a target")
