"""The trading loop: prediction → gate → strike → settlement → result → stats → prediction.

The journal and the chain are its whole state: it may be killed at any point, and goes on from them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from macrostrike._counts import counted
from macrostrike.chain.heads import News
from macrostrike.client import MacroStrike
from macrostrike.engine import EngineSigner, Predictor, Result
from macrostrike.errors import ChainError, TransactionNotMined
from macrostrike.journal import (
    LIVE,
    ChangeKind,
    IntentRow,
    IntentState,
    Journal,
    RowNotFound,
    StrikeRow,
)
from macrostrike.loop._anchor import Anchor
from macrostrike.loop._desk import MAX_PENDING, Decided, Desk, Predicted, Said, Unsigned
from macrostrike.loop._feed import MINUTE, Feed, FeedEnded
from macrostrike.loop._live_replay import LiveReplay
from macrostrike.loop._rebalancer import Rebalanced, Rebalancer
from macrostrike.loop._scoring import Scorer
from macrostrike.loop._settler import Closed, NotClosed, Settler, causation_of
from macrostrike.loop._spot import Spot
from macrostrike.loop._states import Changed, LoopState, States, halt_cause
from macrostrike.types import StrikeStats


@dataclass(frozen=True, slots=True)
class Counted:
    """A strike has ended, by whatever account, and is in the chain's score.

    stats: the chain's, with it. is_taught: whether an engine of this process has learned of it.
    """

    at: int
    causation_id: str | None
    strike: StrikeRow
    stats: StrikeStats
    is_taught: bool


Happening = Changed | Closed | Counted | Decided | NotClosed | Predicted | Rebalanced | Unsigned

_PATIENCE = 60.0
"""Seconds after which a transaction that is still on its way has no known outcome."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The chain could not be asked; the cycle is tried again."""

    error: ChainError


@dataclass(frozen=True, slots=True)
class Source:
    """One engine in this process, for one market: its minutes, its models, its signer."""

    market: int
    feed: Feed
    predictor: Predictor
    signer: EngineSigner


