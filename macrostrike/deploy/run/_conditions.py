"""What keeps a diamond from working though it is as its target says.

No step of a plan changes these: who paused, halted or transferred had a reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from macrostrike.chain import Transport
from macrostrike.client import MacroStrike
from macrostrike.deploy.plan import CONDITION, Check
from macrostrike.types import ZERO_ADDRESS


def conditions(transport: Transport, diamond: str) -> Iterator[Check]:
    """A check for each condition: paused, takeovers stopped, halted by a breaker, an ownership
    transfer pending."""
    client = MacroStrike(transport, diamond)
    yield _condition("pause", "off", "on", client.is_paused())
    yield _condition("takeovers", "allowed", "stopped", client.call("takeoversStopped"))
    yield _condition("breaker", "not tripped", "tripped", client.stats().halted)
    pending = client.call("pendingOwner")
    yield Check("pending owner", "none", _shown(pending), pending == ZERO_ADDRESS, of=CONDITION)


def _condition(name: str, right: str, wrong: str, holds: bool) -> Check:
    return Check(name, right, wrong if holds else right, not holds, of=CONDITION)


def _shown(owner: str) -> str:
    return "none" if owner == ZERO_ADDRESS else owner
