"""`ape run doctor`: what is stuck, why, and the one safe act."""

from __future__ import annotations

import click

from macrostrike.cli import doctor
from macrostrike.cli.post import post_command

cli = post_command(
    """Say what is stuck and why: transactions, predictions, roles, oracles, clocks.

    With --act, do the one safe act: look for every receipt, and send the same signed bytes again.
    Exit code 1: something is stuck; 4: a transaction's outcome is unknown.
    """,
    click.option("--act", is_flag=True, help="Resolve what can be resolved safely."),
    click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON."),
)(doctor.run)
