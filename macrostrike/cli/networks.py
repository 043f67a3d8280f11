"""Deploying through Ape: its networks as transports, its accounts as signers.

No other module of this package knows Ape.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ape
import click
from ape.api import AccountAPI, ExplorerAPI, ProviderAPI
from ape.cli import ConnectedProviderCommand, account_option, network_option
from ape.exceptions import ApeException
from ape_accounts import KeyfileAccount
from requests.exceptions import RequestException
from rich.console import Console

from macrostrike._counts import counted
from macrostrike.build import DIAMOND, ROOT
from macrostrike.chain import AnvilTransport, RpcTransport
from macrostrike.cli.failures import in_one_sentence
from macrostrike.cli.session import Session
from macrostrike.deploy.run import Deployment, give_what_is_lacking, prepare
from macrostrike.deploy.target import TARGETS, Target, load_target
from macrostrike.errors.deploying import DeployError
from macrostrike.manifest import Manifest

_DEPLOYMENTS = ROOT / "deployments"
_NAME = "macrostrike"
_FILE = click.Path(dir_okay=False, path_type=Path)
MORE_NODES, RELAY = "MACROSTRIKE_RPC_URLS", "MACROSTRIKE_RELAY_URL"
SOCKET = "MACROSTRIKE_WS_URL"
"""What the environment may have: further nodes, separated by blanks; a private relay. Not options,
as their keys would be in the list of processes."""


class NetworkCommand(ConnectedProviderCommand):
    """A command on a network of Ape's. What goes wrong on the way there is one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with in_one_sentence():
                return super().invoke(ctx)
        except (ApeException, RequestException) as failure:
            first = str(failure).splitlines()[0]
            raise click.ClickException(
                f"{first}\nCheck that the node runs, and that --network names it: "
                "`--network ethereum:local:http://127.0.0.1:8545` is an anvil of your own."
            ) from failure


@dataclass(frozen=True, slots=True)
class Network:
    """A network of Ape's, as far as deploying is concerned.

    name: `local`, or ecosystem and network: `ethereum-sepolia`.
    chain_id: what it must be; None for local chains, which may have any.
    is_ours: whether it is on this machine: a local chain, or a local fork.
    is_anvil_fork: whether it is anvil's copy of another chain.
    """

    name: str
    url: str
    chain_id: int | None
    is_local: bool
    is_ours: bool
    is_anvil_fork: bool = False

    @property
    def manifest_path(self) -> Path:
        """Where its manifest is kept. Those of this machine's chains concern this machine alone."""
        folder = _DEPLOYMENTS / "local" if self.is_ours else _DEPLOYMENTS
        return (folder if self.is_local else folder / self.name) / f"{_NAME}.json"

    def target(self, given: str | None = None) -> Target:
        """The target file that was given, or else the network's own.

        Networks of Ethereum go by their own name, such as `sepolia`. A fork without a file of its
        own has its origin's.
        """
        name = self.name.removeprefix("ethereum-")
        if not (TARGETS / f"{name}.yaml").exists():
            name = name.removesuffix("-fork")
        return load_target(given or name)

    def connect(self, *, as_anvil: bool = False) -> RpcTransport:
        """A transport to its node; `as_anvil` where balances and storage are to be given.

        The node's clock is its owner's, and stays as it is. Nodes and relay of the environment, in
        `MACROSTRIKE_RPC_URLS` and `MACROSTRIKE_RELAY_URL`, are used too, and the WebSocket of
        `MACROSTRIKE_WS_URL` for new blocks.
        """
        if as_anvil:
            return AnvilTransport(self.url, chain_id=self.chain_id, block_time=None)
        urls = [self.url, *os.environ.get(MORE_NODES, "").split()]
        relay = os.environ.get(RELAY) or None
        # A chain of one's own, or a fork, has a block when there is a transaction.
        confirmations = 1 if self.is_ours else None
        return RpcTransport(
            urls,
            chain_id=self.chain_id,
            relay=relay,
            confirmations=confirmations,
            ws_url=os.environ.get(SOCKET) or None,
        )


