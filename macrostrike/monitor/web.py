"""The monitor by HTTP: the page, its events, `/metrics`, `/health`, `/ready`. All of it only reads.

GET /            the page, one file
GET /events      server-sent events: the document, again whenever it changes
GET /view.json   the document
GET /commitments.json   the days' roots of all predictions
GET /metrics     for Prometheus
GET /health      200 or 503, status and reasons as JSON
GET /ready       200 once journal and chain were read, and were lately
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from macrostrike.errors import MacroStrikeError
from macrostrike.monitor.document import document_of
from macrostrike.monitor.health import OLD_SECONDS
from macrostrike.monitor.metrics import (
    distributions_of,
    distributions_of_traffic,
    exposition,
)
from macrostrike.monitor.page import page
from macrostrike.monitor.service import Monitor

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

MAX_STREAMS = 32
"""Pages that may be open at once."""
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_WAIT_SECONDS = 0.25
_KEEP_ALIVE_SECONDS = 15
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
Endpoint = Callable[["Request"], Awaitable["Response"]]


def app_of(monitor: Monitor, *, hosts: Sequence[str] = LOOPBACK) -> Starlette:
    """The application. `hosts`: what a request's Host may be, so that no web site's own name can
    be made to lead here; `*` for any."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Route

    web = _Web(monitor)
    routes = {
        "/": web.page,
        "/events": web.events,
        "/view.json": web.view,
        "/commitments.json": web.commitments,
        "/metrics": web.metrics,
        "/health": web.health,
        "/ready": web.ready,
    }
    return Starlette(
        routes=[Route(path, endpoint, methods=["GET"]) for path, endpoint in routes.items()],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
    )


class _Web:
    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._streams = 0

    async def page(self, _: Request) -> Response:
        content, policy = page()
        return _answer(content, "text/html; charset=utf-8", policy=policy)

    async def view(self, _: Request) -> Response:
        return _answer(self._document(), "application/json")

    async def commitments(self, _: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        try:
            found = await run_in_threadpool(self._monitor.commitments)
        except MacroStrikeError as failure:
            return _answer(json.dumps({"failure": str(failure)}), "application/json", 503)
        return _answer(json.dumps({"commitments": found}), "application/json")

    async def metrics(self, _: Request) -> Response:
        view = self._monitor.view
        distributions = distributions_of(view.figures) if view.figures else []
        distributions += distributions_of_traffic(view.traffic) if view.traffic else []
        return _answer(exposition(view.samples, distributions), _METRICS_TYPE)

    async def health(self, _: Request) -> Response:
        health = self._monitor.view.health(time.time())
        content = {"status": str(health.status), "reasons": list(health.reasons)}
        return _answer(json.dumps(content), "application/json", 200 if health.is_serving else 503)

    async def ready(self, _: Request) -> Response:
        figures = self._monitor.view.figures
        is_ready = figures is not None and time.time() - figures.at <= OLD_SECONDS
        return _answer(
            json.dumps({"ready": is_ready}), "application/json", 200 if is_ready else 503
        )

    async def events(self, _: Request) -> Response:
        from starlette.responses import StreamingResponse

        if self._streams >= MAX_STREAMS:
            return _answer("too many pages are open\n", "text/plain", 503)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers=headers)

    async def _stream(self) -> AsyncIterator[str]:
        self._streams += 1
        try:
            shown, last = -1, 0.0
            while True:
                number, now = self._monitor.view.number, time.monotonic()
                if number != shown:
                    shown, last = number, now
                    yield f"id: {number}\ndata: {self._document()}\n\n"
                elif now - last > _KEEP_ALIVE_SECONDS:
                    last = now
                    yield ": still here\n\n"
                await asyncio.sleep(_WAIT_SECONDS)
        finally:
            self._streams -= 1

    def _document(self) -> str:
        document = document_of(self._monitor.view, time.time())
        return json.dumps(document, allow_nan=False, separators=(",", ":"))


def _answer(
    content: str | bytes, media_type: str, status: int = 200, *, policy: str = "default-src 'none'"
) -> Response:
    from starlette.responses import Response

    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return Response(content, status, headers, media_type)
