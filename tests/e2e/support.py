"""Commands as people run them, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Hands its arguments, streams and surroundings over, and ends with the exit code.
_TOOL = """import json, os, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect({!r})
command = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
reported = json.dumps([command, dict(os.environ), os.getcwd()])
socket.send_fds(connection, [f"{{reported}}\\n".encode()], [0, 1, 2])
said = connection.makefile()
said.readline()  # the process id
code = int(said.readline())
sys.exit(code if code >= 0 else 128 - code)
"""


class Command:
    """An Ape command of this project, in a process group of its own.

    What it has of `subprocess.Popen` is as there. Standard error goes where standard output goes.
    """

    def __init__(self, *arguments: str, **environment: str) -> None:
        typed, stdin = os.pipe()
        stdout, written = os.pipe()
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(_forks())
        around = {**os.environ, "COLUMNS": "160", **environment}
        reported = json.dumps([["ape", *arguments], around, str(ROOT)])
        streams = [typed, written, written]
        socket.send_fds(self._connection, [f"{reported}\n".encode()], streams)
        os.close(typed)
        os.close(written)
        self.stdin, self.stdout = os.fdopen(stdin, "w"), os.fdopen(stdout)
        self._said = self._connection.makefile()
        self.pid = int(self._said.readline())
        self.returncode: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float = 120) -> int:
        """The exit code. Raises `TimeoutError`."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            self.returncode = int(self._said.readline())
            self._connection.close()
        return self.returncode

    def communicate(self, typed: str = "", timeout: float = 120) -> tuple[str, None]:
        """Types, and reads all there is until the end. Raises `TimeoutError`."""
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.append(self.stdout.read()), daemon=True)
        reader.start()
        self.stdin.write(typed)
        self.stdin.close()
        self.wait(timeout)
        reader.join(timeout)
        return said[0], None


def start(*arguments: str, **environment: str) -> Command:
    """An Ape command that runs on beside the test."""
    return Command(*arguments, **environment)


def run(*arguments: str, typed: str = "", **environment: str) -> tuple[int, str]:
    """Exit code and output of an Ape command; nothing of it runs on afterwards."""
    command = Command(*arguments, **environment)
    output, _ = command.communicate(typed)
    assert not is_running(command.pid)
    return command.wait(), output


@cache
def tools() -> Path:
    """A folder for a shell's PATH: `ape` and `python`, forked as they are typed."""
    folder = Path(_forks()).parent
    for name in ("ape", "python"):
        tool = folder / name
        tool.write_text(f"#!{sys.executable} -SE\n{_TOOL.format(_forks())}", encoding="utf-8")
        tool.chmod(0o755)
    return folder


@cache
def _forks() -> str:
    """Where the process listens that forks for each command. It ends with this one."""
    path = tempfile.mkdtemp(prefix="forks-") + "/socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        number = listener.fileno()
        command = [sys.executable, "-m", "tests.e2e.forks", str(number)]
        subprocess.Popen(command, cwd=ROOT, pass_fds=[number], stdin=subprocess.PIPE)
    return path


def is_running(group: int) -> bool:
    """Whether any process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
