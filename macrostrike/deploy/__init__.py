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
        LayoutBroken,
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
    from macrostrike.deploy._owner_calls import OwnerCall
    from macrostrike.deploy.abis import MergedAbi, NamedAbi, merge_abis, read_abis
    from macrostrike.deploy.checks import Check
    from macrostrike.deploy.deployment import Deployed, Deployment, complete, inspect, prepare
    from macrostrike.deploy.governance import OwnerKind, owner_calls, owner_kind
    from macrostrike.deploy.history import Cut, cut_history, history_faults, rebuild_functions
    from macrostrike.deploy.layout import (
        Layout,
        LayoutFault,
        compare_layouts,
        load_layout,
        require_compatible,
    )
    from macrostrike.deploy.local import World, deploy_world
    from macrostrike.deploy.loupe import DiamondView, FacetView, inspect_diamond
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
    from macrostrike.deploy.venues import Fixtures, Venues, deploy_venues
    from macrostrike.deploy.verify import verify_state

__all__ = [
    "CannotPlan",
    "Check",
    "Cut",
    "DeployError",
    "Deployed",
    "Deployment",
    "DiamondView",
    "FacetView",
    "Fixtures",
    "Layout",
    "LayoutBroken",
    "LayoutFault",
    "MergedAbi",
    "NamedAbi",
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
    "Venues",
    "VerificationFailed",
    "World",
    "compare_layouts",
    "complete",
    "cut_history",
    "deploy_venues",
    "deploy_world",
    "history_faults",
    "inspect",
    "inspect_diamond",
    "load_layout",
    "load_target",
    "make_plan",
    "merge_abis",
    "operation_state",
    "owner_calls",
    "owner_kind",
    "parse_target",
    "pin",
    "prepare",
    "read_abis",
    "read_safe",
    "read_state",
    "read_timelock",
    "rebuild_functions",
    "rehearse",
    "require_compatible",
    "run_plan",
    "safe_batch",
    "safe_transaction",
    "timelock_operation",
    "verify_state",
]

_MODULES = {
    "._errors": (
        "CannotPlan",
        "DeployError",
        "LayoutBroken",
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
    "._owner_calls": ("OwnerCall",),
    ".abis": ("MergedAbi", "NamedAbi", "merge_abis", "read_abis"),
    ".checks": ("Check",),
    ".deployment": ("Deployed", "Deployment", "complete", "inspect", "prepare"),
    ".governance": ("OwnerKind", "owner_calls", "owner_kind"),
    ".history": ("Cut", "cut_history", "history_faults", "rebuild_functions"),
    ".layout": (
        "Layout",
        "LayoutFault",
        "compare_layouts",
        "load_layout",
        "require_compatible",
    ),
    ".local": ("World", "deploy_world"),
    ".loupe": ("DiamondView", "FacetView", "inspect_diamond"),
    ".plan": ("Plan", "Step", "make_plan"),
    ".planfile": ("PinnedPlan", "Pinning", "pin"),
    ".rehearsal": ("Rehearsal", "rehearse"),
    ".run": ("run_plan",),
    ".safe": ("Safe", "SafeTransaction", "read_safe", "safe_batch", "safe_transaction"),
    ".state": ("read_state",),
    ".target": ("Target", "load_target", "parse_target"),
    ".timelock": (
        "OperationState",
        "Timelock",
        "TimelockOperation",
        "operation_state",
        "read_timelock",
        "timelock_operation",
    ),
    ".venues": ("Fixtures", "Venues", "deploy_venues"),
    ".verify": ("verify_state",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
