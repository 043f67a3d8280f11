"""Replay: market history, or a script, through the very same bytecode and client as live trading.

scenario = run_scenario(RevmTransport(), reference_script())
print(scenario.after.stats)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.replay._bootstrap import Bootstrap, bootstrap
    from macrostrike.replay._collector import no_collector
    from macrostrike.replay._costs import Costs, GasPrice
    from macrostrike.replay._driver import MarketDriver, pool_price
    from macrostrike.replay._engines import EngineSettings, Kind, NoiseEngine
    from macrostrike.replay._figures import Figures, Group, figures
    from macrostrike.replay._layout import Measured, Row, layout
    from macrostrike.replay._leaks import Leak, find_leaks
    from macrostrike.replay._policy import Policy
    from macrostrike.replay._pool import FullRange, NoSuchPrice
    from macrostrike.replay._receipt import Receipt, differences
    from macrostrike.replay._replay import Replay, replay
    from macrostrike.replay._report import Report, document, replay_market, report_of
    from macrostrike.replay._scenario import Scenario, ScenarioFailed, run_scenario
    from macrostrike.replay._score import Score, read_score
    from macrostrike.replay._script import Outcome, reference_script
    from macrostrike.replay._stage import EngineKey, Stage, set_stage
    from macrostrike.replay._swaps import read_swaps
    from macrostrike.replay._terminal import print_report, print_scenario
    from macrostrike.replay._trades import Leg, Trade
    from macrostrike.replay._trading import Halt, MarketRun, run_market
    from macrostrike.replay._trials import (
        TRIALS,
        Trial,
        Trials,
        TrialsBroken,
        deflated_sharpe,
        enter,
        overfitting,
        read_trials,
        register,
    )
    from macrostrike.replay.page import render_page

__all__ = [
    "TRIALS",
    "Bootstrap",
    "Costs",
    "EngineKey",
    "EngineSettings",
    "Figures",
    "FullRange",
    "GasPrice",
    "Group",
    "Halt",
    "Kind",
    "Leak",
    "Leg",
    "MarketDriver",
    "MarketRun",
    "Measured",
    "NoSuchPrice",
    "NoiseEngine",
    "Outcome",
    "Policy",
    "Receipt",
    "Replay",
    "Report",
    "Row",
    "Scenario",
    "ScenarioFailed",
    "Score",
    "Stage",
    "Trade",
    "Trial",
    "Trials",
    "TrialsBroken",
    "bootstrap",
    "deflated_sharpe",
    "differences",
    "document",
    "enter",
    "figures",
    "find_leaks",
    "layout",
    "no_collector",
    "overfitting",
    "pool_price",
    "print_report",
    "print_scenario",
    "read_score",
    "read_swaps",
    "read_trials",
    "reference_script",
    "register",
    "render_page",
    "replay",
    "replay_market",
    "report_of",
    "run_market",
    "run_scenario",
    "set_stage",
]

_MODULES = {
    "._bootstrap": (
        "Bootstrap",
        "bootstrap",
    ),
    "._collector": ("no_collector",),
    "._costs": (
        "Costs",
        "GasPrice",
    ),
    "._driver": (
        "MarketDriver",
        "overfitting",
        "pool_price",
    ),
    "._engines": (
        "EngineSettings",
        "Kind",
        "NoiseEngine",
    ),
    "._figures": (
        "Figures",
        "Group",
        "figures",
    ),
    "._layout": (
        "Measured",
        "Row",
        "layout",
    ),
    "._leaks": (
        "Leak",
        "find_leaks",
    ),
    "._pool": (
        "FullRange",
        "NoSuchPrice",
    ),
    "._receipt": (
        "Receipt",
        "differences",
    ),
    "._policy": ("Policy",),
    "._replay": (
        "Replay",
        "replay",
    ),
    "._report": (
        "Report",
        "document",
        "enter",
        "replay_market",
        "report_of",
    ),
    "._scenario": (
        "Scenario",
        "ScenarioFailed",
        "run_scenario",
    ),
    "._score": (
        "Score",
        "read_score",
    ),
    "._script": (
        "Outcome",
        "reference_script",
    ),
    "._stage": (
        "EngineKey",
        "Stage",
        "set_stage",
    ),
    "._swaps": ("read_swaps",),
    "._terminal": (
        "print_report",
        "print_scenario",
    ),
    "._trades": (
        "Leg",
        "Trade",
    ),
    "._trading": (
        "Halt",
        "MarketRun",
        "run_market",
    ),
    "._trials": (
        "TRIALS",
        "Trial",
        "Trials",
        "TrialsBroken",
        "deflated_sharpe",
        "enter",
        "overfitting",
        "read_trials",
        "register",
    ),
    ".page": ("render_page",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
