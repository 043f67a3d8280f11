"""Each kind of alert, planted: it fires once when its condition begins, and clears once when it
ends. Below the threshold, for too short a time, or with too few behind it, it doesn't fire."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from macrostrike.monitor.alerts import CLEARED, FIRING, AlertChange, AlertWatch
from macrostrike.monitor.rules import RULES, Severity
from macrostrike.monitor.samples import METRICS, Sample

STEP = 5
"""Seconds between looks."""


@dataclass(frozen=True)
class Planted:
    """A condition: values on both sides of the threshold, and how long it takes."""

    name: str
    fine: float
    beyond: float
    hold: int
    keep: int
    severity: Severity
    metric: str
    labels: tuple[str, ...] = ()
    guard: tuple[str, tuple[str, ...], float, float] | None = None

    def samples(self, value: float, *, enough: bool = True) -> list[Sample]:
        found = [Sample(self.metric, value, self.labels)]
        if self.guard:
            name, labels, minimum, few = self.guard
            found.append(Sample(name, minimum if enough else few, labels))
        return found


WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
ALL, LAST = ("all", "100"), ("100",)
FEW_STRIKES = ("window_strikes", ALL, 20.0, 19.0)
FEW_SENT = ("window_transactions", LAST, 50.0, 49.0)
GWEI = 1e9
PLANTED = [
    Planted("WinRateLow", 0.90, 0.899, 60, 300, WARNING, "win_ratio", ALL, FEW_STRIKES),
    Planted("WinRateCritical", 0.85, 0.849, 30, 300, CRITICAL, "win_ratio", ALL, FEW_STRIKES),
    Planted("CapitalLoss", 0.10, 0.1001, 30, 300, CRITICAL, "drawdown_ratio"),
    Planted("GasPriceHigh", 200 * GWEI, 201 * GWEI, 60, 120, WARNING, "gas_price_wei"),
    Planted("ErrorRateHigh", 0.01, 0.011, 30, 300, WARNING, "error_ratio", LAST, FEW_SENT),
    Planted("ErrorRateCritical", 0.02, 0.021, 30, 300, CRITICAL, "error_ratio", LAST, FEW_SENT),
    Planted("ExecutionSlow", 0.1, 0.101, 60, 300, WARNING, "execution_seconds", LAST),
    Planted("Halted", 0, 1, 0, 30, CRITICAL, "state", ("halted",)),
    Planted("TransactionStuck", 120, 121, 30, 60, CRITICAL, "transaction_oldest_seconds"),
    Planted("JournalBehind", 30, 31, 60, 60, WARNING, "blocks_behind"),
    Planted("BooksDiffer", 0, 1, 60, 60, CRITICAL, "books_differences"),
    Planted("OperatorBalanceLow", 2e16, 1.9e16, 60, 60, WARNING, "operator_balance_wei", ("0",)),
    Planted(
        "OperatorBudgetUsed", 0.9, 0.91, 60, 300, WARNING, "operator_budget_used_ratio", ("1",)
    ),
]
each = pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)


def looks(
    watch: AlertWatch, samples: Iterable[Sample], start: int, seconds: int
) -> list[AlertChange]:
    """What changes while the same samples are seen for so long, both ends included."""
    samples = list(samples)
    return [c for at in range(start, start + seconds + 1, STEP) for c in watch.look(samples, at)]


def reported(changes: Iterable[AlertChange], rule: str) -> list[tuple[str, float]]:
    """Status and time of one rule's changes."""
    own = (c for c in changes if c.alert.key.partition("{")[0] == rule)
    return [(change.status, change.at) for change in own]


@each
def test_fires_once_and_clears_once(planted: Planted) -> None:
    watch = AlertWatch()
    changes = looks(watch, planted.samples(planted.fine), 0, 995)
    assert reported(changes, planted.name) == []

    changes = looks(watch, planted.samples(planted.beyond), 1000, 995)
    assert reported(changes, planted.name) == [(FIRING, 1000 + planted.hold)]
    firing = next(a for a in watch.firing if a.key.startswith(planted.name))
    assert firing.severity is planted.severity
    assert firing.remedy

    changes = looks(watch, planted.samples(planted.fine), 2000, 995)
    assert reported(changes, planted.name) == [(CLEARED, 2000 + planted.keep)]
    assert all(not a.key.startswith(planted.name) for a in watch.firing)


@each
def test_too_short_a_time_does_not_fire(planted: Planted) -> None:
    watch, changes = AlertWatch(), []
    for at in range(0, 1000, STEP):
        # Beyond for one look less than needed, then fine for one.
        is_fine = planted.hold == 0 or at % planted.hold == 0
        value = planted.fine if is_fine else planted.beyond
        changes += watch.look(planted.samples(value), at)
    assert reported(changes, planted.name) == []


@each
def test_a_value_that_goes_to_and_fro_is_said_once(planted: Planted) -> None:
    watch, changes = AlertWatch(), []
    changes += looks(watch, planted.samples(planted.beyond), 0, 100)
    for at in range(105, 2000, STEP):
        value = planted.beyond if at % planted.keep == 0 else planted.fine
        changes += watch.look(planted.samples(value), at)
    assert reported(changes, planted.name) == [(FIRING, planted.hold)]


