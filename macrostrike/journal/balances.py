"""What the diamond must hold: the one sum that rehearsal, verification and journal rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """An open strike: raw quote at stake, and the raw base that it bought or sold."""

    base: str
    is_long: bool
    notional: int
    base_amount: int


def required_balances(
    *,
    quote: str,
    reserve: int,
    equity: int,
    positions: Iterable[Position],
    inventory: Mapping[str, int],
    amm_capital: Mapping[str, int],
) -> dict[str, int]:
    """The minimum that the diamond must hold of each token, raw units. The rest was donated.

    quote, reserve: the treasury's token, and what of it is in no bot, dust included.
    equity: of all bots, what open strikes hold included.
    inventory, amm_capital: by token; the capital of AMM bots is in no inventory and no reserve.

    A long's notional was spent for base, which is there instead. A short's margin stays in the
    equity, and its proceeds came on top of it; the base that it sold is out of the inventory.
    """
    required = Counter({quote: reserve + equity})
    required.update(inventory)
    required.update(amm_capital)
    for position in positions:
        if position.is_long:
            required[quote] -= position.notional
            required[position.base] += position.base_amount
        else:
            required[quote] += position.notional
    return dict(required)
