"""The demo's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from rich.table import Table

from macrostrike.chain import Transport
from macrostrike.client import MacroStrike
from macrostrike.demo._format import colored, percent, rate, signed, usdc, weth
from macrostrike.manifest import Manifest
from macrostrike.types import BOTS_PER_STRATEGY, Bot, Strategy, StrikeOpened, StrikeSettled

_FACETS = {
    "DiamondCutFacet": "changes the diamond's functions",
    "DiamondLoupeFacet": "tells which functions it has",
    "AccessFacet": "owner, operators, engines, guardians, pause",
    "TreasuryFacet": "capital in and out, by the owner alone",
    "FleetFacet": "the 25 bots and their capital",
    "MarketFacet": "pools, oracles, limits",
    "StrikeBotFacet": "opens and settles strikes",
    "ScoreFacet": "wins, losses, calibration, as measured",
    "AMMBotFacet": "arbitrage between registered pools",
    "SwapCallbackFacet": "pays a pool what a running swap owes it",
}


def facets_table(transport: Transport, manifest: Manifest) -> Table:
    """The diamond's parts."""
    table = _table("The diamond's facets", "facet", "does", ">functions", ">bytes")
    for name, facet in manifest.facets.items():
        size = len(transport.code(facet.address))
        table.add_row(name, _FACETS.get(name, ""), str(len(facet.selectors)), f"{size:,}")
    return table


def books_table(before: Sequence[Bot], after: Sequence[Bot]) -> Table:
    """Every bot's equity, a strategy a row."""
    bots = (f">bot {i}" for i in range(1, BOTS_PER_STRATEGY + 1))
    table = _table("The books after, USDC, and what trading did to each bot", "strategy", *bots)
    for strategy in Strategy:
        first = strategy * BOTS_PER_STRATEGY
        row = [str(strategy)]
        for i in range(first, first + BOTS_PER_STRATEGY):
            change = signed(after[i].equity - before[i].equity)
            row.append(f"{usdc(after[i].equity)}\n{change}")
        table.add_row(*row)
    return table


def funding_table(client: MacroStrike) -> Table:
    """What there is before the first strike."""
    table = _table("The books before", "where", ">amount", "what for")
    bots = client.bots()
    for strategy in Strategy:
        five = bots[strategy * BOTS_PER_STRATEGY : (strategy + 1) * BOTS_PER_STRATEGY]
        risks = ", ".join(percent(bot.config.risk_bps).removesuffix(" %") for bot in five)
        equity = usdc(sum(bot.equity for bot in five))
        table.add_row(f"{strategy}, 5 bots", f"{equity} USDC", f"risk {risks} % a strike")
    equity = usdc(sum(bot.equity for bot in bots))
    table.add_row("all 25 bots", f"{equity} USDC", "", style="bold")
    base = client.market(0).base
    inventory = weth(client.call("inventoryOf", base))
    table.add_row("inventory", f"{inventory} WETH", "what shorts sell from")
    table.add_row("reserve", f"{usdc(client.treasury().reserve)} USDC", "rounding ends up here")
    return table


def score_tables(client: MacroStrike) -> tuple[Table, Table]:
    """The chain's own score, by signal and by strategy."""
    columns = (">settled", ">won", ">win rate")
    by_signal = _table("Score by signal", "signal", *columns, ">profit", ">loss", ">net, USDC")
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
    by_strategy = _table("Score by strategy", "strategy", *columns, ">net, USDC", ">equity, USDC")
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
    """What the engine claimed, what came of it, and what the chain makes of that."""
    table = _table(
        "Claimed against delivered", "claimed", ">settled", ">won", ">delivered", "next size"
    )
    for i, bin_ in enumerate(client.calibration(model_id)):
        if not bin_.settled:
            continue
        least = 9300 + 100 * i
        most = 10_000 if least == 9900 else least + 99
        sizes = sorted(set(bin_.factor_bps))
        shown = " to ".join(percent(size) for size in {sizes[0]: 0, sizes[-1]: 0})
        table.add_row(
            f"{percent(least)} to {percent(most)}",
            str(bin_.settled),
            str(bin_.wins),
            rate(bin_.wins, bin_.settled),
            f"{shown} of full",
        )
    return table


def gas_table(
    bare: Sequence[int], opened: Sequence[StrikeOpened], settled: Sequence[StrikeSettled]
) -> Table:
    """What a strike for 25 bots costs, beside 25 swaps. Medians of what was measured here."""
    table = _table("Gas, median of this run", "what", ">gas", ">of one swap")
    swap = int(median(bare))
    figures: Mapping[str, int] = {
        "one swap by Uniswap's own router": swap,
        "25 such swaps, a bot each": 25 * swap,
        "opening a strike for 25 bots": int(median(s.mined.gas_used for s in opened)),
        "settling it": int(median(s.mined.gas_used for s in settled)),
    }
    for what, gas in figures.items():
        table.add_row(what, f"{gas:,}", f"{gas / swap:.2f} ×")
    return table


def _table(title: str, *columns: str) -> Table:
    """Columns that begin with `>` are for numbers."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        justify = "right" if column.startswith(">") else "left"
        table.add_column(column.removeprefix(">"), justify=justify)  # type: ignore[arg-type]
    return table
