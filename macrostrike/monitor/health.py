"""Whether the service is well, in one word, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from macrostrike.monitor.alerts import Alert
from macrostrike.monitor.figures import Figures
from macrostrike.monitor.rules import Severity

OLD_SECONDS = 60
"""Figures older than this are not believed any more."""


class Status(str, Enum):
    """Health in one word."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    HALTED = "halted"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Health:
    """A status and its reasons, the worst first."""

    status: Status
    reasons: tuple[str, ...]

    @property
    def is_serving(self) -> bool:
        """Whether `/health` answers 200 rather than 503."""
        return self.status in (Status.HEALTHY, Status.DEGRADED)


def health_of(
    figures: Figures | None, failure: str | None, alerts: Sequence[Alert], now: float
) -> Health:
    """Health at `now`, Unix seconds. `failure` is why the last look failed, if it did."""
    if figures is None:
        return Health(Status.UNHEALTHY, (failure or "nothing was read yet",))
    halted = [f"halted: {figures.reason}"] if figures.state == "halted" else []
    bad = [alert.text for alert in alerts if alert.severity is Severity.CRITICAL]
    if now - figures.at > OLD_SECONDS:
        bad.insert(0, f"chain and journal were last read {now - figures.at:.0f} s ago")
    poor = [alert.text for alert in alerts if alert.severity is Severity.WARNING]
    if failure:
        poor.insert(0, failure)
    if figures.state == "paused":
        poor.append(f"paused: {figures.reason}")
    if figures.records.synced_block is None:
        poor.append("the journal was never synced: run the loop, or `ape run journal sync`")
    status = (
        Status.HALTED
        if halted
        else Status.UNHEALTHY
        if bad
        else Status.DEGRADED
        if poor
        else Status.HEALTHY
    )
    return Health(status, (*halted, *bad, *poor))
