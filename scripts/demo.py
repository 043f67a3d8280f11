"""`ape run demo`: strikes for 25 bots on a local chain, start to end."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.cli.failures import in_one_sentence
from macrostrike.demo.walkthrough import WARM_UP, Walkthrough
from macrostrike.market import Market, find_market, read_market, synthetic_market

_MINUTES = 1440


@click.command()
@click.option(
    "--prices",
    type=click.Path(path_type=Path),
    help="CSV of prices by the minute; by default those in ../shared/data/market, or made-up ones.",
)
@click.option("--seed", default=1, show_default=True, help="Of the made-up prices.")
@click.option(
    "--strikes", default=4, show_default=True, type=click.IntRange(1, 10), help="Of each signal."
)
def cli(prices: Path | None, seed: int, strikes: int) -> None:
    """Deploy to a local chain of its own, and strike along a market.

    Needs no network and leaves nothing behind.
    """
    # Like an interrupt from the keyboard, so that anvil is ended on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    with in_one_sentence():
        walkthrough = Walkthrough(Console(), _market(prices, seed), strikes)
        with start_anvil("--timestamp", str(walkthrough.starts_at)) as url:
            walkthrough.run(AnvilTransport(url))


def _market(prices: Path | None, seed: int) -> Market:
    if prices is not None:
        market = read_market(prices, _MINUTES)
    else:
        market = find_market(_MINUTES) or synthetic_market(seed, _MINUTES)
    if len(market.bars) <= WARM_UP:
        raise click.ClickException(
            f"{market.source}: {len(market.bars)} minutes are too few, over {WARM_UP} are needed"
        )
    return market


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
