"""`ape run status`: whether a deployment still is as its target says."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import ProviderAPI
from ape.cli import ConnectedProviderCommand, network_option
from rich.console import Console

from macrostrike.deploy import inspect
from macrostrike.deploy.apply import network_of
from macrostrike.deploy.show import check_table
from macrostrike.errors import MacroStrikeError
from macrostrike.manifest import Manifest


@click.command(cls=ConnectedProviderCommand)
@network_option()
@click.option("--target", help="Target file, or its name in deployments/targets.")
@click.option(
    "--manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Of the deployment; by default that of deployments/<network>.",
)
def cli(provider: ProviderAPI, target: str | None, manifest: Path | None) -> None:
    """Check every part of the target on chain. Sends nothing; fails where something differs."""
    try:
        network = network_of(provider)
        path = manifest or network.manifest_path
        checks = inspect(network.connect(), network.target(target), Manifest.load(path))
    except MacroStrikeError as failure:
        raise click.ClickException(str(failure)) from failure
    Console().print(check_table(checks))
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(1)
