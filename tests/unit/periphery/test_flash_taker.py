"""The flash taker: a due strike taken over with a pool's tokens, by its owner alone."""

from __future__ import annotations

import pytest

from macrostrike.errors import (
    CallFailed,
    NotOwner,
    NotProfitable,
    StrikeNotOpen,
    StrikeNotTakeable,
    UnexpectedCallback,
    ZeroAddress,
)

from ...security.stranger import LONG, Stranger
from ..environment import TOKEN, ZERO, Env, ours, reverts
from ..forks import Forks
from ..market.markets import Feed
from ..pools import make_v3_pool
from .support import DEEP, Case, case_of, taken

TAKER = ours("FlashTaker")
CALLBACKS = ("uniswapV3SwapCallback", "pancakeV3SwapCallback", "algebraSwapCallback")


def test_the_profit_is_the_owners_to_the_unit(case: Case) -> None:
    env = case.env
    with env.frozen():
        paid, got = case.quoted()
        back = case.back(got)
        before = case.holds(env.stranger.address)
        receipt = case.take()
    said = taken(receipt)
    assert said == {
        "diamond": env.diamond,
        "strike_id": case.strike_id,
        "pool": case.stranger.pool,
        "amount_in": paid,
        "amount_out": got,
        "profit": back - paid,
    }
    assert back > paid
    after = case.holds(env.stranger.address)
    assert [has - had for has, had in zip(after, before, strict=True)] == [back - paid, 0]
    assert env.read("getOpenStrikes") == ()
    assert case.holds() == [0, 0]
    assert env.ask(TOKEN.abi, case.tokens[0], "allowance", case.taker, env.diamond) == 0
    # There is one allowance, and nothing is sent that there is none of.
    events = [TOKEN.abi.decode_event(each.topics, each.data) for each in receipt.logs]
    known = [event for event in events if event is not None]
    assert [event.name for event in known].count("Approval") == 1
    assert all(event.args["value"] > 0 for event in known)


def test_the_minimum_is_kept_to_the_unit(case: Case) -> None:
    env = case.env
    with env.frozen():
        paid, got = case.quoted()
        profit = case.back(got) - paid
        with case.refused(NotProfitable(paid, profit, profit + 1)):
            case.take(profit + 1)
        assert taken(case.take(profit))["profit"] == profit


def test_before_the_discount_covers_fee_and_impact_it_does_not_pay(env: Env) -> None:
    case = case_of(env, LONG, elapsed=300)
    with env.frozen():
        paid, got = case.quoted()
        loss = case.back(got) - paid
        # The pool delivers less than the takeover costs, so that the diamond gets too little.
        assert loss < 0
        with pytest.raises(CallFailed):
            case.take()
        env.exchange.mint(case.tokens[1], case.taker, 10**18)
        env.give(case.taker, quote=10**12)
        with case.refused(NotProfitable(paid, loss, 0)):
            case.take()


def test_tokens_that_were_there_pay_for_nothing_and_go_to_the_owner(case: Case) -> None:
    env = case.env
    for token, amount in zip(case.tokens, (10**9, 1), strict=True):
        env.exchange.mint(token, case.taker, amount) if token != env.quote else env.give(
            case.taker, quote=amount
        )
    with env.frozen():
        paid, got = case.quoted()
        profit = case.back(got) - paid
        before = case.holds(env.stranger.address)
        with case.refused(NotProfitable(paid, profit, profit + 1)):
            case.take(profit + 1)
        assert taken(case.take())["profit"] == profit
    after = case.holds(env.stranger.address)
    gained = [has - had for has, had in zip(after, before, strict=True)]
    assert gained == [profit + 10**9, 1]
    assert case.holds() == [0, 0]


def test_another_pool_of_the_same_tokens_will_do(env: Env) -> None:
    case = case_of(env, LONG)
    amounts = {env.quote: DEEP, case.stranger.base: DEEP * 10**12 // 1600}
    env.give(env.exchange.address, quote=DEEP)
    at = env.world.venues.fixtures
    for token, amount in amounts.items():
        env.exchange.tell(TOKEN, token, "approve", at.position_manager, amount)
    other = make_v3_pool(env.exchange, at, amounts, fee=3000)
    said = taken(case.take(pool=other))
    assert said["pool"] == other
    assert said["profit"] > 0


@pytest.mark.parametrize("name", CALLBACKS)
def test_pools_of_forks_call_back_by_their_own_name(env: Env, name: str) -> None:
    env.strike(signal=LONG, horizon=60)
    env.wait(60 + 900 + 1200)
    _, pool = Forks(env).v3(name, 1600)
    case = Case(Stranger(env, 0, env.base, pool), LONG, 1, env.deploy(TAKER, env.stranger.address))
    assert taken(case.take())["profit"] > 0
    assert case.holds() == [0, 0]


# Refusals.


def test_it_is_created_for_an_account(env: Env) -> None:
    with reverts(ZeroAddress()):
        env.deploy(TAKER, ZERO)


@pytest.mark.parametrize("who", ["owner", "operator", "guardian", "keeper"])
def test_its_owner_alone_calls_it(env: Env, who: str) -> None:
    case = case_of(env, LONG)
    assert env.ask(TAKER.abi, case.taker, "owner") == env.stranger.address
    with case.refused(NotOwner(env.people[who].address, env.stranger.address)):
        case.take(by=who)


def test_what_can_not_be_taken_is_left(case: Case) -> None:
    env = case.env
    with case.refused(StrikeNotOpen(case.strike_id + 1)):
        case.take(strike_id=case.strike_id + 1)
    opens_at = env.read("quoteTake", case.strike_id)[1]
    env.guardian.send("stopTakeovers")
    with case.refused(StrikeNotTakeable(case.strike_id, opens_at)):
        case.take()


def test_before_the_auction_it_is_left(env: Env) -> None:
    case = case_of(env, LONG, elapsed=-100)
    opens_at = env.read("quoteTake", case.strike_id)[1]
    with case.refused(StrikeNotTakeable(case.strike_id, opens_at)):
        case.take()


def test_on_a_pool_that_remembered_one_observation_its_own_swap_leaves_the_price(env: Env) -> None:
    """The market asked it to remember more, and it does as soon as it is traded on."""
    case = case_of(env, LONG, remembers=1)
    Feed(env, env.read("getMarket", case.stranger.market).feed).tell(1600 * 10**8)
    assert case.quoted()
    case.take()


@pytest.mark.parametrize("name", CALLBACKS)
def test_no_stranger_calls_back(case: Case, name: str) -> None:
    env = case.env
    with case.refused(UnexpectedCallback(env.keeper.address, ZERO)):
        env.tell(env.people["keeper"], TAKER.abi, case.taker, name, 1, -1, b"")
    with case.refused(UnexpectedCallback(env.stranger.address, ZERO)):
        env.tell(env.people["stranger"], TAKER.abi, case.taker, name, 1, -1, b"")
