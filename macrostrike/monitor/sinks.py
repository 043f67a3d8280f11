"""Where alerts are sent: lines of JSON, and a signed webhook."""

from __future__ import annotations

import json
from typing import Protocol, TextIO

from macrostrike.monitor.alerts import AlertChange
from macrostrike.webhooks import Webhook


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
