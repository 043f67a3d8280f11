"""Runs the monitor and its HTTP server until it is asked to stop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from macrostrike.errors import MacroStrikeError
from macrostrike.monitor.service import Monitor
from macrostrike.monitor.web import LOOPBACK, app_of

HOST, PORT = "127.0.0.1", 9464
LOOK_SECONDS = 2.0
_GRACE_SECONDS = 2


class PortUnavailable(MacroStrikeError):
    """A service can't listen where it is asked to."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"can't listen on {host}:{port}: {reason}. Choose another by --port.")
        self.host = host
        self.port = port


@contextmanager
def serving(
    monitor: Monitor, *, host: str = HOST, port: int = PORT, every: float = LOOK_SECONDS
) -> Iterator[str]:
    """Looks every so many seconds and answers HTTP, in threads of its own; yields the page's URL.

    port: 0 for any that is free. Raises `PortUnavailable`.
    """
    import uvicorn

    listener = listen(host, port)
    port = listener.getsockname()[1]
    config = uvicorn.Config(
        app_of(monitor, hosts=hosts_of(host)),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        # Pages that are open would keep it from stopping.
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server, stop = uvicorn.Server(config), threading.Event()
    threads = [
        threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="http"),
        threading.Thread(target=monitor.run, args=(stop, every), name="monitor"),
    ]
    for thread in threads:
        thread.start()
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    finally:
        stop.set()
        server.should_exit = True
        for thread in threads:
            thread.join()
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket for an HTTP server. Raises `PortUnavailable`."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except (OSError, OverflowError) as failure:
        raise PortUnavailable(host, port, str(failure)) from failure


def hosts_of(host: str) -> tuple[str, ...]:
    """What a request's Host may be for a service that listens there: on the machine's own address
    no web site's name, elsewhere any."""
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    return LOOPBACK if is_loopback else ("*",)
