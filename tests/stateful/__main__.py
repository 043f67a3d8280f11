"""The long run: random sequences of calls until there were enough of them.

python -m tests.stateful                  at least 400,000 calls, from a seed of its own
python -m tests.stateful --seed 7         the same run as before with that seed
python -m tests.stateful --calls 5000     fewer
python -m tests.stateful --memory 8       in at most 8 GiB of memory instead of 4

Prints what was called, why calls were refused and which invariants held; writes reports/fuzz.json.
"""

from __future__ import annotations

import argparse
import resource
import secrets
import sys
import time
from contextlib import suppress
from dataclasses import fields

from rich.console import Console
from rich.table import Table

from .. import long_runs
from .everyone import play
from .invariants import INVARIANTS
from .machine import TALLY

EXAMPLES, STEPS = 60, 80  # of a round; each round has a seed of its own
_GIB = 1 << 30


def main() -> int:
    parser = argparse.ArgumentParser(description="Random sequences of calls by everyone.")
    parser.add_argument("--calls", type=int, default=400_000, help="at least so many")
    parser.add_argument("--seed", type=int, default=None, help="that an earlier run has told")
    parser.add_argument("--memory", type=int, default=4, help="GiB; the run fails over it")
    arguments = parser.parse_args()
    _limit_memory(arguments.memory * _GIB)
    seed = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
    reported = Console(stderr=True)
    reported.print(f"seed {seed}: at least {arguments.calls:,} calls", highlight=False)
    origin = long_runs.begin()
    started, rounds, failure = time.monotonic(), 0, None
    while TALLY.calls < arguments.calls and failure is None:
        try:
            play(EXAMPLES, STEPS, seed + rounds)
        except BaseException as caught:  # also a group of several
            failure = caught
        rounds += 1
        seconds = time.monotonic() - started
        reported.print(
            f"{TALLY.calls:>9,} calls  {TALLY.done.total():>9,} done  {len(TALLY.reasons):>3} "
            f"reasons  {TALLY.calls / seconds:>4.0f}/s  {_peak_mib():>5,} MiB",
            highlight=False,
        )
    _show(Console() if sys.stdout.isatty() else Console(width=120))
    _write(origin, seed, rounds, failure)
    reported.print("Written to reports/fuzz.json")
    if failure is not None:
        reported.print(
            f"[red]An invariant was broken.[/red] Again with: --seed {seed + rounds - 1}"
        )
        raise failure
    return 0


def _limit_memory(limit: int) -> None:
    """To so many bytes, where the system has such a limit: macOS does not."""
    with suppress(ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _peak_mib() -> int:
    """The most memory that this process has held. Linux counts in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)


def _show(console: Console) -> None:
    calls = Table("function", "done", "refused", title="Calls")
    for name in sorted({*TALLY.done, *TALLY.refused}):
        calls.add_row(name, f"{TALLY.done[name]:,}", f"{TALLY.refused[name]:,}")
    calls.add_row("all", f"{TALLY.done.total():,}", f"{TALLY.refused.total():,}")
    reasons = Table("refused with", "calls", "in a batch", "from within", title="Revert reasons")
    for name in sorted({*TALLY.reasons, *TALLY.skipped, *TALLY.called_out} - {"done"}):
        counts = (TALLY.reasons[name], TALLY.skipped[name], TALLY.called_out[name])
        reasons.add_row(name, *(f"{count:,}" if count else "" for count in counts))
    kept = Table("invariant", "checks", "what", title="Invariants held")
    for name, what in INVARIANTS.items():
        kept.add_row(name, f"{TALLY.kept[name]:,}", what)
    for table in (calls, reasons, kept):
        for column in table.columns[1:3]:
            column.justify = "right"
    kept.columns[2].justify = "left"
    console.print(calls, reasons, kept)
    console.print(
        f"{TALLY.calls:,} calls, {TALLY.done.total():,} done; "
        f"{reasons.row_count} distinct revert reasons; {len(INVARIANTS)} invariants"
    )


def _write(
    origin: long_runs.Started, seed: int, rounds: int, failure: BaseException | None
) -> None:
    counted = {each.name: dict(getattr(TALLY, each.name).most_common()) for each in fields(TALLY)}
    reasons = {*TALLY.reasons, *TALLY.skipped, *TALLY.called_out} - {"done"}
    summary = {
        "calls": TALLY.calls,
        "succeeded": TALLY.done.total(),
        "distinct revert reasons": len(reasons),
        "invariants": len(INVARIANTS),
        "checks of them": TALLY.kept.total(),
    }
    long_runs.save(
        "fuzz",
        origin,
        passed=failure is None,
        summary=summary,
        seed=seed,
        rounds=rounds,
        broken=None if failure is None else str(failure),
        **counted,
    )


if __name__ == "__main__":
    sys.exit(main())
