"""Ownership of a diamond handed to another account, in two steps: offered, then accepted."""

from __future__ import annotations

from dataclasses import dataclass

from ape_diamond.owner import OwnerCall
from macrostrike.abi import diamond_abi
from macrostrike.chain import Transport
from macrostrike.client import MacroStrike
from macrostrike.errors.deploying import DeployError
from macrostrike.types import ZERO_ADDRESS, checked_address


@dataclass(frozen=True, slots=True)
class OwnershipStep:
    """One call of a transfer; `sender` is who has to make it."""

    diamond: str
    sender: str
    does: str
    function: str
    args: tuple[str, ...] = ()

    @property
    def call(self) -> OwnerCall:
        """The call as a Safe or a timelock makes it."""
        data = diamond_abi().encode_call(self.function, *self.args)
        return OwnerCall(self.diamond, data, does=self.does)


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns a diamond, and who may accept it; `pending` is None where it is offered to none."""

    diamond: str
    owner: str
    pending: str | None

    def withdraw(self) -> OwnershipStep:
        """What the owner sends to withdraw the offer. Raises `DeployError` where there is none."""
        does = f"withdraw the offer of the ownership to {self._successor()}"
        return self._step(self.owner, does, "transferOwnership", ZERO_ADDRESS)

    def accept(self) -> OwnershipStep:
        """What the pending owner sends. Raises `DeployError` where there is none."""
        successor = self._successor()
        return self._step(successor, f"accept the ownership, as {successor}", "acceptOwnership")

    def offer(self, successor: str) -> OwnershipStep:
        """As `offer_ownership`, without its checks."""
        does = f"offer the ownership to {successor}"
        return self._step(self.owner, does, "transferOwnership", successor)

    def _successor(self) -> str:
        if self.pending is None:
            raise DeployError(f"no transfer is pending: {self.diamond} belongs to {self.owner}")
        return self.pending

    def _step(self, sender: str, does: str, function: str, *args: str) -> OwnershipStep:
        return OwnershipStep(self.diamond, sender, does, function, args)


def read_ownership(transport: Transport, diamond: str) -> Ownership:
    """Who owns the diamond now."""
    client = MacroStrike(transport, diamond)
    pending = str(client.call("pendingOwner"))
    none = pending == ZERO_ADDRESS
    return Ownership(diamond, str(client.call("owner")), None if none else pending)


def offer_ownership(transport: Transport, ownership: Ownership, successor: str) -> OwnershipStep:
    """What the owner sends so that `successor` may accept. It replaces an offer to another.

    Raises `InvalidValue` for what is not an address, and `DeployError` for one that can't be meant:
    the owner itself, the diamond, or one that has another role.
    """
    successor = checked_address(successor, "successor")
    client = MacroStrike(transport, ownership.diamond)
    reasons = {
        "is the owner already": successor == ownership.owner,
        "is the diamond, which can accept nothing": successor == ownership.diamond,
        "can't be meant: --cancel withdraws an offer": successor == ZERO_ADDRESS,
        "is an operator: revoke it first": client.operator(successor).valid_until > 0,
        "is an engine: revoke it first": client.engine(successor).valid_until > 0,
        "is a guardian: dismiss it first": client.call("isGuardian", successor),
    }
    if faults := [reason for reason, holds in reasons.items() if holds]:
        raise DeployError(f"{successor} {faults[0]}")
    return ownership.offer(successor)
