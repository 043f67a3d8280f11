"""The intake's OpenAPI document."""

from __future__ import annotations

from typing import Any

from macrostrike.journal import CommitmentKind, Decision
from macrostrike.loop._bodies import SignedBody

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE: dict[str, Any] = {"type": ["string", "null"]}
_DIGEST = {"type": "string", "pattern": "^0x[0-9a-f]{64}$"}
_ADDRESS = {"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$"}


def _object(**fields: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


_SCHEMAS: dict[str, Any] = {
    "Refusal": _object(error=_TEXT, message=_TEXT),
    "Commitments": _object(
        commitments={
            "type": "array",
            "items": _object(
                day={"type": "string", "format": "date"},
                kind={"enum": [str(each) for each in CommitmentKind]},
                leaves={"type": "integer"},
                root=_DIGEST,
                at={"type": "number"},
                transaction={"anyOf": [_DIGEST, {"type": "null"}]},
                block={"type": ["integer", "null"]},
            ),
        }
    ),
    "Strike": _object(
        id={"type": "integer"},
        status=_TEXT,
        opened_at={"type": "integer"},
        settled_at={"type": ["integer", "null"]},
        won={"type": ["boolean", "null"]},
        notional=_TEXT,
        base_amount=_TEXT,
        quote_amount=_MAYBE,
        pnl=_MAYBE,
    ),
    "Outcome": _object(
        digest=_DIGEST,
        causation_id=_TEXT,
        decision={"enum": [str(each) for each in Decision]},
        reason=_MAYBE,
        detail=_MAYBE,
        strike={"anyOf": [{"$ref": "#/components/schemas/Strike"}, {"type": "null"}]},
    ),
    "Queue": _object(
        waiting={"type": "object", "additionalProperties": {"type": "integer"}},
        loop={"type": ["object", "null"]},
    ),
    "Domain": _object(now={"type": "integer"}, domain={"type": "object"}, types={"type": "object"}),
}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _answers(good: str, codes: dict[str, str]) -> dict[str, Any]:
    """Answers by status; those under 300 are of the schema `good`, the others refusals."""
    return {
        code: {"description": text, "content": _json(good if code < "300" else "Refusal")}
        for code, text in codes.items()
    }


def _path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


_LAST: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
}
_POST = {
    "202": "taken",
    "200": "known already",
    "400": "not what the schema says",
    "401": "not the engine's signature",
    "409": "the nonce is taken, or too far ahead",
    "413": "too many bytes",
    "422": "a gate of the chain refuses it",
    "429": "too many",
    "503": "chain or journal can't be asked",
}
_UNREADABLE = {"503": "the journal can't be read"}
_STREAM: dict[str, Any] = {
    "200": {
        "description": "server-sent events `outcome`, whose data is an Outcome",
        "content": {"text/event-stream": {"schema": _TEXT}},
    }
}


def _get(responses: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    asked = {"parameters": list(parameters)} if parameters else {}
    return {"get": asked | {"responses": responses}}


def _paths() -> dict[str, Any]:
    post = {
        "requestBody": {"required": True, "content": _json("SignedBody")},
        "responses": _answers("Outcome", _POST),
    }
    outcome = {"200": "its outcome", "400": "not a digest", "404": "not known"} | _UNREADABLE
    stream = _answers("Refusal", {"400": "not an address", "503": "too many streams"})
    queue = {"200": "waiting, and the loop"} | _UNREADABLE
    commitments = {"200": "each day's roots of all predictions"} | _UNREADABLE
    domain = {"200": "what to sign", "503": "the chain can't be asked"}
    return {
        "/v1/predictions": {"post": post},
        "/v1/predictions/{digest}": _get(_answers("Outcome", outcome), _path("digest", _DIGEST)),
        "/v1/engines/{engine}/outcomes": _get(_STREAM | stream, _path("engine", _ADDRESS), _LAST),
        "/v1/queue": _get(_answers("Queue", queue)),
        "/v1/commitments": _get(_answers("Commitments", commitments)),
        "/v1/domain": _get(_answers("Domain", domain)),
    }


def openapi_of() -> dict[str, Any]:
    """The document, as JSON."""
    body = SignedBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = {**body.pop("$defs"), "SignedBody": body, **_SCHEMAS}
    return {
        "openapi": "3.1.0",
        "info": {"title": "MacroStrike intake", "version": "1"},
        "paths": _paths(),
        "components": {"schemas": schemas},
    }
