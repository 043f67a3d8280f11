"""Every function that changes something, from every role.

The table is compared with the ABI: a function without a row fails, and so does a row without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from macrostrike.abi import artifact
from macrostrike.errors import (
    ActionNotAllowed,
    AlreadyInitialized,
    ContractError,
    NotGuardian,
    NotOperator,
    NotOwner,
    NotPendingOwner,
    NotTheDiamond,
    UnexpectedCallback,
)
from macrostrike.types import (
    Action,
    ArbitrageOrder,
    BotConfig,
    FacetCut,
    FacetCutAction,
    PoolConfig,
    Signal,
    Venue,
)

from ..environment import ZERO, Env, reverts
from ..market.markets import config, deploy_feed, feed_market
from ..pools import Exchange
from ..readers import unchanged

ROLES = (
    "owner",
    "successor",
    "guardian",
    "operator",
    "striker",
    "settler",
    "arbitrager",
    "rebalancer",
    "expired",
    "engine",
    "keeper",
)
OPERATORS = {
    "operator": sum(Action),
    "striker": Action.STRIKE,
    "settler": Action.SETTLE,
    "arbitrager": Action.ARBITRAGE,
    "rebalancer": Action.REBALANCE,
}
BOT = BotConfig(risk_bps=1000)
LATER = 86_400

Refusal = Callable[[Env, str], ContractError]


@dataclass(frozen=True)
class Row:
    """A function, what it is called with, who may, and what refuses the others."""

    function: str
    allowed: frozenset[str]
    refusal: Refusal
    args: Callable[[Env], tuple[Any, ...]]
    prepare: Callable[[Env], object] = lambda env: None

    def __str__(self) -> str:
        return self.function


def _not_owner(env: Env, role: str) -> ContractError:
    return NotOwner(env.people[role].address, env.owner.address)


def _not_guardian(env: Env, role: str) -> ContractError:
    return NotGuardian(env.people[role].address)


def _not_pending(env: Env, role: str) -> ContractError:
    return NotPendingOwner(env.people[role].address, env.successor.address)


def _not_operator(action: Action) -> Refusal:
    def refusal(env: Env, role: str) -> ContractError:
        address = env.people[role].address
        if role in OPERATORS:
            return ActionNotAllowed(address, action, OPERATORS[role])
        return NotOperator(address, env.read("getOperator", address)[0])

    return refusal


def _unexpected(env: Env, role: str) -> ContractError:
    return UnexpectedCallback(env.people[role].address, ZERO)


def owner_only(function: str, *args: Any, **row: Any) -> Row:
    return Row(function, frozenset({"owner"}), _not_owner, _args(args), **row)


def owner_or_guardian(function: str, *args: Any, **row: Any) -> Row:
    return Row(function, frozenset({"owner", "guardian"}), _not_guardian, _args(args), **row)


def rebalancing(function: str, *args: Any) -> Row:
    allowed = frozenset({"owner", "operator", "rebalancer"})
    return Row(function, allowed, _not_operator(Action.REBALANCE), _args(args))


def striking(function: str, args: Callable[[Env], tuple[Any, ...]]) -> Row:
    """Not the owner: strikes come out of an operator's budget."""
    allowed = frozenset({"operator", "striker"})
    return Row(function, allowed, _not_operator(Action.STRIKE), args)


def settling(function: str, *args: Any) -> Row:
    allowed = frozenset({"owner", "operator", "settler"})
    return Row(function, allowed, _not_operator(Action.SETTLE), _args(args), Env.strike)


def _not_rolling(env: Env, role: str) -> ContractError:
    """Who may settle is refused a strike by name."""
    may_settle = role in ("owner", "settler")
    return _not_operator(Action.STRIKE if may_settle else Action.SETTLE)(env, role)


def anyone(function: str, *args: Any, **row: Any) -> Row:
    return Row(function, frozenset(ROLES), _not_owner, _args(args), **row)


def _arbitrage(function: str, allowed: Iterable[str], refusal: Refusal) -> Row:
    def order(env: Env) -> tuple[Any, ...]:
        return (_order(env),)

    return Row(function, frozenset(allowed), refusal, order, lambda env: _opportunity(env))


def _takeable(env: Env) -> None:
    """A long past its keeper delay, and everyone with quote to pay for it."""
    env.strike(horizon=60)
    env.wait(1000)
    for role in ROLES:
        env.give(env.people[role].address, quote=10**12)
        env.approve(env.people[role], env.quote)


def _args(args: tuple[Any, ...]) -> Callable[[Env], tuple[Any, ...]]:
    def build(env: Env) -> tuple[Any, ...]:
        return tuple(arg(env) if callable(arg) else arg for arg in args)

    return build


