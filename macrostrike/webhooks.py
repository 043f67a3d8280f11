"""Signed webhooks: JSON that is POSTed in order, again where that fails, with a signature.

A receiver checks each request by `verify_signature` before it believes the body.
"""

from __future__ import annotations

import hashlib
import hmac
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from macrostrike.errors import InvalidValue, MacroStrikeError

SIGNATURE_HEADER = "MacroStrike-Signature"
TOLERANCE_SECONDS = 300
"""How old a signed request may be."""
_TIMEOUT_SECONDS = 5.0
_WAITS = (1.0, 4.0, 15.0)
_QUEUED = 1000
_MIN_SECRET = 16


class WebhookSignatureInvalid(MacroStrikeError):
    """A request that is not from here, is too old, or was changed on its way."""


class Receiver:
    """Where bodies of JSON are POSTed, signed with a shared secret.

    Redirects and proxies are not followed, and neither URL nor secret is ever in a message. Raises
    `InvalidValue`.
    """

    def __init__(self, url: str, secret: bytes) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise InvalidValue("webhook URL", "…", "it must begin with https:// or http://")
        if len(secret) < _MIN_SECRET:
            raise InvalidValue("webhook secret", "…", f"it must have {_MIN_SECRET} bytes at least")
        self._url, self._secret = url, secret

    def post(self, body: bytes) -> str | None:
        """One attempt: why it was not taken, None when it was (2xx)."""
        import requests

        header = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: sign(self._secret, body, int(time.time())),
        }
        try:
            with requests.Session() as session:
                # No proxy and no netrc: what is sent goes to the URL and nowhere else.
                session.trust_env = False
                answer = session.post(
                    self._url,
                    data=body,
                    headers=header,
                    timeout=_TIMEOUT_SECONDS,
                    allow_redirects=False,
                )
        except requests.RequestException as failure:
            return type(failure).__name__
        return None if answer.ok and not answer.is_redirect else f"HTTP {answer.status_code}"


class Webhook:
    """POSTs bodies to a receiver from a thread of its own.

    Tries four times, over 20 seconds; `on_failure` gets a sentence with the status alone.
    """

    def __init__(
        self,
        receiver: Receiver,
        *,
        on_failure: Callable[[str], None],
        waits: Sequence[float] = _WAITS,
    ) -> None:
        self._receiver = receiver
        self._on_failure, self._waits = on_failure, waits
        self._queue: queue.Queue[tuple[str, bytes] | None] = queue.Queue(_QUEUED)
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
        self._thread.start()

    def post(self, name: str, body: bytes) -> None:
        """Takes a body, and does not wait for the network. `name` is for the failure's sentence."""
        try:
            self._queue.put_nowait((name, body))
        except queue.Full:
            self._on_failure(f"{_QUEUED} bodies wait for the webhook already: {name}")

    def close(self) -> None:
        """Delivers what it still has, as far as it can at once."""
        self._queue.put(None)
        self._thread.join(_TIMEOUT_SECONDS * 2)

    def _run(self) -> None:
        while (waiting := self._queue.get()) is not None:
            name, body = waiting
            reason = self._deliver(body)
            if reason is not None:
                self._on_failure(f"the webhook did not take {name}: {reason}")

    def _deliver(self, body: bytes) -> str | None:
        """Why it was not delivered, after all attempts; None when it was."""
        reason = None
        for wait in (0.0, *self._waits):
            time.sleep(wait)
            reason = self._receiver.post(body)
            if reason is None:
                return None
        return reason


def sign(secret: bytes, body: bytes, at: int) -> str:
    """The signature's header: `t=<Unix seconds>,v1=<HMAC-SHA256 of "t.body" in hex>`."""
    return f"t={at},v1={_mac(secret, body, str(at))}"


def verify_signature(secret: bytes, body: bytes, header: str, *, now: float) -> None:
    """Raises `WebhookSignatureInvalid` unless the header signs this body, and is not too old."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    at, given = parts.get("t", ""), parts.get("v1", "")
    if not hmac.compare_digest(_mac(secret, body, at).encode(), given.encode()):
        raise WebhookSignatureInvalid("the signature is not the secret's for this body and time")
    if abs(now - int(at)) > TOLERANCE_SECONDS:
        raise WebhookSignatureInvalid(f"signed at {at}, over {TOLERANCE_SECONDS} s from {now:.0f}")


def _mac(secret: bytes, body: bytes, at: str) -> str:
    return hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()


def receiver_of(environment: Mapping[str, str], prefix: str) -> Receiver | None:
    """The receiver that the environment names, if it does. Raises `InvalidValue`.

    prefix: such as `MACROSTRIKE_WEBHOOK`, of `…_URL`, and of `…_SECRET` or `…_SECRET_FILE`.
    """
    url, secret = environment.get(f"{prefix}_URL"), secret_of(environment, f"{prefix}_SECRET")
    if not url:
        return None
    if not secret:
        needs = f"{prefix}_URL needs it, or {prefix}_SECRET_FILE"
        raise InvalidValue(f"{prefix}_SECRET", "", needs)
    return Receiver(url, secret.encode())


def secret_of(environment: Mapping[str, str], name: str) -> str | None:
    """What a variable has, or the file that `<name>_FILE` names. Raises `InvalidValue`."""
    file = environment.get(f"{name}_FILE")
    if not file:
        return environment.get(name)
    try:
        return Path(file).read_text(encoding="utf-8-sig").strip()
    except OSError as failure:
        raise InvalidValue(f"{name}_FILE", file, f"it can't be read: {failure}") from failure
