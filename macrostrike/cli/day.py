"""The commands of the day: a strike by hand, the score, and what an owner or guardian does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from macrostrike.cli import post, scores
from macrostrike.cli.formats import percent, signed, usdc
from macrostrike.cli.lines import line
from macrostrike.cli.post import Post
from macrostrike.client import MacroStrike
from macrostrike.engine import Forecast
from macrostrike.errors import ContractError, InvalidValue
from macrostrike.journal import Decision, Journal
from macrostrike.journal.books import MIN_RECENT_WINS, RECENT
from macrostrike.loop import Desk, Said, Unsigned
from macrostrike.types import BOTS, Signal, Strategy, checked_address, strategy_mask

SIGNALS = {str(signal): signal for signal in Signal}
STRATEGIES = {str(strategy): strategy for strategy in Strategy}
_HAND = "hand"
_MODELS = range(6)
"""Model ids that the score is shown of where none is named: none, and the reference engine's."""


def strike(
    at: Post,
    *,
    signal: str,
    confidence_bps: int,
    horizon: int,
    take_profit_bps: int,
    stop_loss_bps: int,
    strategies: Sequence[str],
    model_id: int,
    market: int,
    engine: str | None,
    dry_run: bool,
) -> int:
    """Signs one prediction, records it, and strikes it."""
    mask = strategy_mask(*(STRATEGIES[name] for name in strategies or STRATEGIES))
    forecast = Forecast(
        signal=SIGNALS[signal],
        confidence_bps=confidence_bps,
        model_id=model_id,
        horizon=horizon,
        take_profit_bps=take_profit_bps,
        stop_loss_bps=stop_loss_bps,
        strategies=mask,
        market=market,
    )
    with at.journal("strike") as journal, _sender(at, journal, dry_run) as client:
        journal.sync(at.transport, at.manifest.diamond, at.manifest.deployed_at)
        desk = Desk(client, journal, dry_run=dry_run)
        with at.engine(engine, recorded=not dry_run) as signer:
            said = Said(forecast, signer, at.transport.timestamp(pending=True))
            for signed_or_not in desk.sign(said, _HAND):
                at.console.print(line(signed_or_not), highlight=False, soft_wrap=True)
                if isinstance(signed_or_not, Unsigned):
                    return post.REFUSED
        (row,) = journal.predictions(decision=Decision.PENDING, engine=signer.address)[-1:]
        for decided in desk.decide(row, None):
            at.console.print(line(decided), highlight=False, soft_wrap=True)
            journal.sync(at.transport, at.manifest.diamond, at.manifest.deployed_at)
            good = decided.row.decision is Decision.STRUCK or (
                dry_run and decided.row.reason == "DryRun"
            )
            return post.GOOD if good else post.REFUSED
        at.console.print("[red]sent, and its outcome is not known[/]")
        return post.UNKNOWN


def settle(at: Post, *, strike_ids: Sequence[int], all_open: bool, due: bool) -> int:
    """Settles strikes by their ids, all that are open, or those that are due on chain."""
    if bool(strike_ids) + all_open + due != 1:
        raise click.UsageError("name strikes by their ids, or say --due or --all")
    code = post.GOOD
    with at.journal("settle") as journal, at.operator(journal) as (client, _):
        ids = strike_ids or client.open_strikes()
        for strike_id in ids:
            if due and not client.can_settle(strike_id).is_due:
                continue
            try:
                settled = client.settle(strike_id)
            except ContractError as refused:
                at.console.print(f"#{strike_id}: [yellow]not settled[/], {refused}")
                code = post.REFUSED
                continue
            amount = f"{usdc(settled.quote_amount)} USDC, {signed(settled.pnl)}"
            at.console.print(f"#{strike_id} settled: {amount}", highlight=False)
        journal.sync(at.transport, at.manifest.diamond, at.manifest.deployed_at)
    return code


def stats(at: Post, *, models: Sequence[int], as_json: bool) -> int:
    """The chain's own score."""
    client = at.reader
    shown = {model: client.calibration(model) for model in models or _MODELS}
    shown = {m: bins for m, bins in shown.items() if m in models or any(b.settled for b in bins)}
    if as_json:
        units = {"quote_decimals": at.manifest.quote.decimals}
        content = {
            "stats": client.stats().to_dict(**units),
            "signals": {str(s): p.to_dict(**units) for s, p in client.signal_stats().items()},
            "strategies": {str(s): p.to_dict(**units) for s, p in client.strategy_stats().items()},
            "calibration": {str(m): [b.to_dict() for b in bins] for m, bins in shown.items()},
        }
        click.echo(json.dumps(content, indent=2))
        return post.GOOD
    for table in scores.score_tables(client):
        at.console.print(table)
    for model in shown:
        at.console.print(f"Model {model}")
        at.console.print(scores.calibration_table(client, model))
    at.console.print(_totals(client), highlight=False, soft_wrap=True)
    return post.GOOD


