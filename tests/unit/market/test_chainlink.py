"""S19 with Chainlink's real uptime feeds: the rounds that they write, and whom they let read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from macrostrike.errors import InvalidOracle, OracleUnavailable

from ..readers import refuses
from ..scene import Scene
from .chainlink import UptimeFeed, arbitrum, optimism
from .markets import deploy_feed, feed_market

ETHER = 10**18
GRACE = 3600
DOWN, UP = True, False


@pytest.fixture(params=[arbitrum, optimism], ids=["Arbitrum", "OP stack"])
def uptime(request: pytest.FixtureRequest, scene: Scene) -> UptimeFeed:
    deploy: Callable[[Scene], UptimeFeed] = request.param
    return deploy(scene)


@pytest.fixture
def market(scene: Scene, uptime: UptimeFeed) -> int:
    """Its price is asked for through the feed, which is known to this diamond."""
    uptime.owner("addAccess", scene.diamond)
    price = deploy_feed(scene)
    price.tell(1600 * 10**8)
    return feed_market(scene, price, 10**6, uptime_feed=uptime.address, uptime_grace=GRACE)


def is_known(scene: Scene, market: int) -> bool:
    """In the second of the next transaction."""
    try:
        price = scene.keeper.call("getOracleQuote", market, ETHER)
    except OracleUnavailable:
        return False
    assert price == 1600 * 10**6
    return True


def test_s19_after_its_first_round_the_grace_is_waited_for(scene: Scene, market: int) -> None:
    assert not is_known(scene, market)
    scene.wait(GRACE)
    assert is_known(scene, market)
    scene.strike(market=market)


def test_s19_while_it_is_down_and_for_the_grace_after_it_there_is_no_price(
    scene: Scene, market: int, uptime: UptimeFeed
) -> None:
    scene.wait(2 * GRACE)
    strike_id = scene.strike(market=market)["strike_id"]
    uptime.report(DOWN, scene.now)
    assert not is_known(scene, market)
    with refuses(scene, OracleUnavailable(market)):
        scene.strike(market=market)
    assert scene.read("quoteTake", strike_id)[0] is False
    scene.wait(5 * GRACE)
    up_at = scene.now
    uptime.report(UP, up_at)
    scene.at(up_at + GRACE)
    assert not is_known(scene, market)
    scene.wait(1)
    assert is_known(scene, market)
    scene.strike(market=market)


def test_s19_a_report_that_comes_late_counts_from_when_it_was_true(
    scene: Scene, market: int, uptime: UptimeFeed
) -> None:
    """Messages from L1 wait for the sequencer: the round says the second on L1."""
    scene.wait(2 * GRACE)
    down_at = scene.now - 600
    uptime.report(DOWN, down_at)
    uptime.report(UP, down_at + 300)
    assert not is_known(scene, market)
    scene.at(down_at + 300 + GRACE)
    assert not is_known(scene, market)
    scene.wait(1)
    assert is_known(scene, market)


def test_s19_an_older_report_than_the_last_changes_nothing(
    scene: Scene, market: int, uptime: UptimeFeed
) -> None:
    scene.wait(2 * GRACE)
    uptime.report(DOWN, 1)
    assert is_known(scene, market)


def test_a_feed_that_does_not_let_the_diamond_read_is_refused(
    scene: Scene, uptime: UptimeFeed
) -> None:
    """Chainlink's feeds answer contracts by permission; those on the chains answer all."""
    price = deploy_feed(scene)
    price.tell(1600 * 10**8)
    with refuses(scene, InvalidOracle(uptime.address)):
        feed_market(scene, price, 10**6, uptime_feed=uptime.address, uptime_grace=GRACE)
    uptime.owner("disableAccessCheck")
    feed_market(scene, price, 10**6, uptime_feed=uptime.address, uptime_grace=GRACE)


def test_s19_a_feed_that_no_longer_lets_it_read_is_no_price(
    scene: Scene, market: int, uptime: UptimeFeed
) -> None:
    scene.wait(2 * GRACE)
    assert is_known(scene, market)
    uptime.owner("removeAccess", scene.diamond)
    assert not is_known(scene, market)
    with refuses(scene, OracleUnavailable(market)):
        scene.strike(market=market)
