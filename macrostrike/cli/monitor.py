"""What `ape run monitor` does once it knows its network."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.live import Live

from macrostrike.chain import Transport
from macrostrike.cli.monitor_screen import check_table, screen
from macrostrike.cli.post import stop_on_signals
from macrostrike.cli.systemd import ALIVE, READY, STOPPING, notify
from macrostrike.journal import ChangeKind, IntentState, Journal, JournalUnavailable
from macrostrike.manifest import Manifest
from macrostrike.monitor.checks import Check, Verdict
from macrostrike.monitor.document import document_of
from macrostrike.monitor.server import serving
from macrostrike.monitor.service import Monitor, View
from macrostrike.monitor.sinks import AppriseSink, LogSink, Sink, WebhookSink
from macrostrike.webhooks import Webhook, receiver_of, secret_of

GOOD, REFUSED, HALTED, UNKNOWN = 0, 1, 3, 4
"""Exit codes."""
_WEBHOOK = "MACROSTRIKE_WEBHOOK"
_APPRISE = "MACROSTRIKE_APPRISE_URLS"
_DRAWS = 4


@dataclass(frozen=True, slots=True)
class Options:
    """What is watched, and where it is shown. `environment` may have a webhook."""

    transport: Transport
    manifest: Manifest
    journal: str
    host: str
    port: int
    every: float
    environment: Mapping[str, str]


def monitor_command(options: Options, *, once: bool, checks: bool, as_json: bool) -> int:
    """Watches until it is interrupted, or looks once. Returns the exit code."""
    with Journal.open(options.journal) as journal:
        if once or checks:
            monitor = Monitor(options.transport, options.manifest, journal)
            return _check(monitor, as_json) if checks else _once(monitor, as_json)
        return _watch(options, journal)


def exit_code(view: View) -> int:
    """3 when halted, 4 when the outcome of a transaction is unknown, 1 without figures."""
    if view.figures is None:
        return REFUSED
    if view.figures.state == "halted":
        return HALTED
    is_unknown = any(i.state is IntentState.UNKNOWN for i in view.figures.records.intents)
    return UNKNOWN if is_unknown else GOOD


def sinks_of(environment: Mapping[str, str], journal: Journal) -> list[Sink]:
    """The log, and the webhook and Apprise's URLs of the environment. Raises `InvalidValue`."""

    def failed(reason: str) -> None:
        print(json.dumps({"event": "sink", "error": reason}), file=sys.stderr, flush=True)
        journal.record_change(ChangeKind.LOG, "warning", reason, cause="sink")

    sinks: list[Sink] = [LogSink(sys.stderr)]
    if receiver := receiver_of(environment, _WEBHOOK):
        sinks.append(WebhookSink(Webhook(receiver, on_failure=failed)))
    if urls := (secret_of(environment, _APPRISE) or "").split():
        sinks.append(AppriseSink(urls, on_failure=failed))
    return sinks


def _once(monitor: Monitor, as_json: bool) -> int:
    view = monitor.look()
    document = document_of(view, time.time())
    if as_json:
        print(json.dumps(document, indent=2, allow_nan=False))
    else:
        _console().print(screen(document))
    return exit_code(view)


def _check(monitor: Monitor, as_json: bool) -> int:
    checks = monitor.check()
    if as_json:
        print(json.dumps([_plain(check) for check in checks], indent=2))
    else:
        _console().print(check_table(checks))
    return REFUSED if any(check.verdict is Verdict.FAIL for check in checks) else GOOD


def _watch(options: Options, journal: Journal) -> int:
    stop = stop_on_signals(signal.SIGHUP)
    sinks = sinks_of(options.environment, journal)
    monitor = Monitor(options.transport, options.manifest, journal, sinks=sinks)
    run_id = journal.begin_run("monitor")
    try:
        with serving(monitor, host=options.host, port=options.port, every=options.every) as url:
            print(f"The page: {url}   metrics: {url}metrics   Ctrl-C ends it.", flush=True)
            _draw(monitor, stop, journal)
    finally:
        monitor.close()
        journal.end_run(run_id)
    return exit_code(monitor.view)


def _draw(monitor: Monitor, stop: threading.Event, journal: Journal) -> None:
    """Tells systemd and the journal of each look, and draws it where there is a terminal."""
    console = Console()
    drawing = Live(console=console, auto_refresh=False, vertical_overflow="crop")
    with drawing if console.is_terminal else nullcontext() as live:
        shown = monitor.view.number
        while not stop.wait(1 / _DRAWS):
            view = monitor.view
            if view.number == shown:
                continue
            shown = view.number
            notify(READY, ALIVE)
            with suppress(JournalUnavailable):  # the view itself says so
                journal.beat()
            if live is not None:
                live.update(screen(document_of(view, time.time())), refresh=True)
    notify(STOPPING)


def _plain(check: Check) -> dict[str, Any]:
    return asdict(check) | {"verdict": str(check.verdict)}


def _console() -> Console:
    """Wide where there is no terminal: a table should not be broken up in a log."""
    return Console() if sys.stdout.isatty() else Console(width=160)
