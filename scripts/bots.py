"""`ape run bots`: the 25 bots."""

from __future__ import annotations

import click

from macrostrike.cli import day
from macrostrike.cli.post import post_command

cli = post_command(
    """Show the 25 bots: equity, open strikes, limits.""",
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
)(day.bots)
