"""degenbot from PyPI, in an environment of its own, on the same pools.

It has no Balancer pools and no search: a cycle is named by its user, checked by its price, and
sized by Brent's method over the pools' integer arithmetic. What can be compared is the amounts of
single pools, the profit at which cycles are sized, and the time that all cycles through the wrapped
ether take one by one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from time import process_time
from typing import Any, TypeVar

from macrostrike.arbitrage import (
    AmountRefused,
    Auction,
    ConcentratedPool,
    ConstantProductPool,
    Opportunity,
    search,
)
from macrostrike.errors import ContractError
from tests.arbitrage.real import Chain, NotTaken, Vault, rebuilt
from tools.setup import uv_settings

_HOME = Path(__file__).parents[2] / ".cache" / "peers" / "degenbot"
_LOCK = Path(__file__).with_name("degenbot.lock")
_SCRIPT = Path(__file__).with_name("degenbot_peer.py")
_AMOUNTS = 3000
_SEARCH_SECONDS = 30.0
_GWEI = 10**9

T = TypeVar("T")
Both = ConstantProductPool | ConcentratedPool


def compare(auction: Auction, prices: Mapping[str, float]) -> dict[str, Any]:
    """The figures, or why there are none."""
    try:
        python = _python()
    except subprocess.CalledProcessError as failure:
        return {"skipped": f"it could not be installed: {failure.stderr.strip()}"}
    except OSError as failure:
        return {"skipped": f"it could not be installed: {failure}"}
    pools = [
        pool for pool in auction.pools if isinstance(pool, (ConstantProductPool, ConcentratedPool))
    ]
    amounts = _amounts(pools)
    given, amounts_ms = _timed(lambda: [_given(*asked) for asked in amounts])
    cheap = _GWEI // 10
    every, search_ms = _timed(lambda: _search(auction, pools, prices, cheap))
    _, day_ms = _timed(lambda: _search(auction, pools, prices, auction.gas_price_wei))
    found = [each for each in every if each.token == auction.native_token]
    asked = {
        "base_token": auction.native_token,
        "seconds": _SEARCH_SECONDS,
        "pools": [_state(pool) for pool in pools],
        "amounts": [(pool.id, way[0], amount) for pool, way, amount in amounts],
        "cycles": [(each.token, [hop.pool for hop in each.hops]) for each in found],
    }
    done = subprocess.run(
        [str(python), str(_SCRIPT)], input=json.dumps(asked), capture_output=True, text=True
    )
    if done.returncode:
        return {"skipped": f"it failed: {done.stderr.strip().splitlines()[-1]}"}
    theirs = json.loads(done.stdout)
    return {
        "version": theirs["version"],
        "compared": f"{len(pools)} V2 and V3 pools, one core",
        **_agreement(amounts, given, theirs["amounts"]["given"]),
        **_figures(theirs, found, len(amounts), amounts_ms, search_ms, day_ms),
    }


def _timed(run: Callable[[], T]) -> tuple[T, float]:
    """What it returns, and milliseconds of processor time, once warm."""
    run()
    began = process_time()
    result = run()
    return result, (process_time() - began) * 1000


def _python() -> Path:
    """The peer's own Python, with what the lock says; made when it is first asked for."""
    uv = Path(sys.executable).with_name("uv")
    settings = {**os.environ, **uv_settings(), "VIRTUAL_ENV": str(_HOME)}
    for command in (
        ["venv", "--allow-existing", "--python", sys.executable, _HOME],
        ["pip", "sync", "--require-hashes", _LOCK],
    ):
        reported = [uv, "--quiet", *command]
        subprocess.run(reported, env=settings, check=True, capture_output=True, text=True)
    return _HOME / "bin" / "python"


def _search(
    auction: Auction, pools: Sequence[Both], prices: Mapping[str, float], gas_price: int
) -> list[Opportunity]:
    """Every cycle that pays, whatever it shares with others."""
    return search(
        pools,
        gas_price_wei=gas_price,
        base_token=auction.native_token,
        prices=prices,
        overlapping=True,
    )


def _amounts(pools: Sequence[Both]) -> list[tuple[Both, tuple[str, str], int]]:
    """Swaps of all sizes."""
    random = Random(1)
    chosen = []
    for _ in range(_AMOUNTS):
        pool = random.choice(pools)
        way = random.choice((pool.tokens, pool.tokens[::-1]))
        chosen.append((pool, (way[0], way[1]), int(10 ** random.uniform(3, 21))))
    return chosen


def _given(pool: Both, way: tuple[str, str], amount_in: int) -> int | None:
    try:
        return pool.amount_out(*way, amount_in)
    except AmountRefused:
        return None


def _state(pool: Both) -> dict[str, Any]:
    common = {"id": pool.id, "tokens": pool.tokens, "fee": pool.fee}
    if isinstance(pool, ConstantProductPool):
        return {**common, "reserves": pool.reserves}
    return {
        **common,
        "sqrt_price": pool.sqrt_price,
        "tick": pool.tick,
        "liquidity": pool.liquidity,
        "spacing": pool.ticks.spacing,
        "ticks": pool.ticks.net,
    }


def _agreement(
    asked: Sequence[tuple[Both, tuple[str, str], int]],
    ours: Sequence[int | None],
    theirs: Sequence[int | None],
) -> dict[str, Any]:
    """Where both say the same; where they don't, whom the real contract bears out."""
    right: Counter[str] = Counter(ours=0, theirs=0)
    for (pool, way, amount), mine, other in zip(asked, ours, theirs, strict=True):
        if mine != other:
            right.update({"ours": 1} if _real(pool, way, amount) == mine else {})
            right.update({"theirs": 1} if _real(pool, way, amount) == other else {})
    return {
        "amounts": len(ours),
        "same_amounts": sum(mine == other for mine, other in zip(ours, theirs, strict=True)),
        "other_amounts_as_the_real_contract": dict(right),
    }


def _real(pool: Both, way: tuple[str, str], amount_in: int) -> int | None:
    chain = Chain()
    for token in pool.tokens:
        chain.token(token, 18)
    try:
        return rebuilt(chain, Vault(chain), pool, [18, 18]).quote(*way, amount_in)
    except (ContractError, NotTaken):
        return None


def _figures(
    theirs: dict[str, Any],
    found: Sequence[Opportunity],
    amounts: int,
    amounts_ms: float,
    search_ms: float,
    day_ms: float,
) -> dict[str, Any]:
    profits = [profit or 0 for profit in theirs["sized"]["profits"]]
    ours = [each.profit for each in found]
    pairs = list(zip(ours, profits, strict=True))
    every = theirs["search"]
    share = every["done"] / max(every["cycles"], 1)
    return {
        "cycles_sized": len(found),
        "profit_higher_by_a_thousandth": {
            "there": sum(other > mine * 1.001 for mine, other in pairs),
            "here": sum(mine > other * 1.001 for mine, other in pairs),
        },
        "its_search_cycles": every["cycles"],
        "its_search_share": share,
        "rows": [
            (f"{amounts} swaps, ms", _ms(theirs["amounts"]["seconds"] * 1000), _ms(amounts_ms)),
            (
                f"{len(found)} cycles that pay at 0.1 gwei: sized there, found and sized here, ms",
                _ms(theirs["sized"]["seconds"] * 1000),
                _ms(search_ms),
            ),
            (
                f"all {every['cycles']} cycles of WETH there ({share:.0%} done), "
                "the whole search here, at the gas price of the day, ms",
                _ms(every["seconds"] * 1000),
                _ms(day_ms),
            ),
        ],
    }


def _ms(value: float) -> str:
    return f"{value:,.1f}"
