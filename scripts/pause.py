"""`ape run pause`: stops everything that opens risk."""

from __future__ import annotations

import click

from macrostrike.cli import day
from macrostrike.cli.post import post_command

cli = post_command(
    """Pause the diamond, as a guardian or the owner.

    Settling and withdrawing stay possible.
    """,
    click.option("--yes", is_flag=True, help="Don't ask."),
)(day.pause)
