"""One replay of a market, start to end, and its report as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from macrostrike.engine import Predictor
from macrostrike.market import Market
from macrostrike.replay._bootstrap import ASSUMPTIONS, bootstrap
from macrostrike.replay._collector import no_collector
from macrostrike.replay._costs import QUOTE, GasPrice
from macrostrike.replay._figures import Group
from macrostrike.replay._layout import Measured, Row, layout
from macrostrike.replay._policy import Policy
from macrostrike.replay._receipt import Receipt
from macrostrike.replay._replay import Replay, replay
from macrostrike.replay._scenario import Scenario
from macrostrike.replay._trials import read_trials, register
from macrostrike.replay._words import Basis, headline

_SEED = 1


@dataclass(frozen=True, slots=True)
class Report:
    """A replay of a market with all that is said of it."""

    basis: Basis
    rows: tuple[Row, ...]
    receipt: Receipt

    @property
    def headline(self) -> tuple[str, ...]:
        """The first lines."""
        return headline(self.basis)


@no_collector()
def report_of(done: Replay, registry: Path) -> Report:
    """What is to be said of a replay, which is entered in the registry of trials.

    Raises `TrialsBroken`.
    """
    run, found = done.run, done.figures
    daily = {day: group.net / QUOTE for day, group in found.by_day.items()}
    trials = register(registry, data=done.receipt.data, receipt=done.receipt.hash, daily=daily)
    basis = Basis(
        market=done.market,
        predictor=done.predictor,
        run=run,
        policy=done.policy,
        gas=done.gas,
        figures=found,
        bootstrap=bootstrap(found.by_day, seed=_SEED, quote=QUOTE),
        trials=trials,
        warm_up=done.warm_up,
    )
    measured = Measured(
        seconds=run.clocks.all,
        latencies=run.latencies,
        market_seconds=run.ended_at - run.started_at,
    )
    return Report(basis=basis, rows=layout(run.before, run.after, measured), receipt=done.receipt)


def replay_market(
    market: Market,
    predictor: Predictor,
    *,
    name: str,
    registry: Path,
    policy: Policy | None = None,
    gas: GasPrice | None = None,
    engine: Mapping[str, Any] | None = None,
    on_minute: Callable[[int, int], None] | None = None,
) -> Report:
    """Replays a market in process, and reports. As `replay` and `report_of`.

    registry: the file of trials that this one is entered in. `TrialsBroken` is raised before
    anything is run.
    """
    read_trials(registry)
    done = replay(
        market, predictor, name=name, policy=policy, gas=gas, engine=engine, on_minute=on_minute
    )
    return report_of(done, registry)


def document(
    report: Report,
    scenario: Scenario | None = None,
    on_anvil: Scenario | None = None,
    *,
    whole_seconds: float | None = None,
) -> dict[str, Any]:
    """The report for programs. Amounts in whole quote; `raw` has what must be exact, as text.

    on_anvil: the same scenario on a node.
    whole_seconds: processor time of all that the report took.
    """
    basis, run, found = report.basis, report.basis.run, report.basis.figures
    every = found.all
    initial, final = run.before.capital, run.after.capital
    return {
        "headline": list(report.headline),
        "market": basis.market.source,
        "is_made_up": basis.market.is_made_up,
        "predictor": basis.predictor,
        "strikes": every.trades,
        "wins": every.wins,
        "losses": every.trades - every.wins,
        "win_rate": every.win_rate,
        "target_win_rate": 0.93,
        "initial": initial / QUOTE,
        "final": final / QUOTE,
        "profit": (final - initial) / QUOTE,
        "return": (final - initial) / initial,
        "best": found.best / QUOTE,
        "worst": found.worst / QUOTE,
        "net_expectancy": every.expectancy,
        "net_expectancy_bps": every.expectancy_bps,
        "profit_factor": found.profit_factor,
        "drawdown": asdict(found.drawdown) | {"amount": found.drawdown.amount / QUOTE},
        "brier": found.brier,
        "brier_base": found.brier_base,
        "skill": found.skill,
        "by_signal": {str(key): _group(each) for key, each in found.by_signal.items()},
        "by_strategy": {str(key): _group(each) for key, each in found.by_strategy.items()},
        "by_market": {"ETH/USDC": _group(every)},
        "by_hour": {str(key): _group(each) for key, each in found.by_hour.items()},
        "calibration": [asdict(each) for each in found.bins],
        "costs": {key: value / QUOTE for key, value in _costs(report).items()},
        "gas": asdict(basis.gas),
        "policy": asdict(basis.policy),
        "projections": _projections(report),
        "refused": dict(run.refused),
        "halts": [asdict(each) for each in run.halts],
        "halt_policy": f"the owner resumes after {basis.policy.resume_after} s",
        "minutes": run.minutes,
        "strikes_per_s": run.strikes_per_second,
        "minutes_per_s": run.minutes_per_second,
        "seconds": asdict(run.clocks) | {"whole": whole_seconds},
        "trials": asdict(basis.trials),
        "receipt": asdict(report.receipt) | {"hash": report.receipt.hash},
        "raw": {"initial": str(initial), "final": str(final), "profit": str(final - initial)},
        "layout": _rows(report.rows),
        "scenario": None if scenario is None else _scenario(scenario),
        "scenario_on_anvil": None if on_anvil is None else _scenario(on_anvil),
    }


def _costs(report: Report) -> Mapping[str, int]:
    costs = report.basis.figures.costs
    return asdict(costs) | {"net": costs.net}


def _group(group: Group) -> dict[str, Any]:
    return {
        "trades": group.trades,
        "wins": group.wins,
        "win_rate": group.win_rate,
        "pnl": group.pnl / QUOTE,
        "net": group.net / QUOTE,
        "net_expectancy": group.expectancy,
        "net_expectancy_bps": group.expectancy_bps,
    }


def _projections(report: Report) -> dict[str, Any] | None:
    found = report.basis.bootstrap
    if found is None:
        return None
    return asdict(found) | {"assumptions": list(ASSUMPTIONS)}


def _scenario(scenario: Scenario) -> dict[str, Any]:
    stats = scenario.after.stats
    return {
        "strikes": stats.settled,
        "wins": stats.wins,
        "losses": stats.losses,
        "initial": scenario.before.capital / QUOTE,
        "final": scenario.after.capital / QUOTE,
        "profit": stats.pnl / QUOTE,
        "strikes_per_s": scenario.strikes_per_second,
        "seconds": scenario.measured.seconds,
        "layout": _rows(layout(scenario.before, scenario.after, scenario.measured)),
    }


def _rows(rows: Sequence[Row]) -> list[dict[str, str]]:
    return [asdict(row) for row in rows]
