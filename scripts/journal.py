"""`ape run journal`: the index of a deployment's chain, and the record of what was sent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from ape.api import ProviderAPI
from ape.cli import network_option
from rich.console import Console

from macrostrike.chain import RpcTransport
from macrostrike.cli import calibrations, journals, paths
from macrostrike.cli.failures import in_one_sentence
from macrostrike.cli.networks import NetworkCommand, network_of
from macrostrike.client import MacroStrike
from macrostrike.journal import TABLES, CommitmentKind, Journal
from macrostrike.journal.commitments import published
from macrostrike.manifest import Manifest

_manifest = click.option(
    "--manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Of the deployment; by default that of deployments/<network>.",
)
_journal = click.option(
    "--journal",
    envvar="MACROSTRIKE_JOURNAL",
    help="Path or URL; by default the manifest's path, as .sqlite.",
)


@click.group()
def cli() -> None:
    """Index a deployment's chain, compare it, and export it.

    Exit codes: 0 good, 1 refused or different, 2 usage, 4 a transaction's outcome is unknown.
    """


@cli.command(cls=NetworkCommand)
@network_option()
@_manifest
@_journal
def sync(provider: ProviderAPI, manifest: Path | None, journal: str | None) -> None:
    """Bring the journal up to the chain's latest block."""
    _connected(journals.sync, provider, manifest, journal)


@cli.command(cls=NetworkCommand)
@network_option()
@_manifest
@_journal
def verify(provider: ProviderAPI, manifest: Path | None, journal: str | None) -> None:
    """Sync, then compare the journal with itself and with every view function of the chain."""
    _connected(journals.verify, provider, manifest, journal)


@cli.command()
@click.argument("table", type=click.Choice(TABLES), required=False)
@click.option("--journal", envvar="MACROSTRIKE_JOURNAL", help="Path or URL.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, not CSV.")
@click.option(
    "--proof",
    is_flag=True,
    help="Not a table: the track record, with the chain's proofs. Needs a node; where a journal is "
    "named, the days' roots are in it too.",
)
@_manifest
@click.option(
    "--rpc-url", envvar="MACROSTRIKE_RPC_URL", help="The node; better by MACROSTRIKE_RPC_URL."
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; a track record is compressed where it ends in .gz.",
)
def export(
    table: str | None,
    journal: str | None,
    as_json: bool,
    proof: bool,
    manifest: Path | None,
    rpc_url: str | None,
    output: Path | None,
) -> None:
    """Write a table as CSV or JSON; or, by --proof, a track record that proves itself."""
    with in_one_sentence():
        if proof:
            if rpc_url is None or manifest is None or output is None or table is not None:
                raise click.UsageError("--proof needs --manifest, --output and a node, no table")
            transport, entry = RpcTransport(rpc_url), Manifest.load(manifest)
            kept = journal and journals.existing(journal)
            commitments = published(kept) if kept else []
            sys.exit(journals.export_record(transport, entry, output, Console(), commitments))
        if table is None or journal is None:
            raise click.UsageError("name a table and --journal, or --proof")
        with journals.existing(journal) as opened, journals.output_of(output) as stream:
            sys.exit(journals.export(opened, table, stream, as_json=as_json))


@cli.command()
@click.option("--journal", envvar="MACROSTRIKE_JOURNAL", required=True, help="Path or URL.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def calibration(journal: str, as_json: bool) -> None:
    """What all predictions claimed and delivered, struck or not, and each day's Merkle roots.

    Every prediction that loop or intake saw is scored by the market. Exit code 1: a root is not
    that of the rows that are there.
    """
    with in_one_sentence(), journals.existing(journal) as opened:
        sys.exit(calibrations.calibration(opened, Console(), as_json=as_json))


@cli.command()
@click.argument("of", metavar="ID")
@click.option("--journal", envvar="MACROSTRIKE_JOURNAL", required=True, help="Path or URL.")
def follow(of: str, journal: str) -> None:
    """Follow one prediction: what was said, the gate, its bots, result, statistics, and after.

    ID is that of the log's lines, or the digest, of which it is the first 16 digits.
    """
    with in_one_sentence(), journals.existing(journal) as opened:
        console = Console(highlight=False)
        sys.exit(paths.follow(opened, of, console))


@cli.command()
@click.option("--journal", envvar="MACROSTRIKE_JOURNAL", required=True, help="Path or URL.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--rows",
    type=click.Choice([str(each) for each in CommitmentKind]),
    help="With --day: not the roots, but that day's rows as they were hashed.",
)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="In UTC, such as 2026-11-28.")
def root(journal: str, as_json: bool, rows: str | None, day: datetime | None) -> None:
    """The days' Merkle roots of all predictions, struck or not: give them to others in time.

    The intake serves them at /v1/commitments, the monitor at /commitments.json; a loop with
    --anchor-roots puts them on chain.
    """
    if (rows is None) != (day is None):
        raise click.UsageError("--rows goes with --day")
    with in_one_sentence(), journals.existing(journal) as opened:
        if rows is not None and day is not None:
            kind = CommitmentKind(rows)
            sys.exit(journals.root_rows(opened, day.date(), kind, sys.stdout))
        sys.exit(journals.roots(opened, sys.stdout, as_json=as_json))


@cli.command()
@click.option("--journal", envvar="MACROSTRIKE_JOURNAL", required=True, help="Path or URL.")
def vacuum(journal: str) -> None:
    """Return the disk space of removed rows to the system."""
    with in_one_sentence(), journals.existing(journal) as opened:
        opened.vacuum()


def _connected(
    command: Callable[[Journal, MacroStrike, Manifest, Console], int],
    provider: ProviderAPI,
    manifest: Path | None,
    journal: str | None,
) -> None:
    network = network_of(provider)
    path = manifest or network.manifest_path
    entry = Manifest.load(path)
    client = MacroStrike(network.connect(), entry.diamond)
    console = Console() if sys.stdout.isatty() else Console(width=200)
    with Journal.open(journals.journal_location(journal, path)) as opened:
        sys.exit(command(opened, client, entry, console))
