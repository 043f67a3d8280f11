"""N5, N12, N13: no part of a URL but its host is shown, by us or by what we start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.chain import AnvilTransport, RpcTransport, start_anvil
from macrostrike.chain._relay import relay
from macrostrike.errors import ChainError, NodeUnavailable
from macrostrike.errors.redaction import shown_url, without_secrets
from tests.faults import FaultProxy, error, on, raw, status

from .conftest import SENDER

KEY = "s3cr3t-k3y-0123456789"
SPELLINGS = [
    "http://{host}/v3/{key}",
    "http://{host}/{key}/",
    "HTTP://{host}/V3/{upper}",
    "http://{host}/v3/{key}\n",
    "  http://{host}/v3/{key}  ",
    "http://{host}/?token={key}&x=1",
    "http://{host}/#{key}",
    "http://me:{key}@{host}/",
    "http://{key}@{host}/",
    "{host}/v3/{key}",
    "ftp://{host}/{key}",
    "http:/{host}/{key}",
    "http://{host}:99999999/{key}",
    "http://[::1/{key}",
    "{key}",
    "http://{host}/v3/s3cr3t%2Dk3y%2D0123456789",
]


def everything(failure: BaseException) -> str:
    """All that a log could have of it."""
    parts = ["".join(traceback.format_exception(failure)), str(failure), repr(failure)]
    while True:
        parts.append(repr(vars(failure)))
        nested = failure.__cause__ or failure.__context__
        if nested is None:
            return "".join(parts).lower().replace("%2d", "-")
        failure = nested


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("does", ["down", "refuses", "echoes", "redirects"])
def test_no_spelling_of_a_key_is_shown(spelling: str, does: str, proxy: FaultProxy) -> None:
    host = {"down": "127.0.0.1:1"}.get(does, proxy.url.removeprefix("http://"))
    url = spelling.format(host=host, key=KEY, upper=KEY.upper())
    echo = f"invalid key {KEY} in {url.strip()}"
    proxy.rules.append(
        {
            "redirects": status(301, Location=url.strip()),
            "echoes": error(-32000, echo),
        }.get(does, status(401, echo.encode()))
    )
    with pytest.raises(ChainError) as failure:
        RpcTransport(url, patience=0)
    shown = everything(failure.value)
    # The source line of this test is in the traceback; what it was given is not.
    assert KEY not in shown


@given(st.text(alphabet="abcXYZ019-_.~%", min_size=6, max_size=40))
def test_any_key_is_out_of_any_text(key: str) -> None:
    for url in (f"https://node.example/v3/{key}", f"https://u:{key}@node.example", key):
        text = f"could not reach {url} (key {key.upper()})"
        assert key.lower() not in without_secrets(text, url).lower()
        assert key not in shown_url(url)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    variable: str, monkeypatch: pytest.MonkeyPatch, node: AnvilTransport
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert RpcTransport(node.url).block_number() >= 0
    with start_anvil() as url:
        assert RpcTransport(url).block_number() == 0


def test_for_other_machines_it_is(monkeypatch: pytest.MonkeyPatch, proxy: FaultProxy) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "")
    assert RpcTransport("http://node.invalid/", patience=0).chain_id == 31337


# What anvil is given, and says.


def command_lines() -> str:
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(process.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(lines)


def test_a_forks_url_is_in_no_list_of_processes(proxy: FaultProxy, node: AnvilTransport) -> None:
    url = f"{proxy.url}/{KEY}"
    with start_anvil(fork_url=url) as fork:
        if Path("/proc").is_dir():
            # In this one's, when a test runner is given it; in no anvil's.
            anvils = [line for line in command_lines().splitlines() if "--fork-url" in line]
            assert anvils
            assert all(KEY not in line for line in anvils)
        assert RpcTransport(fork).balance(SENDER.address) == node.balance(SENDER.address)


@pytest.mark.parametrize(
    "fault", [status(401, b"bad key"), error(-32000, f"bad key {KEY}"), raw(b"x")]
)
def test_a_fork_that_fails_says_why_without_its_key(fault: object, proxy: FaultProxy) -> None:
    for method in ("eth_chainId", "eth_getBlockByNumber", "eth_blockNumber", "batch"):
        proxy.rules.append(on(method, fault))
    with (
        pytest.raises(NodeUnavailable, match="anvil") as failure,
        start_anvil("--retries", "0", fork_url=f"{proxy.url}/{KEY}"),
    ):
        pass
    assert KEY not in everything(failure.value)


def test_the_relay_is_for_those_who_were_said_of_it(proxy: FaultProxy) -> None:
    with relay(f"{proxy.url}/{KEY}") as url:
        assert RpcTransport(url).chain_id == 31337
        origin = url.rpartition("/")[0]
        with pytest.raises(NodeUnavailable, match="404"):
            RpcTransport(origin, patience=0)
    with pytest.raises(NodeUnavailable, match="no connection"):
        RpcTransport(url, patience=0)


# A run whose terminal may close ignores SIGHUP, and its processes inherit that.
STARTS = """
import signal, sys, time
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from macrostrike.chain import start_anvil
with start_anvil() as url:
    print(url, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_process_that_is_ended_ends_its_anvil(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTS],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    RpcTransport(url)
    os.kill(process.pid, number)
    process.wait(timeout=20)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            RpcTransport(url, patience=0)
        except NodeUnavailable:
            return
    pytest.fail("its anvil runs on")
