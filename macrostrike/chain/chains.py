"""Chains as data."""

from __future__ import annotations

LOCAL_CHAINS = frozenset({1337, 31337})
"""Ids that development nodes use: chains of one's own, never one with value on it."""
