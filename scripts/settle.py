"""`ape run settle`: closes strikes by hand."""

from __future__ import annotations

from macrostrike.cli.commands import COMMANDS
from macrostrike.cli.post import day_command

cli = day_command(COMMANDS["settle"])