def network_of(provider: ProviderAPI) -> Network:
    """The network that Ape is connected to. Raises `DeployError` unless it is by HTTP."""
    url = getattr(provider, "http_uri", None)
    if not url:
        raise DeployError(f"provider {provider.name} has no HTTP address: use one that has")
    network = provider.network
    is_local = bool(network.is_local)
    return Network(
        name="local" if is_local else f"{network.ecosystem.name}-{network.name}",
        url=str(url),
        chain_id=None if is_local else int(provider.chain_id),
        is_local=is_local,
        is_ours=bool(network.is_dev),
        is_anvil_fork=bool(network.is_fork) and provider.name == "foundry",
    )


@dataclass(frozen=True, slots=True)
class _Signed:
    raw_transaction: bytes


@dataclass(frozen=True, slots=True)
class _SignedMessage:
    signature: bytes


class ApeSigner:
    """An account of Ape's as a `Signer`, and as an owner of a Safe. Its key stays where Ape keeps
    it.

    An account that asks for its passphrase asks once, here, and not for every transaction: it is
    the plan as a whole that was agreed to.
    """

    def __init__(self, account: AccountAPI) -> None:
        self._account = account
        self.address = str(account.address)
        if isinstance(account, KeyfileAccount):
            account.set_autosign(True)

    def sign_transaction(self, transaction_dict: Any) -> _Signed:
        """Raises `DeployError` when the account refuses, as its owner may."""
        ecosystem = self._account.provider.network.ecosystem
        signed = self._account.sign_transaction(ecosystem.create_transaction(**transaction_dict))
        if signed is None:
            raise DeployError(f"account {self.address} did not sign")
        return _Signed(bytes(signed.serialize_transaction()))

    def sign_message(self, signable_message: Any) -> _SignedMessage:
        """As `SafeTransaction.sign` asks. Raises `DeployError` when the account refuses."""
        signed = self._account.sign_message(signable_message)
        if signed is None:
            raise DeployError(f"account {self.address} did not sign")
        return _SignedMessage(bytes(signed.encode_rsv()))


def known_account(addresses: Sequence[str]) -> AccountAPI | None:
    """The first of the accounts of local chains that has one of these addresses."""
    known = (each for each in ape.accounts.test_accounts if str(each.address) in addresses)
    return next(known, None)


def explorer_of(provider: ProviderAPI) -> ExplorerAPI:
    """The explorer that Ape has for the network. Raises `DeployError` where it has none."""
    network = provider.network
    if network.explorer is None:
        where = f"{network.ecosystem.name}:{network.name}"
        raise DeployError(
            f"no explorer is configured for {where}: install a plugin of Ape's that has one, such "
            "as ape-etherscan with its API key, or leave --publish out"
        )
    return network.explorer


def publish(explorer: ExplorerAPI, manifest: Manifest) -> list[str]:
    """Publishes the sources of the diamond and its facets, but for those that are public already.

    Returns the names of what was published. Raises `DeployError` when some were refused, after all
    were tried.
    """
    places = {name: facet.address for name, facet in manifest.facets.items()}
    places[DIAMOND] = manifest.diamond
    published, refused = [], []
    for name, address in places.items():
        try:
            if explorer.get_contract_type(address) is None:
                # From where explorers take a contract's name and sources.
                ape.chain.contracts[address] = ape.project.manifest.contract_types[name]
                explorer.publish_contract(address)
                published.append(name)
        except Exception as failure:  # whatever a plugin or its service comes up with
            refused.append(f"{name} at {address}: {failure}")
    if refused:
        lines = "".join(f"\n  {each}" for each in refused)
        raise DeployError(
            f"{explorer.name} did not publish {counted(len(refused), 'contract')}:{lines}"
        )
    return published


