"""What a deployment starts from, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field

from macrostrike.chain import Receipt, Transport
from macrostrike.deploy.plan import Build, Check, Plan
from macrostrike.deploy.state.snapshot import ChainState
from macrostrike.deploy.target import Target
from macrostrike.devchain import Venues
from macrostrike.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Deployment:
    """A target, the chain as it was found, and the plan that leads from one to the other.

    venues: the fixtures, on local chains whose target names some.
    deployed_at: the block that the diamond was created in; None where there is none yet.
    """

    transport: Transport
    target: Target
    state: ChainState
    plan: Plan
    network: str
    name: str
    deployed_at: int | None
    venues: Venues | None
    build: Build = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deployed:
    """The result of a deployment: its manifest, and the checks, all of them passed.

    What the plan withheld is not among them.
    """

    manifest: Manifest
    checks: tuple[Check, ...]
    receipts: tuple[Receipt, ...]
