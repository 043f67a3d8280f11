"""An engine elsewhere: sends its signed predictions to an intake, and asks what became of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import requests

from macrostrike.errors.predicting import IntakeRefused
from macrostrike.types import Prediction

_SECONDS = 10.0


class IntakeClient:
    """An intake's address, such as `http://127.0.0.1:9465`.

    intake = IntakeClient(url)
    outcome = intake.send(prediction, signer.sign(prediction))
    outcome = intake.outcome(outcome["digest"])
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between an engine and its intake

    def send(self, prediction: Prediction, signature: bytes) -> dict[str, Any]:
        """The outcome so far. May be repeated: the same prediction is taken once.

        Raises `IntakeRefused`, and what `requests` raises where there is no answer.
        """
        fields = asdict(prediction) | {"signal": str(prediction.signal)}
        body = {"prediction": fields, "signature": f"0x{signature.hex()}"}
        return self._answer("POST", "/v1/predictions", json=body)

    def outcome(self, digest: str) -> dict[str, Any]:
        """What became of a prediction, by its digest. Raises as `send`."""
        return self._answer("GET", f"/v1/predictions/{digest}")

    def domain(self) -> dict[str, Any]:
        """The EIP-712 domain and type to sign for."""
        return self._answer("GET", "/v1/domain")

    def queue(self) -> dict[str, Any]:
        """How many predictions wait, by engine, and what the loop does."""
        return self._answer("GET", "/v1/queue")

    def _answer(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._session.request(method, self._url + path, timeout=_SECONDS, **options)
        content: dict[str, Any] = answer.json()
        if not answer.ok:
            raise IntakeRefused(answer.status_code, content["error"], content["message"])
        return content
