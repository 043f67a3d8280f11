"""Every function that changes something, from every role.

The table is held against the ABI: a function without a row fails, and so does a row without one.
"""

from __future__ import annotations

from collections.abc import Callable
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

from ..market.markets import config, deploy_feed, feed_market
from ..pools import Exchange
from ..readers import unchanged
from ..scene import ZERO, Scene, reverts

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

Refusal = Callable[[Scene, str], ContractError]


@dataclass(frozen=True)
class Row:
    """A function, what it is called with, who may, and what refuses the others."""

    function: str
    allowed: frozenset[str]
    refusal: Refusal
    args: Callable[[Scene], tuple[Any, ...]]
    prepare: Callable[[Scene], object] = lambda scene: None

    def __str__(self) -> str:
        return self.function


def _not_owner(scene: Scene, role: str) -> ContractError:
    return NotOwner(scene.people[role].address, scene.owner.address)


def _not_guardian(scene: Scene, role: str) -> ContractError:
    return NotGuardian(scene.people[role].address)


def _not_pending(scene: Scene, role: str) -> ContractError:
    return NotPendingOwner(scene.people[role].address, scene.successor.address)


def _not_operator(action: Action) -> Refusal:
    def refusal(scene: Scene, role: str) -> ContractError:
        address = scene.people[role].address
        if role in OPERATORS:
            return ActionNotAllowed(address, action, OPERATORS[role])
        return NotOperator(address, scene.read("getOperator", address)[0])

    return refusal


def _unexpected(scene: Scene, role: str) -> ContractError:
    return UnexpectedCallback(scene.people[role].address, ZERO)


def owner_only(function: str, *args: Any, **row: Any) -> Row:
    return Row(function, frozenset({"owner"}), _not_owner, _args(args), **row)


def owner_or_guardian(function: str, *args: Any, **row: Any) -> Row:
    return Row(function, frozenset({"owner", "guardian"}), _not_guardian, _args(args), **row)


def rebalancing(function: str, *args: Any) -> Row:
    allowed = frozenset({"owner", "operator", "rebalancer"})
    return Row(function, allowed, _not_operator(Action.REBALANCE), _args(args))


def striking(function: str, args: Callable[[Scene], tuple[Any, ...]]) -> Row:
    """Not the owner: strikes come out of an operator's budget."""
    allowed = frozenset({"operator", "striker"})
    return Row(function, allowed, _not_operator(Action.STRIKE), args)


def settling(function: str, *args: Any) -> Row:
    allowed = frozenset({"owner", "operator", "settler"})
    return Row(function, allowed, _not_operator(Action.SETTLE), _args(args), Scene.strike)


def _not_rolling(scene: Scene, role: str) -> ContractError:
    """Who may settle is refused a strike by name."""
    may_settle = role in ("owner", "settler")
    return _not_operator(Action.STRIKE if may_settle else Action.SETTLE)(scene, role)


def anyone(function: str, *args: Any, **row: Any) -> Row:
    return Row(function, frozenset(ROLES), _not_owner, _args(args), **row)


def _takeable(scene: Scene) -> None:
    """A long past its keeper delay, and everyone with quote to pay for it."""
    scene.strike(horizon=60)
    scene.wait(1000)
    for role in ROLES:
        scene.give(scene.people[role].address, quote=10**12)
        scene.approve(scene.people[role], scene.quote)


def _args(args: tuple[Any, ...]) -> Callable[[Scene], tuple[Any, ...]]:
    def build(scene: Scene) -> tuple[Any, ...]:
        return tuple(arg(scene) if callable(arg) else arg for arg in args)

    return build


def _pause(scene: Scene) -> None:
    scene.owner.send("pause")


def _halt(scene: Scene) -> None:
    for _ in range(7):
        scene.owner.send("writeOffStrike", scene.strike()["strike_id"])


def _fleet_uninitialised(scene: Scene) -> tuple[Any, ...]:
    return (scene.quote, 0, 40_000_000, [BOT] * 25)


def _strike(scene: Scene) -> tuple[Any, ...]:
    prediction = scene.prediction()
    return prediction, scene.sign(prediction), 0


def _market(scene: Scene) -> tuple[Any, ...]:
    return (config(scene),)


def _feed_market(scene: Scene) -> None:
    feed = deploy_feed(scene)
    feed.tell(1600 * 10**8)
    feed_market(scene, feed)


