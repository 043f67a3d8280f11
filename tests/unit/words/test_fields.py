"""Fields are where the layout of the type says, and setting one leaves all others as they were."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ...layouts import Field, packed_types
from .conftest import WORDS, Ask

TYPES = packed_types()
# By type: the fields that functions of their name read, and write.
READ = {
    "CoreWord": (
        "dust thresholdOverBps bestBits worstBits recentLosses highWater lot lastStrikeId "
        "openBitmap"
    ),
    "KeyWord": "hooks fee tickSpacing",
    "LotsWord": "signal",
    "MarketState": "pool usedDayLots lastStrikeAt openLots back traits",
    "MarketTraits": "baseIsToken0",
    "RulesWord": (
        "maxBotLots maxStrikeLots maxOpenLots maxDayLots cooldown maxDeviationBps oracleWindow "
        "exitWindow exitDeviationBps maxHorizon maxStopLossBps keeperDelay"
    ),
    "StrategyWord": "settled wins",
    "TurnWord": "pool kind",
}
WRITTEN = {
    "CoreWord": (
        "unitExponent dust thresholdOverBps bestBits worstBits highWater lot"  # which cut
    ),
    "MarketState": "usedDayLots openLots back",  # which cut
    "StrikeWord": "horizon",
}
CUT = ("CoreWord", "MarketState")


def pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, field) for name, fields in table.items() for field in fields.split()]


def bits_of(answer: Any, field: Field) -> int:
    """What a getter answers, as bits. Addresses come as text, ticks with a sign."""
    value = int(answer, 16) if isinstance(answer, str) else int(answer)
    return value & field.mask if field.name == "tickSpacing" else value


@pytest.mark.parametrize(("name", "field"), pairs(READ))
@given(word=WORDS)
def test_a_field_is_read_where_the_layout_has_it(
    ask: Ask, name: str, field: str, word: int
) -> None:
    word &= (1 << max(TYPES[name].layouts[0].total, 8)) - 1
    place = TYPES[name][field]
    assert bits_of(ask(name, field, word), place) == place.of(word)


@pytest.mark.parametrize(("name", "field"), pairs(WRITTEN))
@given(word=WORDS, value=WORDS)
def test_setting_a_field_changes_no_other(
    ask: Ask, name: str, field: str, word: int, value: int
) -> None:
    place = TYPES[name][field]
    if name not in CUT:
        value &= place.mask
    function = f"with{field[0].upper()}{field[1:]}"
    assert ask(name, function, word, value) == place.put(word, value)
