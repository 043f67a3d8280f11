"""`ape run loop`: predictions in, strikes out, results back, until it is stopped."""

from __future__ import annotations

from pathlib import Path

import click

from macrostrike.cli import loops
from macrostrike.cli.post import post_command

cli = post_command(
    """Run the trading loop: engine, gate, strike, settlement, result, and again.

    On a local chain its pool follows recorded minutes. A loop that was stopped or killed goes on
    from journal and chain. Exit code 3: it ended halted; 4: a transaction's outcome is unknown.
    """,
    click.option("--engine", help="Account of Ape's that signs predictions in this process."),
    click.option(
        "--prices",
        type=click.Path(dir_okay=False, path_type=Path),
        help="CSV of minutes: played on a local chain, shown to the engine beforehand elsewhere.",
    ),
    click.option(
        "--minutes-per-second",
        default=4.0,
        show_default=True,
        type=click.FloatRange(min=0),
        help="How fast recorded minutes are played; 0 is as fast as the chain is.",
    ),
    click.option("--without-engine", is_flag=True, help="Strike what the intake records, only."),
    click.option("--arbitrage", is_flag=True, help="Watch the registered pools too, and trade."),
    click.option("--dry-run", is_flag=True, help="Record what it would do, and send nothing."),
    click.option("--reducing", is_flag=True, help="Settle what is open, and open nothing."),
    click.option(
        "--rebalance-every",
        type=click.IntRange(min=1),
        help="Seconds between two rebalances by what each strategy has won; none by default.",
    ),
    click.option(
        "--anchor-roots",
        is_flag=True,
        help="Put each day's roots of all predictions on chain, as a transaction to oneself.",
    ),
    click.option(
        "--replay/--no-replay",
        default=True,
        help="Run each mined strike and settlement again in revm; a bug halts the loop.",
    ),
    click.option(
        "--accept-divergence", is_flag=True, help="Go on after a bug of the replay was looked at."
    ),
    click.option("--once", is_flag=True, help="One cycle, and end."),
    click.option("--max-cycles", type=click.IntRange(min=1), help="End after so many."),
    click.option(
        "--every", default=0.25, show_default=True, help="Seconds to wait where nothing is new."
    ),
)(loops.run)
