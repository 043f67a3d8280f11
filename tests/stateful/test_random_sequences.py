"""A short run. The long one is `make fuzz`."""

from __future__ import annotations

import pytest

from .everyone import play
from .machine import TALLY

pytestmark = pytest.mark.long


def test_every_guarantee_holds_whatever_is_called() -> None:
    """Any sequence of calls by anyone, with every invariant checked after each call."""
    before = TALLY.calls
    play(examples=40, steps=50)
    # It must have done something: a rule that no longer works would make this test say nothing.
    assert TALLY.calls - before > 500
    assert TALLY.done["executeStrike"] > 0
    assert TALLY.done["settleStrike"] > 0
