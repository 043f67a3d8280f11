"""`ape run target`: checks a target file. Needs no node."""

from __future__ import annotations

import click

from macrostrike.cli.failures import in_one_sentence
from macrostrike.deploy import load_target


@click.command()
@click.argument("target", default="local")
def cli(target: str) -> None:
    """Check TARGET, a file or its name in deployments/targets, and say what it describes.

    Every fault is shown with its line; then the exit code is 1.
    """
    with in_one_sentence():
        found = load_target(target)
    chains = " or ".join(map(str, found.chain_ids))
    funding = sum(bot.funding for bot in found.fleet.bots)
    click.echo(f"{target} is a valid target, for chain {chains}:")
    click.echo(f"  {len(found.facets)} facets, {len(found.fleet.bots)} bots with {funding:,}")
    click.echo(f"  {len(found.markets)} markets, threshold {found.threshold_bps} bps")
    click.echo(f"  owner {found.roles.owner}, {len(found.roles.operators)} operators")
