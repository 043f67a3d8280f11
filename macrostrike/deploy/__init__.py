"""Deploying: a target as data, a plan computed from it, its execution, and the proof.

    target -> plan -> run -> verify -> manifest

Everything runs on any transport. `macrostrike.cli.networks` alone knows Ape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.deploy._owner_calls import OwnerCall
    from macrostrike.deploy.checks import Check
    from macrostrike.deploy.deployment import Deployed, Deployment, complete, inspect, prepare
    from macrostrike.deploy.governance import OwnerKind, owner_calls, owner_kind
    from macrostrike.deploy.plan import Plan, Step, make_plan
    from macrostrike.deploy.planfile import PinnedPlan, Pinning, pin
    from macrostrike.deploy.rehearsal import Rehearsal, rehearse
    from macrostrike.deploy.run import run_plan
    from macrostrike.deploy.safe import (
        Safe,
        SafeTransaction,
        read_safe,
        safe_batch,
        safe_transaction,
    )
    from macrostrike.deploy.state import read_state
    from macrostrike.deploy.target import Target, load_target, parse_target
    from macrostrike.deploy.timelock import (
        OperationState,
        Timelock,
        TimelockOperation,
        operation_state,
        read_timelock,
        timelock_operation,
    )
    from macrostrike.deploy.verify import verify_state
    from macrostrike.errors.deploying import (
        CannotPlan,
        DeployError,
        EtherMissing,
        LayoutBroken,
        LayoutUnknown,
        NotADiamond,
        NotLocal,
        PackageMissing,
        PlanMismatch,
        PriceOutOfReach,
        SelectorConflict,
        SignaturesMissing,
        StepFailed,
        TargetInvalid,
        VerificationFailed,
    )

__all__ = [
    "CannotPlan",
    "Check",
    "DeployError",
    "Deployed",
    "Deployment",
    "EtherMissing",
    "LayoutBroken",
    "LayoutUnknown",
    "NotADiamond",
    "NotLocal",
    "OperationState",
    "OwnerCall",
    "OwnerKind",
    "PackageMissing",
    "PinnedPlan",
    "Pinning",
    "Plan",
    "PlanMismatch",
    "PriceOutOfReach",
    "Rehearsal",
    "Safe",
    "SafeTransaction",
    "SelectorConflict",
    "SignaturesMissing",
    "Step",
    "StepFailed",
    "Target",
    "TargetInvalid",
    "Timelock",
    "TimelockOperation",
    "VerificationFailed",
    "complete",
    "inspect",
    "load_target",
    "make_plan",
    "operation_state",
    "owner_calls",
    "owner_kind",
    "parse_target",
    "pin",
    "prepare",
    "read_safe",
    "read_state",
    "read_timelock",
    "rehearse",
    "run_plan",
    "safe_batch",
    "safe_transaction",
    "timelock_operation",
    "verify_state",
]

_MODULES = {
    "._owner_calls": ("OwnerCall",),
    ".checks": ("Check",),
    ".deployment": (
        "Deployed",
        "Deployment",
        "complete",
        "inspect",
        "prepare",
    ),
    ".governance": (
        "OwnerKind",
        "owner_calls",
        "owner_kind",
    ),
    ".plan": (
        "Plan",
        "Step",
        "make_plan",
    ),
    ".planfile": (
        "PinnedPlan",
        "Pinning",
        "pin",
    ),
    ".rehearsal": (
        "Rehearsal",
        "rehearse",
    ),
    ".run": ("run_plan",),
    ".safe": (
        "Safe",
        "SafeTransaction",
        "read_safe",
        "safe_batch",
        "safe_transaction",
    ),
    ".state": ("read_state",),
    ".target": (
        "Target",
        "load_target",
        "parse_target",
    ),
    ".timelock": (
        "OperationState",
        "Timelock",
        "TimelockOperation",
        "operation_state",
        "read_timelock",
        "timelock_operation",
    ),
    ".verify": ("verify_state",),
    "macrostrike.errors.deploying": (
        "CannotPlan",
        "DeployError",
        "EtherMissing",
        "LayoutBroken",
        "LayoutUnknown",
        "NotADiamond",
        "NotLocal",
        "PackageMissing",
        "PlanMismatch",
        "PriceOutOfReach",
        "SelectorConflict",
        "SignaturesMissing",
        "StepFailed",
        "TargetInvalid",
        "VerificationFailed",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
