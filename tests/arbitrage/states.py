"""States that pools can have, and amounts to trade there."""

from __future__ import annotations

import os
from itertools import permutations

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hypothesis import reject, settings
from hypothesis import strategies as st

from macrostrike.arbitrage import (
    ConcentratedPool,
    ConstantProductPool,
    Pool,
    PoolInvalid,
    StablePool,
    TickMap,
    WeightedPool,
)
from macrostrike.arbitrage.pools._ticks import MAX_TICK, MIN_TICK, sqrt_price_at

ONE = 10**18
SPACINGS = {100: 1, 500: 10, 3000: 60, 10_000: 200}
# In the order in which pools keep them.
TOKENS: tuple[str, ...] = tuple(
    sorted(
        (to_checksum_address(keccak(text=f"token {n}")[12:]) for n in range(8)),
        key=lambda token: int(token, 16),
    )
)
PAIR = (TOKENS[0], TOKENS[1])
_EXAMPLES = int(os.environ.get("ARBITRAGE_EXAMPLES", "40"))

against_bytecode = settings(max_examples=_EXAMPLES, deadline=None)
"""As many examples as `ARBITRAGE_EXAMPLES` says."""


def magnitudes(low: int, high: int) -> st.SearchStrategy[int]:
    """Integers of every size alike."""
    sizes = st.integers(low.bit_length(), high.bit_length())
    return sizes.flatmap(
        lambda bits: st.integers(max(low, (1 << bits) >> 1), min(high, (1 << bits) - 1))
    )


@st.composite
def constant_products(draw: st.DrawFn, fees: tuple[int, ...] = (3000,)) -> ConstantProductPool:
    reserve = magnitudes(1, (1 << 112) - 1)
    return ConstantProductPool(
        "pair", PAIR, (draw(reserve), draw(reserve)), draw(st.sampled_from(fees))
    )


@st.composite
def concentrated(draw: st.DrawFn, furthest: int = MAX_TICK) -> ConcentratedPool:
    """Any price; positions around it, some far, that leave gaps and meet at ticks."""
    fee, spacing = draw(st.sampled_from(sorted(SPACINGS.items())))
    last = furthest // spacing
    middle = draw(st.integers(-250_000, 250_000))
    near = st.integers(-60, 60).map(lambda steps: middle // spacing + steps)
    ends = st.one_of(near, near, st.integers(-last, last))
    net: dict[int, int] = {}
    for _ in range(draw(st.integers(1, 6))):
        low, high = sorted((draw(ends), draw(ends)))
        liquidity = draw(magnitudes(1000, 10**26))
        for tick, gained in ((low, liquidity), (max(high, low + 1), -liquidity)):
            net[tick * spacing] = net.get(tick * spacing, 0) + gained
    # A tick where as much begins as ends is in use, but no list of gains has it.
    ticks = TickMap({tick: gained for tick, gained in net.items() if gained}, spacing)
    ends_used = [tick for tick in ticks.ticks if MIN_TICK < tick < MAX_TICK] or [middle]
    tick = draw(st.one_of(st.just(middle), st.sampled_from(ends_used)))
    low, high = sqrt_price_at(tick), sqrt_price_at(tick + 1)
    price = draw(st.one_of(st.just(low), st.integers(low, high - 1)))
    # A price that fell to a tick in use, exactly, has crossed it.
    tick -= price == low and tick in ticks.net and draw(st.booleans())
    return ConcentratedPool(
        id="pool",
        tokens=PAIR,
        fee=fee,
        sqrt_price=price,
        tick=tick,
        liquidity=ticks.liquidity[ticks.range_of(tick)],
        ticks=ticks,
    )


@st.composite
def weighted(draw: st.DrawFn) -> WeightedPool:
    count = draw(st.sampled_from((2, 2, 3, 4, 8)))
    decimals = draw(st.tuples(*[st.sampled_from((0, 2, 6, 8, 18))] * count))
    # Of eight, none under the hundredth that a pool's token must have.
    parts = draw(st.tuples(*[st.integers(3, 40)] * count))
    weights = [ONE * part // sum(parts) for part in parts]
    weights[0] += ONE - sum(weights)
    if count == 2:
        weights = draw(
            st.sampled_from(([ONE // 2] * 2, [8 * ONE // 10, 2 * ONE // 10], weights, weights))
        )
    return WeightedPool(
        id="weighted",
        tokens=TOKENS[:count],
        balances=tuple(draw(magnitudes(10**3, 10**12)) * 10 ** (d // 2) for d in decimals),
        weights=tuple(weights),
        decimals=decimals,
        fee=draw(magnitudes(10**12, 10**17)),
        version=draw(st.sampled_from((1, 2))),
    )


@st.composite
def stable(draw: st.DrawFn) -> tuple[StablePool, tuple[int, ...]]:
    """A pool of tokens worth about the same, and their decimals."""
    count = draw(st.integers(2, 4))
    version = draw(st.sampled_from((1, 2)))
    decimals = draw(st.tuples(*[st.sampled_from((6, 8, 18))] * count))
    rates = [ONE] * count
    if version == 2:
        rates = [draw(st.sampled_from((ONE, ONE + draw(st.integers(0, ONE))))) for _ in rates]
    size = draw(magnitudes(1, 10**9))
    shares = [draw(st.integers(1, 100)) for _ in decimals]
    try:
        model = StablePool(
            id="stable",
            tokens=TOKENS[:count],
            balances=tuple(size * share * 10**d for share, d in zip(shares, decimals, strict=True)),
            scales=tuple(10 ** (18 - d) * rate for d, rate in zip(decimals, rates, strict=True)),
            amplification=1000 * draw(magnitudes(1, 5000)),
            fee=draw(magnitudes(10**12, 10**17)),
            version=version,
        )
    except PoolInvalid:
        # The contract finds no invariant either, and can't be joined.
        reject()
    return model, decimals


def pools() -> st.SearchStrategy[Pool]:
    """A pool of any venue."""
    any_stable = stable().map(lambda drawn: drawn[0])
    return st.one_of(constant_products((2500, 3000)), concentrated(), weighted(), any_stable)


def ways(pool: Pool) -> st.SearchStrategy[tuple[str, str]]:
    """Two of its tokens."""
    return st.sampled_from(list(permutations(pool.tokens, 2)))


def amounts(maximum: int = 10**33) -> st.SearchStrategy[int]:
    """From dust to more than anything can take."""
    return magnitudes(1, maximum)
