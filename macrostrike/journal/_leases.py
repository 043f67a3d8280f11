"""Leases: at most one process at a time writes what an account sends.

A lease is a row with a generation. Each acquisition gives it a new one, and whatever is written
under a lease is written in a transaction that has looked whether the generation is still its own:
a process that was asleep while another took over can't write any more, whatever its clock says.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, bindparam, insert, select, text, update

from macrostrike.journal._errors import LeaseLost, LeaseTaken
from macrostrike.journal._schema import leases

_LEASE = select(leases).where(leases.c.name == bindparam("of_name"))
_TAKE = (
    update(leases)
    .where(leases.c.name == bindparam("of_name"))
    .values({name: bindparam(name) for name in ("holder", "generation", "expires_at")})
)
_PROLONG = (
    update(leases)
    .where(leases.c.name == bindparam("of_name"), leases.c.generation == bindparam("of_generation"))
    .values(expires_at=bindparam("expires_at"))
)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write under a name, until another takes it after `seconds` without a sign."""

    name: str
    generation: int
    seconds: float


def acquire(connection: Connection, name: str, seconds: float) -> Lease:
    """Takes a lease that is free, has expired, or whose holder has ended. Raises `LeaseTaken`."""
    now, ours = _now(connection), this_process()
    row = connection.execute(_LEASE, {"of_name": name}).one_or_none()
    if row is None:
        values = {"name": name, "holder": ours, "generation": 1, "expires_at": now + seconds}
        connection.execute(insert(leases), values)
        return Lease(name, 1, seconds)
    if row.holder != ours and row.expires_at > now and not has_ended(row.holder):
        raise LeaseTaken(name, row.holder, row.expires_at - now)
    generation = row.generation + 1
    values = {"holder": ours, "generation": generation, "expires_at": now + seconds}
    connection.execute(_TAKE, {"of_name": name} | values)
    return Lease(name, generation, seconds)


def renew(connection: Connection, lease: Lease) -> None:
    """Prolongs a lease, within the transaction that writes under it. Raises `LeaseLost`."""
    expires_at = _now(connection) + lease.seconds
    if not _change(connection, lease, expires_at):
        raise LeaseLost(lease.name)


def release(connection: Connection, lease: Lease) -> None:
    """Releases a lease; nothing where another has it by now."""
    _change(connection, lease, 0.0)


def _change(connection: Connection, lease: Lease, expires_at: float) -> bool:
    ours = {"of_name": lease.name, "of_generation": lease.generation}
    changed = connection.execute(_PROLONG, ours | {"expires_at": expires_at})
    return bool(changed.rowcount)


def _now(connection: Connection) -> float:
    """One clock for all: the server's, where there is one."""
    if connection.dialect.name == "postgresql":
        now = connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())::float8"))
        return float(now)
    return time.time()


def this_process() -> str:
    """This process, as no other is called: host, process id, and when it was started."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_started(pid)}"


def has_ended(holder: str) -> bool:
    """Whether a holder is known to have ended: a process of this machine that is no more."""
    host, _, process = holder.partition(":")
    pid, _, started = process.partition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process was started, in the system's own ticks; empty where it does not say."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return ""
    # The name is in parentheses and may have blanks; the start is the 20th field behind it.
    return status.rpartition(")")[2].split()[19]
