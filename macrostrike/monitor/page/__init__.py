"""The page: one file with its style and script inside, which asks for nothing but its events."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

_SCRIPTS = ("format.js", "charts.js", "tables.js", "page.js")


@cache
def page() -> tuple[str, str]:
    """The HTML, and the content security policy that lets it run and nothing else."""
    folder = resources.files(__name__)

    def read(name: str) -> str:
        return folder.joinpath(name).read_text(encoding="utf-8")

    style, script = read("page.css"), "\n".join(map(read, _SCRIPTS))
    content = read("page.html").replace("/* style */", style).replace("/* script */", script)
    policy = (
        f"default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors 'none'; "
        f"style-src 'sha256-{_hash(style)}'; script-src 'sha256-{_hash(script)}'"
    )
    return content, policy


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
