"""Commands that send nothing: `inspect`, `abi`, `load`, `history`, `diff`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from ape import networks
from rich.console import Console

from ape_diamond._cli._options import (
    FILE,
    diamond_command,
    from_block_option,
    json_option,
    subject,
)
from ape_diamond._diff import Place, Places, differences, places_of, read_places, view_to_json
from ape_diamond._history import history_faults, history_to_json, rebuild_functions
from ape_diamond._loupe import inspect_diamond
from ape_diamond._provider import ApeChain
from ape_diamond.loading import known_diamond
from ape_diamond.loading import load as load_into_ape
from ape_diamond.tables import diamond_report, difference_table, history_table


@diamond_command("inspect")
@from_block_option
@json_option
def inspect(
    diamond: str,
    abis: tuple[Path, ...],
    from_block: int | None,
    as_json: bool,
) -> None:
    """Show facets, functions, owner and cuts.

    Exit code 1 where the diamond contradicts itself or its events.
    """
    about = subject(diamond, abis)
    view, history = about.view(), about.history(from_block)
    faults = [*view.faults, *history_faults(history, view.functions)]
    if as_json:
        click.echo(json.dumps({**view_to_json(view), "faults": faults}, indent=2))
    else:
        Console().print(diamond_report(view, history))
    if faults:
        raise click.exceptions.Exit(1)


@diamond_command("abi")
@click.option("--output", type=FILE, help="Write it there, instead of printing it.")
def abi(diamond: str, abis: tuple[Path, ...], output: Path | None) -> None:
    """Print one ABI of all facets, as JSON.

    Functions that no ABI names are left out, and named on standard error.
    """
    merged = subject(diamond, abis).view().abi
    for conflict in merged.conflicts:
        click.echo(f"note: {conflict}", err=True)
    if merged.unknown:
        unknown = ", ".join("0x" + selector.hex() for selector in merged.unknown)
        click.echo(f"note: no ABI names {unknown}", err=True)
    text = json.dumps(merged.entries, indent=2)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")
        click.echo(f"{len(merged.entries)} entries in {output}")


@diamond_command("load")
@click.option("--name", default="Diamond", show_default=True, help="The contract's name in Ape.")
def load(diamond: str, abis: tuple[Path, ...], name: str) -> None:
    """Make Ape's `Contract(address)` know the functions, events and errors of all facets.

    Run it again after a cut. Ape keeps the result for live networks; of a local one it knows it
    until the process ends: there, call `ape_diamond.loading.load` in a console, script or test.
    """
    loaded = load_into_ape(diamond, abis=abis, name=name)
    for sign, signatures in (("+", loaded.added), ("-", loaded.removed)):
        for signature in signatures:
            click.echo(f"{sign} {signature}")
    unknown = len(loaded.view.abi.unknown)
    left_out = f"; {unknown} are not known by any ABI" if unknown else ""
    count = len(loaded.view.functions) - unknown
    click.echo(f"Contract({loaded.contract.address!r}) has {count} functions{left_out}")
    if networks.network.is_local:
        click.echo("This network is local: Ape forgets it when this command ends.")


@diamond_command("history")
@from_block_option
@json_option
def history(
    diamond: str,
    abis: tuple[Path, ...],
    from_block: int | None,
    as_json: bool,
) -> None:
    """Show every cut, oldest first: by EIP-2535's events, and by those of ERC-8153."""
    about = subject(diamond, abis)
    cuts, signatures = about.history(from_block), about.view().abi.signatures()
    if as_json:
        click.echo(json.dumps(history_to_json(cuts, signatures), indent=2))
    else:
        Console().print(history_table(cuts, signatures))


@diamond_command("diff")
@click.argument("other", required=False)
@click.option("--at", type=click.IntRange(min=0), help="The same diamond, after this block.")
@from_block_option
def diff(
    diamond: str,
    abis: tuple[Path, ...],
    other: str | None,
    at: int | None,
    from_block: int | None,
) -> None:
    """Compare two diamonds, or one with what it was.

    OTHER is a diamond of the same network, or a file that `inspect --json` printed, on any network;
    --at is a block of the diamond's own past, by its events. Exit code 1 where they differ.
    """
    if (other is None) == (at is None):
        raise click.UsageError("name another diamond, a file of `inspect --json`, or --at BLOCK")
    about = subject(diamond, abis)
    view = about.view()
    there: Places
    if other is None:
        past = (cut for cut in about.history(from_block) if cut.block <= (at or 0))
        there = {s: Place(facet) for s, facet in rebuild_functions(past).items()}
    elif Path(other).is_file():
        there = read_places(Path(other))
    else:
        there = places_of(inspect_diamond(ApeChain.connected(), known_diamond(other).address))
    found = differences(places_of(view), there)
    if not found:
        click.echo(f"the same {len(there)} functions, on the same code")
        return
    Console().print(difference_table(found, view.abi.signatures()))
    raise click.exceptions.Exit(1)


COMMANDS = (inspect, abi, load, history, diff)
