"""`ape run watchdog`: pauses the diamond when the loop dies."""

from __future__ import annotations

from pathlib import Path

import click

from macrostrike.cli import watchdogs
from macrostrike.cli.post import Post, post_command
from macrostrike.watchdog._watch import AFTER_SECONDS, RUNG_SECONDS


def _work(
    at: Post, *, arm: bool, ladder: Path | None, after: float, every: float, rung_seconds: float
) -> int:
    if arm:
        return watchdogs.arm(at, ladder)
    return watchdogs.watch(at, ladder, after=after, every=every, rung_seconds=rung_seconds)


cli = post_command(
    """Watch the loop's beats in the journal, and pause the diamond when they stop.

    It has no key: a guardian that does nothing else signs the pauses beforehand, by --arm. Sign
    them again now and then, and whenever that account has sent anything; the watchdog takes the
    new file by itself. Exit code 3: it has paused the diamond.
    """,
    click.option("--arm", is_flag=True, help="Have the guardian (--account) sign, and end."),
    click.option(
        "--ladder",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The signed pauses; by default beside the journal, as .pause.json.",
    ),
    click.option(
        "--after",
        default=AFTER_SECONDS,
        show_default=True,
        type=click.FloatRange(min=2),
        help="Seconds without a beat.",
    ),
    click.option(
        "--every",
        default=1.0,
        show_default=True,
        type=click.FloatRange(min=0.1),
        help="Seconds between looks.",
    ),
    click.option(
        "--rung-seconds",
        default=RUNG_SECONDS,
        show_default=True,
        type=click.FloatRange(min=1),
        help="Seconds until more is offered for gas.",
    ),
)(_work)
