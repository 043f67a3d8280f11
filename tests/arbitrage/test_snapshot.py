"""Real pools, as they were recorded: read, searched, and what was found executed."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from macrostrike.arbitrage import (
    Auction,
    Fault,
    PoolInvalid,
    SnapshotInvalid,
    read_auction,
    read_pool,
    reference_prices,
    screen,
    search,
)

from ..evm import ZERO
from .execution import executed
from .real import Chain, RealV3Pool, RealV4Pool

DATA = Path(__file__).parents[3] / "shared" / "data" / "pools"
AUCTION = DATA / "cow_auction_7400681.json.gz"
V3 = DATA / "uniswap_v3_wbtc_weth_block_24407242.json.gz"
V4 = DATA / "uniswap_v4_eth_usdc_block_24407242.json.gz"
ETHER = "0x" + "00" * 18 + "ee00"
GWEI = 10**9

recorded = pytest.mark.skipif(not AUCTION.exists(), reason=f"{DATA} is not there")


@pytest.fixture(scope="module")
def auction() -> Auction:
    return read_auction(AUCTION)


@pytest.fixture(scope="module")
def prices(auction: Auction) -> dict[str, float]:
    known = {token.address: token.price for token in auction.tokens.values() if token.price}
    return reference_prices(auction.pools, auction.native_token, known)


@recorded
def test_every_pool_is_read_or_refused_with_its_reason(auction: Auction) -> None:
    assert len(auction.pools) + len(auction.excluded) == 842
    assert Counter(type(pool).__name__ for pool in auction.pools) == {
        "ConstantProductPool": 349,
        "ConcentratedPool": 293,
        "WeightedPool": 152,
        "StablePool": 7,
    }
    assert Counter(each.fault for each in auction.excluded) == {
        Fault.EMPTY: 29,
        Fault.WEIGHTS: 6,
        Fault.TICKS: 6,
    }
    assert auction.gas_price_wei == 15_189_175_884


@recorded
def test_every_token_finds_its_price(auction: Auction, prices: dict[str, float]) -> None:
    usdc = next(token for token in auction.tokens.values() if token.symbol == "USDC")
    assert usdc.price is None
    assert 10**12 / prices[usdc.address] == pytest.approx(1610, rel=0.01)
    assert {token for pool in auction.pools for token in pool.tokens} <= prices.keys()


@recorded
def test_at_the_gas_price_of_the_day_nothing_was_left_to_take(
    auction: Auction, prices: dict[str, float]
) -> None:
    """Dead pools and stale ticks in it show hundreds of ether to who sizes them by their price
    alone; nothing is paid that is worth the gas, with or without the screen."""
    for pools in (auction.pools, screen(auction.pools, prices)[0]):
        assert (
            search(
                pools,
                gas_price_wei=auction.gas_price_wei,
                base_token=auction.native_token,
                prices=prices,
            )
            == []
        )


@recorded
@pytest.mark.parametrize("screened", [False, True])
def test_what_is_found_is_executed_at_the_reported_profit(
    auction: Auction, prices: dict[str, float], screened: bool
) -> None:
    """With cheaper gas: all of it, on the real contracts, to the unit."""
    pools = screen(auction.pools, prices)[0] if screened else auction.pools
    found = search(pools, gas_price_wei=GWEI, base_token=auction.native_token, prices=prices)
    assert len(found) >= 20
    assert max(each.net_profit_wei for each in found) < 10**16
    by_id = {pool.id: pool for pool in pools}
    decimals = {token.address: token.decimals for token in auction.tokens.values()}
    for each in found:
        assert executed(each, by_id, decimals) == each.amounts


@recorded
@pytest.mark.parametrize(("path", "kind"), [(V3, RealV3Pool), (V4, RealV4Pool)])
def test_a_recorded_pool_trades_as_the_real_one(
    path: Path, kind: type[RealV3Pool] | type[RealV4Pool]
) -> None:
    model = read_pool(path)
    if ZERO in model.tokens:
        # Native ether is laid as a token: to the pool's arithmetic it is one.
        model = replace(model, tokens=(ETHER, model.tokens[1]))
    real = kind(Chain(), model)
    for token_in, token_out in (model.tokens, model.tokens[::-1]):
        for size in range(4, 22):
            amount_in = 10**size
            expected = model.amount_out(token_in, token_out, amount_in)
            assert real.quote(token_in, token_out, amount_in) == expected


def write(path: Path, content: object) -> Path:
    path.write_bytes(gzip.compress(json.dumps(content).encode()))
    return path


@pytest.mark.parametrize("content", [{}, [], {"tokens": {}, "amms": {"0x": {"kind": "Other"}}}])
def test_what_is_not_a_auction_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(SnapshotInvalid, match="no auction as CoW Protocol writes it"):
        read_auction(write(tmp_path / "auction.json.gz", content))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotInvalid, match="nowhere"):
        read_pool(tmp_path / "nowhere.json")


def test_a_pool_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    content = {
        "pool": "0x" + "11" * 20,
        "token0": {"address": "0x" + "22" * 20},
        "token1": {"address": "0x" + "33" * 20},
        "scalars": {
            "fee": 3000,
            "tick_spacing": 60,
            "sqrt_price_x96": 1 << 96,
            "tick": 0,
            "liquidity": 2,
        },
        "tick_data": {"-60": [1, 1, 1], "60": [1, -1, 1]},
    }
    with pytest.raises(PoolInvalid) as refused:
        read_pool(write(tmp_path / "pool.json.gz", content))
    assert refused.value.fault is Fault.TICKS
