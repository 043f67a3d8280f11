"""What the commands of the day share: a network, its diamond, its journal, and who signs."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

import click
from rich.console import Console

from macrostrike.chain import RpcTransport
from macrostrike.chain.transport import Signer
from macrostrike.cli.config import config_options
from macrostrike.cli.strangers import read_manifest
from macrostrike.client import MacroStrike
from macrostrike.engine import EngineSigner
from macrostrike.errors import MacroStrikeError, SignerMissing
from macrostrike.executor import Executor
from macrostrike.journal import Journal
from macrostrike.loop import Observer
from macrostrike.manifest import Manifest

if TYPE_CHECKING:
    from ape.api import AccountAPI, ProviderAPI

    from macrostrike.cli.networks import Network

GOOD, REFUSED, USAGE, HALTED, UNKNOWN = range(5)
"""Exit codes of all commands."""

_FILE = click.Path(dir_okay=False, path_type=Path)
_ENGINE = click.Option(["--engine"])


class Place(Protocol):
    """A network, as far as the commands of the day are concerned."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def is_local(self) -> bool: ...
    @property
    def is_ours(self) -> bool: ...
    @property
    def manifest_path(self) -> Path: ...


@dataclass(frozen=True)
class Post:
    """Where a command works: one diamond on one network. `account` is Ape's, if one was given."""

    network: Place
    transport: RpcTransport
    manifest: Manifest
    journal_at: str
    account: Any
    console: Console

    @property
    def reader(self) -> MacroStrike:
        """A client for view functions."""
        return MacroStrike(self.transport, self.manifest.diamond)

    def confirm(self, does: str, yes: bool) -> None:
        """Asks a person, unless it was said already or the chain is one of this machine's."""
        if not (yes or self.network.is_ours):
            click.confirm(f"{does} on {self.network.name}?", abort=True)

    @contextmanager
    def journal(self, kind: str) -> Iterator[Journal]:
        """The diamond's journal, with a run of that kind in it."""
        with Journal.open(self.journal_at) as journal:
            run = journal.begin_run(kind)
            try:
                yield journal
            finally:
                journal.end_run(run)

    @contextmanager
    def operator(self, journal: Journal) -> Iterator[tuple[MacroStrike, Executor]]:
        """The operator's client, and its executor."""
        with self.client("operator", self.manifest.operators, journal) as both:
            yield both

    @contextmanager
    def client(
        self, role: str, addresses: Sequence[str], journal: Journal
    ) -> Iterator[tuple[MacroStrike, Executor]]:
        """The client of the account that was given, or of the local one with the role.

        Its executor has recovered what an earlier process left. Raises `LeaseTaken` while another
        process sends with the same account.
        """
        signer = self.signer(role, addresses)
        with Executor(self.transport, signer, journal) as executor:
            executor.recover()
            yield MacroStrike(self.transport, self.manifest.diamond, sender=executor), executor

    def observer(self) -> MacroStrike:
        """A client that asks in the operator's name and can send nothing."""
        account = self.account.address if self.account else next(iter(self.manifest.operators), "")
        if not account:
            raise SignerMissing("a dry run needs an operator's address, by --account: it")
        return MacroStrike(self.transport, self.manifest.diamond, sender=Observer(str(account)))

    def asker(self, role: str, addresses: Sequence[str]) -> MacroStrike:
        """A client that asks in the name of the account that would send, and sends nothing."""
        sender = Observer(self.address(role, addresses))
        return MacroStrike(self.transport, self.manifest.diamond, sender=sender)

    def address(self, role: str, addresses: Sequence[str]) -> str:
        """Of the account that was given, or of the local one with the role."""
        return str((self.account or self.known(role, addresses)).address)

    def engine(self, alias: str | None, *, recorded: bool = True) -> EngineSigner:
        """An engine's signer, with its record beside the journal; in memory unless `recorded`."""
        return EngineSigner(
            self.engine_key(alias),
            chain_id=self.transport.chain_id,
            diamond=self.manifest.diamond,
            record=self.beside("engine.sqlite") if recorded else ":memory:",
        )

    def signer(self, role: str, addresses: Sequence[str]) -> Signer:
        """The account that was given, or the local one with the role."""
        from macrostrike.cli.networks import ApeSigner

        return ApeSigner(self.account or self.known(role, addresses))

    def engine_key(self, alias: str | None) -> Any:
        """Who signs predictions: Ape's account of that alias, or the local engine."""
        from ape.cli import AccountAliasPromptChoice

        from macrostrike.cli.networks import ApeSigner

        if alias is None:
            return ApeSigner(self.known("engine", self.manifest.engines))
        return ApeSigner(AccountAliasPromptChoice().convert(alias, _ENGINE, None))

    def known(self, role: str, addresses: Sequence[str]) -> AccountAPI:
        """The account of this machine's chains that has the role."""
        from macrostrike.cli.networks import known_account

        account = known_account(addresses if self.network.is_ours else [])
        if account is not None:
            return account
        known = " or ".join(addresses) or "not in the manifest"
        option = "--engine" if role == "engine" else "--account"
        raise MacroStrikeError(f"say who signs, by {option} ALIAS of Ape: the {role} is {known}")

    def beside(self, suffix: str) -> Path:
        """A file beside the journal, or beside the manifest where that is in a database."""
        if "://" in self.journal_at and not self.journal_at.startswith("sqlite:///"):
            return self.network.manifest_path.with_suffix(f".{suffix}")
        return Path(self.journal_at.removeprefix("sqlite:///")).with_suffix(f".{suffix}")


