"""Safes and timelocks of `ape_diamond`, through a transport, raising this project's errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eth_utils.crypto import keccak

from ape_diamond import owner as theirs
from ape_diamond.owner import OperationState, OwnerCall, OwnerKind, Safe, Timelock
from macrostrike.chain import Transport
from macrostrike.errors.diamonds import with_our_errors
from macrostrike.inspector import TransportChain


class SafeTransaction(theirs.SafeTransaction):
    """As `ape_diamond.owner.SafeTransaction`."""

    __slots__ = ()
    execution = with_our_errors(theirs.SafeTransaction.execution)


class TimelockOperation(theirs.TimelockOperation):
    """As `ape_diamond.owner.TimelockOperation`."""

    __slots__ = ()
    schedule = with_our_errors(theirs.TimelockOperation.schedule)


safe_transaction = with_our_errors(SafeTransaction.of)
timelock_operation = with_our_errors(TimelockOperation.of)


@with_our_errors
def read_safe(transport: Transport, address: str) -> Safe:
    """The Safe at `address`. Raises `DeployError` when it is none."""
    return theirs.read_safe(TransportChain(transport), address)


@with_our_errors
def read_timelock(transport: Transport, address: str) -> Timelock:
    """The timelock at `address`. Raises `DeployError` when it is none."""
    return theirs.read_timelock(TransportChain(transport), address)


@with_our_errors
def operation_state(
    transport: Transport, operation: theirs.TimelockOperation
) -> tuple[OperationState, int | None]:
    """How far an operation is, and from when on it can be carried out, Unix seconds; None for one
    that is not announced, or done."""
    return theirs.operation_state(TransportChain(transport), operation)


def owner_kind(transport: Transport, owner: str) -> OwnerKind:
    """What `owner` is, by what it answers."""
    return theirs.owner_kind(TransportChain(transport), owner)


@dataclass(frozen=True, slots=True)
class OwnerPlace:
    """Whose calls a file is for: the owner, its chain, the diamond, and a title for people."""

    transport: Transport
    owner: str
    diamond: str
    title: str


@with_our_errors
def write_owner_file(
    path: Path, place: OwnerPlace, kind: OwnerKind, calls: Sequence[OwnerCall]
) -> str | None:
    """Writes what the owner is to do, in the place of an earlier file.

    Returns the operation of the earlier one where that is still scheduled: the file cancels it.
    """
    # The id follows from the diamond and the calls alone. What the deployer has sent since the last
    # run changes neither, so that the operation which was scheduled is found again.
    salt = keccak(text=f"macrostrike.operation.{place.diamond}")
    chain = TransportChain(place.transport)
    there = theirs.OwnerPlace(chain, place.owner, salt, place.title)
    return theirs.write_owner_file(path, there, kind, calls)
