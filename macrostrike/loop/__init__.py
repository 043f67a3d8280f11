"""What runs all day: strikes from predictions, settlements, takeovers, the arbitrage watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike._lazy import lazy_exports

if TYPE_CHECKING:
    from macrostrike.loop._barriers import Closing, closing_of
    from macrostrike.loop._desk import (
        Decided,
        Desk,
        Predicted,
        Said,
        Unsigned,
        causation_id,
    )
    from macrostrike.loop._doctor import Finding, Stuck, examine
    from macrostrike.loop._feed import Feed, FeedEnded, PoolFeed
    from macrostrike.loop._intake import Intake, Limits
    from macrostrike.loop._intake_http import intake_app
    from macrostrike.loop._live_replay import LiveReplay, Replayed
    from macrostrike.loop._loop import Counted, Failed, Happening, Source, StrikeLoop
    from macrostrike.loop._observer import Observer
    from macrostrike.loop._outcomes import Outcome, Outcomes
    from macrostrike.loop._push import OutcomePush
    from macrostrike.loop._quarantine import Quarantined
    from macrostrike.loop._rebalancer import Rebalanced
    from macrostrike.loop._recorded import RecordedFeed
    from macrostrike.loop._settler import Closed, NotClosed
    from macrostrike.loop._spot import Spot
    from macrostrike.loop._standby import MayDoMore, Standby
    from macrostrike.loop._states import Changed, LoopState
    from macrostrike.loop._taker import Left, Look, Marked, Taker, Took
    from macrostrike.loop._terms import Terms
    from macrostrike.loop._watch import Seen, Watch

__all__ = [
    "Changed",
    "Closed",
    "Closing",
    "Counted",
    "Decided",
    "Desk",
    "Failed",
    "Feed",
    "FeedEnded",
    "Finding",
    "Happening",
    "Intake",
    "Left",
    "Limits",
    "LiveReplay",
    "Look",
    "LoopState",
    "Marked",
    "MayDoMore",
    "NotClosed",
    "Observer",
    "Outcome",
    "OutcomePush",
    "Outcomes",
    "PoolFeed",
    "Predicted",
    "Quarantined",
    "Rebalanced",
    "RecordedFeed",
    "Replayed",
    "Said",
    "Seen",
    "Source",
    "Spot",
    "Standby",
    "StrikeLoop",
    "Stuck",
    "Taker",
    "Terms",
    "Took",
    "Unsigned",
    "Watch",
    "causation_id",
    "closing_of",
    "examine",
    "intake_app",
]

_MODULES = {
    "._desk": ("Decided", "Desk", "Predicted", "Said", "Unsigned", "causation_id"),
    "._doctor": ("Finding", "Stuck", "examine"),
    "._feed": ("Feed", "FeedEnded", "PoolFeed"),
    "._observer": ("Observer",),
    "._intake": ("Intake", "Limits"),
    "._intake_http": ("intake_app",),
    "._live_replay": ("LiveReplay", "Replayed"),
    "._loop": ("Counted", "Failed", "Happening", "Source", "StrikeLoop"),
    "._rebalancer": ("Rebalanced",),
    "._outcomes": ("Outcome", "Outcomes"),
    "._push": ("OutcomePush",),
    "._recorded": ("RecordedFeed",),
    "._spot": ("Spot",),
    "._settler": ("Closed", "NotClosed"),
    "._barriers": ("Closing", "closing_of"),
    "._standby": ("MayDoMore", "Standby"),
    "._states": ("Changed", "LoopState"),
    "._quarantine": ("Quarantined",),
    "._taker": ("Left", "Look", "Marked", "Taker", "Took"),
    "._terms": ("Terms",),
    "._watch": ("Seen", "Watch"),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: module for module, names in _MODULES.items() for name in names}
)
