"""The monitor over a real chain and a real journal: what goes wrong is reported once, and once more
when it has ended; what can't be read is said, and what was read last is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from macrostrike.chain import AnvilTransport, RpcTransport, start_anvil
from macrostrike.journal import ChangeKind, IntentState, Journal
from macrostrike.monitor.alerts import AlertChange
from macrostrike.monitor.health import Status
from macrostrike.monitor.service import Monitor
from macrostrike.testing import deploy_world
from macrostrike.types import Signal
from tests.client.support import strange_node
from tests.monitor.desk import Desk

LONG = 1000
"""Seconds after which everything that begins or ends has done so."""


@dataclass
class Kept:
    """A sink that keeps what it is sent."""

    changes: list[AlertChange] = field(default_factory=list)

    def send(self, change: AlertChange) -> None:
        self.changes.append(change)

    def close(self) -> None:
        pass

    def reported(self, key: str) -> list[str]:
        return [change.status for change in self.changes if change.alert.key == key]


def pass_time(desk: Desk, monitor: Monitor, seconds: int = LONG, step: int = 25) -> None:
    """Looks every few seconds of the desk's clock."""
    for _ in range(0, seconds, step):
        desk.now += step
        monitor.look()


def journaled(desk: Desk, key: str) -> list[str]:
    return [c.value for c in desk.journal.changes(kind=ChangeKind.ALERT) if c.name == key]


def lose(desk: Desk) -> None:
    """Seven of 24 strikes lost, the last of which trips the breaker."""
    desk.trade(*([True, True, False] * 6), *[True] * 5, False)
    desk.sync()


def win(desk: Desk) -> None:
    desk.owner.transact("resume")
    desk.trade(*[True] * 60)
    desk.sync()


def gas_at(desk: Desk, gwei: int) -> None:
    chain = desk.world.transport
    assert isinstance(chain, AnvilTransport)
    chain.request("anvil_setNextBlockBaseFeePerGas", hex(gwei * 10**9))
    chain.mine()


def errors(desk: Desk) -> None:
    desk.send(*[IntentState.CONFIRMED] * 57, *[IntentState.REJECTED] * 3)


def no_errors(desk: Desk) -> None:
    desk.send(*[IntentState.CONFIRMED] * 100)


def stuck(desk: Desk) -> None:
    desk.send(IntentState.SENT)
    desk.now = desk.journal.intents()[-1].created_at


def unstuck(desk: Desk) -> None:
    desk.journal.change_intent(desk.journal.intents()[-1].hash, IntentState.CONFIRMED)


def ether(desk: Desk, wei: int) -> None:
    desk.world.transport.set_balance(desk.world.operator.address, wei)


def state(desk: Desk, word: str) -> None:
    desk.journal.record_change(ChangeKind.STATE, "loop", word, cause="told to")


Act = Callable[[Desk], None]
PLANTED: dict[str, tuple[Act, Act]] = {
    "WinRateLow": (lose, win),
    "WinRateCritical": (lose, win),
    "ErrorRateHigh": (errors, no_errors),
    "ErrorRateCritical": (errors, no_errors),
    "ExecutionSlow": (
        lambda desk: desk.send(*[IntentState.CONFIRMED] * 9, seconds=0.2),
        lambda desk: desk.send(*[IntentState.CONFIRMED] * 90, seconds=0.03),
    ),
    "Halted": (lambda desk: state(desk, "halted"), lambda desk: state(desk, "running")),
    "TransactionStuck": (stuck, unstuck),
    'OperatorBalanceLow{operator="0"}': (
        lambda desk: ether(desk, 10**15),
        lambda desk: ether(desk, 10**18),
    ),
}


@pytest.mark.parametrize("key", PLANTED)
def test_a_planted_condition_is_said_once_and_ends_once(desk: Desk, key: str) -> None:
    begin, end = PLANTED[key]
    sink = Kept()
    monitor = desk.monitor(sinks=[sink])
    pass_time(desk, monitor, 100)
    assert sink.reported(key) == []

    begin(desk)
    pass_time(desk, monitor)
    assert sink.reported(key) == ["firing"]
    assert [a.key for a in monitor.view.alerts if a.key == key] == [key]

    end(desk)
    pass_time(desk, monitor)
    assert sink.reported(key) == ["firing", "cleared"]
    assert journaled(desk, key) == ["firing", "cleared"]
    assert key not in [alert.key for alert in monitor.view.alerts]


