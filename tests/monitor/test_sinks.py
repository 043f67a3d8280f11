"""Sinks: lines of JSON, and a webhook that is signed, tries again, follows no redirect, and says
neither its URL nor its secret."""

from __future__ import annotations

import io
import json

import pytest

from macrostrike.errors import InvalidValue
from macrostrike.monitor.alerts import CLEARED, FIRING, Alert, AlertChange
from macrostrike.monitor.rules import Severity
from macrostrike.monitor.sinks import AppriseSink, LogSink, WebhookSink
from macrostrike.webhooks import (
    Receiver,
    Webhook,
    WebhookSignatureInvalid,
    sign,
    verify_signature,
)

from ..webhooks import receiving

SECRET = b"a secret of the test alone"
ALERT = Alert("CapitalLoss", Severity.CRITICAL, 1000.0, 0.11, "equity is 11 % under", "look")
FIRED = AlertChange(ALERT, FIRING, 1000.0, 0.11)
ENDED = AlertChange(ALERT, CLEARED, 2000.0, 0.01)


def deliver(url: str, *changes: AlertChange, attempts: int = 3) -> list[str]:
    """Sends changes and waits until all is done; returns what failed."""
    failures: list[str] = []
    waits = [0.0] * (attempts - 1)
    sink = WebhookSink(Webhook(Receiver(url, SECRET), on_failure=failures.append, waits=waits))
    for change in changes:
        sink.send(change)
    sink.close()
    return failures


def test_the_log_is_a_line_of_json_for_each_change() -> None:
    stream = io.StringIO()
    sink = LogSink(stream)
    sink.send(FIRED)
    sink.send(ENDED)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first == {
        "event": "alert",
        "alert": "CapitalLoss",
        "status": "firing",
        "severity": "critical",
        "text": "equity is 11 % under",
        "remedy": "look",
        "at": 1000.0,
        "since": 1000.0,
    }
    assert (second["status"], second["at"]) == ("cleared", 2000.0)


def test_the_webhook_is_signed_and_in_order() -> None:
    with receiving() as receiver:
        assert deliver(receiver.url, FIRED, ENDED) == []
    assert [json.loads(body)["status"] for body, _ in receiver.got] == ["firing", "cleared"]
    for body, header in receiver.got:
        at = int(header.removeprefix("t=").partition(",")[0])
        verify_signature(SECRET, body, header, now=at)


@pytest.mark.parametrize(
    ("secret", "body", "late"),
    [(b"another secret altogether", b"{}", 0), (SECRET, b"{ }", 0), (SECRET, b"{}", 301)],
)
def test_a_signature_that_is_wrong_or_old_is_refused(secret: bytes, body: bytes, late: int) -> None:
    header = sign(SECRET, b"{}", 5000)
    verify_signature(SECRET, b"{}", header, now=5000 + 299)
    with pytest.raises(WebhookSignatureInvalid):
        verify_signature(secret, body, header, now=5000 + late)


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=x,v1=y", "t=5000,v1=é"])
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(WebhookSignatureInvalid):
        verify_signature(SECRET, b"{}", header, now=5000)


def test_a_receiver_that_fails_at_first_gets_it_later_once() -> None:
    with receiving(500, 429, 200) as receiver:
        assert deliver(receiver.url, FIRED) == []
    assert len(receiver.got) == 3


def test_a_receiver_that_never_takes_it_is_said_without_its_url() -> None:
    with receiving(500, 500, 500) as receiver:
        failures = deliver(receiver.url, FIRED)
    assert failures == ["the webhook did not take CapitalLoss: HTTP 500"]


def test_no_receiver_at_all_is_said_without_its_url() -> None:
    failures = deliver("http://127.0.0.1:9/hooks/a-token", FIRED)
    assert failures == ["the webhook did not take CapitalLoss: ConnectionError"]


def test_a_redirect_is_not_followed() -> None:
    with receiving(302, 302, 302) as receiver:
        assert deliver(receiver.url, FIRED) == ["the webhook did not take CapitalLoss: HTTP 302"]
    assert len(receiver.got) == 3


@pytest.mark.parametrize(
    "url", ["ftp://host/secret", "host/secret", "https:///secret", "file:///x"]
)
def test_a_url_that_is_none_is_refused_without_saying_it(url: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Receiver(url, SECRET)
    assert "secret" not in str(refused.value)


def test_a_short_secret_is_refused_without_saying_it() -> None:
    with pytest.raises(InvalidValue, match="16 bytes at least") as refused:
        Receiver("https://host", b"short one")
    assert "short one" not in str(refused.value)


def test_apprise_takes_it_wherever_its_urls_lead() -> None:
    failures: list[str] = []
    with receiving() as receiver:
        url = receiver.url.replace("http://", "json://")
        sink = AppriseSink([url], on_failure=failures.append)
        sink.send(FIRED)
        sink.close()
    ((body, _),) = receiver.got
    assert json.loads(body)["title"] == "MacroStrike, critical: CapitalLoss firing"
    assert json.loads(body)["message"] == "equity is 11 % under\nlook"
    assert failures == []


def test_what_apprise_cannot_deliver_or_does_not_know_is_said_without_its_url() -> None:
    failures: list[str] = []
    sink = AppriseSink(["json://127.0.0.1:9/a-token"], on_failure=failures.append)
    sink.send(FIRED)
    sink.close()
    assert failures == ["Apprise could not deliver CapitalLoss to all of its places"]
    with pytest.raises(InvalidValue, match="Apprise URL 1") as refused:
        AppriseSink(["nothing://a-token"], on_failure=failures.append)
    assert "a-token" not in str(refused.value)
