"""The flash taker with the tokens of Uniswap V2's pairs, real ones and such that cheat."""

from __future__ import annotations

import pytest

from macrostrike.build import ours
from macrostrike.errors import (
    CallbackAmountExceeded,
    CallbackAmountMismatch,
    CallbackMissing,
    CallFailed,
    ContractError,
    InvalidPoolFee,
    NotProfitable,
    ReentrancyGuardReentrantCall,
    StrikeNotTakeable,
    UnexpectedCallback,
    UnexpectedInitiator,
    UnfaithfulToken,
)
from macrostrike.types import Signal

from ...security.stranger import LONG, SHORT, Stranger
from ..amm.hostile import PairMode, PoolMode, called_out
from ..environment import TOKEN, ZERO, Env, call_failed
from ..forks import Forks
from ..pools import PAIR, in_order, make_pair
from .support import SIDES, Case, case_of, pair_case_of, taken

TAKER, HOSTILE_TOKEN = ours("FlashTaker"), ours("HostileToken")
HOSTILE_PAIR, HOSTILE_POOL = ours("HostilePair"), ours("HostilePool")
CALLBACKS = ("uniswapV2Call", "pancakeCall", "hook")
DEPTH = 1000 * 10**18  # of base, at 1600


@pytest.fixture(params=SIDES)
def paired(env: Env, request: pytest.FixtureRequest) -> Case:
    """On a market of a pair's."""
    return pair_case_of(env, request.param)


def test_on_the_markets_own_pair_the_profit_is_the_owners_to_the_unit(paired: Case) -> None:
    env = paired.env
    with env.frozen():
        paid, got = paired.quoted()
        profit = paired.back(got) - paid
        before = paired.holds(env.stranger.address)
        with paired.refused(NotProfitable(paid, profit, profit + 1)):
            paired.take(profit + 1)
        said = taken(paired.take(profit))
    assert said == {
        "diamond": env.diamond,
        "strike_id": paired.strike_id,
        "pool": paired.stranger.pool,
        "amount_in": paid,
        "amount_out": got,
        "profit": profit,
    }
    assert profit > 0
    after = paired.holds(env.stranger.address)
    assert [has - had for has, had in zip(after, before, strict=True)] == [profit, 0]
    assert env.read("getOpenStrikes") == ()
    assert paired.holds() == [0, 0]
    assert env.ask(TOKEN.abi, paired.tokens[0], "allowance", paired.taker, env.diamond) == 0


def test_a_strike_of_another_pools_market_is_sold_to_a_pair(case: Case) -> None:
    env, base = case.env, case.stranger.base
    exchange = env.exchange
    env.give(exchange.address, quote=1600 * 10**9)
    exchange.mint(base, exchange.address, DEPTH)
    amounts = {env.quote: 1600 * 10**9, base: DEPTH}
    pair = make_pair(exchange, exchange.v2_factory(), amounts)
    said = taken(case.take(pool=pair, is_v2=True, fee=3000))
    assert (said["pool"], case.holds()) == (pair, [0, 0])
    assert said["profit"] > 0


@pytest.mark.parametrize("name", CALLBACKS)
def test_pairs_of_forks_call_back_by_their_own_name(env: Env, name: str) -> None:
    env.strike(signal=LONG, horizon=60)
    env.wait(60 + 900 + 1200)
    _, pair = Forks(env).v2(name, 1600)
    taker = env.deploy(TAKER, env.stranger.address)
    case = Case(Stranger(env, 0, env.base, pair), LONG, 1, taker, is_v2=True, fee=3000)
    assert taken(case.take())["profit"] > 0
    assert case.holds() == [0, 0]


def test_after_others_have_traded_in_this_second_it_is_left(paired: Case) -> None:
    env = paired.env
    opens_at = env.read("quoteTake", paired.strike_id)[1]
    with env.frozen():
        env.exchange.tell(PAIR, paired.stranger.pool, "sync")
        with paired.refused(StrikeNotTakeable(paired.strike_id, opens_at)):
            paired.take()
    paired.take()


def test_a_fee_that_is_not_the_pairs(paired: Case) -> None:
    """Less is refused by the pair; of more the rest is the pair's, and the minimum holds."""
    env, pair = paired.env, paired.stranger.pool
    with paired.refused(call_failed(pair, "Error(string)", "UniswapV2: K")):
        paired.take(fee=2990)
    with env.frozen():
        paid, got = paired.quoted()
        paired.fee = 4000
        less = paired.back(got) - paid
        with paired.refused(NotProfitable(paid, less, less + 1)):
            paired.take(less + 1)
        assert taken(paired.take(less))["profit"] == less


@pytest.mark.parametrize("fee", [10**6, 10**6 + 1])
def test_no_fee_takes_all(env: Env, fee: int) -> None:
    case = pair_case_of(env, LONG)
    with case.refused(InvalidPoolFee(case.stranger.pool, fee)):
        case.take(fee=fee)
    with pytest.raises(CallFailed):  # next to nothing is delivered then
        case.take(fee=10**6 - 1)


@pytest.mark.parametrize("name", CALLBACKS)
def test_no_stranger_calls_back(env: Env, name: str) -> None:
    case = pair_case_of(env, LONG)
    for who in ("keeper", "stranger"):
        key = env.people[who]
        with case.refused(UnexpectedCallback(key.address, ZERO)):
            env.tell(key, TAKER.abi, case.taker, name, case.taker, 1, 0, b"")


# Pairs that cheat.


