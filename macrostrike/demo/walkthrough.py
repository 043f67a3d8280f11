"""The demo, step by step: from deployment to score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from eth_account import Account
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from macrostrike._counts import counted
from macrostrike.chain import LocalTransport
from macrostrike.cli import scores
from macrostrike.cli.arbitrage import Names, stats_table
from macrostrike.cli.formats import clock, colored, percent, signed, usdc, weth
from macrostrike.client import MacroStrike
from macrostrike.demo import tables
from macrostrike.demo.engine import LOOKBACK, MEMORY, MomentumRule, Opinion
from macrostrike.demo.trading import (
    MODEL,
    Happening,
    Opened,
    Refused,
    Resumed,
    Settled,
    Trading,
)
from macrostrike.devchain import local_account
from macrostrike.errors import GateError, MacroStrikeError
from macrostrike.market import Market
from macrostrike.testing import World, deploy_world
from macrostrike.types import Bot, Due, Prediction, Signal

WARM_UP = LOOKBACK + MEMORY
"""Minutes that the engine watches before the chain's clock starts to matter."""

SETUP_SECONDS = 3600
"""Seconds of the chain's time that deploying may take."""

_STRANGER = 9
_SOLD = 60 * 10**18
_SURE_BPS = 9500
_WHY = {
    Due.TAKE_PROFIT: "take-profit reached",
    Due.STOP_LOSS: "stop-loss reached",
    Due.HORIZON: "time is up",
    Due.NOT_YET: "closed early, as the prices end here",
}


class DemoFailed(MacroStrikeError):
    """Something is not as it must be."""


