"""`ape run intake`: takes signed predictions by HTTP, for the loop to strike."""

from __future__ import annotations

import click

from macrostrike.cli import intakes
from macrostrike.cli.post import post_command

HOST, PORT = "127.0.0.1", 9465

cli = post_command(
    """Take signed predictions by HTTP, and record them for the loop to strike.

    Holds no key. Say `--without-engine` to the loop that is to strike these alone.
    """,
    click.option("--host", default=HOST, show_default=True, help="Where to listen."),
    click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535)),
    click.option(
        "--per-second",
        default=20.0,
        show_default=True,
        type=click.FloatRange(min=0, min_open=True),
        help="Predictions of one engine, on average.",
    ),
    click.option(
        "--burst",
        default=50,
        show_default=True,
        type=click.IntRange(min=1),
        help="Predictions of one engine at once.",
    ),
)(intakes.serve)
