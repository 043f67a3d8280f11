"""The commands of the day: `ape run NAME`, and `python -m macrostrike NAME`."""

from __future__ import annotations

from collections.abc import Mapping

import click

from macrostrike.cli import day, ownership, settlers, takers
from macrostrike.cli.post import DayCommand

COMMANDS: Mapping[str, DayCommand] = {
    "strike": DayCommand(
        """Sign one prediction, and strike it.

    Journaled like the loop's. Exit code 1: refused, with the gate's error; 4: sent, and the
    outcome is unknown.
    """,
        day.strike,
        (
            click.argument("signal", type=click.Choice(list(day.SIGNALS), case_sensitive=False)),
            click.option("--confidence-bps", default=9500, show_default=True, help="9300 is 93 %."),
            click.option(
                "--horizon", default=3600, show_default=True, help="Seconds until it is due."
            ),
            click.option("--take-profit-bps", default=30, show_default=True),
            click.option("--stop-loss-bps", default=200, show_default=True),
            click.option(
                "--strategy",
                "strategies",
                multiple=True,
                type=click.Choice(list(day.STRATEGIES), case_sensitive=False),
                help="Whose bots may take part; by default all.",
            ),
            click.option("--model-id", default=0, show_default=True),
            click.option("--market", default=0, show_default=True),
            click.option(
                "--engine",
                help="Ape's account, or keystore file, that signs; by default the local one.",
            ),
            click.option("--dry-run", is_flag=True, help="Quote it, and send nothing."),
        ),
    ),
    "settle": DayCommand(
        """Settle open strikes, as the operator.""",
        day.settle,
        (
            click.argument("strike_ids", nargs=-1, type=click.IntRange(min=1)),
            click.option("--due", is_flag=True, help="Those that are due on chain."),
            click.option("--all", "all_open", is_flag=True, help="All that are open."),
        ),
    ),
    "stats": DayCommand(
        """Show the score as the chain keeps it.""",
        day.stats,
        (
            click.option(
                "--model",
                "models",
                multiple=True,
                type=click.IntRange(0, 65_535),
                help="Show this model's calibration; by default that of models 0 to 5.",
            ),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        ),
        sends=False,
    ),
    "bots": DayCommand(
        """Show the 25 bots: equity, open strikes, limits.""",
        day.bots,
        (click.option("--json", "as_json", is_flag=True, help="Print JSON."),),
        sends=False,
    ),
    "rebalance": DayCommand(
        """Spread the free equity over the bots, as the owner.

    By what each strategy has won, or by weights. An operator with that action may do it too.
    """,
        day.rebalance,
        (
            click.option("--weights", help="25 integers, with commas between them."),
            click.option("--yes", is_flag=True, help="Don't ask."),
        ),
    ),
    "pause": DayCommand(
        """Pause the diamond, as a guardian or the owner.

    Settling and withdrawing stay possible.
    """,
        day.pause,
        (click.option("--yes", is_flag=True, help="Don't ask."),),
    ),
    "unpause": DayCommand(
        """Unpause the diamond, as the owner.""",
        day.unpause,
        (click.option("--yes", is_flag=True, help="Don't ask."),),
    ),
    "resume": DayCommand(
        """Resume a fleet that its breaker has halted, as the owner.""",
        day.resume,
        (click.option("--yes", is_flag=True, help="Don't ask."),),
    ),
    "revoke": DayCommand(
        """Revoke an operator or an engine, as a guardian or the owner.""",
        day.revoke,
        (
            click.argument("role", type=click.Choice(["operator", "engine"])),
            click.argument("address"),
            click.option("--yes", is_flag=True, help="Don't ask."),
        ),
    ),
    "settler": DayCommand(
        """Settle what the main operator leaves open, with a key that can do nothing else.

    A strike that has been due for `--after` seconds is settled: its horizon over, or a barrier met
    at the pool's price. The account must be an operator whose only action on chain is to settle.
    """,
        settlers.run,
        (
            click.option(
                "--after",
                default=120,
                show_default=True,
                type=click.IntRange(min=0),
                help="Seconds for which a strike is left to the main operator.",
            ),
            click.option(
                "--dry-run", is_flag=True, help="Say what would be settled, and send nothing."
            ),
            click.option("--once", is_flag=True, help="Look once, and end."),
            click.option(
                "--every", default=2.0, show_default=True, help="Seconds between two looks."
            ),
        ),
    ),
    "taker": DayCommand(
        """Take over strikes that operators left, of any MacroStrike diamond, where that pays.

    Anyone may: strikes whose barrier was reached are marked as due, and those that operators left
    for longer than the market's delay are taken over in the auction, with the sender's own tokens.
    What is got is kept, and counted at what the market's pool pays for it; with --flash a pool
    pays, and the profit alone is kept. The account must be one that nothing else sends with.
    """,
        takers.run,
        (
            click.option(
                "--min-profit-bps",
                default=5,
                show_default=True,
                type=click.IntRange(0, 10_000),
                help="Of what is paid, that has to be left after gas.",
            ),
            click.option("--native", help="Wrapped ether, where the diamond does not say."),
            click.option(
                "--flash",
                is_flag=True,
                help="Pay with a Uniswap pool's tokens, V3's or V2's, and none of your own: by a "
                "contract of the account's, which the first takeover that pays for it creates.",
            ),
            click.option(
                "--code-hash",
                multiple=True,
                help="Keccak of a contract's code that may be approved to beside this build's.",
            ),
            click.option(
                "--trust-any-code",
                is_flag=True,
                help="Approve to the diamond whatever its code does: it could take what it is "
                "allowed.",
            ),
            click.option("--dry-run", is_flag=True, help="Say what would pay, and send nothing."),
            click.option("--once", is_flag=True, help="Look once, and end."),
            click.option(
                "--every", default=2.0, show_default=True, help="Seconds between two looks."
            ),
        ),
        anywhere=True,
    ),
    "transfer-ownership": DayCommand(
        """Offer the ownership to SUCCESSOR, as the owner; or accept it, as the successor.

    For a Safe or a timelock, on either side, the call is written to a file beside the manifest:
    a batch for the Safe's Transaction Builder, or the two transactions of the timelock.
    """,
        ownership.transfer_ownership,
        (
            click.argument("successor", required=False),
            click.option(
                "--accept", is_flag=True, help="Accept what was offered, as the successor."
            ),
            click.option("--cancel", is_flag=True, help="Withdraw what was offered, as the owner."),
            click.option("--yes", is_flag=True, help="Don't ask."),
        ),
    ),
}
