"""The alerts, as data: what is watched, from where it is too much, and for how long.

This one table is what the monitor evaluates, and what `monitoring/macrostrike.rules.yml` is written
from (`python -m tools.alert_rules --write`): both watch the same numbers by the same rule. An alert
begins when its condition has held for `hold` seconds, and ends when it has not for `keep` seconds.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from math import isnan

from macrostrike.monitor.samples import PREFIX

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
Labels = tuple[tuple[str, str], ...]
LAST = "100"
"""The window of rates and times: so many strikes or transactions, as the label says it."""
_ALL: Labels = (("model", "all"), ("window", LAST))
_LAST: Labels = (("window", LAST),)


class Severity(str, Enum):
    """How much an alert matters."""

    WARNING = "warning"
    CRITICAL = "critical"

    def __str__(self) -> str:
        return self.value


class Unit(Enum):
    """How a value is shown: by the monitor, and by Prometheus' templates."""

    PERCENT = ("percent", "{{ $value | humanizePercentage }}")
    SECONDS = ("seconds", "{{ $value | humanizeDuration }}")
    WEI = ("wei", "{{ $value | humanize }}wei")
    COUNT = ("count", "{{ $value }}")

    def __init__(self, word: str, template: str) -> None:
        self.word = word
        self.template = template

    def show(self, value: float) -> str:
        """A value in words."""
        if self is Unit.PERCENT:
            return f"{value:.2%}"
        if self is Unit.WEI:
            return f"{value / 1e9:,.6g} gwei" if value < 1e15 else f"{value / 1e18:.6g} ether"
        if self is Unit.SECONDS:
            return f"{value:.3f} s" if value < 10 else f"{value:.0f} s"
        return f"{value:g}"


