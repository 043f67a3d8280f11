"""A node's URL under another name on this machine, for programs that would show it.

What is on a command line is for all to read, and what a program says about its node goes to
logs. The key in a provider's URL stays in this process.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from macrostrike.chain._http import Endpoint, HttpAnswer
from macrostrike.errors import NodeUnavailable

_TIMEOUT = 60.0
_BAD_GATEWAY = 502


def _ask(endpoint: Endpoint, body: bytes) -> HttpAnswer:
    """Asked again once where there is no answer: a fork only reads, and ends at one failure."""
    try:
        return endpoint.post(body)
    except NodeUnavailable:
        return endpoint.post(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A forking anvil opens many connections at once. With the library's 5 the kernel drops the
    # others, whose callers try again after seconds and then give up.
    request_queue_size = 128


@contextmanager
def relay(url: str) -> Iterator[str]:
    """A URL on this machine that leads to a node's; it ends with the block.

    It has a key of its own, so that others on this machine do not use the node. Raises
    `NodeUnavailable` for an invalid URL.
    """
    endpoint, path = Endpoint(url, _TIMEOUT), "/" + secrets.token_urlsafe()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: a second one would wait 40 ms for the first one's receipt.
        wbufsize = -1
        disable_nagle_algorithm = True

        def handle(self) -> None:
            # The client may have gone away.
            with suppress(ConnectionError):
                super().handle()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path != path:
                self._answer(HttpAnswer(404, b"", None))
                return
            try:
                self._answer(_ask(endpoint, body))
            except NodeUnavailable as failure:
                self._answer(HttpAnswer(_BAD_GATEWAY, failure.reason.encode(), None))

        def _answer(self, answer: HttpAnswer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.body)))
            if answer.retry_after is not None:
                self.send_header("Retry-After", str(answer.retry_after))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Nothing: it would be the key of this URL."""

    server = _Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}"
    finally:
        server.shutdown()
        server.server_close()
