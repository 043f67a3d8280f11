"""Callbacks: from the one pool that the running swap expects, once, for no more than it may ask.

The pools here lie about everything they can. An owner would have to allow their factory first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from macrostrike.abi import artifact, diamond_abi
from macrostrike.chain import Receipt
from macrostrike.errors import (
    CallbackAmountExceeded,
    OracleDeviation,
    PartialFill,
    UnexpectedCallback,
    UnfaithfulToken,
)
from macrostrike.types import ArbitrageOrder, Signal
from tools._solc import CONTRACTS

from ..amm.hostile import PoolMode as Mode
from ..environment import ZERO, Env, call_failed, ours
from ..market.markets import config, hostile_market
from ..readers import refuses

POOL = ours("HostilePool")
TOKEN = ours("HostileToken")


@dataclass(frozen=True)
class Pool:
    env: Env
    address: str

    def behave(self, mode: Mode, to: str = ZERO, call: bytes = b"") -> None:
        self._tell("behave", mode, to, call)

    def price(self, price: int) -> None:
        self._tell("setPrice", (price * 10**6 << 96) // 10**18)

    def called_out(self, receipt: Receipt) -> list[tuple[bool, bytes]]:
        """The results of the calls that it made in a transaction."""
        events = (
            POOL.abi.decode_event(log.topics, log.data)
            for log in receipt.logs
            if log.address == self.address
        )
        return [(e.args["ok"], e.args["result"]) for e in events if e and e.name == "CalledOut"]

    def _tell(self, function: str, *args: Any) -> None:
        env = self.env
        env.tell(env.keeper.key, POOL.abi, self.address, function, *args)


@pytest.fixture
def pool(env: Env) -> Pool:
    """The pool of market 1, registered by an owner who believed it."""
    return Pool(env, hostile_market(env))


def strike(env: Env, signal: Signal = Signal.STRONG_LONG) -> int:
    return int(env.strike(market=1, signal=signal)["strike_id"])


@pytest.mark.parametrize("deltas", [(1, -1), (-1, 1), (10**30, 0), (0, 0), (-5, -7)])
def test_a_strangers_call_is_refused(env: Env, deltas: tuple[int, int]) -> None:
    with refuses(env, UnexpectedCallback(env.stranger.address, ZERO)):
        env.stranger.send("uniswapV3SwapCallback", *deltas, b"")


@pytest.mark.parametrize("signal", Signal)
def test_an_honest_pool_is_paid(env: Env, pool: Pool, signal: Signal) -> None:
    strike_id = strike(env, signal)
    assert env.settle(strike_id)["pnl"] == pytest.approx(0, abs=10)


@pytest.mark.parametrize("signal", Signal)
def test_a_second_callback_is_refused(env: Env, pool: Pool, signal: Signal) -> None:
    pool.behave(Mode.ASKS_TWICE)
    with refuses(env, UnexpectedCallback(pool.address, ZERO)):
        strike(env, signal)


def test_no_more_is_paid_than_the_swap_allows(env: Env, pool: Pool) -> None:
    with env.undone():
        notional = env.strike(market=1)["notional"]
    pool.behave(Mode.ASKS_TOO_MUCH)
    with refuses(env, CallbackAmountExceeded(3 * notional, notional)):
        strike(env)


def test_a_settlement_pays_no_more_than_it_sells(env: Env, pool: Pool) -> None:
    strike_id = strike(env)
    base = env.read("getStrike", strike_id).record.base_amount
    pool.behave(Mode.ASKS_TOO_MUCH)
    with refuses(env, CallbackAmountExceeded(3 * base, base)):
        env.settle(strike_id, by="owner")


def test_a_pool_that_asks_more_of_a_short_than_it_says_is_seen_by_the_oracle(
    env: Env, pool: Pool
) -> None:
    """The inventory is what a short may spend, so the price has to be looked at."""
    with env.undone():
        opened = env.strike(market=1, signal=Signal.STRONG_SHORT)
        base = env.read("getStrike", 1).record.base_amount
    pool.behave(Mode.ASKS_TOO_MUCH)
    fair = env.read("getOracleQuote", 1, 3 * base)
    with refuses(env, OracleDeviation(1, opened["notional"], fair)):
        strike(env, Signal.STRONG_SHORT)


@pytest.mark.parametrize("signal", [Signal.LONG, Signal.SHORT])
def test_a_pool_that_returns_less_than_it_says_is_refused(
    env: Env, pool: Pool, signal: Signal
) -> None:
    pool.behave(Mode.PAYS_LESS)
    with pytest.raises(UnfaithfulToken) as refused:
        strike(env, signal)
    assert refused.value.token == (env.base if signal.is_long else env.quote)
    assert refused.value.measured < refused.value.stated


def test_a_pool_that_trades_half_is_refused(env: Env, pool: Pool) -> None:
    with env.undone():
        notional = env.strike(market=1)["notional"]
    pool.behave(Mode.FILLS_HALF)
    with refuses(env, PartialFill(notional // 2, notional)):
        strike(env)
    with refuses(env, PartialFill(notional // 2, notional)):
        strike(env, Signal.STRONG_SHORT)


def test_nor_is_half_of_it_bought_back(env: Env, pool: Pool) -> None:
    strike_id = strike(env, Signal.STRONG_SHORT)
    base = env.read("getStrike", strike_id).record.base_amount
    pool.behave(Mode.FILLS_HALF)
    with refuses(env, PartialFill(base // 2, base)):
        env.settle(strike_id, by="owner")


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
def test_more_that_is_given_meanwhile_than_was_spent_is_not_a_trade(
    env: Env, pool: Pool, signal: Signal
) -> None:
    """A stranger's gift, from within the swap, of the token that is paid with."""
    with env.undone():
        reported = env.strike(market=1, signal=signal)
        base = env.read("getStrike", reported["strike_id"]).record.base_amount
    paid, amount = (env.quote, reported["notional"]) if signal.is_long else (env.base, base)
    if signal.is_long:
        gift = ours("LocalUSD").abi.encode_call("mint", env.diamond, amount + 1)
    else:
        env.give(pool.address, base=10 * amount)
        gift = TOKEN.abi.encode_call("transfer", env.diamond, amount + 1)
    pool.behave(Mode.CALLS_OUT_FIRST, paid, gift)
    error = PartialFill(0, amount) if signal.is_long else UnfaithfulToken(paid, 0, amount)
    with refuses(env, error):
        strike(env, signal)


