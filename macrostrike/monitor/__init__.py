"""The monitor: metrics, alerts, health and the page of one deployment.

Reads the journal, the client's view functions and the manifest. Sends no transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.monitor.alerts import Alert, AlertChange, AlertWatch
    from macrostrike.monitor.rules import RULES, Rule, Severity
    from macrostrike.monitor.samples import METRICS, Sample

__all__ = [
    "METRICS",
    "RULES",
    "Alert",
    "AlertChange",
    "AlertWatch",
    "Rule",
    "Sample",
    "Severity",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "METRICS": ".samples",
        "RULES": ".rules",
        "Alert": ".alerts",
        "AlertChange": ".alerts",
        "AlertWatch": ".alerts",
        "Rule": ".rules",
        "Sample": ".samples",
        "Severity": ".rules",
    },
)
