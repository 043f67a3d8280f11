"""The monitor: metrics, alerts, health and the page of one deployment.

Reads the journal, the client's view functions and the manifest. Sends no transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.monitor.alerts import Alert, AlertChange, AlertWatch
    from macrostrike.monitor.checks import Check, Verdict
    from macrostrike.monitor.figures import Figures
    from macrostrike.monitor.health import Health, Status
    from macrostrike.monitor.rules import RULES, Rule, Severity
    from macrostrike.monitor.samples import METRICS, Sample
    from macrostrike.monitor.server import serving
    from macrostrike.monitor.service import Monitor, View
    from macrostrike.monitor.sinks import AppriseSink, LogSink, Sink, WebhookSink

__all__ = [
    "METRICS",
    "RULES",
    "Alert",
    "AlertChange",
    "AlertWatch",
    "AppriseSink",
    "Check",
    "Figures",
    "Health",
    "LogSink",
    "Monitor",
    "Rule",
    "Sample",
    "Severity",
    "Sink",
    "Status",
    "Verdict",
    "View",
    "WebhookSink",
    "serving",
]

_MODULES = {
    ".alerts": ("Alert", "AlertChange", "AlertWatch"),
    ".checks": ("Check", "Verdict"),
    ".figures": ("Figures",),
    ".health": ("Health", "Status"),
    ".rules": ("RULES", "Rule", "Severity"),
    ".samples": ("METRICS", "Sample"),
    ".server": ("serving",),
    ".service": ("Monitor", "View"),
    ".sinks": ("AppriseSink", "LogSink", "Sink", "WebhookSink"),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
