"""`ape run intake`: the intake's service, until it is stopped."""

from __future__ import annotations

import threading

from macrostrike.cli import post
from macrostrike.cli.post import Post
from macrostrike.loop import Intake, Limits, intake_app

_GRACE_SECONDS = 2


def serve(at: Post, *, host: str, port: int, per_second: float, burst: int) -> int:
    """The command. Returns its exit code."""
    import uvicorn

    stop = post.stop_on_signals()
    with at.journal("intake") as journal:
        limits = Limits(per_second=per_second, burst=burst)
        config = uvicorn.Config(
            intake_app(Intake(at.observer(), journal, limits)),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        # In a thread, as uvicorn on the main one ends the process by the signal it was sent.
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, name="http")
        thread.start()
        at.console.print(f"Intake at http://{host}:{port}/v1/predictions; /openapi.json says how.")
        while thread.is_alive() and not stop.wait(0.2):
            pass
        server.should_exit = True
        thread.join()
    return post.GOOD if server.started else post.REFUSED
