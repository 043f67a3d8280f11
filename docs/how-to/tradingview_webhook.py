"""TradingView's alerts as signed predictions: an engine of its own, with its own key.

The alert's message, in TradingView:

    {"secret": "…", "alert": "eth-breakout", "time": "{{time}}",
     "action": "{{strategy.order.action}}"}

Behind a proxy with TLS: `uvicorn --factory --port 9470 tradingview_webhook:app`.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from macrostrike import load_signer
from macrostrike.engine import EngineSigner, Forecast, IntakeClient
from macrostrike.errors.predicting import IntakeRefused, RefusedToSign
from macrostrike.types import Signal

# An alert has no probability of its own: say here what was measured of each, out of sample.
FORECASTS = {
    ("eth-breakout", "buy"): Forecast(
        signal=Signal.LONG,
        confidence_bps=9350,
        model_id=3,
        horizon=3600,
        take_profit_bps=30,
        stop_loss_bps=200,
    ),
}
_MAX_BODY = 4096


class Bridge:
    """Signs what an alert stands for, and sends it to the intake."""

    def __init__(
        self,
        signer: EngineSigner,
        intake: IntakeClient,
        secret: str,
        forecasts: Mapping[tuple[str, str], Forecast] = FORECASTS,
    ) -> None:
        self._signer, self._intake, self._secret = signer, intake, secret
        self._forecasts = forecasts
        self._last: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}

    def take(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """The answer's status and content. TradingView may send the same alert again."""
        try:
            alert = json.loads(body)
            secret, name = str(alert["secret"]), (str(alert["alert"]), str(alert["action"]))
            time = str(alert["time"])
        except (ValueError, KeyError, TypeError):
            return 400, {"error": "secret, alert, action and time are needed, as JSON"}
        if not hmac.compare_digest(secret.encode(), self._secret.encode()):
            return 401, {"error": "not the secret"}
        if name not in self._forecasts:
            return 404, {"error": f"no forecast for {' '.join(name)}"}
        if self._last.get(name, ("", {}))[0] == time:
            return 200, self._last[name][1]
        try:
            now = self._intake.domain()["now"]
            nonce = self._signer.next_nonce(0)
            made = self._forecasts[name].prediction(
                engine=self._signer.address, nonce=nonce, now=now
            )
            outcome = self._intake.send(made, self._signer.sign(made))
        except RefusedToSign as refused:
            return 409, {"error": str(refused)}
        except IntakeRefused as refused:
            return refused.status, {"error": str(refused)}
        self._last[name] = time, outcome
        return 202, outcome


def app_of(bridge: Bridge) -> Starlette:
    """The web application."""

    async def post(request: Request) -> JSONResponse:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MAX_BODY:
                return JSONResponse({"error": "too long"}, 413)
        status, content = bridge.take(body)
        return JSONResponse(content, status)

    return Starlette(routes=[Route("/", post, methods=["POST"])])


def _file(name: str) -> str:
    return Path(os.environ[name]).read_text(encoding="utf-8").strip()


def app() -> Starlette:
    """From the environment: the engine's keystore, its passphrase's file, the alerts' secret."""
    intake = IntakeClient(os.environ.get("INTAKE_URL", "http://127.0.0.1:9465"))
    domain = intake.domain()["domain"]
    signer = EngineSigner(
        load_signer(os.environ["ENGINE_KEYSTORE"], _file("ENGINE_PASSPHRASE_FILE")),
        chain_id=domain["chainId"],
        diamond=domain["verifyingContract"],
        record="tradingview.engine.sqlite",
    )
    return app_of(Bridge(signer, intake, _file("ALERT_SECRET_FILE")))