def _pause(env: Env) -> None:
    env.owner.send("pause")


def _halt(env: Env) -> None:
    for _ in range(7):
        env.owner.send("writeOffStrike", env.strike()["strike_id"])


def _fleet_uninitialised(env: Env) -> tuple[Any, ...]:
    return (env.quote, 0, 40_000_000, [BOT] * 25)


def _strike(env: Env) -> tuple[Any, ...]:
    prediction = env.prediction()
    return prediction, env.sign(prediction), 0


def _market(env: Env) -> tuple[Any, ...]:
    return (config(env),)


def _feed_market(env: Env) -> None:
    feed = deploy_feed(env)
    feed.tell(1600 * 10**8)
    feed_market(env, feed)


def _feature(env: Env) -> list[FacetCut]:
    facet = env.world.manifest.facets["ScoreFacet"].address
    return [FacetCut(facet, FacetCutAction.ADD, (b"\x12\x34\x56\x78",))]


def stranger(env: Env) -> str:
    return env.stranger.address


def quote(env: Env) -> str:
    return env.quote


def base(env: Env) -> str:
    return env.base


TABLE = (
    # The diamond.
    owner_only("diamondCut", _feature, ZERO, b""),
    owner_only("removeCoreFunctions", [bytes.fromhex("cdffacc6")]),
    # Access.
    owner_only("transferOwnership", stranger),
    Row("acceptOwnership", frozenset({"successor"}), _not_pending, _args(())),
    owner_only("setOperator", stranger, lambda env: env.now + LATER, 1, 1),
    owner_or_guardian("revokeOperator", lambda env: env.striker.address),
    owner_only("setEngine", stranger, lambda env: env.now + LATER),
    owner_or_guardian("revokeEngine", lambda env: env.engine.address),
    owner_only("setModel", 9, stranger),
    owner_or_guardian("revokeModel", 1),
    owner_only("setGuardian", stranger, True),
    owner_or_guardian("pause"),
    owner_only("unpause", prepare=_pause),
    owner_or_guardian("setThreshold", 9400),
    owner_or_guardian("stopTakeovers"),
    owner_only("allowTakeovers", prepare=lambda env: env.owner.send("stopTakeovers")),
    # Treasury.
    owner_only("deposit", 1, prepare=lambda env: env.give(env.owner.address, quote=1)),
    owner_only("withdraw", 1, stranger, prepare=lambda env: _reserve(env, 1)),
    owner_only(
        "depositInventory", base, 1, prepare=lambda env: env.give(env.owner.address, base=1)
    ),
    owner_only("withdrawInventory", base, 1, stranger),
    owner_only("skim", quote, prepare=lambda env: env.give(env.diamond, quote=1)),
    # Fleet.
    owner_only("configureBot", 3, BOT),
    owner_only("fundBots", [1] * 25, prepare=lambda env: _reserve(env, 25)),
    owner_only("defundBots", [1] * 25),
    rebalancing("rebalance", list(range(25))),
    rebalancing("rebalanceByPerformance"),
    owner_only("setLot", 80_000_000),
    anyone("markToMarket"),
    owner_only("resume", prepare=_halt),
    # Markets.
    owner_only("setFactory", stranger, 1, True),
    Row("registerMarket", frozenset({"owner"}), _not_owner, _market),
    owner_only("updateMarket", 0, lambda env: env.read("getMarket", 0).rules),
    owner_only("enableMarket", 0),
    owner_or_guardian("disableMarket", 0),
    owner_only(
        "setMarketFeeds",
        1,
        lambda env: env.read("getMarket", 1).feed,
        ZERO,
        0,
        prepare=lambda env: _feed_market(env),
    ),
    # Strikes.
    striking("executeStrike", _strike),
    striking("executeStrikes", lambda env: ([_strike(env)], False)),
    settling("settleStrike", 1, 0),
    settling("settleStrikes", [1], [0], False),
    settling("rollStrikes", [1], [0], [], False),
    Row(
        "roll",
        frozenset({"operator"}),
        _not_rolling,
        lambda env: (1, 0, _strike(env), False),
        Env.strike,
    ),
    owner_only("writeOffStrike", 1, prepare=Env.strike),
    anyone("markDue", [1], prepare=Env.strike),
    anyone("takeStrike", 1, (1 << 256) - 1, prepare=_takeable),
    owner_only("closeAtOracle", 1, prepare=lambda env: env.strike(signal=Signal.SHORT)),
    # AMM bots.
    owner_only("initializeAMMBots", []),
    owner_only("setHooks", stranger, True),
    owner_only("setWrappedNative", base),
    owner_only("setAMMCap", quote, 1),
    owner_only("registerPools", lambda env: [_pool(env)]),
    owner_or_guardian("unregisterPools", [1], prepare=lambda env: _register(env)),
    owner_only("fundAMM", base, 1),
    owner_only("defundAMM", base, 1, prepare=lambda env: env.owner.send("fundAMM", env.base, 1)),
    _arbitrage("executeArbitrage", {"operator", "arbitrager"}, _not_operator(Action.ARBITRAGE)),
    _arbitrage("quoteArbitrage", ROLES, _unexpected),
    _arbitrage("attemptArbitrage", {"operator", "arbitrager"}, _not_operator(Action.ARBITRAGE)),
    _arbitrage("tryArbitrage", (), lambda env, role: NotTheDiamond(getattr(env, role).address)),
)
# Without a row among the above: refused to everyone, whatever they are.
CALLBACKS = {
    "uniswapV3SwapCallback": (1, -1, b""),
    "pancakeV3SwapCallback": (1, -1, b""),
    "algebraSwapCallback": (1, -1, b""),
    "uniswapV2Call": (ZERO, 1, 0, b"\0"),
    "pancakeCall": (ZERO, 1, 0, b"\0"),
    "hook": (ZERO, 1, 0, b"\0"),
    "unlockCallback": (b"",),
}
CLOSED = ("initializeStrikeBots", *CALLBACKS)
ROWS = {row.function: row for row in TABLE}


