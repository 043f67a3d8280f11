"""The intake by HTTP.

    POST /v1/predictions            a signed prediction: 202 taken, 200 known already, else refused
    GET  /v1/predictions/{digest}   what became of it
    GET  /v1/queue                  how many wait, and what the loop does
    GET  /v1/domain                 what to sign: the EIP-712 domain and type
    GET  /openapi.json              this, for programs

A refusal is `{"error": name, "message": text}`; names are those of the classes of errors.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
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
    NonceTaken,
    NonceTooFar,
    QueueFull,
    SignatureInvalid,
    TooMany,
)
from macrostrike.journal import (
    ChangeKind,
    Decision,
    JournalUnavailable,
    PredictionRow,
    RowNotFound,
    StrikeRow,
)
from macrostrike.loop._intake import Intake
from macrostrike.loop._states import NAME
from macrostrike.types import ALL_STRATEGIES, Prediction, Signal

MAX_BODY = 16 * 1024
"""Bytes of a request."""

_STATUS: tuple[tuple[type[MacroStrikeError], int], ...] = (
    (BodyInvalid, 400),
    (InvalidPrediction, 400),
    (SignatureInvalid, 401),
    (NonceTaken, 409),
    (NonceTooFar, 409),
    (ContractError, 422),
    (QueueFull, 429),
    (TooMany, 429),
    (ChainError, 503),
    (JournalUnavailable, 503),
)
_SIGNALS = {str(signal): signal for signal in Signal}


class PredictionBody(BaseModel):
    """A prediction as engines send it. Fields as of `Prediction`, its numbers as integers."""

    model_config = ConfigDict(extra="forbid", strict=True)

    engine: str = Field(pattern="^0x[0-9a-fA-F]{40}$")
    nonce: int = Field(ge=0, lt=1 << 64)
    market: int = Field(ge=0, lt=1 << 8)
    signal: str = Field(pattern=f"^({'|'.join(_SIGNALS)})$")
    confidence_bps: int = Field(ge=0, le=10_000)
    strategies: int = Field(default=ALL_STRATEGIES, ge=1, le=ALL_STRATEGIES)
    model_id: int = Field(default=0, ge=0, lt=1 << 16)
    valid_from: int = Field(ge=0, lt=1 << 40)
    valid_until: int = Field(ge=0, lt=1 << 40)
    horizon: int = Field(ge=1, lt=1 << 24)
    take_profit_bps: int = Field(default=0, ge=0, lt=1 << 16)
    stop_loss_bps: int = Field(ge=1, lt=10_000)

    def prediction(self) -> Prediction:
        """Raises `InvalidPrediction`."""
        return Prediction(**self.model_dump() | {"signal": _SIGNALS[self.signal]})


class SignedBody(BaseModel):
    """What is posted. `signature`: r, s and v, 65 bytes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prediction: PredictionBody
    signature: str = Field(pattern="^0x[0-9a-fA-F]{130}$")


def intake_app(intake: Intake) -> Starlette:
    """The ASGI application."""

    async def post(request: Request) -> Response:
        return await _answer(_posted, intake, await _body(request))

    async def outcome(request: Request) -> Response:
        return await _answer(_outcome, intake, request.path_params["digest"])

    async def queue(_: Request) -> Response:
        return await _answer(_queue, intake)

    async def domain(_: Request) -> Response:
        return JSONResponse(_domain(intake))

    async def openapi(_: Request) -> Response:
        return JSONResponse(_openapi())

    return Starlette(
        routes=[
            Route("/v1/predictions", post, methods=["POST"]),
            Route("/v1/predictions/{digest}", outcome),
            Route("/v1/queue", queue),
            Route("/v1/domain", domain),
            Route("/openapi.json", openapi),
        ]
    )


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
    except RowNotFound as missing:
        status, content = 404, _refusal(missing)
    except MacroStrikeError as refused:
        status = next((code for kind, code in _STATUS if isinstance(refused, kind)), 400)
        content = _refusal(refused)
        if isinstance(refused, TooMany):
            seconds = str(int(refused.seconds) + 1)
            return JSONResponse(content, status, headers={"Retry-After": seconds})
    return JSONResponse(content, status)


