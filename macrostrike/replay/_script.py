"""The reference run as a script: 1,500 outcomes whose totals are those of design section 6.

The script says who takes part and what each strike must earn or lose, to the raw unit. The chain
measures, and its view functions give the table back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from macrostrike.types import ALL_STRATEGIES, Signal, Strategy

USDC = 10**6
STRIKES, WINS = 1500, 1395
STRONG, STRONG_WINS = 900, 847
PROFIT, BEST, WORST = 440_000 * USDC, 2450 * USDC, -160 * USDC
# Strikes that each strategy is left out of, among those won and among those lost.
ABSENT_WINS = {Strategy.MOMENTUM: 171, Strategy.MEAN_REVERSION: 100}
ABSENT_LOSSES = {Strategy.MARKET_MAKING: 24, Strategy.ARBITRAGE: 13, Strategy.VOLATILITY: 3}

_SEED = 1500
_BEST_AT, _WORST_AT = 900, 60  # of the wins, of the losses
_SMALL_UNTIL = 120  # strikes: a new model starts at a quarter of full size
_STRONG_LOSS, _REGULAR_LOSS = (60, 155), (30, 90)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One strike of the script. `pnl` in raw quote units."""

    signal: Signal
    strategies: int
    pnl: int

    @property
    def won(self) -> bool:
        return self.pnl > 0


def reference_script() -> tuple[Outcome, ...]:
    """The 1,500 outcomes, always the same."""
    signals = [_signal(index) for index in range(STRIKES)]
    won = list(_won(signals))
    pnl = _pnl(signals, won, random.Random(_SEED))
    masks = _masks(won)
    return tuple(map(Outcome, signals, masks, pnl))


def _signal(index: int) -> Signal:
    """Shorts and longs in turn, so that the price comes back; three of five strong."""
    strong = index // 2 % 5 < 3
    if index % 2:
        return Signal.STRONG_LONG if strong else Signal.LONG
    return Signal.STRONG_SHORT if strong else Signal.SHORT


def is_strong(signal: Signal) -> bool:
    """Whether bots put in their whole share."""
    return signal in (Signal.STRONG_LONG, Signal.STRONG_SHORT)


def _won(signals: list[Signal]) -> Iterator[bool]:
    """Losses spread evenly: seven among forty outcomes would halt the fleet."""
    strong = iter(_spread(STRONG - STRONG_WINS, STRONG, 5))
    regular = iter(_spread(STRIKES - WINS - (STRONG - STRONG_WINS), STRIKES - STRONG, 3))
    for signal in signals:
        yield not next(strong if is_strong(signal) else regular)


def _spread(marked: int, total: int, offset: int) -> list[bool]:
    """`marked` of `total`, evenly, the first after about `offset` more than a step."""
    flags = [(i + 1) * marked // total > i * marked // total for i in range(total)]
    return flags[offset:] + flags[:offset]


def _masks(won: list[bool]) -> list[int]:
    absent = {
        True: [(s, _spread(n, WINS, 3 * s)) for s, n in ABSENT_WINS.items()],
        False: [(s, _spread(n, STRIKES - WINS, 7 * s)) for s, n in ABSENT_LOSSES.items()],
    }
    seen = {True: 0, False: 0}
    masks = []
    for outcome in won:
        position, seen[outcome] = seen[outcome], seen[outcome] + 1
        left_out = sum(1 << s for s, flags in absent[outcome] if flags[position])
        masks.append(ALL_STRATEGIES & ~left_out)
    return masks


def _pnl(signals: list[Signal], won: list[bool], chance: random.Random) -> list[int]:
    weights = [
        (2 if is_strong(signal) else 1) * _share(index) * chance.uniform(0.5, 1.5)
        for index, signal in enumerate(signals)
    ]
    losses = [
        -int(chance.uniform(*(_STRONG_LOSS if is_strong(s) else _REGULAR_LOSS)) * _share(i) * USDC)
        for i, s in enumerate(signals)
    ]
    pnl = [0 if outcome else loss for outcome, loss in zip(won, losses, strict=True)]
    pnl[_place(signals, won, False, _WORST_AT)] = WORST
    best = _place(signals, won, True, _BEST_AT)
    pnl[best] = BEST
    wins = [index for index, outcome in enumerate(won) if outcome and index != best]
    needed, total = PROFIT - sum(pnl), sum(weights[index] for index in wins)
    for index in wins:
        pnl[index] = int(needed * weights[index] / total)
    pnl[wins[-1]] += PROFIT - sum(pnl)
    return pnl


def _share(index: int) -> float:
    """How big outcomes are by then: with the size that the model's record allows."""
    return min(1.0, 0.25 + index / _SMALL_UNTIL)


def _place(signals: list[Signal], won: list[bool], outcome: bool, position: int) -> int:
    """A strong long's place, `position` or more such outcomes in."""
    places = [index for index, each in enumerate(won) if each is outcome]
    return next(index for index in places[position:] if signals[index] is Signal.STRONG_LONG)
