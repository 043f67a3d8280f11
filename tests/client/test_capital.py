"""What owners and rebalancing operators do with the fleet's capital, by the client."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from macrostrike import Action, MacroStrike, Rebalanced, Signal
from macrostrike.errors import (
    AbiError,
    ActionNotAllowed,
    NotOperator,
    NotOwner,
    NoWeights,
    StrikeNotOpen,
)
from macrostrike.testing import World
from macrostrike.types import Closing

from .support import STRANGER, client_of, owner_does, prediction_of, state_of

FOREVER = 4_000_000_000


def rebalancer(world: World) -> MacroStrike:
    owner_does(world, "setOperator", STRANGER.address, FOREVER, Action.REBALANCE, 0)
    return client_of(world, STRANGER)


# Writing off.


@pytest.mark.parametrize("signal", Signal)
def test_a_write_off_books_the_whole_notional_as_lost(world: World, signal: Signal) -> None:
    owner = client_of(world, world.owner)
    opened = client_of(world).strike(prediction_of(world, signal=signal), world.engine)
    written_off = owner.write_off(opened.strike_id)
    assert (written_off.strike_id, written_off.pnl) == (opened.strike_id, -opened.notional)
    assert written_off.how is Closing.WRITE_OFF
    assert written_off.mined.block_number == world.transport.block_number()
    stats = owner.stats()
    assert (stats.open, stats.losses, stats.pnl) == (0, 1, -opened.notional)


def test_only_the_owner_writes_off_and_only_what_is_open(world: World) -> None:
    opened = client_of(world).strike(prediction_of(world), world.engine)
    before = state_of(world)
    with pytest.raises(NotOwner) as refused:
        client_of(world).write_off(opened.strike_id)
    assert refused.value.caller == world.operator.address
    with pytest.raises(StrikeNotOpen):
        client_of(world, world.owner).write_off(opened.strike_id + 1)
    assert state_of(world) == before


# Rebalancing.


def test_free_equity_is_spread_by_weights(world: World) -> None:
    client = rebalancer(world)
    total = client.stats().equity
    done = client.rebalance([1, 3] + [0] * 23)
    assert done.by == STRANGER.address
    assert done.equity == tuple(bot.equity for bot in client.bots())
    assert done.equity == (total // 4, 3 * total // 4) + (0,) * 23
    assert done.mined.block_number == world.transport.block_number()


def test_what_is_open_stays_where_it_is(world: World) -> None:
    client = rebalancer(world)
    client_of(world).strike(prediction_of(world), world.engine)
    total, locked = client.stats().equity, [bot.locked for bot in client.bots()]
    equity = client.rebalance([0] * 24 + [7]).equity
    assert sum(equity) == total
    assert list(equity[:24]) == locked[:24]
    assert [bot.locked for bot in client.bots()] == locked


def test_performance_returns_the_weights(world: World) -> None:
    client = client_of(world, world.owner)
    total = client.stats().equity
    client.rebalance(list(range(25)))
    done = client.rebalance_by_performance()
    # Nothing has settled, so every strategy has the same record.
    assert done.by == world.owner.address
    assert sum(done.equity) == total
    assert max(done.equity) - min(done.equity) < 25


def test_who_may_not_rebalance_is_refused(world: World) -> None:
    before = state_of(world)
    acts: list[Callable[[MacroStrike], Rebalanced]] = [
        lambda client: client.rebalance([1] * 25),
        lambda client: client.rebalance_by_performance(),
    ]
    for act in acts:
        with pytest.raises(NotOperator):
            act(client_of(world, STRANGER))
        with pytest.raises(ActionNotAllowed) as refused:
            act(client_of(world))
        assert refused.value.action == Action.REBALANCE
    assert state_of(world) == before


@pytest.mark.parametrize("weights", [[1] * 24, [1] * 26, [-1] * 25, [1 << 64] * 25, []])
def test_weights_that_are_none_are_refused(world: World, weights: list[int]) -> None:
    with pytest.raises(AbiError, match="rebalance"):
        client_of(world, world.owner).rebalance(weights)


def test_some_weight_must_be_given(world: World) -> None:
    before = state_of(world)
    with pytest.raises(NoWeights):
        client_of(world, world.owner).rebalance([0] * 25)
    assert state_of(world) == before
