"""`ape run drill`: whether the dead man's switch works."""

from __future__ import annotations

from pathlib import Path

import click

from macrostrike.cli import watchdogs
from macrostrike.cli.post import Post, post_command


def _work(at: Post, *, ladder: Path | None, for_real: bool) -> int:
    return watchdogs.drill(at, ladder, for_real=for_real)


cli = post_command(
    """Check what pausing by the watchdog depends on; sends nothing.

    With --for-real a pretended loop beats and falls silent, and the diamond is paused by a ladder
    that the guardian (--account) signs now. On a chain of this machine's own the owner unpauses it.
    """,
    click.option(
        "--ladder",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The signed pauses; by default beside the journal, as .pause.json.",
    ),
    click.option("--for-real", is_flag=True, help="Pause the diamond."),
)(_work)
