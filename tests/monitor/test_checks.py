"""The post-deployment checks: each of them passes, fails, or says that it is not yet time."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from macrostrike.journal import ChangeKind, IntentState, RunState, StrikeRow
from macrostrike.monitor.checks import Check, Verdict, checks_of
from macrostrike.monitor.figures import Figures, figures_of
from tests.monitor.desk import Desk

PASS, FAIL, NOT_YET = Verdict.PASS, Verdict.FAIL, Verdict.NOT_YET


@pytest.fixture(scope="module")
def figures(traded: Desk) -> Figures:
    found = traded.monitor().look().figures
    assert found is not None
    return found


def with_trades(figures: Figures, wins: Sequence[bool]) -> Figures:
    """The same, but with these results, of copies of one strike that was settled."""
    [won] = [s for s in figures.records.strikes if s.strike_id == 1]
    loss = -(won.pnl or 0)

    def copy(index: int, has_won: bool) -> StrikeRow:
        pnl = won.pnl if has_won else loss
        return dataclasses.replace(won, strike_id=index, won=has_won, pnl=pnl)

    strikes = tuple(copy(index, has_won) for index, has_won in enumerate(wins, 1))
    records = dataclasses.replace(figures.records, strikes=strikes)
    return figures_of(records, figures.chain, figures.manifest, figures.at)


def check(figures: Figures, name: str) -> Check:
    [found] = [each for each in checks_of(figures, []) if each.name == name]
    return found


@pytest.mark.parametrize(
    ("wins", "losses", "trades", "rate"),
    [
        (93, 7, PASS, PASS),
        (92, 8, PASS, FAIL),
        (92, 7, NOT_YET, NOT_YET),
        (0, 7, NOT_YET, NOT_YET),
        # Eight of the first hundred are lost: 93 % can't be reached any more.
        (2, 8, NOT_YET, FAIL),
        (0, 0, NOT_YET, NOT_YET),
    ],
)
def test_the_first_hundred_trades(
    figures: Figures, wins: int, losses: int, trades: Verdict, rate: Verdict
) -> None:
    seen = with_trades(figures, [True] * wins + [False] * losses)
    assert check(seen, "first 100 trades").verdict is trades
    assert check(seen, "win rate").verdict is rate


def test_later_trades_do_not_count(figures: Figures) -> None:
    seen = with_trades(figures, [True] * 95 + [False] * 5 + [False] * 50)
    assert check(seen, "win rate") == Check(
        "win rate", PASS, "95.0%, 95 of 100 (88.8% to 97.8%)", "93% of the first 100"
    )


@pytest.mark.parametrize(("gwei", "verdict"), [(1, PASS), (1000, FAIL)])
def test_gas_against_the_average_win(figures: Figures, gwei: int, verdict: Verdict) -> None:
    transactions = tuple(
        dataclasses.replace(row, gas_price=gwei * 10**9) for row in figures.records.transactions
    )
    records = dataclasses.replace(figures.records, transactions=transactions)
    seen = figures_of(records, figures.chain, figures.manifest, figures.at)
    assert check(seen, "gas costs").verdict is verdict


def test_capital_is_what_the_books_say(figures: Figures, traded: Desk) -> None:
    found = check(figures, "capital against the books")
    assert found.verdict is PASS
    assert found.measured == f"{traded.client.stats().equity / 1e6:,.2f} USDC"


def test_books_that_differ_fail(desk: Desk) -> None:
    """A row of the journal that was changed by another hand."""
    desk.trade(True)
    monitor = desk.monitor()
    assert {c.name: c for c in monitor.check()}["capital against the books"].verdict is PASS
    with desk.journal._database.write() as connection:
        connection.exec_driver_sql("UPDATE strikes SET pnl = '1' WHERE strike_id = 1")
    found = {c.name: c for c in monitor.check()}["capital against the books"]
    assert found.verdict is FAIL
    assert found.measured.startswith("strikes 1")


def test_errors_of_transactions_and_of_the_log(desk: Desk) -> None:
    monitor = desk.monitor()
    by_name = {each.name: each for each in monitor.check()}
    assert by_name["error rate"].verdict is NOT_YET
    assert by_name["errors in the log"].verdict is NOT_YET

    run_id = desk.journal.begin_run("loop")
    desk.send(*[IntentState.CONFIRMED] * 199, IntentState.REJECTED)
    desk.journal.record_change(ChangeKind.LOG, "warning", "slow node", cause="rpc")
    by_name = {each.name: each for each in monitor.check()}
    assert by_name["error rate"] == Check(
        "error rate", PASS, "0.50%, 1 of 200", "under 1% of all transactions"
    )
    assert by_name["errors in the log"].verdict is PASS

    desk.send(IntentState.UNKNOWN)
    desk.journal.record_change(ChangeKind.LOG, "error", "no such key", cause="signer")
    desk.journal.end_run(run_id, RunState.CRASHED_RECOVERED)
    by_name = {each.name: each for each in monitor.check()}
    assert by_name["error rate"].verdict is PASS  # 2 of 201
    assert by_name["errors in the log"] == Check(
        "errors in the log",
        FAIL,
        "1 error, 1 crashed run, the last: no such key",
        "none, and no run that crashed",
    )
    desk.send(IntentState.FOREIGN)
    assert {c.name: c for c in monitor.check()}["error rate"].verdict is FAIL


def test_the_first_strikes_are_too_few_to_fail(desk: Desk) -> None:
    """Dear gas and a refused transaction among the first few: measured, and not judged yet."""
    desk.trade(True, True)
    desk.send(*[IntentState.CONFIRMED] * 3, IntentState.REJECTED)
    monitor = desk.monitor()
    records = monitor.look().figures.records  # type: ignore[union-attr]
    dear = tuple(dataclasses.replace(r, gas_price=10**12) for r in records.transactions)
    figures = monitor.view.figures
    assert figures is not None
    records = dataclasses.replace(records, transactions=dear)
    seen = figures_of(records, figures.chain, figures.manifest, figures.at)
    for name in ("gas costs", "error rate"):
        assert check(seen, name).verdict is NOT_YET
    assert check(seen, "error rate").measured == "25.00%, 1 of 4"
    assert "of the average win" in check(seen, "gas costs").measured
    assert not any(each.verdict is FAIL for each in monitor.check())


def test_checks_are_journaled(desk: Desk) -> None:
    checks = desk.monitor().check()
    kept = desk.journal.changes(kind=ChangeKind.CHECK)
    assert [(c.name, c.value) for c in kept] == [(c.name, str(c.verdict)) for c in checks]
