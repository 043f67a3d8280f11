"""One replay of a market in process: what was run, and its receipt. Nothing is said of it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from macrostrike.chain import RevmTransport
from macrostrike.engine import Predictor
from macrostrike.market import Market
from macrostrike.replay._collector import no_collector
from macrostrike.replay._costs import GasPrice
from macrostrike.replay._driver import MarketDriver, full_range_liquidity
from macrostrike.replay._figures import Figures, figures
from macrostrike.replay._policy import Policy
from macrostrike.replay._receipt import Receipt, receipt_of
from macrostrike.replay._stage import set_stage
from macrostrike.replay._trading import MarketRun, run_market

DEPTH = Decimal(56_000_000)
"""Quote in the pool where no liquidity is recorded: 1 % of price for about $281,000."""

_OWN_DEPTH = 1000  # quote: what stays in the pool whatever is recorded
_SETUP_SECONDS = 3600  # of the chain's time, before the first bar


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay that has run. A report of it needs an entry in the registry of trials.

    warm_up: bars that the predictor sees before its first forecast, where it says so.
    """

    market: Market
    predictor: str
    policy: Policy
    gas: GasPrice
    run: MarketRun
    figures: Figures
    receipt: Receipt
    warm_up: int = 0


@no_collector()
def replay(
    market: Market,
    predictor: Predictor,
    *,
    name: str,
    policy: Policy | None = None,
    gas: GasPrice | None = None,
    engine: Mapping[str, Any] | None = None,
    on_minute: Callable[[int, int], None] | None = None,
) -> Replay:
    """Replays a market in process.

    name: the predictor's, in words.
    engine: what it was made from, for the receipt.
    """
    policy, gas, bars = policy or Policy(), gas or GasPrice(0.05), market.bars
    stage = set_stage(
        RevmTransport(timestamp=bars[0].timestamp - _SETUP_SECONDS),
        target=policy.target(),
        price=bars[0].open,
        depth=_OWN_DEPTH,
    )
    driver = MarketDriver(stage, full_range_liquidity(DEPTH, bars[0].open))
    run = run_market(driver, predictor, bars, policy, on_minute)
    found = figures(run.trades, initial=run.before.capital, started_at=run.started_at, gas=gas)
    receipt = receipt_of(
        stage=stage,
        bars=bars,
        parameters={
            "predictor": name,
            "engine": None if engine is None else dict(engine),
            "gas": asdict(gas),
            "policy": asdict(policy),
        },
        score=run.after,
        trades=run.trades,
    )
    warm_up = int(getattr(predictor, "warm_up", 0))
    return Replay(market, name, policy, gas, run, found, receipt, warm_up)
