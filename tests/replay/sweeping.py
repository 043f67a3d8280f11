"""A short market and sweeps over it: minutes of several days, for engines of pure chance.

Run as a program it sweeps, for a test that kills it: FOLDER and a number of trials.
"""

from __future__ import annotations

import random
import sys
from decimal import Decimal
from pathlib import Path

from macrostrike.market import Bar, Market
from macrostrike.replay import TRIALS
from macrostrike.replay.sweep import IN_PROCESS, Plan, parse_plan, run_sweep

_STARTS_AT = 1_700_006_400  # a midnight
_VOLATILITY = 0.002


def short_market(days: int = 16, minutes: int = 8) -> Market:
    """The first minutes of each day, of a random walk."""
    chance, price, bars = random.Random(2), 1600.0, []
    for day in range(days):
        for minute in range(minutes):
            price *= 1 + chance.gauss(0, _VOLATILITY)
            close = Decimal(f"{price:.4f}")
            at = _STARTS_AT + day * 86_400 + minute * 60
            bars.append(Bar(at, close, close, close, close))
    return Market("a random walk of a test", True, tuple(bars))


def noise(trials: int) -> Plan:
    """So many engines of pure chance."""
    barriers = {"take_profit_bps": 100, "stop_loss_bps": 100, "minutes": 4}
    engine = {"kind": "noise", "seed": list(range(1, trials + 1)), "every": 4}
    return parse_plan({"engine": engine | barriers, "policy": {"resume_after": 0}, "folds": 4})


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    plan = noise(int(sys.argv[2]))
    run_sweep(short_market(), plan, folder, registry=folder / TRIALS, workers=IN_PROCESS)
