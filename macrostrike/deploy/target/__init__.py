"""What a chain should hold: a target file's schema, its rules, and reading it."""

from __future__ import annotations

from macrostrike.deploy.target._init import InitCall, init_call
from macrostrike.deploy.target._load import TARGETS, load_target, parse_target
from macrostrike.deploy.target._plain import Plain
from macrostrike.deploy.target._schema import (
    ETHER,
    FIXTURE,
    Amm,
    AmmPool,
    Bot,
    Init,
    Market,
    Rules,
    Target,
    Token,
    Upgrade,
)

__all__ = [
    "ETHER",
    "FIXTURE",
    "TARGETS",
    "Amm",
    "AmmPool",
    "Bot",
    "Init",
    "InitCall",
    "Market",
    "Plain",
    "Rules",
    "Target",
    "Token",
    "Upgrade",
    "init_call",
    "load_target",
    "parse_target",
]
