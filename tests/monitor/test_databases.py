"""The monitor over a journal in each database: the same figures, alerts that survive a restart."""

from __future__ import annotations

import pytest

from macrostrike.chain import RevmTransport
from macrostrike.journal import ChangeKind, IntentState, Journal
from macrostrike.monitor.metrics import samples_of
from macrostrike.testing import deploy_world
from tests.journal.conftest import location, postgresql
from tests.monitor.desk import Desk

__all__ = ["location", "postgresql"]  # fixtures of the journal's tests


def test_figures_and_alerts(location: str) -> None:
    with Journal.open(location) as journal:
        desk = Desk(deploy_world(RevmTransport()), journal)
        desk.trade(True, True, False)
        desk.open()
        desk.send(*[IntentState.CONFIRMED] * 59, IntentState.REJECTED)
        monitor = desk.monitor()
        view = monitor.look()
        assert view.failure is None
        assert view.figures is not None
        values = {(s.name, s.labels): s.value for s in samples_of(view.figures)}
        assert values["win_ratio", ("all", "100")] == pytest.approx(2 / 3)
        assert values["error_ratio", ("100",)] == pytest.approx(1 / 60)
        assert values["books_differences", ()] == 0
        verdicts = {check.name: str(check.verdict) for check in monitor.check()}
        assert verdicts["capital against the books"] == "pass"
        for _ in range(10):
            desk.now += 10
            monitor.look()
        assert [alert.key for alert in monitor.view.alerts] == ["ErrorRateHigh"]

    with Journal.open(location) as again:
        assert [c.value for c in again.changes(kind=ChangeKind.ALERT)] == ["firing"]
        desk.journal = again
        assert [alert.key for alert in desk.monitor().view.alerts] == ["ErrorRateHigh"]