@dataclass(frozen=True, slots=True)
class Term:
    """A metric against a threshold; or, with `absent`, that there is none.

    With `age` the metric is a time, and the seconds since then are compared.
    """

    metric: str
    compare: str
    threshold: float
    labels: Labels = ()
    age: bool = False
    absent: bool = False

    def holds(self, value: float, now: float) -> bool:
        """Whether a value of the metric meets the term."""
        return OPERATORS[self.compare](self.seen(value, now), self.threshold)

    def seen(self, value: float, now: float) -> float:
        """What is compared with the threshold."""
        return now - value if self.age else value

    def promql(self) -> str:
        """The term as Prometheus writes it."""
        matchers = ",".join(f'{name}="{value}"' for name, value in self.labels)
        series = PREFIX + self.metric + (f"{{{matchers}}}" if matchers else "")
        if self.absent:
            return f"absent({series})"
        seen = f"time() - {series}" if self.age else series
        return f"{seen} {self.compare} {self.threshold:.15g}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert.

    unless_few: a second term that must hold too, such as the minimum number behind a rate.
    hold, keep: seconds that it must be true before it fires, and false before it clears.
    summary: what is wrong, with `{value}` in it.
    remedy: what to do.
    """

    name: str
    severity: Severity
    when: Term
    hold: int
    keep: int
    summary: str
    remedy: str
    unit: Unit = Unit.COUNT
    unless_few: Term | None = None

    def promql(self) -> str:
        """The condition as Prometheus writes it."""
        guard = f" and {self.unless_few.promql()}" if self.unless_few else ""
        return self.when.promql() + guard

    def text(self, value: float) -> str:
        """The summary with the value that was seen."""
        return self.summary.format(value=self.unit.show(value))

    def shown(self, value: float) -> str:
        """A value of the series alone; NaN where there is none."""
        return "gone" if isnan(value) else self.unit.show(value)


MIN_STRIKES, MIN_TRANSACTIONS = 20, 50
"""Fewer than these say nothing of a rate: neither an alert nor a check judges by them."""
_ENOUGH_STRIKES = Term("window_strikes", ">=", MIN_STRIKES, _ALL)
_ENOUGH_SENT = Term("window_transactions", ">=", MIN_TRANSACTIONS, _LAST)

RULES: tuple[Rule, ...] = (
    Rule(
        "WinRateLow",
        Severity.WARNING,
        Term("win_ratio", "<", 0.90, _ALL),
        hold=60,
        keep=300,
        summary="win rate {value} over the last 100 strikes, under 90 %",
        remedy="compare the engine's confidence with the reliability diagram",
        unit=Unit.PERCENT,
        unless_few=_ENOUGH_STRIKES,
    ),
    Rule(
        "WinRateCritical",
        Severity.CRITICAL,
        Term("win_ratio", "<", 0.85, _ALL),
        hold=30,
        keep=300,
        summary="win rate {value} over the last 100 strikes, under 85 %",
        remedy="pause, or set the loop to reducing, before the chain's breaker halts it",
        unit=Unit.PERCENT,
        unless_few=_ENOUGH_STRIKES,
    ),
    Rule(
        "CapitalLoss",
        Severity.CRITICAL,
        Term("drawdown_ratio", ">", 0.10),
        hold=30,
        keep=300,
        summary="equity is {value} under its high-water mark, over 10 %",
        remedy="look at the open strikes; the owner resumes with `resume()` when it is understood",
        unit=Unit.PERCENT,
    ),
    Rule(
        "GasPriceHigh",
        Severity.WARNING,
        Term("gas_price_wei", ">", 200e9),
        hold=60,
        keep=120,
        summary="gas price {value}, over 200 gwei",
        remedy="compare gas with the average win: strikes may cost more than they earn",
        unit=Unit.WEI,
    ),
    Rule(
        "ErrorRateHigh",
        Severity.WARNING,
        Term("error_ratio", ">", 0.01, _LAST),
        hold=30,
        keep=300,
        summary="{value} of the last 100 transactions failed, target under 1 %",
        remedy="see the errors with `ape run journal export`, and the node's health",
        unit=Unit.PERCENT,
        unless_few=_ENOUGH_SENT,
    ),
    Rule(
        "ErrorRateCritical",
        Severity.CRITICAL,
        Term("error_ratio", ">", 0.02, _LAST),
        hold=30,
        keep=300,
        summary="{value} of the last 100 transactions failed, over 2 %",
        remedy="set the loop to reducing and run `ape run doctor`",
        unit=Unit.PERCENT,
        unless_few=_ENOUGH_SENT,
    ),
    Rule(
        "ExecutionSlow",
        Severity.WARNING,
        Term("execution_seconds", ">", 0.1, _LAST),
        hold=60,
        keep=300,
        summary="{value} from prediction to broadcast (median of the last 100), target 100 ms",
        remedy="see the stages of a transaction: journal, signature, or node",
        unit=Unit.SECONDS,
    ),
    Rule(
        "Halted",
        Severity.CRITICAL,
        Term("state", "==", 1, (("state", "halted"),)),
        hold=0,
        keep=30,
        summary="no new strike is opened until this is lifted",
        remedy="read the reason on the page; the owner resumes the chain's breaker",
    ),
    Rule(
        "TransactionStuck",
        Severity.CRITICAL,
        Term("transaction_oldest_seconds", ">", 120),
        hold=30,
        keep=60,
        summary="a transaction has waited {value} for its outcome",
        remedy="run `ape run doctor`: it replaces by fee, or explains",
        unit=Unit.SECONDS,
    ),
    Rule(
        "JournalBehind",
        Severity.WARNING,
        Term("blocks_behind", ">", 30),
        hold=60,
        keep=60,
        summary="the journal is {value} blocks behind the chain",
        remedy="check that the loop runs, or run `ape run journal sync`",
    ),
    Rule(
        "BooksDiffer",
        Severity.CRITICAL,
        Term("books_differences", ">", 0),
        hold=60,
        keep=60,
        summary="journal and chain differ in {value} figures",
        remedy="run `ape run journal verify`, and set the loop to reducing",
    ),
    Rule(
        "OperatorBalanceLow",
        Severity.WARNING,
        Term("operator_balance_wei", "<", 0.02e18),
        hold=60,
        keep=60,
        summary="an operator has {value} left for gas, under 0.02 ether",
        remedy="send ether to the operator",
        unit=Unit.WEI,
    ),
    Rule(
        "OperatorBudgetUsed",
        Severity.WARNING,
        Term("operator_budget_used_ratio", ">", 0.9),
        hold=60,
        keep=300,
        summary="an operator has used {value} of its daily budget",
        remedy="strikes are refused when it is used up; it refills over the day",
        unit=Unit.PERCENT,
    ),
    Rule(
        "HeartbeatMissing",
        Severity.CRITICAL,
        Term("heartbeat_timestamp_seconds", ">", 60, age=True),
        hold=30,
        keep=30,
        summary="no sign of a service for {value}: a loop that died, or figures that are old",
        remedy="see that its process runs, and that its node and the journal's database answer",
        unit=Unit.SECONDS,
    ),
    Rule(
        "MonitorDown",
        Severity.CRITICAL,
        Term("heartbeat_timestamp_seconds", "==", 1, (("service", "monitor"),), absent=True),
        hold=60,
        keep=30,
        summary="there are no figures: the monitor is down, or could never read the chain",
        remedy="start `ape run monitor`, and check the node that it is given",
    ),
)
"""Every alert, each with a name of its own."""
