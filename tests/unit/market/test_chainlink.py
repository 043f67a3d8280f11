"""S19 with Chainlink's real uptime feeds: the rounds that they write, and whom they let read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from macrostrike.errors import InvalidOracle, OracleUnavailable

from ..environment import Env
from ..readers import refuses
from .chainlink import UptimeFeed, arbitrum, optimism
from .markets import deploy_feed, feed_market

ETHER = 10**18
GRACE = 3600
DOWN, UP = True, False


@pytest.fixture(params=[arbitrum, optimism], ids=["Arbitrum", "OP stack"])
def uptime(request: pytest.FixtureRequest, env: Env) -> UptimeFeed:
    deploy: Callable[[Env], UptimeFeed] = request.param
    return deploy(env)


@pytest.fixture
def market(env: Env, uptime: UptimeFeed) -> int:
    """Its price is asked for through the feed, which is known to this diamond."""
    uptime.owner("addAccess", env.diamond)
    price = deploy_feed(env)
    price.tell(1600 * 10**8)
    return feed_market(env, price, 10**6, uptime_feed=uptime.address, uptime_grace=GRACE)


def is_known(env: Env, market: int) -> bool:
    """In the second of the next transaction."""
    try:
        price = env.keeper.call("getOracleQuote", market, ETHER)
    except OracleUnavailable:
        return False
    assert price == 1600 * 10**6
    return True


def test_s19_after_its_first_round_the_grace_is_waited_for(env: Env, market: int) -> None:
    assert not is_known(env, market)
    env.wait(GRACE)
    assert is_known(env, market)
    env.strike(market=market)


def test_s19_while_it_is_down_and_for_the_grace_after_it_there_is_not_a_price(
    env: Env, market: int, uptime: UptimeFeed
) -> None:
    env.wait(2 * GRACE)
    strike_id = env.strike(market=market)["strike_id"]
    uptime.report(DOWN, env.now)
    assert not is_known(env, market)
    with refuses(env, OracleUnavailable(market)):
        env.strike(market=market)
    assert env.read("quoteTake", strike_id)[0] is False
    env.wait(5 * GRACE)
    up_at = env.now
    uptime.report(UP, up_at)
    env.at(up_at + GRACE)
    assert not is_known(env, market)
    env.wait(1)
    assert is_known(env, market)
    env.strike(market=market)


def test_s19_a_report_that_comes_late_counts_from_when_it_was_true(
    env: Env, market: int, uptime: UptimeFeed
) -> None:
    """Messages from L1 wait for the sequencer: the round says the second on L1."""
    env.wait(2 * GRACE)
    down_at = env.now - 600
    uptime.report(DOWN, down_at)
    uptime.report(UP, down_at + 300)
    assert not is_known(env, market)
    env.at(down_at + 300 + GRACE)
    assert not is_known(env, market)
    env.wait(1)
    assert is_known(env, market)


def test_s19_an_older_report_than_the_last_changes_nothing(
    env: Env, market: int, uptime: UptimeFeed
) -> None:
    env.wait(2 * GRACE)
    uptime.report(DOWN, 1)
    assert is_known(env, market)


def test_a_feed_that_does_not_let_the_diamond_read_is_refused(env: Env, uptime: UptimeFeed) -> None:
    """Chainlink's feeds answer contracts by permission; those on the chains answer all."""
    price = deploy_feed(env)
    price.tell(1600 * 10**8)
    with refuses(env, InvalidOracle(uptime.address)):
        feed_market(env, price, 10**6, uptime_feed=uptime.address, uptime_grace=GRACE)
    uptime.owner("disableAccessCheck")
    feed_market(env, price, 10**6, uptime_feed=uptime.address, uptime_grace=GRACE)


def test_s19_a_feed_that_no_longer_lets_it_read_is_not_a_price(
    env: Env, market: int, uptime: UptimeFeed
) -> None:
    env.wait(2 * GRACE)
    assert is_known(env, market)
    uptime.owner("removeAccess", env.diamond)
    assert not is_known(env, market)
    with refuses(env, OracleUnavailable(market)):
        env.strike(market=market)
