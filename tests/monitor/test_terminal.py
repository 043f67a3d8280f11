"""The screen and the table of checks, as a terminal of 120 columns shows them."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from macrostrike.cli.monitor import sinks_of
from macrostrike.cli.monitor_screen import check_table, screen
from macrostrike.cli.systemd import ALIVE, READY, STOPPING, notify
from macrostrike.errors import InvalidValue
from macrostrike.journal import ChangeKind
from macrostrike.monitor.document import document_of
from macrostrike.monitor.sinks import LogSink
from tests.monitor.desk import Desk


def shown(renderable: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_the_screen_has_the_chains_figures(traded: Desk) -> None:
    output = shown(screen(document_of(traded.monitor().look(), traded.now)))
    assert f"{traded.client.stats().equity / 1e6:,.2f} USDC" in output
    assert "22 of 24" in output
    assert "● healthy" in output
    for strike_id in traded.client.open_strikes():
        assert f"#{strike_id}" in output
    for strategy in ("MarketMaking", "Arbitrage", "Momentum", "MeanReversion", "Volatility"):
        assert strategy in output


def test_an_alert_is_a_box_with_its_remedy(desk: Desk) -> None:
    # What a journal says is text, not markup of the terminal's.
    desk.journal.record_change(ChangeKind.STATE, "loop", "halted", cause="[red]unknown[/]")
    view = desk.monitor().look()
    output = shown(screen(document_of(view, desk.now)))
    assert "critical: Halted" in output
    assert "the owner resumes" in output


def test_nothing_read_yet_is_said(desk: Desk) -> None:
    output = shown(screen(document_of(desk.monitor().view, desk.now)))
    assert "nothing was read yet" in output


def test_the_checks_are_a_table(desk: Desk) -> None:
    output = shown(check_table(desk.monitor().check()))
    for check in ("first 100 trades", "win rate", "gas costs", "capital", "error rate", "log"):
        assert check in output
    assert "not yet" in output


def test_the_webhook_is_the_environments(desk: Desk, tmp_path: Path) -> None:
    assert [type(sink) for sink in sinks_of({}, desk.journal)] == [LogSink]
    secret = tmp_path / "secret"
    secret.write_text("a secret of the test alone\n")
    url = {"MACROSTRIKE_WEBHOOK_URL": "https://host.invalid/hook"}
    for given in (
        {"MACROSTRIKE_WEBHOOK_SECRET": "a secret of the test alone"},
        {"MACROSTRIKE_WEBHOOK_SECRET_FILE": str(secret)},
    ):
        [_, sink] = sinks_of(url | given, desk.journal)
        sink.close()
    for wrong in ({}, {"MACROSTRIKE_WEBHOOK_SECRET_FILE": str(tmp_path / "none")}):
        with pytest.raises(InvalidValue, match="MACROSTRIKE_WEBHOOK_SECRET"):
            sinks_of(url | wrong, desk.journal)


def test_systemd_is_said_where_it_listens(tmp_path: Path) -> None:
    assert not notify(READY, environment={})
    assert not notify(READY, environment={"NOTIFY_SOCKET": str(tmp_path / "none")})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        assert notify(READY, ALIVE, environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert listener.recv(100) == b"READY=1\nWATCHDOG=1"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0macrostrike-test")
        assert notify(STOPPING, environment={"NOTIFY_SOCKET": "@macrostrike-test"})
        assert listener.recv(100) == b"STOPPING=1"
