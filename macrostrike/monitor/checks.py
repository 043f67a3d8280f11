"""The checks after a deployment: of what the first trades showed, by the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from macrostrike._counts import counted
from macrostrike._statistics import wilson
from macrostrike.journal import ChangeKind, RunState, StrikeRow
from macrostrike.monitor._records import FIRST
from macrostrike.monitor._tallies import BAD_LEVELS
from macrostrike.monitor.figures import Figures
from macrostrike.monitor.rules import MIN_STRIKES, MIN_TRANSACTIONS

TARGET = 0.93
"""The win rate that is aimed at."""
GAS_SHARE = 0.10
"""What gas may cost of the average win, a strike and its settlement together."""
MAX_ERRORS = 0.01
"""The error rate that is aimed at."""


class Verdict(str, Enum):
    """How a check came out; `NOT_YET` while there is too little to say."""

    PASS = "pass"
    FAIL = "fail"
    NOT_YET = "not yet"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was measured, what is wanted, and the verdict."""

    name: str
    verdict: Verdict
    measured: str
    wanted: str


def checks_of(figures: Figures, differences: Sequence[object]) -> tuple[Check, ...]:
    """All checks. `differences`: those that `Journal.verify` has found."""
    first = figures.first_closed
    return (
        Check(
            f"first {FIRST} trades",
            Verdict.PASS if len(first) == FIRST else Verdict.NOT_YET,
            f"{len(first)} settled",
            f"{FIRST} settled",
        ),
        _win_rate(first),
        _gas(figures),
        _books(figures, differences),
        _errors(figures),
        _log(figures),
    )


def _win_rate(first: Sequence[StrikeRow]) -> Check:
    wins, wanted = sum(bool(strike.won) for strike in first), f"{TARGET:.0%} of the first {FIRST}"
    if not first:
        return Check("win rate", Verdict.NOT_YET, "nothing settled", wanted)
    low, high = wilson(wins, len(first))
    measured = f"{wins / len(first):.1%}, {wins} of {len(first)} ({low:.1%} to {high:.1%})"
    if len(first) - wins > FIRST - round(TARGET * FIRST):
        verdict = Verdict.FAIL
    else:
        verdict = Verdict.PASS if len(first) == FIRST else Verdict.NOT_YET
    return Check("win rate", verdict, measured, wanted)


def _gas(figures: Figures) -> Check:
    """What the operators' transactions cost, over the strikes, against the average win."""
    name, wanted = "gas costs", f"{GAS_SHARE:.0%} of the average win, at most"
    gains = [strike.pnl or 0 for strike in figures.records.strikes if strike.won]
    gas, closed = figures.tallies.others.gas_quote, figures.score.settled
    if not gains or gas is None:
        return Check(name, Verdict.NOT_YET, "no win yet", wanted)
    unit, symbol = 10**figures.manifest.quote.decimals, figures.manifest.quote.symbol
    each, gain = gas / closed, sum(gains) / len(gains)
    measured = f"{each / unit:,.4f} {symbol} a trade, {each / gain:.2%} of the average win"
    verdict = Verdict.PASS if each <= GAS_SHARE * gain else Verdict.FAIL
    if closed < MIN_STRIKES:
        verdict = Verdict.NOT_YET
    return Check(name, verdict, measured, wanted)


def _books(figures: Figures, differences: Sequence[object]) -> Check:
    name, wanted = "capital against the books", "no difference of journal and chain"
    if not figures.chain.stats.opened:
        return Check(name, Verdict.NOT_YET, "no strike yet", wanted)
    if differences:
        more = f", and {len(differences) - 1} more" if len(differences) > 1 else ""
        return Check(name, Verdict.FAIL, f"{differences[0]}{more}", wanted)
    equity = figures.chain.stats.equity / 10**figures.manifest.quote.decimals
    return Check(name, Verdict.PASS, f"{equity:,.2f} {figures.manifest.quote.symbol}", wanted)


def _errors(figures: Figures) -> Check:
    sums, wanted = figures.tallies.intents, f"under {MAX_ERRORS:.0%} of all transactions"
    if not sums.finished:
        return Check("error rate", Verdict.NOT_YET, "nothing was sent by the executor", wanted)
    rate = sums.errors / sums.finished
    verdict = Verdict.PASS if rate < MAX_ERRORS else Verdict.FAIL
    if sums.finished < MIN_TRANSACTIONS:
        verdict = Verdict.NOT_YET
    measured = f"{rate:.2%}, {sums.errors} of {sums.finished}"
    return Check("error rate", verdict, measured, wanted)


def _log(figures: Figures) -> Check:
    """Lines of the log, and runs that did not end by themselves."""
    count = figures.tallies.others.bad_lines
    lines = [
        change.value
        for change in figures.records.changes
        if change.kind is ChangeKind.LOG and change.name in BAD_LEVELS
    ]
    crashed = [
        run
        for run in figures.records.runs
        if run.state in (RunState.CRASHED_RECOVERED, RunState.QUARANTINED)
    ]
    name, wanted = "errors in the log", "none, and no run that crashed"
    if not figures.records.runs:
        return Check(name, Verdict.NOT_YET, "nothing has run yet", wanted)
    if not count and not crashed:
        return Check(name, Verdict.PASS, "none", wanted)
    last = f", the last: {lines[-1]}" if lines else ""
    return Check(
        name,
        Verdict.FAIL,
        f"{counted(count, 'error')}, {counted(len(crashed), 'crashed run')}{last}",
        wanted,
    )