@dataclass(frozen=True, slots=True)
class Walkthrough:
    """One run of the demo, on a local chain whose clock is an hour before the market's."""

    console: Console
    market: Market
    strikes_per_signal: int

    @property
    def starts_at(self) -> int:
        """The time that the chain must have when this begins."""
        return self.market.bars[WARM_UP].timestamp - SETUP_SECONDS

    def run(self, transport: LocalTransport) -> None:
        """Runs the demo. Raises `MacroStrikeError` when something fails."""
        self._introduce()
        world = self._deploy(transport)
        trading = Trading(
            world=world,
            operator=MacroStrike(transport, world.diamond, world.operator),
            taker=MacroStrike(transport, world.diamond, local_account(_STRANGER)),
            owner=MacroStrike(transport, world.diamond, world.owner),
            rule=MomentumRule(),
            strikes_per_signal=self.strikes_per_signal,
        )
        for bar in self.market.bars[:WARM_UP]:
            trading.rule.see(bar.close)
        before = trading.operator.bots()
        first = self._gate(trading)
        happenings = self._trade(trading, first)
        self._close(trading, before, happenings)
        self._arbitrage(trading)
        self._require_sound(trading, before, happenings)

    def _introduce(self) -> None:
        self._heading("MacroStrike: one prediction, 25 bots, one swap")
        self._say(
            "An [b]engine[/] predicts and signs, off chain. An [b]operator[/], a hot key with a "
            "budget, submits what it signed. A [b]diamond[/] (EIP-2535) holds the capital: it "
            "checks every prediction against its gates, trades it as one swap for a fleet of 25 "
            "bots, and books what it measured. This runs all of it on a local chain, with the real "
            "Uniswap V3 contracts."
        )
        color = "yellow" if self.market.is_made_up else "default"
        self._say(f"Prices: [{color}]{self.market.source}[/].")

    def _deploy(self, transport: LocalTransport) -> World:
        self._heading("1. Deploy")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task("Uniswap V3", total=None)
            world = deploy_world(
                transport,
                price=self.market.bars[WARM_UP - 1].close,
                on_step=lambda position, step, _: progress.update(
                    task, completed=position, description=step.does
                ),
            )
        transport.block_time = 1  # from here on the clock is the market's
        manifest, deployed = world.manifest, world.deployed
        self._print(tables.facets_table(transport, manifest))
        gas = sum(receipt.gas_used for receipt in deployed.receipts)
        self._say(
            f"Deployed whole, in one transaction, at {world.diamond}. With capital, market and "
            f"roles: {counted(len(deployed.receipts), 'transaction')}, {gas:,} gas. Then "
            "every part was read back and compared with deployments/targets/local.yaml: "
            f"{len(deployed.checks)} checks hold."
        )
        self._print(tables.funding_table(MacroStrike(transport, world.diamond)))
        return world

    def _gate(self, trading: Trading) -> Opened:
        self._heading("2. The gate")
        trading.follow(self.market.bars[WARM_UP - 1])
        threshold = trading.operator.threshold()
        self._line(f"No strike under {percent(threshold)} confidence, from any account:")
        low = trading.predict(Opinion(Signal.LONG, threshold - 1))
        self._refused(trading, "9299, signed by the engine", low, trading.world.engine)
        forged = replace(low, confidence_bps=threshold)
        self._refused(trading, "9300, signed by somebody else", forged, Account.create())
        first = trading.open(Opinion(Signal.LONG, threshold))
        self._line("  9300, signed by the engine: [green]accepted[/]")
        self._line(_line(first))
        return first

    def _refused(self, trading: Trading, what: str, prediction: Prediction, signer: Any) -> None:
        try:
            trading.operator.strike(prediction, signer)
        except GateError as refused:
            self._line(f"  {what}: [red]refused[/], {type(refused).__name__}: {refused}")
        else:
            raise DemoFailed(f"{what}, was not refused")

    def _trade(self, trading: Trading, first: Opened) -> list[Happening]:
        self._heading("3. Strikes")
        self._say(
            f"The pool now follows the market, a minute at a time, by real swaps. The engine is a "
            f"naive rule: what has moved in {LOOKBACK} minutes goes on moving. The confidence it "
            f"claims was never measured. The first {self.strikes_per_signal} strikes of each "
            "signal are taken as they come."
        )
        happenings: list[Happening] = [first]
        for happening in trading.run(self.market.bars[WARM_UP:]):
            happenings.append(happening)
            self._line(_line(happening))
        if not trading.is_done:
            self._line("[yellow]The prices end before all signals came up often enough.[/]")
        return happenings

    def _close(
        self, trading: Trading, before: Sequence[Bot], happenings: Sequence[Happening]
    ) -> None:
        client = trading.operator
        self._heading("4. Results")
        self._print(scores.books_table(before, client.bots(), "what trading did to each bot"))
        for table in scores.score_tables(client):
            self._print(table)
        self._print(scores.calibration_table(client, MODEL))
        self._say(
            "A strike is sized by what such claims have delivered, on chain: a model that does not "
            "keep its word shrinks by itself."
        )
        opened = [h.opened for h in happenings if isinstance(h, Opened)]
        settled = [h.settled for h in happenings if isinstance(h, Settled)]
        self._print(tables.gas_table(trading.bare_swap_gas, opened, settled))
        self._say(
            "Each strike here is the first in one of the 64 slots that are used in turn: about "
            "34,000 gas for two fresh storage words, which strikes after the 64th do not pay."
        )
        stats = client.stats()
        if stats.halted:
            self._say(
                f"The breaker has tripped: {stats.recent_wins} of the last 40 outcomes were wins "
                "(a new fleet starts with 40), under 85 %, or the equity fell 10 %. Nothing opens "
                "until the owner has looked and resumes; settling goes on."
            )

    def _arbitrage(self, trading: Trading) -> None:
        self._heading("5. An arbitrage between two venues")
        world, client = trading.world, trading.operator
        pair = world.venues.pair
        self._say(
            "Beside the V3 pool there is a real [b]Uniswap V2[/] pair of the same two tokens. Both "
            "are registered, each confirmed by its factory. The AMM bots hold no capital. While "
            "the pool followed the market, no one traded on the pair."
        )
        self._line(f"  V3 pool {world.venues.price():,.2f}, V2 pair {pair.price():,.2f} USDC")
        if not client.search():
            self._line(f"  Somebody sells {weth(_SOLD)} WETH into the pair.")
            pair.sell(_SOLD)
        if trading.resume_if_halted():
            self._line("  The owner resumes: no arbitrage either while the breaker has tripped.")
        names = Names(world.manifest, client.pools())
        found = client.search()
        if not found:
            raise DemoFailed("two pools at different prices, and the search found nothing")
        find = found[0]
        opportunity, token = find.opportunity, find.opportunity.token
        self._line(
            f"  found: {names.cycle(find)}, {names.amount(opportunity.amount_in, token)} in, "
            f"{names.amount(opportunity.profit, token)} to earn, about {opportunity.gas:,} gas"
        )
        order = client.order(find, confidence_bps=_SURE_BPS)
        quote = client.quote_arbitrage(order)
        self._line(
            f"  quoted by the chain: {names.amount(quote.amount_in, token)} in, "
            f"{names.amount(quote.profit, token)} to earn"
        )
        done = client.arbitrage(order)
        self._line(
            f"  [green]executed[/]: {names.amount(done.profit, token)} earned, measured, with no "
            f"capital of its own, {done.mined.gas_used:,} gas"
        )
        self._line(f"  V3 pool {world.venues.price():,.2f}, V2 pair {pair.price():,.2f} USDC\n")
        self._print(stats_table(client.amm_stats(), names))
        if (done.amount_in, done.profit) != (quote.amount_in, quote.profit):
            raise DemoFailed(f"quoted {quote}, executed {done}")

    def _require_sound(
        self, trading: Trading, before: Sequence[Bot], happenings: Sequence[Happening]
    ) -> None:
        """The books against the events, to the unit."""
        client = trading.operator
        stats, treasury = client.stats(), client.treasury()
        settled = [h.settled for h in happenings if isinstance(h, Settled)]
        pnl = sum(each.pnl for each in settled)
        shares = sum(bot.equity for bot in client.bots()) - sum(bot.equity for bot in before)
        base = client.market(0).base
        sound = {
            "the chain's profit is the sum of what the settlements measured": stats.pnl == pnl,
            "the bots' shares and what went to the reserve are all that was gained": (
                shares + treasury.reserve
                == sum(h.measured for h in happenings if isinstance(h, Settled))
            ),
            "what the diamond holds is what its books say, to the last unit": (
                not client.call("excessOf", treasury.quote) and not client.call("excessOf", base)
            ),
            "wins and losses are all that settled": (
                stats.wins == sum(each.won for each in settled)
                and stats.wins + stats.losses == stats.settled == len(settled)
            ),
        }
        self._line("Checked at the end:")
        for what, holds in sound.items():
            self._line(f"  {'[green]yes[/]' if holds else '[red]NO[/]'}  {what}")
        if not all(sound.values()):
            raise DemoFailed("the books are not sound: see above")
        verdict = "a profit" if pnl > 0 else "a loss"
        self._say(
            f"\nResult: {signed(pnl)} USDC over {counted(len(settled), 'strike')}, {verdict}, "
            "after pool fees and price impact, before gas. It says nothing about any engine but "
            "this naive one."
        )

    def _heading(self, text: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{text}", align="left")

    def _line(self, line: str) -> None:
        self.console.print(line, highlight=False)

    def _say(self, paragraph: str) -> None:
        self._line(f"{paragraph}\n")

    def _print(self, table: Table) -> None:
        self.console.print(table)
        self.console.print()


def _line(happening: Happening) -> str:
    match happening:
        case Opened():
            return _opened(happening)
        case Settled():
            return _settled(happening)
        case Refused(at, what, error):
            return f"{clock(at)}  {what}: [yellow]refused[/], {type(error).__name__}: {error}"
        case Resumed(at):
            return f"{clock(at)}  the owner has looked, and lets the fleet go on"


def _opened(happening: Opened) -> str:
    opened, opinion = happening.opened, happening.opinion
    bots = sum(lots > 0 for lots in opened.lots)
    did = "bought" if opinion.signal.is_long else "sold"
    return (
        f"{clock(happening.at)}  [b]#{opened.strike_id}[/] {colored(opinion.signal)} at "
        f"{happening.price:,.2f}, claimed {percent(opinion.confidence_bps)}: {bots} bots {did} "
        f"{weth(opened.record.base_amount)} WETH for {usdc(opened.notional)} USDC, in one swap"
    )


def _settled(happening: Settled) -> str:
    opened, settled = happening.opened, happening.settled
    minutes = (settled.mined.timestamp - opened.mined.timestamp) // 60
    did = "sold" if opened.signal.is_long else "bought back"
    by = "taken over by a stranger" if happening.taken else "by the operator"
    return (
        f"{clock(happening.at)}  [b]#{settled.strike_id}[/] settled at {happening.price:,.2f} "
        f"after {minutes} min, {_WHY[happening.due]}, {by}: {did} {weth(settled.base_amount)} WETH "
        f"for {usdc(settled.quote_amount)} USDC, {signed(settled.pnl)}"
    )