def _with_deployment_options(command: Callable[..., None]) -> Callable[..., None]:
    options: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
        network_option(),
        account_option(prompt=False),
        click.option("--target", help="Target file, or its name in deployments/targets."),
        click.option(
            "--manifest",
            type=_FILE,
            help="Where the manifest is read and written; by default deployments/<network>.",
        ),
        click.option("--write-plan", type=_FILE, help="Write the plan here, and send nothing."),
        click.option(
            "--plan", type=_FILE, help="Apply exactly this plan, as far as it is to be done."
        ),
        click.option("--plan-hash", help="With --plan: the hash that was approved."),
        click.option(
            "--confirmations",
            type=click.IntRange(min=1),
            help="Blocks that the last transaction must have, its own included, before verifying; "
            "by default as many as the chain needs.",
        ),
        click.option(
            "--unchecked-layout",
            is_flag=True,
            help="Upgrade though the storage layout that was deployed is not known.",
        ),
        click.option(
            "--undo-guardian",
            is_flag=True,
            help="Also undo what a guardian may have done: revoked roles, a raised threshold, "
            "disabled markets.",
        ),
        click.option(
            "--replace-manifest",
            is_flag=True,
            help="Deploy though the manifest is of another chain, or of a local one that has "
            "ended.",
        ),
        click.option("--publish", "publishes", is_flag=True, help="Then publish sources."),
        click.option("--yes", is_flag=True, help="Apply the plan without asking."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def deployment_command(does: str, *, upgrade: bool, creates: bool = True) -> click.Command:
    """The command of a script that brings a chain to its target; `does` is its help.

    Unless it `creates`, there must be a diamond.
    """

    @click.command(cls=NetworkCommand, help=does)
    @_with_deployment_options
    def command(
        provider: ProviderAPI,
        account: AccountAPI | None,
        target: str | None,
        manifest: Path | None,
        write_plan: Path | None,
        plan: Path | None,
        plan_hash: str | None,
        confirmations: int | None,
        unchecked_layout: bool,
        undo_guardian: bool,
        replace_manifest: bool,
        publishes: bool,
        yes: bool,
    ) -> None:
        network = network_of(provider)
        explorer = explorer_of(provider) if publishes else None
        session = Session(
            # Wide in a log: what someone signs should not be broken up there.
            console=Console() if sys.stdout.isatty() else Console(width=200),
            manifest=manifest or network.manifest_path,
            write_plan=write_plan,
            plan=plan,
            plan_hash=plan_hash,
            confirm=lambda steps: _confirm(network, steps, yes),
            confirmations=confirmations,
            unchecked_layout=unchecked_layout,
        )
        deployment, signer = _prepare(
            session,
            network,
            network.target(target),
            account,
            upgrade=upgrade,
            undo_guardian=undo_guardian,
            replace_manifest=replace_manifest,
        )
        if deployment.plan.is_new and not creates:
            raise DeployError("there is no diamond: `ape run deploy` creates one")
        deployed = session.run(deployment, lambda: {str(signer.address): ApeSigner(signer)})
        if explorer is not None and deployed is not None:
            names = publish(explorer, deployed.manifest)
            shown = ", ".join(names) or "nothing, all is there already"
            session.console.print(f"Published on {explorer.name}: {shown}", soft_wrap=True)

    return command


def _prepare(
    session: Session,
    network: Network,
    target: Target,
    account: AccountAPI | None,
    *,
    upgrade: bool,
    undo_guardian: bool,
    replace_manifest: bool,
) -> tuple[Deployment, AccountAPI]:
    """The deployment, and who sends it."""
    owner = target.roles.owner
    account = account or known_account([owner] if network.is_ours else [])
    if account is None:
        raise DeployError(f"say who sends by --account; the owner is {owner}")
    path = session.manifest
    deployment = prepare(
        network.connect(as_anvil=target.has_fixtures and network.is_local),
        target,
        deployer=str(account.address),
        network=network.name,
        manifest=Manifest.load(path) if path.exists() else None,
        upgrade=upgrade,
        undo_guardian=undo_guardian,
        replace_manifest=replace_manifest,
    )
    if network.is_anvil_fork:
        give_what_is_lacking(deployment)
    return deployment, account


def _confirm(network: Network, steps: int, yes: bool) -> None:
    if not (yes or network.is_ours):
        click.confirm(f"Send {steps} transactions to {network.name}?", abort=True)
