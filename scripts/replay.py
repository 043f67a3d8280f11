"""`ape run replay`: a scripted run and market history through the same contracts and client."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from macrostrike.chain import RevmTransport
from macrostrike.errors import MacroStrikeError
from macrostrike.replay import layout, print_scenario, reference_script, run_scenario


@click.command()
def cli() -> None:
    """Replay in process: no node, no network."""
    console = Console()
    script = reference_script()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("scenario", total=len(script))
            scenario = run_scenario(
                RevmTransport(), script, lambda done: progress.update(task, completed=done)
            )
    except MacroStrikeError as failure:
        raise click.ClickException(str(failure)) from failure
    print_scenario(console, layout(scenario.before, scenario.after, scenario.measured), scenario)
