"""`ape run initialize`: fleet, capital, markets and roles of a diamond that is there."""

from __future__ import annotations

from macrostrike.cli.networks import deployment_command

cli = deployment_command(
    """Set up a deployed diamond as its target says.

    What `ape run deploy` does once the diamond is created: the 25 bots and their capital,
    inventory, markets, roles and limits; what is so already is left alone. Creates no diamond.
    """,
    upgrade=False,
    creates=False,
)