def test_a_pool_that_takes_nothing_has_not_traded(env: Env, pool: Pool) -> None:
    with env.undone():
        notional = env.strike(market=1)["notional"]
    pool.behave(Mode.TAKES_NOTHING)
    with refuses(env, PartialFill(0, notional)):
        strike(env)


def test_a_pool_that_refuses_to_trade_leaves_a_write_off(env: Env, pool: Pool) -> None:
    ids = [strike(env, signal) for signal in Signal]
    pool.behave(Mode.REFUSES)
    refused = call_failed(pool.address, "Refused()")
    for strike_id in ids:
        with refuses(env, refused):
            env.settle(strike_id, by="owner")
        env.owner.send("writeOffStrike", strike_id)
    assert env.read("getOpenStrikes") == ()


GUARDED: dict[str, Any] = {
    "executeStrike": lambda env: (env.prediction(), b"", 0),
    "settleStrike": lambda _: (1, 0),
    "writeOffStrike": lambda _: (1,),
    "closeAtOracle": lambda _: (1,),
    "markDue": lambda _: ([1],),
    "takeStrike": lambda _: (1, 0),
    "markToMarket": lambda _: (),
    "stopTakeovers": lambda _: (),
    "allowTakeovers": lambda _: (),
    "deposit": lambda _: (1,),
    "withdraw": lambda env: (1, env.owner.address),
    "depositInventory": lambda env: (env.base, 1),
    "withdrawInventory": lambda env: (env.base, 1, env.owner.address),
    "skim": lambda env: (env.quote,),
    "initializeStrikeBots": lambda env: (
        (env.quote, 0, 1, [bot.config for bot in env.read("getBots")]),
    ),
    "configureBot": lambda env: (0, env.read("getBot", 0).config),
    "fundBots": lambda _: ([1] * 25,),
    "defundBots": lambda _: ([1] * 25,),
    "rebalance": lambda _: ([1] * 25,),
    "rebalanceByPerformance": lambda _: (),
    "setLot": lambda _: (1,),
    "resume": lambda _: (),
    "pause": lambda _: (),
    "unpause": lambda _: (),
    "setThreshold": lambda _: (9400,),
    "diamondCut": lambda _: ([], ZERO, b""),
    "removeCoreFunctions": lambda _: ([],),
    "initializeAMMBots": lambda _: ([],),
    "setAMMCap": lambda env: (env.base, 1),
    "setHooks": lambda env: (env.base, True),
    "setWrappedNative": lambda env: (env.base,),
    "registerPools": lambda _: ([],),
    "unregisterPools": lambda _: ([1],),
    "fundAMM": lambda env: (env.base, 1),
    "defundAMM": lambda env: (env.base, 1),
    "executeArbitrage": lambda env: (_order(env),),
    "quoteArbitrage": lambda env: (_order(env),),
    "tryArbitrage": lambda env: (_order(env),),
    "attemptArbitrage": lambda env: (_order(env),),
    "registerMarket": lambda env: (config(env),),
}

