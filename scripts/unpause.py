"""`ape run unpause`: lets strikes open again."""

from __future__ import annotations

import click

from macrostrike.cli import day
from macrostrike.cli.post import post_command

cli = post_command(
    """Unpause the diamond, as the owner.""",
    click.option("--yes", is_flag=True, help="Don't ask."),
)(day.unpause)
