"""A market on Uniswap V4 in a target: named by its key, registered, verified, traded on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from macrostrike import MacroStrike
from macrostrike.build import ours
from macrostrike.chain import RevmTransport
from macrostrike.deploy import TargetInvalid, inspect, parse_target
from macrostrike.deploy.target import Target
from macrostrike.devchain import Venues, deploy_venues
from macrostrike.loop._resale import Resale
from macrostrike.loop._spot import Spot
from macrostrike.testing import World, deploy_world
from macrostrike.types import DYNAMIC_FEE, ZERO_ADDRESS, Prediction, Signal, Venue

from ..evm import Payer
from ..unit.amm.v4 import SPACING, V4
from .support import LOCAL, STRANGER, again

# Without a flag, so that the manager never calls them.
HOOKS = "0x1111111111111111111111111111111111110000"
USDC, WETH = 10**6, 10**18
_RULES = LOCAL[LOCAL.index("    rules:") : LOCAL.index("# What one arbitrage may put in")]
_MARKETS = f"""  - name: ETH/USDC on V4
    base: WETH
    factory: uniswap-v4
    fee: 500
    tick_spacing: 60
    feed: FEED
{_RULES.rstrip()}
  - name: ETH/USDC with hooks
    base: WETH
    factory: uniswap-v4
    fee: dynamic
    tick_spacing: 60
    hooks: HOOKS
    feed: FEED
{_RULES}""".replace("PoolTwap", "Feed").replace("oracle_window: 300", "oracle_window: 86_400")


def text_of(manager: str = STRANGER, feed: str = STRANGER) -> str:
    """The local target, with two markets more."""
    head, rest = LOCAL.split("# What one arbitrage may put in", 1)
    head = head.replace(
        "  uniswap-v2: {address: fixture",
        f"  uniswap-v4: {{address: {manager}, venue: UniswapV4}}\n  uniswap-v2: {{address: fixture",
    )
    markets = _MARKETS.replace("HOOKS", HOOKS).replace("FEED", feed)
    amm = rest.replace("\namm:\n", f"\namm:\n  hooks: ['{HOOKS}']\n", 1)
    return head.rstrip() + "\n" + markets + "\n# What one arbitrage may put in" + amm


@dataclass(frozen=True)
class Env:
    world: World
    target: Target
    manager: str
    feed: str
    client: MacroStrike


def _pools(venues: Venues) -> tuple[str, str]:
    """The manager, with a pool of either kind, and a feed."""
    chain, at = venues.transport, venues.fixtures
    v4 = V4(chain, venues.maker, at.base)
    amounts = {at.quote: 16_000_000 * USDC, at.base: 10_000 * WETH}
    for token in amounts:
        v4.allow(token)
    venues.provide(venues.maker.address, base=30_000 * WETH)
    token0, token1 = sorted(amounts, key=str.lower)
    for fee, hooks in ((500, ZERO_ADDRESS), (DYNAMIC_FEE, HOOKS)):
        v4.create_pool((token0, token1, fee, SPACING, hooks), amounts)
    by = Payer(chain, venues.maker)
    feed = by.deploy(ours("HostileFeed"), 8)
    by.tell(ours("HostileFeed"), feed, "tell", 1600 * 10**8, chain.timestamp(pending=True), False)
    return v4.manager, feed


@pytest.fixture(scope="module")
def _env() -> Env:
    chain = RevmTransport()
    manager, feed = _pools(deploy_venues(chain))
    target = parse_target(text_of(manager, feed))
    world = deploy_world(chain, target=target)
    client = MacroStrike(chain, world.diamond, world.operator)
    return Env(world, target, manager, feed, client)


@pytest.fixture
def env(_env: Env) -> Iterator[Env]:
    chain = _env.world.transport
    snapshot = chain.snapshot()
    yield _env
    chain.revert(snapshot)


def test_all_that_the_target_says_is_there_and_a_second_plan_is_empty(env: Env) -> None:
    world = env.world
    assert all(each.ok for each in inspect(world.transport, env.target, world.manifest))
    deployment = again(env.world, env.target)
    assert not deployment.plan.steps
    found = [(each.venue, each.pool, each.fee, each.hooks) for each in env.client.markets()[1:]]
    assert found == [
        (Venue.UNISWAP_V4, env.manager, 500, ZERO_ADDRESS),
        (Venue.UNISWAP_V4, env.manager, DYNAMIC_FEE, HOOKS),
    ]
    # The dynamic fee is what the hooks said last: nothing, for now.
    assert [(each.venue, each.fee) for each in env.world.manifest.markets[1:]] == [
        ("UniswapV4", 500),
        ("UniswapV4", 0),
    ]


def test_another_key_is_said(env: Env) -> None:
    markets = list(env.target.markets)
    markets[1] = markets[1].model_copy(update={"fee": 3000, "tick_spacing": 10})
    changed = env.target.model_copy(update={"markets": tuple(markets)})
    checks = inspect(env.world.transport, changed, env.world.manifest)
    assert {c.name: (c.expected, c.actual) for c in checks if not c.ok} == {
        "fee of market 1, ETH/USDC on V4": ("3000", "500"),
        "tick_spacing of market 1, ETH/USDC on V4": ("10", "60"),
    }


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("    fee: 500\n", "", "fee: is missing: a market on UniswapV4 needs it"),
        ("    tick_spacing: 60\n", "", "tick_spacing: is missing: a market on UniswapV4 needs it"),
        ("    fee: 500\n", f"    fee: 500\n    pool: '{STRANGER}'\n", "pool: is not wanted"),
        ("    fee: 500\n", f"    fee: 500\n    hooks: '{STRANGER}'\n", "is not among amm.hooks"),
        ("    fee: 500\n", "    fee: dynamic\n", "dynamic fees are set by hooks"),
        ("oracle: Feed", "oracle: PoolTwap", "feed: is not wanted: the rules say PoolTwap"),
    ],
)
def test_faults_of_a_key(old: str, new: str, fault: str) -> None:
    text = text_of()
    assert old in text
    with pytest.raises(TargetInvalid) as refused:
        parse_target(text.replace(old, new, 1))
    assert [f for f in refused.value.faults if "markets[1]" in f and fault in f]


def test_a_pool_with_an_address_has_no_key() -> None:
    text = text_of().replace("    pool: fixture\n", f"    fee: 500\n    hooks: '{HOOKS}'\n", 1)
    with pytest.raises(TargetInvalid) as refused:
        parse_target(text)
    wrong = [f for f in refused.value.faults if "markets[0]" in f]
    assert len(wrong) == 3


def test_without_a_feed_it_is_refused() -> None:
    feed = f"    feed: {STRANGER}\n"
    text = text_of().replace(feed, "", 1).replace("oracle: Feed", "oracle: PoolTwap", 1)
    with pytest.raises(TargetInvalid) as refused:
        parse_target(text)
    assert any("keeps no price history: name a feed" in f for f in refused.value.faults)


@pytest.mark.parametrize("signal", [Signal.STRONG_LONG, Signal.STRONG_SHORT])
def test_the_client_strikes_and_settles_there(env: Env, signal: Signal) -> None:
    world, now = env.world, env.world.transport.timestamp()
    prediction = Prediction(
        engine=world.engine.address,
        nonce=1,
        market=1,
        signal=signal,
        confidence_bps=9500,
        model_id=1,
        valid_from=now,
        valid_until=now + 60,
        horizon=600,
        stop_loss_bps=100,
    )
    opened = env.client.strike(prediction, world.engine)
    assert opened.record.market == 1
    settled = env.client.settle(opened.strike_id)
    assert settled.pnl < 0


def test_loops_see_its_price_and_what_it_returns(env: Env) -> None:
    spot = Spot(env.client)
    assert abs(spot.price(1) * 10**12 - 1600) < 1
    assert (spot.fee_millionths(1), spot.fee_millionths(2)) == (500, 0)
    place = Resale(env.client).place(1, env.world.transport.block())
    back = place.amount_back(place.quote, WETH)
    assert 1598 * USDC < back < 1600 * USDC
    # What hooks make of an amount no model knows.
    assert Resale(env.client).place(2, env.world.transport.block()).state is None
