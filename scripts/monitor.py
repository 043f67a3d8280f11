"""`ape run monitor`: metrics, alerts, the page and a live screen of one deployment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from ape.api import ProviderAPI
from ape.cli import network_option

from macrostrike.cli.config import config_options
from macrostrike.cli.monitor import Options, monitor_command
from macrostrike.cli.networks import NetworkCommand, network_of
from macrostrike.manifest import Manifest
from macrostrike.monitor.server import HOST, LOOK_SECONDS, PORT


@click.command(cls=NetworkCommand)
@network_option()
@click.option(
    "--manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Of the deployment; by default that of deployments/<network>.",
)
@click.option("--journal", help="Path or URL; by default the manifest's path, as .sqlite.")
@click.option("--host", default=HOST, show_default=True, help="Where to listen.")
@click.option(
    "--port",
    default=PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 for any that is free.",
)
@click.option(
    "--every",
    default=LOOK_SECONDS,
    show_default=True,
    type=click.FloatRange(min=0.1),
    help="Seconds between looks.",
)
@click.option("--once", is_flag=True, help="Look once, print, and listen nowhere.")
@click.option("--check", "checks", is_flag=True, help="Run the post-deployment checks, once.")
@click.option("--json", "as_json", is_flag=True, help="With --once or --check: print JSON.")
def _command(
    provider: ProviderAPI,
    manifest: Path | None,
    journal: str | None,
    host: str,
    port: int,
    every: float,
    once: bool,
    checks: bool,
    as_json: bool,
) -> None:
    """Watch a deployment. Sends no transaction.

    Serves the page, /metrics, /health and /ready until it is interrupted. Alerts go to the journal,
    as lines of JSON to the standard error, and, signed, to MACROSTRIKE_WEBHOOK_URL with
    MACROSTRIKE_WEBHOOK_SECRET or MACROSTRIKE_WEBHOOK_SECRET_FILE. Exit codes: 0 good, 1 refused or
    a check failed, 2 usage, 3 halted, 4 a transaction's outcome is unknown.
    """
    if as_json and not (once or checks):
        raise click.UsageError("--json goes with --once or --check")
    network = network_of(provider)
    path = manifest or network.manifest_path
    options = Options(
        transport=network.connect(),
        manifest=Manifest.load(path),
        journal=journal or str(path.with_suffix(".sqlite")),
        host=host,
        port=port,
        every=every,
        environment=os.environ,
    )
    sys.exit(monitor_command(options, once=once, checks=checks, as_json=as_json))


cli = config_options(_command)
