"""The browser for the report's page."""

from __future__ import annotations

from ..browser import chromium as chromium
