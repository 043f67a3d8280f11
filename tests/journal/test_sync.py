"""The index follows the chain: events, blocks, and the rows that follow from them."""

from __future__ import annotations

import pytest

from macrostrike.chain import AnvilTransport, RevmTransport, RpcTransport, start_anvil
from macrostrike.journal import (
    Books,
    ChainUnsteady,
    IntentState,
    Journal,
    JournalMismatch,
    NewIntent,
    ReorgTooDeep,
    StrikeState,
    SyncReport,
    _index,
)
from macrostrike.journal._tables import WINDOW

from ..faults import Exchange, FaultProxy, Reply
from ..unit.scene import ZERO, Scene, deploy_scene


@pytest.fixture(scope="module")
def _scene() -> Scene:
    return deploy_scene(RevmTransport())


@pytest.fixture
def scene(_scene: Scene) -> Scene:
    with _scene.undone():
        yield _scene


def synced(journal: Journal, scene: Scene) -> SyncReport:
    return journal.sync(scene.chain, scene.diamond, 0)


def assert_as_from_the_start(journal: Journal, scene: Scene) -> None:
    """A journal that has seen everything change is as one that begins now."""
    with Journal.open("sqlite://") as fresh:
        synced(fresh, scene)
        for rows in ("events", "strikes", "arbitrages", "equity", "transactions"):
            assert getattr(journal, rows)() == getattr(fresh, rows)(), rows
        latest = journal.blocks()[-1].number
        assert journal.blocks(after=latest - WINDOW) == fresh.blocks(after=latest - WINDOW)


def test_every_event_is_there_as_the_chain_logged_it(journal: Journal, scene: Scene) -> None:
    scene.play(won=True)
    report = synced(journal, scene)
    logs = scene.chain.logs(scene.diamond)
    assert report == SyncReport(0, scene.chain.block_number(), len(logs), 0)
    events = journal.events()
    assert [(each.block_number, each.log_index, each.data) for each in events] == [
        (log.block_number, log.index, log.data) for log in logs
    ]
    opened = journal.events(name="StrikeOpened")[-1]
    assert opened.args["strike_id"] == 1
    assert opened.timestamp == scene.times[opened.block_number]
    assert journal.events(after=opened.block_number) == events[-1:]


def test_a_strike_is_open_until_it_is_settled(journal: Journal, scene: Scene) -> None:
    opened = scene.strike(model_id=scene.register(7), strategies=0b00101, confidence_bps=9700)
    synced(journal, scene)
    (row,) = journal.open_strikes()
    assert (row.strike_id, row.model_id, row.confidence_bps) == (1, 7, 9700)
    assert (row.strategies, row.notional) == (0b00101, opened["notional"])
    assert row.lots == scene.read("getStrike", 1).lots
    assert row.opened_tx == journal.events()[-1].transaction_hash
    assert journal.strike_of(row.engine, row.engine_nonce) == row
    assert journal.strike_of(row.engine, row.engine_nonce + 1) is None
    settled = scene.settle(1, by="owner")
    synced(journal, scene)
    assert journal.open_strikes() == []
    closed = journal.strike(1)
    assert (closed.status, closed.pnl) == (StrikeState.SETTLED, settled["pnl"])
    assert (closed.won, closed.settled_by) == (settled["pnl"] > 0, scene.owner.address)
    assert closed.settled_at == scene.chain.timestamp()


def test_a_strike_that_is_written_off_has_lost_its_notional(journal: Journal, scene: Scene) -> None:
    scene.strike()
    notional = scene.read("getStrike", 1).notional
    scene.owner.send("writeOffStrike", 1)
    synced(journal, scene)
    row = journal.strike(1)
    assert (row.status, row.pnl, row.won) == (StrikeState.WRITTEN_OFF, -notional, False)


def test_equity_has_a_row_for_each_block_that_changed_the_books(
    journal: Journal, scene: Scene
) -> None:
    for won in (True, False):
        scene.play(won=won)
    synced(journal, scene)
    stats, treasury = scene.read("getStrikeStats"), scene.read("getTreasury")
    last = journal.equity()[-1]
    assert (last.equity, last.high_water, last.reserve) == (
        stats.equity,
        stats.high_water,
        treasury[1],
    )
    settlements = [event.block_number for event in journal.events(name="StrikeSettled")]
    assert [row.block_number for row in journal.equity(after=settlements[0] - 1)] == settlements


