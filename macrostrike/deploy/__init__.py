"""Deploying: a target as data, a plan computed from it, its execution, and the proof.

    target -> plan -> run -> verify -> manifest

Everything runs on any transport. `macrostrike.deploy.apply` alone knows Ape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.deploy._errors import (
        CannotPlan,
        DeployError,
        NotLocal,
        PackageMissing,
        PriceOutOfReach,
        StepFailed,
        TargetInvalid,
        VerificationFailed,
    )
    from macrostrike.deploy.compare import Check
    from macrostrike.deploy.deployment import Deployed, Deployment, complete, inspect, prepare
    from macrostrike.deploy.local import World, deploy_world
    from macrostrike.deploy.plan import Plan, Step, make_plan
    from macrostrike.deploy.run import run_plan
    from macrostrike.deploy.state import read_state
    from macrostrike.deploy.target import Target, load_target, parse_target
    from macrostrike.deploy.venues import Fixtures, Venues, deploy_venues
    from macrostrike.deploy.verify import verify_state

__all__ = [
    "CannotPlan",
    "Check",
    "DeployError",
    "Deployed",
    "Deployment",
    "Fixtures",
    "NotLocal",
    "PackageMissing",
    "Plan",
    "PriceOutOfReach",
    "Step",
    "StepFailed",
    "Target",
    "TargetInvalid",
    "Venues",
    "VerificationFailed",
    "World",
    "complete",
    "deploy_venues",
    "deploy_world",
    "inspect",
    "load_target",
    "make_plan",
    "parse_target",
    "prepare",
    "read_state",
    "run_plan",
    "verify_state",
]

_MODULES = {
    "._errors": (
        "CannotPlan",
        "DeployError",
        "NotLocal",
        "PackageMissing",
        "PriceOutOfReach",
        "StepFailed",
        "TargetInvalid",
        "VerificationFailed",
    ),
    ".compare": ("Check",),
    ".deployment": ("Deployed", "Deployment", "complete", "inspect", "prepare"),
    ".local": ("World", "deploy_world"),
    ".plan": ("Plan", "Step", "make_plan"),
    ".run": ("run_plan",),
    ".state": ("read_state",),
    ".target": ("Target", "load_target", "parse_target"),
    ".venues": ("Fixtures", "Venues", "deploy_venues"),
    ".verify": ("verify_state",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
