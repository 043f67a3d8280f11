"""`ape run deploy`: brings a chain to its target state, and proves it."""

from __future__ import annotations

from pathlib import Path

import click
from ape import accounts
from ape.api import AccountAPI, ProviderAPI
from ape.cli import ConnectedProviderCommand, account_option, network_option
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from macrostrike.deploy import Deployed, DeployError, Deployment, Target, complete, prepare
from macrostrike.deploy.apply import ApeSigner, Network, network_of
from macrostrike.deploy.show import plan_table
from macrostrike.errors import MacroStrikeError
from macrostrike.manifest import Manifest


@click.command(cls=ConnectedProviderCommand)
@network_option()
@account_option(prompt=False)
@click.option("--target", help="Target file, or its name in deployments/targets.")
@click.option(
    "--manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the manifest is read and written; by default deployments/<network>.",
)
@click.option("--yes", is_flag=True, help="Apply the plan without asking.")
def cli(
    provider: ProviderAPI,
    account: AccountAPI | None,
    target: str | None,
    manifest: Path | None,
    yes: bool,
) -> None:
    """Deploy the diamond, or mend what differs from the target.

    Shows the plan, applies it, checks every part of the target on chain and writes the manifest.
    On a chain that is as the target says, nothing is sent.
    """
    try:
        network = network_of(provider)
        path = manifest or network.manifest_path
        _deploy(Console(), network, path, network.target(target), account, yes)
    except MacroStrikeError as failure:
        raise click.ClickException(str(failure)) from failure


def _deploy(
    console: Console,
    network: Network,
    path: Path,
    target: Target,
    account: AccountAPI | None,
    yes: bool,
) -> None:
    account = account or _local_account(network, target.roles.owner)
    deployment = prepare(
        network.connect(as_anvil=target.has_fixtures and network.is_local),
        target,
        deployer=str(account.address),
        network=network.name,
        manifest=Manifest.load(path) if path.exists() else None,
    )
    steps = deployment.plan.steps
    if steps:
        console.print(plan_table(deployment.plan))
        if not (yes or network.is_ours):
            click.confirm(f"Send {len(steps)} transactions to {network.name}?", abort=True)
    else:
        console.print(f"Nothing to do: {deployment.plan.diamond} is as the target says.")
    deployed = _apply(console, deployment, account, path)
    if steps:
        gas = sum(receipt.gas_used for receipt in deployed.receipts)
        console.print(f"Sent {len(steps)} transactions, {gas:,} gas.")
    console.print(
        f"Verified on chain: {len(deployed.checks)} checks of {len(deployed.checks)} hold."
    )
    console.print(f"Diamond  {deployed.manifest.diamond}\nManifest {path}", soft_wrap=True)


def _apply(console: Console, deployment: Deployment, account: AccountAPI, path: Path) -> Deployed:
    signers = {str(account.address): ApeSigner(account)} if deployment.plan.steps else {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("sending", total=len(deployment.plan.steps))
        return complete(
            deployment,
            signers,
            lambda position, step, _: progress.update(
                task, completed=position, description=step.does
            ),
            lambda manifest: manifest.save(path),
        )


def _local_account(network: Network, owner: str) -> AccountAPI:
    """The owner's account, where it is one of those that local chains know."""
    if network.is_ours:
        for account in accounts.test_accounts:
            if str(account.address) == owner:
                return account
    raise DeployError(f"say who sends by --account; the owner is {owner}")
