"""`ape run strike`: one prediction by hand."""

from __future__ import annotations

import click

from macrostrike.cli import day
from macrostrike.cli.post import post_command

cli = post_command(
    """Sign one prediction, and strike it.

    Journaled like the loop's. Exit code 1: refused, with the gate's error; 4: sent, and no outcome
    is known.
    """,
    click.argument("signal", type=click.Choice(list(day.SIGNALS), case_sensitive=False)),
    click.option("--confidence-bps", default=9500, show_default=True, help="9300 is 93 %."),
    click.option("--horizon", default=3600, show_default=True, help="Seconds until it is due."),
    click.option("--take-profit-bps", default=30, show_default=True),
    click.option("--stop-loss-bps", default=200, show_default=True),
    click.option(
        "--strategy",
        "strategies",
        multiple=True,
        type=click.Choice(list(day.STRATEGIES), case_sensitive=False),
        help="Whose bots may take part; by default all.",
    ),
    click.option("--model-id", default=0, show_default=True),
    click.option("--market", default=0, show_default=True),
    click.option("--engine", help="Account of Ape's that signs; by default the local engine's."),
    click.option("--dry-run", is_flag=True, help="Quote it, and send nothing."),
)(day.strike)