# Those that call nothing out, write nothing that a running swap has in hand, and are for the owner
# or a guardian; and batches, each part of which is guarded.
UNGUARDED = {
    "transferOwnership",
    "acceptOwnership",
    "setOperator",
    "revokeOperator",
    "setEngine",
    "revokeEngine",
    "setModel",
    "revokeModel",
    "setGuardian",
    "setFactory",
    "updateMarket",
    "setMarketFeeds",
    "enableMarket",
    "disableMarket",
    "executeStrikes",
    "settleStrikes",
    "roll",
    "rollStrikes",
    "uniswapV3SwapCallback",
    "pancakeV3SwapCallback",
    "algebraSwapCallback",
    "uniswapV2Call",
    "pancakeCall",
    "hook",
    "unlockCallback",
}


def _order(env: Env) -> ArbitrageOrder:
    return ArbitrageOrder(
        pools=(1, 2), token_in=env.quote, amount_in=1, confidence_bps=9300, deadline=env.now
    )


def test_every_function_that_changes_something_is_guarded_or_known_not_to_be() -> None:
    functions = [entry for entry in artifact("IMacroStrike").abi if entry["type"] == "function"]
    changing = {f["name"] for f in functions if f["stateMutability"] not in ("view", "pure")}
    assert changing == {*GUARDED, *UNGUARDED}
    assert not {*GUARDED} & UNGUARDED


@pytest.mark.parametrize("mode", [Mode.CALLS_OUT_FIRST, Mode.CALLS_OUT_LAST])
@pytest.mark.parametrize("function", GUARDED)
def test_no_guarded_function_is_entered_from_within_a_swap(
    env: Env, pool: Pool, function: str, mode: Mode
) -> None:
    """Not even by the pool as owner: the guard comes before everything else."""
    env.owner.send("transferOwnership", pool.address)
    call = diamond_abi().encode_call(function, *GUARDED[function](env))
    pool.behave(mode, env.diamond, call)
    ((ok, result),) = pool.called_out(executed(env))
    assert not ok
    assert diamond_abi().decode_error(result) == ("ReentrancyGuardReentrantCall", ())


