"""New blocks and events as a node tells of them, over a WebSocket, so that no one has to ask.

    transport = RpcTransport(url, ws_url="wss://…")
    news = News(transport)
    while not stop.is_set():
        look()
        news.pause(stop, every=1.0)  # until there is something new, or so many seconds

Where there is no subscription, or it is broken just now, it pauses as long as a poll would.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from macrostrike.chain._http import is_here

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0  # seconds until it connects again
_OPEN_SECONDS = 10.0
_SLICE = 0.1  # seconds after which a stop is noticed
_MAX_BYTES = 1 << 20
_SUBSCRIPTION = "eth_subscription"

# What the library logs shows the URL, which may have a key in it.
_silent = logging.getLogger("macrostrike.heads")
_silent.disabled = True


class Heads:
    """A subscription of a node's new blocks, and of the events of contracts.

    url: `ws://` or `wss://`, with its secrets. chain_id: another chain is not listened to.
    addresses: of contracts whose events count too.

    Connects in a thread of its own, from the first `count` on, and again whenever it is cut.
    """

    def __init__(self, url: str, chain_id: int, addresses: tuple[str, ...] = ()) -> None:
        self._url, self._chain_id, self._addresses = url, chain_id, addresses
        self._changed = threading.Condition()
        self._count = 0
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self.is_connected = False
        self.is_refused = False
        """Whether the node has no subscriptions, or is of another chain: it is not asked again."""

    def count(self) -> int:
        """How much it has said so far."""
        with self._changed:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._run, name="heads", daemon=True)
                self._thread.start()
            return self._count

    def wait(self, seen: int, seconds: float) -> int:
        """The count, once it is another than `seen`, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._count != seen, timeout=seconds)
            return self._count

    def close(self) -> None:
        """Ends the subscription."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(_OPEN_SECONDS)

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not (self._closed.is_set() or self.is_refused):
            try:
                for _ in self._messages():
                    pause = _FIRST_PAUSE
            except Exception:  # of the library, the system, a server: none of it is to be shown
                pause = min(2 * pause, _LONGEST_PAUSE)
            self.is_connected = False
            self._tell()  # what was missed meanwhile is looked for
            self._closed.wait(pause * random.uniform(0.5, 1.0))

    def _messages(self) -> Iterator[None]:
        """Once for each message of a connection, until it is cut."""
        from websockets.sync.client import connect

        host = urlsplit(self._url).hostname or ""
        with connect(
            self._url,
            open_timeout=_OPEN_SECONDS,
            max_size=_MAX_BYTES,
            logger=_silent,
            proxy=None if is_here(host) else True,
        ) as line:
            wanted: list[tuple[str, list[Any]]] = [
                ("eth_chainId", []),
                ("eth_subscribe", ["newHeads"]),
            ]
            if self._addresses:
                wanted.append(("eth_subscribe", ["logs", {"address": list(self._addresses)}]))
            for number, (method, params) in enumerate(wanted):
                request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                line.send(json.dumps(request))
            missing = set(range(len(wanted)))
            while not self._closed.is_set():
                try:
                    message = json.loads(line.recv(timeout=_SLICE))
                except TimeoutError:
                    continue
                if message.get("method") == _SUBSCRIPTION:
                    self._tell()
                    yield
                    continue
                if "error" in message or not self._is_ours(message):
                    self.is_refused = True
                    return
                missing.discard(message.get("id"))
                self.is_connected = not missing

    def _is_ours(self, answer: dict[str, Any]) -> bool:
        return answer.get("id") != 0 or int(str(answer.get("result")), 16) == self._chain_id

    def _tell(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()


class News:
    """What one reader of a chain has not looked at yet. `transport` may have `heads`, or none."""

    def __init__(self, transport: object) -> None:
        heads = getattr(transport, "heads", None)
        self._heads = heads if isinstance(heads, Heads) else None
        self._seen = 0 if self._heads is None else self._heads.count()

    def pause(self, stop: threading.Event, every: float, longest: float | None = None) -> None:
        """Until the node says something, or `stop`; no longer than `every` seconds, or than
        `longest` while there is a subscription."""
        heads = self._heads
        if heads is None:
            stop.wait(every)
            return
        started = time.monotonic()
        while not stop.is_set():
            seconds = longest if longest is not None and heads.is_connected else every
            left = started + seconds - time.monotonic()
            if left <= 0:
                return
            count = heads.wait(self._seen, min(left, _SLICE))
            if count != self._seen:
                self._seen = count
                return
