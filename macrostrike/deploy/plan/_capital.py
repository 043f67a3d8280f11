"""How capital that is missing goes to the bots."""

from __future__ import annotations

from collections.abc import Sequence

from macrostrike.types import BOTS_PER_STRATEGY, Strategy


def missing_capital(meant: Sequence[int], funded: Sequence[int], unit: int) -> list[int]:
    """What each bot is to get, so that the fleet has been given what is meant, raw units.

    `meant` is by bot, `funded` by strategy, `unit` is the raw units of a book unit. Rebalancing
    moves capital from strategy to strategy, so only the totals are compared. What is missing goes
    to the strategies that have less than is meant, in proportion.
    """
    total = max(0, sum(meant) - sum(funded)) // unit
    groups = [meant[s * BOTS_PER_STRATEGY : (s + 1) * BOTS_PER_STRATEGY] for s in Strategy]
    lacks = [max(0, sum(group) - funded[s]) // unit for s, group in enumerate(groups)]
    shares = _split(total, lacks)
    bots: list[int] = []
    for share, group, there in zip(shares, groups, funded, strict=True):
        # A strategy without any capital gets it bot by bot, as the target has it.
        weights = [1] * len(group) if there else [amount // unit for amount in group]
        bots += [part * unit for part in _split(share, weights)]
    return bots


def _split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in proportion to the weights; what rounding leaves goes to the first that has one."""
    if not total:
        return [0] * len(weights)
    every = sum(weights)
    parts = [total * weight // every for weight in weights]
    parts[next(i for i, weight in enumerate(weights) if weight)] += total - sum(parts)
    return parts
