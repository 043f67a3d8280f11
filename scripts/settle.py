"""`ape run settle`: closes strikes by hand."""

from __future__ import annotations

import click

from macrostrike.cli import day
from macrostrike.cli.post import post_command

cli = post_command(
    """Settle open strikes, as the operator.""",
    click.argument("strike_ids", nargs=-1, type=click.IntRange(min=1)),
    click.option("--due", is_flag=True, help="Those that are due on chain."),
    click.option("--all", "all_open", is_flag=True, help="All that are open."),
)(day.settle)
