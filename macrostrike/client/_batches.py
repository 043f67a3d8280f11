"""Batches: many strikes, or many settlements, as one transaction.

Each one moves the price, the caps and the bots' free equity under those that come after it, so a
quote taken by itself would be another swap's. Each is therefore asked about behind all that come
before it, as one call whose last limit nothing meets.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from macrostrike.abi import Event, diamond_abi
from macrostrike.client import _limits, _outcomes
from macrostrike.errors import ContractError
from macrostrike.reverts import decode_revert
from macrostrike.types import (
    Mined,
    Prediction,
    Skipped,
    StrikeOpened,
    StrikeOrder,
    StrikeSettled,
)

if TYPE_CHECKING:
    from macrostrike.client._views import Views

# Of the estimate: the state may change until the block, and what has too little gas is skipped.
_GAS_HEADROOM_PERCENT = 150

_Subject = TypeVar("_Subject")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Leg(Generic[_Subject]):
    """One of a batch. Without a limit, it gets what it is quoted, and the slippage."""

    index: int
    subject: _Subject
    limit: int | None


class Batch(ABC, Generic[_Subject, _Result]):
    """What strikes and settlements have in common."""

    function: ClassVar[str]
    event: ClassVar[str]
    skipped: ClassVar[str]

    def __init__(self, client: Views, legs: Sequence[tuple[_Subject, int | None]]) -> None:
        self.client = client
        self.legs = [Leg(index, *leg) for index, leg in enumerate(legs)]

    def run(self, *, skip: bool, slippage_bps: int) -> tuple[_Result | Skipped, ...]:
        """Sends what the chain would accept, in one transaction; none where nothing is left."""
        limited, skipped = self._limited()
        if skip or len(limited) < len(self.legs):
            limited, skipped = self._priced(skip, slippage_bps)
        results: dict[int, _Result | Skipped] = {each.index: each for each in skipped}
        if limited:
            data = self._data(limited, skip)
            gas = self._gas(limited) if skip else None
            receipt = self.client._send(self.function, data, gas)
            events = self.client.events(receipt.logs)
            results |= self._results(limited, events, _outcomes.mined(receipt))
        return tuple(result for _, result in sorted(results.items()))

    def priced(self, slippage_bps: int) -> tuple[list[tuple[Leg[_Subject], int]], list[Skipped]]:
        """Each leg with its limit, and those that the chain would refuse. The chain is asked where
        one has no limit of its own."""
        limited, skipped = self._limited()
        if len(limited) < len(self.legs):
            return self._priced(True, slippage_bps)
        return limited, skipped

    def _limited(self) -> tuple[list[tuple[Leg[_Subject], int]], list[Skipped]]:
        return [(leg, leg.limit) for leg in self.legs if leg.limit is not None], []

    def _priced(
        self, skip: bool, slippage_bps: int
    ) -> tuple[list[tuple[Leg[_Subject], int]], list[Skipped]]:
        """Each leg with its limit, and those that the chain would refuse."""
        before: list[tuple[Leg[_Subject], int]] = []
        limited: list[tuple[Leg[_Subject], int]] = []
        skipped: list[Skipped] = []
        for leg in self.legs:
            is_long = self._is_long(leg.subject)
            probe = [*before, (leg, _limits.impossible(is_long))]
            try:
                measured = self.client._measure(self.function, self._data(probe, skip=False))
                limit = leg.limit
                if limit is None:
                    limit = _limits.within(measured, slippage_bps, is_long=is_long)
                _limits.require_met(measured, limit, is_long=is_long)
                self._require_fits(measured)
            except ContractError as error:
                if not skip:
                    raise
                skipped.append(Skipped(leg.index, error))
                continue
            before.append((leg, _limits.softest(is_long)))
            limited.append((leg, limit))
        return limited, skipped

    def _gas(self, limited: Sequence[tuple[Leg[_Subject], int]]) -> int:
        """Of the same without skipping. A node that is asked about a batch that skips finds the
        smallest gas with which that succeeds: so little that it skips everything for want of it."""
        estimate = self.client._estimate(self.function, self._data(limited, skip=False))
        return estimate * _GAS_HEADROOM_PERCENT // 100

    def _results(
        self, limited: Sequence[tuple[Leg[_Subject], int]], events: Sequence[Event], mined: Mined
    ) -> dict[int, _Result | Skipped]:
        reasons = {e.args["index"]: e.args["reason"] for e in events if e.name == self.skipped}
        done = (self._result(event, mined) for event in events if event.name == self.event)
        return {
            leg.index: Skipped(leg.index, decode_revert(reasons[place]))
            if place in reasons
            else next(done)
            for place, (leg, _) in enumerate(limited)
        }

    def _data(self, limited: Sequence[tuple[Leg[_Subject], int]], skip: bool) -> bytes:
        subjects = [(leg.subject, limit) for leg, limit in limited]
        return diamond_abi().encode_call(self.function, *self._arguments(subjects), skip)

    @abstractmethod
    def _arguments(self, limited: Sequence[tuple[_Subject, int]]) -> tuple[Any, ...]:
        """The function's, but the last."""

    @abstractmethod
    def _is_long(self, subject: _Subject) -> bool:
        """Which way its limit goes."""

    @abstractmethod
    def _require_fits(self, measured: int) -> None:
        """What the chain checks after the limit."""

    @abstractmethod
    def _result(self, event: Event, mined: Mined) -> _Result:
        """What its event says."""


class Strikes(Batch[tuple[Prediction, bytes], StrikeOpened]):
    """Of signed predictions."""

    function = "executeStrikes"
    event = "StrikeOpened"
    skipped = "Skipped"

    def _arguments(
        self, limited: Sequence[tuple[tuple[Prediction, bytes], int]]
    ) -> tuple[list[StrikeOrder]]:
        orders = [
            StrikeOrder(prediction=prediction, signature=signature, limit_amount=limit)
            for (prediction, signature), limit in limited
        ]
        return (orders,)

    def _is_long(self, subject: tuple[Prediction, bytes]) -> bool:
        return subject[0].signal.is_long

    def _require_fits(self, measured: int) -> None:
        _limits.require_fits(measured)

    def _result(self, event: Event, mined: Mined) -> StrikeOpened:
        return _outcomes.opened(event, mined)


class Settlements(Batch[int, StrikeSettled]):
    """Of strikes, by their ids."""

    function = "settleStrikes"
    event = "StrikeSettled"
    skipped = "SettlementSkipped"

    def _arguments(self, limited: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
        return [strike_id for strike_id, _ in limited], [limit for _, limit in limited]

    def _is_long(self, subject: int) -> bool:
        return self.client._is_long(subject)

    def _require_fits(self, measured: int) -> None:
        """Nothing is left to check."""

    def _result(self, event: Event, mined: Mined) -> StrikeSettled:
        return _outcomes.settled(event, mined)