def test_transactions_are_named_by_the_function_called(journal: Journal, scene: Scene) -> None:
    scene.play(won=True)
    synced(journal, scene)
    strike, settlement = journal.transactions()[-2:]
    assert (strike.action, settlement.action) == ("executeStrike", "settleStrike")
    assert (strike.account, settlement.account) == (scene.operator.address, scene.owner.address)
    assert min(strike.gas_used, settlement.gas_used) > 21_000


def test_events_in_several_helpings_are_as_in_one(journal: Journal, scene: Scene) -> None:
    synced(journal, scene)
    for won in (True, False, True):
        scene.strike()
        synced(journal, scene)
        scene.play(won=won)
        scene.settle(scene.read("getOpenStrikes")[0], by="owner")
        synced(journal, scene)
    assert synced(journal, scene).events == 0
    assert_as_from_the_start(journal, scene)


def test_history_is_read_in_ranges(
    journal: Journal, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.play(won=True)
    monkeypatch.setattr(_index, "_CHUNK", 7)
    synced(journal, scene)
    monkeypatch.undo()
    assert_as_from_the_start(journal, scene)


def test_the_window_and_the_blocks_with_events_are_kept(journal: Journal, scene: Scene) -> None:
    synced(journal, scene)
    for _ in range(2 * WINDOW):
        scene.chain.mine()
    synced(journal, scene)
    latest = scene.chain.block_number()
    with_events = {event.block_number for event in journal.events()}
    window = set(range(latest - WINDOW + 1, latest + 1))
    assert {block.number for block in journal.blocks()} == with_events | window


def test_what_a_reorganisation_replaced_is_taken_back(journal: Journal, scene: Scene) -> None:
    scene.strike()
    synced(journal, scene)
    before = journal.strikes(), journal.events(), journal.equity()
    snapshot = scene.chain.snapshot()
    scene.settle(1, by="owner")
    scene.play(won=True)
    synced(journal, scene)
    assert len(journal.strikes()) == 2
    replaced = scene.chain.block_number() - before[1][-1].block_number
    scene.chain.revert(snapshot)
    scene.chain.mine()
    report = synced(journal, scene)
    assert (report.replaced, report.events) == (replaced, 0)
    assert (journal.strikes(), journal.events(), journal.equity()) == before
    assert "blocks behind" in journal.changes()[-1].value
    scene.play(won=False)
    synced(journal, scene)
    assert_as_from_the_start(journal, scene)


def test_an_intent_that_was_mined_in_a_replaced_block_is_unknown_again(
    journal: Journal, scene: Scene
) -> None:
    synced(journal, scene)
    snapshot = scene.chain.snapshot()
    scene.strike()
    synced(journal, scene)
    mined = scene.chain.block()
    for number, block in enumerate(scene.chain.blocks([mined.number - 1, mined.number])):
        (intent,) = journal.prepare(
            [NewIntent(action="", account=ZERO, account_nonce=0, signed=b"", hash=bytes([number]))]
        )
        journal.change_intent(
            intent.hash, IntentState.CONFIRMED, block_number=block.number, block_hash=block.hash
        )
    scene.chain.revert(snapshot)
    scene.chain.mine()
    synced(journal, scene)
    kept, gone = journal.intents()
    assert (kept.state, kept.block_number) == (IntentState.CONFIRMED, mined.number - 1)
    assert (gone.state, gone.block_number, gone.block_hash) == (IntentState.UNKNOWN, None, None)


def test_a_reorganisation_while_the_journal_was_closed_is_noticed(
    location: str, scene: Scene
) -> None:
    with Journal.open(location) as journal:
        synced(journal, scene)
        snapshot = scene.chain.snapshot()
        scene.play(won=True)
        synced(journal, scene)
    scene.chain.revert(snapshot)
    scene.play(won=False)
    with Journal.open(location) as journal:
        assert synced(journal, scene).replaced > 0
        assert_as_from_the_start(journal, scene)


def test_a_reorganisation_deeper_than_the_window_stops_it(journal: Journal, scene: Scene) -> None:
    snapshot = scene.chain.snapshot()
    for _ in range(WINDOW):
        scene.chain.mine()
    synced(journal, scene)
    known = journal.events(), journal.blocks()
    scene.chain.revert(snapshot)
    for _ in range(WINDOW + 1):
        scene.chain.mine(2)
    with pytest.raises(ReorgTooDeep) as stopped:
        synced(journal, scene)
    assert stopped.value.latest - stopped.value.oldest == WINDOW - 1
    assert (journal.events(), journal.blocks()) == known


def test_a_node_that_lags_behind_changes_nothing(journal: Journal, scene: Scene) -> None:
    snapshot, latest = scene.chain.snapshot(), scene.chain.block_number()
    scene.play(won=True)
    ahead = scene.chain.block_number()
    synced(journal, scene)

    class Lagging(RevmTransport):
        """Answers as another node of the same chain that has not seen the last blocks."""

        def __init__(self) -> None:
            self._all = scene.chain

        def __getattribute__(self, name: str) -> object:
            if name == "block":
                return lambda number=None: scene.chain.block(latest if number is None else number)
            return getattr(scene.chain, name)

    report = journal.sync(Lagging(), scene.diamond, 0)
    assert (report.to_block, report.events, report.replaced) == (ahead, 0, 0)
    scene.chain.revert(snapshot)


def test_a_journal_is_one_deployments(journal: Journal, scene: Scene) -> None:
    synced(journal, scene)
    for diamond, first, field in ((ZERO, 0, "diamond"), (scene.diamond, 1, "first block")):
        with pytest.raises(JournalMismatch) as refused:
            journal.sync(scene.chain, diamond, first)
        assert refused.value.field == field


def test_two_processes_index_into_one_journal(location: str, scene: Scene) -> None:
    with Journal.open(location) as one, Journal.open(location) as other:
        for journal in (one, other, one, one, other, other):
            scene.play(won=True)
            synced(journal, scene)
        assert_as_from_the_start(one, scene)
        assert_as_from_the_start(other, scene)


def test_a_real_nodes_reorganisation(location: str) -> None:
    with start_anvil() as url, Journal.open(location) as journal:
        scene = deploy_scene(AnvilTransport(url))
        scene.strike()
        scene.settle(1, by="owner")
        synced(journal, scene)
        assert journal.strike(1).status is StrikeState.SETTLED
        # An empty block takes the place of the last: the settlement has not happened.
        scene.chain.request("anvil_reorg", 1, [])
        report = synced(journal, scene)
        assert report.replaced == 1
        assert journal.strike(1).status is StrikeState.OPEN
        assert_as_from_the_start(journal, scene)
        # And blocks that are gone without others in their place.
        scene.settle(1, by="owner")
        synced(journal, scene)
        scene.chain.request("anvil_rollback", 1)
        synced(journal, scene)
        scene.settle(1, by="owner")
        synced(journal, scene)
        assert_as_from_the_start(journal, scene)
        books = Books()
        times = {block.number: block.timestamp for block in journal.blocks()}
        books.apply_logs(scene.chain.logs(scene.diamond), times.__getitem__)
        assert books.stats() == scene.read("getStrikeStats")


def test_events_that_a_lagging_node_does_not_give_are_not_missed(location: str) -> None:
    """Behind a balancer: one node knows the latest blocks, and the one asked for logs does not."""
    with start_anvil() as url, Journal.open(location) as journal, FaultProxy(url) as proxy:
        scene = deploy_scene(AnvilTransport(url))
        synced(journal, scene)
        known = scene.chain.block_number()
        scene.strike()
        scene.chain.mine()
        scene.settle(1, by="owner")

        def lags(exchange: Exchange) -> Reply | None:
            if exchange.method != "eth_getLogs":
                return None
            (query,) = exchange.request["params"]
            if "blockHash" in query or int(query["toBlock"], 16) <= known:
                return None
            return exchange.answer(result=[])

        proxy.rules.append(lags)
        report = journal.sync(RpcTransport(proxy.url), scene.diamond, 0)
        assert report.events == len(scene.chain.logs(scene.diamond, known + 1)) > 0
        assert journal.strike(1).status is StrikeState.SETTLED
        assert_as_from_the_start(journal, scene)


def test_logs_of_another_chain_than_the_headers_are_not_written(location: str) -> None:
    """Behind a balancer whose nodes follow different forks."""
    with start_anvil() as url, Journal.open(location) as journal, FaultProxy(url) as proxy:
        scene = deploy_scene(AnvilTransport(url))
        scene.strike()

        def forks(exchange: Exchange) -> Reply | None:
            if exchange.method != "eth_getLogs":
                return None
            logs = exchange.result()
            return exchange.answer(result=[log | {"blockHash": "0x" + "77" * 32} for log in logs])

        proxy.rules.append(forks)
        with pytest.raises(ChainUnsteady):
            journal.sync(RpcTransport(proxy.url), scene.diamond, 0)
        assert journal.events() == journal.blocks() == []
        proxy.rules.clear()
        journal.sync(RpcTransport(proxy.url), scene.diamond, 0)
        assert_as_from_the_start(journal, scene)