def bots(at: Post, *, as_json: bool) -> int:
    """The 25 bots."""
    if as_json:
        units = {"quote_decimals": at.manifest.quote.decimals}
        rows = [bot.to_dict(**units) for bot in at.reader.bots()]
        click.echo(json.dumps(rows, indent=2))
    else:
        at.console.print(scores.bots_table(at.reader.bots()))
    return post.GOOD


def pause(at: Post, *, yes: bool) -> int:
    """Stops everything that opens risk."""
    guards = (*at.manifest.guardians, at.manifest.owner)
    return _act(at, "guardian", guards, "pause", yes=yes)


def unpause(at: Post, *, yes: bool) -> int:
    """Lets strikes open again."""
    return _act(at, "owner", [at.manifest.owner], "unpause", yes=yes)


def resume(at: Post, *, yes: bool) -> int:
    """Lets a halted fleet go on, after a look at why it halted."""
    at.console.print(_totals(at.reader), highlight=False, soft_wrap=True)
    return _act(at, "owner", [at.manifest.owner], "resume", yes=yes)


def revoke(at: Post, *, role: str, address: str, yes: bool) -> int:
    """Takes an operator's or an engine's role away. A mistyped address is refused."""
    guards, account = (*at.manifest.guardians, at.manifest.owner), checked_address(address)
    function, grant = "revokeOperator", at.reader.operator(account).valid_until
    if role == "engine":
        function, grant = "revokeEngine", at.reader.engine(account).valid_until
    if not grant:
        reason = f"it was never an {role}, or is revoked already; see `ape run status`"
        raise InvalidValue("address", account, reason)
    return _act(at, "guardian", guards, function, account, yes=yes)


def rebalance(at: Post, *, weights: str | None, yes: bool) -> int:
    """Spreads the bots' free equity by weights, or by what each strategy has won."""
    parsed = None if weights is None else _weights(weights)
    before = at.reader.bots()
    at.confirm("Rebalance", yes)
    owner = [at.manifest.owner]
    with at.journal("rebalance") as journal, at.client("owner", owner, journal) as (client, _):
        if parsed is None:
            client.rebalance_by_performance()
        else:
            client.rebalance(parsed)
        journal.sync(at.transport, at.manifest.diamond, at.manifest.deployed_at)
    at.console.print(scores.books_table(before, at.reader.bots(), "what was moved"))
    return post.GOOD


@contextmanager
def _sender(at: Post, journal: Journal, dry_run: bool) -> Iterator[MacroStrike]:
    """The operator's client, or one that can send nothing."""
    if dry_run:
        yield at.observer()
        return
    with at.operator(journal) as (client, _):
        yield client


def _act(
    at: Post, role: str, addresses: Sequence[str], function: str, *args: Any, yes: bool
) -> int:
    """One transaction of a role, journaled."""
    at.confirm(f"Send {function}", yes)
    with at.journal(function) as journal, at.client(role, addresses, journal) as (client, _):
        receipt = client.transact(function, *args)
        journal.sync(at.transport, at.manifest.diamond, at.manifest.deployed_at)
    shown = ", ".join(str(each) for each in args)
    at.console.print(
        f"{function}({shown}) mined in block {receipt.block_number}, by {client.address}"
    )
    return post.GOOD


def _totals(client: MacroStrike) -> str:
    """The score in a line, and what stops the diamond now."""
    total = client.stats()
    lost = 1 - total.equity / total.high_water if total.high_water else 0
    stops = [why for why, holds in _stops(client) if holds]
    return (
        f"{total.settled} settled, {total.wins} won, {signed(total.pnl)} USDC; {total.open} open; "
        f"equity {usdc(total.equity)} USDC, {lost:.1%} under its mark; threshold "
        f"{percent(client.threshold())}. "
        + (f"[red]{' and '.join(stops)}[/]" if stops else "[green]Strikes may open.[/]")
    )


def _stops(client: MacroStrike) -> Iterator[tuple[str, bool]]:
    total = client.stats()
    yield "paused: `ape run unpause`, by the owner", client.is_paused()
    why = f"{RECENT - total.recent_wins} of the last {min(total.settled, RECENT)} lost"
    if total.recent_wins >= MIN_RECENT_WINS:
        why = "too far under its mark"
    yield f"halted, {why}: `ape run resume`, by the owner", total.halted


def _weights(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) != BOTS or not all(part.strip().isdecimal() for part in parts):
        raise InvalidValue("weights", text, f"they are {BOTS} integers with commas between them")
    return [int(part) for part in parts]