GUARDED_VIEWS: dict[str, tuple[Any, ...]] = {
    "canSettle": (1,),
    "quoteTake": (1,),
    "excessOf": (ZERO,),
    "inventoryOf": (ZERO,),
    "getTreasury": (),
    "getMarket": (0,),
    "getStrike": (1,),
    "getOpenStrikes": (),
    "getStrikeStats": (),
    "getSignalStats": (0,),
    "getStrategyStats": (0,),
    "getUnrealised": (),
    "getModels": (),
    "getCalibration": (0,),
    "getBot": (0,),
    "getBots": (),
}


def test_every_guarded_view_is_tried_below() -> None:
    sources = "".join(path.read_text() for path in (CONTRACTS / "facets").glob("*.sol"))
    functions = re.split(r"(?=function \w+\()", sources)
    guarded = {
        each.split("(")[0][9:] for each in functions if "nonReentrantView" in each.split("{")[0]
    }
    assert guarded == {*GUARDED_VIEWS}


@pytest.mark.parametrize("mode", [Mode.CALLS_OUT_FIRST, Mode.CALLS_OUT_LAST])
@pytest.mark.parametrize("function", GUARDED_VIEWS)
def test_guarded_views_refuse_within_a_swap(
    env: Env, pool: Pool, function: str, mode: Mode
) -> None:
    call = diamond_abi().encode_call(function, *GUARDED_VIEWS[function])
    pool.behave(mode, env.diamond, call)
    ((ok, result),) = pool.called_out(executed(env))
    assert not ok
    assert diamond_abi().decode_error(result) == ("ReentrancyGuardReentrantCall", ())


def executed(env: Env) -> Receipt:
    """The receipt of a strike on the pool's market."""
    prediction = env.prediction(market=1)
    data = diamond_abi().encode_call("executeStrike", prediction, env.sign(prediction), 0)
    return env.transact(env.operator.key, env.diamond, data)


def test_a_batch_from_within_a_swap_does_nothing(env: Env, pool: Pool) -> None:
    """Not guarded itself, as each of its strikes is. No skip comes into the operator's receipt."""
    call = diamond_abi().encode_call("settleStrikes", [1], [0], True)
    pool.behave(Mode.CALLS_OUT_FIRST, env.diamond, call)
    receipt = executed(env)
    assert [event.name for event in env.events(receipt)] == ["StrikeOpened"]
    ((ok, result),) = pool.called_out(receipt)
    assert not ok
    assert diamond_abi().decode_error(result) == ("ReentrancyGuardReentrantCall", ())


def test_a_late_callback_is_refused(env: Env, pool: Pool) -> None:
    """Of the right pool, in the running swap, but paid already."""
    call = diamond_abi().encode_call("uniswapV3SwapCallback", 10**6, -1, b"")
    pool.behave(Mode.CALLS_OUT_LAST, env.diamond, call)
    ((ok, result),) = pool.called_out(executed(env))
    assert not ok
    assert diamond_abi().decode_error(result) == ("UnexpectedCallback", (pool.address, ZERO))


def test_a_strangers_callback_within_a_swap_is_refused(env: Env, pool: Pool) -> None:
    """While the diamond waits for the pool's, a token, say, might call."""
    token = env.deploy(TOKEN)
    call = diamond_abi().encode_call("uniswapV3SwapCallback", 10**6, -1, b"")
    env.tell(env.keeper.key, TOKEN.abi, token, "arm", env.diamond, call)
    transfer = TOKEN.abi.encode_call("transfer", env.keeper.address, 0)
    pool.behave(Mode.CALLS_OUT_FIRST, token, transfer)
    receipt = executed(env)
    reported = [
        TOKEN.abi.decode_event(log.topics, log.data) for log in receipt.logs if log.address == token
    ]
    (ok, result), *_ = (
        e.args.values() for e in reported if e is not None and e.name == "CalledOut"
    )
    assert not ok
    assert diamond_abi().decode_error(result) == ("UnexpectedCallback", (token, pool.address))
