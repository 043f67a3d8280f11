"""`ape run transfer-ownership`: hands the diamond to another owner, in two steps."""

from __future__ import annotations

import click

from macrostrike.cli.ownership import transfer_ownership
from macrostrike.cli.post import post_command

cli = post_command(
    """Offer the ownership to SUCCESSOR, as the owner; or accept it, as the successor.

    For a Safe or a timelock, on either side, the call is written to a file beside the manifest:
    a batch for the Safe's Transaction Builder, or the two transactions of the timelock.
    """,
    click.argument("successor", required=False),
    click.option("--accept", is_flag=True, help="Accept what was offered, as the successor."),
    click.option("--cancel", is_flag=True, help="Withdraw what was offered, as the owner."),
    click.option("--yes", is_flag=True, help="Don't ask."),
)(transfer_ownership)
