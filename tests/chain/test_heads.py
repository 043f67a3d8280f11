"""Subscriptions of a real node over a WebSocket, and polls where there is none."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from macrostrike.chain import AnvilTransport, RpcTransport
from macrostrike.chain.heads import Heads, News

from .conftest import SENDER

KEY = "s3cret-of-the-socket"
LONG = 20.0
NEVER = threading.Event()


def socket_of(node: AnvilTransport) -> str:
    return node.url.replace("http://", "ws://")


@pytest.fixture
def chain(node: AnvilTransport) -> Iterator[RpcTransport]:
    transport = RpcTransport(node.url, ws_url=f"{socket_of(node)}/?key={KEY}")
    yield transport
    assert transport.heads is not None
    transport.heads.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def paused(news: News, every: float, longest: float | None = None) -> float:
    started = time.monotonic()
    news.pause(NEVER, every, longest)
    return time.monotonic() - started


def test_a_block_ends_a_pause(chain: RpcTransport, node: AnvilTransport) -> None:
    news = News(chain)
    until(lambda: chain.heads is not None and chain.heads.is_connected)
    threading.Timer(0.05, node.mine).start()
    assert paused(news, LONG) < LONG / 4
    # What came while no one paused is not missed.
    node.mine()
    time.sleep(0.1)
    assert paused(news, LONG) < 0.05
    # Nothing new: as long as is said for a node that tells by itself.
    assert paused(news, 0.01, 0.2) >= 0.2


def test_an_event_ends_a_pause(node: AnvilTransport) -> None:
    heads = Heads(socket_of(node), node.chain_id, (SENDER.address,))
    seen = heads.count()
    until(lambda: heads.is_connected)
    node.mine()
    assert heads.wait(seen, LONG) > seen
    heads.close()


def test_without_a_socket_it_polls(node: AnvilTransport) -> None:
    assert 0.1 <= paused(News(RpcTransport(node.url)), 0.1, LONG) < LONG / 4


def test_a_stop_ends_a_pause(chain: RpcTransport) -> None:
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    started = time.monotonic()
    News(chain).pause(stop, LONG, LONG)
    assert time.monotonic() - started < LONG / 4


@contextmanager
def served(handle: Callable[[ServerConnection], Any]) -> Iterator[str]:
    with serve(handle, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/{KEY}"
        server.shutdown()


def answer(line: ServerConnection, result: Any) -> None:
    asked = json.loads(line.recv())
    line.send(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}))


def test_it_comes_back_when_it_was_cut_and_looks_at_what_was_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("macrostrike.chain.heads._FIRST_PAUSE", 0.02)
    lines = []

    def cuts_the_first(line: ServerConnection) -> None:
        lines.append(line)
        answer(line, "0x7a69")
        answer(line, "0x1")
        if len(lines) > 1:
            NEVER.wait(5)

    with served(cuts_the_first) as url:
        heads = Heads(url, 31337)
        seen = heads.count()
        assert heads.wait(seen, LONG) > seen, "told that it was cut"
        until(lambda: len(lines) == 2 and heads.is_connected)
        heads.close()


@pytest.mark.parametrize("chain_id", [31337, 1])
def test_a_node_without_subscriptions_or_of_another_chain_is_left_alone(chain_id: int) -> None:
    def refuses(line: ServerConnection) -> None:
        answer(line, "0x7a69")
        asked = json.loads(line.recv())
        line.send(json.dumps({"id": asked["id"], "error": {"code": -32601, "message": "no"}}))
        NEVER.wait(1)

    with served(refuses) as url:
        heads = Heads(url, chain_id)
        heads.count()
        until(lambda: heads.is_refused)
        assert not heads.is_connected
        heads.close()


def test_the_key_of_a_socket_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for url in (f"ws://127.0.0.1:1/{KEY}", f"nonsense://{KEY}", f"ws://{KEY}.invalid/"):
        heads = Heads(url, 1)
        heads.count()
        time.sleep(0.05)
        heads.close()
        assert KEY not in repr(heads)
    assert KEY not in caplog.text
