"""Commands of a cut: `layout`, `plan`, `rehearse`, `apply`, `verify`, `propose`."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import AccountAPI
from ape.cli import account_option, network_option
from rich.console import Console

from ape_diamond._cli._options import (
    FILE,
    DiamondCommand,
    diamond_command,
    from_block_option,
    subject,
)
from ape_diamond._cli._request import removed_by
from ape_diamond._history import exported_selectors, history_faults
from ape_diamond._layout import compare_layouts, load_layout
from ape_diamond._loupe import DiamondView, inspect_diamond
from ape_diamond._provider import ApeChain, copy_of_chain
from ape_diamond._risks import Risk
from ape_diamond._values import ZERO_ADDRESS, checked_address, counted, to_bytes
from ape_diamond.errors import DiamondError
from ape_diamond.loading import (
    known_abis,
    known_diamond,
    load,
    project_abi,
    send_cut,
)
from ape_diamond.owner import OwnerCall, OwnerKind, OwnerPlace, owner_kind, write_owner_file
from ape_diamond.plan import CutPlan, Request, is_applied, make_plan, wanted_facet
from ape_diamond.rehearsal import outcome_faults
from ape_diamond.rehearsal import rehearse as rehearse_on
from ape_diamond.tables import layout_table, plan_table

_PLAN = "diamond-plan.json"


@click.command("layout")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
def layout(old: Path, new: Path) -> None:
    """Compare two storage layouts: what is deployed, and what the new code has.

    A file is `storageLayout` as the compiler has it, or a snapshot of namespaces. Exit code 1 where
    the new code would read storage as what it is not.
    """
    try:
        layouts = load_layout(old), load_layout(new)
    except DiamondError as failure:
        raise click.ClickException(str(failure)) from failure
    Console().print(layout_table(*layouts))
    if compare_layouts(*layouts):
        raise click.exceptions.Exit(1)


@diamond_command("plan")
@click.option(
    "--facet",
    "facets",
    multiple=True,
    metavar="ADDRESS[=ABI]",
    help="A facet to have with all its functions: by ABI or artifact file, by a contract of the "
    "project, or by what the facet exports (ERC-8153).",
)
@click.option(
    "--remove",
    "removed",
    multiple=True,
    metavar="WHAT",
    help="A function by signature or selector, or all that are left on a facet's address.",
)
@click.option("--init", default=ZERO_ADDRESS, help="Contract that the cut runs at its end.")
@click.option("--init-data", default="0x", help="Calldata for it.")
@click.option("--old-layout", type=FILE, help="Storage layout of what is deployed.")
@click.option("--new-layout", type=FILE, help="Storage layout of the new code.")
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice([risk.value for risk in Risk]),
    help="A risk that is taken. Without it the plan is refused.",
)
@click.option("--output", type=FILE, default=_PLAN, show_default=True, help="The plan's file.")
def plan(
    diamond: str,
    abis: tuple[Path, ...],
    facets: tuple[str, ...],
    removed: tuple[str, ...],
    init: str,
    init_data: str,
    old_layout: Path | None,
    new_layout: Path | None,
    allow: tuple[str, ...],
    output: Path,
) -> None:
    """Plan a cut, and write it to a file for `rehearse`, `apply` and `propose`. Sends nothing."""
    about = subject(diamond, abis)
    if (old_layout is None) != (new_layout is None):
        raise click.UsageError("name both layouts, --old-layout and --new-layout, or none")
    view = about.view()
    wanted = [
        wanted_facet(about.chain, checked_address(address), project_abi(abi) if abi else None)
        for address, _, abi in (facet.partition("=") for facet in facets)
    ]
    layouts = None
    if old_layout is not None and new_layout is not None:
        layouts = load_layout(old_layout), load_layout(new_layout)
    made = make_plan(
        about.chain,
        view,
        Request(
            facets=wanted,
            removed=removed_by(removed, view, wanted),
            init=checked_address(init),
            init_data=to_bytes(init_data),
            layouts=layouts,
            allowed=[Risk(risk) for risk in allow],
        ),
    )
    made.save(output)
    Console().print(plan_table(made))
    click.echo(f"{output}, hash {made.hash}")


_plan_argument = click.argument("file", type=FILE, metavar="PLAN")
_abi_option = click.option(
    "--abi",
    "abis",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="ABI or artifact to name functions and errors by, or a folder of them.",
)


@click.command("rehearse", cls=DiamondCommand)
@_plan_argument
@network_option()
@_abi_option
def rehearse(file: Path, abis: tuple[Path, ...]) -> None:
    """Make a plan's cut on a copy of the chain, as the owner, and check what it does there."""
    made = CutPlan.load(file)
    if made.owner is None:
        raise DiamondError(f"{made.diamond} names no owner: rehearse needs one to send as")
    _rehearse(made, made.owner, abis)


