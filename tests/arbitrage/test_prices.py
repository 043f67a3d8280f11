"""What tokens are worth by the pools, and which pools are not to be believed."""

from __future__ import annotations

import pytest

from macrostrike.arbitrage import (
    ConcentratedPool,
    ConstantProductPool,
    Fault,
    Pool,
    TickMap,
    reference_prices,
    screen,
)
from macrostrike.arbitrage.pools._ticks import sqrt_price_at

from .states import TOKENS

WETH, USD, BTC, NEW = TOKENS[:4]
USD_PRICE = 10**12 / 1600  # of six decimals
POOLS: list[Pool] = [
    ConstantProductPool("deep", (WETH, USD), (10**21, 1_600_000 * 10**6)),
    ConstantProductPool("shallow", (WETH, USD), (10**18, 800 * 10**6)),
    ConstantProductPool("beyond", (USD, BTC), (10**12, 40 * 10**8)),
]


def test_prices_spread_from_the_base_token_by_depth() -> None:
    prices = reference_prices(POOLS, WETH)
    assert prices[WETH] == 1.0
    assert prices[USD] == pytest.approx(USD_PRICE)
    assert prices[BTC] == pytest.approx(USD_PRICE * 10**12 / (40 * 10**8))


def test_a_known_price_is_kept_and_spreads() -> None:
    prices = reference_prices(POOLS, WETH, {USD: USD_PRICE * 1.01})
    assert prices[USD] == USD_PRICE * 1.01
    assert prices[BTC] == pytest.approx(USD_PRICE * 1.01 * 250)


def test_many_shallow_pools_do_not_outvote_a_deep_one() -> None:
    liars = [ConstantProductPool(f"liar {n}", (WETH, USD), (10**18, 10 * 10**6)) for n in range(50)]
    assert reference_prices([*POOLS, *liars], WETH)[USD] == pytest.approx(USD_PRICE)


def test_what_no_pool_connects_has_no_price() -> None:
    lonely = ConstantProductPool("lonely", (BTC, NEW), (10**8, 10**18))
    assert NEW not in reference_prices([lonely], WETH)


def excluded_by(*pools: Pool, **options: float) -> dict[str, Fault]:
    prices = reference_prices(POOLS, WETH)
    kept, excluded = screen([*POOLS, *pools], prices, **options)  # type: ignore[arg-type]
    assert len(kept) + len(excluded) == len(POOLS) + len(pools)
    return {each.pool: each.fault for each in excluded}


def test_a_pool_that_pays_more_than_anyone_would_is_left_out() -> None:
    """The shallow one pays twice the dollars' worth in ether."""
    assert excluded_by() == {"shallow": Fault.MISPRICED}
    assert excluded_by(tolerance=1.0) == {}


def test_a_pool_whose_token_no_one_knows_is_left_out() -> None:
    new = ConstantProductPool("new", (BTC, NEW), (10**8, 10**18))
    assert excluded_by(new)["new"] is Fault.UNPRICED


def test_a_pool_that_could_not_pay_for_its_gas_is_left_out() -> None:
    dust = ConstantProductPool("dust", (WETH, USD), (10**12, 1600))
    assert "dust" not in excluded_by(dust)
    assert excluded_by(dust, min_worth_wei=10**15)["dust"] is Fault.DUST


def test_one_that_can_only_be_sold_to_is_judged_by_what_it_pays() -> None:
    """At the end of its only range, a pool says no price, but still pays for one of its tokens."""
    ticks = TickMap({0: 10**18, 60: -(10**18)}, 60)
    end = ConcentratedPool("end", (WETH, BTC), 3000, sqrt_price_at(60), 60, 0, ticks)
    assert screen([end], {WETH: 1.0, BTC: 1.0})[1] == []
    dear = screen([end], {WETH: 1.0, BTC: 2.0})[1]
    assert [each.fault for each in dear] == [Fault.MISPRICED]
    assert "times the worth" in dear[0].detail
    assert reference_prices([end], WETH) == {WETH: 1.0}
