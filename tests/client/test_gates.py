"""Gates by the client, in process and on a node: the chain's own error, nothing sent or changed.

Each gate by itself, and their order, are in `test_verdicts`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from macrostrike import (
    MacroStrike,
    Prediction,
    RevmTransport,
    Signal,
    sign_prediction,
)
from macrostrike.abi import diamond_abi
from macrostrike.chain import Reverted
from macrostrike.errors import (
    ConfidenceOutOfRange,
    ConfidenceTooLow,
    ContractError,
    EnforcedPause,
    InvalidHorizon,
    InvalidSignature,
    InvalidStopLoss,
    NonceUsed,
    NoParticipants,
    NotInitialized,
    OracleDeviation,
    SlippageExceeded,
)
from macrostrike.reverts import decode_revert
from macrostrike.testing import World

from ..gates import ANY, assert_is
from ..predictions import prediction
from .support import (
    STRANGER,
    bare_diamond,
    books_of,
    client_of,
    owner_does,
    prediction_of,
    state_of,
    unchecked,
)

FOREVER = 4_000_000_000
MAX = (1 << 256) - 1


Shut = Callable[[World], tuple[Prediction, ContractError]]


def next_time(world: World) -> int:
    return world.transport.timestamp(pending=True)


def paused(world: World) -> tuple[Prediction, ContractError]:
    owner_does(world, "pause")
    return prediction_of(world), EnforcedPause()


def under_93_percent(world: World) -> tuple[Prediction, ContractError]:
    return prediction_of(world, confidence_bps=9299), ConfidenceTooLow(9299, 9300)


def reused_nonce(world: World) -> tuple[Prediction, ContractError]:
    opened = client_of(world).strike(prediction_of(world), world.engine)
    error = NonceUsed(world.engine.address, opened.nonce)
    return prediction_of(world, nonce=opened.nonce), error


def far_from_the_oracle(world: World) -> tuple[Prediction, ContractError]:
    world.venues.move_price(Decimal("1640"))
    return prediction_of(world), OracleDeviation(0, ANY, ANY)


@pytest.mark.parametrize("shut", [paused, under_93_percent, reused_nonce, far_from_the_oracle])
def test_a_gate_refuses_with_its_own_error_however_it_is_asked(world: World, shut: Shut) -> None:
    prediction, error = shut(world)
    client, before = client_of(world), state_of(world)
    for check in (
        lambda: client.pre_check(prediction, world.engine),
        lambda: client.quote_strike(prediction, world.engine),
        lambda: client.strike(prediction, world.engine),
        lambda: client.strike(prediction, world.engine, limit_amount=1),
    ):
        with pytest.raises(type(error)) as refused:
            check()
        assert_is(refused.value, error)
    assert state_of(world) == before
    # What is sent unchecked is refused by the chain itself.
    signature = sign_prediction(prediction, world.engine, world.transport.chain_id, world.diamond)
    data = diamond_abi().encode_call("executeStrike", prediction, signature, 1)
    books = books_of(world)
    with pytest.raises(Reverted) as failed:
        world.transport.send(world.operator, world.diamond, data, gas=1_000_000)
    assert_is(decode_revert(failed.value.data), error)
    assert books_of(world) == books


def test_at_the_boundaries_a_strike_passes(world: World) -> None:
    now = next_time(world)
    owner_does(world, "setThreshold", 9600)
    now = next_time(world)
    prediction = prediction_of(world, confidence_bps=9600, valid_from=now, valid_until=now)
    client_of(world).pre_check(prediction)
    client_of(world).pre_check(prediction, world.engine)
    assert client_of(world).strike(prediction, world.engine).mined.timestamp == now


# Signatures.


def test_another_key_is_named(world: World) -> None:
    before = state_of(world)
    with pytest.raises(InvalidSignature) as refused:
        client_of(world).strike(prediction_of(world), STRANGER)
    assert refused.value.engine == world.engine.address
    assert refused.value.recovered == STRANGER.address
    assert state_of(world) == before


# What the client lets no one make is refused by the chain too.


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"confidence_bps": 10_001}, ConfidenceOutOfRange(10_001)),
        ({"confidence_bps": 65_535}, ConfidenceOutOfRange(65_535)),
        ({"horizon": 0}, InvalidHorizon(0, 14_400)),
        ({"stop_loss_bps": 10_000}, InvalidStopLoss(10_000, 300)),
        ({"strategies": 0}, NoParticipants()),
        ({"strategies": 0b11100000}, NoParticipants()),
    ],
)
def test_impossible_predictions_are_refused_by_the_chain(
    world: World, changes: dict[str, int], error: ContractError
) -> None:
    before = state_of(world)
    with pytest.raises(type(error)) as refused:
        client_of(world).strike(unchecked(prediction_of(world), **changes), world.engine)
    assert_is(refused.value, error)
    assert state_of(world) == before


@pytest.mark.parametrize("signal", Signal)
def test_huge_and_zero_limits_are_refused_or_are_not_limits(world: World, signal: Signal) -> None:
    client, before = client_of(world), state_of(world)
    hardest, softest = (MAX, 0) if signal.is_long else (0, MAX)
    with pytest.raises(SlippageExceeded):
        client.strike(prediction_of(world, signal=signal), world.engine, limit_amount=hardest)
    assert state_of(world) == before
    prediction = prediction_of(world, signal=signal)
    strike_id = client.strike(prediction, world.engine, limit_amount=softest).strike_id
    with pytest.raises(SlippageExceeded):
        client.settle(strike_id, limit_amount=hardest)
    assert client.settle(strike_id, limit_amount=softest).strike_id == strike_id


def test_a_diamond_without_fleet_is_not_initialised() -> None:
    chain = RevmTransport()
    client = MacroStrike(chain, bare_diamond(chain, STRANGER), STRANGER)
    said = prediction(STRANGER.address)
    for signature in (None, STRANGER):
        with pytest.raises(NotInitialized):
            client.pre_check(said, signature)
