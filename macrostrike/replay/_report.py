"""One replay of a market, start to end, and its report as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from macrostrike.chain import RevmTransport
from macrostrike.deploy.target import Target, load_target
from macrostrike.engine import Predictor
from macrostrike.market import Market
from macrostrike.replay._bootstrap import ASSUMPTIONS, bootstrap
from macrostrike.replay._costs import GasPrice
from macrostrike.replay._driver import MarketDriver, full_range_liquidity
from macrostrike.replay._figures import QUOTE, Figures, Group, figures
from macrostrike.replay._layout import Measured, Row, layout
from macrostrike.replay._receipt import Receipt, receipt_of
from macrostrike.replay._scenario import Scenario
from macrostrike.replay._stage import set_stage
from macrostrike.replay._trading import Policy, run_market
from macrostrike.replay._trials import Trials, read_trials, register
from macrostrike.replay._words import Basis, headline
from macrostrike.types import BPS, Strategy

DEPTH = Decimal(56_000_000)
"""Quote in the pool where no liquidity is recorded: 1 % of price for about $281,000."""

_OWN_DEPTH = 1000  # quote: what stays in the pool whatever is recorded
_SETUP_SECONDS = 3600  # of the chain's time, before the first bar
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


def replay_market(
    market: Market,
    predictor: Predictor,
    *,
    name: str,
    policy: Policy | None = None,
    gas: GasPrice | None = None,
    registry: Path | None = None,
    on_minute: Callable[[int, int], None] | None = None,
) -> Report:
    """Replays a market in process.

    name: the predictor's, in words.
    registry: the file of trials that this one is entered in.

    Raises `TrialsBroken`, before anything is run.
    """
    if registry is not None:
        read_trials(registry)
    policy, gas, bars = policy or Policy(), gas or GasPrice(0.05), market.bars
    stage = set_stage(
        RevmTransport(timestamp=bars[0].timestamp - _SETUP_SECONDS),
        target=_target(policy.size),
        price=bars[0].open,
        depth=_OWN_DEPTH,
    )
    driver = MarketDriver(stage, full_range_liquidity(DEPTH, bars[0].open))
    run = run_market(driver, predictor, bars, policy, on_minute)
    found = figures(run.trades, initial=run.before.capital, started_at=run.started_at, gas=gas)
    parameters = {"predictor": name, "gas_gwei": gas.gwei, **asdict(policy)}
    receipt = receipt_of(
        stage=stage,
        bars=bars[: run.minutes],
        parameters=parameters,
        score=run.after,
        trades=run.trades,
    )
    basis = Basis(
        market=market,
        predictor=name,
        run=run,
        policy=policy,
        gas=gas,
        figures=found,
        bootstrap=bootstrap(found.by_day, seed=_SEED, quote=QUOTE),
        trials=None if registry is None else _entered(registry, receipt, found),
    )
    clocks = run.clocks
    measured = Measured(
        seconds=clocks.market + clocks.engine + clocks.strikes,
        latencies=run.latencies,
        market_seconds=run.ended_at - run.started_at,
    )
    return Report(basis=basis, rows=layout(run.before, run.after, measured), receipt=receipt)


def _target(size: float) -> Target:
    """`local`, its bots' shares times `size`."""
    target = load_target("local")
    fleet = target.fleet
    strategies = {
        str(strategy): tuple(
            bot.model_copy(update={"risk_bps": min(max(round(bot.risk_bps * size), 1), BPS)})
            for bot in getattr(fleet.strategies, str(strategy))
        )
        for strategy in Strategy
    }
    sized = fleet.strategies.model_copy(update=strategies)
    return target.model_copy(update={"fleet": fleet.model_copy(update={"strategies": sized})})


def _entered(registry: Path, receipt: Receipt, found: Figures) -> Trials:
    daily = [day.net / QUOTE for day in found.by_day.values()]
    return register(registry, data=receipt.data, receipt=receipt.hash, daily=daily)


def document(report: Report, scenario: Scenario | None = None) -> dict[str, Any]:
    """The report for programs. Amounts in whole quote; `raw` has what must be exact, as text."""
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
        "gas_gwei": basis.gas.gwei,
        "projections": _projections(report),
        "refused": dict(run.refused),
        "halts": [asdict(each) for each in run.halts],
        "halt_policy": f"the owner resumes after {basis.policy.resume_after} s",
        "minutes": run.minutes,
        "strikes_per_s": run.strikes_per_second,
        "minutes_per_s": run.minutes_per_second,
        "seconds": asdict(run.clocks),
        "trials": None if basis.trials is None else asdict(basis.trials),
        "receipt": asdict(report.receipt) | {"hash": report.receipt.hash},
        "raw": {"initial": str(initial), "final": str(final), "profit": str(final - initial)},
        "layout": _rows(report.rows),
        "scenario": None if scenario is None else _scenario(scenario),
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
        "layout": _rows(layout(scenario.before, scenario.after, scenario.measured)),
    }


def _rows(rows: Sequence[Row]) -> list[dict[str, str]]:
    return [asdict(row) for row in rows]
