"""Commands as people run them, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
APE = Path(sys.executable).with_name("ape")


def start(*args: str, **environment: str) -> subprocess.Popen[str]:
    """An Ape command, in a process group of its own."""
    return subprocess.Popen(
        [str(APE), *args],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "160", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(*args: str, typed: str = "", **environment: str) -> tuple[int, str]:
    """Exit code and output of an Ape command; nothing of it runs on afterwards."""
    process = start(*args, **environment)
    output, _ = process.communicate(typed, timeout=120)
    assert not is_running(process.pid)
    return process.returncode, output


def is_running(group: int) -> bool:
    """Whether any process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