@pytest.mark.parametrize(
    "planted", [p for p in PLANTED if p.guard], ids=lambda planted: planted.name
)
def test_too_few_behind_a_rate_do_not_fire(planted: Planted) -> None:
    watch = AlertWatch()
    changes = looks(watch, planted.samples(planted.beyond, enough=False), 0, 1000)
    assert reported(changes, planted.name) == []


def test_a_heartbeat_that_stops_fires_once_and_clears_once() -> None:
    watch = AlertWatch()
    beating = [c for at in range(0, 1000, STEP) for c in watch.look(heartbeat(at), at)]
    assert beating == []
    stopped = looks(watch, heartbeat(995), 1000, 995)
    # Over 60 s old at 1060, and so for 30 s.
    assert reported(stopped, "HeartbeatMissing") == [(FIRING, 1090)]
    again = [c for at in range(2000, 3000, STEP) for c in watch.look(heartbeat(at), at)]
    assert reported(again, "HeartbeatMissing") == [(CLEARED, 2030)]


def test_no_figures_at_all_fire_once_and_clear_once() -> None:
    watch = AlertWatch()
    nothing = looks(watch, [], 0, 500)
    assert reported(nothing, "MonitorDown") == [(FIRING, 60)]
    there = [c for at in range(505, 1000, STEP) for c in watch.look(heartbeat(at), at)]
    assert reported(there, "MonitorDown") == [(CLEARED, 535)]


def test_every_rule_is_planted_here() -> None:
    names = {planted.name for planted in PLANTED} | {"HeartbeatMissing", "MonitorDown"}
    assert names == {rule.name for rule in RULES}
    assert len(RULES) == len(names)


def test_a_restart_says_nothing_twice() -> None:
    planted = PLANTED[0]
    before = AlertWatch()
    looks(before, [*planted.samples(planted.beyond), *heartbeat(100)], 0, 100)
    assert [alert.key for alert in before.firing] == ["WinRateLow"]

    after = AlertWatch(firing=before.firing)
    seen = looks(after, [*planted.samples(planted.beyond), *heartbeat(700)], 200, 500)
    assert seen == []
    assert after.firing == before.firing
    cleared = looks(after, planted.samples(planted.fine), 705, 400)
    assert reported(cleared, "WinRateLow") == [(CLEARED, 1005)]


def test_each_operator_has_an_alert_of_its_own() -> None:
    watch = AlertWatch()
    low = [
        Sample("operator_balance_wei", 1e15, ("0",)),
        Sample("operator_balance_wei", 1e15, ("1",)),
    ]
    looks(watch, [*low, *heartbeat(60)], 0, 60)
    keys = [alert.key for alert in watch.firing]
    assert keys == ['OperatorBalanceLow{operator="0"}', 'OperatorBalanceLow{operator="1"}']

    # One is filled up, the other is no longer there.
    changes = looks(watch, [Sample("operator_balance_wei", 1e18, ("0",)), *heartbeat(65)], 65, 120)
    assert reported(changes, "OperatorBalanceLow") == [(CLEARED, 125), (CLEARED, 125)]
    assert math.isnan(changes[1].value)


def test_a_firing_alert_says_the_value_of_now() -> None:
    """And while it is clearing, that it was over and what it is; none of that is reported."""
    watch = AlertWatch()
    stuck = [Sample("transaction_oldest_seconds", 121, ()), *heartbeat(30)]
    assert [c.alert.text for c in looks(watch, stuck, 0, 30)] == [
        "a transaction has waited 121 s for its outcome"
    ]
    older = [Sample("transaction_oldest_seconds", 500, ()), *heartbeat(35)]
    assert watch.look(older, 35) == []
    (alert,) = watch.firing
    assert (alert.since, alert.value) == (30, 500)
    assert alert.text == "a transaction has waited 500 s for its outcome"

    assert watch.look([Sample("transaction_oldest_seconds", 3, ()), *heartbeat(40)], 40) == []
    over = "a transaction has waited 500 s for its outcome; now 3.000 s, clearing"
    assert watch.firing[0].text == over
    assert watch.look(heartbeat(45), 45) == []
    assert watch.firing[0].text.endswith("; now gone, clearing")


def test_critical_alerts_come_first() -> None:
    watch = AlertWatch()
    samples = [Sample("win_ratio", 0.8, ALL), Sample("window_strikes", 100, ALL)]
    looks(watch, [*samples, *heartbeat(100)], 0, 100)
    assert [alert.key for alert in watch.firing] == ["WinRateCritical", "WinRateLow"]
    assert watch.firing[0].text == "win rate 80.00% over the last 100 strikes, under 85 %"


def test_rules_watch_metrics_that_exist() -> None:
    for rule in RULES:
        for term in filter(None, (rule.when, rule.unless_few)):
            names = {name for name, _ in term.labels}
            assert names <= set(METRICS[term.metric].labels)


def heartbeat(at: float) -> list[Sample]:
    return [Sample("heartbeat_timestamp_seconds", at, ("monitor",))]