@click.command("apply", cls=DiamondCommand)
@_plan_argument
@network_option()
@account_option()
@_abi_option
@click.option("--plan-hash", help="The hash that was approved.")
@click.option("--unrehearsed", is_flag=True, help="Do not rehearse it first.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
def apply(
    file: Path,
    account: AccountAPI,
    abis: tuple[Path, ...],
    plan_hash: str | None,
    unrehearsed: bool,
    yes: bool,
) -> None:
    """Send a plan's cut with an account of yours, once it is rehearsed and you have confirmed it.

    Refused where the plan was changed, or where the chain is not what it was made for.
    """
    made = CutPlan.load(file)
    if plan_hash is not None:
        made.require_hash(plan_hash)
    connected = ApeChain.connected()
    made.require(connected, inspect_diamond(connected, made.diamond))
    if made.owner is not None and account.address != made.owner:
        raise DiamondError(
            f"the owner {made.owner} must send it, and this account is {account.address}: "
            "`ape diamond propose` is for owners that are contracts"
        )
    Console().print(plan_table(made))
    if not unrehearsed:
        _rehearse(made, account.address, abis)
    if not yes:
        click.confirm(f"Send this cut to {made.diamond}?", abort=True)
    receipt = send_cut(account, made)
    _require_outcome(made, inspect_diamond(connected, made.diamond))
    loaded = load(made.diamond, abis=abis)
    click.echo(f"done in block {receipt.block_number}, with {receipt.gas_used:,} gas")
    click.echo(f"Contract({made.diamond!r}) has {len(loaded.view.functions)} functions")


@diamond_command("verify")
@from_block_option
@click.option("--plan", "file", type=FILE, help="A plan whose cut must have been made.")
def verify(diamond: str, abis: tuple[Path, ...], from_block: int | None, file: Path | None) -> None:
    """Check that loupe, events and code agree, and that a plan's cut was made.

    Exit code 1 where something does not.
    """
    about = subject(diamond, abis)
    view = about.view()
    history = about.history(from_block)
    faults = [*view.faults, *history_faults(history, view.functions)]
    if file is not None:
        made = CutPlan.load(file)
        if made.diamond != view.address:
            raise DiamondError(f"the plan is for {made.diamond}, and this is {view.address}")
        faults += [fault for fault in outcome_faults(made, view) if fault not in faults]
    if faults:
        raise DiamondError("\n  ".join([f"{view.address} is not as it should be:", *faults]))
    for facet in view.facets:
        exported = exported_selectors(about.chain, facet.address) or ()
        if absent := [each for each in exported if each not in facet.functions]:
            functions = counted(len(absent), "function")
            click.echo(f"note: {facet.address} exports {functions} that it does not serve")
    counts = counted(len(view.functions), "function"), counted(len(view.facets), "facet")
    click.echo(f"{counts[0]} on {counts[1]}, {counted(len(history), 'cut')}")


@click.command("propose", cls=DiamondCommand)
@_plan_argument
@network_option()
@click.option("--output", type=FILE, default="diamond-owner.json", show_default=True)
def propose(file: Path, output: Path) -> None:
    """Write a plan's cut for an owner that is a contract. Sends nothing.

    For a Safe it is a file for its Transaction Builder, for OpenZeppelin's timelock its two
    transactions, for any other contract the call itself.
    """
    made = CutPlan.load(file)
    connected = ApeChain.connected()
    view = inspect_diamond(connected, made.diamond)
    made.require(connected, view)
    kind = OwnerKind.EOA if made.owner is None else owner_kind(connected, made.owner)
    if made.owner is None or kind is OwnerKind.EOA:
        raise DiamondError(f"the owner {made.owner} is not a contract: use `ape diamond apply`")
    place = OwnerPlace(connected, made.owner, to_bytes(made.hash), f"Cut {made.diamond}")
    call = OwnerCall(
        made.diamond, to_bytes(made.data), does=f"cut {counted(len(made.changes), 'function')}"
    )
    write_owner_file(output, place, kind, [call])
    click.echo(f"{output} is for the {kind.value} {made.owner}")


def _rehearse(made: CutPlan, sender: str, abis: tuple[Path, ...]) -> None:
    known = known_abis(known_diamond(made.diamond), abis)
    with copy_of_chain() as copy:
        done = rehearse_on(copy, made, sender, known)
    for line in done.changed:
        click.echo(f"answers otherwise: {line}")
    click.echo(f"rehearsed: the cut does what the plan says, with {done.gas:,} gas")


def _require_outcome(made: CutPlan, view: DiamondView) -> None:
    if not is_applied(made, view):
        raise DiamondError("\n  ".join(["it was sent, and", *outcome_faults(made, view)]))


COMMANDS = (layout, plan, rehearse, apply, verify, propose)
