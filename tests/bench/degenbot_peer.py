"""Run by the peer's own Python: degenbot's pools and cycles on the pools that stdin lists.

degenbot reads its pools from a node. There is none here, so that they are given their state as its
constructors would leave them; everything that is timed is degenbot's own.
"""

from __future__ import annotations

import json
import sys
import time
from fractions import Fraction
from importlib.metadata import version
from itertools import product
from typing import Any

from degenbot.arbitrage.uniswap_lp_cycle import UniswapLpCycle
from degenbot.erc20_token import Erc20Token
from degenbot.exceptions import DegenbotError
from degenbot.logging import logger
from degenbot.uniswap.types import UniswapV3BitmapAtWord, UniswapV3LiquidityAtTick
from degenbot.uniswap.v2_liquidity_pool import UniswapV2Pool
from degenbot.uniswap.v3_liquidity_pool import UniswapV3Pool

MAX_IN = 10**21


def main() -> None:
    logger.setLevel("ERROR")
    asked = json.load(sys.stdin)
    tokens: dict[str, Any] = {}
    pools = {entry["id"]: pool_of(entry, tokens) for entry in asked["pools"]}
    json.dump(
        {
            "version": version("degenbot"),
            "amounts": amounts(asked["amounts"], pools, tokens),
            "sized": sized(asked["cycles"], pools, tokens),
            "search": searched(asked["base_token"], pools, tokens, asked["seconds"]),
        },
        sys.stdout,
    )


def token_of(address: str, tokens: dict[str, Any]) -> Any:
    if address not in tokens:
        token = tokens[address] = Erc20Token.__new__(Erc20Token)
        token.address = address
        token.symbol = token.name = address[:8]
        token.decimals = 18
    return tokens[address]


def pool_of(entry: dict[str, Any], tokens: dict[str, Any]) -> Any:
    kind = UniswapV3Pool if "ticks" in entry else UniswapV2Pool
    pool = kind.__new__(kind)
    pool.address = pool.name = entry["id"]
    pool.token0, pool.token1 = (token_of(token, tokens) for token in entry["tokens"])
    pool._subscribers = set()
    if kind is UniswapV2Pool:
        pool.fee_token0 = pool.fee_token1 = Fraction(entry["fee"], 10**6)
        reserve0, reserve1 = entry["reserves"]
        pool._state = kind.PoolState(
            pool=pool.address, reserves_token0=reserve0, reserves_token1=reserve1
        )
        return pool
    pool.fee, pool.tick_spacing = entry["fee"], entry["spacing"]
    pool.sparse_liquidity_map = False
    pool._state = kind.PoolState(
        pool=pool.address,
        liquidity=entry["liquidity"],
        sqrt_price_x96=entry["sqrt_price"],
        tick=entry["tick"],
        tick_bitmap={0: UniswapV3BitmapAtWord()},
        tick_data={
            int(tick): UniswapV3LiquidityAtTick(liquidity_net=net, liquidity_gross=abs(net))
            for tick, net in entry["ticks"].items()
        },
    )
    return pool


def amounts(asked: list[Any], pools: dict[str, Any], tokens: dict[str, Any]) -> dict[str, Any]:
    """The amount out of each pool, None where it refuses."""
    began, given = time.process_time(), []
    for pool, token_in, amount_in in asked:
        try:
            given.append(
                pools[pool].calculate_tokens_out_from_tokens_in(tokens[token_in], amount_in)
            )
        except DegenbotError:
            given.append(None)
    return {"given": given, "seconds": time.process_time() - began}


def sized(asked: list[Any], pools: dict[str, Any], tokens: dict[str, Any]) -> dict[str, Any]:
    """The profit of each cycle at degenbot's best amount, None where it finds none."""
    cycles = [
        UniswapLpCycle(tokens[token], [pools[each] for each in through], "cycle", MAX_IN)
        for token, through in asked
    ]
    began, profits = time.process_time(), []
    for cycle in cycles:
        try:
            profits.append(cycle.calculate().profit_amount)
        except (DegenbotError, OverflowError, ZeroDivisionError):
            profits.append(None)
    return {"profits": profits, "seconds": time.process_time() - began}


def searched(
    base_token: str, pools: dict[str, Any], tokens: dict[str, Any], seconds: float
) -> dict[str, Any]:
    """Every cycle through the base token, one after the other, for at most so many seconds."""
    if base_token not in tokens:
        return {"cycles": 0, "calculated": 0, "seconds": 0.0, "all": True}
    cycles = list(cycles_of(base_token, pools.values()))
    made = {
        through: UniswapLpCycle(tokens[base_token], [pools[each] for each in through], "", MAX_IN)
        for through in cycles
    }
    began, done, calculated = time.process_time(), 0, 0
    for cycle in made.values():
        if time.process_time() - began > seconds:
            break
        done += 1
        try:
            cycle.calculate()
            calculated += 1
        except (DegenbotError, OverflowError, ZeroDivisionError):
            continue
    return {
        "cycles": len(cycles),
        "done": done,
        "calculated": calculated,
        "seconds": time.process_time() - began,
    }


def cycles_of(base_token: str, pools: Any) -> Any:
    """Pools by which one gets from the base token back to it, of two and of three hops."""
    between: dict[tuple[str, str], list[str]] = {}
    for pool in pools:
        ends = pool.token0.address, pool.token1.address
        between.setdefault(ends, []).append(pool.address)
        between.setdefault(ends[::-1], []).append(pool.address)
    for (start, token), first in between.items():
        if start != base_token:
            continue
        back = between[token, base_token]
        yield from ((out, home) for out, home in product(first, back) if out != home)
        for (via, other), across in between.items():
            if via == token and other != base_token and (other, base_token) in between:
                yield from product(first, across, between[other, base_token])


if __name__ == "__main__":
    main()
