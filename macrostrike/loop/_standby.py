"""A standby operator: settles what the others leave open, and can do nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from macrostrike.client import MacroStrike
from macrostrike.errors import ChainError, MacroStrikeError, NotOperator
from macrostrike.journal import Journal
from macrostrike.loop._settler import Closed, NotClosed, Settler
from macrostrike.loop._spot import Spot
from macrostrike.types import Action


class MayDoMore(MacroStrikeError):
    """The key of a standby may do more than settle, or may not settle.

    A process that is rarely looked at has a key that can open nothing.
    """

    def __init__(self, operator: str, actions: Action) -> None:
        super().__init__(operator, actions)
        self.operator, self.actions = operator, actions

    def __str__(self) -> str:
        named = ", ".join(each.name or "" for each in Action if each in self.actions) or "nothing"
        return (
            f"{self.operator} may do on chain: {named.lower()}. Give the standby settler a key of "
            "its own, as an operator whose only action is to settle"
        )


class Standby:
    """Settles strikes that have been due for `after` seconds.

    client: sends as an operator that may settle and do nothing else; raises `NotOperator`, and
        `MayDoMore`.
    journal: the diamond's, or one of its own.
    from_block: the first that can have an event of the diamond.
    recover: called before each round: resolves transactions that have no outcome yet.
    """

    def __init__(
        self,
        client: MacroStrike,
        journal: Journal,
        *,
        from_block: int,
        after: int,
        recover: Callable[[], object] = lambda: None,
        dry_run: bool = False,
    ) -> None:
        operator = str(client.address)
        grant = client.operator(operator)
        if grant.valid_until <= client.transport.timestamp():
            raise NotOperator(operator, grant.valid_until)
        if grant.actions != Action.SETTLE:
            raise MayDoMore(operator, grant.actions)
        self._client, self._journal = client, journal
        self._from_block, self._recover = from_block, recover
        self._settler = Settler(client, journal, Spot(client), after=after, dry_run=dry_run)

    def run(
        self,
        stop: threading.Event,
        every: float = 1.0,
        *,
        alive: Callable[[], object] = lambda: None,
    ) -> Iterator[Closed | NotClosed | ChainError]:
        """Rounds until it is to `stop`, `every` so many seconds. A node that fails is reported."""
        while not stop.is_set():
            try:
                yield from self.round()
            except ChainError as failure:
                yield failure
            self._journal.beat()
            alive()
            stop.wait(every)

    def round(self) -> Iterator[Closed | NotClosed]:
        """One look at all open strikes. Raises `ChainError`."""
        self._recover()
        self._journal.sync(self._client.transport, self._client.diamond, self._from_block)
        yield from self._settler.run()
