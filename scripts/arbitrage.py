"""`ape run arbitrage`: watches the registered pools, and takes what they leave."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from ape.api import AccountAPI, ProviderAPI
from ape.cli import account_option, network_option
from rich.console import Console

from macrostrike.cli.arbitrage import Names, line, stats_table
from macrostrike.cli.networks import ApeSigner, Network, NetworkCommand, known_account, network_of
from macrostrike.cli.post import stop_on_signals
from macrostrike.client import MacroStrike
from macrostrike.deploy import DeployError
from macrostrike.errors import ChainError
from macrostrike.loop import Watch
from macrostrike.manifest import Manifest


@click.command(cls=NetworkCommand)
@network_option()
@account_option(prompt=False)
@click.option(
    "--manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Of the deployment; by default that of deployments/<network>.",
)
@click.option(
    "--confidence-bps",
    default=9500,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="Probability that a find is executed as quoted; under the threshold it is refused.",
)
@click.option(
    "--min-profit-wei",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="What a find has to earn more than, net of gas.",
)
@click.option("--every", default=1.0, show_default=True, help="Seconds between two looks.")
@click.option("--once", is_flag=True, help="Look once, and end.")
@click.option("--dry-run", is_flag=True, help="Quote what is found, and send nothing.")
def cli(
    provider: ProviderAPI,
    account: AccountAPI | None,
    manifest: Path | None,
    confidence_bps: int,
    min_profit_wei: int,
    every: float,
    once: bool,
    dry_run: bool,
) -> None:
    """Search among the registered pools whenever they change, quote, and execute what pays its gas.

    Runs until it is interrupted; a transaction that is on its way is waited for. An account that is
    not an operator, and a confidence under the threshold, are refused before the first look.
    """
    stop = stop_on_signals()
    console = Console() if sys.stdout.isatty() else Console(width=200)
    network = network_of(provider)
    entry = Manifest.load(manifest or network.manifest_path)
    signer = None
    if not dry_run:
        signer = ApeSigner(account or _operator(network, entry))
    client = MacroStrike(network.connect(), entry.diamond, signer)
    client.pre_check_arbitrage(confidence_bps)
    names = Names(entry, client.pools())
    watch = Watch(
        client, confidence_bps=confidence_bps, min_profit_wei=min_profit_wei, dry_run=dry_run
    )
    for seen in watch.look() if once else watch.run(stop, every):
        text = f"[red]{seen}[/]" if isinstance(seen, ChainError) else line(seen, names)
        console.print(text, highlight=False)
    console.print(f"{watch.pools} pools watched.")
    console.print(stats_table(client.amm_stats(), names))


def _operator(network: Network, manifest: Manifest) -> AccountAPI:
    """The operator's account, where it is one of those that local chains know."""
    account = known_account(manifest.operators if network.is_ours else ())
    if account is not None:
        return account
    known = " or ".join(manifest.operators) or "none"
    raise DeployError(f"say who sends by --account; the operator is {known}")
