"""Sweeps: many replays of one market in processes of their own, and what the best is worth.

    plan = read_plan("sweep.yaml")
    results = run_sweep(market, plan, folder, registry=folder / "trials.jsonl")
    sweep = judge(plan, market, results, registry)

Needs the extra `research`: Dask, pyarrow, ffn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.replay.sweep._judge import Fold, Sweep, judge, sweep_document
    from macrostrike.replay.sweep._plan import Plan, PlanInvalid, Settings, parse_plan, read_plan
    from macrostrike.replay.sweep._results import Result, write_parquet
    from macrostrike.replay.sweep._run import IN_PROCESS, run_sweep
    from macrostrike.replay.sweep._tables import print_sweep

__all__ = [
    "IN_PROCESS",
    "Fold",
    "Plan",
    "PlanInvalid",
    "Result",
    "Settings",
    "Sweep",
    "judge",
    "parse_plan",
    "print_sweep",
    "read_plan",
    "run_sweep",
    "sweep_document",
    "write_parquet",
]

_MODULES = {
    "._judge": ("Fold", "Sweep", "judge", "sweep_document"),
    "._plan": ("Plan", "PlanInvalid", "Settings", "parse_plan", "read_plan"),
    "._results": ("Result", "write_parquet"),
    "._run": ("IN_PROCESS", "run_sweep"),
    "._tables": ("print_sweep",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
