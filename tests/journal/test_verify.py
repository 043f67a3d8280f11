"""A journal that is as it was written agrees with itself and with the chain; any other does not."""

from __future__ import annotations

import shutil
import sqlite3
import struct
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text, update

from macrostrike.client import MacroStrike
from macrostrike.journal import (
    Difference,
    IntentState,
    Journal,
    NewIntent,
    NotSynced,
    _schema,
    _tables,
)
from macrostrike.types import Signal

from ..unit.deployed import deploy_env
from ..unit.environment import Env


@pytest.fixture(scope="module")
def _env() -> Env:
    """A diamond to which a good deal has happened."""
    env = deploy_env()
    for signal, won in zip(Signal, (True, False, True, True), strict=True):
        env.play(won=won, signal=signal)
    env.strike(model_id=env.register(9), nonce=200)
    env.strike(nonce=190)
    env.owner.send("writeOffStrike", env.read("getOpenStrikes")[0])
    env.owner.send("setThreshold", 9400)
    env.give(env.diamond, quote=5)
    return env


@pytest.fixture
def env(_env: Env) -> Env:
    with _env.undone():
        yield _env


def client_of(env: Env) -> MacroStrike:
    return MacroStrike(env.chain, env.diamond)


def filled(journal: Journal, env: Env) -> Journal:
    journal.sync(env.chain, env.diamond, 0)
    for number in range(3):
        (row,) = journal.prepare(
            [
                NewIntent(
                    action="executeStrike",
                    account=env.operator.address,
                    account_nonce=number,
                    signed=bytes([2, number]) * 20,
                    hash=bytes([number]) * 32,
                    digest=b"d" * 32,
                    engine=env.engine.address,
                    engine_nonce=2**63 + number,
                )
            ]
        )
        journal.change_intent(row.hash, IntentState.SENT, sent_at=1.5)
    journal.change_intent(row.hash, IntentState.CONFIRMED, block_number=5, gas_price=10**19)
    return journal


def change(journal: Journal, table: Any, key: Any, **values: Any) -> None:
    """As someone who has the database may."""
    with journal._database.write() as connection:
        connection.execute(update(table).where(key).values(values))


def subjects(found: list[Difference]) -> list[str]:
    return [difference.subject for difference in found]


def test_a_journal_that_follows_the_chain_agrees_with_it(journal: Journal, env: Env) -> None:
    assert filled(journal, env).verify(client_of(env)) == []


def test_a_diamond_to_which_nothing_was_done_agrees_too(journal: Journal, env: Env) -> None:
    bare = env.bare()
    journal.sync(bare.chain, bare.diamond, 0)
    assert journal.verify(client_of(bare)) == []


def test_a_journal_that_knows_no_block_can_not_be_compared(journal: Journal, env: Env) -> None:
    with pytest.raises(NotSynced):
        journal.verify(client_of(env))


def test_events_that_are_not_there_are_missed_by_the_view_functions(
    journal: Journal, env: Env
) -> None:
    """Nothing in the journal itself tells: its last rows are gone, with all that followed."""
    env.play(won=True, nonce=201)
    filled(journal, env)
    settled = journal.events(name="StrikeSettled")[-1].block_number
    blocks = [asdict(block) for block in journal.blocks(after=settled - 1)]
    with journal._database.write() as connection:
        _tables.take_back(connection, settled - 1)
        connection.execute(insert(_schema.blocks), blocks)
    found = subjects(journal.verify(client_of(env)))
    assert "getStrikeStats().settled" in found
    assert "getOpenStrikes()" in found
    assert "getBots()[0].equity" in found


def test_a_journal_of_another_chain_is_not_compared_further(journal: Journal, env: Env) -> None:
    filled(journal, env)
    other = deploy_env()
    while other.chain.block_number() <= env.chain.block_number():
        other.chain.mine(3)
    found = subjects(journal.verify(client_of(other)))
    assert found
    assert all(subject.startswith("block ") for subject in found)


@pytest.mark.parametrize(
    ("table", "key", "values", "subject"),
    [
        ("strikes", "strike_id", {"pnl": 10**9}, "strikes 1.pnl"),
        ("strikes", "strike_id", {"won": False}, "strikes 1.won"),
        ("equity", "reserve", {"equity": 7}, "equity "),
    ],
)
def test_a_derived_row_that_does_not_follow_is_named(
    journal: Journal, env: Env, table: str, key: str, values: dict[str, Any], subject: str
) -> None:
    filled(journal, env)
    there = _schema.metadata.tables[table]
    change(journal, there, there.c[key] == (1 if key == "strike_id" else 0), **values)
    found = journal.verify(client_of(env))
    assert [each for each in subjects(found) if each.startswith(subject)]


def test_rows_that_are_missing_are_noticed(journal: Journal, env: Env) -> None:
    filled(journal, env)
    with journal._database.write() as connection:
        connection.execute(text("DELETE FROM intents WHERE seq = 2"))
    assert subjects(journal.verify(client_of(env))) == ["intents 3 previous_hash", "intents 3"]


def test_an_event_that_is_missing_is_noticed(journal: Journal, env: Env) -> None:
    filled(journal, env)
    settled = journal.events(name="StrikeSettled")[1]
    with journal._database.write() as connection:
        connection.execute(
            text("DELETE FROM events WHERE block_number = :block AND log_index = :index"),
            {"block": settled.block_number, "index": settled.log_index},
        )
    (difference,) = journal.verify(client_of(env))
    assert difference.subject.endswith("previous_hash")


@pytest.fixture(scope="module")
def written(_env: Env, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal in a file, closed."""
    path = tmp_path_factory.mktemp("written") / "journal.sqlite"
    with Journal.open(path) as journal:
        filled(journal, _env)
    return path


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_flipped_byte_in_any_column_of_any_row_is_found(
    env: Env, written: Path, data: st.DataObject
) -> None:
    path = written.with_name("flipped.sqlite")
    shutil.copyfile(written, path)
    table = data.draw(st.sampled_from(["intents", "events"]), "table")
    names = [column.name for column in _schema.metadata.tables[table].columns]
    column = data.draw(st.sampled_from(names), "column")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        rows = database.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
        rowid, value = data.draw(st.sampled_from(rows), "row")
        change = flipped(value, data)
        write = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
        if isinstance(value, str):  # whether or not the bytes are a text still
            write = write.replace("?", "CAST(? AS TEXT)", 1)
        try:
            database.execute(write, (change, rowid))
        except sqlite3.IntegrityError:
            return  # there is such a row already
    with Journal.open(path) as journal:
        assert journal.verify(client_of(env))


def flipped(value: Any, data: st.DataObject) -> Any:
    """A value with one of its bytes changed, and one instead of none."""
    if value is None:
        return 1
    if isinstance(value, str):
        raw = value.encode()
    else:
        raw = struct.pack(">q" if isinstance(value, int) else ">d", value)
    place = data.draw(st.integers(0, len(raw) - 1), "byte") if raw else 0
    changed = bytearray(raw or b" ")
    changed[place] ^= data.draw(st.integers(1, 255), "flip")
    if isinstance(value, str):
        return bytes(changed)
    return struct.unpack(">q" if isinstance(value, int) else ">d", changed)[0]
