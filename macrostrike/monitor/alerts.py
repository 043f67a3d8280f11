"""Which alerts begin and end: each tells once that it fires, and once that it has cleared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from macrostrike.monitor.rules import RULES, Rule, Severity, Term
from macrostrike.monitor.samples import Sample

FIRING, CLEARED = "firing", "cleared"
_Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that is firing. `key` is its rule's name, with the labels that tell it from others.

    since: when it began to fire, Unix seconds by the monitor's clock.
    text: what is wrong, with the value as it is now.
    """

    key: str
    severity: Severity
    since: float
    value: float
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert that has begun, or ended. `value` is what was seen at that moment."""

    alert: Alert
    status: str
    at: float
    value: float


@dataclass(slots=True)
class _Course:
    """One condition over time. seen: its words when it was true last."""

    true_since: float | None = None
    false_since: float | None = None
    alert: Alert | None = None
    seen: str = ""

    def show(self, rule: Rule, value: float, *, is_true: bool) -> Alert | None:
        """Returns the alert, if it fires, with the value that is seen now."""
        if is_true:
            self.seen = rule.text(value)
        if self.alert is None:
            return None
        text = self.seen if is_true else f"{self.seen}; now {rule.shown(value)}, clearing"
        self.alert = replace(self.alert, value=value, text=text)
        return self.alert


class AlertWatch:
    """Looks at samples again and again, and answers what has changed.

    As Prometheus does: a rule fires when its condition was true at every look for `hold` seconds,
    and clears when it was false at every look for `keep` seconds. A series that is missing is
    false. One that fired before a restart is given in `firing`: it is not reported again.
    """

    def __init__(self, rules: Sequence[Rule] = RULES, firing: Iterable[Alert] = ()) -> None:
        self._rules = tuple(rules)
        self._courses = {each.key: _Course(alert=each, seen=each.text) for each in firing}

    @property
    def firing(self) -> tuple[Alert, ...]:
        """Alerts that fire now, the critical ones first, then by their age."""
        alerts = [course.alert for course in self._courses.values() if course.alert]
        return tuple(sorted(alerts, key=lambda a: (a.severity is Severity.WARNING, a.since, a.key)))

    def look(self, samples: Iterable[Sample], now: float) -> list[AlertChange]:
        """What begins and ends with these samples, at `now` (Unix seconds)."""
        by_name: dict[str, list[Sample]] = {}
        for sample in samples:
            by_name.setdefault(sample.name, []).append(sample)
        changes, seen = [], set()
        for rule in self._rules:
            for key, value, is_true in _observed(by_name, rule, now):
                seen.add(key)
                changes += self._step(rule, key, value, is_true=is_true, now=now)
        by_rule = {rule.name: rule for rule in self._rules}
        for key in [key for key in self._courses if key not in seen]:
            rule = by_rule[key.partition("{")[0]]
            changes += self._step(rule, key, float("nan"), is_true=False, now=now)
        return changes

    def _step(
        self, rule: Rule, key: str, value: float, *, is_true: bool, now: float
    ) -> list[AlertChange]:
        course = self._courses.setdefault(key, _Course())
        if is_true:
            course.false_since = None
            if course.true_since is None:
                course.true_since = now
            if course.show(rule, value, is_true=True) or now - course.true_since < rule.hold:
                return []
            course.alert = Alert(key, rule.severity, now, value, rule.text(value), rule.remedy)
            return [AlertChange(course.alert, FIRING, now, value)]
        course.true_since = None
        alert = course.show(rule, value, is_true=False)
        if alert is None:
            del self._courses[key]
            return []
        if course.false_since is None:
            course.false_since = now
        if now - course.false_since < rule.keep:
            return []
        del self._courses[key]
        return [AlertChange(alert, CLEARED, now, value)]


def _observed(
    samples: Mapping[str, Sequence[Sample]], rule: Rule, now: float
) -> Iterator[tuple[str, float, bool]]:
    """Key, value and truth of each series that a rule looks at."""
    term = rule.when
    if term.absent:
        missing = not _matching(samples, term)
        yield rule.name, float(missing), missing
        return
    enough = rule.unless_few is None or any(
        rule.unless_few.holds(sample.value, now) for sample in _matching(samples, rule.unless_few)
    )
    for sample in _matching(samples, term):
        is_true = enough and term.holds(sample.value, now)
        yield _key(rule, sample), term.seen(sample.value, now), is_true


def _matching(samples: Mapping[str, Sequence[Sample]], term: Term) -> list[Sample]:
    wanted = dict(term.labels)
    return [s for s in samples.get(term.metric, ()) if wanted.items() <= s.named.items()]


def _key(rule: Rule, sample: Sample) -> str:
    """The rule's name, and those labels that the rule doesn't fix itself."""
    fixed = {name for name, _ in rule.when.labels}
    free = ",".join(
        f'{name}="{value}"' for name, value in sample.named.items() if name not in fixed
    )
    return rule.name + (f"{{{free}}}" if free else "")
