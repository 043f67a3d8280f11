"""`ape run rebalance`: spreads the bots' free equity."""

from __future__ import annotations

import click

from macrostrike.cli import day
from macrostrike.cli.post import post_command

cli = post_command(
    """Spread the free equity over the bots, as the owner.

    By what each strategy has won, or by weights. An operator with that action may do it too.
    """,
    click.option("--weights", help="25 integers, with commas between them."),
    click.option("--yes", is_flag=True, help="Don't ask."),
)(day.rebalance)
