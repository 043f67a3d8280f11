"""A journal's schema: made from nothing, and brought up from every version that was released."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from macrostrike.journal import Journal, JournalUnavailable, JournalVersionUnsupported, _schema
from macrostrike.journal._database import Database, migrations

from .conftest import new_database

_VERSIONS = range(len(migrations()) + 1)


def test_the_migrations_make_the_tables_that_the_code_knows(location: str) -> None:
    database = Database(location)
    with database.read() as connection:
        made = inspect(connection)
        tables = set(made.get_table_names()) - {"schema_versions"}
        assert tables == set(_schema.metadata.tables)
        for name, table in _schema.metadata.tables.items():
            columns = [column["name"] for column in made.get_columns(name)]
            assert columns == [column.name for column in table.columns], name
    database.close()


@pytest.mark.parametrize("version", _VERSIONS)
def test_a_journal_of_an_earlier_version_is_brought_up_with_its_rows(
    location: str, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = migrations()
    with monkeypatch.context() as earlier:
        earlier.setattr("macrostrike.journal._database.migrations", lambda: steps[:version])
        database = Database(location)
        if version:
            with database.write() as connection:
                connection.execute(text("INSERT INTO meta VALUES ('kept', 'as it was')"))
        database.close()
    database = Database(location)
    with database.read() as connection:
        applied = connection.scalars(text("SELECT version FROM schema_versions ORDER BY version"))
        assert list(applied) == list(range(1, len(steps) + 1))
        kept = connection.scalar(text("SELECT value FROM meta WHERE key = 'kept'"))
        assert kept == ("as it was" if version else None)
    database.close()


def test_opening_twice_changes_nothing(location: str) -> None:
    with Journal.open(location) as journal:
        run_id = journal.begin_run("loop")
    with Journal.open(location) as again:
        assert [run.run_id for run in again.runs()] == [run_id]


def test_a_later_releases_journal_is_left_alone(location: str) -> None:
    database = Database(location)
    later = len(migrations()) + 1
    with database.write() as connection:
        connection.execute(text(f"INSERT INTO schema_versions VALUES ({later}, 0)"))
    database.close()
    with pytest.raises(JournalVersionUnsupported) as refused:
        Journal.open(location)
    assert (refused.value.found, refused.value.known) == (later, later - 1)


def test_a_migration_that_fails_leaves_nothing_behind(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [*migrations(), "CREATE TABLE extra (key TEXT); INSERT INTO nowhere VALUES (1)"]
    with monkeypatch.context() as later:
        later.setattr("macrostrike.journal._database.migrations", lambda: steps)
        with pytest.raises(JournalUnavailable):
            Database(location)
    database = Database(location)
    with database.read() as connection:
        assert "extra" not in inspect(connection).get_table_names()
    database.close()


def test_a_file_that_is_not_a_database_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database at all, and longer than a header of one hundred bytes" * 3)
    before = file.read_text()
    with pytest.raises(JournalUnavailable, match="not a database"):
        Journal.open(file)
    assert file.read_text() == before


def test_a_journals_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "journal.sqlite"
    Journal.open(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_sqlite_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    Journal.open(path).close()
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_url_shows_no_password(postgresql: str) -> None:
    url = new_database(postgresql).replace("postgres:@", "postgres:hush@")
    assert "hush" in url
    with Journal.open(url) as journal:
        assert "hush" not in journal.url
