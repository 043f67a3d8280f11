"""Every gate that refuses a strike: the chain's own error, nothing sent, nothing changed.

Each case is told three ways that must agree: by the check without a signature (as far as that
goes), by the check with one, and by the strike itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from macrostrike import (
    MacroStrike,
    Prediction,
    RevmTransport,
    Signal,
    Strategy,
    sign_prediction,
    strategy_mask,
)
from macrostrike.abi import diamond_abi
from macrostrike.chain import Reverted
from macrostrike.errors import (
    ActionNotAllowed,
    BudgetExceeded,
    CallbackAmountExceeded,
    CapExceeded,
    ConfidenceOutOfRange,
    ConfidenceTooLow,
    ContractError,
    CooldownActive,
    EnforcedPause,
    EngineNotActive,
    FleetHalted,
    GateError,
    InvalidHorizon,
    InvalidSignature,
    InvalidStopLoss,
    MalformedSignature,
    MarketNotEnabled,
    NegativeExpectation,
    NonceUsed,
    NoParticipants,
    NotInitialized,
    NotOperator,
    OracleDeviation,
    OracleUnavailable,
    PredictionExpired,
    PredictionNotYetValid,
    SideNotAllowed,
    SlippageExceeded,
    TooManyOpenStrikes,
    UnknownMarket,
)
from macrostrike.reverts import decode_revert
from macrostrike.testing import World
from macrostrike.types import Action

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


@dataclasses.dataclass(frozen=True)
class Attempt:
    """A strike that is tried, and what refuses it."""

    prediction: Prediction
    error: ContractError
    client: MacroStrike


Case = Callable[[World], Attempt]


def attempt(world: World, error: ContractError, **changes: object) -> Attempt:
    return Attempt(prediction_of(world, **changes), error, client_of(world))


def next_time(world: World) -> int:
    return world.transport.timestamp(pending=True)


# What the check without a signature knows too.


def paused(world: World) -> Attempt:
    owner_does(world, "pause")
    return attempt(world, EnforcedPause())


def halted(world: World) -> Attempt:
    client = client_of(world)
    # Opening and closing at one price loses the fees: seven losses in forty trip the breaker.
    for _ in range(7):
        client.settle(client.strike(prediction_of(world), world.engine).strike_id)
    assert client.stats().halted
    return attempt(world, FleetHalted())


def no_operator(world: World) -> Attempt:
    error = NotOperator(STRANGER.address, 0)
    return Attempt(prediction_of(world), error, client_of(world, STRANGER))


def expired_operator(world: World) -> Attempt:
    until = world.transport.timestamp() + 100
    owner_does(world, "setOperator", STRANGER.address, until, Action.STRIKE, 10**12)
    world.transport.mine(100)
    error = NotOperator(STRANGER.address, until)
    return Attempt(prediction_of(world), error, client_of(world, STRANGER))


def operator_without_the_action(world: World) -> Attempt:
    owner_does(world, "setOperator", STRANGER.address, FOREVER, Action.SETTLE, 10**12)
    error = ActionNotAllowed(STRANGER.address, Action.STRIKE, Action.SETTLE)
    return Attempt(prediction_of(world), error, client_of(world, STRANGER))


def revoked_engine(world: World) -> Attempt:
    owner_does(world, "revokeEngine", world.engine.address)
    return attempt(world, EngineNotActive(world.engine.address, 0))


def not_yet_valid(world: World) -> Attempt:
    start = next_time(world) + 1
    error = PredictionNotYetValid(start, start - 1)
    return attempt(world, error, valid_from=start, valid_until=start)


def expired(world: World) -> Attempt:
    end = next_time(world) - 1
    return attempt(world, PredictionExpired(end, end + 1), valid_until=end)


def reused_nonce(world: World) -> Attempt:
    opened = client_of(world).strike(prediction_of(world), world.engine)
    error = NonceUsed(world.engine.address, opened.nonce)
    return attempt(world, error, nonce=opened.nonce)


def nonce_out_of_the_window(world: World) -> Attempt:
    client_of(world).strike(prediction_of(world, nonce=1000), world.engine)
    return attempt(world, NonceUsed(world.engine.address, 872), nonce=872)


def under_93_percent(world: World) -> Attempt:
    return attempt(world, ConfidenceTooLow(9299, 9300), confidence_bps=9299)


def under_a_raised_threshold(world: World) -> Attempt:
    owner_does(world, "setThreshold", 9600)
    return attempt(world, ConfidenceTooLow(9599, 9600), confidence_bps=9599)


def unknown_market(world: World) -> Attempt:
    return attempt(world, UnknownMarket(1), market=1)


def disabled_market(world: World) -> Attempt:
    owner_does(world, "disableMarket", 0)
    return attempt(world, MarketNotEnabled(0))


def rules_with(world: World, **changes: Any) -> None:
    rules = client_of(world).market(0).rules
    owner_does(world, "updateMarket", 0, dataclasses.replace(rules, **changes))


def no_longs(world: World) -> Attempt:
    rules_with(world, longs=False)
    return attempt(world, SideNotAllowed(0, True))


def no_shorts(world: World) -> Attempt:
    rules_with(world, shorts=False)
    return attempt(world, SideNotAllowed(0, False), signal=Signal.SHORT)


def cooling_down(world: World) -> Attempt:
    rules_with(world, cooldown=60)
    opened = client_of(world).strike(prediction_of(world), world.engine)
    return attempt(world, CooldownActive(0, opened.mined.timestamp + 60))


TOLD_WITHOUT_SIGNATURE: list[Case] = [
    paused,
    halted,
    no_operator,
    expired_operator,
    operator_without_the_action,
    revoked_engine,
    not_yet_valid,
    expired,
    reused_nonce,
    nonce_out_of_the_window,
    under_93_percent,
    under_a_raised_threshold,
    unknown_market,
    disabled_market,
    no_longs,
    no_shorts,
    cooling_down,
]


# What takes the chain itself to know.


def nobody_takes_part(world: World) -> Attempt:
    for bot in range(25):
        config = client_of(world).bot(bot).config
        owner_does(world, "configureBot", bot, type(config)(risk_bps=1, active=False))
    return attempt(world, NoParticipants())


def over_the_strike_cap(world: World) -> Attempt:
    rules_with(world, max_strike_lots=10)
    return attempt(world, CapExceeded("strike", -1, 10))


def over_the_open_cap(world: World) -> Attempt:
    lots = sum(client_of(world).strike(prediction_of(world), world.engine).lots)
    rules_with(world, max_open_lots=lots + 10)
    return attempt(world, CapExceeded("open", -1, 10))


def over_the_day_cap(world: World) -> Attempt:
    rules_with(world, max_day_lots=10)
    return attempt(world, CapExceeded("day", -1, 10))


def all_slots_open(world: World) -> Attempt:
    client = client_of(world)
    for _ in range(64):
        mask = strategy_mask(Strategy.MARKET_MAKING)
        client.strike(prediction_of(world, strategies=mask), world.engine, limit_amount=1)
    return attempt(world, TooManyOpenStrikes())


def no_inventory_to_sell(world: World) -> Attempt:
    base = client_of(world).market(0).base
    held = client_of(world).call("inventoryOf", base)
    owner_does(world, "withdrawInventory", base, held, world.owner.address)
    return attempt(world, CallbackAmountExceeded(-1, 0), signal=Signal.SHORT)


def an_oracle_without_history(world: World) -> Attempt:
    world.venues.remember(1000)
    rules_with(world, oracle_window=5000)
    return attempt(world, OracleUnavailable(0))


def over_the_budget(world: World) -> Attempt:
    owner_does(world, "setOperator", world.operator.address, FOREVER, 3, 1000)
    return attempt(world, BudgetExceeded(world.operator.address, -1, 1000))


def far_from_the_oracle(world: World) -> Attempt:
    world.venues.move_price(Decimal("1640"))
    return attempt(world, OracleDeviation(0, -1, -1))


TOLD_BY_THE_CHAIN: list[Case] = [
    nobody_takes_part,
    over_the_strike_cap,
    over_the_open_cap,
    over_the_day_cap,
    all_slots_open,
    over_the_budget,
    no_inventory_to_sell,
    an_oracle_without_history,
    far_from_the_oracle,
]


def assert_alike(error: ContractError, expected: ContractError) -> None:
    """Same class, same values; -1 stands for a value that only the chain can know."""
    assert type(error) is type(expected)
    assert isinstance(error, GateError)
    for name, value in vars(expected).items():
        if value != -1:
            assert getattr(error, name) == value


@pytest.mark.parametrize("case", TOLD_WITHOUT_SIGNATURE + TOLD_BY_THE_CHAIN)
def test_a_gate_refuses_with_its_own_error(world: World, case: Case) -> None:
    tried = case(world)
    before = state_of(world)
    for check in (
        lambda: tried.client.pre_check(tried.prediction, world.engine),
        lambda: tried.client.quote_strike(tried.prediction, world.engine),
        lambda: tried.client.strike(tried.prediction, world.engine),
        lambda: tried.client.strike(tried.prediction, world.engine, limit_amount=1),
    ):
        with pytest.raises(type(tried.error)) as refused:
            check()
        assert_alike(refused.value, tried.error)
    assert state_of(world) == before


@pytest.mark.parametrize("case", TOLD_WITHOUT_SIGNATURE)
def test_the_check_without_a_signature_says_the_same(world: World, case: Case) -> None:
    tried = case(world)
    with pytest.raises(type(tried.error)) as refused:
        tried.client.pre_check(tried.prediction)
    assert_alike(refused.value, tried.error)


@pytest.mark.parametrize("case", [paused, under_93_percent, reused_nonce])
def test_the_chain_refuses_also_what_is_sent_unchecked(world: World, case: Case) -> None:
    tried = case(world)
    signature = sign_prediction(
        tried.prediction, world.engine, world.transport.chain_id, world.diamond
    )
    data = diamond_abi().encode_call("executeStrike", tried.prediction, signature, 1)
    before = books_of(world)
    with pytest.raises(Reverted) as failed:
        world.transport.send(world.operator, world.diamond, data, gas=1_000_000)
    assert_alike(decode_revert(failed.value.data), tried.error)
    assert books_of(world) == before


def test_at_the_boundaries_a_strike_passes(world: World) -> None:
    now = next_time(world)
    owner_does(world, "setThreshold", 9600)
    now = next_time(world)
    prediction = prediction_of(world, confidence_bps=9600, valid_from=now, valid_until=now)
    client_of(world).pre_check(prediction)
    client_of(world).pre_check(prediction, world.engine)
    assert client_of(world).strike(prediction, world.engine).mined.timestamp == now


def test_the_first_gate_that_refuses_is_the_one_told(world: World) -> None:
    # Wrong in every way that can be had at once; mended one by one, in the order of the gates.
    start = next_time(world) + 10_000
    changes: dict[str, object] = {
        "engine": STRANGER.address,
        "valid_from": start,
        "valid_until": start,
        "nonce": 1,
        "confidence_bps": 9200,
        "market": 9,
    }
    client_of(world).strike(prediction_of(world, nonce=1), world.engine)
    owner_does(world, "pause")
    told = []
    mends: list[tuple[str, Callable[[], object]]] = [
        ("EnforcedPause", lambda: owner_does(world, "unpause")),
        ("EngineNotActive", lambda: changes.pop("engine")),
        ("PredictionNotYetValid", lambda: (changes.pop("valid_from"), changes.pop("valid_until"))),
        ("NonceUsed", lambda: changes.pop("nonce")),
        ("ConfidenceTooLow", lambda: changes.pop("confidence_bps")),
        ("UnknownMarket", lambda: changes.pop("market")),
    ]
    for _, mend in mends:
        prediction = prediction_of(world, **changes)
        with pytest.raises(GateError) as local:
            client_of(world).pre_check(prediction)
        signer = STRANGER if prediction.engine == STRANGER.address else world.engine
        with pytest.raises(GateError) as chain:
            client_of(world).strike(prediction, signer)
        assert repr(local.value) == repr(chain.value)
        told.append(type(local.value).__name__)
        mend()
    assert told == [name for name, _ in mends]
    assert client_of(world).strike(prediction_of(world, **changes), world.engine).strike_id == 2


# Signatures.


def test_another_key_is_named(world: World) -> None:
    before = state_of(world)
    with pytest.raises(InvalidSignature) as refused:
        client_of(world).strike(prediction_of(world), STRANGER)
    assert refused.value.engine == world.engine.address
    assert refused.value.recovered == STRANGER.address
    assert state_of(world) == before


@pytest.mark.parametrize("elsewhere", ["chain", "diamond", "prediction"])
def test_a_signature_for_something_else_is_refused(world: World, elsewhere: str) -> None:
    prediction, before = prediction_of(world), state_of(world)
    signed = prediction_of(world, horizon=1) if elsewhere == "prediction" else prediction
    chain_id = 1 if elsewhere == "chain" else world.transport.chain_id
    diamond = STRANGER.address if elsewhere == "diamond" else world.diamond
    signature = sign_prediction(signed, world.engine, chain_id, diamond)
    with pytest.raises(InvalidSignature) as refused:
        client_of(world).strike(prediction, signature)
    assert refused.value.engine == world.engine.address
    assert refused.value.recovered != world.engine.address
    assert state_of(world) == before


def high_s(signature: bytes) -> bytes:
    """The other signature that the same key and message have, which ECDSA allows and we do not."""
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    s = order - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda signature: b"",
        lambda signature: signature[:64],
        lambda signature: signature + b"\0",
        lambda signature: bytes(65),
        high_s,
    ],
)
def test_bytes_that_are_no_signature_are_refused(
    world: World, spoil: Callable[[bytes], bytes]
) -> None:
    prediction, before = prediction_of(world), state_of(world)
    good = sign_prediction(prediction, world.engine, world.transport.chain_id, world.diamond)
    with pytest.raises(MalformedSignature) as refused:
        client_of(world).strike(prediction, spoil(good))
    assert refused.value.length == len(spoil(good))
    assert state_of(world) == before


# What the client lets nobody make is refused by the chain too.


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
    assert_alike(refused.value, error)
    assert state_of(world) == before


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"horizon": 14_401}, InvalidHorizon(14_401, 14_400)),
        ({"stop_loss_bps": 301}, InvalidStopLoss(301, 300)),
        (
            {"confidence_bps": 9500, "take_profit_bps": 5, "stop_loss_bps": 95},
            NegativeExpectation(9500, 5, 95),
        ),
    ],
)
def test_barriers_are_checked_with_and_without_the_chain(
    world: World, changes: dict[str, int], error: ContractError
) -> None:
    client, prediction = client_of(world), prediction_of(world, **changes)
    for check in (client.pre_check, lambda p: client.strike(p, world.engine)):
        with pytest.raises(type(error)) as refused:
            check(prediction)
        assert_alike(refused.value, error)


@pytest.mark.parametrize("signal", Signal)
def test_huge_and_zero_limits_are_refused_or_are_no_limits(world: World, signal: Signal) -> None:
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
    prediction = Prediction(
        engine=STRANGER.address,
        nonce=1,
        market=0,
        signal=Signal.LONG,
        confidence_bps=9300,
        valid_from=0,
        valid_until=FOREVER,
        horizon=1,
        stop_loss_bps=1,
    )
    for signature in (None, STRANGER):
        with pytest.raises(NotInitialized):
            client.pre_check(prediction, signature)
