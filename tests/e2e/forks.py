"""Ape with all its imports done, forked for each command.

    python -m tests.e2e.forks SOCKET

An Ape command imports for seconds before it does anything, and the tests type some hundred of them.
Each runs in a process of its own, from its arguments to its exit code, and so do Python's scripts.
tests/e2e/test_readme.py starts from nothing, as people's commands do.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys

import macrostrike.errors  # first: the generated modules stand on it

_PLUGINS = (
    *("ape._cli", "ape_run._cli", "pandas", "web3"),
    # What each command imports when it connects: ape_test brings a whole EVM, half a second.
    *("ape_test.provider", "ape_test.accounts", "ape_foundry.provider", "ape_node.provider"),
    *("ape_ethereum.ecosystem", "ape_solidity.compiler", "sqlalchemy.dialects.sqlite"),
)


def serve(listener: socket.socket) -> None:
    """Runs a command for each connection, until standard input ends. Returns in its process."""
    _import_all()
    # Its children are not waited for: those that wait for a command end by themselves.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os._exit(0)
        connection, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            _keep(connection)
            return
        connection.close()


def _import_all() -> None:
    for name in _PLUGINS:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(macrostrike.__path__, "macrostrike."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.freeze()


def _keep(connection: socket.socket) -> None:
    """Starts the command; says its process id, then its exit code. Returns in its process."""
    reported, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    while not reported.endswith(b"\n"):
        reported += connection.recv(1 << 20)
    if (pid := os.fork()) == 0:
        connection.close()
        _become(streams, *json.loads(reported))
        return
    for stream in streams:
        os.close(stream)
    connection.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(
    streams: list[int], command: list[str], environment: dict[str, str], folder: str
) -> None:
    """`command` is what is typed: `ape` or `python`, and the arguments."""
    os.setsid()
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
    for stream in streams:
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = command


def _python() -> None:
    """`python FILE …` or `python -c CODE`."""
    del sys.argv[0]
    if sys.argv[0] == "-c":
        sys.path[0] = ""
        exec(compile(sys.argv.pop(1), "<string>", "exec"), {"__name__": "__main__"})
        return
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
    if sys.argv[0] == "python":
        _python()
        sys.exit()
    from ape._cli import cli

    sys.exit(cli())
