"""`ape run upgrade`: replaces the facets that changed, and nothing else."""

from __future__ import annotations

from macrostrike.cli.networks import deployment_command

cli = deployment_command(
    """Cut into a deployed diamond what differs from the contracts that were compiled.

    Facets whose code changed are deployed, and their functions changed in one cut: removals first.
    Functions that are not where the manifest has them are refused. Then as `ape run deploy`.
    """,
    upgrade=True,
)
