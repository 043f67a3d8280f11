"""What Safes and timelocks have in common: calls that they make, and questions that they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ape_diamond._codec import Function
from ape_diamond.chain import Chain
from ape_diamond.errors import AnswerUnreadable, CallReverted, DiamondError


@dataclass(frozen=True, slots=True)
class OwnerCall:
    """A call that an owner is to make. `value` is in wei; `does` says it in words."""

    to: str
    data: bytes
    value: int = 0
    does: str = ""

    def to_json(self) -> dict[str, str]:
        """As files for owners have it."""
        data = "0x" + self.data.hex()
        return {"does": self.does, "to": self.to, "value": str(self.value), "data": data}


def ask(chain: Chain, contract: str, what: str, function: Function, *args: object) -> Any:
    """What a contract answers. Raises `DiamondError` when it is no `what`."""
    try:
        return function.ask(chain, contract, *args)
    except (AnswerUnreadable, CallReverted):
        raise DiamondError(
            f"{contract} is no {what}: it does not answer {function.name}()"
        ) from None
