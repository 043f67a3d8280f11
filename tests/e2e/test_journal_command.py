"""`ape run journal` on a real anvil, in processes of its own."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
from pathlib import Path

import pytest

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport
from macrostrike.executor import Executor
from macrostrike.journal import IntentState, Journal, NewIntent
from macrostrike.testing import World, deploy_world
from tools.verify_record import verify

from ..predictions import prediction_now
from .support import run


@pytest.fixture(scope="module")
def world(url: str) -> World:
    """A diamond with two strikes, one of them settled."""
    world = deploy_world(AnvilTransport(url))
    client = MacroStrike(world.transport, world.diamond, world.operator)
    for nonce in (1, 2):
        client.strike(prediction_now(world, nonce, valid_for=86_400), world.engine)
        world.transport.mine(60)
    client.settle(1)
    return world


@pytest.fixture
def command(world: World, url: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "macrostrike.json"
    world.manifest.save(path)
    return ["--network", f"ethereum:local:{url}", "--manifest", str(path)]


def test_sync_makes_the_journal_beside_the_manifest(
    world: World, command: list[str], tmp_path: Path
) -> None:
    code, output = run("run", "journal", "sync", *command)
    assert code == 0, output
    assert "2 strikes, 1 open" in output
    with Journal.open(tmp_path / "macrostrike.sqlite") as journal:
        assert len(journal.strikes()) == 2


def test_verify_compares_and_names_what_differs(
    world: World, command: list[str], tmp_path: Path
) -> None:
    code, output = run("run", "journal", "verify", *command)
    assert code == 0, output
    assert "agrees with itself and with every view function" in output
    with sqlite3.connect(tmp_path / "macrostrike.sqlite") as database:
        database.execute("UPDATE strikes SET pnl = '1' WHERE strike_id = 1")
    code, output = run("run", "journal", "verify", *command)
    assert code == 1, output
    assert "strikes 1.pnl" in output
    assert "expected" in output


def test_verify_says_of_what_is_unknown(world: World, command: list[str], tmp_path: Path) -> None:
    with Journal.open(tmp_path / "macrostrike.sqlite") as journal:
        (intent,) = journal.prepare(
            [
                NewIntent(
                    action="executeStrike",
                    account=world.operator.address,
                    account_nonce=99,
                    signed=b"\x02",
                    hash=b"h" * 32,
                )
            ]
        )
        journal.change_intent(intent.hash, IntentState.UNKNOWN)
    code, output = run("run", "journal", "verify", *command)
    assert code == 4, output
    assert intent.hash.hex() in output


def test_export_returns_rows_for_people_and_for_programs(
    world: World, command: list[str], tmp_path: Path
) -> None:
    path = str(tmp_path / "macrostrike.sqlite")
    assert run("run", "journal", "sync", *command)[0] == 0
    code, output = run("run", "journal", "export", "strikes", "--journal", path)
    assert code == 0, output
    rows = list(csv.DictReader(io.StringIO(output)))
    assert [row["status"] for row in rows] == ["settled", "open"]
    target = tmp_path / "equity.jsonl"
    code, output = run(
        *("run", "journal", "export", "equity", "--json"),
        *("--output", str(target)),
        MACROSTRIKE_JOURNAL=path,
    )
    assert code == 0, output
    last = json.loads(target.read_text().splitlines()[-1])
    client = MacroStrike(world.transport, world.diamond)
    assert last["equity"] == client.stats().equity
    code, output = run("run", "journal", "vacuum", "--journal", path)
    assert code == 0, output


def test_export_proves_the_score(
    world: World, command: list[str], url: str, tmp_path: Path
) -> None:
    path = tmp_path / "record.json.gz"
    proof = ["run", "journal", "export", "--proof", *command[2:]]
    code, output = run(*proof, "--output", str(path), MACROSTRIKE_RPC_URL=url)
    assert code == 0, output
    assert "2 strikes, 1 settled" in output
    found = verify(json.loads(gzip.decompress(path.read_bytes())))
    client = MacroStrike(world.transport, world.diamond)
    assert found["all"]["wins"] == client.stats().wins
    code, output = run(*proof, MACROSTRIKE_RPC_URL=url)
    assert code == 2
    assert "--proof needs --manifest, --output and a node" in output


def test_what_can_not_be_done_is_said_and_refused(
    world: World, command: list[str], tmp_path: Path
) -> None:
    other = str(tmp_path / "other.sqlite")
    with Journal.open(other) as journal:
        executor = Executor(world.transport, world.operator, journal)
        assert executor.address == world.operator.address
        journal.sync(world.transport, world.operator.address, 0)
    code, output = run("run", "journal", "sync", *command, "--journal", other)
    assert code == 1, output
    assert "this journal is of diamond" in output
    assert run("run", "journal", "export", "nothing", "--journal", other)[0] == 2
    code, output = run("run", "journal", "follow", "0123456789abcdef", "--journal", other)
    assert code == 1, output
    assert "the journal has no prediction with it" in output