def _pool(env: Env) -> PoolConfig:
    venue = env.world.venues.fixtures
    return PoolConfig(factory=venue.factory, pool=venue.pool, fee=500)


def _fund_amm(env: Env) -> None:
    env.owner.send("fundAMM", env.base, 1)


def _register(env: Env) -> None:
    env.owner.send("registerPools", [_pool(env)])


def _opportunity(env: Env) -> None:
    """Ether costs a tenth more in a pair than in the market's pool."""
    exchange = Exchange(env.chain, env.world.venues, env.world.venues.maker)
    factory = exchange.v2_factory()
    price = Fraction(1760 * 10**6, 10**18)
    pair = exchange.v2_pair(factory, env.base, env.quote, price, 10**12)
    env.owner.send("setFactory", factory, Venue.UNISWAP_V2, True)
    pools = [_pool(env), PoolConfig(factory=factory, pool=pair, fee=3000)]
    env.owner.send("registerPools", pools)
    env.owner.send("setAMMCap", env.quote, 10**9)


def _order(env: Env) -> ArbitrageOrder:
    return ArbitrageOrder(
        pools=(1, 2),
        token_in=env.quote,
        amount_in=10**9,
        confidence_bps=9500,
        deadline=env.now + LATER,
    )


def _reserve(env: Env, amount: int) -> None:
    env.give(env.owner.address, quote=amount)
    env.owner.send("deposit", amount)


def test_every_function_that_changes_something_has_a_row() -> None:
    functions = [entry for entry in artifact("IMacroStrike").abi if entry["type"] == "function"]
    changing = {f["name"] for f in functions if f["stateMutability"] not in ("view", "pure")}
    assert changing == {*ROWS, *CLOSED}
    assert not {f["name"] for f in functions if f["stateMutability"] == "payable"}


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_roles(env: Env, row: Row) -> None:
    """All that may not are refused with their error, and change nothing; each that may does it."""
    row.prepare(env)
    args = row.args(env)
    with unchanged(env):
        for role in (role for role in ROLES if role not in row.allowed):
            with reverts(row.refusal(env, role)):
                getattr(env, role).send(row.function, *args)
    for role in row.allowed:
        with env.undone():
            getattr(env, role).send(row.function, *args)


def test_fleet_is_initialised_by_the_owner_once(env: Env) -> None:
    with unchanged(env):
        for role in ROLES:
            with reverts(AlreadyInitialized() if role == "owner" else _not_owner(env, role)):
                getattr(env, role).send("initializeStrikeBots", _fleet_uninitialised(env))


@pytest.mark.parametrize("function", CALLBACKS)
def test_no_account_may_call_back(env: Env, function: str) -> None:
    with unchanged(env):
        for role in ROLES:
            with reverts(_unexpected(env, role)):
                getattr(env, role).send(function, *CALLBACKS[function])


def test_a_successor_has_no_powers_before_accepting(env: Env) -> None:
    assert env.read("owner") == env.owner.address
    env.successor.send("acceptOwnership")
    function, args = "configureBot", ROWS["configureBot"].args(env)
    for role in (role for role in ROLES if role != "successor"):
        with reverts(NotOwner(env.people[role].address, env.successor.address)):
            getattr(env, role).send(function, *args)
    env.successor.send(function, *args)
