"""The demo's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from rich.table import Table

from macrostrike.chain import Transport
from macrostrike.cli.formats import percent, usdc, weth
from macrostrike.cli.scores import new_table
from macrostrike.client import MacroStrike
from macrostrike.manifest import Manifest
from macrostrike.types import BOTS_PER_STRATEGY, Strategy, StrikeOpened, StrikeSettled

_FACETS = {
    "DiamondCutFacet": "changes the diamond's functions",
    "DiamondLoupeFacet": "tells which functions it has",
    "AccessFacet": "owner, operators, engines, guardians, pause",
    "TreasuryFacet": "capital in and out, by the owner alone",
    "FleetFacet": "the 25 bots and their capital",
    "MarketFacet": "pools, oracles, limits",
    "StrikeBotFacet": "opens and settles strikes",
    "TakeoverFacet": "marks strikes as due; anyone takes them over",
    "ScoreFacet": "wins, losses, calibration, as measured",
    "PoolsFacet": "which pools arbitrages may use",
    "AMMBotFacet": "arbitrage between registered pools",
    "SwapCallbackFacet": "pays a pool what a running swap owes it",
}


def facets_table(transport: Transport, manifest: Manifest) -> Table:
    """The diamond's parts."""
    table = new_table("The diamond's facets", "facet", "does", ">functions", ">bytes")
    for name, facet in manifest.facets.items():
        size = len(transport.code(facet.address))
        table.add_row(name, _FACETS.get(name, ""), str(len(facet.selectors)), f"{size:,}")
    return table


def funding_table(client: MacroStrike) -> Table:
    """What there is before the first strike."""
    table = new_table("The books before", "where", ">amount", "what for")
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


def gas_table(
    bare: Sequence[int], opened: Sequence[StrikeOpened], settled: Sequence[StrikeSettled]
) -> Table:
    """What a strike for 25 bots costs, beside 25 swaps. Medians of what was measured here."""
    table = new_table("Gas, median of this run", "what", ">gas", ">of one swap")
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
