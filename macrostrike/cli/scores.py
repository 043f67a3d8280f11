"""The score and the bots, as tables. Amounts are shown in a quote token of 6 decimals."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from macrostrike.cli.formats import colored, percent, rate, signed, usdc
from macrostrike.client import MacroStrike
from macrostrike.types import BOTS_PER_STRATEGY, MIN_CONFIDENCE_BPS, Bot, Strategy


def books_table(before: Sequence[Bot], after: Sequence[Bot], changed_by: str) -> Table:
    """Every bot's equity, a strategy a row, and how it changed."""
    bots = (f">bot {i}" for i in range(1, BOTS_PER_STRATEGY + 1))
    table = new_table(f"The books after, USDC, and {changed_by}", "strategy", *bots)
    for strategy in Strategy:
        first = strategy * BOTS_PER_STRATEGY
        row = [str(strategy)]
        for i in range(first, first + BOTS_PER_STRATEGY):
            change = signed(after[i].equity - before[i].equity)
            row.append(f"{usdc(after[i].equity)}\n{change}")
        table.add_row(*row)
    return table


def score_tables(client: MacroStrike) -> tuple[Table, Table]:
    """The chain's own score, by signal and by strategy."""
    columns = (">settled", ">won", ">win rate")
    by_signal = new_table("Score by signal", "signal", *columns, ">profit", ">loss", ">net, USDC")
    for signal, score in client.signal_stats().items():
        by_signal.add_row(
            colored(signal),
            str(score.settled),
            str(score.wins),
            rate(score.wins, score.settled),
            usdc(score.profit),
            usdc(score.loss),
            signed(score.profit - score.loss),
        )
    stats = client.stats()
    by_signal.add_section()
    by_signal.add_row(
        "all",
        str(stats.settled),
        str(stats.wins),
        rate(stats.wins, stats.settled),
        usdc(stats.profit),
        usdc(stats.loss),
        signed(stats.pnl),
        style="bold",
    )
    by_strategy = new_table(
        "Score by strategy", "strategy", *columns, ">net, USDC", ">equity, USDC"
    )
    for strategy, part in client.strategy_stats().items():
        by_strategy.add_row(
            str(strategy),
            str(part.settled),
            str(part.wins),
            rate(part.wins, part.settled),
            signed(part.pnl),
            usdc(part.equity),
        )
    return by_signal, by_strategy


def calibration_table(client: MacroStrike, model_id: int) -> Table:
    """What the engine claimed, the result, and what the chain makes of that."""
    table = new_table(
        "Claimed against delivered", "claimed", ">settled", ">won", ">delivered", "next size"
    )
    for i, bin_ in enumerate(client.calibration(model_id)):
        if not bin_.settled:
            continue
        lowest = MIN_CONFIDENCE_BPS + 100 * i
        highest = 10_000 if lowest == 9900 else lowest + 99
        sizes = sorted(set(bin_.factor_bps))
        shown = " to ".join(percent(size) for size in {sizes[0]: 0, sizes[-1]: 0})
        table.add_row(
            f"{percent(lowest)} to {percent(highest)}",
            str(bin_.settled),
            str(bin_.wins),
            rate(bin_.wins, bin_.settled),
            f"{shown} of full",
        )
    return table


def new_table(title: str, *columns: str) -> Table:
    """Columns that begin with `>` are for numbers."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        justify = "right" if column.startswith(">") else "left"
        table.add_column(column.removeprefix(">"), justify=justify)  # type: ignore[arg-type]
    return table


def bots_table(bots: Sequence[Bot]) -> Table:
    """Each bot's equity, what of it is in open strikes, its risk share and its minimum."""
    columns = ("strategy", ">bot", ">equity", ">in strikes", ">risk", ">minimum", "takes")
    table = new_table("The 25 bots", *columns)
    for number, bot in enumerate(bots):
        config = bot.config
        sides = (("longs", config.longs), ("shorts", config.shorts))
        takes = ", ".join(side for side, is_on in sides if is_on) if config.active else "off"
        table.add_row(
            str(bot.strategy),
            str(number),
            usdc(bot.equity),
            usdc(bot.locked),
            percent(config.risk_bps),
            percent(config.min_confidence_bps),
            takes or "nothing",
        )
    return table
