"""Strikes in quote and base of any decimals from 2 to 18: the same trades, the same books."""

from __future__ import annotations

from fractions import Fraction

import pytest

from macrostrike.types import Signal

from ..deployed import deploy_other
from ..environment import Env

# Quote, base, and the exponent of a book unit: a cent or less, and equity that fits 42 bits.
KINDS = [
    (2, 2, 0),
    (2, 18, 0),
    (3, 17, 0),
    (6, 6, 0),
    (8, 4, 4),
    (11, 9, 7),
    (18, 2, 14),
    (18, 18, 12),
]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: "{}-{}".format(*kind))
def deployed(request: pytest.FixtureRequest) -> Env:
    quote, base, exponent = request.param
    return deploy_other(
        quote_decimals=quote, base_decimals=base, unit_exponent=exponent, base_first=quote < base
    )


def dollars(env: Env, amount: int) -> Fraction:
    return Fraction(amount, 10**env.world.manifest.quote.decimals)


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("won", [True, False], ids=["won", "lost"])
def test_a_strike_is_opened_and_settled(env: Env, signal: Signal, won: bool) -> None:
    opened = env.strike(signal=signal)
    strike = env.read("getStrike", opened["strike_id"])
    base = Fraction(strike.record.base_amount, 10 ** env.world.manifest.markets[0].base.decimals)
    # 1,600 dollars for a base, to the coin that there is, fee and impact included.
    assert abs(dollars(env, opened["notional"]) / 1600 / base - 1) < Fraction(1, 100)
    assert opened["notional"] == sum(strike.lots) * env.lot_value
    before = env.read("getStrikeStats").equity
    env.price(1680 if won == signal.is_long else 1520, settled=False)
    settled = env.settle(opened["strike_id"], by="owner")
    moved = dollars(env, settled["pnl"]) / dollars(env, opened["notional"])
    assert abs(moved - (Fraction(1, 20) if won else -Fraction(1, 20))) < Fraction(1, 100)
    shared = env.read("getStrikeStats").equity - before
    # Each bot's share is rounded down to a book unit, and no more than that.
    assert 0 <= settled["pnl"] - shared < 25 * env.unit
    for token in (env.quote, env.base):
        assert env.read("excessOf", token) == 0


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
def test_the_oracle_bounds_its_price_as_any(env: Env, signal: Signal) -> None:
    env.strike(signal=signal, horizon=60)
    env.wait(60)
    assert env.read("canSettle", 1)[0]
    assert env.settle(1)["pnl"] < 0  # the pool's fee, twice
