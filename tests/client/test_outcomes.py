"""What became of what was sent: by its hash, by the prediction's nonce, through any sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from eth_account import Account

from macrostrike import AsyncMacroStrike, MacroStrike, Signal
from macrostrike.chain import (
    AnvilTransport,
    Call,
    DirectSender,
    Outcome,
    Purpose,
    Receipt,
    Reverted,
    RpcTransport,
    Sender,
    Ticket,
)
from macrostrike.errors import (
    ConfidenceTooLow,
    InvalidPrediction,
    MacroStrikeError,
    NonceUsed,
    PredictionExpired,
    SignerMissing,
    SigningError,
    SlippageExceeded,
    TransactionNotMined,
)
from macrostrike.signing import prediction_digest, recover_engine, sign_prediction
from macrostrike.testing import World
from macrostrike.types import StrikeOpened, StrikeOrder
from tests import faults

from .support import client_of, owner_does, prediction_of

# Predictions by the chain's clock.


def test_a_prediction_is_valid_from_now_whatever_the_clock(world: World) -> None:
    client = client_of(world)
    world.transport.mine(10_000_000)  # months ahead of this machine
    prediction = client.prediction(world.engine, Signal.STRONG_LONG, confidence_bps=9500)
    assert prediction.engine == world.engine.address
    assert prediction.nonce == client.next_nonce(world.engine.address)
    assert prediction.valid_from <= world.transport.timestamp(pending=True)
    assert prediction.valid_until == world.transport.timestamp(pending=True) + 120
    opened = client.strike(prediction, world.engine)
    assert opened.nonce == prediction.nonce
    by_address = client.prediction(
        world.engine.address, Signal.SHORT, confidence_bps=9300, valid_for=30, nonce=77, market=0
    )
    assert (by_address.nonce, by_address.signal) == (77, Signal.SHORT)
    world.transport.mine(60)
    with pytest.raises(PredictionExpired):
        client.strike(by_address, world.engine)
    with pytest.raises(InvalidPrediction):
        client.prediction(world.engine, Signal.LONG, confidence_bps=10_001)


def test_many_strikes_at_once_each_have_their_own_result(world: World) -> None:
    client = client_of(world)
    first, second, third = (
        prediction_of(world, nonce=nonce, signal=Signal.LONG) for nonce in (7, 5, 6)
    )
    never = StrikeOrder(second, client._signature(second, world.engine), (1 << 256) - 1)
    refused = prediction_of(world, nonce=8, confidence_bps=9_299)
    results = client.strike_each([first, never, third, refused], world.engine)
    opened = [each for each in results if isinstance(each, StrikeOpened)]
    assert [results[0], results[2]] == opened
    assert [each.nonce for each in opened] == [7, 6]
    assert opened[1].strike_id < opened[0].strike_id, "the older one goes first"
    assert isinstance(results[1], SlippageExceeded)
    assert isinstance(results[3], ConfidenceTooLow)
    assert client.strike_each([]) == ()
    whole = StrikeOrder(refused, client._signature(refused, world.engine), 0)
    (failed,) = client.strike_each([whole])
    assert isinstance(failed, ConfidenceTooLow), "mined, and refused there"


# How it is sent.


def test_a_strike_and_its_settlement_are_quoted_and_not_estimated(world: World) -> None:
    if not isinstance(world.transport, AnvilTransport):
        pytest.skip("in process there are no requests")
    with faults.FaultProxy(world.transport.url) as proxy:
        client = MacroStrike(RpcTransport(proxy.url), world.diamond, world.operator)
        prediction = prediction_of(world)
        del proxy.seen[:]
        opened = client.strike(prediction, world.engine)
        terms = ["eth_getBlockByNumber", "eth_maxPriorityFeePerGas", "eth_getTransactionCount"]
        asked = ["eth_call", "batch", *terms, "eth_sendRawTransaction"]
        assert proxy.seen[: len(asked)] == asked
        assert set(proxy.seen[len(asked) :]) == {"eth_getTransactionReceipt"}
        client.settle(opened.strike_id)
        assert proxy.count("eth_estimateGas") == 0


def test_what_needs_more_gas_than_is_usual_is_estimated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macrostrike.client._core._PROBE_GAS", 60_000)
    monkeypatch.setattr("macrostrike.client._core.SWAP_GAS", 90_000)
    client = client_of(world)
    assert client.strike(prediction_of(world), world.engine).mined.gas_used > 90_000
    with pytest.raises(ConfidenceTooLow):
        client.strike(prediction_of(world, confidence_bps=9_299), world.engine)


# By hash.


def test_the_outcome_of_a_hash_is_what_the_chain_knows(world: World) -> None:
    client = client_of(world)
    unknown = client.outcome(b"\x77" * 32)
    assert (unknown.outcome, unknown.receipt, unknown.events) == (Outcome.UNKNOWN, None, ())

    prediction = prediction_of(world)
    opened = client.strike(prediction, world.engine)
    sent = client.outcome(opened.mined.transaction_hash)
    assert sent.outcome is Outcome.CONFIRMED
    assert sent.error is None
    assert [event.name for event in sent.events] == ["StrikeOpened"]
    assert sent.receipt is not None
    assert sent.receipt.gas_used == opened.mined.gas_used

    signature = sign_prediction(prediction, world.engine, client.transport.chain_id, client.diamond)
    again = client.submit("executeStrike", prediction, signature, 0, gas=2_000_000)
    with pytest.raises(Reverted):
        again.wait()
    failed = client.outcome(again.hash)
    assert failed.outcome is Outcome.CONFIRMED
    assert isinstance(failed.error, NonceUsed)
    assert failed.receipt is not None
    assert not failed.receipt.succeeded


def test_a_strike_whose_receipt_never_came_is_found_by_hash_and_by_nonce(world: World) -> None:
    if not isinstance(world.transport, AnvilTransport):
        pytest.skip("in process nothing gets lost")
    with faults.FaultProxy(world.transport.url) as proxy:
        transport = RpcTransport(proxy.url, mined_within=0.3, patience=0.1)
        client = MacroStrike(transport, world.diamond, world.operator)
        prediction = client.prediction(world.engine, Signal.LONG, confidence_bps=9500)
        proxy.rules += [
            faults.on("eth_sendRawTransaction", faults.drop_after),
            faults.on("eth_getTransactionReceipt", faults.status(502)),
        ]
        with pytest.raises(TransactionNotMined) as lost:
            client.strike(prediction, world.engine)
        proxy.rules.clear()
        sent = client.outcome(lost.value.transaction_hash)
        assert sent.outcome is Outcome.CONFIRMED
        opened = client.strike_of(prediction.engine, prediction.nonce)
        assert opened is not None
        assert opened.mined.transaction_hash == lost.value.transaction_hash
        # A bot that tries again has one position, and gets the reason.
        with pytest.raises(NonceUsed):
            client.strike(prediction, world.engine)
        assert client.open_strikes() == (opened.strike_id,)


# By nonce.


def test_a_strike_is_found_by_its_prediction_open_or_settled(world: World) -> None:
    client = client_of(world)
    first, second = (prediction_of(world, nonce=nonce) for nonce in (5, 9))
    opened = [client.strike(each, world.engine) for each in (first, second)]
    assert client.strike_of(world.engine.address, 5) == opened[0]
    client.settle(opened[0].strike_id)
    world.transport.mine()
    assert client.strike_of(world.engine.address, 5) == opened[0]
    assert client.strike_of(world.engine.address, 9) == opened[1]
    for nonce in (1, 7, 10):
        assert client.strike_of(world.engine.address, nonce) is None
    assert client.strike_of(world.operator.address, 5) is None
    later = MacroStrike(world.transport, world.diamond, first_block=opened[1].mined.block_number)
    assert later.strike_of(world.engine.address, 9) == opened[1]


# Senders.


@dataclass
class Recording:
    """A sender that writes down what passes."""

    inner: Sender
    purposes: list[Purpose | None] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.inner.address

    def submit(
        self,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        gas: int | None = None,
        purpose: Purpose | None = None,
    ) -> Ticket:
        self.purposes.append(purpose)
        return self.inner.submit(to, data, value=value, gas=gas, purpose=purpose)

    def submit_many(self, calls: Sequence[Call]) -> Sequence[Ticket | MacroStrikeError]:
        self.purposes += [call.purpose for call in calls]
        return self.inner.submit_many(calls)

    def wait_many(self, tickets: Sequence[Ticket]) -> Sequence[Receipt | MacroStrikeError]:
        return self.inner.wait_many(tickets)


@pytest.fixture
def recording(world: World) -> Recording:
    client_of(world)
    return Recording(DirectSender(world.transport, world.operator))


def test_every_transaction_goes_through_the_sender_with_its_purpose(
    world: World, recording: Recording
) -> None:
    owner_does(world, "setOperator", world.operator.address, 2**40 - 1, 15, 2**60)
    client = MacroStrike(world.transport, world.diamond, sender=recording)
    assert client.address == world.operator.address
    prediction = prediction_of(world)
    opened = client.strike(prediction, world.engine)
    client.settle(opened.strike_id)
    batch = [prediction_of(world, nonce=prediction.nonce + each) for each in (1, 2)]
    several = client.strike_batch(batch, world.engine)
    client.settle_batch([each.strike_id for each in several])  # type: ignore[union-attr]
    client.rebalance([1] * 25)
    assert [each and each.action for each in recording.purposes] == [
        "executeStrike",
        "settleStrike",
        "executeStrikes",
        "settleStrikes",
        "rebalance",
    ]
    digest = prediction_digest(prediction, world.transport.chain_id, world.diamond)
    assert recording.purposes[0] == Purpose(
        "executeStrike", digest, prediction.engine, prediction.nonce
    )


def test_without_a_sender_nothing_is_sent(world: World) -> None:
    reader = MacroStrike(world.transport, world.diamond)
    assert reader.address is None
    with pytest.raises(SignerMissing):
        reader.submit("rebalanceByPerformance")


async def _awaited(client: AsyncMacroStrike, world: World) -> None:
    prediction = await client.prediction(world.engine, Signal.LONG, confidence_bps=9500)
    opened = await client.strike(prediction, world.engine)
    assert await client.strike_of(prediction.engine, prediction.nonce) == opened
    assert (await client.outcome(opened.mined.transaction_hash)).receipt is not None


def test_awaited_it_is_the_same(world: World) -> None:
    import asyncio

    asyncio.run(_awaited(AsyncMacroStrike(client_of(world)), world))


# Signatures and signers (N11, N16, D16).


def test_a_signature_may_come_in_any_shape(world: World) -> None:
    client = client_of(world)
    prediction = prediction_of(world)
    domain = (client.transport.chain_id, client.diamond)
    signature = sign_prediction(prediction, world.engine, *domain)
    low_v = signature[:-1] + bytes([signature[-1] - 27])
    quoted = client.quote_strike(prediction, signature)
    for shape in (
        bytearray(signature),
        memoryview(signature),
        "0x" + signature.hex(),
        signature.hex(),
        low_v,
        "0X" + low_v.hex().upper(),
    ):
        assert client.quote_strike(prediction, shape) == quoted

    @dataclass
    class Parts:
        """As Ape gives it."""

        v: int
        r: bytes
        s: bytes

    class Device:
        """A hardware wallet, or an account of Ape's."""

        def __init__(self, v: int) -> None:
            self.v = v

        def sign_message(self, _: object) -> Parts:
            return Parts(self.v, signature[:32], signature[32:64])

    for v in (signature[-1], signature[-1] - 27):
        assert sign_prediction(prediction, Device(v), *domain) == signature
    # Of another engine's it is not known what v means there.
    other = replace(prediction, engine=Account.create().address)
    assert sign_prediction(other, Device(0), *domain)[-1] == 0
    assert recover_engine(prediction, signature, *domain) == prediction.engine


def test_what_is_not_a_signature_is_named_without_being_shown(world: World) -> None:
    client, prediction = client_of(world), prediction_of(world)
    for wrong in ("0xzz", 7, None):
        with pytest.raises(SigningError):
            client.quote_strike(prediction, wrong)  # type: ignore[arg-type]


def test_a_key_is_not_a_signer_and_is_not_shown(world: World) -> None:
    key = "0x" + "5e" * 32
    with pytest.raises(SigningError, match=r"from_key") as refused:
        MacroStrike(world.transport, world.diamond, key)  # type: ignore[arg-type]
    assert "5e5e" not in str(refused.value) + repr(refused.value)


def test_numbers_of_numpy_are_numbers(world: World) -> None:
    client = client_of(world)
    prediction = client.prediction(
        world.engine,
        Signal.LONG,
        confidence_bps=np.int64(9500),
        horizon=np.uint16(600),  # type: ignore[arg-type]
    )
    assert type(prediction.confidence_bps) is int
    assert client.strike(prediction, world.engine).strike_id > 0
    with pytest.raises(InvalidPrediction):
        client.prediction(world.engine, Signal.LONG, confidence_bps=True)
