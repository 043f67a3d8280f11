"""`ape run taker`: takes over strikes that operators left; what happens as lines for people."""

from __future__ import annotations

import re
from collections.abc import Sequence

from macrostrike._counts import counted
from macrostrike.cli import post
from macrostrike.cli.arbitrage import Names
from macrostrike.cli.formats import clock
from macrostrike.cli.post import Post
from macrostrike.cli.systemd import alive
from macrostrike.client import MacroStrike
from macrostrike.devchain import local_account
from macrostrike.errors import ChainError, InvalidValue
from macrostrike.journal import Journal
from macrostrike.loop import Left, Look, Marked, Taker
from macrostrike.types import checked_address

_LOCAL_TAKERS = range(5, 10)
"""Accounts of a local chain that have no role."""


def run(
    at: Post,
    *,
    min_profit_bps: int,
    native: str | None,
    flash: bool,
    code_hash: Sequence[str],
    trust_any_code: bool,
    dry_run: bool,
    once: bool,
    every: float,
) -> int:
    """The command. Returns its exit code."""
    _require_hashes(code_hash)
    stop = post.stop_on_signals()
    # A manifest that is at hand is the taker's own: what it was written for is known.
    known = [*code_hash, *(facet.code_hash for facet in at.manifest.facets.values())]
    addresses = (
        [local_account(each).address for each in _LOCAL_TAKERS] if at.network.is_ours else []
    )

    def work(client: MacroStrike, journal: Journal) -> None:
        taker = Taker(
            client,
            journal,
            min_profit_bps=min_profit_bps,
            native=None if native is None else checked_address(native, "native"),
            flash=flash,
            dry_run=dry_run,
            known_code=None if trust_any_code else known,
        )
        names = Names(at.manifest, ())
        for look in taker.look() if once else taker.run(stop, every, alive=alive):
            text = f"[red]{look}[/]" if isinstance(look, ChainError) else line(look, names)
            at.console.print(text, highlight=False, soft_wrap=True)

    with at.journal("taker") as journal:
        if dry_run:
            work(at.asker("taker", addresses), journal)
        else:
            with at.client("taker", addresses, journal) as (client, _):
                work(client, journal)
        at.console.print(f"{counted(len(at.reader.open_strikes()), 'open strike')}.")
    return post.GOOD


def _require_hashes(hashes: Sequence[str]) -> None:
    """Raises `InvalidValue`."""
    for each in hashes:
        if not re.fullmatch("0x[0-9a-fA-F]{64}", each):
            raise InvalidValue("code-hash", each, "it is 0x and 64 hexadecimal digits")


def line(look: Look, names: Names) -> str:
    """What was done with a strike, or why it is left."""
    begins = f"{clock(look.at)}  [b]#{look.strike_id}[/] "
    if isinstance(look, Marked):
        return (
            begins + ("[green]marked[/]" if look.sent else "would be marked") + f": {look.reason}"
        )
    terms = look.terms
    if terms is None:
        return f"{begins}is left: {look.why}" if isinstance(look, Left) else begins
    token = terms.token
    where = "the market's pool" if terms.pool is None else terms.pool.pool
    said = (
        f"{names.amount(terms.pays, token)} to pay, worth {names.amount(terms.back, token)} at "
        f"{where}, gas {names.amount(terms.gas, token)}"
    )
    if isinstance(look, Left):
        return f"{begins}is left: {look.why}; {said}"
    done = "would be taken over" if look.taken is None else "[green]taken over[/]"
    return f"{begins}{done}: {said}: {names.amount(look.profit, token)} after gas"
