"""A replay of a market: what it reports follows from the chain's events, and repeats by seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from macrostrike.arbitrage import sqrt_price_at
from macrostrike.chain import RevmTransport
from macrostrike.devchain import local_account
from macrostrike.engine import Forecast, Result
from macrostrike.market import DATA, Bar, find_market, synthetic_market
from macrostrike.replay import (
    TRIALS,
    EngineKey,
    EngineSettings,
    GasPrice,
    MarketDriver,
    Policy,
    Replay,
    Report,
    document,
    render_page,
    replay,
    replay_market,
    report_of,
    set_stage,
)
from macrostrike.signing import sign_prediction
from macrostrike.types import ALL_STRATEGIES, BPS, Signal, Strategy, strategy_mask

from .support import books_of

MINUTES = 900
SIGNALS = tuple(Signal)


class Alternating:
    """Says each signal in turn, every five minutes, for one strategy after the other."""

    def __init__(self) -> None:
        self.seen = 0
        self.results: list[Result] = []

    def see(self, bar: Bar) -> Sequence[Forecast]:
        self.seen += 1
        if self.seen % 5:
            return ()
        turn = self.seen // 5
        strategy = Strategy(turn % 5)
        return [
            Forecast(
                signal=SIGNALS[turn % 4],
                confidence_bps=9300 + turn % 7 * 100,
                model_id=strategy + 1,
                horizon=1800,
                take_profit_bps=30,
                stop_loss_bps=100,
                strategies=ALL_STRATEGIES if turn % 2 else strategy_mask(strategy),
            )
        ]

    def learn(self, result: Result) -> None:
        self.results.append(result)


def replayed(predictor: Alternating, minutes: int = MINUTES, **policy: Any) -> Replay:
    market = synthetic_market(3, minutes)
    return replay(market, predictor, name="a test's engine", policy=Policy(**policy))


@pytest.fixture(scope="module")
def predictor() -> Alternating:
    return Alternating()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports") / TRIALS


@pytest.fixture(scope="module")
def report(predictor: Alternating, registry: Path) -> Report:
    return report_of(replayed(predictor), registry)


def test_the_pool_is_at_each_recorded_tick_and_liquidity_exactly() -> None:
    bar = Bar(1_700_003_600, *[Decimal(1600)] * 4, tick=202_580, liquidity=4 * 10**17)
    stage = set_stage(RevmTransport(), price=1600, depth=1000)
    driver = MarketDriver(stage, 10**17)
    for tick, liquidity in ((202_580, 4 * 10**17), (202_700, 2 * 10**17), (202_431, 9 * 10**17)):
        bar = replace(bar, timestamp=bar.timestamp + 60, tick=tick, liquidity=liquidity)
        driver.follow(bar)
        own = -tick if stage.base_is_token0 else tick
        assert stage.sqrt_price() == sqrt_price_at(own)
        assert stage.pool().liquidity == liquidity
        assert stage.transport.timestamp() == bar.timestamp + 60


def test_a_ready_key_signs_as_the_account_does() -> None:
    account = local_account(2)
    prediction = Forecast(
        signal=Signal.LONG,
        confidence_bps=9300,
        model_id=1,
        horizon=60,
        take_profit_bps=30,
        stop_loss_bps=100,
    ).prediction(engine=account.address, nonce=7, now=1)
    where = (31337, "0x" + "d1" * 20)
    assert sign_prediction(prediction, EngineKey(account), *where) == sign_prediction(
        prediction, account, *where
    )


def test_what_the_engine_is_said_is_what_the_chain_measured(
    report: Report, predictor: Alternating
) -> None:
    stats = report.basis.run.after.stats
    assert len(predictor.results) == stats.settled > 40
    assert sum(result.pnl for result in predictor.results) == stats.pnl
    assert sum(result.won for result in predictor.results) == stats.wins


def test_figures_follow_from_the_events_alone(report: Report) -> None:
    books, found = books_of(report.basis.run.stage), report.basis.figures
    stats = books.stats()
    assert stats == report.basis.run.after.stats
    assert (found.all.trades, found.all.wins) == (stats.settled, stats.wins)
    assert (found.all.pnl, found.profit, found.loss) == (stats.pnl, stats.profit, stats.loss)
    assert (found.best, found.worst) == (stats.best, stats.worst)
    for signal, group in found.by_signal.items():
        of = books.signal_stats(signal)
        assert (group.trades, group.wins, group.pnl) == (of.settled, of.wins, of.profit - of.loss)
    for strategy, group in found.by_strategy.items():
        part = books.strategy_stats(strategy)
        assert (group.trades, group.wins) == (part.settled, part.wins)
    assert found.curve[-1][1] == report.basis.run.before.capital + stats.pnl
    bins = [each for model in range(1, 6) for each in books.calibration(model)]
    assert sum(each.trades for each in found.bins) == sum(each.settled for each in bins)
    brier = sum(each.brier_sum for each in bins) / 10**6 / stats.settled
    assert found.brier == pytest.approx(brier, abs=1e-6)


def test_costs_add_up_to_the_books_to_the_unit(report: Report) -> None:
    costs = report.basis.figures.costs
    assert costs.gross - costs.flow - costs.fees - costs.impact - costs.uncounted == costs.pnl
    assert costs.pnl == report.basis.run.after.stats.pnl
    assert costs.net == costs.pnl - costs.gas
    traded = sum(trade.notional + trade.quote for trade in report.basis.run.trades)
    # 0.05 % of what went in, both ways.
    assert costs.fees == pytest.approx(traded * 5 / BPS, rel=0.01)
    assert costs.impact > 0


def test_a_second_run_returns_the_same_receipt_and_another_market_does_not(report: Report) -> None:
    assert replayed(Alternating()).receipt == report.receipt
    other = replayed(Alternating(), resume_after=7200).receipt
    assert other.hash != report.receipt.hash
    assert (other.bytecode, other.data) == (report.receipt.bytecode, report.receipt.data)


def test_latency_and_size_are_parameters_of_the_run(report: Report) -> None:
    late = replayed(Alternating(), latency_blocks=5)
    first, usual = late.run.trades[0], report.basis.run.trades[0]
    assert first.opened.at == usual.opened.at + 5 * 2
    assert late.receipt.parameters["policy"]["latency_blocks"] == 5

    half = replayed(Alternating(), size=0.5)
    small, full = (
        found.all.notional / found.all.trades for found in (half.figures, report.basis.figures)
    )
    assert small == pytest.approx(full / 2, rel=0.25)
    assert half.figures.costs.impact < report.basis.figures.costs.impact


def test_others_flow_costs_what_the_waterfall_says(report: Report) -> None:
    """They trade the same way first, so that the fleet's price is worse; the sum still adds up."""
    flow = 20_000
    crowded = replayed(Alternating(), 200, flow=flow)
    assert crowded.receipt.parameters["policy"]["flow"] == flow
    costs = crowded.figures.costs
    assert costs.gross - costs.flow - costs.fees - costs.impact - costs.uncounted == costs.pnl
    assert costs.pnl == crowded.run.after.stats.pnl
    first, usual = crowded.run.trades[0], report.basis.run.trades[0]
    # So much quote moves 56 millions on either side by 7 bps, at the opening and at the end.
    assert first.flow == pytest.approx(first.notional * 2 * 2 * flow / 56e6, rel=0.1)
    assert (first.opened.worth - first.opened.moved) / first.base == pytest.approx(
        usual.opened.worth / usual.base, rel=1e-6
    )
    assert report.basis.figures.costs.flow == 0


