"""`ape run stats`: the chain's own score."""

from __future__ import annotations

import click

from macrostrike.cli import day
from macrostrike.cli.post import post_command

cli = post_command(
    """Show the score as the chain keeps it.""",
    click.option("--model", "models", multiple=True, type=int, help="Calibration of this model."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
)(day.stats)