def test_a_breaker_that_trips_is_said_and_ends_when_the_owner_resumes(desk: Desk) -> None:
    sink = Kept()
    monitor = desk.monitor(sinks=[sink])
    desk.trade(*[False] * 7)
    assert desk.client.stats().halted
    pass_time(desk, monitor)
    assert sink.reported("Halted") == ["firing"]
    health = monitor.view.health(desk.now)
    assert health.status is Status.HALTED
    assert not health.is_serving
    assert health.reasons[0] == "halted: the chain's breaker: only the owner resumes it"

    desk.owner.transact("resume")
    pass_time(desk, monitor)
    assert sink.reported("Halted") == ["firing", "cleared"]
    assert monitor.view.health(desk.now).status is not Status.HALTED


def test_a_capital_loss_and_its_end_are_said_once(desk: Desk) -> None:
    """The owner writes off what can't be settled, until over a tenth of the capital is lost."""
    sink = Kept()
    monitor = desk.monitor(sinks=[sink])
    # Opened before the first is lost: a model that loses gets less.
    strikes = [desk.open(Signal.STRONG_LONG, confidence_bps=9900) for _ in range(6)]
    for strike_id in strikes:
        desk.owner.write_off(strike_id)
    stats = desk.client.stats()
    assert stats.equity < 0.9 * stats.high_water
    pass_time(desk, monitor)
    assert sink.reported("CapitalLoss") == ["firing"]
    [text] = [c.alert.text for c in sink.changes if c.alert.key == "CapitalLoss"]
    assert text.endswith("under its high-water mark, over 10 %")
    counted = {s.labels: s.value for s in monitor.view.samples if s.name == "settlements_total"}
    assert counted["written_off",] == len(strikes)

    # The high-water mark is then what there is.
    desk.owner.transact("resume")
    pass_time(desk, monitor)
    assert sink.reported("CapitalLoss") == ["firing", "cleared"]


def test_a_budget_nearly_used_is_said_once_and_ends_once(desk: Desk) -> None:
    sink, operator = Kept(), desk.world.operator.address
    monitor = desk.monitor(sinks=[sink])
    grant = desk.client.operator(operator)

    def set_budget(budget: int) -> None:
        arguments = operator, grant.valid_until, int(grant.actions), budget
        desk.owner.transact("setOperator", *arguments)

    # What one strike takes, and a little more.
    set_budget(8_200 * 10**6)
    notional = desk.client.get_strike(desk.open()).notional
    assert 0.9 < notional / (8_200 * 10**6) < 1
    pass_time(desk, monitor)
    assert sink.reported('OperatorBudgetUsed{operator="0"}') == ["firing"]
    set_budget(1_000_000 * 10**6)
    pass_time(desk, monitor)
    assert sink.reported('OperatorBudgetUsed{operator="0"}') == ["firing", "cleared"]


def test_a_journal_that_stays_behind_is_said_once_and_ends_once(desk: Desk) -> None:
    sink = Kept()
    monitor = desk.monitor(sinks=[sink], follows=False)
    desk.sync()
    for _ in range(31):
        desk.world.transport.mine()
    pass_time(desk, monitor)
    assert sink.reported("JournalBehind") == ["firing"]
    desk.sync()
    pass_time(desk, monitor)
    assert sink.reported("JournalBehind") == ["firing", "cleared"]


