"""Node URLs and what is said about them, without the keys that URLs hold."""

from __future__ import annotations

import re

_ORIGIN = re.compile(r"^\s*(https?|wss?)://(?:[^/?#]*@)?([^/?#@\s]+)", re.IGNORECASE)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_SECRET_LENGTH = 6  # shorter parts of a URL, such as `v3`, are words and no secrets


def shown_url(url: str) -> str:
    """A node's URL as it may be shown: scheme, host and port. Nothing of what is not a URL."""
    origin = _ORIGIN.match(url)
    return f"{origin[1].lower()}://{origin[2].lower()}" if origin else "(not an HTTP URL)"


def without_secrets(text: str, url: str) -> str:
    """The text without what only the node's URL has: path, query and user, however spelt."""
    origin = _ORIGIN.match(url)
    rest = url[origin.end() :] if origin else url
    user = url.partition("://")[2].rpartition("@")[0] if origin else ""
    parts = set(re.split(r"[/?#&=:@\s]+", f"{rest}/{user}"))
    parts |= {_ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), part) for part in parts}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SECRET_LENGTH:
            text = re.sub(re.escape(part), "…", text, flags=re.IGNORECASE)
    return text
