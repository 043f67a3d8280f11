"""What tests of commands have in common."""

from __future__ import annotations

import io
import json
from pathlib import Path

from eth_account import Account

from macrostrike.cli.post import Post


def printed(at: Post) -> str:
    file = at.console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def keystore(folder: Path, name: str, key: bytes) -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(Account.encrypt(key, "secret", kdf="pbkdf2", iterations=1)))
    return path