def hostile_pair(case: Case, mode: PairMode, call: bytes = b"", of_price: int = 1000) -> str:
    """At the market's price, in thousandths of what it costs. What it may call is the taker."""
    env, base = case.env, case.stranger.base
    pair = env.deploy(HOSTILE_PAIR, *in_order(*case.tokens))
    env.give(pair, quote=10**14)
    env.exchange.mint(base, pair, 10**24)
    reserves = {base: DEPTH, env.quote: 1600 * 10**9}
    reserves[case.tokens[0]] = reserves[case.tokens[0]] * of_price // 1000
    maker = env.world.venues.maker
    both = (reserves[token] for token in in_order(*case.tokens))
    env.tell(maker, HOSTILE_PAIR.abi, pair, "setReserves", *both)
    env.tell(maker, HOSTILE_PAIR.abi, pair, "behave", mode, case.taker, call)
    case.is_v2, case.fee = True, 3000
    case.stranger.pool = pair
    return pair


def test_one_that_does_not_call_back_is_refused(case: Case) -> None:
    pair = hostile_pair(case, PairMode.SAYS_NOTHING)
    with case.refused(CallbackMissing(pair)):
        case.take()


def test_it_calls_back_once(case: Case) -> None:
    pair = hostile_pair(case, PairMode.CALLS_TWICE)
    with case.refused(UnexpectedCallback(pair, ZERO)):
        case.take()


def test_it_says_what_it_was_asked_for(case: Case) -> None:
    hostile_pair(case, PairMode.SAYS_MORE)
    env = case.env
    with env.frozen():
        _, got = case.quoted()
        reserves = env.ask(HOSTILE_PAIR.abi, case.stranger.pool, "getReserves")
        of = dict(zip(in_order(*case.tokens), reserves, strict=False))
        kept = got * 997
        lent = kept * of[case.tokens[0]] // (of[case.tokens[1]] * 1000 + kept)
        with case.refused(CallbackAmountMismatch(lent + lent // 100, lent)):
            case.take()


def test_the_swap_is_the_takers_own(case: Case) -> None:
    pair = hostile_pair(case, PairMode.NAMES_ANOTHER)
    with case.refused(UnexpectedInitiator(pair)):
        case.take()


def test_a_pair_does_not_call_back_as_a_v3_pool(case: Case) -> None:
    pair = hostile_pair(case, PairMode.CALLS_AS_V3)
    with case.refused(UnexpectedCallback(pair, ZERO)):
        case.take()


def test_a_v3_pool_does_not_call_back_as_a_pair(case: Case) -> None:
    """Refused in the middle of its swap, which goes on as if it had not tried."""
    env = case.env
    tokens = in_order(*case.tokens)
    price = case.stranger.price()
    by_token0 = price if tokens[0] == case.stranger.base else 1 / price
    pool = env.deploy(HOSTILE_POOL, *tokens, int(by_token0 * (1 << 96)))
    env.give(pool, quote=10**14)
    env.exchange.mint(case.stranger.base, pool, 10**24)
    call = TAKER.abi.encode_call("uniswapV2Call", case.taker, 1, 0, b"")
    mode = PoolMode.CALLS_OUT_FIRST
    env.tell(env.world.venues.maker, HOSTILE_POOL.abi, pool, "behave", mode, case.taker, call)
    receipt = case.take(pool=pool)
    refused = str(UnexpectedCallback(pool, ZERO))
    assert called_out(receipt, pool, HOSTILE_POOL.abi) == [refused]


def test_one_that_says_it_has_less_takes_of_the_profit_alone(case: Case) -> None:
    env = case.env
    hostile_pair(case, PairMode.HONEST, of_price=999)
    with env.frozen():
        paid, _ = case.quoted()
        with env.undone():
            less = taken(case.take())["profit"]
        with case.refused(NotProfitable(paid, less, less + 1)):
            case.take(less + 1)


def test_no_call_within_a_call(case: Case) -> None:
    """The pair is the taker's owner, and takes while it takes."""
    env = case.env
    pair = hostile_pair(case, PairMode.CALLS_OUT_FIRST)
    case.taker = env.deploy(TAKER, pair)
    order = (env.diamond, case.strike_id, case.signal.is_long, pair, True, 3000, *case.tokens, 0)
    call = TAKER.abi.encode_call("take", order)
    maker = env.world.venues.maker
    mode = PairMode.CALLS_OUT_FIRST
    env.tell(maker, HOSTILE_PAIR.abi, pair, "behave", mode, case.taker, call)
    receipt = env.tell(maker, HOSTILE_PAIR.abi, pair, "relay", case.taker, call)
    within = str(ReentrancyGuardReentrantCall())
    assert called_out(receipt, pair, HOSTILE_PAIR.abi) == [within, "done"]
    assert env.read("getOpenStrikes") == ()


# Tokens that take a fee.


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("is_v2", [False, True])
def test_a_token_that_takes_a_fee_on_its_way_is_refused(
    env: Env, signal: Signal, is_v2: bool
) -> None:
    case = case_of(env, signal, base_contract=HOSTILE_TOKEN)
    exchange, base = env.exchange, case.stranger.base
    if is_v2:
        exchange.mint(base, exchange.address, DEPTH)
        amounts = {env.quote: 1600 * 10**9, base: DEPTH}
        case.stranger.pool = make_pair(exchange, exchange.v2_factory(), amounts)
        case.is_v2, case.fee = True, 3000
    env.tell(env.world.venues.maker, HOSTILE_TOKEN.abi, base, "behave", 50, False)
    with env.frozen():
        paid, got = case.quoted()
        fee = got * 50 // 10_000
        error: ContractError = CallbackAmountExceeded(got, got - fee)
        if signal is SHORT:
            error = UnfaithfulToken(base, paid - paid * 50 // 10_000, paid)
        with case.refused(error):
            case.take()
