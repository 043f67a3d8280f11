"""`ape run intake`: the intake's service, until it is stopped."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from macrostrike.cli import post
from macrostrike.cli.lines import line
from macrostrike.cli.post import Post
from macrostrike.cli.systemd import alive
from macrostrike.journal import ChangeKind, Decision, Journal, PredictionRow
from macrostrike.loop import (
    Decided,
    Intake,
    Limits,
    OutcomePush,
    Outcomes,
    Predicted,
    intake_app,
)
from macrostrike.monitor.server import hosts_of, listen
from macrostrike.webhooks import receiver_of

_GRACE_SECONDS = 2
_WEBHOOK = "MACROSTRIKE_OUTCOME_WEBHOOK"


def serve(at: Post, *, host: str, port: int, per_second: float, burst: int) -> int:
    """The command. Returns its exit code."""
    import uvicorn

    stop = post.stop_on_signals()
    listener = listen(host, port)
    with listener, at.journal("intake") as journal, _outcomes(at, journal, stop) as outcomes:

        def recorded(row: PredictionRow) -> None:
            kind = Predicted if row.decision is Decision.PENDING else Decided
            happened = kind(int(row.seen_at), row)
            at.console.print(line(happened), highlight=False, soft_wrap=True)

        limits = Limits(per_second=per_second, burst=burst)
        intake = Intake(at.observer(), journal, limits, on_recorded=recorded)
        config = uvicorn.Config(
            intake_app(intake, outcomes, hosts=hosts_of(host)),
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        # In a thread, as uvicorn on the main one ends the process by the signal it was sent.
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="http")
        thread.start()
        at.console.print(f"Intake at http://{host}:{port}/v1/predictions; /openapi.json says how.")
        while thread.is_alive() and not stop.wait(0.2):
            alive()
        server.should_exit = True
        thread.join()
    return post.GOOD if server.started else post.REFUSED


@contextmanager
def _outcomes(at: Post, journal: Journal, stop: threading.Event) -> Iterator[Outcomes]:
    """What becomes of predictions, followed in a thread of its own; and pushed in another."""

    def failed(reason: str) -> None:
        at.console.print(f"[yellow]{reason}[/]", highlight=False)
        journal.record_change(ChangeKind.LOG, "warning", reason, cause="webhook")

    outcomes, works = Outcomes(journal), []
    works.append(threading.Thread(target=outcomes.run, args=[stop], name="outcomes"))
    if receiver := receiver_of(os.environ, _WEBHOOK):
        push = OutcomePush(journal, receiver, on_failure=failed)
        works.append(threading.Thread(target=push.run, args=[stop], name="push"))
    for thread in works:
        thread.start()
    try:
        yield outcomes
    finally:
        stop.set()
        for thread in works:
            thread.join()