def test_a_flow_beyond_the_limit_is_refused() -> None:
    """The limit is of the quote before others traded: 0.5 % worse is not accepted."""
    crowded = replayed(Alternating(), 250, flow=200_000)
    assert crowded.run.refused["SlippageExceeded"] > 40
    assert crowded.run.trades == ()


def test_an_l1s_fee_is_a_cost_of_its_own(report: Report) -> None:
    market = synthetic_market(3, 120)
    with_l1 = replay(market, Alternating(), name="a test's engine", gas=GasPrice(0.05, l1_usd=0.1))
    costs, trades = with_l1.figures.costs, with_l1.figures.all.trades
    assert costs.l1 == trades * 2 * 100_000 > 0
    assert costs.net == costs.pnl - costs.gas - costs.l1 == with_l1.figures.all.net
    assert "L1 data, assumed" in [name for name, _, _ in costs.steps()]
    assert "L1 data, assumed" not in [name for name, _, _ in report.basis.figures.costs.steps()]


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        ({"threshold_bps": 9500}, "ConfidenceTooLow"),
        ({"min_confidence_bps": 9500}, "NoParticipants"),
    ],
)
def test_threshold_and_bots_settings_are_the_chains(policy: dict[str, int], refused: str) -> None:
    found = replayed(Alternating(), 250, **policy)
    assert all(trade.confidence_bps >= 9500 for trade in found.run.trades)
    assert found.run.refused[refused] > 10


