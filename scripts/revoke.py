"""`ape run revoke`: takes a role away."""

from __future__ import annotations

from macrostrike.cli.commands import COMMANDS
from macrostrike.cli.post import day_command

cli = day_command(COMMANDS["revoke"])
