"""Doing what a plan says, rehearsing it on a copy, and verifying the result."""

from __future__ import annotations

from macrostrike.deploy.run._deployment import (
    Compiled,
    Keep,
    complete,
    cover,
    give_what_is_lacking,
    inspect,
    planned_diamond,
    prepare,
    send_steps,
    with_fixtures,
)
from macrostrike.deploy.run._node import await_confirmed, await_mined
from macrostrike.deploy.run._proxy import ensure_proxy
from macrostrike.deploy.run._rehearsal import Rehearsal, rehearse
from macrostrike.deploy.run._solvency import solvency
from macrostrike.deploy.run._steps import OnStep, run_plan
from macrostrike.deploy.run._values import Deployed, Deployment
from macrostrike.deploy.run._verify import verify_state

__all__ = [
    "Compiled",
    "Deployed",
    "Deployment",
    "Keep",
    "OnStep",
    "Rehearsal",
    "await_confirmed",
    "await_mined",
    "complete",
    "cover",
    "ensure_proxy",
    "give_what_is_lacking",
    "inspect",
    "planned_diamond",
    "prepare",
    "rehearse",
    "run_plan",
    "send_steps",
    "solvency",
    "verify_state",
    "with_fixtures",
]
