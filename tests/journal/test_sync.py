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
from ..unit.deployed import deploy_env
from ..unit.environment import ZERO, Env


@pytest.fixture(scope="module")
def _env() -> Env:
    return deploy_env(RevmTransport())


@pytest.fixture
def env(_env: Env) -> Env:
    with _env.undone():
        yield _env


def synced(journal: Journal, env: Env) -> SyncReport:
    return journal.sync(env.chain, env.diamond, 0)


def assert_as_from_the_start(journal: Journal, env: Env) -> None:
    """A journal that has seen everything change is as one that begins now."""
    with Journal.open("sqlite://") as fresh:
        synced(fresh, env)
        for rows in ("events", "strikes", "arbitrages", "equity", "transactions"):
            assert getattr(journal, rows)() == getattr(fresh, rows)(), rows
        latest = journal.blocks()[-1].number
        assert journal.blocks(after=latest - WINDOW) == fresh.blocks(after=latest - WINDOW)


def test_every_event_is_there_as_the_chain_logged_it(journal: Journal, env: Env) -> None:
    env.play(won=True)
    report = synced(journal, env)
    logs = env.chain.logs(env.diamond)
    assert report == SyncReport(0, env.chain.block_number(), len(logs), 0)
    events = journal.events()
    assert [(each.block_number, each.log_index, each.data) for each in events] == [
        (log.block_number, log.index, log.data) for log in logs
    ]
    opened = journal.events(name="StrikeOpened")[-1]
    assert opened.args["strike_id"] == 1
    assert opened.timestamp == env.times[opened.block_number]
    assert journal.events(after=opened.block_number) == events[-1:]


def test_a_strike_is_open_until_it_is_settled(journal: Journal, env: Env) -> None:
    opened = env.strike(model_id=env.register(7), strategies=0b00101, confidence_bps=9700)
    synced(journal, env)
    (row,) = journal.open_strikes()
    assert (row.strike_id, row.model_id, row.confidence_bps) == (1, 7, 9700)
    assert (row.strategies, row.notional) == (0b00101, opened["notional"])
    assert row.lots == env.read("getStrike", 1).lots
    assert row.opened_tx == journal.events()[-1].transaction_hash
    assert journal.strike_of(row.engine, row.engine_nonce) == row
    assert journal.strike_of(row.engine, row.engine_nonce + 1) is None
    settled = env.settle(1, by="owner")
    synced(journal, env)
    assert journal.open_strikes() == []
    closed = journal.strike(1)
    assert (closed.status, closed.pnl) == (StrikeState.SETTLED, settled["pnl"])
    assert (closed.won, closed.settled_by) == (settled["pnl"] > 0, env.owner.address)
    assert closed.settled_at == env.chain.timestamp()


def test_a_strike_that_is_written_off_has_lost_its_notional(journal: Journal, env: Env) -> None:
    env.strike()
    notional = env.read("getStrike", 1).notional
    env.owner.send("writeOffStrike", 1)
    synced(journal, env)
    row = journal.strike(1)
    assert (row.status, row.pnl, row.won) == (StrikeState.WRITTEN_OFF, -notional, False)


def test_equity_has_a_row_for_each_block_that_changed_the_books(journal: Journal, env: Env) -> None:
    for won in (True, False):
        env.play(won=won)
    synced(journal, env)
    stats, treasury = env.read("getStrikeStats"), env.read("getTreasury")
    last = journal.equity()[-1]
    assert (last.equity, last.high_water, last.reserve) == (
        stats.equity,
        stats.high_water,
        treasury[1],
    )
    settlements = [event.block_number for event in journal.events(name="StrikeSettled")]
    assert [row.block_number for row in journal.equity(after=settlements[0] - 1)] == settlements


def test_transactions_are_named_by_the_function_called(journal: Journal, env: Env) -> None:
    env.play(won=True)
    synced(journal, env)
    strike, settlement = journal.transactions()[-2:]
    assert (strike.action, settlement.action) == ("executeStrike", "settleStrike")
    assert (strike.account, settlement.account) == (env.operator.address, env.owner.address)
    assert min(strike.gas_used, settlement.gas_used) > 21_000