def test_strategies_that_are_off_take_no_part() -> None:
    on = strategy_mask(Strategy.MOMENTUM) | strategy_mask(Strategy.VOLATILITY)
    found = replayed(Alternating(), 200, strategies=on)
    assert found.run.trades
    taking_part = {each for trade in found.run.trades for each in trade.strategies}
    assert taking_part == {Strategy.MOMENTUM, Strategy.VOLATILITY}


def test_a_fleet_that_halts_is_resumed_by_the_stated_policy(report: Report) -> None:
    run = report.basis.run
    assert run.halts
    assert run.refused["FleetHalted"] > 0
    assert all(halt.resumed_at - halt.at >= 3600 for halt in run.halts)
    assert any("1 h each time" in sentence for sentence in report.headline)


def test_the_first_sentence_says_a_loss(report: Report) -> None:
    assert report.basis.figures.all.net < 0
    assert report.headline[0].startswith("It lost money: -$")
    assert "made up" in report.headline[1]


def test_what_was_traded_is_said_with_label_and_size(report: Report) -> None:
    every = report.basis.figures.all
    (traded,) = [line for line in report.headline if line.startswith("Traded: ")]
    assert f"{every.trades:,} strikes of a test's engine" in traded
    assert f"${every.notional / every.trades / 10**6:,.0f} each on average" in traded
    assert "closed at a gain of 30 bps, a loss of 100 bps, or when their time was up" in traded


def test_the_document_has_the_keys_that_programs_look_for(report: Report) -> None:
    data: dict[str, Any] = json.loads(json.dumps(document(report)))
    wanted = (
        "strikes wins losses win_rate initial final profit net_expectancy brier brier_base "
        "by_signal by_strategy calibration costs halts strikes_per_s minutes_per_s receipt"
    )
    assert set(wanted.split()) <= set(data)
    assert data["wins"] + data["losses"] == data["strikes"]
    assert data["final"] - data["initial"] == pytest.approx(data["profit"])
    assert sum(part["trades"] for part in data["by_signal"].values()) == data["strikes"]


def test_the_page_needs_nothing_else(report: Report) -> None:
    page = render_page(report)
    for foreign in ("http://", "https://", "<script", "<link", "src=", "@import", "url("):
        assert foreign not in page
    assert report.receipt.hash in page
    assert "Made-up prices" in page


def test_with_no_strike_at_all_it_says_so(tmp_path: Path) -> None:
    market = synthetic_market(1, 3)
    quiet = replay_market(market, Alternating(), name="a test's engine", registry=tmp_path / TRIALS)
    assert quiet.headline == (
        "No strike was settled: there is nothing to tell.",
        "A test's engine forecast nothing in 3 minutes.",
    )
    assert "nothing to tell" in render_page(quiet)
    assert document(quiet)["win_rate"] is None


def test_an_engine_that_had_to_see_more_is_named_as_the_reason(tmp_path: Path) -> None:
    market, engine = synthetic_market(1, 3), EngineSettings()
    quiet = replay_market(market, engine.make(), name=engine.name, registry=tmp_path / TRIALS)
    assert quiet.headline[1:] == (
        "The market has 3 minutes, and the reference engine forecasts nothing before it has seen "
        "4,320: give it a longer file.",
    )


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder of market data is not there")
def test_recorded_minutes_move_the_pool() -> None:
    market = find_market(400)
    assert market is not None
    found = replay(market, Alternating(), name="a test's engine")
    assert found.run.minutes == 400
    assert found.figures.all.trades > 20
