"""Outcomes as server-sent events, one stream an engine."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from macrostrike.errors import InvalidValue
from macrostrike.errors.intake import BodyInvalid
from macrostrike.loop._outcomes import Outcome, Outcomes
from macrostrike.loop._room import Room
from macrostrike.types import checked_address

_WAIT_SECONDS = 0.2
_KEEP_ALIVE_SECONDS = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def stream_of(outcomes: Outcomes, room: Room, host: str, request: Request) -> Response:
    """The stream of the engine in the path. `Last-Event-ID` is a mark, as of `Outcome`.

    Raises `BodyInvalid`, and `TooManyStreams` where the room has no place for the host.
    """
    try:
        engine = checked_address(request.path_params["engine"], "engine")
    except InvalidValue as failure:
        raise BodyInvalid(str(failure)) from None
    given = request.headers.get("Last-Event-ID")
    if given is not None and not (given.isascii() and given.isdigit() and len(given) < 19):
        raise BodyInvalid("Last-Event-ID is the id of an event of this stream")
    events = _events(outcomes, engine, None if given is None else int(given))
    room.enter(host)
    return _Stream(events, leave=lambda: room.leave(host))


class _Stream(StreamingResponse):
    """Leaves its place however it ends, before its first event too."""

    def __init__(self, events: AsyncIterator[str], leave: Callable[[], None]) -> None:
        super().__init__(events, media_type="text/event-stream", headers=_HEADERS)
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()


async def _events(outcomes: Outcomes, engine: str, after: int | None) -> AsyncIterator[str]:
    listening = outcomes.listening(engine, after)
    listener = await run_in_threadpool(listening.__enter__)
    try:
        spoke = time.monotonic()
        yield ": listening\n\n"
        while True:
            for each in listener.take():
                yield _event(each)
                spoke = time.monotonic()
            if listener.is_late:
                return
            if time.monotonic() - spoke > _KEEP_ALIVE_SECONDS:
                spoke = time.monotonic()
                yield ": still here\n\n"
            await asyncio.sleep(_WAIT_SECONDS)
    finally:
        listening.__exit__(None, None, None)


def _event(outcome: Outcome) -> str:
    content = json.dumps(outcome.content, separators=(",", ":"))
    return f"id: {outcome.mark}\nevent: outcome\ndata: {content}\n\n"
