"""Own transactions: outcomes, errors, times and gas, from the journal's intents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from macrostrike.journal import IntentRow, IntentState, PredictionRow, TransactionRow
from macrostrike.monitor._records import WAITING
from macrostrike.monitor._score import WINDOW
from macrostrike.monitor._statistics import percentile

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60)
"""Upper bounds of the histogram's buckets, in seconds."""
_FAILED = (IntentState.REJECTED, IntentState.FOREIGN, IntentState.UNKNOWN)
_FINISHED = (*_FAILED, IntentState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Sending:
    """How sending went.

    outcomes: transactions by action and outcome, all of them.
    errors, finished: of the last `WINDOW` that have an outcome of their own; `all_…`: of all.
    execution: median and 95th percentile of the seconds from prediction to broadcast, of the last
        `WINDOW`; None while nothing was sent.
    stages: seconds that each stage took, of all.
    gas: mean gas of an action's last `WINDOW` transactions.
    next_nonces: by account.
    """

    outcomes: Mapping[tuple[str, IntentState], int]
    pending: int
    oldest_seconds: float
    errors: int
    finished: int
    all_errors: int
    all_finished: int
    execution: tuple[float, float] | None
    stages: Mapping[str, Sequence[float]]
    gas: Mapping[str, float]
    next_nonces: Mapping[str, int]

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
    finished = [intent for intent in intents if intent.state in _FINISHED]
    last = finished[-WINDOW:]
    times = _execution_times(intents, predictions)
    return Sending(
        outcomes=Counter((i.action, i.state) for i in intents if _is_counted(i.state)),
        pending=len(waiting),
        oldest_seconds=max((now - i.created_at for i in waiting), default=0.0),
        errors=sum(map(_is_error, last)),
        finished=len(last),
        all_errors=sum(map(_is_error, finished)),
        all_finished=len(finished),
        execution=_middle_and_tail(times),
        stages={
            "broadcast": [i.sent_at - i.created_at for i in intents if i.sent_at is not None],
            "included": [
                i.included_at - i.sent_at
                for i in intents
                if i.sent_at is not None and i.included_at is not None
            ],
        },
        gas=_gas(transactions),
        next_nonces=_next_nonces(intents),
    )


def _is_counted(state: IntentState) -> bool:
    return state not in (IntentState.PREPARED, IntentState.SENT)


def _is_error(intent: IntentRow) -> bool:
    """Mined and reverted counts too: it cost gas for nothing."""
    return intent.state in _FAILED or intent.error is not None


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


def _gas(transactions: Iterable[TransactionRow]) -> dict[str, float]:
    by_action: defaultdict[str, list[int]] = defaultdict(list)
    for row in transactions:
        by_action[action_of(row)].append(row.gas_used)
    return {a: sum(g[-WINDOW:]) / len(g[-WINDOW:]) for a, g in sorted(by_action.items())}


def action_of(row: TransactionRow) -> str:
    """The diamond's function. What other contracts were called for is `other`: anyone can make up
    selectors, and each would be a series of its own."""
    return "other" if row.action.startswith("0x") else row.action


def _next_nonces(intents: Iterable[IntentRow]) -> dict[str, int]:
    nonces: dict[str, int] = {}
    for intent in intents:
        if intent.state is not IntentState.REJECTED:
            nonces[intent.account] = max(nonces.get(intent.account, 0), intent.account_nonce + 1)
    return nonces
