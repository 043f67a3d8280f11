"""Deploying: a target as data, a plan computed from it, its execution, and the proof.

    target -> plan -> run -> verify -> manifest

Everything runs on any transport. `macrostrike.cli.networks` alone knows Ape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.deploy.owner import (
        OperationState,
        OwnerCall,
        OwnerKind,
        Safe,
        SafeTransaction,
        Timelock,
        TimelockOperation,
        operation_state,
        owner_calls,
        owner_kind,
        read_safe,
        read_timelock,
        safe_batch,
        safe_transaction,
        timelock_operation,
    )
    from macrostrike.deploy.plan import Check, PinnedPlan, Pinning, Plan, Step, make_plan, pin
    from macrostrike.deploy.run import (
        Deployed,
        Deployment,
        Rehearsal,
        complete,
        inspect,
        prepare,
        rehearse,
        run_plan,
        verify_state,
    )
    from macrostrike.deploy.state.read import read_state
    from macrostrike.deploy.target import Target, load_target, parse_target
    from macrostrike.errors.deploying import (
        CannotPlan,
        DeployError,
        EtherMissing,
        LayoutBroken,
        LayoutUnknown,
        ManifestElsewhere,
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
    "ManifestElsewhere",
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
    ".owner": (
        "OperationState",
        "OwnerCall",
        "OwnerKind",
        "Safe",
        "SafeTransaction",
        "Timelock",
        "TimelockOperation",
        "operation_state",
        "owner_calls",
        "owner_kind",
        "read_safe",
        "read_timelock",
        "safe_batch",
        "safe_transaction",
        "timelock_operation",
    ),
    ".plan": (
        "Check",
        "PinnedPlan",
        "Pinning",
        "Plan",
        "Step",
        "make_plan",
        "pin",
    ),
    ".run": (
        "Deployed",
        "Deployment",
        "Rehearsal",
        "complete",
        "inspect",
        "prepare",
        "rehearse",
        "run_plan",
        "verify_state",
    ),
    ".state.read": ("read_state",),
    ".target": (
        "Target",
        "load_target",
        "parse_target",
    ),
    "macrostrike.errors.deploying": (
        "CannotPlan",
        "DeployError",
        "EtherMissing",
        "LayoutBroken",
        "LayoutUnknown",
        "ManifestElsewhere",
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
