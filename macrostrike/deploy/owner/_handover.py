"""Plans whose owner has no key here: what others send, and a file for the owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ape_diamond.owner import OwnerCall
from macrostrike.chain import Signer
from macrostrike.deploy.owner._asked import owner_calls
from macrostrike.deploy.owner._contracts import OwnerPlace
from macrostrike.deploy.run import Deployment, Keep, OnStep, cover, send_steps


def hand_over(
    deployment: Deployment,
    signers: Mapping[str, Signer],
    on_step: OnStep | None = None,
    keep: Keep | None = None,
) -> tuple[OwnerCall, ...]:
    """Sends what is not for the owner to send, and returns what is left for the owner to do.

    Raises as `complete`, but verifies nothing yet.
    """
    owner, plan = deployment.target.roles.owner, deployment.plan
    calls = owner_calls(plan.steps, owner)
    cover(deployment)
    others = tuple(step for step in plan.steps if step.sender != owner)
    send_steps(replace(deployment, plan=replace(plan, steps=others)), signers, on_step, keep)
    return calls


def place_of(deployment: Deployment) -> OwnerPlace:
    """The owner of a deployment's target."""
    return OwnerPlace(
        deployment.transport,
        deployment.target.roles.owner,
        deployment.plan.diamond,
        f"{deployment.name} on {deployment.network}",
    )
