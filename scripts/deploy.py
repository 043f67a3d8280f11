"""`ape run deploy`: brings a chain to its target state, and proves it."""

from __future__ import annotations

from macrostrike.cli.networks import deployment_command

cli = deployment_command(
    """Deploy the diamond, or fix what differs from the target.

    Rehearses the plan on a copy of the chain and shows it, applies it, checks every part of the
    target on chain and writes the manifest. On a chain that is as the target says, nothing is sent.
    """,
    upgrade=False,
)
