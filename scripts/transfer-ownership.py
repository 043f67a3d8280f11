"""`ape run transfer-ownership`: hands the diamond to another owner, in two steps."""

from __future__ import annotations

from macrostrike.cli.commands import COMMANDS
from macrostrike.cli.post import day_command

cli = day_command(COMMANDS["transfer-ownership"])
