"""The metrics are what journal and chain say, under the names, labels and units of the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from macrostrike._statistics import wilson
from macrostrike.chain import Traffic
from macrostrike.chain._nodes import BOUNDS, Durations
from macrostrike.journal import ChangeKind, Decision, IntentState
from macrostrike.loop._live_replay import Cause
from macrostrike.monitor._statistics import percentile
from macrostrike.monitor.metrics import (
    distributions_of,
    distributions_of_traffic,
    exposition,
    samples_of,
    samples_of_traffic,
)
from macrostrike.monitor.samples import METRICS, PREFIX
from macrostrike.monitor.service import View
from macrostrike.signing import prediction_digest, sign_prediction
from tests.monitor.desk import Desk

from ..predictions import prediction

ROOT = Path(__file__).parents[2]
SERVICE = ROOT.parent / "shared" / "SERVICE.md"
# How many there are: written down, so that one that gets lost is noticed.
ALWAYS = 31


@pytest.fixture(scope="module")
def view(traded: Desk) -> View:
    return traded.monitor().look()


def value(view: View, name: str, **labels: str) -> float:
    """The one sample of that name and labels."""
    [found] = [s.value for s in view.samples if s.name == name and s.named == labels]
    return found


def values(view: View, name: str) -> dict[tuple[str, ...], float]:
    """All samples of that name, by their labels."""
    return {sample.labels: sample.value for sample in view.samples if sample.name == name}


def test_strikes_and_settlements_are_counted(view: View) -> None:
    assert view.failure is None
    assert value(view, "strikes_total", signal="Long") == 12
    assert value(view, "strikes_total", signal="StrongLong") == 1
    assert value(view, "strikes_total", signal="Short") == 7
    assert value(view, "strikes_total", signal="StrongShort") == 6
    assert value(view, "settlements_total", result="win") == 22
    assert value(view, "settlements_total", result="loss") == 2
    assert value(view, "settlements_total", result="written_off") == 0
    assert value(view, "open_strikes") == 2


def test_win_ratio_is_the_chains(view: View, traded: Desk) -> None:
    stats = traded.client.stats()
    for window in ("100", "all"):
        ratio = value(view, "win_ratio", model="all", window=window)
        assert ratio == pytest.approx(float(stats.win_rate or 0))
        assert value(view, "window_strikes", model="all", window=window) == stats.settled
    assert value(view, "win_ratio", model="1", window="all") == pytest.approx(11 / 12)
    assert value(view, "win_ratio", model="2", window="all") == pytest.approx(11 / 12)


def test_brier_score_is_the_chains(view: View, traded: Desk) -> None:
    for model in (1, 2):
        bins = traded.client.calibration(model)
        settled = sum(each.settled for each in bins)
        score = sum(each.brier_sum for each in bins) / 1e6 / settled
        assert value(view, "brier_score", model=str(model), window="all") == pytest.approx(score)


def test_calibration_has_wilson_intervals(view: View) -> None:
    of = {"model": "2", "bin": "9700"}
    assert value(view, "calibration_forecasts", **of) == 6
    assert value(view, "calibration_ratio", **of) == 1
    assert value(view, "calibration_lower_ratio", **of) == pytest.approx(0.6097, abs=1e-4)
    assert value(view, "calibration_upper_ratio", **of) == 1
    assert value(view, "calibration_forecasts", model="all", bin="9400") == 18


def test_capital_is_in_whole_tokens(view: View, traded: Desk) -> None:
    stats = traded.client.stats()
    assert value(view, "equity_quote") == pytest.approx(stats.equity / 1e6)
    assert value(view, "high_water_quote") == pytest.approx(stats.high_water / 1e6)
    assert value(view, "drawdown_ratio") == pytest.approx(1 - stats.equity / stats.high_water)
    assert value(view, "growth_ratio", window="week") == pytest.approx(
        stats.pnl / (stats.equity - stats.pnl)
    )


def test_open_strikes_are_marked_to_the_oracle(view: View, traded: Desk) -> None:
    marked = 0
    for strike_id in traded.client.open_strikes():
        strike = traded.client.get_strike(strike_id)
        worth = traded.client.call("getOracleQuote", 0, strike.record.base_amount)
        marked += (worth - strike.notional) * (1 if strike.signal.is_long else -1)
    assert marked != 0
    assert value(view, "unrealised_quote") == pytest.approx(marked / 1e6)


def test_fees_are_the_pools(view: View, traded: Desk) -> None:
    """Of 0.05 %, on what went in and on what came out."""
    fees = 0.0
    for strike in traded.journal.strikes():
        ins_and_outs = strike.notional + (strike.quote_amount or 0)
        fees += ins_and_outs * 0.0005
    assert value(view, "costs_quote_total", kind="fee") == pytest.approx(fees / 1e6, rel=1e-3)


def test_the_node_is_seen(view: View, traded: Desk) -> None:
    chain = traded.world.transport
    assert value(view, "latest_chain_block") == chain.block_number()
    assert value(view, "last_synced_block") == chain.block_number()
    assert value(view, "blocks_behind") == 0
    assert value(view, "books_differences") == 0
    assert value(view, "gas_price_wei") == chain.gas_price()
    assert value(view, "l1_fee_wei") == 0
    operator = traded.world.operator.address
    assert value(view, "operator_balance_wei", operator="0") == chain.balance(operator)
    assert value(view, "nonce_chain", operator="0") == chain.nonce(operator)
    grant = traded.client.operator(operator)
    used = 1 - grant.available / grant.daily_budget
    assert value(view, "operator_budget_used_ratio", operator="0") == pytest.approx(used)


def test_gas_is_by_action(view: View, traded: Desk) -> None:
    rows = [r for r in traded.journal.transactions() if r.action == "settleStrike"]
    mean = sum(row.gas_used for row in rows) / len(rows)
    assert value(view, "action_gas", action="settleStrike") == pytest.approx(mean)


def test_transactions_are_counted_by_outcome(desk: Desk) -> None:
    confirmed, rejected = IntentState.CONFIRMED, IntentState.REJECTED
    desk.send(*[confirmed] * 57, rejected, rejected, IntentState.FOREIGN, seconds=0.04)
    desk.send(IntentState.ALREADY_THERE, IntentState.REPLACED, action="settleStrike")
    desk.now = desk.journal.intents()[-1].created_at + 5
    desk.send(IntentState.SENT, action="settleStrike")
    view = desk.monitor().look()

    assert value(view, "transactions_total", action="executeStrike", outcome="confirmed") == 57
    assert value(view, "transactions_total", action="executeStrike", outcome="rejected") == 2
    assert value(view, "transactions_total", action="settleStrike", outcome="already_there") == 1
    assert value(view, "error_ratio", window="100") == pytest.approx(3 / 60)
    assert value(view, "window_transactions", window="100") == 60
    assert value(view, "execution_seconds", window="100") == pytest.approx(0.04, abs=1e-3)
    assert value(view, "transactions_pending") == 1
    assert value(view, "transaction_oldest_seconds") == pytest.approx(5, abs=0.5)
    assert value(view, "nonce_local", operator="0") == 63


def test_predictions_are_counted_by_decision(desk: Desk) -> None:
    for nonce, decision in enumerate((Decision.STRUCK, Decision.SKIPPED, Decision.REFUSED), 1):
        said = prediction(desk.world.engine.address, nonce)
        chain_id, diamond = desk.world.transport.chain_id, desk.world.diamond
        signature = sign_prediction(said, desk.world.engine, chain_id, diamond)
        digest = prediction_digest(said, chain_id, diamond)
        desk.journal.record_prediction(said, digest, signature, source="test")
        reason = None if decision is Decision.STRUCK else "CooldownActive"
        desk.journal.decide(digest, decision, reason=reason)
    view = desk.monitor().look()
    for decision in ("struck", "skipped", "refused"):
        assert value(view, "predictions_total", signal="Long", decision=decision) == 1
    assert value(view, "skips_total", reason="CooldownActive") == 2


def test_what_prometheus_reads(view: View) -> None:
    assert view.figures is not None
    text = exposition(view.samples, distributions_of(view.figures)).decode()
    families = list(text_string_to_metric_families(text))
    names = {name.removesuffix("_total") for name in METRICS}
    for family in families:
        name = family.name.removeprefix(PREFIX)
        assert name in names, name
        assert family.documentation.endswith(".")
        for sample in family.samples:
            for label in sample.labels.values():
                assert not re.search(r"0x[0-9a-fA-F]{8}", label), sample
    assert len(families) == len({s.name for s in view.samples}) + 1
    assert "macrostrike_strikes_total" in text


def test_a_stolen_key_costs_what_the_specification_says(view: View, traded: Desk) -> None:
    client, world = traded.client, traded.world
    rules = client.market(0).rules
    d, x = rules.max_deviation_bps / 10_000, rules.exit_deviation_bps / 10_000
    budget = client.operator(world.operator.address).daily_budget
    open_worth = sum(
        client.call("getOracleQuote", 0, client.get_strike(each).record.base_amount)
        for each in client.open_strikes()
    )
    expected = (d + x) / (1 - d) * budget * 2 + (x + rules.discount_bps / 10_000) * open_worth
    (loss,) = values(view, "stolen_key_loss_quote").values()
    assert loss == pytest.approx(expected / 1e6, rel=1e-6)


def test_a_revoked_key_costs_nothing(desk: Desk) -> None:
    desk.owner.transact("revokeOperator", desk.world.operator.address)
    desk.sync()
    assert list(values(desk.monitor().look(), "stolen_key_loss_quote").values()) == [0]


def test_divergences_reorganisations_and_queues_are_the_journals(desk: Desk) -> None:
    desk.sync()
    for cause in ("ordering", "ordering", "bug"):
        desk.journal.record_change(ChangeKind.CHECK, "replay", cause)
    desk.journal.record_change(
        ChangeKind.LOG, "warning", "3 blocks behind 7 were replaced", cause="reorganisation"
    )
    view = desk.monitor().look()
    found = {key[0]: value for key, value in values(view, "replay_divergences_total").items()}
    assert found == {
        "ordering": 2, "liquidity": 0, "fee": 0, "oracle": 0, "reorg": 0, "bug": 1,
    }  # fmt: skip
    assert {str(cause) for cause in Cause} == set(found)
    assert values(view, "reorg_depth_blocks") == {(): 3}
    assert values(view, "queue_depth") == {("predictions",): 0, ("transactions",): 0}


def test_the_documented_table_is_the_exporters() -> None:
    page = (ROOT / "docs" / "how-to" / "monitor.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_0-9]+)` \| (gauge|counter|histogram) \| ([^|]*) \|", page, re.M)
    documented = {name: (kind, tuple(re.findall(r"`(\w+)`", of))) for name, kind, of in rows}
    assert documented == {name: (each.kind, each.labels) for name, each in METRICS.items()}


@pytest.mark.skipif(not SERVICE.exists(), reason="the conventions are not beside this tree")
def test_every_metric_of_the_conventions_is_there() -> None:
    table = SERVICE.read_text(encoding="utf-8").partition("## Metrics")[2].partition("\n## ")[0]
    names: set[str] = set()
    for cell in re.findall(r"^\| (`[^|]+) \|", table, re.M):
        first, *others = re.findall(r"`(\w+)`", cell)
        base = first.removesuffix("_ratio")
        names |= {first, *(base + each if each.startswith("_") else each for each in others)}
    assert names - set(METRICS) == set()
    assert len(names) > 35


def test_a_deployment_without_a_strike_has_figures_too(desk: Desk) -> None:
    view = desk.monitor().look()
    assert view.failure is None
    assert view.figures is not None
    assert len(samples_of(view.figures)) == len(view.samples)
    assert not [s for s in view.samples if s.name in ("win_ratio", "error_ratio")]
    assert len({s.name for s in view.samples}) == ALWAYS


def test_every_metric_has_a_valid_name() -> None:
    for name, metric in METRICS.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]+", name)
        assert name.endswith("_total") == (metric.kind == "counter")


@pytest.mark.parametrize(
    ("wins", "settled", "low", "high"),
    # By R: binom::binom.wilson.
    [(8, 10, 0.4901625, 0.9433178), (93, 100, 0.8625, 0.9657), (0, 5, 0, 0.4344825), (0, 0, 0, 1)],
)
def test_wilson_intervals(wins: int, settled: int, low: float, high: float) -> None:
    assert wilson(wins, settled) == pytest.approx((low, high), abs=1e-4)


def test_percentiles() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.95) == 95
    assert percentile([7.0], 0.95) == 7
    assert percentile([], 0.5) is None


def test_what_went_to_the_nodes() -> None:
    taken = Durations(buckets=(*(1 for _ in BOUNDS[:-1]), 2), count=3, total=62.5)
    traffic = Traffic((True, False), {("eth_call", "failed"): taken})
    text = exposition(samples_of_traffic(traffic), distributions_of_traffic(traffic)).decode()
    for line in (
        'provider_healthy{provider="0"} 1.0',
        'provider_healthy{provider="1"} 0.0',
        'rpc_requests_total{method="eth_call",status="failed"} 3.0',
        'rpc_request_duration_seconds_bucket{le="60",method="eth_call",status="failed"} 2.0',
        'rpc_request_duration_seconds_count{method="eth_call",status="failed"} 3.0',
        'rpc_request_duration_seconds_sum{method="eth_call",status="failed"} 62.5',
    ):
        assert f"{PREFIX}{line}" in text
