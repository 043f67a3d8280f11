"""A proxy of our own in front of a real node, that does to requests what networks and nodes do.

    with FaultProxy(node_url) as proxy:
        proxy.rules.append(on("eth_sendRawTransaction", drop_after))
        RpcTransport(proxy.url)

A rule looks at each exchange and may change how it goes. The first that answers decides.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

_DIRECT = build_opener(ProxyHandler({}))


@dataclass
class Reply:
    """What goes back. `body` cut short of `length` is a truncated answer; None cuts the line."""

    body: bytes | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


@dataclass
class Exchange:
    """One request: what was asked, how often that method was asked before, and a way to the node.

    `request` is a list where it is a batch; `method` is then "batch".
    """

    request: Any
    count: int
    node: str

    @property
    def method(self) -> str:
        return "batch" if isinstance(self.request, list) else str(self.request["method"])

    def forward(self) -> bytes:
        body = json.dumps(self.request).encode()
        asked = Request(self.node, body, {"Content-Type": "application/json"})
        with _DIRECT.open(asked) as response:
            answer: bytes = response.read()
            return answer

    def result(self) -> Any:
        return json.loads(self.forward())["result"]

    def ask(self, method: str, *params: Any) -> Any:
        """The node's result of another question."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return Exchange(asked, 0, self.node).result()

    def answer(self, **members: Any) -> Reply:
        whole = {"jsonrpc": "2.0", "id": self.request["id"], **members}
        return Reply(json.dumps(whole).encode())


Rule = Callable[[Exchange], "Reply | None"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a forking anvil opens many connections at once


class FaultProxy:
    """See the module. `seen` are the methods asked for, in order."""

    def __init__(self, node: str) -> None:
        self.rules: list[Rule] = []
        self.seen: list[str] = []
        self._node = node
        self._lock = threading.Lock()

    def count(self, method: str) -> int:
        return self.seen.count(method)

    def __enter__(self) -> FaultProxy:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                reply = proxy._reply(json.loads(body))
                if reply.body is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                length = len(reply.body) if reply.length is None else reply.length
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(reply.body)
                if length != len(reply.body):
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Not on the tests' output."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _reply(self, request: Any) -> Reply:
        if not isinstance(request, list):
            return self._reply_to_one(request)
        if (reply := self._changed(request)) is not None:
            return reply
        replies = [self._reply_to_one(each) for each in request]
        for reply in replies:
            if reply.body is None or reply.status != 200 or reply.length is not None:
                return reply  # one line, one status, one length for all
        answers = [json.loads(reply.body or b"null") for reply in replies]
        for each, asked in zip(answers, request, strict=True):
            each["id"] = asked["id"]  # that nodes always give
        return Reply(json.dumps(answers).encode())

    def _reply_to_one(self, request: Any) -> Reply:
        changed = self._changed(request)
        return Reply(Exchange(request, 0, self._node).forward()) if changed is None else changed

    def _changed(self, request: Any) -> Reply | None:
        with self._lock:
            exchange = Exchange(request, 0, self._node)
            exchange.count = self.count(exchange.method)
            self.seen.append(exchange.method)
        replies = (rule(exchange) for rule in list(self.rules))
        return next((reply for reply in replies if reply is not None), None)


def on(method: str, fault: Rule, *, times: int | None = None, after: int = 0) -> Rule:
    """The fault at a method, from its `after`th request on, so many `times`."""

    def rule(exchange: Exchange) -> Reply | None:
        place = exchange.count - after
        if exchange.method != method or place < 0 or (times is not None and place >= times):
            return None
        return fault(exchange)

    return rule


# Faults.


def drop_before(_: Exchange) -> Reply:
    """The line is cut, and the node never heard of it."""
    return Reply(None)


def drop_after(exchange: Exchange) -> Reply:
    """The node has it, and the line is cut."""
    exchange.forward()
    return Reply(None)


def twice(exchange: Exchange) -> Reply:
    """A balancer sends it twice; the second answer comes back."""
    exchange.forward()
    return Reply(exchange.forward())


def late(seconds: float) -> Rule:
    """The node has it; its answer comes too late."""

    def fault(exchange: Exchange) -> Reply:
        answer = exchange.forward()
        time.sleep(seconds)
        return Reply(answer)

    return fault


def status(code: int, body: bytes = b"", *, forwarded: bool = False, **headers: str) -> Rule:
    """An HTTP status of a balancer, with whatever body, before or after the node has it."""

    def fault(exchange: Exchange) -> Reply:
        if forwarded:
            exchange.forward()
        return Reply(body, code, {name.replace("_", "-"): each for name, each in headers.items()})

    return fault


def truncated(exchange: Exchange) -> Reply:
    """The node has it; half of its answer comes back."""
    answer = exchange.forward()
    return Reply(answer[: len(answer) // 2], length=len(answer))


def raw(body: bytes, *, forwarded: bool = False) -> Rule:
    """Anything instead of an answer."""
    return status(200, body, forwarded=forwarded)


def error(code: int, message: str, *, forwarded: bool = False, **members: Any) -> Rule:
    """A JSON-RPC error."""

    def fault(exchange: Exchange) -> Reply:
        if forwarded:
            exchange.forward()
        return exchange.answer(error={"code": code, "message": message, **members})

    return fault


def changed(change: Callable[[Any], Any]) -> Rule:
    """The node's result, changed."""
    return lambda exchange: exchange.answer(result=change(exchange.result()))
