"""`ape run loop`: its parts put together, and what happens as lines for people."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

from rich.text import Text

from macrostrike._counts import counted
from macrostrike.chain import AnvilTransport
from macrostrike.cli import post
from macrostrike.cli.arbitrage import Names
from macrostrike.cli.arbitrage import line as arbitrage_line
from macrostrike.cli.formats import signed
from macrostrike.cli.lines import line
from macrostrike.cli.post import Post
from macrostrike.cli.systemd import STOPPING, alive, notify
from macrostrike.client import MacroStrike
from macrostrike.devchain import Venues, deploy_venues, local_fixtures
from macrostrike.engine import NO_EDGE, ReferenceEngine
from macrostrike.errors import ChainError, MacroStrikeError
from macrostrike.journal import ChangeKind, Decision, Journal
from macrostrike.loop import (
    LiveReplay,
    LoopState,
    PoolFeed,
    Quarantined,
    RecordedFeed,
    Source,
    Spot,
    StrikeLoop,
    Watch,
)
from macrostrike.loop._live_replay import ACCEPTED
from macrostrike.loop._live_replay import NAME as REPLAY
from macrostrike.market import Market, find_market, read_market, synthetic_market

_SYNTHETIC_MINUTES = 20_000
_SURE_BPS = 9500  # that an arbitrage that was quoted is executed


def run(
    at: Post,
    *,
    engine: str | None,
    prices: Path | None,
    minutes_per_second: float,
    without_engine: bool,
    arbitrage: bool,
    dry_run: bool,
    reducing: bool,
    rebalance_every: int | None,
    anchor_roots: bool,
    replay: bool,
    accept_divergence: bool,
    once: bool,
    max_cycles: int | None,
    every: float,
) -> int:
    """The command. Returns its exit code."""
    stop = post.stop_on_signals()
    with at.journal("loop") as journal, _client(at, journal, dry_run) as (client, recover):
        sources = []
        if not without_engine:
            sources = _sources(at, client, engine, prices, minutes_per_second, dry_run)
            at.console.print(f"[yellow]{NO_EDGE}[/]", highlight=False)
        if accept_divergence:
            journal.record_change(ChangeKind.CHECK, REPLAY, ACCEPTED, cause="by command")
        again = LiveReplay(journal, at.transport, at.manifest.diamond) if replay else None
        loop = StrikeLoop(
            client,
            journal,
            sources,
            from_block=at.manifest.deployed_at,
            recover=recover,
            reducing=reducing,
            rebalance_every=rebalance_every,
            anchors=anchor_roots,
            replay=again,
            dry_run=dry_run,
        )
        loop.warm_up()
        watch = _watching(at, client, journal, dry_run) if arbitrage else nullcontext()
        with watch, _replaying(again):
            cycles = 1 if once else max_cycles
            for happening in loop.run(stop, every=every, max_cycles=cycles, alive=alive):
                at.console.print(line(happening), highlight=False, soft_wrap=True)
        notify(STOPPING)
        if again is not None:
            at.console.print(_replayed(again, journal), highlight=False)
        return _end(at, journal, loop, sources)


@contextmanager
def _client(
    at: Post, journal: Journal, dry_run: bool
) -> Iterator[tuple[MacroStrike, Callable[[], object]]]:
    """The client, and what resolves transactions that have no outcome yet."""
    if dry_run:
        yield at.observer(), lambda: None
        return
    with at.operator(journal) as (client, executor):
        yield client, executor.recover


@contextmanager
def _watching(at: Post, client: MacroStrike, journal: Journal, dry_run: bool) -> Iterator[None]:
    """The arbitrage watch beside the loop, in a thread of its own, by the same account."""
    stop = threading.Event()
    names = Names(at.manifest, client.pools())
    watch = Watch(client, confidence_bps=_SURE_BPS, dry_run=dry_run)

    def work() -> None:
        for seen in watch.run(stop):
            if isinstance(seen, ChainError):
                journal.record_change(ChangeKind.LOG, "error", str(seen), cause="arbitrage")
                continue
            text = arbitrage_line(seen, names)
            if isinstance(seen, Quarantined):
                plain = Text.from_markup(text).plain
                journal.record_change(ChangeKind.LOG, "warning", plain, cause="arbitrage")
            at.console.print(text, highlight=False, soft_wrap=True)

    thread = threading.Thread(target=work, name="arbitrage")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _replaying(replay: LiveReplay | None) -> Iterator[None]:
    """The replay of what is mined beside the loop, in a thread of its own."""
    if replay is None:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=replay.run, args=[stop], name="replay")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _replayed(replay: LiveReplay, journal: Journal) -> str:
    """How what was mined came out in the replay."""
    try:
        replay.check()
    except ChainError as failure:
        return f"[yellow]not all was replayed: {failure}[/]"
    found = journal.changes(kind=ChangeKind.CHECK, name=REPLAY)
    other = ", ".join(f"{each.value}: {each.cause}" for each in found[-3:])
    return f"{counted(replay.equal, 'transaction')} came out equal in the replay" + (
        f"; others before: {other}" if found else ""
    )


def _sources(
    at: Post,
    client: MacroStrike,
    alias: str | None,
    prices: Path | None,
    minutes_per_second: float,
    dry_run: bool,
) -> list[Source]:
    """A reference engine for each market; on a local chain for the one whose pool can be moved."""
    signer = at.engine(alias, recorded=not dry_run)
    if _has_venue(at):
        feed = _recorded(at, prices, minutes_per_second)
        return [Source(0, feed, ReferenceEngine(), signer)]
    before = read_market(prices).bars if prices else ()
    if len(before) < ReferenceEngine.warm_up:
        at.console.print(
            f"The engine knows {len(before)} minutes and says nothing before "
            f"{ReferenceEngine.warm_up}: show it more by --prices."
        )
    spot = Spot(client)
    return [
        Source(
            market.id,
            PoolFeed(
                partial(spot.price, market.id),
                at.transport.timestamp,
                () if market.id else before,
            ),
            ReferenceEngine(market=market.id),
            signer,
        )
        for market in at.manifest.markets
    ]


def _recorded(at: Post, prices: Path | None, minutes_per_second: float) -> RecordedFeed:
    """The recorded minutes, on the local chain's venue."""
    market = _market(prices)
    if len(market.bars) <= ReferenceEngine.warm_up:
        raise MacroStrikeError(
            f"{market.source}: {len(market.bars)} minutes are too few, the reference engine needs "
            f"{ReferenceEngine.warm_up} before its first prediction"
        )
    at.console.print(f"Prices: {market.source}, after {ReferenceEngine.warm_up} minutes of them.")
    return RecordedFeed(
        _venues(at),
        market,
        begins_at=at.transport.block(at.manifest.deployed_at).timestamp,
        warm_up=ReferenceEngine.warm_up,
        minutes_per_second=minutes_per_second,
    )