def test_gas_and_a_node_that_goes_away_are_said_once_and_end_once(tmp_path: Path) -> None:
    """On a real anvil, behind a gateway that fails at times."""
    fails: list[bytes] = []
    with (
        start_anvil() as url,
        strange_node(lambda _: fails[0] if fails else None, url) as gateway,
        Journal.open(tmp_path / "journal.sqlite") as journal,
    ):
        desk, sink = Desk(deploy_world(AnvilTransport(url)), journal), Kept()
        manifest, transport = desk.world.manifest, RpcTransport(gateway)
        monitor = Monitor(transport, manifest, journal, sinks=[sink], clock=lambda: desk.now)
        pass_time(desk, monitor, 100)
        gas_at(desk, 500)
        pass_time(desk, monitor, 300)
        assert sink.reported("GasPriceHigh") == ["firing"]
        assert sink.changes[-1].alert.text.endswith("gwei, over 200 gwei")
        gas_at(desk, 1)
        pass_time(desk, monitor, 300)
        assert sink.reported("GasPriceHigh") == ["firing", "cleared"]
        before = monitor.view.figures

        fails.append(b"bad gateway")
        pass_time(desk, monitor, 200, step=20)
        assert sink.reported('HeartbeatMissing{service="monitor"}') == ["firing"]
        assert monitor.view.figures is before
        assert monitor.view.failure is not None
        assert monitor.view.health(desk.now).status is Status.UNHEALTHY

        fails.clear()
        pass_time(desk, monitor, 200)
        assert sink.reported('HeartbeatMissing{service="monitor"}') == ["firing", "cleared"]
        assert monitor.view.health(desk.now).status is Status.HEALTHY


def test_a_loop_that_dies_is_said_and_one_that_ends_is_not(desk: Desk) -> None:
    key, sink = 'HeartbeatMissing{service="loop"}', Kept()
    desk.now = time.time()
    monitor = desk.monitor(sinks=[sink])
    run_id = desk.journal.begin_run("loop")
    state(desk, "running")
    desk.journal.beat()
    pass_time(desk, monitor, 50)
    assert sink.reported(key) == []
    assert monitor.view.figures is not None
    assert monitor.view.figures.state == "running"
    pass_time(desk, monitor, 100)
    assert sink.reported(key) == ["firing"]

    # For so long that it can be no pause: what it said last is not shown as what it does.
    pass_time(desk, monitor, 200)
    assert sink.reported(key) == ["firing"]
    assert monitor.view.figures.state is None
    assert monitor.view.figures.reason.startswith("the loop was killed, or cut off")

    desk.journal.end_run(run_id)
    pass_time(desk, monitor, 100)
    assert sink.reported(key) == ["firing", "cleared"]
    assert monitor.view.figures is not None
    assert monitor.view.figures.state is None
    assert monitor.view.figures.reason == "the loop has ended"


def test_a_restart_goes_on_with_the_alerts_that_fire(desk: Desk) -> None:
    first, second = Kept(), Kept()
    before = desk.monitor(sinks=[first])
    state(desk, "halted")
    pass_time(desk, before, 50)
    assert first.reported("Halted") == ["firing"]

    after = desk.monitor(sinks=[second])
    assert [alert.key for alert in after.view.alerts] == ["Halted"]
    pass_time(desk, after, 100)
    state(desk, "running")
    pass_time(desk, after, 100)
    assert second.reported("Halted") == ["cleared"]
    assert journaled(desk, "Halted") == ["firing", "cleared"]


def test_books_that_differ_are_said(desk: Desk) -> None:
    """A journal that lacks an event of the chain's."""
    sink = Kept()
    desk.trade(True)
    desk.sync()
    monitor = desk.monitor(sinks=[sink], follows=False)
    assert monitor.look().figures.differences == ()  # type: ignore[union-attr]
    desk.trade(True)
    # The journal says that it has come as far as the chain, and has not.
    with desk.journal._database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE blocks SET number = {desk.world.transport.block_number()} "
            "WHERE number = (SELECT max(number) FROM blocks)"
        )
    pass_time(desk, monitor, 200)
    assert sink.reported("BooksDiffer") == ["firing"]
    assert monitor.view.figures is not None
    [first, *_] = monitor.view.figures.differences or ()
    assert first == "strikes settled: 1 in the journal, 2 on chain"


def test_a_healthy_service_is_healthy(traded: Desk) -> None:
    view = traded.monitor().look()
    assert view.health(traded.now).status is Status.HEALTHY
    assert view.health(traded.now).reasons == ()


def test_a_paused_diamond_is_degraded(desk: Desk) -> None:
    desk.owner.transact("pause")
    view = desk.monitor().look()
    assert view.health(desk.now).status is Status.DEGRADED
    assert view.figures is not None
    assert view.figures.state == "paused"
    desk.owner.transact("unpause")


def test_nothing_read_yet_is_unhealthy(desk: Desk) -> None:
    health = desk.monitor().view.health(desk.now)
    assert health.status is Status.UNHEALTHY
    assert health.reasons == ("nothing was read yet",)