def _posted(intake: Intake, body: bytes | None) -> tuple[int, dict[str, Any]]:
    if body is None:
        return 413, {"error": "BodyTooLarge", "message": f"at most {MAX_BODY} bytes are read"}
    try:
        signed = SignedBody.model_validate_json(body)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BodyInvalid(f"{where or 'the body'}: {first['msg']}") from None
    row, is_new = intake.take(signed.prediction.prediction(), bytes.fromhex(signed.signature[2:]))
    return (202 if is_new else 200), shown(row, None)


def _outcome(intake: Intake, digest: str) -> tuple[int, dict[str, Any]]:
    try:
        raw = bytes.fromhex(digest.removeprefix("0x"))
    except ValueError:
        raise BodyInvalid("a digest is 0x and 64 hexadecimal digits") from None
    row = intake.journal.prediction(raw)
    strike = None if row.strike_id is None else _strike(intake, row.strike_id)
    return 200, shown(row, strike)


def _strike(intake: Intake, strike_id: int) -> StrikeRow | None:
    """None where the journal has not followed the chain to it yet."""
    try:
        return intake.journal.strike(strike_id)
    except RowNotFound:
        return None


def _queue(intake: Intake) -> tuple[int, dict[str, Any]]:
    waiting: dict[str, int] = {}
    for row in intake.journal.predictions(decision=Decision.PENDING):
        waiting[row.engine] = waiting.get(row.engine, 0) + 1
    states = intake.journal.changes(kind=ChangeKind.STATE, name=NAME)
    last = states[-1] if states else None
    loop = None if last is None else {"state": last.value, "cause": last.cause, "since": last.at}
    return 200, {"waiting": waiting, "loop": loop}


def _domain(intake: Intake) -> dict[str, Any]:
    return {
        "domain": {
            "name": "MacroStrike",
            "version": "1",
            "chainId": intake.chain_id,
            "verifyingContract": intake.client.diamond,
        },
        "types": PREDICTION_TYPES,
    }


def shown(row: PredictionRow, strike: StrikeRow | None) -> dict[str, Any]:
    """A prediction's outcome as JSON: amounts as strings of raw units, as they may pass 2^53."""
    content: dict[str, Any] = {
        "digest": f"0x{row.digest.hex()}",
        "causation_id": row.causation_id,
        "decision": str(row.decision),
        "reason": row.reason,
        "detail": row.detail,
        "strike": None,
    }
    if strike is not None:
        raw = asdict(strike)
        content["strike"] = {
            "id": strike.strike_id,
            "status": str(strike.status),
            "opened_at": strike.opened_at,
            "settled_at": strike.settled_at,
            "won": strike.won,
            **{
                name: None if raw[name] is None else str(raw[name])
                for name in ("notional", "base_amount", "quote_amount", "pnl")
            },
        }
    return content


def _refusal(error: MacroStrikeError) -> dict[str, Any]:
    return {"error": type(error).__name__, "message": str(error)}


def _openapi() -> dict[str, Any]:
    schema = SignedBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = {**schema.pop("$defs"), "SignedBody": schema}
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/SignedBody"}}}
    answers = {
        "202": "taken", "200": "known already", "400": "not what the schema says",
        "401": "not the engine's signature", "409": "the nonce is taken, or too far ahead",
        "413": "too many bytes", "422": "a gate of the chain refuses it", "429": "too many",
        "503": "chain or journal can't be asked",
    }  # fmt: skip
    path = {"name": "digest", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "MacroStrike intake", "version": "1"},
        "paths": {
            "/v1/predictions": {
                "post": {
                    "requestBody": {"required": True, "content": body},
                    "responses": _described(answers),
                }
            },
            "/v1/predictions/{digest}": {
                "get": {
                    "parameters": [path],
                    "responses": _described(
                        {"200": "its outcome", "400": "not a digest", "404": "not known"}
                    ),
                }
            },
            "/v1/queue": {"get": {"responses": _described({"200": "waiting, and the loop"})}},
            "/v1/domain": {"get": {"responses": _described({"200": "what to sign"})}},
        },
        "components": {"schemas": schemas},
    }


def _described(answers: dict[str, str]) -> dict[str, Any]:
    return {code: {"description": text} for code, text in answers.items()}
