"""What Safes and timelocks have in common: calls that they make, and questions that they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from macrostrike.chain import BoundContract, Reverted
from macrostrike.errors import AbiError
from macrostrike.errors.deploying import DeployError


@dataclass(frozen=True, slots=True)
class OwnerCall:
    """A call that an owner is to make. `value` is in wei; `does` says it in words."""

    to: str
    data: bytes
    value: int = 0
    does: str = ""


def ask(contract: BoundContract, what: str, name: str, *args: object) -> Any:
    """What a contract answers. Raises `DeployError` when it is no `what`."""
    try:
        return contract.call(name, *args)
    except (AbiError, Reverted):
        raise DeployError(f"{contract.address} is no {what}: it does not answer {name}()") from None
