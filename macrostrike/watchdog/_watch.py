"""What the watchdog does: looks at the loop's beats, and pauses the diamond when they stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

from macrostrike._counts import counted
from macrostrike.chain import BoundContract, Transport
from macrostrike.errors import ChainError, MacroStrikeError, NonceTaken
from macrostrike.journal import Journal, RunState
from macrostrike.watchdog._ladder import Ladder

AFTER_SECONDS = 20.0
RUNG_SECONDS = 15.0
Beats = Mapping[str, float]
"""When each run that must beat did so last, by run id."""


class Phase(str, Enum):
    """What a watchdog does now."""

    WAITING = "waiting"
    """No loop runs that has said that it works."""
    WATCHING = "watching"
    FIRING = "firing"
    """Beats have stopped: it sends pauses until one is mined."""
    PAUSED = "paused"
    """By this watchdog. Its ladder is used up."""
    SPENT = "spent"
    """The guardian's nonce was used by something else: it can't pause."""

    def __str__(self) -> str:
        return self.value


def beats_of(journal: Journal, kind: str = "loop") -> Beats:
    """The runs that must beat: those that have, and have not ended.

    A run that was followed by another after its last beat was restarted, and is left out.
    """
    runs = journal.runs(kind=kind)
    return {
        run.run_id: run.beat_at
        for run in runs
        if run.state is RunState.RUNNING
        and run.beat_at is not None
        and all(other.started_at <= run.beat_at for other in runs if other is not run)
    }


class Watchdog:
    """Call `step` again and again, every second or so. It has no key.

    beats: the beats as they are now. Where they can't be read they count as having stopped.
    after: seconds without a new beat, by this process's own clock, until it pauses.
    rung_seconds: how long each transaction has to be mined before the next one is sent.
    """

    def __init__(
        self,
        transport: Transport,
        ladder: Path,
        beats: Callable[[], Beats],
        *,
        diamond: str,
        after: float = AFTER_SECONDS,
        rung_seconds: float = RUNG_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport, self._path, self._diamond = transport, ladder, diamond
        self._beats, self._clock = beats, clock
        self._after, self._rung_seconds = after, rung_seconds
        self._seen: dict[str, tuple[float, float]] = {}
        self._written = -1
        self._sent, self._sent_at = 0, float("-inf")
        self.phase = Phase.WAITING
        self.reason = "no loop has said yet that it works"
        self.ladder = self._load()

    @property
    def rungs_sent(self) -> int:
        """How many transactions were sent."""
        return self._sent

    def step(self) -> Phase:
        """Looks once, and does what is to be done. Raises nothing for a node or journal that
        fails: what can't be done now is tried at the next step."""
        if self.phase in (Phase.PAUSED, Phase.SPENT):
            return self.phase
        self._renew()
        silent = self._silent(self._clock())
        if self._sent:
            # What was sent will be mined, whether the loop is back or not.
            silent = silent or "a pause was sent"
        if silent is None:
            watched = bool(self._seen)
            self.phase = Phase.WATCHING if watched else Phase.WAITING
            self.reason = (
                f"signs of life from {counted(len(self._seen), 'run')}" if watched else self.reason
            )
            return self.phase
        self.phase, self.reason = Phase.FIRING, silent
        try:
            self._fire()
        except MacroStrikeError as failure:
            self.reason = f"{silent}; {failure}"
        return self.phase

    def _silent(self, now: float) -> str | None:
        """Why it must pause; None while it need not."""
        failure = ""
        try:
            beats = self._beats()
        except MacroStrikeError as error:
            beats, failure = {run: beat for run, (beat, _) in self._seen.items()}, f" ({error})"
        for run, beat in beats.items():
            if run not in self._seen or self._seen[run][0] != beat:
                self._seen[run] = beat, now
        self._seen = {run: seen for run, seen in self._seen.items() if run in beats}
        for run, (_, changed) in self._seen.items():
            if now - changed > self._after:
                return f"run {run[:8]} has not beaten for {now - changed:.0f} s{failure}"
        return None

    def _fire(self) -> None:
        """Sends the next rung when it is time, unless the diamond is paused."""
        if self._is_paused():
            self.phase, self.reason = Phase.PAUSED, f"{self.reason}: the diamond is paused"
            return
        if self._clock() - self._sent_at < self._rung_seconds:
            return
        rung = self.ladder.rungs[min(self._sent, len(self.ladder.rungs) - 1)]
        # The last rung is sent again and again: a node may have dropped it.
        self._sent, self._sent_at = self._sent + 1, self._clock()
        try:
            self._transport.broadcast(rung.signed)
        except NonceTaken:
            if self._is_paused():
                self.phase = Phase.PAUSED
            else:
                self.phase = Phase.SPENT
                self.reason = f"nonce {self.ladder.nonce} of {self.ladder.guardian} was used"
        except ChainError:
            # Not sent: the same rung is tried at the next step.
            self._sent, self._sent_at = self._sent - 1, float("-inf")
            raise

    def _is_paused(self) -> bool:
        return bool(BoundContract.diamond(self._transport, self._diamond).call("paused"))

    def _renew(self) -> None:
        """Takes a ladder that was signed anew; keeps the one it has while that can't be read."""
        try:
            if self._path.stat().st_mtime_ns != self._written:
                self.ladder = self._load()
        except (OSError, MacroStrikeError):
            return

    def _load(self) -> Ladder:
        ladder = Ladder.load(self._path, diamond=self._diamond, chain_id=self._transport.chain_id)
        self._written = self._path.stat().st_mtime_ns
        return ladder
