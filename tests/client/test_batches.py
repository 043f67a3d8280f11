"""Batches of the client: one transaction, a result for each in order, all or nothing or skipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest

from macrostrike import (
    MacroStrike,
    Prediction,
    Signal,
    Skipped,
    Strategy,
    StrikeOpened,
    StrikeOrder,
    StrikeSettled,
    Transport,
    sign_prediction,
    strategy_mask,
)
from macrostrike.client import Order
from macrostrike.errors import (
    ConfidenceTooLow,
    ContractError,
    EnforcedPause,
    InvalidValue,
    LengthMismatch,
    NonceUsed,
    SignerMissing,
    SlippageExceeded,
    StrikeNotOpen,
)
from macrostrike.testing import World

from .support import client_of, owner_does, prediction_of, state_of


def predictions_of(world: World, *signals: Signal, **changes: Any) -> list[Prediction]:
    first = client_of(world).next_nonce(world.engine.address)
    return [
        prediction_of(world, nonce=first + i, signal=signal, **changes)
        for i, signal in enumerate(signals)
    ]


def sign(world: World, prediction: Prediction) -> bytes:
    return sign_prediction(prediction, world.engine, world.transport.chain_id, world.diamond)


def open_strikes(world: World, *signals: Signal) -> list[int]:
    batch = predictions_of(world, *signals)
    return [
        cast(StrikeOpened, each).strike_id
        for each in client_of(world).strike_batch(batch, world.engine)
    ]


def assert_skipped(result: object, index: int, error: ContractError) -> None:
    assert isinstance(result, Skipped)
    assert result.index == index
    assert repr(result.error) == repr(error)


class Interrupted:
    """A transport on which something else happens just before a transaction is mined."""

    def __init__(self, transport: Transport, happens: Callable[[], object]) -> None:
        self._transport, self._happens = transport, happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        self._happens()
        return self._transport.submit(*args, **kwargs)


def interrupted(world: World, happens: Callable[[], object]) -> MacroStrike:
    transport = cast(Transport, Interrupted(world.transport, happens))
    client_of(world)
    return MacroStrike(transport, world.diamond, world.operator)


# Strikes.


def test_a_batch_opens_each_in_order_in_one_transaction(world: World) -> None:
    client, batch = client_of(world), predictions_of(world, *Signal)
    nonce = world.transport.nonce(world.operator.address)
    opened = client.strike_batch(batch, world.engine)

    assert world.transport.nonce(world.operator.address) == nonce + 1
    assert len({each.mined for each in opened if isinstance(each, StrikeOpened)}) == 1
    for prediction, each in zip(batch, opened, strict=True):
        assert isinstance(each, StrikeOpened)
        assert (each.nonce, each.signal) == (prediction.nonce, prediction.signal)
        strike = client.get_strike(each.strike_id)
        assert (strike.record, strike.lots, strike.notional) == (
            each.record,
            each.lots,
            each.notional,
        )
    assert client.open_strikes() == (1, 2, 3, 4)


def test_each_is_quoted_behind_those_before_it(world: World) -> None:
    # Without any slippage allowed, a quote that is off by a unit would refuse the batch.
    client, batch = client_of(world), predictions_of(world, *Signal, *Signal)
    assert len(client.strike_batch(batch, world.engine, max_slippage_bps=0)) == 8


def test_a_quote_taken_alone_is_another_swaps(world: World) -> None:
    # What the first locks, the second can't trade: by more than any slippage that one would allow.
    client, batch = client_of(world), predictions_of(world, Signal.LONG, Signal.STRONG_LONG)
    alone = client.quote_strike(batch[1], world.engine)
    _, second = client.strike_batch(batch, world.engine)
    assert isinstance(second, StrikeOpened)
    assert second.record.base_amount < alone * 9950 // 10_000


def test_orders_come_with_signatures_or_whole(world: World) -> None:
    client, batch = client_of(world), predictions_of(world, *[Signal.LONG] * 3)
    whole = StrikeOrder(prediction=batch[2], signature=sign(world, batch[2]), limit_amount=1)
    orders: list[Order] = [batch[0], (batch[1], sign(world, batch[1])), whole]
    opened = client.strike_batch(orders, world.engine)
    assert [cast(StrikeOpened, each).nonce for each in opened] == [p.nonce for p in batch]
    # Nothing is left to sign here.
    batch = predictions_of(world, Signal.LONG)
    assert len(client.strike_batch([(batch[0], sign(world, batch[0]))])) == 1


def test_a_prediction_needs_someone_to_sign_it(world: World) -> None:
    before = state_of(world)
    with pytest.raises(InvalidValue, match="engine"):
        client_of(world).strike_batch(predictions_of(world, Signal.LONG))
    assert state_of(world) == before


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize(("signal", "one_worse"), [(Signal.LONG, 1), (Signal.SHORT, -1)])
def test_an_orders_own_limit_is_met_to_the_unit(
    world: World, signal: Signal, one_worse: int, skip: bool
) -> None:
    client, (prediction,) = client_of(world), predictions_of(world, signal)
    quoted = client.quote_strike(prediction, world.engine)

    def send(limit: int) -> StrikeOpened | Skipped:
        signature = sign(world, prediction)
        order = StrikeOrder(prediction=prediction, signature=signature, limit_amount=limit)
        (result,) = client.strike_batch([order], skip=skip)
        return result

    before, error = state_of(world), SlippageExceeded(quoted, quoted + one_worse)
    if skip:
        assert_skipped(send(quoted + one_worse), 0, error)
    else:
        with pytest.raises(SlippageExceeded) as refused:
            send(quoted + one_worse)
        assert repr(refused.value) == repr(error)
    assert state_of(world) == before
    assert isinstance(send(quoted), StrikeOpened)


def test_all_or_nothing_sends_nothing(world: World) -> None:
    good, later = predictions_of(world, Signal.LONG, Signal.LONG)
    bad = prediction_of(world, nonce=later.nonce, confidence_bps=9299)
    before = state_of(world)
    for batch in ([good, bad], [bad, good]):
        with pytest.raises(ConfidenceTooLow) as refused:
            client_of(world).strike_batch(batch, world.engine)
        assert refused.value.confidence_bps == 9299
    assert state_of(world) == before


def test_a_skip_leaves_out_what_the_chain_refuses(world: World) -> None:
    client = client_of(world)
    first, second, third = predictions_of(world, Signal.LONG, Signal.SHORT, Signal.LONG)
    low = prediction_of(world, nonce=second.nonce, confidence_bps=9299)
    again = prediction_of(world, nonce=first.nonce)
    results = client.strike_batch([first, low, second, again, third], world.engine, skip=True)

    assert_skipped(results[1], 1, ConfidenceTooLow(9299, 9300))
    # Refused for what the first of this batch does.
    assert_skipped(results[3], 3, NonceUsed(world.engine.address, first.nonce))
    opened = [each for each in results if isinstance(each, StrikeOpened)]
    assert [each.nonce for each in opened] == [first.nonce, second.nonce, third.nonce]
    assert [results[i] for i in (0, 2, 4)] == opened
    assert client.stats().opened == 3


def test_a_skip_of_all_sends_nothing(world: World) -> None:
    owner_does(world, "pause")
    batch, before = predictions_of(world, *Signal), state_of(world)
    results = client_of(world).strike_batch(batch, world.engine, skip=True)
    for index, result in enumerate(results):
        assert_skipped(result, index, EnforcedPause())
    assert state_of(world) == before


@pytest.mark.parametrize("skip", [False, True])
def test_a_batch_of_none_sends_nothing(world: World, skip: bool) -> None:
    before = state_of(world)
    assert client_of(world).strike_batch([], world.engine, skip=skip) == ()
    assert client_of(world).settle_batch([], skip=skip) == ()
    assert state_of(world) == before


def test_what_the_chain_skips_when_mined_is_said(world: World) -> None:
    # The price rises between quote and block, so that a long gets too little. The short is of other
    # bots: what is skipped does not change its size.
    long, short = predictions_of(world, Signal.LONG, Signal.SHORT)
    long = replace(long, strategies=strategy_mask(Strategy.MOMENTUM))
    short = replace(short, strategies=strategy_mask(Strategy.ARBITRAGE))
    client = interrupted(world, lambda: world.venues.move_price(Decimal("1612")))
    skipped, opened = client.strike_batch([long, short], world.engine, skip=True)
    assert isinstance(skipped, Skipped)
    assert isinstance(skipped.error, SlippageExceeded)
    assert skipped.index == 0
    assert 0 < skipped.error.measured < skipped.error.limit
    assert isinstance(opened, StrikeOpened)
    assert opened.nonce == short.nonce
    assert client.open_strikes() == (opened.strike_id,)
    assert not client.call("isNonceUsed", long.engine, long.nonce)


@pytest.mark.parametrize("orders", [1, 2, 10])
def test_a_batch_that_may_skip_has_the_gas_to_open_all(world: World, orders: int) -> None:
    # A node's estimate for a batch that skips is so low that it would skip for want of gas.
    batch = predictions_of(world, *([Signal.STRONG_LONG, Signal.SHORT] * 5)[:orders])
    results = client_of(world).strike_batch(batch, world.engine, skip=True)
    assert [type(result) for result in results] == [StrikeOpened] * orders


# Settlements.


def test_a_batch_settles_each_in_order_in_one_transaction(world: World) -> None:
    client, ids = client_of(world), open_strikes(world, *Signal)
    ids = [ids[i] for i in (2, 0, 3, 1)]
    nonce = world.transport.nonce(world.operator.address)
    settled = client.settle_batch(ids, max_slippage_bps=0)

    assert world.transport.nonce(world.operator.address) == nonce + 1
    assert all(isinstance(each, StrikeSettled) for each in settled)
    assert [cast(StrikeSettled, each).strike_id for each in settled] == ids
    stats = client.stats()
    assert (stats.settled, stats.open) == (4, 0)
    assert stats.pnl == sum(cast(StrikeSettled, each).pnl for each in settled)


@pytest.mark.parametrize("skip", [False, True])
def test_settlements_have_limits_of_their_own(world: World, skip: bool) -> None:
    client, ids = client_of(world), open_strikes(world, Signal.LONG, Signal.SHORT)
    before = state_of(world)
    hard = client.quote_settlement(ids[0]) + 1
    if skip:
        first, second = client.settle_batch(ids, limit_amounts=[hard, 10**12], skip=True)
        assert_skipped(first, 0, SlippageExceeded(hard - 1, hard))
        assert isinstance(second, StrikeSettled)
        return
    with pytest.raises(SlippageExceeded):
        client.settle_batch(ids, limit_amounts=[hard, 10**12])
    assert state_of(world) == before
    settled = client.settle_batch(ids, limit_amounts=[hard - 1, 10**12])
    assert [cast(StrikeSettled, each).strike_id for each in settled] == ids


def test_every_settlement_has_its_limit_or_none_has(world: World) -> None:
    ids = open_strikes(world, Signal.LONG, Signal.SHORT)
    before = state_of(world)
    with pytest.raises(LengthMismatch) as refused:
        client_of(world).settle_batch(ids, limit_amounts=[1])
    assert (refused.value.strikes, refused.value.limits) == (2, 1)
    assert state_of(world) == before


def test_a_skip_settles_the_rest(world: World) -> None:
    client, ids = client_of(world), open_strikes(world, Signal.LONG, Signal.SHORT)
    before = state_of(world)
    batch = [ids[0], 99, ids[1], ids[0]]
    with pytest.raises(StrikeNotOpen) as refused:
        client.settle_batch(batch)
    assert refused.value.strike_id == 99
    assert state_of(world) == before

    results = client.settle_batch(batch, skip=True)
    assert_skipped(results[1], 1, StrikeNotOpen(99))
    assert_skipped(results[3], 3, StrikeNotOpen(ids[0]))
    assert isinstance(results[0], StrikeSettled)
    assert isinstance(results[2], StrikeSettled)
    assert client.open_strikes() == ()


def test_what_was_settled_meanwhile_is_said(world: World) -> None:
    ids = open_strikes(world, Signal.LONG, Signal.SHORT)
    client = interrupted(world, lambda: client_of(world).settle(ids[0]))
    first, second = client.settle_batch(ids, skip=True)
    assert_skipped(first, 0, StrikeNotOpen(ids[0]))
    assert isinstance(second, StrikeSettled)


def test_a_reader_sends_no_batches(world: World) -> None:
    reader = MacroStrike(world.transport, world.diamond)
    for skip in (False, True):
        with pytest.raises(SignerMissing):
            reader.strike_batch(predictions_of(world, Signal.LONG), world.engine, skip=skip)
        with pytest.raises(SignerMissing):
            reader.settle_batch([1], skip=skip)
