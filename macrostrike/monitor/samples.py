"""Every metric by name, and what one of its values is.

Names are without the prefix `macrostrike_`; units are base units (seconds, wei, ratios of 1), and
amounts of quote are whole tokens. Values are doubles: good for alerts, never for books.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PREFIX = "macrostrike_"
Kind = Literal["gauge", "counter", "histogram"]


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric is. A counter's name ends in `_total`."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a gauge or counter. `labels` are in the order of the metric's."""

    name: str
    value: float
    labels: tuple[str, ...] = ()

    @property
    def named(self) -> dict[str, str]:
        """The labels by name."""
        return dict(zip(METRICS[self.name].labels, self.labels, strict=True))


@dataclass(frozen=True, slots=True)
class Distribution:
    """One label set of a histogram: (upper bound, count at or under it), and the sum of values."""

    name: str
    buckets: tuple[tuple[float, int], ...]
    total: float
    labels: tuple[str, ...] = ()


METRICS: Mapping[str, Metric] = {
    "build_info": Metric(
        "gauge", "Always 1: what is running.", ("version", "chain_id", "bytecode_hash8")
    ),
    "state": Metric("gauge", "1 for the state that the service is in.", ("state",)),
    "predictions_total": Metric(
        "counter", "Predictions seen, by what was decided.", ("signal", "decision")
    ),
    "skips_total": Metric("counter", "Predictions not struck, by the error's name.", ("reason",)),
    "strikes_total": Metric("counter", "Strikes opened.", ("signal",)),
    "settlements_total": Metric("counter", "Strikes closed, by result.", ("result",)),
    "arbitrages_total": Metric("counter", "Arbitrages executed."),
    "open_strikes": Metric("gauge", "Strikes that are open on chain."),
    "win_ratio": Metric("gauge", "Wins of settled strikes.", ("model", "window")),
    "window_strikes": Metric("gauge", "Settled strikes behind win_ratio.", ("model", "window")),
    "brier_score": Metric(
        "gauge", "Mean squared error of the confidence; lower is better.", ("model", "window")
    ),
    "calibration_ratio": Metric("gauge", "Wins of a confidence bin.", ("model", "bin")),
    "calibration_lower_ratio": Metric(
        "gauge", "Lower end of its 95 % Wilson interval.", ("model", "bin")
    ),
    "calibration_upper_ratio": Metric(
        "gauge", "Upper end of its 95 % Wilson interval.", ("model", "bin")
    ),
    "calibration_forecasts": Metric("gauge", "Settled strikes of the bin.", ("model", "bin")),
    "equity_quote": Metric("gauge", "Equity of the 25 bots."),
    "high_water_quote": Metric("gauge", "High-water mark of the equity."),
    "reserve_quote": Metric("gauge", "Quote that is not with the bots, rounding included."),
    "drawdown_ratio": Metric("gauge", "Loss of equity from its high-water mark."),
    "unrealised_quote": Metric("gauge", "Open strikes marked to the oracle."),
    "growth_ratio": Metric(
        "gauge", "P&L of settled strikes over the equity before them.", ("window",)
    ),
    "costs_quote_total": Metric("counter", "What trading cost.", ("kind",)),
    "transactions_total": Metric("counter", "Own transactions.", ("action", "outcome")),
    "transactions_pending": Metric("gauge", "Own transactions without an outcome."),
    "transaction_oldest_seconds": Metric("gauge", "Age of the oldest pending transaction."),
    "transaction_stage_seconds": Metric("histogram", "How long a stage took.", ("stage",)),
    "execution_seconds": Metric(
        "gauge", "Median time from prediction to broadcast, of the last of them.", ("window",)
    ),
    "error_ratio": Metric(
        "gauge", "Transactions rejected, foreign or unknown, of the last of them.", ("window",)
    ),
    "window_transactions": Metric("gauge", "Transactions behind error_ratio.", ("window",)),
    "action_gas": Metric("gauge", "Mean gas of the last transactions of an action.", ("action",)),
    "nonce_local": Metric("gauge", "Next nonce by the journal.", ("operator",)),
    "nonce_chain": Metric("gauge", "Next nonce by the chain.", ("operator",)),
    "last_synced_block": Metric("gauge", "The block that the journal has followed to."),
    "latest_chain_block": Metric("gauge", "The latest block."),
    "blocks_behind": Metric("gauge", "Blocks that the journal has not followed yet."),
    "books_differences": Metric("gauge", "Figures that differ between journal and chain."),
    "reorgs_detected_total": Metric("counter", "Reorganisations that the journal has followed."),
    "reorg_depth_blocks": Metric("gauge", "Blocks that the last reorganisation replaced."),
    "replay_divergences_total": Metric(
        "counter", "Transactions that came out otherwise in the replay.", ("cause",)
    ),
    "queue_depth": Metric("gauge", "What waits.", ("queue",)),
    "provider_healthy": Metric("gauge", "1 for a node that answers.", ("provider",)),
    "rpc_requests_total": Metric(
        "counter", "Requests of this monitor to its nodes.", ("method", "status")
    ),
    "rpc_request_duration_seconds": Metric(
        "histogram", "How long they took.", ("method", "status")
    ),
    "gas_price_wei": Metric("gauge", "What a unit of gas costs now."),
    "l1_fee_wei": Metric("gauge", "What a strike's data costs on the chain below, beside gas."),
    "operator_balance_wei": Metric("gauge", "What an operator has to pay gas with.", ("operator",)),
    "operator_budget_used_ratio": Metric(
        "gauge", "What of its daily budget an operator has used.", ("operator",)
    ),
    "stolen_key_loss_quote": Metric(
        "gauge",
        "The maximum that a thief of an operator's key takes within a day, by the specification.",
        ("operator",),
    ),
    "heartbeat_timestamp_seconds": Metric(
        "gauge", "When a service last said that it works; gone when it has ended.", ("service",)
    ),
}
