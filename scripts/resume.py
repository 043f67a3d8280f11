"""`ape run resume`: lets a halted fleet go on."""

from __future__ import annotations

import click

from macrostrike.cli import day
from macrostrike.cli.post import post_command

cli = post_command(
    """Resume a fleet that its breaker has halted, as the owner.""",
    click.option("--yes", is_flag=True, help="Don't ask."),
)(day.resume)