def _feature(scene: Scene) -> list[FacetCut]:
    facet = scene.world.manifest.facets["ScoreFacet"].address
    return [FacetCut(facet, FacetCutAction.ADD, (b"\x12\x34\x56\x78",))]


def stranger(scene: Scene) -> str:
    return scene.stranger.address


def quote(scene: Scene) -> str:
    return scene.quote


def base(scene: Scene) -> str:
    return scene.base


TABLE = (
    # The diamond.
    owner_only("diamondCut", _feature, ZERO, b""),
    owner_only("removeCoreFunctions", [bytes.fromhex("cdffacc6")]),
    # Access.
    owner_only("transferOwnership", stranger),
    Row("acceptOwnership", frozenset({"successor"}), _not_pending, _args(())),
    owner_only("setOperator", stranger, lambda scene: scene.now + LATER, 1, 1),
    owner_or_guardian("revokeOperator", lambda scene: scene.striker.address),
    owner_only("setEngine", stranger, lambda scene: scene.now + LATER),
    owner_or_guardian("revokeEngine", lambda scene: scene.engine.address),
    owner_only("setModel", 9, stranger),
    owner_or_guardian("revokeModel", 1),
    owner_only("setGuardian", stranger, True),
    owner_or_guardian("pause"),
    owner_only("unpause", prepare=_pause),
    owner_or_guardian("setThreshold", 9400),
    owner_or_guardian("stopTakeovers"),
    owner_only("allowTakeovers", prepare=lambda scene: scene.owner.send("stopTakeovers")),
    # Treasury.
    owner_only("deposit", 1, prepare=lambda scene: scene.give(scene.owner.address, quote=1)),
    owner_only("withdraw", 1, stranger, prepare=lambda scene: _reserve(scene, 1)),
    owner_only(
        "depositInventory", base, 1, prepare=lambda scene: scene.give(scene.owner.address, base=1)
    ),
    owner_only("withdrawInventory", base, 1, stranger),
    owner_only("skim", quote, prepare=lambda scene: scene.give(scene.diamond, quote=1)),
    # Fleet.
    owner_only("configureBot", 3, BOT),
    owner_only("fundBots", [1] * 25, prepare=lambda scene: _reserve(scene, 25)),
    owner_only("defundBots", [1] * 25),
    rebalancing("rebalance", list(range(25))),
    rebalancing("rebalanceByPerformance"),
    owner_only("setLot", 80_000_000),
    anyone("markToMarket"),
    owner_only("resume", prepare=_halt),
    # Markets.
    owner_only("setFactory", stranger, 1, True),
    Row("registerMarket", frozenset({"owner"}), _not_owner, _market),
    owner_only("updateMarket", 0, lambda scene: scene.read("getMarket", 0).rules),
    owner_only("enableMarket", 0),
    owner_or_guardian("disableMarket", 0),
    owner_only(
        "setMarketFeeds",
        1,
        lambda scene: scene.read("getMarket", 1).feed,
        ZERO,
        0,
        prepare=lambda scene: _feed_market(scene),
    ),
    # Strikes.
    striking("executeStrike", _strike),
    striking("executeStrikes", lambda scene: ([_strike(scene)], False)),
    settling("settleStrike", 1, 0),
    settling("settleStrikes", [1], [0], False),
    settling("rollStrikes", [1], [0], [], False),
    Row(
        "roll",
        frozenset({"operator"}),
        _not_rolling,
        lambda scene: (1, 0, _strike(scene), False),
        Scene.strike,
    ),
    owner_only("writeOffStrike", 1, prepare=Scene.strike),
    anyone("markDue", [1], prepare=Scene.strike),
    anyone("takeStrike", 1, (1 << 256) - 1, prepare=_takeable),
    owner_only("closeAtOracle", 1, prepare=lambda scene: scene.strike(signal=Signal.SHORT)),
    # AMM bots.
    owner_only("initializeAMMBots", []),
    owner_only("setHooks", stranger, True),
    owner_only("setWrappedNative", base),
    owner_only("setAMMCap", quote, 1),
    owner_only("registerPools", lambda scene: [_pool(scene)]),
    owner_or_guardian("unregisterPools", [1], prepare=lambda scene: _register(scene)),
    owner_only("fundAMM", base, 1),
    owner_only(
        "defundAMM", base, 1, prepare=lambda scene: scene.owner.send("fundAMM", scene.base, 1)
    ),
    Row(
        "executeArbitrage",
        frozenset({"operator", "arbitrager"}),
        _not_operator(Action.ARBITRAGE),
        lambda scene: (_order(scene),),
        lambda scene: _opportunity(scene),
    ),
    Row(
        "quoteArbitrage",
        frozenset(ROLES),
        _unexpected,
        lambda scene: (_order(scene),),
        lambda scene: _opportunity(scene),
    ),
    Row(
        "attemptArbitrage",
        frozenset({"operator", "arbitrager"}),
        _not_operator(Action.ARBITRAGE),
        lambda scene: (_order(scene),),
        lambda scene: _opportunity(scene),
    ),
    Row(
        "tryArbitrage",
        frozenset(),
        lambda scene, role: NotTheDiamond(getattr(scene, role).address),
        lambda scene: (_order(scene),),
        lambda scene: _opportunity(scene),
    ),
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


def _pool(scene: Scene) -> PoolConfig:
    venue = scene.world.venues.fixtures
    return PoolConfig(factory=venue.factory, pool=venue.pool, fee=500)


def _fund_amm(scene: Scene) -> None:
    scene.owner.send("fundAMM", scene.base, 1)


def _register(scene: Scene) -> None:
    scene.owner.send("registerPools", [_pool(scene)])


def _opportunity(scene: Scene) -> None:
    """Ether costs a tenth more in a pair than in the market's pool."""
    exchange = Exchange(scene.chain, scene.world.venues, scene.world.venues.maker)
    factory = exchange.v2_factory()
    price = Fraction(1760 * 10**6, 10**18)
    pair = exchange.v2_pair(factory, scene.base, scene.quote, price, 10**12)
    scene.owner.send("setFactory", factory, Venue.UNISWAP_V2, True)
    pools = [_pool(scene), PoolConfig(factory=factory, pool=pair, fee=3000)]
    scene.owner.send("registerPools", pools)
    scene.owner.send("setAMMCap", scene.quote, 10**9)


def _order(scene: Scene) -> ArbitrageOrder:
    return ArbitrageOrder(
        pools=(1, 2),
        token_in=scene.quote,
        amount_in=10**9,
        confidence_bps=9500,
        deadline=scene.now + LATER,
    )


def _reserve(scene: Scene, amount: int) -> None:
    scene.give(scene.owner.address, quote=amount)
    scene.owner.send("deposit", amount)


def test_every_function_that_changes_something_has_a_row() -> None:
    functions = [entry for entry in artifact("IMacroStrike").abi if entry["type"] == "function"]
    changing = {f["name"] for f in functions if f["stateMutability"] not in ("view", "pure")}
    assert changing == {*ROWS, *CLOSED}
    assert not {f["name"] for f in functions if f["stateMutability"] == "payable"}


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_roles(scene: Scene, row: Row) -> None:
    """All that may not are refused with their error, and change nothing; each that may does it."""
    row.prepare(scene)
    args = row.args(scene)
    with unchanged(scene):
        for role in (role for role in ROLES if role not in row.allowed):
            with reverts(row.refusal(scene, role)):
                getattr(scene, role).send(row.function, *args)
    for role in row.allowed:
        with scene.undone():
            getattr(scene, role).send(row.function, *args)


def test_fleet_is_initialised_by_the_owner_once(scene: Scene) -> None:
    with unchanged(scene):
        for role in ROLES:
            with reverts(AlreadyInitialized() if role == "owner" else _not_owner(scene, role)):
                getattr(scene, role).send("initializeStrikeBots", _fleet_uninitialised(scene))


@pytest.mark.parametrize("function", CALLBACKS)
def test_no_account_may_call_back(scene: Scene, function: str) -> None:
    with unchanged(scene):
        for role in ROLES:
            with reverts(_unexpected(scene, role)):
                getattr(scene, role).send(function, *CALLBACKS[function])


def test_a_successor_has_no_powers_before_accepting(scene: Scene) -> None:
    assert scene.read("owner") == scene.owner.address
    scene.successor.send("acceptOwnership")
    function, args = "configureBot", ROWS["configureBot"].args(scene)
    for role in (role for role in ROLES if role != "successor"):
        with reverts(NotOwner(scene.people[role].address, scene.successor.address)):
            getattr(scene, role).send(function, *args)
    scene.successor.send(function, *args)
