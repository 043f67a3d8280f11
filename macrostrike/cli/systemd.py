"""What a service tells systemd: that it is ready, and that it still works (`Type=notify`)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def notify(*words: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Notifies systemd, if it started this process, and answers whether it could."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    # A name that begins with @ is abstract: no file.
    place = "\0" + address[1:] if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifier:
        notifier.connect(place)
        notifier.sendall("\n".join(words).encode())
        return True
    return False


def alive() -> None:
    """What a service says after each round: that it has begun, and still works."""
    notify(READY, ALIVE)
