"""Own transactions: outcomes, errors, times and gas, from the journal's intents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from macrostrike.journal import IntentRow, PredictionRow, TransactionRow
from macrostrike.monitor._records import WAITING
from macrostrike.monitor._score import WINDOW
from macrostrike.monitor._statistics import percentile
from macrostrike.monitor._tallies import FINISHED, action_of, durations, is_error


@dataclass(frozen=True, slots=True)
class Sending:
    """How sending went lately.

    errors, finished: of the last `WINDOW` that have an outcome of their own.
    execution: median and 95th percentile of the seconds from prediction to broadcast, of the last
        `WINDOW`; None while nothing was sent.
    stages: seconds that each stage took, of those that are kept.
    gas: mean gas of an action's last `WINDOW` transactions.
    """

    pending: int
    oldest_seconds: float
    errors: int
    finished: int
    execution: tuple[float, float] | None
    stages: Mapping[str, Sequence[float]]
    gas: Mapping[str, float]

    @property
    def error_rate(self) -> float | None:
        """Errors of finished, 0 to 1; None while nothing has finished."""
        return self.errors / self.finished if self.finished else None


def sending_of(
    intents: Sequence[IntentRow],
    predictions: Sequence[PredictionRow],
    transactions: Iterable[TransactionRow],
    now: float,
) -> Sending:
    """Counts and times of the rows; `now` is Unix seconds."""
    waiting = [intent for intent in intents if intent.state in WAITING]
    last = [intent for intent in intents if intent.state in FINISHED][-WINDOW:]
    return Sending(
        pending=len(waiting),
        oldest_seconds=max((now - i.created_at for i in waiting), default=0.0),
        errors=sum(map(is_error, last)),
        finished=len(last),
        execution=_middle_and_tail(_execution_times(intents, predictions)),
        stages=_stages(intents),
        gas=_gas(transactions),
    )


def _execution_times(
    intents: Sequence[IntentRow], predictions: Sequence[PredictionRow]
) -> list[float]:
    """From the prediction, where there was one, to the broadcast."""
    sent = [intent for intent in intents if intent.sent_at is not None][-WINDOW:]
    wanted = {intent.digest for intent in sent}
    seen = {row.digest: row.seen_at for row in predictions if row.digest in wanted}
    times = []
    for intent in sent:
        begun = intent.created_at if intent.digest is None else seen.get(intent.digest)
        times.append((intent.sent_at or 0) - (intent.created_at if begun is None else begun))
    return times


def _middle_and_tail(times: Sequence[float]) -> tuple[float, float] | None:
    middle, tail = percentile(times, 0.5), percentile(times, 0.95)
    return None if middle is None or tail is None else (middle, tail)


def _stages(intents: Iterable[IntentRow]) -> dict[str, list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for intent in intents:
        for stage, seconds in durations(intent).items():
            found[stage].append(seconds)
    return dict(found)


def _gas(transactions: Iterable[TransactionRow]) -> dict[str, float]:
    by_action: defaultdict[str, list[int]] = defaultdict(list)
    for row in transactions:
        by_action[action_of(row)].append(row.gas_used)
    return {a: sum(g[-WINDOW:]) / len(g[-WINDOW:]) for a, g in sorted(by_action.items())}