def test_events_in_several_helpings_are_as_in_one(journal: Journal, env: Env) -> None:
    synced(journal, env)
    for won in (True, False, True):
        env.strike()
        synced(journal, env)
        env.play(won=won)
        env.settle(env.read("getOpenStrikes")[0], by="owner")
        synced(journal, env)
    assert synced(journal, env).events == 0
    assert_as_from_the_start(journal, env)


def test_history_is_read_in_ranges(
    journal: Journal, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    env.play(won=True)
    monkeypatch.setattr(_index, "_CHUNK", 7)
    synced(journal, env)
    monkeypatch.undo()
    assert_as_from_the_start(journal, env)


def test_the_window_and_the_blocks_with_events_are_kept(journal: Journal, env: Env) -> None:
    synced(journal, env)
    for _ in range(2 * WINDOW):
        env.chain.mine()
    synced(journal, env)
    latest = env.chain.block_number()
    with_events = {event.block_number for event in journal.events()}
    window = set(range(latest - WINDOW + 1, latest + 1))
    assert {block.number for block in journal.blocks()} == with_events | window


def test_what_a_reorganisation_replaced_is_taken_back(journal: Journal, env: Env) -> None:
    env.strike()
    synced(journal, env)
    before = journal.strikes(), journal.events(), journal.equity()
    snapshot = env.chain.snapshot()
    env.settle(1, by="owner")
    env.play(won=True)
    synced(journal, env)
    assert len(journal.strikes()) == 2
    replaced = env.chain.block_number() - before[1][-1].block_number
    env.chain.revert(snapshot)
    env.chain.mine()
    report = synced(journal, env)
    assert (report.replaced, report.events) == (replaced, 0)
    assert (journal.strikes(), journal.events(), journal.equity()) == before
    assert "blocks behind" in journal.changes()[-1].value
    env.play(won=False)
    synced(journal, env)
    assert_as_from_the_start(journal, env)


def test_an_intent_that_was_mined_in_a_replaced_block_is_unknown_again(
    journal: Journal, env: Env
) -> None:
    synced(journal, env)
    snapshot = env.chain.snapshot()
    env.strike()
    synced(journal, env)
    mined = env.chain.block()
    for number, block in enumerate(env.chain.blocks([mined.number - 1, mined.number])):
        (intent,) = journal.prepare(
            [NewIntent(action="", account=ZERO, account_nonce=0, signed=b"", hash=bytes([number]))]
        )
        journal.change_intent(
            intent.hash, IntentState.CONFIRMED, block_number=block.number, block_hash=block.hash
        )
    env.chain.revert(snapshot)
    env.chain.mine()
    synced(journal, env)
    kept, gone = journal.intents()
    assert (kept.state, kept.block_number) == (IntentState.CONFIRMED, mined.number - 1)
    assert (gone.state, gone.block_number, gone.block_hash) == (IntentState.UNKNOWN, None, None)


def test_a_reorganisation_while_the_journal_was_closed_is_noticed(location: str, env: Env) -> None:
    with Journal.open(location) as journal:
        synced(journal, env)
        snapshot = env.chain.snapshot()
        env.play(won=True)
        synced(journal, env)
    env.chain.revert(snapshot)
    env.play(won=False)
    with Journal.open(location) as journal:
        assert synced(journal, env).replaced > 0
        assert_as_from_the_start(journal, env)


def test_a_reorganisation_deeper_than_the_window_stops_it(journal: Journal, env: Env) -> None:
    snapshot = env.chain.snapshot()
    for _ in range(WINDOW):
        env.chain.mine()
    synced(journal, env)
    known = journal.events(), journal.blocks()
    env.chain.revert(snapshot)
    for _ in range(WINDOW + 1):
        env.chain.mine(2)
    with pytest.raises(ReorgTooDeep) as stopped:
        synced(journal, env)
    assert stopped.value.latest - stopped.value.oldest == WINDOW - 1
    assert (journal.events(), journal.blocks()) == known


def test_a_node_that_lags_behind_changes_nothing(journal: Journal, env: Env) -> None:
    snapshot, latest = env.chain.snapshot(), env.chain.block_number()
    env.play(won=True)
    ahead = env.chain.block_number()
    synced(journal, env)

    class Lagging(RevmTransport):
        """Answers as another node of the same chain that has not seen the last blocks."""

        def __init__(self) -> None:
            self._all = env.chain

        def __getattribute__(self, name: str) -> object:
            if name == "block":
                return lambda number=None: env.chain.block(latest if number is None else number)
            return getattr(env.chain, name)

    report = journal.sync(Lagging(), env.diamond, 0)
    assert (report.to_block, report.events, report.replaced) == (ahead, 0, 0)
    env.chain.revert(snapshot)


def test_a_journal_is_one_deployments(journal: Journal, env: Env) -> None:
    synced(journal, env)
    for diamond, first, field in ((ZERO, 0, "diamond"), (env.diamond, 1, "first block")):
        with pytest.raises(JournalMismatch) as refused:
            journal.sync(env.chain, diamond, first)
        assert refused.value.field == field


def test_two_processes_index_into_one_journal(location: str, env: Env) -> None:
    with Journal.open(location) as one, Journal.open(location) as other:
        for journal in (one, other, one, one, other, other):
            env.play(won=True)
            synced(journal, env)
        assert_as_from_the_start(one, env)
        assert_as_from_the_start(other, env)


def test_a_real_nodes_reorganisation(location: str) -> None:
    with start_anvil() as url, Journal.open(location) as journal:
        env = deploy_env(AnvilTransport(url))
        env.strike()
        env.settle(1, by="owner")
        synced(journal, env)
        assert journal.strike(1).status is StrikeState.SETTLED
        # An empty block takes the place of the last: the settlement has not happened.
        env.chain.request("anvil_reorg", 1, [])
        report = synced(journal, env)
        assert report.replaced == 1
        assert journal.strike(1).status is StrikeState.OPEN
        assert_as_from_the_start(journal, env)
        # And blocks that are gone without others in their place.
        env.settle(1, by="owner")
        synced(journal, env)
        env.chain.request("anvil_rollback", 1)
        synced(journal, env)
        env.settle(1, by="owner")
        synced(journal, env)
        assert_as_from_the_start(journal, env)
        books = Books()
        times = {block.number: block.timestamp for block in journal.blocks()}
        books.apply_logs(env.chain.logs(env.diamond), times.__getitem__)
        assert books.stats() == env.read("getStrikeStats")


def test_events_that_a_lagging_node_does_not_give_are_not_missed(location: str) -> None:
    """Behind a balancer: one node knows the latest blocks, and the one asked for logs does not."""
    with start_anvil() as url, Journal.open(location) as journal, FaultProxy(url) as proxy:
        env = deploy_env(AnvilTransport(url))
        synced(journal, env)
        known = env.chain.block_number()
        env.strike()
        env.chain.mine()
        env.settle(1, by="owner")

        def lags(exchange: Exchange) -> Reply | None:
            if exchange.method != "eth_getLogs":
                return None
            (query,) = exchange.request["params"]
            if "blockHash" in query or int(query["toBlock"], 16) <= known:
                return None
            return exchange.answer(result=[])

        proxy.rules.append(lags)
        report = journal.sync(RpcTransport(proxy.url), env.diamond, 0)
        assert report.events == len(env.chain.logs(env.diamond, known + 1)) > 0
        assert journal.strike(1).status is StrikeState.SETTLED
        assert_as_from_the_start(journal, env)


def test_logs_of_another_chain_than_the_headers_are_not_written(location: str) -> None:
    """Behind a balancer whose nodes follow different forks."""
    with start_anvil() as url, Journal.open(location) as journal, FaultProxy(url) as proxy:
        env = deploy_env(AnvilTransport(url))
        env.strike()

        def forks(exchange: Exchange) -> Reply | None:
            if exchange.method != "eth_getLogs":
                return None
            logs = exchange.result()
            return exchange.answer(result=[log | {"blockHash": "0x" + "77" * 32} for log in logs])

        proxy.rules.append(forks)
        with pytest.raises(ChainUnsteady):
            journal.sync(RpcTransport(proxy.url), env.diamond, 0)
        assert journal.events() == journal.blocks() == []
        proxy.rules.clear()
        journal.sync(RpcTransport(proxy.url), env.diamond, 0)
        assert_as_from_the_start(journal, env)
