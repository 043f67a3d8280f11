"""Everyone does anything, in any order. The arena audits after every call."""

from __future__ import annotations

import sys
from functools import cache
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from .arena import Arena, fleets
from .tally import Tally
from .wire import Said

TALLY = Tally()
"""Of the whole process."""

DICE = st.integers(0, (1 << 32) - 1)
"""Seeds of what a rule chooses by itself."""

MARKETS = st.sampled_from((0, 0, 1, 2, 3, 4, 5))
SIGNALS = st.sampled_from(range(4))
OWNERS = st.sampled_from(("owner",) * 6 + ("successor", "guardian", "bold", "stranger"))
GUARDIANS = st.sampled_from(("owner", "guardian", "bold", "stranger"))
OPERATORS = st.sampled_from(("bold",) * 5 + ("thrifty",))
SETTLERS = st.sampled_from(("bold", "settler", "owner", "keeper", "lapsed"))
TAKERS = st.sampled_from(("keeper",) * 6 + ("stranger", "owner"))
CONFIDENCES = (9300, 9301, 9399, 9400, 9555, 9700, 9999, 10_000)
BARRIERS = ((3600, 100, 100), (60, 0, 1), (1, 1, 1), (86_400, 0, 9999), (600, 20, 20))
_T = TypeVar("_T")


@cache
def arena_of(fleet: str) -> Arena:
    """One for each kind of fleet, in a process."""
    return Arena(fleets()[fleet], TALLY)


class Play(RuleBasedStateMachine):
    """What all rules share."""

    arena: Arena

    @initialize(fleet=st.sampled_from(sorted(fleets())))
    def begin(self, fleet: str) -> None:
        self.arena = arena_of(fleet)
        self.arena.reset()
        self.nonces = dict.fromkeys(self.arena.all_engines, 0)

    def teardown(self) -> None:
        # After a broken invariant, the next ones would only hide it.
        if hasattr(self, "arena") and sys.exc_info()[0] is None:
            self.arena.audit.check_all()

    # Who and what.

    def who(self, name: str) -> str:
        """An address. The owner is the present one."""
        return self.arena.books.owner if name == "owner" else self.arena.people[name]

    def call(self, who: str, function: str, *args: Any) -> str | None:
        return self.arena.send(self.who(who), function, *args)

    @property
    def unit(self) -> int:
        return self.arena.books.fleet.unit

    def open_ids(self) -> list[int]:
        return list(self.arena.books.open_strike_ids())

    def an_open_one(self, dice: int) -> int:
        """An open strike's id. Where there is none, one is opened, if that can be."""
        if not self.open_ids():
            self.put_right()
            self.arena.strike("bold", self.say(Random(dice), dice % 6, dice % 4))
        ids = self.open_ids()
        return ids[dice % len(ids)] if ids else dice % 70

    def put_right(self) -> None:
        """Puts back what stops the fleet. See `Owners`."""

    def strike_of(self, strike_id: int) -> Any:
        strike = self.arena.books.fleet.slots.get(strike_id % 64)
        return strike if strike is not None and strike.record.id == strike_id else None

    # What engines say.

    def say(self, random: Random, market: int, signal: int, **changes: int) -> Said:
        """What an honest engine would say, with these changes."""
        engine = random.choice(self.arena.all_engines)
        self.nonces[engine] += 1
        horizon, take_profit, stop_loss = random.choice(BARRIERS)
        now = self.arena.now
        said = Said(
            engine=engine,
            nonce=self.nonces[engine],
            market=market,
            signal=signal,
            confidence_bps=random.choice(CONFIDENCES),
            strategies=random.choice((31, 31, 31, 1, 6, 8, 16)),
            model_id=random.choice(self.arena.models[changes.get("engine", engine)]),
            valid_from=now - random.choice((0, 5)),
            valid_until=now + random.choice((30, 300)),
            horizon=horizon,
            take_profit_bps=take_profit,
            stop_loss_bps=stop_loss,
        )
        return said._replace(**changes)

    def limit_of(self, strike_id: int) -> int:
        """The limit that accepts whatever settling brings."""
        strike = self.strike_of(strike_id)
        return 0 if strike is None or strike.signal.is_long else (1 << 256) - 1
