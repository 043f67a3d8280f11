"""The monitor by HTTP, on a real server: what each address answers, and that it only reads."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message

import pytest
from prometheus_client.parser import text_string_to_metric_families

from macrostrike.journal import ChangeKind, CommitmentKind
from macrostrike.monitor.server import PortUnavailable, serving
from macrostrike.monitor.service import Monitor
from macrostrike.monitor.web import MAX_STREAMS
from tests.monitor.desk import Desk

HOUR = 3600


@pytest.fixture(scope="module")
def monitor(traded: Desk) -> Monitor:
    """On the machine's own clock: the server looks again and again."""
    return Monitor(traded.world.transport, traded.world.manifest, traded.journal)


@pytest.fixture(scope="module")
def url(monitor: Monitor) -> Iterator[str]:
    monitor.look()
    with serving(monitor, port=0, every=HOUR) as url:
        yield url


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(url, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


def test_metrics_are_what_prometheus_scrapes(url: str) -> None:
    status, headers, body = get(url + "metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    assert families["macrostrike_open_strikes"].samples[0].value == 2
    assert families["macrostrike_transaction_stage_seconds"].type == "histogram"


def test_the_days_roots_are_there_for_all(url: str, traded: Desk) -> None:
    made = traded.journal.commit(20_000, CommitmentKind.SCORES)
    assert made is not None
    status, _, body = get(url + "commitments.json")
    assert status == 200
    (found,) = json.loads(body)["commitments"]
    assert (found["day"], found["kind"]) == ("2024-10-04", "scores")
    assert (found["root"], found["leaves"]) == (f"0x{made.root.hex()}", 0)


def test_health_says_why(url: str, traded: Desk, monitor: Monitor) -> None:
    assert get(url + "health")[0] == 200
    assert json.loads(get(url + "health")[2]) == {"status": "healthy", "reasons": []}

    traded.journal.record_change(ChangeKind.STATE, "loop", "halted", cause="unknown outcomes")
    monitor.look()
    status, _, body = get(url + "health")
    assert status == 503
    assert json.loads(body)["status"] == "halted"
    assert json.loads(body)["reasons"][0] == "halted: unknown outcomes"

    traded.journal.record_change(ChangeKind.STATE, "loop", "running", cause="started again")
    monitor.look()


def test_ready_once_it_has_read(url: str, traded: Desk) -> None:
    assert get(url + "ready")[0] == 200
    fresh = Monitor(traded.world.transport, traded.world.manifest, traded.journal)
    # It does not look: nothing can be said yet.
    fresh.run = lambda stop, every: None  # type: ignore[method-assign]
    with serving(fresh, port=0) as other:
        assert get(other + "ready")[0] == 503
        assert get(other + "health")[0] == 503
        assert get(other + "metrics")[2] == b""
        assert json.loads(get(other + "view.json")[2])["health"]["status"] == "unhealthy"


def test_the_document_is_the_chains(url: str, traded: Desk) -> None:
    document = json.loads(get(url + "view.json")[2])
    stats = traded.client.stats()
    assert document["headline"]["equity"] == pytest.approx(stats.equity / 1e6)
    assert document["headline"]["wins"] == stats.wins
    assert [row["id"] for row in document["open"]] == list(traded.client.open_strikes())
    assert len(document["bots"]) == 25
    pnl = sum(bot["pnl"] for bot in document["bots"])
    assert pnl == pytest.approx(stats.pnl / 1e6)
    assert document["costs"]["gross"] - document["costs"]["fees"] == pytest.approx(pnl)
    text = json.dumps(document).lower()
    for account in (traded.world.operator, traded.world.engine, traded.world.owner):
        assert account.address.lower() not in text


def test_events_come_when_there_is_something_new(url: str, monitor: Monitor) -> None:
    with urllib.request.urlopen(url + "events", timeout=10) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        number = int(stream.readline().removeprefix(b"id: "))
        assert number == monitor.view.number
        assert json.loads(stream.readline().removeprefix(b"data: "))["number"] == number
        assert stream.readline() == b"\n"
        monitor.look()
        assert int(stream.readline().removeprefix(b"id: ")) == number + 1


def test_pages_without_end_are_not_served(url: str) -> None:
    streams = [urllib.request.urlopen(url + "events", timeout=10) for _ in range(MAX_STREAMS)]
    for stream in streams:
        stream.readline()
    assert get(url + "events")[0] == 503
    for stream in streams:
        stream.close()


def test_the_page_is_one_file_that_asks_for_nothing_else(url: str) -> None:
    status, headers, body = get(url)
    page = body.decode()
    assert status == 200
    assert "script-src 'sha256-" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    for outside in ("src=", "@import", "url(", "//cdn", "https://"):
        assert outside not in page
    assert page.count("http://") == page.count("http://www.w3.org/")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["", "events", "view.json", "metrics", "health", "ready"])
def test_nothing_can_be_changed(url: str, method: str, path: str) -> None:
    assert get(url + path, method)[0] == 405


def test_other_addresses_are_not_there(url: str) -> None:
    for path in ("docs", "..%2f..%2fetc/passwd", "page.js", "metrics.json"):
        assert get(url + path)[0] == 404


def test_another_sites_name_is_refused(url: str) -> None:
    """A web page that makes its own name lead to 127.0.0.1 reads nothing."""
    for path in ("", "view.json", "metrics"):
        assert get(url + path, Host="attacker.example")[0] == 400
    assert get(url + "ready", Host="localhost:9464")[0] == 200


def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monitor = None
        refused = pytest.raises(PortUnavailable, match=f"127.0.0.1:{port}.*--port")
        with refused, serving(monitor, port=port):  # type: ignore[arg-type]
            pass
