"""The report as one self-contained page: no network, no script, dark and light, wide and narrow."""

from __future__ import annotations

from macrostrike.replay.page._page import render_page

__all__ = ["render_page"]
