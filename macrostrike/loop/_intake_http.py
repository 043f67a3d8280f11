"""The intake by HTTP.

    POST /v1/predictions            a signed prediction: 202 taken, 200 known already, else refused
    GET  /v1/predictions/{digest}   what became of it
    GET  /v1/engines/{engine}/outcomes  server-sent events: what becomes of an engine's predictions
    GET  /v1/queue                  how many wait, and what the loop does
    GET  /v1/commitments            the days' roots of all predictions, to be kept by others
    GET  /v1/domain                 what to sign: the EIP-712 domain and type, and the chain's time
    GET  /openapi.json              this, for programs

A refusal is `{"error": name, "message": text}`; names are those of the classes of errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from macrostrike._generated.eip712 import PREDICTION_TYPES
from macrostrike.errors import (
    ChainError,
    ContractError,
    InvalidPrediction,
    MacroStrikeError,
)
from macrostrike.errors.intake import (
    BodyInvalid,
    IntakeError,
    NonceTaken,
    NonceTooFar,
    QueueFull,
    SignatureInvalid,
    TooMany,
    TooManyStreams,
)
from macrostrike.journal import (
    ChangeKind,
    Decision,
    JournalUnavailable,
    RowNotFound,
)
from macrostrike.journal.commitments import published
from macrostrike.loop._bodies import SignedBody
from macrostrike.loop._intake import Intake
from macrostrike.loop._openapi import openapi_of
from macrostrike.loop._outcomes import Outcomes
from macrostrike.loop._outcomes_http import stream_of
from macrostrike.loop._room import Room
from macrostrike.loop._shown import shown, strike_of
from macrostrike.loop._states import NAME

MAX_BODY = 16 * 1024
"""Bytes of a request."""

_STATUS: tuple[tuple[type[MacroStrikeError], int], ...] = (
    (RowNotFound, 404),
    (BodyInvalid, 400),
    (InvalidPrediction, 400),
    (SignatureInvalid, 401),
    (NonceTaken, 409),
    (NonceTooFar, 409),
    (ContractError, 422),
    (QueueFull, 429),
    (TooMany, 429),
    (TooManyStreams, 503),
    (ChainError, 503),
    (JournalUnavailable, 503),
)


def intake_app(intake: Intake, outcomes: Outcomes, *, hosts: Sequence[str]) -> Starlette:
    """The ASGI application. Something else has to poll `outcomes`.

    hosts: what a request's Host may be, so that no web site's own name can be made to lead here;
        `*` for any.
    """
    room = Room()

    async def post(request: Request) -> Response:
        return await _answer(_posted, intake, room, _host(request), await _body(request))

    async def outcome(request: Request) -> Response:
        return await _answer(_outcome, intake, request.path_params["digest"])

    async def stream(request: Request) -> Response:
        try:
            return stream_of(outcomes, room, _host(request), request)
        except IntakeError as refused:
            return _refused(refused)

    async def queue(_: Request) -> Response:
        return await _answer(_queue, intake)

    async def commitments(_: Request) -> Response:
        return await _answer(_commitments, intake)

    async def domain(_: Request) -> Response:
        return await _answer(_domain, intake)

    async def openapi(_: Request) -> Response:
        return JSONResponse(openapi_of())

    return Starlette(
        routes=[
            Route("/v1/predictions", post, methods=["POST"]),
            Route("/v1/predictions/{digest}", outcome),
            Route("/v1/engines/{engine}/outcomes", stream),
            Route("/v1/queue", queue),
            Route("/v1/commitments", commitments),
            Route("/v1/domain", domain),
            Route("/openapi.json", openapi),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
    )


def _host(request: Request) -> str:
    """The address that it came from: a proxy's word for it, where uvicorn believes that proxy."""
    return request.client.host if request.client else ""


async def _body(request: Request) -> bytes | None:
    """None where there are too many bytes: no more than that is read."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return body


async def _answer(work: Any, *args: Any) -> Response:
    """The answer, or the refusal. What is not expected is the server's 500, without a word."""
    try:
        status, content = await run_in_threadpool(work, *args)
    except MacroStrikeError as refused:
        return _refused(refused)
    return JSONResponse(content, status)


def _refused(refused: MacroStrikeError) -> Response:
    status = next((code for kind, code in _STATUS if isinstance(refused, kind)), 400)
    content = {"error": type(refused).__name__, "message": str(refused)}
    headers = {}
    if isinstance(refused, TooMany):
        headers["Retry-After"] = str(int(refused.seconds) + 1)
    return JSONResponse(content, status, headers)


def _posted(
    intake: Intake, room: Room, host: str, body: bytes | None
) -> tuple[int, dict[str, Any]]:
    if body is None:
        return 413, {"error": "BodyTooLarge", "message": f"at most {MAX_BODY} bytes are read"}
    try:
        signed = SignedBody.model_validate_json(body)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BodyInvalid(f"{where or 'the body'}: {first['msg']}") from None
    row, is_new = intake.take(signed.prediction.prediction(), bytes.fromhex(signed.signature[2:]))
    # Not one that is sent again: anyone can, once it is on chain.
    if is_new and intake.has_model(row.engine):
        room.sent(row.engine, host)
    return (202 if is_new else 200), shown(row, None)


def _outcome(intake: Intake, digest: str) -> tuple[int, dict[str, Any]]:
    try:
        raw = bytes.fromhex(digest.removeprefix("0x"))
    except ValueError:
        raise BodyInvalid("a digest is 0x and 64 hexadecimal digits") from None
    row = intake.journal.prediction(raw)
    return 200, shown(row, strike_of(intake.journal, row))


def _queue(intake: Intake) -> tuple[int, dict[str, Any]]:
    waiting: dict[str, int] = {}
    for row in intake.journal.predictions(decision=Decision.PENDING):
        waiting[row.engine] = waiting.get(row.engine, 0) + 1
    states = intake.journal.changes(kind=ChangeKind.STATE, name=NAME)
    last = states[-1] if states else None
    loop = None if last is None else {"state": last.value, "cause": last.cause, "since": last.at}
    return 200, {"waiting": waiting, "loop": loop}


def _commitments(intake: Intake) -> tuple[int, dict[str, Any]]:
    return 200, {"commitments": published(intake.journal)}


def _domain(intake: Intake) -> tuple[int, dict[str, Any]]:
    return 200, {
        "now": intake.client.transport.timestamp(pending=True),
        "domain": {
            "name": "MacroStrike",
            "version": "1",
            "chainId": intake.chain_id,
            "verifyingContract": intake.client.diamond,
        },
        "types": PREDICTION_TYPES,
    }
