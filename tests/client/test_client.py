"""The client on a real deployment, in process and on anvil: strikes, settlements, takeovers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from macrostrike import (
    Signal,
    Strategy,
    StrikeStatus,
    sign_prediction,
    strategy_mask,
)
from macrostrike.abi import interface
from macrostrike.errors import (
    InvalidValue,
    NotOperator,
    SlippageExceeded,
    StrikeNotOpen,
    StrikeNotTakeable,
)
from macrostrike.testing import World
from macrostrike.types import Closing, Due

from .support import STRANGER, client_of, prediction_of, state_of

# Opening.


@pytest.mark.parametrize("signal", Signal)
def test_a_strike_opens_for_the_fleet_and_is_read_back(world: World, signal: Signal) -> None:
    client = client_of(world)
    before, inventory = client.stats(), client.call("inventoryOf", client.market(0).base)
    prediction = prediction_of(world, signal=signal, model_id=5)
    opened = client.strike(prediction, world.engine)

    assert opened.engine == prediction.engine
    assert opened.operator == world.operator.address
    assert (opened.nonce, opened.signal) == (prediction.nonce, signal)
    assert (opened.record.confidence_bps, opened.record.model_id) == (9300, 5)
    assert opened.record.opened_at == opened.mined.timestamp == world.transport.timestamp()
    assert opened.record.due_at == opened.mined.timestamp + prediction.horizon
    assert opened.notional > 0
    assert opened.record.base_amount > 0
    assert opened.mined.gas_used > 21_000
    assert opened.mined.block_number == world.transport.block_number()

    strike = client.get_strike(opened.strike_id)
    assert strike.is_open
    assert (strike.signal, strike.record, strike.lots) == (signal, opened.record, opened.lots)
    assert strike.notional == opened.notional
    assert client.open_strikes() == (opened.strike_id,)
    after = client.stats()
    assert (after.opened, after.open) == (before.opened + 1, before.open + 1)
    sold = inventory - client.call("inventoryOf", client.market(0).base)
    assert sold == (0 if signal.is_long else opened.record.base_amount)
    locked = [bot.locked for bot in client.bots()]
    assert sum(locked) == opened.notional
    assert [bool(lots) for lots in opened.lots] == [bool(each) for each in locked]


def test_a_strike_is_signed_beforehand_or_by_the_engine_at_hand(world: World) -> None:
    client = client_of(world)
    first = prediction_of(world)
    signature = sign_prediction(first, world.engine, world.transport.chain_id, world.diamond)
    assert client.strike(first, signature).nonce == first.nonce
    second = prediction_of(world)
    assert client.strike(second, world.engine).nonce == second.nonce == first.nonce + 1


def test_strategies_that_are_not_named_take_no_part(world: World) -> None:
    mask = strategy_mask(Strategy.MOMENTUM)
    opened = client_of(world).strike(prediction_of(world, strategies=mask), world.engine)
    assert [bot // 5 for bot, lots in enumerate(opened.lots) if lots] == [Strategy.MOMENTUM] * 5


def test_the_quote_is_what_the_strike_then_gets(world: World) -> None:
    client = client_of(world)
    for signal in Signal:
        prediction = prediction_of(world, signal=signal)
        quoted = client.quote_strike(prediction, world.engine)
        assert client.strike(prediction, world.engine).record.base_amount == quoted


def test_the_price_may_move_within_the_slippage_allowed(world: World) -> None:
    client, prediction = client_of(world), prediction_of(world)
    limit = client.quote_strike(prediction, world.engine) * 9950 // 10_000
    world.venues.move_price(Decimal("1606"))
    opened = client.strike(prediction, world.engine, limit_amount=limit)
    assert opened.record.base_amount >= limit


@pytest.mark.parametrize(("signal", "price"), [(Signal.LONG, "1612"), (Signal.SHORT, "1588")])
def test_a_price_that_moved_further_is_refused(world: World, signal: Signal, price: str) -> None:
    client, prediction = client_of(world), prediction_of(world, signal=signal)
    quoted = client.quote_strike(prediction, world.engine)
    world.venues.move_price(Decimal(price))
    world.transport.mine(600)
    limit = quoted * (9950 if signal.is_long else 10_050) // 10_000
    before = state_of(world)
    with pytest.raises(SlippageExceeded) as refused:
        client.strike(prediction_of(world, signal=signal), world.engine, limit_amount=limit)
    assert refused.value.limit == limit
    assert (refused.value.measured < limit) is signal.is_long
    assert state_of(world) == before


@pytest.mark.parametrize(("signal", "one_worse"), [(Signal.LONG, 1), (Signal.SHORT, -1)])
def test_a_limit_is_met_to_the_unit(world: World, signal: Signal, one_worse: int) -> None:
    client, prediction = client_of(world), prediction_of(world, signal=signal)
    quoted = client.quote_strike(prediction, world.engine)
    with pytest.raises(SlippageExceeded):
        client.strike(prediction, world.engine, limit_amount=quoted + one_worse)
    opened = client.strike(prediction, world.engine, limit_amount=quoted)
    assert opened.record.base_amount == quoted


@pytest.mark.parametrize("slippage", [-1, 10_000, 100_000])
def test_a_slippage_that_makes_no_sense_is_refused(world: World, slippage: int) -> None:
    before = state_of(world)
    with pytest.raises(InvalidValue, match="max_slippage_bps"):
        client_of(world).strike(prediction_of(world), world.engine, max_slippage_bps=slippage)
    assert state_of(world) == before


@pytest.mark.parametrize("signal", Signal)
def test_no_slippage_at_all_can_be_asked_for(world: World, signal: Signal) -> None:
    client = client_of(world)
    opened = client.strike(prediction_of(world, signal=signal), world.engine, max_slippage_bps=0)
    assert client.settle(opened.strike_id, max_slippage_bps=0).strike_id == opened.strike_id


# Settling.


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("price", ["1616", "1584"])
def test_a_settlement_books_what_it_measured(world: World, signal: Signal, price: str) -> None:
    client = client_of(world)
    opened = client.strike(prediction_of(world, signal=signal), world.engine)
    equity = client.stats().equity
    world.venues.move_price(Decimal(price))
    world.transport.mine(600)
    settled = client.settle(opened.strike_id)

    assert settled.by == world.operator.address
    assert settled.base_amount == opened.record.base_amount
    gained = settled.quote_amount - opened.notional
    assert settled.pnl == (gained if signal.is_long else -gained)
    assert settled.won is (settled.pnl > 0) is (signal.is_long == (price == "1616"))
    stats = client.stats()
    assert (stats.settled, stats.open) == (1, 0)
    assert (stats.wins, stats.losses) == (int(settled.won), int(not settled.won))
    assert stats.pnl == settled.pnl
    assert stats.win_rate == Decimal(int(settled.won))
    # Each of 25 shares is rounded down by less than a unit.
    assert 0 <= equity + settled.pnl - stats.equity < 25
    assert client.get_strike(opened.strike_id).status is StrikeStatus.SETTLED
    assert client.open_strikes() == ()


def test_the_quote_of_a_settlement_is_what_it_then_gets(world: World) -> None:
    client = client_of(world)
    for signal in Signal:
        opened = client.strike(prediction_of(world, signal=signal), world.engine)
        quoted = client.quote_settlement(opened.strike_id)
        assert client.settle(opened.strike_id).quote_amount == quoted


@pytest.mark.parametrize(("signal", "one_worse"), [(Signal.LONG, 1), (Signal.SHORT, -1)])
def test_a_settlements_limit_is_met_to_the_unit(
    world: World, signal: Signal, one_worse: int
) -> None:
    client = client_of(world)
    strike_id = client.strike(prediction_of(world, signal=signal), world.engine).strike_id
    quoted = client.quote_settlement(strike_id)
    before = state_of(world)
    with pytest.raises(SlippageExceeded):
        client.settle(strike_id, limit_amount=quoted + one_worse)
    assert state_of(world) == before
    assert client.settle(strike_id, limit_amount=quoted).quote_amount == quoted


def test_a_strike_settles_once(world: World) -> None:
    client = client_of(world)
    strike_id = client.strike(prediction_of(world), world.engine).strike_id
    client.settle(strike_id)
    before = state_of(world)
    for unknown in (strike_id, strike_id + 1, 0):
        with pytest.raises(StrikeNotOpen) as refused:
            client.settle(unknown)
        assert refused.value.strike_id == unknown
    assert state_of(world) == before


@pytest.mark.parametrize("signal", [Signal.LONG, Signal.SHORT])
def test_anyone_takes_over_what_is_due_and_settles_nothing(world: World, signal: Signal) -> None:
    opened = client_of(world).strike(prediction_of(world, signal=signal), world.engine)
    anyone, strike_id = client_of(world, STRANGER), opened.strike_id
    assert anyone.can_settle(strike_id) is Due.NOT_YET
    with pytest.raises(NotOperator):
        anyone.settle(strike_id)
    opens_at = anyone.quote_take(strike_id).opens_at
    assert opens_at == opened.record.due_at + anyone.market(0).rules.keeper_delay
    limit = 10**15 if signal.is_long else 0
    with pytest.raises(StrikeNotTakeable) as early:
        anyone.take(strike_id, limit)
    assert early.value.opens_at == opens_at
    world.transport.mine(opens_at - world.transport.timestamp())
    assert anyone.can_settle(strike_id) is Due.HORIZON
    quoted = anyone.quote_take(strike_id)
    assert quoted.takeable
    token = anyone.treasury().quote if signal.is_long else anyone.market(0).base
    world.venues.provide(STRANGER.address, **{"quote" if signal.is_long else "base": 10**20})
    approve = interface("IToken").encode_call("approve", world.diamond, 10**20)
    world.transport.send(STRANGER, token, approve)
    taken = anyone.take(strike_id, limit)
    settled = taken.settled
    assert (taken.taker, settled.by, settled.how) == (STRANGER.address,) * 2 + (Closing.TAKEOVER,)
    assert settled.base_amount == opened.record.base_amount
    assert anyone.can_settle(strike_id) is Due.NOT_OPEN


def test_anyone_marks_strikes_and_marks_to_market(world: World) -> None:
    opened = client_of(world).strike(prediction_of(world), world.engine)
    anyone = client_of(world, STRANGER)
    assert anyone.mark_due([opened.strike_id, 9]) == ()
    marked = anyone.mark_to_market()
    assert (marked.unpriced, marked.halted) == (0, False)
    assert marked.marked < 0  # the pool's fee


def test_the_owner_closes_at_the_oracles_price(world: World) -> None:
    short = prediction_of(world, signal=Signal.SHORT)
    opened = client_of(world).strike(short, world.engine)
    closed = client_of(world, world.owner).close_at_oracle(opened.strike_id)
    assert closed.how is Closing.ORACLE
    assert closed.pnl == opened.notional - closed.quote_amount


# Reading.
