"""`ape run settler`: a standby operator, which settles what the main one leaves open."""

from __future__ import annotations

from macrostrike._counts import counted
from macrostrike.cli import post
from macrostrike.cli.lines import line
from macrostrike.cli.post import Post
from macrostrike.cli.systemd import alive
from macrostrike.client import MacroStrike
from macrostrike.errors import ChainError
from macrostrike.executor import Executor
from macrostrike.journal import Journal
from macrostrike.loop import Failed, Standby
from macrostrike.types import Action


def run(at: Post, *, after: int, dry_run: bool, once: bool, every: float) -> int:
    """The command. Returns its exit code."""
    stop = post.stop_on_signals()
    operators = at.manifest.operators
    settlers = [each for each in operators if at.reader.operator(each).actions == Action.SETTLE]

    def work(client: MacroStrike, journal: Journal, executor: Executor | None) -> None:
        standby = Standby(
            client,
            journal,
            from_block=at.manifest.deployed_at,
            after=after,
            recover=executor.recover if executor else lambda: None,
            dry_run=dry_run,
        )
        for happening in standby.round() if once else standby.run(stop, every, alive=alive):
            happened = Failed(happening) if isinstance(happening, ChainError) else happening
            at.console.print(line(happened), highlight=False, soft_wrap=True)
        at.console.print(f"{counted(len(journal.open_strikes()), 'open strike')}.")

    with at.journal("settler") as journal:
        if dry_run:
            work(at.asker("settler", settlers), journal, None)
        else:
            with at.client("settler", settlers, journal) as (client, executor):
                work(client, journal, executor)
    return post.GOOD