def _market(prices: Path | None) -> Market:
    if prices is not None:
        return read_market(prices)
    return find_market() or synthetic_market(1, _SYNTHETIC_MINUTES)


def _has_venue(at: Post) -> bool:
    """Whether it is a chain of our own with the pool that the local target deploys."""
    return at.network.is_local and bool(at.transport.code(local_fixtures().pool))


def _venues(at: Post) -> Venues:
    return deploy_venues(AnvilTransport(at.network.url, block_time=None))


def _end(at: Post, journal: Journal, loop: StrikeLoop, sources: Sequence[Source]) -> int:
    """The last lines, and the exit code."""
    at.console.print(summary(journal), highlight=False)
    if sources and not journal.last_prediction():
        at.console.print("The engine has had no opinion yet: let it see 300 minutes, or more.")
    for source in sources:
        if isinstance(source.predictor, ReferenceEngine):
            at.console.print(source.predictor.report(), highlight=False)
    if loop.unresolved():
        hashes = ", ".join(f"0x{each.hash.hex()}" for each in loop.unresolved())
        at.console.print(f"[red]No outcome is known of {hashes}[/]")
        return post.UNKNOWN
    return post.HALTED if loop.state is LoopState.HALTED else post.GOOD


def summary(journal: Journal) -> str:
    """How many predictions ended how, and what was made of the strikes."""
    rows = journal.predictions()
    parts = [f"{sum(r.decision is each for r in rows)} {each}" for each in Decision]
    strikes = journal.strikes()
    ended = [strike for strike in strikes if strike.pnl is not None]
    pnl = sum(strike.pnl or 0 for strike in ended)
    won = sum(bool(strike.won) for strike in ended)
    return (
        f"{counted(len(rows), 'prediction')}: {', '.join(parts)}. "
        f"{counted(len(strikes), 'strike')}, {len(ended)} "
        f"closed, {won} won, {signed(pnl)} USDC before gas."
    )
