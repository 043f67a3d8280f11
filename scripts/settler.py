"""`ape run settler`: settles what the main operator leaves open."""

from __future__ import annotations

from macrostrike.cli.commands import COMMANDS
from macrostrike.cli.post import day_command

cli = day_command(COMMANDS["settler"])