class StrikeLoop:
    """One operator's loop over a diamond: for all its markets, and as many engines as there are.

    client: sends as the operator; with an `Executor` as its sender every transaction is journaled
        before it leaves.
    journal: the diamond's, with a run begun.
    from_block: the first that can have an event of the diamond.
    recover: called before each cycle: resolves transactions that have no outcome yet.
    reducing: settles, and opens nothing.
    dry_run: records what it would do, and sends nothing.
    rebalance_every: seconds between two rebalances; None for none.
    anchors: whether each day's roots are put on chain, see `Anchor`.
    replay: what it found halts the loop; something else has to run it.
    """

    def __init__(
        self,
        client: MacroStrike,
        journal: Journal,
        sources: Sequence[Source],
        *,
        from_block: int,
        recover: Callable[[], object] = lambda: None,
        reducing: bool = False,
        dry_run: bool = False,
        rebalance_every: int | None = None,
        anchors: bool = False,
        replay: LiveReplay | None = None,
    ) -> None:
        self._client, self._journal, self._sources = client, journal, sources
        self._from_block, self._recover, self._reducing = from_block, recover, reducing
        self._dry_run = dry_run
        spot = Spot(client)
        self._settler = Settler(client, journal, spot, dry_run=dry_run)
        self._scorer = Scorer(journal, spot)
        self._markets, self._counted_at = range(0), 0
        self._desk = Desk(client, journal, dry_run=dry_run)
        self._rebalancer = (
            None
            if rebalance_every is None or dry_run
            else Rebalancer(client, journal, rebalance_every)
        )
        self._anchor = Anchor(client, journal) if anchors and not dry_run else None
        self._replay = replay
        self._states = States(journal)
        self._said: deque[Said] = deque(maxlen=MAX_PENDING)
        self._open: set[int] = set()
        self._last_strike = 0
        self._has_learned = False
        self._failure = ""
        self._halted_by = ""
        self.cycles = 0

    @property
    def state(self) -> LoopState | None:
        """What it does now; None before the first cycle."""
        return self._states.state

    def unresolved(self) -> list[IntentRow]:
        """Transactions that were sent, and whose outcome is not known."""
        since = time.time() - _PATIENCE
        live = self._journal.intents(*LIVE, account=self._client.address)
        return [i for i in live if i.state is IntentState.UNKNOWN or i.created_at < since]

    def warm_up(self) -> None:
        """Shows each predictor the minutes before now. What it says of them is not signed."""
        for source in self._sources:
            for bar in source.feed.history():
                source.predictor.see(bar)

    def run(
        self,
        stop: threading.Event,
        *,
        every: float = 0.25,
        max_cycles: int | None = None,
        alive: Callable[[], object] = lambda: None,
    ) -> Iterator[Happening | Failed]:
        """Cycles until it is to `stop`, a feed ends, or there were `max_cycles`.

        A node that fails is reported, and asked again. After a cycle without a new bar it waits
        `every` seconds, or until the node tells of a block. `alive` is called after each cycle.
        """
        news = News(self._client.transport)
        while not stop.is_set() and (max_cycles is None or self.cycles < max_cycles):
            try:
                saw = yield from self.cycle()
                self._journal.beat()
            except FeedEnded as ended:
                self._journal.record_change(ChangeKind.LOG, "info", str(ended), cause="feed")
                return
            except ChainError as failure:
                saw = False
                yield from self._failed(failure)
            alive()
            if not saw:
                news.pause(stop, every)

    def cycle(self) -> Generator[Happening, None, bool]:
        """One round. Returns whether there was a new bar. Raises `ChainError` and `FeedEnded`."""
        self._recover()
        saw = self._see()
        yield from self._learn()
        while self._said:
            yield from self._desk.sign(self._said[0])
            self._said.popleft()
        yield from self._close()
        yield from self._enter_state()
        yield from self._desk.run(self._closed_by())
        if self._rebalancer is not None and self._closed_by() is None:
            yield from self._rebalancer.run()
        self._score()
        if self._anchor is not None:
            self._anchor.run()
        yield from self._learn()
        self.cycles += 1
        self._failure = ""
        return saw

    def _score(self) -> None:
        """In all markets, with those that were registered in the meantime."""
        now = self._client.transport.timestamp()
        if now // MINUTE != self._counted_at:
            self._markets, self._counted_at = range(self._client.call("marketCount")), now // MINUTE
        self._scorer.run(self._markets, now)

    def _close(self) -> Iterator[Happening]:
        """Settles what is due: where a prediction of the market waits, both in one call."""
        alone = []
        for due in self._settler.due():
            row = None if self._dry_run else self._desk.next(due.strike.market)
            if row is not None:
                yield from self._enter_state()
            if row is None or self._closed_by() is not None:
                alone.append(due)
                continue
            try:
                rolled = self._desk.roll(row, due.strike.strike_id)
            except TransactionNotMined:
                continue  # its intent says so: the loop's guard looks at those
            if rolled is None:
                alone.append(due)
                continue
            settled, decided = rolled
            yield self._settler.closed(due, settled)
            if decided is not None:
                yield decided
        yield from self._settler.close(alone)

    def _failed(self, failure: ChainError) -> Iterator[Failed]:
        """Once for each failure that is not the one before."""
        if str(failure) != self._failure:
            self._failure = str(failure)
            self._journal.record_change(ChangeKind.LOG, "error", self._failure, cause="node")
            yield Failed(failure)

    def _see(self) -> bool:
        """Shows each predictor its next bar, and keeps what it says."""
        saw = False
        for source in self._sources:
            bar = source.feed.next()
            if bar is not None:
                saw = True
                made_at = bar.timestamp + MINUTE
                said = source.predictor.see(bar)
                self._said += (Said(forecast, source.signer, made_at) for forecast in said)
        return saw

    def _learn(self) -> Iterator[Counted]:
        """Follows the chain, and tells each predictor how its strikes ended."""
        self._sync()
        is_news, self._has_learned = self._has_learned, True
        for strike in self._journal.strikes(after=self._last_strike):
            self._last_strike = strike.strike_id
            self._open.add(strike.strike_id)
        still = {strike.strike_id for strike in self._journal.open_strikes()}
        for strike_id in sorted(self._open - still):
            with suppress(RowNotFound):  # a reorganisation took it back
                strike = self._journal.strike(strike_id)
                is_taught = self._teach(strike)
                if is_news:  # not what ended before this process began
                    yield self._counted(strike, is_taught)
        self._open = still

    def _counted(self, strike: StrikeRow, is_taught: bool) -> Counted:
        cause, stats = causation_of(self._journal, strike), self._client.stats()
        return Counted(strike.settled_at or 0, cause, strike, stats, is_taught)

    def _sync(self) -> None:
        self._journal.sync(self._client.transport, self._client.diamond, self._from_block)

    def _teach(self, strike: StrikeRow) -> bool:
        """Tells the strike's engine, where it is one of this process."""
        of = (strike.engine, strike.market)
        found = [s for s in self._sources if (s.signer.address, s.market) == of]
        for source in found:
            source.predictor.learn(_result(strike))
        return bool(found)

    def _enter_state(self) -> Iterator[Changed]:
        state, cause = self._current_state()
        changed = self._states.enter(state, cause, self._client.transport.timestamp())
        if changed is not None:
            yield changed

    def _current_state(self) -> tuple[LoopState, str]:
        unresolved = self.unresolved()
        if unresolved:
            count, first = counted(len(unresolved), "transaction"), unresolved[0].hash.hex()
            return LoopState.HALTED, f"{count} without an outcome, 0x{first} …: `ape run doctor`"
        if self._replay is not None and self._replay.bug:
            where = self._replay.bug
            return LoopState.HALTED, f"the replay of {where} came out otherwise: look into it"
        now = self._client.pinned()
        if now.stats().halted:
            if not self._halted_by:
                self._sync()  # it may have tripped in this cycle
                self._halted_by = halt_cause(self._journal)
            return LoopState.HALTED, self._halted_by
        self._halted_by = ""
        if now.is_paused():
            return LoopState.PAUSED, "the diamond is paused: the owner goes on by `ape run unpause`"
        if self._reducing:
            return LoopState.REDUCING, "by command"
        return LoopState.RUNNING, "nothing prevents it"

    def _closed_by(self) -> tuple[str, str] | None:
        state = self._states.state
        if state is LoopState.RUNNING or state is None:
            return None
        return str(state).capitalize(), self._states.cause


def _result(strike: StrikeRow) -> Result:
    pnl, settled_at = strike.pnl, strike.settled_at
    assert pnl is not None, "a strike that is not open has ended"
    assert settled_at is not None, "a strike that is not open has ended"
    return Result(
        strike_id=strike.strike_id,
        nonce=strike.engine_nonce,
        market=strike.market,
        model_id=strike.model_id,
        signal=strike.signal,
        confidence_bps=strike.confidence_bps,
        opened_at=strike.opened_at,
        settled_at=settled_at,
        notional=strike.notional,
        pnl=pnl,
        won=bool(strike.won),
    )
