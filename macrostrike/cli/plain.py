"""`python -m macrostrike`: the commands of the day for machines without Ape.

Readers need a node. What sends takes its key from a keystore file, or, on a chain of this machine,
from the accounts that are known to everyone.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from macrostrike.chain import RpcTransport, Signer
from macrostrike.chain.chains import LOCAL_CHAINS
from macrostrike.cli.commands import COMMANDS
from macrostrike.cli.config import PREFIX, config_options
from macrostrike.cli.failures import in_one_sentence
from macrostrike.cli.plans import check_list, check_table
from macrostrike.cli.post import DIAMOND, JOURNAL, DayCommand, Post
from macrostrike.cli.strangers import read_manifest
from macrostrike.deploy import inspect, load_target
from macrostrike.devchain import local_account
from macrostrike.errors import SigningError
from macrostrike.manifest import Manifest
from macrostrike.signing import keystore_address, load_signer

_FILE = click.Path(dir_okay=False, path_type=Path)
_LOCAL_ACCOUNTS = 10
_PASSPHRASE = f"{PREFIX}_PASSPHRASE_FILE"


KEYSTORE = click.option(
    "--keystore",
    type=_FILE,
    help=f"Whose key sends. The passphrase is read from the file {_PASSPHRASE}, or asked for.",
)


@dataclass(frozen=True, slots=True)
class Node:
    """A network that is a URL and a manifest."""

    name: str
    url: str
    is_local: bool
    manifest_path: Path

    @property
    def is_ours(self) -> bool:
        return self.is_local


@dataclass(frozen=True)
class KeyPost(Post):
    """A post whose keys are keystore files. `account` is the path of the sender's."""

    def signer(self, role: str, addresses: Sequence[str]) -> Signer:
        return self._key(self.account, role, addresses, "--keystore")

    def engine_key(self, alias: str | None) -> Any:
        return self._key(alias, "engine", self.manifest.engines, "--engine")

    def observer(self) -> Any:
        if self.account is None:
            return super().observer()
        raise click.UsageError("a dry run asks as the manifest's operator: leave --keystore out")

    def address(self, role: str, addresses: Sequence[str]) -> str:
        if self.account is None:
            return str(self.signer(role, addresses).address)
        return keystore_address(self.account)

    def _key(
        self, keystore: Path | str | None, role: str, addresses: Sequence[str], option: str
    ) -> Signer:
        if keystore is not None:
            keystore_address(keystore)  # that it is one is known before its passphrase is asked for
            return load_signer(keystore, _passphrase(str(keystore)))
        if self.network.is_ours:
            for account in map(local_account, range(_LOCAL_ACCOUNTS)):
                if account.address in addresses:
                    return account
        known = " or ".join(addresses) or "not in the manifest"
        raise SigningError(f"say who signs, by {option} FILE: the {role} is {known}")


@click.group()
def main() -> None:
    """The commands of the day, without Ape. `ape run` has more: deploy, upgrade, loop, monitor."""


def _plain(name: str, command: DayCommand) -> click.Command:
    @click.command(name=name, help=command.does)
    @_node_options
    def run(
        rpc_url: str,
        manifest: Path,
        keystore: Path | None = None,
        journal: str | None = None,
        **rest: Any,
    ) -> None:
        transport, entry = _opened(rpc_url, manifest, rest.pop("diamond", None))
        if not entry.facets:  # of a stranger's diamond
            manifest = manifest.with_name(f"{entry.name}.json")
        is_local = transport.chain_id in LOCAL_CHAINS
        post = KeyPost(
            network=Node(entry.network, rpc_url, is_local, manifest),
            transport=transport,
            manifest=entry,
            journal_at=journal or str(manifest.with_suffix(".sqlite")),
            account=keystore,
            console=_console(),
        )
        if code := command.work(post, **rest):
            raise click.exceptions.Exit(code)

    added = (JOURNAL, KEYSTORE) if command.sends else ()
    for option in (*added, *command.options, *((DIAMOND,) if command.anywhere else ())):
        run = option(run)
    return config_options(_in_a_line(run))


def _node_options(command: Any) -> Any:
    command = click.option(
        "--manifest",
        type=_FILE,
        default=Path("deployments/local/macrostrike.json"),
        show_default=True,
        help="Of the deployment.",
    )(command)
    return click.option(
        "--rpc-url", default="http://127.0.0.1:8545", show_default=True, help="The node."
    )(command)


def _in_a_line(command: click.Command) -> click.Command:
    work = command.callback
    assert work is not None, "a command does something"

    def guarded(*args: Any, **values: Any) -> Any:
        with in_one_sentence():
            return work(*args, **values)

    command.callback = guarded
    return command


def _opened(
    rpc_url: str, manifest: Path, diamond: str | None = None
) -> tuple[RpcTransport, Manifest]:
    if diamond is not None:
        transport = RpcTransport(rpc_url)
        return transport, read_manifest(transport, diamond, f"chain {transport.chain_id}")
    entry = Manifest.load(manifest)
    return RpcTransport(rpc_url, chain_id=entry.chain_id), entry


def _passphrase(keystore: str) -> str:
    file = os.environ.get(_PASSPHRASE)
    if file is None:
        return str(click.prompt(f"Passphrase of {keystore}", hide_input=True, err=True))
    try:
        return Path(file).read_text(encoding="utf-8-sig").rstrip("\n")
    except (OSError, UnicodeDecodeError):
        raise SigningError(f"the file that {_PASSPHRASE} names can't be read") from None


def _console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=200)


@click.command(help="Check every part of the target on chain. Sends nothing.")
@_node_options
@click.option("--target", default="local", show_default=True, help="Target file, or its name.")
@click.option("--only-failures", is_flag=True, help="Show the checks that fail, and no others.")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def status(rpc_url: str, manifest: Path, target: str, only_failures: bool, as_json: bool) -> None:
    transport, entry = _opened(rpc_url, manifest)
    checks = inspect(transport, load_target(target), entry)
    if as_json:
        click.echo(json.dumps(check_list(checks), indent=2))
    else:
        _console().print(check_table(checks, only_failures=only_failures))
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(1)


main.add_command(config_options(_in_a_line(status)))
for _name, _command in COMMANDS.items():
    main.add_command(_plain(_name, _command))
