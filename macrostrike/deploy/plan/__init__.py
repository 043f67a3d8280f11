"""What differs and the steps that fix it: computed, without I/O."""

from __future__ import annotations

from macrostrike.deploy.plan._build import Build, Step
from macrostrike.deploy.plan._capital import missing_capital
from macrostrike.deploy.plan._checks import BOOKS, CONDITION, STRIKE, Check
from macrostrike.deploy.plan._compare import compare
from macrostrike.deploy.plan._facets import check_code, facet_address
from macrostrike.deploy.plan._file import Estimates, PinnedPlan, Pinning, pin
from macrostrike.deploy.plan._plan import Plan, cut_steps, make_plan

__all__ = [
    "BOOKS",
    "CONDITION",
    "STRIKE",
    "Build",
    "Check",
    "Estimates",
    "PinnedPlan",
    "Pinning",
    "Plan",
    "Step",
    "check_code",
    "compare",
    "cut_steps",
    "facet_address",
    "make_plan",
    "missing_capital",
    "pin",
]
