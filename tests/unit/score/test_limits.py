"""What happens when the score's counts are full: they stay, and settling goes on."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike.journal._fleet import Cell, Fleet, Model, OpenStrike
from macrostrike.types import Signal, Strategy, StrikeRecord

from ...evm import put_word
from ..deployed import deploy_env
from ..environment import Env
from ..readers import assert_rebuilt

# ERC-7201, as in contracts/libraries/storage.
SCORE = 0xD42FE7CCDBDDD9B0C7A0AB05C85B451B107CC4CB7F5224C1B9266D8865DA6D00
FLEET = 0x2B583CD0DCB4BFF4C7FC541709496EA4ECD936410073415C32A460890E5D4A00
FIRST_STRATEGY = FLEET + 3
MODEL, BIN, BINS, SIGNALS = 3, 2, 7, 4
FULL_CELL, FULL_COUNT = (1 << 24) - 1, (1 << 23) - 1
MAXIMUM = (1 << 56) - 1


@pytest.fixture
def fresh() -> Env:
    """A world of its own, whose storage is written by hand."""
    return deploy_env()


def write(env: Env, slot: int, word: int) -> None:
    put_word(env.chain, env.diamond, slot, word)


def test_a_full_cell_stays(fresh: Env) -> None:
    key = (MODEL * BINS + BIN) * SIGNALS + Signal.STRONG_LONG
    slot = int.from_bytes(keccak(encode(["uint256", "uint256"], [key, SCORE])), "big")
    # settled and wins of 24 bits each, then the Brier sum of 48.
    write(fresh, slot, FULL_CELL - 1 | 16_000_000 << 24 | 5 << 48)
    for settled in (FULL_CELL, FULL_CELL):
        fresh.play(won=False, model_id=MODEL)
        counted = fresh.read("getCalibration", MODEL)[BIN]
        assert (counted.settled, counted.wins) == (settled, 16_000_000)
        assert counted.brier_sum == 5 + 902_500
    fresh.owner.send("writeOffStrike", fresh.strike(model_id=MODEL)["strike_id"])
    assert fresh.read("getOpenStrikes") == ()


def test_the_books_stay_with_it() -> None:
    record = StrikeRecord(1, 1, 0, 1, 0, 1, 9500, 0, MODEL)
    fleet = Fleet(equity=[100] * 25, models={MODEL: Model("")})
    full = Cell(settled=FULL_CELL, wins=7, brier_sum=8, profit=9, loss=10)
    fleet.cells[MODEL, BIN, Signal.LONG] = full
    fleet.open(OpenStrike(record, Signal.LONG, (1,) * 25))
    fleet.close(1, -25, won=False)
    assert full == Cell(settled=FULL_CELL, wins=7, brier_sum=8, profit=9, loss=10)
    assert fleet.models[MODEL] == Model("")


def test_a_price_beyond_all_sense_is_counted_as_far_as_the_books_go(fresh: Env) -> None:
    strike_id = fresh.strike(take_profit_bps=0, stop_loss_bps=9999)["strike_id"]
    reserve = fresh.read("getTreasury")[1]
    equity = fresh.read("getStrikeStats").equity
    fresh.price(10**13, settled=False)
    pnl = fresh.settle(strike_id)["pnl"]
    stats = fresh.read("getStrikeStats")
    assert pnl > MAXIMUM
    assert (stats.profit, stats.best, stats.loss) == (MAXIMUM, MAXIMUM, 0)
    gained = stats.equity - equity
    assert 0 < gained < MAXIMUM
    assert fresh.read("getTreasury")[1] == reserve + pnl - gained
    assert fresh.read("excessOf", fresh.quote) == 0
    assert_rebuilt(fresh)


def test_a_strategys_full_counts_stay(fresh: Env) -> None:
    word = int.from_bytes(fresh.chain.storage(fresh.diamond, FIRST_STRATEGY), "big")
    wins = 8_000_000
    word &= (1 << 210) - 1
    write(fresh, FIRST_STRATEGY, word | FULL_COUNT - 1 << 210 | wins << 233)
    for won, expected in ((True, wins + 1), (True, wins + 1), (False, wins + 1)):
        before = fresh.read("getStrategyStats", Strategy.MARKET_MAKING).equity
        pnl = fresh.play(won=won)["pnl"]
        stats = fresh.read("getStrategyStats", Strategy.MARKET_MAKING)
        assert (stats.settled, stats.wins) == (FULL_COUNT, expected)
        assert (stats.equity > before) == (pnl > 0)