@dataclass(frozen=True, slots=True)
class DayCommand:
    """`does` is its help, `options` are click's; `work` takes a `Post` and the options, and returns
    the exit code. `anywhere`: it works for any diamond by its address, without a manifest too.
    `sends`: it has an account and a journal.
    """

    does: str
    work: Callable[..., int]
    options: tuple[Callable[[Any], Any], ...]
    anywhere: bool = False
    sends: bool = True


JOURNAL = click.option("--journal", help="Path or URL; by default the manifest's path, as .sqlite.")
DIAMOND = click.option("--diamond", help="Address of any MacroStrike diamond, for the manifest's.")


def post_command(
    does: str, *options: Callable[[Any], Any], anywhere: bool = False, sends: bool = True
) -> Callable[[Any], click.Command]:
    """A command that works at a `Post`; the rest is as for `DayCommand`.

    What it decorates takes the post, then the options; what it returns is the exit code.
    """

    from ape.cli import account_option, network_option

    from macrostrike.cli.networks import NetworkCommand, network_of

    def decorate(work: Callable[..., int]) -> click.Command:
        @click.command(cls=NetworkCommand, help=does)
        @network_option()
        @click.option(
            "--manifest",
            type=_FILE,
            help="Of the deployment; by default that of deployments/<network>.",
        )
        def command(
            provider: ProviderAPI,
            manifest: Path | None,
            account: AccountAPI | None = None,
            journal: str | None = None,
            **rest: Any,
        ) -> None:
            diamond = rest.pop("diamond", None)
            post = _post(network_of(provider), account, manifest, journal, diamond)
            code = work(post, **rest)
            if code:
                raise click.exceptions.Exit(code)

        added = (JOURNAL, account_option(prompt=False)) if sends else ()
        for option in (*added, *options, *((DIAMOND,) if anywhere else ())):
            command = option(command)
        return config_options(command)

    return decorate


def day_command(command: DayCommand) -> click.Command:
    """A command of the day as Ape's."""
    options = command.options
    decorate = post_command(command.does, *options, anywhere=command.anywhere, sends=command.sends)
    return decorate(command.work)


def stop_on_signals(*others: signal.Signals) -> threading.Event:
    """Set by SIGINT, SIGTERM and `others`, so that what is on its way is waited for.

    A handler may interrupt a wait for this very event, while its lock is held: setting it there
    would wait for that lock for good. So it writes to a pipe, and a thread sets the event.
    """
    stop, (reader, writer) = threading.Event(), os.pipe()

    def leave(number: int, frame: FrameType | None) -> None:
        os.write(writer, b".")

    def watch() -> None:
        os.read(reader, 1)
        stop.set()

    threading.Thread(target=watch, name="signals", daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM, *others):
        signal.signal(number, leave)
    return stop


def _post(
    network: Network,
    account: AccountAPI | None,
    manifest: Path | None,
    journal: str | None,
    diamond: str | None,
) -> Post:
    path = manifest or network.manifest_path
    transport = network.connect()
    if diamond is not None:
        entry = read_manifest(transport, diamond, network.name)
        path = path.with_name(f"{entry.name}.json")
    else:
        entry = Manifest.load(path)
    return Post(
        network=network,
        transport=transport,
        manifest=entry,
        journal_at=journal or str(path.with_suffix(".sqlite")),
        account=account,
        console=Console() if sys.stdout.isatty() else Console(width=200),
    )
