"""Finds and their outcome for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.table import Table

from macrostrike.loop import Quarantined, Seen
from macrostrike.types import AMMTokenStats, Pool

if TYPE_CHECKING:
    from macrostrike.arbitrage._find import Find
    from macrostrike.manifest import Manifest

_SHOWN = 6  # decimals


class Names:
    """What tokens and pools are called."""

    def __init__(self, manifest: Manifest, pools: Sequence[Pool]) -> None:
        entries = [manifest.quote, *(market.base for market in manifest.markets)]
        self._tokens = {entry.address: entry for entry in entries}
        self._pools: Mapping[int, Pool] = {pool.id: pool for pool in pools}

    def token(self, address: str) -> str:
        """Its symbol, or the beginning of its address."""
        known = self._tokens.get(address)
        return address[:8] if known is None else known.symbol

    def amount(self, raw: int, token: str) -> str:
        """An amount with its token; raw units where the decimals are not known."""
        between = " " if token in self._tokens else " units of "
        return f"{self.number(raw, token)}{between}{self.token(token)}"

    def number(self, raw: int, token: str) -> str:
        """The amount alone."""
        known = self._tokens.get(token)
        if known is None:
            return f"{raw:,}"
        shown = f"{Decimal(raw).scaleb(-known.decimals):,.{min(known.decimals, _SHOWN)}f}"
        return shown.rstrip("0").rstrip(".") if "." in shown else shown

    def cycle(self, find: Find) -> str:
        """The tokens, and the venue of each hop between them."""
        parts = [self.token(find.opportunity.token)]
        for hop, pool in zip(find.opportunity.hops, find.pools, strict=True):
            parts.append(f"({self._pools[pool].venue} #{pool}) {self.token(hop.token_out)}")
        return " → ".join(parts)


def line(seen: Seen | Quarantined, names: Names) -> str:
    """A find and its outcome, or a pool that is left out, in a line."""
    if isinstance(seen, Quarantined):
        return (
            f"block {seen.block_number}  pool #{seen.pool} is [red]quarantined[/] until block "
            f"{seen.until_block}: {seen.failures} of its cycles were refused"
        )
    find = seen.find
    token = find.opportunity.token
    begins = f"block {seen.block_number}  {names.cycle(find)}: "
    if seen.done is not None:
        done = seen.done
        return (
            f"{begins}[green]executed[/], {names.amount(done.amount_in, token)} in, "
            f"{names.amount(done.profit, token)} earned, {done.mined.gas_used:,} gas"
        )
    if seen.refused is not None:
        return f"{begins}[yellow]left[/], {type(seen.refused).__name__}: {seen.refused}"
    assert seen.quoted is not None, "what was not refused was quoted"
    return (
        f"{begins}quoted, {names.amount(seen.quoted.amount_in, token)} in would earn "
        f"{names.amount(seen.quoted.profit, token)}"
    )


def stats_table(stats: Sequence[AMMTokenStats], names: Names) -> Table:
    """What the AMM bots have made, by token."""
    table = Table(title="Arbitrage, as measured", title_justify="left")
    table.add_column("token")
    for title in ("executed", "profit", "best", "volume", "capital", "cap"):
        table.add_column(title, justify="right")
    for each in stats:
        amounts = (each.profit, each.best, each.volume, each.capital, each.max_amount_in)
        shown = (names.number(amount, each.token) for amount in amounts)
        table.add_row(names.token(each.token), str(each.executed), *shown)
    return table
