"""A day's root on chain: the input of a transaction that sends nothing to its own sender."""

from __future__ import annotations

import time
from collections.abc import Callable

from macrostrike.chain import Purpose
from macrostrike.client import MacroStrike
from macrostrike.errors import ChainError, ContractError
from macrostrike.journal import LIVE, ChangeKind, IntentState, Journal
from macrostrike.journal.commitments import ANCHOR, anchor_text, anchors

_EVERY = 60.0


class Anchor:
    """Sends each commitment of the journal once, by the loop's own account.

    What fails is recorded, and tried again a minute later: nothing else of the loop waits for it.
    """

    def __init__(
        self,
        client: MacroStrike,
        journal: Journal,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._journal, self._clock = client, journal, clock
        self._done: set[bytes] = set()
        self._next = 0.0

    def run(self) -> None:
        """One look, at most once a minute."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + _EVERY
        for row in self._journal.commitments():
            if not row.leaves or row.root in self._done:
                continue
            has = {each.state for each in anchors(self._journal, row)}
            if not has & {*LIVE, IntentState.CONFIRMED}:
                try:
                    self._send(anchor_text(self._client.diamond, row), row.root)
                except (ChainError, ContractError) as failure:
                    what = f"a root is not on chain yet: {failure}"
                    self._journal.record_change(ChangeKind.LOG, "warning", what, cause=ANCHOR)
                    return
            if IntentState.CONFIRMED in {each.state for each in anchors(self._journal, row)}:
                self._done.add(row.root)

    def _send(self, text: str, root: bytes) -> None:
        sender = self._client.sender
        assert sender is not None, "the loop's client sends"
        purpose = Purpose(ANCHOR, digest=root)
        sender.submit(str(self._client.address), text.encode("ascii"), purpose=purpose).wait()
