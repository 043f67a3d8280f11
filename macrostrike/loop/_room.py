"""How many streams of outcomes may be open, and whose."""

from __future__ import annotations

import threading
from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network

from macrostrike.errors.intake import TooManyStreams

MAX_STREAMS = 64
"""Streams that may be open at once."""

KEPT = 32
"""The last of them are for addresses from which engines send."""

OF_ONE = 16
"""Streams of one address. An IPv6 host has a network of addresses (/64), which count as one."""


class Room:
    """Anyone may listen, so that one address gets a part of the room, and all that are strange
    together no more than half. An engine's address is the one that its last new prediction came
    from, signed: a stranger has none. Safe for threads."""

    def __init__(self) -> None:
        self._streams: Counter[str] = Counter()
        self._engines: dict[str, str] = {}
        self._lock = threading.Lock()

    def sent(self, engine: str, host: str) -> None:
        """A prediction of an engine with a model was taken from there: as many as have models."""
        with self._lock:
            self._engines[engine] = _whose(host)

    def enter(self, host: str) -> None:
        """Takes a place. Raises `TooManyStreams`."""
        whose = _whose(host)
        with self._lock:
            if self._streams[whose] >= OF_ONE:
                raise TooManyStreams(f"{OF_ONE} streams of this address are open: close one first")
            limit = MAX_STREAMS - (0 if whose in self._engines.values() else KEPT)
            if self._streams.total() >= limit:
                raise TooManyStreams(
                    f"{limit} streams are open: try again later, or when a prediction of yours "
                    "was taken"
                )
            self._streams[whose] += 1

    def leave(self, host: str) -> None:
        """Gives the place back."""
        with self._lock:
            self._streams[_whose(host)] -= 1
            self._streams += Counter()  # forgets those that have none


def _whose(host: str) -> str:
    """What counts as one address."""
    try:
        address = ip_address(host)
    except ValueError:
        return host  # a name that a proxy gives, or none
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address.packed, 64), strict=False))
    return host
