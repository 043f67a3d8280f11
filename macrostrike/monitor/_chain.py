"""What the chain says now, asked of one block."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from macrostrike.chain import BoundContract, Transport
from macrostrike.client._samples import strike_data
from macrostrike.errors import Reverted
from macrostrike.manifest import Manifest
from macrostrike.types import (
    Action,
    AMMTokenStats,
    Bot,
    CalibrationBin,
    Due,
    Market,
    OperatorGrant,
    Signal,
    SignalStats,
    Strategy,
    StrategyStats,
    Strike,
    StrikeStats,
    Treasury,
)


@dataclass(frozen=True, slots=True)
class OpenStrike:
    """An open strike against the oracle.

    oracle_quote: raw quote that its base is worth at the oracle's price; None while there is none.
    """

    strike: Strike
    due: Due
    oracle_quote: int | None

    @property
    def unrealised(self) -> int | None:
        """Raw quote won or lost at the oracle's price, before the pool's fee."""
        if self.oracle_quote is None:
            return None
        gain = self.oracle_quote - self.strike.notional
        return gain if self.strike.signal.is_long else -gain


@dataclass(frozen=True, slots=True)
class OperatorView:
    """An operator: its ether in wei, the nonce of its next transaction, and what it may do."""

    address: str
    balance: int
    nonce: int
    grant: OperatorGrant


@dataclass(frozen=True, slots=True)
class ChainView:
    """One block's answers. Amounts are raw quote units; `gas_price`, and `l1_fee` for the data of a
    strike on a chain below, are in wei.
    """

    chain_id: int
    block_number: int
    timestamp: int
    gas_price: int
    l1_fee: int
    stats: StrikeStats
    signals: dict[Signal, SignalStats]
    strategies: dict[Strategy, StrategyStats]
    bots: tuple[Bot, ...]
    treasury: Treasury
    threshold_bps: int
    paused: bool
    markets: tuple[Market, ...]
    calibration: dict[int, tuple[CalibrationBin, ...]]
    open_strikes: tuple[OpenStrike, ...]
    operators: tuple[OperatorView, ...]
    amm: tuple[AMMTokenStats, ...]


def read_chain(transport: Transport, manifest: Manifest, models: Iterable[int]) -> ChainView:
    """Asks all view functions that the monitor shows, on the latest block.

    models: ids whose calibration is read. Raises `NodeUnavailable`, `NodeError` and `Reverted`.
    """
    # By its hash: another node, or another fork, has no answer instead of another one.
    block, models = transport.block(), sorted(models)
    diamond = BoundContract.diamond(transport, manifest.diamond).pinned(block)
    # All that the chain has: the owner may have registered some after the manifest was written.
    markets = range(diamond.call("marketCount"))
    asked: list[tuple[Any, ...]] = [
        ("getStrikeStats",),
        ("getBots",),
        ("getTreasury",),
        ("threshold",),
        ("paused",),
        ("getOpenStrikes",),
        ("getAMMStats",),
        *(("getSignalStats", signal) for signal in Signal),
        *(("getStrategyStats", strategy) for strategy in Strategy),
        *(("getMarket", market) for market in markets),
        *(("getCalibration", model) for model in models),
        *(("getOperator", operator) for operator in manifest.operators),
    ]
    answers = iter(diamond.ask(asked))
    stats, bots, treasury, threshold, paused, open_ids, amm = (next(answers) for _ in range(7))
    return ChainView(
        chain_id=transport.chain_id,
        block_number=block.number,
        timestamp=block.timestamp,
        gas_price=transport.gas_price(),
        l1_fee=transport.data_cost(manifest.diamond, strike_data()).fee,
        stats=stats,
        bots=tuple(bots),
        treasury=Treasury(*treasury),
        threshold_bps=threshold,
        paused=paused,
        amm=tuple(amm),
        signals={signal: next(answers) for signal in Signal},
        strategies={strategy: next(answers) for strategy in Strategy},
        markets=tuple(next(answers) for _ in markets),
        calibration={model: tuple(next(answers)) for model in models},
        operators=tuple(_operator(transport, each, next(answers)) for each in manifest.operators),
        open_strikes=_open_strikes(diamond, open_ids),
    )


def _operator(transport: Transport, address: str, answer: Sequence[Any]) -> OperatorView:
    valid_until, actions, daily_budget, available = answer
    grant = OperatorGrant(valid_until, Action(actions), daily_budget, available)
    return OperatorView(address, transport.balance(address), transport.nonce(address), grant)


def _open_strikes(diamond: BoundContract, ids: Sequence[int]) -> tuple[OpenStrike, ...]:
    asked = [*(("getStrike", i) for i in ids), *(("canSettle", i) for i in ids)]
    answers = diamond.ask(asked)
    found = []
    for strike, (_, due) in zip(answers[: len(ids)], answers[len(ids) :], strict=True):
        position = (strike.record.market, strike.record.base_amount)
        try:
            worth = diamond.call("getOracleQuote", *position)
        except Reverted:
            # An oracle that is stale, or a pool without its mean price yet.
            worth = None
        found.append(OpenStrike(strike, due, worth))
    return tuple(found)
