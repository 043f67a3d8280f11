"""`ape run status`: whether a deployment still is as its target says."""

from __future__ import annotations

import json
from pathlib import Path

import click
from ape.api import ProviderAPI
from ape.cli import network_option
from rich.console import Console

from ape_diamond import history_faults
from ape_diamond.tables import diamond_report
from macrostrike.chain import Transport
from macrostrike.cli.networks import NetworkCommand, network_of
from macrostrike.cli.plans import check_list, check_table
from macrostrike.deploy import inspect
from macrostrike.inspector import cut_history, inspect_diamond, read_abis
from macrostrike.manifest import Manifest


@click.command(cls=NetworkCommand)
@network_option()
@click.option("--target", help="Target file, or its name in deployments/targets.")
@click.option(
    "--manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Of the deployment; by default that of deployments/<network>.",
)
@click.option("--address", help="Inspect this diamond instead; it may be any.")
@click.option(
    "--abi",
    "abis",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="With --address: ABI or artifact to name functions by, or a folder of them.",
)
@click.option(
    "--from-block",
    default=0,
    type=click.IntRange(min=0),
    help="With --address: where to look for its cuts from; the block that it was created in.",
)
@click.option("--only-failures", is_flag=True, help="Show the checks that fail, and no others.")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def cli(
    provider: ProviderAPI,
    target: str | None,
    manifest: Path | None,
    address: str | None,
    abis: tuple[Path, ...],
    from_block: int,
    only_failures: bool,
    as_json: bool,
) -> None:
    """Check every part of the target on chain. Sends nothing; fails where something differs.

    With --address, shows what a diamond is made of and how it came to be, and checks that both
    agree.
    """
    network = network_of(provider)
    if address is not None:
        _look_into(network.connect(), address, abis, from_block)
        return
    path = manifest or network.manifest_path
    checks = inspect(network.connect(), network.target(target), Manifest.load(path))
    if as_json:
        click.echo(json.dumps(check_list(checks), indent=2))
    else:
        Console().print(check_table(checks, only_failures=only_failures))
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(1)


def _look_into(transport: Transport, address: str, abis: tuple[Path, ...], from_block: int) -> None:
    known = [abi for path in abis for abi in read_abis(path)]
    diamond = inspect_diamond(transport, address, known)
    history = cut_history(transport, address, from_block=from_block)
    Console().print(diamond_report(diamond, history))
    if diamond.faults or history_faults(history, diamond.functions):
        raise click.exceptions.Exit(1)
