"""`ape run revoke`: takes a role away."""

from __future__ import annotations

import click

from macrostrike.cli import day
from macrostrike.cli.post import post_command

cli = post_command(
    """Revoke an operator or an engine, as a guardian or the owner.""",
    click.argument("role", type=click.Choice(["operator", "engine"])),
    click.argument("address"),
    click.option("--yes", is_flag=True, help="Don't ask."),
)(day.revoke)
