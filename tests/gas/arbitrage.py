"""Arbitrages over real pools of two venues, and the bare swaps of the same cycle."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from macrostrike.abi import diamond_abi
from macrostrike.build import ours
from macrostrike.chain import Receipt
from macrostrike.devchain import FEE
from macrostrike.types import Action, ArbitrageOrder, PoolConfig, TokenCap, Venue

from ..evm import FOREVER, Payer
from ..unit.amm.v4 import SPACING, V4
from ..unit.pools import ROUTER, TOKEN, Exchange
from .environment import PRICE, Env

AMOUNT = 20_000 * 10**6
_DEPTH = 5_000_000 * 10**6
_RAW_PRICE = Fraction(int(PRICE) * 10**6, 10**18)
_CHEAP, _DEAR = Fraction(9, 10), Fraction(11, 10)
_PAIR_FEE = 3000
_V4_FEE = 3000
_ETHER = "0x" + "00" * 20  # and no hooks
_DAY = 86_400
_ENOUGH = 1 << 63
_HERE = "0x" + "00" * 19 + "02"  # the router's own name for itself
_CONFIDENCE_BPS = 9550


@dataclass(frozen=True)
class Cycles:
    """Pools by what they are for, and ways through them that all make a profit."""

    env: Env
    router: str
    swapper: str
    v4: V4
    ids: dict[str, int]

    def arbitrage(self, *pools: str) -> Receipt:
        """By the operator, for all that the pools give."""
        order = ArbitrageOrder(
            pools=tuple(self.ids[name] for name in pools),
            token_in=self.env.world.venues.fixtures.quote,
            amount_in=AMOUNT,
            min_profit=1,
            confidence_bps=_CONFIDENCE_BPS,
            deadline=self.env.chain.timestamp() + 3600,
        )
        return self.env.client.transact("executeArbitrage", order)

    def bare_v3_v4(self) -> Receipt:
        """Both swaps of the market's pool and `v4_dear`, by a contract that does nothing else: one
        transaction, every token going from pool to pool directly."""
        at = self.env.world.venues.fixtures
        key = _v4_key(at.base, at.quote)
        cycle = (at.pool, at.quote < at.base, at.quote, at.base, self.v4.manager, key, AMOUNT, 1)
        return self.env.trader.tell(ours("BareSwapper"), self.swapper, "swap", cycle)

    def bare(self) -> Receipt:
        """Both swaps of `cheap` and the market's pool, by the trader through Uniswap's own router:
        one transaction, the ether between them staying with the router."""
        at, trader = self.env.world.venues.fixtures, self.env.trader
        encode = ROUTER.abi.encode_call
        swaps = [
            encode("swapExactTokensForTokens", AMOUNT, 0, [at.quote, at.base], _HERE),
            # An amount of 0 is what the router holds.
            encode("exactInputSingle", (at.base, at.quote, FEE, trader.address, 0, AMOUNT, 0)),
        ]
        return trader.tell(ROUTER, self.router, "multicall(bytes[])", swaps)


def open_cycles(env: Env) -> Cycles:
    """Ether is cheap in one pair and dear in another, and a third token costs what quote does."""
    venues = env.world.venues
    at = venues.fixtures
    exchange = Exchange(env.chain, venues, venues.maker)
    factories = {name: exchange.v2_factory() for name in ("cheap", "dear")}
    third = exchange.token(6)
    exchange.mint(third, venues.maker.address, 10 * _DEPTH)
    par = Fraction(1)
    pairs = {
        "cheap": (factories["cheap"], at.base, at.quote, _RAW_PRICE * _CHEAP),
        "dear": (factories["dear"], at.base, at.quote, _RAW_PRICE * _DEAR),
        "third": (factories["cheap"], third, at.quote, par),
        "third_dear": (factories["dear"], at.base, third, _RAW_PRICE * _DEAR),
    }
    configs = [PoolConfig(factory=at.factory, pool=at.pool, fee=FEE)]
    for factory, base, quote, price in pairs.values():
        pair = exchange.v2_pair(factory, base, quote, price, _DEPTH)
        configs.append(PoolConfig(factory=factory, pool=pair, fee=_PAIR_FEE))
    v4 = V4(env.chain, venues.maker, at.base)
    for token in (at.base, at.quote):
        v4.allow(token)
    dear = {at.quote: _DEPTH, at.base: int(_DEPTH / (_RAW_PRICE * _DEAR))}
    for base in (at.base, _ETHER):
        key = _v4_key(base, at.quote)
        v4.create_pool(key, dear | {_ETHER: dear[at.base]})
        configs.append(
            PoolConfig(
                factory=v4.manager,
                pool=v4.manager,
                fee=key[2],
                token0=key[0],
                token1=key[1],
                tick_spacing=key[3],
            )
        )
    _owner(env, "setFactory", v4.manager, Venue.UNISWAP_V4, True)
    _owner(env, "setWrappedNative", at.base)
    for factory in factories.values():
        _owner(env, "setFactory", factory, Venue.UNISWAP_V2, True)
    until = env.chain.timestamp() + _DAY
    operator = env.world.operator.address
    _owner(env, "setOperator", operator, until, Action.ARBITRAGE, _ENOUGH)
    _owner(env, "initializeAMMBots", [TokenCap(token=at.quote, max_amount_in=AMOUNT)])
    _owner(env, "registerPools", configs)
    trader, maker = env.trader, (at.factory, at.position_manager, at.base)
    router = trader.deploy(ROUTER, factories["cheap"], *maker)
    trader.tell(TOKEN, at.quote, "approve", router, FOREVER)
    swapper = trader.deploy(ours("BareSwapper"))
    trader.tell(TOKEN, at.quote, "approve", swapper, FOREVER)
    names = ("market", *pairs, "v4_dear", "eth_dear")
    ids = {name: number for number, name in enumerate(names, start=1)}
    return Cycles(env, router, swapper, v4, ids)


def _v4_key(base: str, quote: str) -> tuple[str, str, int, int, str]:
    token0, token1 = sorted((base, quote), key=str.lower)
    return (token0, token1, _V4_FEE, SPACING, _ETHER)


def _owner(env: Env, function: str, *args: object) -> None:
    Payer(env.chain, env.world.owner).tell(diamond_abi(), env.world.diamond, function, *args)
