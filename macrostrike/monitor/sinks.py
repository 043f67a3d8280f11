"""Where alerts are sent: lines of JSON, a signed webhook, and all that Apprise knows."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TextIO

from macrostrike.errors import InvalidValue
from macrostrike.monitor.alerts import AlertChange
from macrostrike.webhooks import Webhook

_QUEUED = 1000
_CLOSING_SECONDS = 10.0


class Sink(Protocol):
    """A place that gets every alert that begins or ends."""

    def send(self, change: AlertChange) -> None:
        """Takes a change. Must not wait for a network."""

    def close(self) -> None:
        """Delivers what it still has, as far as it can at once."""


def message_of(change: AlertChange) -> dict[str, object]:
    """What every sink says of a change."""
    alert = change.alert
    return {
        "event": "alert",
        "alert": alert.key,
        "status": change.status,
        "severity": str(alert.severity),
        "text": alert.text,
        "remedy": alert.remedy,
        "at": round(change.at, 3),
        "since": round(alert.since, 3),
    }


class LogSink:
    """Writes a line of JSON for each change."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def send(self, change: AlertChange) -> None:
        print(json.dumps(message_of(change)), file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing waits here."""


class WebhookSink:
    """POSTs each change as JSON, signed: see `Webhook`."""

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    def send(self, change: AlertChange) -> None:
        self._webhook.post(change.alert.key, json.dumps(message_of(change)).encode())

    def close(self) -> None:
        self._webhook.close()


class AppriseSink:
    """Sends each change to mail, chat or telephone, by Apprise's URLs, from a thread of its own.

    The URLs have tokens in them: none is ever shown. Raises `InvalidValue` for one that Apprise
    does not know, and where the extra `notify` is not installed.
    """

    def __init__(self, urls: Sequence[str], *, on_failure: Callable[[str], None]) -> None:
        try:
            import apprise
        except ImportError:
            why = "Apprise is missing: install macrostrike[notify]"
            raise InvalidValue("Apprise URLs", "…", why) from None
        self._apprise = apprise.Apprise()
        for number, url in enumerate(urls, 1):
            if not self._apprise.add(url):
                raise InvalidValue(f"Apprise URL {number}", "…", "Apprise does not know its kind")
        self._on_failure = on_failure
        self._queue: queue.Queue[AlertChange | None] = queue.Queue(_QUEUED)
        self._thread = threading.Thread(target=self._run, name="apprise", daemon=True)
        self._thread.start()

    def send(self, change: AlertChange) -> None:
        try:
            self._queue.put_nowait(change)
        except queue.Full:
            self._on_failure(f"{_QUEUED} alerts wait for Apprise already: {change.alert.key}")

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(_CLOSING_SECONDS)

    def _run(self) -> None:
        while (change := self._queue.get()) is not None:
            alert = change.alert
            body = f"{alert.text}\n{alert.remedy}"
            title = f"MacroStrike, {alert.severity}: {alert.key} {change.status}"
            if not self._apprise.notify(body=body, title=title):
                self._on_failure(f"Apprise could not deliver {alert.key} to all of its places")
