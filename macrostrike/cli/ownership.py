"""`ape run transfer-ownership`: another owner for a diamond, in two steps."""

from __future__ import annotations

import click

from macrostrike.cli import post
from macrostrike.cli.post import Post
from macrostrike.deploy.owner import (
    OwnerKind,
    OwnerPlace,
    OwnershipStep,
    offer_ownership,
    owner_kind,
    read_ownership,
    read_safe,
    write_owner_file,
)
from macrostrike.errors.deploying import DeployError


def transfer_ownership(
    at: Post, *, successor: str | None, accept: bool, cancel: bool, yes: bool
) -> int:
    """Offers the ownership, withdraws the offer, or accepts it; then says what comes next."""
    if bool(successor) + accept + cancel != 1:
        raise click.UsageError("name the new owner's address, or say --accept or --cancel")
    ownership = read_ownership(at.transport, at.manifest.diamond)
    if accept:
        step = ownership.accept()
    elif cancel:
        step = ownership.withdraw()
    else:
        step = offer_ownership(at.transport, ownership, str(successor))
        at.console.print(_described(at, step.args[0]), highlight=False, soft_wrap=True)
    kind = owner_kind(at.transport, step.sender)
    if kind is OwnerKind.EOA:
        _send(at, step, yes)
    else:
        _write(at, step, kind)
    _tell(at)
    return post.GOOD


def _send(at: Post, step: OwnershipStep, yes: bool) -> None:
    at.confirm(step.does[:1].upper() + step.does[1:], yes)
    sender = [step.sender]
    with at.journal("ownership") as journal, at.client("owner", sender, journal) as (client, _):
        if client.address != step.sender:
            raise DeployError(f"{client.address} can't {step.does}: it is for {step.sender} to do")
        receipt = client.transact(step.function, *step.args)
        journal.sync(at.transport, at.manifest.diamond, at.manifest.deployed_at)
    at.console.print(f"{step.does}: mined in block {receipt.block_number}", soft_wrap=True)


def _write(at: Post, step: OwnershipStep, kind: OwnerKind) -> None:
    """A file for the contract that has to make the call."""
    path = at.beside("owner.json")
    title = f"{at.manifest.name} on {at.manifest.network}"
    place = OwnerPlace(at.transport, step.sender, at.manifest.diamond, title)
    write_owner_file(path, place, kind, [step.call])
    at.console.print(
        f"For the {kind.value} {step.sender} to do: {step.does}. The file for it is {path}",
        soft_wrap=True,
    )


def _described(at: Post, successor: str) -> str:
    kind = owner_kind(at.transport, successor)
    if kind is OwnerKind.SAFE:
        safe = read_safe(at.transport, successor)
        return f"{successor} is a Safe: {safe.threshold} of {len(safe.owners)} owners sign."
    return f"{successor} is: {kind.value}."


def _tell(at: Post) -> None:
    """What comes next, by what the chain has now."""
    ownership = read_ownership(at.transport, at.manifest.diamond)
    if ownership.pending is not None:
        at.console.print(
            f"Owner is {ownership.owner}; {ownership.pending} has to accept: "
            "`ape run transfer-ownership --accept`. Until then `--cancel` withdraws it.",
            soft_wrap=True,
        )
    elif ownership.owner != at.manifest.owner:
        at.console.print(
            f"Owner is {ownership.owner}. Write it to `roles.owner` of the target, then "
            "`ape run deploy` brings the manifest up to date.",
            soft_wrap=True,
        )
    else:
        at.console.print(f"Owner is {ownership.owner}; no transfer is pending.", soft_wrap=True)
