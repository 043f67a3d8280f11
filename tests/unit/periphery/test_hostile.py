"""The flash taker among pools and diamonds that cheat: each is refused, and nothing is moved."""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction

import pytest

from macrostrike.errors import (
    CallbackAmountExceeded,
    CallbackMissing,
    ContractError,
    NotProfitable,
    StrikeNotTakeable,
    UnexpectedCallback,
)

from ...security.stranger import U
from ..environment import TOKEN, ZERO, call_failed, ours
from .support import Case, taken

TAKER = ours("FlashTaker")
POOL, DIAMOND = ours("HostilePool"), ours("HostileTakeover")


class Mode(IntEnum):
    """As `HostilePool.Mode`."""

    HONEST = 0
    TAKES_NOTHING = 1
    ASKS_TWICE = 2
    ASKS_TOO_MUCH = 3
    PAYS_LESS = 4
    CALLS_OUT_FIRST = 7
    CALLS_OUT_LAST = 8
    REFUSES = 9


# Pools that cheat.


def hostile_pool(case: Case, mode: Mode, call: bytes = b"") -> str:
    """A pool that trades at the market's price, in this mode. What it may call is the taker."""
    env = case.env
    tokens = sorted(case.tokens, key=lambda each: int(each, 16))
    price = case.stranger.price()
    by_token0 = price if tokens[0] == case.stranger.base else 1 / price
    pool = env.deploy(POOL, *tokens, int(by_token0 * Fraction(1 << 96)))
    env.give(pool, quote=10**14)
    env.exchange.mint(case.stranger.base, pool, 10**24)
    env.tell(env.world.venues.maker, POOL.abi, pool, "behave", mode, case.taker, call)
    return pool


def test_a_pool_that_does_not_call_back_is_refused(case: Case) -> None:
    pool = hostile_pool(case, Mode.TAKES_NOTHING)
    with case.refused(CallbackMissing(pool)):
        case.take(pool=pool)


def test_a_pool_calls_back_once(case: Case) -> None:
    pool = hostile_pool(case, Mode.ASKS_TWICE)
    with case.refused(UnexpectedCallback(pool, ZERO)):
        case.take(pool=pool)


def test_a_pool_gets_no_more_than_the_takeover_yields(case: Case) -> None:
    env = case.env
    pool = hostile_pool(case, Mode.ASKS_TOO_MUCH)
    with env.frozen():
        _, got = case.quoted()
        with case.refused(CallbackAmountExceeded(3 * got, got)):
            case.take(pool=pool)
        # Not even of what is there.
        for token in case.tokens:
            env.give(case.taker, quote=10**13) if token == env.quote else env.exchange.mint(
                token, case.taker, 10**22
            )
        with case.refused(CallbackAmountExceeded(3 * got, got)):
            case.take(pool=pool)


def test_a_pool_that_delivers_less_takes_of_the_profit_alone(case: Case) -> None:
    env = case.env
    pool = hostile_pool(case, Mode.PAYS_LESS)
    with env.frozen():
        paid, _ = case.quoted()
        with env.undone():
            less = taken(case.take(pool=pool))["profit"]
        with case.refused(NotProfitable(paid, less, less + 1)):
            case.take(less + 1, pool=pool)


def test_what_a_pool_fails_with_is_shown(case: Case) -> None:
    pool = hostile_pool(case, Mode.REFUSES)
    with case.refused(call_failed(pool, "Refused()")):
        case.take(pool=pool)


@pytest.mark.parametrize("mode", [Mode.CALLS_OUT_FIRST, Mode.CALLS_OUT_LAST])
def test_no_call_within_a_call(case: Case, mode: Mode) -> None:
    """The pool is the taker's owner, and takes while it takes."""
    env = case.env
    pool = hostile_pool(case, Mode.HONEST)
    case.taker = env.deploy(TAKER, pool)
    order = (
        env.diamond,
        case.strike_id,
        case.signal.is_long,
        pool,
        False,
        0,
        *case.tokens,
        0,
    )
    call = TAKER.abi.encode_call("take", order)
    maker = env.world.venues.maker
    env.tell(maker, POOL.abi, pool, "behave", mode, case.taker, call)
    receipt = env.tell(maker, POOL.abi, pool, "relay", case.taker, call)
    inner, outer = (
        each.args
        for each in (POOL.abi.decode_event(log.topics, log.data) for log in receipt.logs)
        if each is not None and each.name == "CalledOut"
    )
    assert (inner["ok"], outer["ok"]) == (False, True)
    guarded = ours("TakeoverFacet").abi.decode_error(inner["result"])
    assert guarded == ("ReentrancyGuardReentrantCall", ())
    assert env.read("getOpenStrikes") == ()


# Diamonds that are none.


def hostile_diamond(case: Case, takes: int, yields: int, quoted: tuple[int, int]) -> str:
    env = case.env
    diamond = env.deploy(DIAMOND, *case.tokens)
    env.give(diamond, quote=10**14)
    env.exchange.mint(case.stranger.base, diamond, 10**24)
    maker = env.world.venues.maker
    env.tell(maker, DIAMOND.abi, diamond, "quote", bool(quoted[0]), *quoted)
    env.tell(maker, DIAMOND.abi, diamond, "behave", takes, yields)
    return diamond


def test_a_diamond_that_takes_less_is_left_no_allowance(case: Case) -> None:
    env = case.env
    with env.frozen():
        paid, got = case.quoted()
        diamond = hostile_diamond(case, paid - 1, got, (paid, got))
        profit = case.back(got) - (paid - 1)
        assert taken(case.take(diamond=diamond))["profit"] == profit
    assert env.ask(TOKEN.abi, case.tokens[0], "allowance", case.taker, diamond) == 0
    assert case.holds() == [0, 0]


def test_a_diamond_gets_no_more_than_it_said_and_yields_what_pays_the_pool(case: Case) -> None:
    with case.env.frozen():
        paid, got = case.quoted()
        greedy = hostile_diamond(case, paid + 1, got, (paid, got))
        before = case.state()
        with pytest.raises(ContractError):
            case.take(diamond=greedy)
        assert case.state() == before
        stingy = hostile_diamond(case, paid, got - 1, (paid, got))
        with case.refused(CallbackAmountExceeded(got, got - 1)):
            case.take(diamond=stingy)


def test_a_takeover_that_leaves_nothing_is_done_where_nothing_is_asked_for(case: Case) -> None:
    with case.env.frozen():
        _, got = case.quoted()
        back = case.back(got)
        diamond = hostile_diamond(case, back, got, (back, got))
        with case.refused(NotProfitable(back, 0, 1)):
            case.take(1, diamond=diamond)
        assert taken(case.take(diamond=diamond))["profit"] == 0


def test_a_diamond_that_says_no_is_asked_nothing_more(case: Case) -> None:
    diamond = hostile_diamond(case, 0, 0, (0, 0))
    with case.refused(StrikeNotTakeable(case.strike_id, 1)):
        case.take(diamond=diamond)


def test_more_than_a_swap_can_be_of_is_refused(case: Case) -> None:
    diamond = hostile_diamond(case, 1, 1, (1, U))
    before = case.state()
    with pytest.raises(ContractError):
        case.take(diamond=diamond)
    assert case.state() == before
