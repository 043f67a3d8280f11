"""Figures as samples, and a Prometheus registry of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from macrostrike import __version__
from macrostrike.chain import Traffic
from macrostrike.journal import Decision
from macrostrike.monitor._risk import stolen_key_loss
from macrostrike.monitor._score import WINDOW
from macrostrike.monitor._tallies import BOUNDS, NO_DURATIONS, STAGES
from macrostrike.monitor.figures import STATES, Figures
from macrostrike.monitor.samples import METRICS, PREFIX, Distribution, Sample

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric as Family

_LAST = str(WINDOW)
CAUSES = ("ordering", "liquidity", "fee", "oracle", "reorg", "bug")
"""Why a transaction came out otherwise in its replay."""
TRAFFIC = ("provider_healthy", "rpc_requests_total")
"""What tells of the nodes, even where nothing else can be read."""


def samples_of(figures: Figures) -> list[Sample]:
    """Every gauge and counter. One without a value yet is left out."""
    return [
        *_service(figures),
        *_counters(figures),
        *_scores(figures),
        *_capital(figures),
        *_sending(figures),
        *_node(figures),
    ]


def distributions_of(figures: Figures) -> list[Distribution]:
    """Every histogram."""
    return [
        Distribution(
            "transaction_stage_seconds",
            (*zip(BOUNDS, counts, strict=True), (float("inf"), number)),
            total,
            (stage,),
        )
        for stage in STAGES
        for counts, number, total in [figures.tallies.intents.stages.get(stage, NO_DURATIONS)]
    ]


def samples_of_traffic(traffic: Traffic) -> list[Sample]:
    """The gauges and counters of what was asked of the nodes."""
    healthy = enumerate(traffic.healthy)
    return [
        *(Sample("provider_healthy", is_healthy, (str(n),)) for n, is_healthy in healthy),
        *(Sample("rpc_requests_total", d.count, key) for key, d in traffic.requests.items()),
    ]


def distributions_of_traffic(traffic: Traffic) -> list[Distribution]:
    """The histograms of what was asked of the nodes."""
    return [
        Distribution(
            "rpc_request_duration_seconds",
            (*zip(traffic.bounds, d.buckets, strict=True), (float("inf"), d.count)),
            d.total,
            key,
        )
        for key, d in traffic.requests.items()
    ]


def exposition(samples: Iterable[Sample], distributions: Iterable[Distribution] = ()) -> bytes:
    """The samples as Prometheus reads them."""
    from prometheus_client import generate_latest

    return generate_latest(registry_of(samples, distributions))


def registry_of(
    samples: Iterable[Sample], distributions: Iterable[Distribution] = ()
) -> CollectorRegistry:
    """A registry with these samples and nothing else."""
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(tuple(samples), tuple(distributions)))
    return registry


class _Collector:
    def __init__(
        self, samples: tuple[Sample, ...], distributions: tuple[Distribution, ...]
    ) -> None:
        self._samples, self._distributions = samples, distributions

    def collect(self) -> Iterator[Family]:
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        for name in dict.fromkeys(sample.name for sample in self._samples):
            metric = METRICS[name]
            kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = kind(PREFIX + name, metric.help, labels=metric.labels)
            for sample in self._samples:
                if sample.name == name:
                    family.add_metric(sample.labels, sample.value)
            yield family
        for name in dict.fromkeys(each.name for each in self._distributions):
            metric = METRICS[name]
            histogram = HistogramMetricFamily(PREFIX + name, metric.help, labels=metric.labels)
            for each in self._distributions:
                if each.name == name:
                    bounds = [
                        ("+Inf" if b == float("inf") else f"{b:g}", n) for b, n in each.buckets
                    ]
                    histogram.add_metric(each.labels, bounds, each.total)
            yield histogram


def _service(figures: Figures) -> Iterator[Sample]:
    build = (__version__, str(figures.chain.chain_id), figures.bytecode_hash[:4].hex())
    yield Sample("build_info", 1, build)
    yield Sample("heartbeat_timestamp_seconds", figures.at, ("monitor",))
    if figures.loop_beat_at is not None:
        yield Sample("heartbeat_timestamp_seconds", figures.loop_beat_at, ("loop",))
    for state in STATES:
        yield Sample("state", figures.state == state, (state,))


def _counters(figures: Figures) -> Iterator[Sample]:
    strikes, others = figures.tallies.strikes, figures.tallies.others
    for (signal, decision), count in others.decisions.items():
        yield Sample("predictions_total", count, (signal, str(decision)))
    for reason, count in others.reasons.items():
        yield Sample("skips_total", count, (reason,))
    for signal, count in strikes.opened.items():
        yield Sample("strikes_total", count, (signal,))
    for result in ("win", "loss", "written_off"):
        yield Sample("settlements_total", strikes.results[result], (result,))
    yield Sample("arbitrages_total", others.arbitrages)


def _scores(figures: Figures) -> Iterator[Sample]:
    for score in figures.scores:
        labels = _model(score.model), str(score.window or "all")
        yield Sample("window_strikes", score.settled, labels)
        if score.win_rate is not None and score.brier is not None:
            yield Sample("win_ratio", score.win_rate, labels)
            yield Sample("brier_score", score.brier, labels)
    for each in figures.bins:
        labels = _model(each.model), str(each.low_bps)
        yield Sample("calibration_forecasts", each.settled, labels)
        if each.ratio is not None:
            yield Sample("calibration_ratio", each.ratio, labels)
            yield Sample("calibration_lower_ratio", each.lower, labels)
            yield Sample("calibration_upper_ratio", each.upper, labels)


def _capital(figures: Figures) -> Iterator[Sample]:
    chain, sums = figures.chain, figures.tallies

    def tokens(raw: int) -> float:
        return raw / float(10**figures.manifest.quote.decimals)

    yield Sample("open_strikes", chain.stats.open)
    yield Sample("equity_quote", tokens(chain.stats.equity))
    yield Sample("high_water_quote", tokens(chain.stats.high_water))
    yield Sample("reserve_quote", tokens(chain.treasury.reserve))
    yield Sample("drawdown_ratio", figures.drawdown)
    yield Sample("unrealised_quote", tokens(figures.unrealised))
    for window, growth in figures.growth.items():
        yield Sample("growth_ratio", growth, (window,))
    yield Sample("costs_quote_total", tokens(sums.strikes.fees), ("fee",))
    if sums.others.gas_quote is not None:
        gas, below = sums.others.gas_quote, sums.others.l1_quote
        yield Sample("costs_quote_total", tokens(gas - below), ("gas_l2",))
        yield Sample("costs_quote_total", tokens(below), ("gas_l1",))


def _sending(figures: Figures) -> Iterator[Sample]:
    sending = figures.sending
    for (action, state), count in figures.tallies.intents.outcomes.items():
        yield Sample("transactions_total", count, (action, state.value.replace(" ", "_")))
    yield Sample("transactions_pending", sending.pending)
    waiting = sum(row.decision is Decision.PENDING for row in figures.records.predictions)
    yield Sample("queue_depth", waiting, ("predictions",))
    yield Sample("queue_depth", sending.pending, ("transactions",))
    yield Sample("transaction_oldest_seconds", sending.oldest_seconds)
    yield Sample("window_transactions", sending.finished, (_LAST,))
    if sending.error_rate is not None:
        yield Sample("error_ratio", sending.error_rate, (_LAST,))
    if sending.execution is not None:
        yield Sample("execution_seconds", sending.execution[0], (_LAST,))
    for action, gas in sending.gas.items():
        yield Sample("action_gas", gas, (action,))


def _node(figures: Figures) -> Iterator[Sample]:
    chain, synced, behind = figures.chain, figures.records.synced_block, figures.blocks_behind
    yield Sample("latest_chain_block", chain.block_number)
    if synced is not None and behind is not None:
        yield Sample("last_synced_block", synced)
        yield Sample("blocks_behind", behind)
    if figures.differences is not None:
        yield Sample("books_differences", len(figures.differences))
    others = figures.tallies.others
    yield Sample("reorgs_detected_total", others.reorganisations)
    if others.reorganisations:
        yield Sample("reorg_depth_blocks", others.reorg_depth)
    for cause in CAUSES:
        yield Sample("replay_divergences_total", others.divergences[cause], (cause,))
    yield Sample("gas_price_wei", chain.gas_price)
    yield Sample("l1_fee_wei", chain.l1_fee)
    for index, operator in enumerate(chain.operators):
        label = (str(index),)
        yield Sample("operator_balance_wei", operator.balance, label)
        yield Sample("nonce_chain", operator.nonce, label)
        if operator.address in figures.tallies.intents.next_nonces:
            yield Sample(
                "nonce_local", figures.tallies.intents.next_nonces[operator.address], label
            )
        if operator.grant.daily_budget:
            used = 1 - operator.grant.available / operator.grant.daily_budget
            yield Sample("operator_budget_used_ratio", used, label)
        loss = stolen_key_loss(figures, operator.grant)
        yield Sample("stolen_key_loss_quote", loss / 10**figures.manifest.quote.decimals, label)


def _model(model: int | None) -> str:
    return "all" if model is None else str(model)
