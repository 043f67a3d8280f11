"""What the client says of a deployed diamond, how it connects, and what it refuses."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from macrostrike import (
    MacroStrike,
    Manifest,
    Signal,
    Strategy,
)
from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.errors import (
    AbiError,
    DiamondMissing,
    InvalidValue,
    ManifestError,
    NodeUnavailable,
    NonceUsed,
    NotOwner,
    SignerMissing,
    StrikeNotFound,
    StrikeNotOpen,
    UnknownBot,
    UnknownMarket,
    WrongChain,
)
from macrostrike.testing import World
from macrostrike.types import Action, CalibrationBin

from .support import STRANGER, client_of, owner_does, prediction_of


@pytest.fixture
def client(world: World) -> MacroStrike:
    return client_of(world)


def test_the_score_is_said_by_signal_strategy_and_bin(world: World) -> None:
    client = client_of(world)
    for signal in Signal:
        opened = client.strike(prediction_of(world, signal=signal, model_id=3), world.engine)
        client.settle(opened.strike_id)
    stats, by_signal, by_strategy = client.stats(), client.signal_stats(), client.strategy_stats()
    assert list(by_signal) == list(Signal)
    assert list(by_strategy) == list(Strategy)
    assert [part.settled for part in by_signal.values()] == [1, 1, 1, 1]
    assert sum(part.loss for part in by_signal.values()) == stats.loss
    assert sum(part.equity for part in by_strategy.values()) == stats.equity
    assert {part.settled for part in by_strategy.values()} == {4}
    bins = client.calibration(3)
    assert len(bins) == 7
    assert isinstance(bins[0], CalibrationBin)
    assert (bins[0].settled, bins[0].wins) == (4, stats.wins)
    assert bins[0].brier_score == Decimal("0.8649")  # 0.93 squared: all four lost their fees
    assert len(bins[0].factor_bps) == 4


def test_the_fleet_is_said(client: MacroStrike, world: World) -> None:
    bots = client.bots()
    assert len(bots) == 25
    assert [bot.strategy for bot in bots] == [Strategy(i // 5) for i in range(25)]
    assert client.bot(7) == bots[7]
    assert sum(bot.equity for bot in bots) == client.stats().equity
    assert all(bot.free == bot.equity - bot.locked for bot in bots)
    with pytest.raises(UnknownBot) as refused:
        client.bot(25)
    assert refused.value.bot == 25


def test_markets_are_said(client: MacroStrike, world: World) -> None:
    (entry,) = world.manifest.markets
    market = client.market(entry.id)
    assert (market.base, market.pool, market.factory) == (
        entry.base.address,
        entry.pool,
        entry.factory,
    )
    assert str(market.venue) == entry.venue
    assert market.enabled
    assert client.markets() == (market,)
    with pytest.raises(UnknownMarket) as refused:
        client.market(9)
    assert refused.value.market == 9


def test_capital_and_roles_are_said(client: MacroStrike, world: World) -> None:
    assert client.treasury().quote == world.manifest.quote.address
    grant = client.operator(world.operator.address)
    assert Action.STRIKE | Action.SETTLE in grant.actions
    assert grant.available == grant.daily_budget > 0
    opened = client.strike(prediction_of(world), world.engine)
    left = client.operator(world.operator.address)
    assert left.available == left.daily_budget - opened.notional  # a book unit is a raw unit here
    assert client.operator(STRANGER.address).valid_until == 0
    assert client.engine(world.engine.address).highest_nonce == opened.nonce
    assert client.next_nonce(world.engine.address) == opened.nonce + 1
    assert client.engine(STRANGER.address).valid_until == 0


def test_the_threshold_and_the_pause_are_said(client: MacroStrike, world: World) -> None:
    assert (client.threshold(), client.is_paused()) == (9300, False)
    owner_does(world, "setThreshold", 9500)
    owner_does(world, "pause")
    assert (client.threshold(), client.is_paused()) == (9500, True)


def test_a_strike_that_the_chain_has_not_is_said(client: MacroStrike, world: World) -> None:
    with pytest.raises(StrikeNotFound, match="#7777 on chain: none was opened yet"):
        client.get_strike(7777)
    opened = client.strike(prediction_of(world), world.engine)
    assert client.get_strike(opened.strike_id).is_open
    for strike_id in (0, opened.strike_id + 1, 7777):
        with pytest.raises(StrikeNotFound, match=r"ids go from 1 to \d+") as unknown:
            client.get_strike(strike_id)
        assert unknown.value.strike_id == strike_id
        with pytest.raises(StrikeNotOpen):  # as the chain refuses it
            client.settle(strike_id)


def test_without_a_signer_it_quotes_as_the_manifests_operator(
    client: MacroStrike, world: World
) -> None:
    reader = MacroStrike(world.transport, world.diamond)
    reader.asks_for = world.manifest.operators[0]
    prediction = prediction_of(world)
    reader.pre_check(prediction)
    reader.pre_check(prediction, world.engine)
    assert reader.quote_strike(prediction, world.engine) > 0
    opened = client.strike(prediction, world.engine)
    assert reader.quote_settlement(opened.strike_id) == client.quote_settlement(opened.strike_id)
    with pytest.raises(NonceUsed):
        reader.pre_check(prediction)
    with pytest.raises(SignerMissing):
        reader.settle(opened.strike_id)


def test_a_reader_needs_no_signer(world: World) -> None:
    reader = MacroStrike(world.transport, world.diamond)
    assert reader.stats().open == 0
    assert reader.markets()
    for sends in (
        lambda: reader.strike(prediction_of(world), world.engine),
        lambda: reader.settle(1),
        lambda: reader.pre_check(prediction_of(world)),
        lambda: reader.transact("pause"),
    ):
        with pytest.raises(SignerMissing):
            sends()


# Anything else.


def test_any_function_can_be_sent_and_its_events_read(world: World) -> None:
    receipt = owner_does(world, "setThreshold", 9400)
    (event,) = client_of(world).events(receipt.logs)
    assert event.name == "ThresholdSet"
    assert dict(event.args) == {"threshold_bps": 9400, "by": world.owner.address}


def test_events_of_others_are_left_out(world: World) -> None:
    client = client_of(world)
    opened = client.strike(prediction_of(world), world.engine)
    logs = world.transport.logs(from_block=opened.mined.block_number)
    assert len(logs) > 1
    assert [event.name for event in client.events(logs)] == ["StrikeOpened"]


def test_what_a_stranger_sends_is_refused_before_it_is_sent(world: World) -> None:
    stranger = client_of(world, STRANGER)
    block, nonce = world.transport.block_number(), world.transport.nonce(STRANGER.address)
    with pytest.raises(NotOwner) as refused:
        stranger.transact("unpause")
    assert (refused.value.caller, refused.value.owner) == (STRANGER.address, world.owner.address)
    assert world.transport.block_number() == block
    assert world.transport.nonce(STRANGER.address) == nonce


def test_a_function_that_is_none_is_refused(client: MacroStrike) -> None:
    with pytest.raises(AbiError, match="noSuchFunction"):
        client.call("noSuchFunction")
    with pytest.raises(AbiError, match="noSuchFunction"):
        client.transact("noSuchFunction")


# Connecting.


on_anvil = pytest.mark.parametrize("_chain", ["anvil"], indirect=True, scope="session")


def url_of(world: World) -> str:
    assert isinstance(world.transport, AnvilTransport)
    return world.transport.url


@on_anvil
def test_a_manifest_and_a_url_are_all_it_takes(world: World, tmp_path: object) -> None:
    path = f"{tmp_path}/macrostrike.json"
    world.manifest.save(path)
    for manifest in (path, world.manifest):
        client = MacroStrike.connect(manifest, rpc_url=url_of(world), signer=world.operator)
        assert client.strike(prediction_of(world), world.engine).strike_id > 0


@on_anvil
def test_connecting_says_what_is_wrong(world: World) -> None:
    manifest, url = world.manifest, url_of(world)
    with pytest.raises(ManifestError):
        MacroStrike.connect("/nowhere/macrostrike.json", rpc_url=url)
    with pytest.raises(NodeUnavailable):
        MacroStrike.connect(manifest, rpc_url="http://127.0.0.1:1")
    with pytest.raises(WrongChain):
        MacroStrike.connect(manifest.model_copy(update={"chain_id": 1}), rpc_url=url)


@on_anvil
def test_a_chain_that_was_started_afresh_is_noticed(world: World) -> None:
    with start_anvil() as url, pytest.raises(DiamondMissing) as failure:
        MacroStrike.connect(world.manifest, rpc_url=url)
    assert failure.value.diamond == world.diamond


def test_a_diamond_must_be_an_address(world: World) -> None:
    with pytest.raises(InvalidValue, match="diamond"):
        MacroStrike(world.transport, "0x12")


def test_a_prediction_is_a_value(world: World) -> None:
    prediction = prediction_of(world)
    same = dataclasses.replace(prediction)
    assert same is not prediction
    assert same == prediction
    assert hash(same) == hash(prediction)
    assert isinstance(world.manifest, Manifest)
