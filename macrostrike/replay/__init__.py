"""Replay: market history, or a script, through the very same bytecode and client as live trading.

scenario = run_scenario(RevmTransport(), reference_script())
print(scenario.after.stats)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.replay._layout import Measured, Row, layout
    from macrostrike.replay._scenario import Scenario, ScenarioFailed, run_scenario
    from macrostrike.replay._score import Score, read_score
    from macrostrike.replay._script import Outcome, reference_script
    from macrostrike.replay._stage import Stage, set_stage
    from macrostrike.replay._terminal import print_scenario

__all__ = [
    "Measured",
    "Outcome",
    "Row",
    "Scenario",
    "ScenarioFailed",
    "Score",
    "Stage",
    "layout",
    "print_scenario",
    "read_score",
    "reference_script",
    "run_scenario",
    "set_stage",
]

_MODULES = {
    "._layout": ("Measured", "Row", "layout"),
    "._scenario": ("Scenario", "ScenarioFailed", "run_scenario"),
    "._score": ("Score", "read_score"),
    "._script": ("Outcome", "reference_script"),
    "._stage": ("Stage", "set_stage"),
    "._terminal": ("print_scenario",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
