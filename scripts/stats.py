"""`ape run stats`: the chain's own score."""

from __future__ import annotations

from macrostrike.cli.commands import COMMANDS
from macrostrike.cli.post import day_command

cli = day_command(COMMANDS["stats"])
