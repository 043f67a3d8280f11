"""Streams of outcomes at the intake: how many of whom, and that no web site opens one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.devchain import local_account
from macrostrike.errors.intake import TooManyStreams
from macrostrike.loop._room import KEPT, MAX_STREAMS, OF_ONE, Room
from macrostrike.testing import World

from .service import Service, served

STRANGERS = MAX_STREAMS - KEPT
ENGINE = local_account(2).address


@pytest.fixture(scope="module")
def _chain() -> Iterator[AnvilTransport]:
    with start_anvil() as url:
        yield AnvilTransport(url, block_time=1)


@pytest.fixture
def service(world: World, tmp_path: Path) -> Iterator[Service]:
    with served(world, tmp_path) as service:
        yield service


def ask(opened: ExitStack, service: Service, host: str, path: str, **options: Any) -> HTTPResponse:
    """From one of this machine's addresses, by a connection that stays open."""
    at = urlsplit(service.url)
    connection = HTTPConnection(at.netloc, timeout=10, source_address=(host, 0))
    opened.callback(connection.close)
    connection.request(options.pop("method", "GET"), path, **options)
    return opened.enter_context(connection.getresponse())


def listen(opened: ExitStack, service: Service, host: str) -> tuple[int, str]:
    """A stream that stays open: its status, and the name of a refusal."""
    answer = ask(opened, service, host, f"/v1/engines/{service.world.engine.address}/outcomes")
    if answer.status == 200:
        assert answer.readline() == b": listening\n"
        return 200, ""
    return answer.status, json.loads(answer.read())["error"]


def test_strangers_with_all_streams_that_they_get_leave_the_engines_theirs(
    service: Service,
) -> None:
    good, full = (200, ""), (503, "TooManyStreams")
    with ExitStack() as opened:
        first = [listen(opened, service, "127.0.0.2") for _ in range(OF_ONE + 1)]
        assert first == [good] * OF_ONE + [full]
        rest = [listen(opened, service, "127.0.0.3") for _ in range(STRANGERS - OF_ONE + 1)]
        assert rest == [good] * (STRANGERS - OF_ONE) + [full]
        assert listen(opened, service, "127.0.0.1") == full
        service.send(service.made())
        assert listen(opened, service, "127.0.0.1") == good
        assert listen(opened, service, "127.0.0.4") == full
    until = time.monotonic() + 10
    while time.monotonic() < until:  # until the server has seen that they are closed
        with ExitStack() as again:
            if listen(again, service, "127.0.0.4") == good:
                return
    pytest.fail("closed streams keep their places")


def test_what_is_sent_again_from_elsewhere_makes_no_engine_of_the_sender(service: Service) -> None:
    """A signed prediction is anyone's to send once it is on chain."""
    prediction = service.made()
    service.send(prediction)
    fields = asdict(prediction) | {"signal": str(prediction.signal)}
    signed = {"prediction": fields, "signature": f"0x{service.sign(prediction).hex()}"}
    with ExitStack() as opened:
        body = json.dumps(signed)
        again = ask(opened, service, "127.0.0.4", "/v1/predictions", method="POST", body=body)
        assert again.status == 200
        for host in ("127.0.0.2", "127.0.0.3"):
            for _ in range(OF_ONE):
                assert listen(opened, service, host) == (200, "")
        assert listen(opened, service, "127.0.0.4") == (503, "TooManyStreams")
        assert listen(opened, service, "127.0.0.1") == (200, "")


def test_engines_get_the_whole_room_and_no_more() -> None:
    room = Room()
    hosts = [f"10.0.0.{number}" for number in range(MAX_STREAMS // OF_ONE + 1)]
    for number, host in enumerate(hosts):
        room.sent(f"engine {number}", host)
    for number in range(MAX_STREAMS):
        room.enter(hosts[number // OF_ONE])
    with pytest.raises(TooManyStreams, match=f"{MAX_STREAMS} streams are open"):
        room.enter(hosts[-1])
    room.leave(hosts[0])
    room.enter(hosts[-1])


def test_an_engine_that_sends_from_elsewhere_is_there_and_no_longer_here() -> None:
    room = Room()
    for number in range(STRANGERS):
        room.enter(f"10.0.1.{number}")
    room.sent(ENGINE, "10.0.0.1")
    room.enter("10.0.0.1")
    room.sent(ENGINE, "10.0.0.2")
    room.enter("10.0.0.2")
    with pytest.raises(TooManyStreams):
        room.enter("10.0.0.1")


def test_the_addresses_of_one_ipv6_host_count_as_one() -> None:
    room = Room()
    for number in range(OF_ONE):
        room.enter(f"2001:db8::{number:x}:1")
    with pytest.raises(TooManyStreams, match="of this address"):
        room.enter("2001:db8::ffff")
    room.enter("2001:db8:0:1::1")
    room.enter("::ffff:10.0.0.1")


def test_another_sites_name_is_refused(service: Service) -> None:
    """A web page that makes its own name lead to 127.0.0.1 reads nothing, and sends nothing."""
    foreign, local = {"Host": "attacker.example"}, {"Host": "localhost:9465"}
    for method, path in (("GET", "/v1/queue"), ("POST", "/v1/predictions")):
        answer = requests.request(method, service.url + path, headers=foreign, timeout=10)
        assert answer.status_code == 400
        assert answer.text == "Invalid host header"
    assert requests.get(f"{service.url}/v1/queue", headers=local, timeout=10).status_code == 200
