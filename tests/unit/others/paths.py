"""Every path that holds or moves a token: what comes before it, and the call itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from macrostrike.types import Signal

from ...evm import FOREVER
from ..amm.pools import UNIT
from .world import V2_MARKET, V3_MARKET, V4_MARKET, World

U, WETH = UNIT["usdc"], UNIT["weth"]
AMOUNT = 20_000 * U
SKEW = 150_000 * U
HORIZON = 600
LONG, SHORT = Signal.STRONG_LONG, Signal.STRONG_SHORT

Step = Callable[[World], object]


@dataclass(frozen=True)
class Path:
    """prepare: with tokens that behave. call: what is tried with the odd one."""

    call: Step
    prepare: Step = lambda world: None


# Treasury and AMM capital


def owner(function: str, *args: Any) -> Step:
    return lambda world: world.env.owner.send(function, *_named(world, args))


def _named(world: World, args: tuple[Any, ...]) -> list[Any]:
    """Tokens and people by name."""
    known = world.tokens | {"owner": world.env.owner.address}
    return [known.get(each, each) if isinstance(each, str) else each for each in args]


def donate(name: str, amount: int) -> Step:
    def give(world: World) -> None:
        world.env.give(world.env.diamond, **{name: amount})

    return give


def both(*steps: Step) -> Step:
    def run(world: World) -> None:
        for step in steps:
            step(world)

    return run


QUOTE = {
    "deposit": Path(owner("deposit", 1000 * U)),
    "withdraw": Path(owner("withdraw", 1000 * U, "owner"), owner("deposit", 1000 * U)),
    "fund AMM, quote": Path(owner("fundAMM", "usdc", 1000 * U), owner("deposit", 1000 * U)),
    "defund AMM, quote": Path(
        owner("defundAMM", "usdc", 1000 * U),
        both(owner("deposit", 1000 * U), owner("fundAMM", "usdc", 1000 * U)),
    ),
    "skim, quote": Path(owner("skim", "usdc"), donate("quote", 5 * U)),
}
BASE = {
    "deposit inventory": Path(owner("depositInventory", "weth", WETH)),
    "withdraw inventory": Path(owner("withdrawInventory", "weth", WETH, "owner")),
    "fund AMM, base": Path(owner("fundAMM", "weth", WETH)),
    "defund AMM, base": Path(owner("defundAMM", "weth", WETH), owner("fundAMM", "weth", WETH)),
    "skim, base": Path(owner("skim", "weth"), donate("base", WETH)),
}

# Strikes


def limit(signal: Signal) -> int:
    return 0 if signal.is_long else FOREVER


def strike(market: int, signal: Signal) -> Step:
    return lambda world: world.env.strike(market=market, signal=signal, horizon=HORIZON)


def order(world: World, market: int, signal: Signal) -> tuple[Any, bytes, int]:
    prediction = world.env.prediction(market=market, signal=signal, valid_from=0, horizon=HORIZON)
    return prediction, world.env.sign(prediction), limit(signal)


def settle(signal: Signal) -> Step:
    return lambda world: world.env.operator.send("settleStrike", 1, limit(signal))


def batch(market: int, skip: bool) -> Step:
    def run(world: World) -> object:
        orders = [order(world, market, signal) for signal in (LONG, SHORT)]
        return world.env.operator.send("executeStrikes", orders, skip)

    return run


def settle_both(skip: bool) -> Step:
    limits = [limit(LONG), limit(SHORT)]
    return lambda world: world.env.operator.send("settleStrikes", [1, 2], limits, skip)


def roll(market: int, closed: Signal, opened: Signal) -> Step:
    def run(world: World) -> object:
        following = order(world, market, opened)
        return world.env.operator.send("roll", 1, limit(closed), following, False)

    return run


def due(market: int, signal: Signal) -> Step:
    """A strike that is open to takers, and one who has what it takes."""

    def run(world: World) -> None:
        env = world.env
        strike(market, signal)(world)
        env.give(env.keeper.address, quote=10**13, base=10**21)
        for token in (env.quote, env.base):
            env.approve(env.keeper.key, token)
        env.wait(HORIZON + env.read("getMarket", market).rules.keeper_delay)

    return run


def take(signal: Signal) -> Step:
    maximum = FOREVER if signal.is_long else 0
    return lambda world: world.env.keeper.send("takeStrike", 1, maximum)


def strikes(market: int, venue: str) -> dict[str, Path]:
    opened = {"long": strike(market, LONG), "short": strike(market, SHORT)}
    made = {f"open {side}, {venue}": Path(opened[side]) for side in opened}
    for side, signal in (("long", LONG), ("short", SHORT)):
        before = opened[side]
        made |= {
            f"settle {side}, {venue}": Path(settle(signal), before),
            f"roll {side}, {venue}": Path(roll(market, signal, signal), before),
            f"take {side}, {venue}": Path(take(signal), due(market, signal)),
            f"close {side} at the oracle, {venue}": Path(
                owner("closeAtOracle", 1), both(owner("deposit", 20_000 * U), before)
            ),
            f"write off {side}, {venue}": Path(owner("writeOffStrike", 1), before),
        }
    for skip, how in ((False, "all or none"), (True, "skipping")):
        made[f"open a batch {how}, {venue}"] = Path(batch(market, skip))
        made[f"settle a batch {how}, {venue}"] = Path(settle_both(skip), both(*opened.values()))
    return made


STRIKES = strikes(V3_MARKET, "V3") | strikes(V2_MARKET, "Sushi") | strikes(V4_MARKET, "V4")

# Arbitrage

SKEWED = ("a_usdc_weth", "high_usdc_weth", "eth_usdc_weth", "tri_usdc_weth", "sushi_usdc_weth")
CYCLES = {
    "V2, V2": ("b_usdc_weth", "a_usdc_weth"),
    "V2, Sushi": ("b_usdc_weth", "sushi_usdc_weth"),
    "V2, V3": ("b_usdc_weth", "high_usdc_weth"),
    "V3, V2": ("low_usdc_weth", "a_usdc_weth"),
    "V3, Sushi": ("low_usdc_weth", "sushi_usdc_weth"),
    "V3, V3": ("low_usdc_weth", "high_usdc_weth"),
    "V3, Balancer": ("low_usdc_weth", "tri_usdc_weth"),
    "V4, V2": ("v4_usdc_weth", "a_usdc_weth"),
    "V4, V3": ("v4_usdc_weth", "high_usdc_weth"),
    "V4, Balancer": ("v4_usdc_weth", "tri_usdc_weth"),
    "V2, Balancer": ("b_usdc_weth", "tri_usdc_weth"),
    "Balancer, V2": ("bal_usdc_weth", "a_usdc_weth"),
    "Balancer, V3": ("bal_usdc_weth", "high_usdc_weth"),
    "Balancer, Balancer": ("bal_usdc_weth", "tri_usdc_weth"),
}
"""Each venue first and last; the second is where ether is dear. The last runs on capital."""
WITH_ETHER = {
    "V3, V4 with ether": ("low_usdc_weth", "eth_usdc_weth"),
    "V4, V4 with ether": ("v4_usdc_weth", "eth_usdc_weth"),
    "Balancer, V4 with ether": ("bal_usdc_weth", "eth_usdc_weth"),
    "V2, V4 with ether, V2": ("a_usdc_third", "eth_third_weth", "a_usdc_weth"),
}


def skew(world: World) -> None:
    for name in SKEWED:
        world.swap(name, "usdc", SKEW * (20 if name.startswith("sushi") else 1))
    world.env.owner.send("deposit", AMOUNT)
    world.env.owner.send("fundAMM", world.tokens["usdc"], AMOUNT)


def arbitrage(function: str, cycle: tuple[str, ...]) -> Step:
    def run(world: World) -> object:
        return world.env.operator.send(function, world.order("usdc", AMOUNT, *cycle))

    return run


def arbitrages(cycles: dict[str, tuple[str, ...]]) -> dict[str, Path]:
    return {
        f"arbitrage {name}": Path(arbitrage("executeArbitrage", cycle), skew)
        for name, cycle in cycles.items()
    }


def quote(cycle: tuple[str, ...]) -> Step:
    def run(world: World) -> object:
        return world.quote(world.order("usdc", AMOUNT, *cycle))

    return run


TRIED = {
    "attempt V3, V2": Path(arbitrage("attemptArbitrage", CYCLES["V3, V2"]), skew),
    "quote V3, V2": Path(quote(CYCLES["V3, V2"]), skew),
}

PATHS = {
    "usdc": QUOTE | STRIKES | arbitrages(CYCLES | WITH_ETHER) | TRIED,
    "weth": BASE | STRIKES | arbitrages(CYCLES | WITH_ETHER) | TRIED,
}
"""By the token that is the odd one."""
