"""The view as one JSON document: what the page draws, and what `--json` prints.

Amounts are tokens as numbers, good for charts, never for books. Times are Unix seconds, ratios 0 to
1. No address or hash but the diamond's own is in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from macrostrike import __version__
from macrostrike.journal import ChangeKind, IntentState, StrikeRow, StrikeState
from macrostrike.manifest import TokenEntry
from macrostrike.monitor._chain import OpenStrike
from macrostrike.monitor._score import WINDOW, Bin, closed_in_order
from macrostrike.monitor._statistics import percentile
from macrostrike.monitor.alerts import Alert
from macrostrike.monitor.checks import checks_of
from macrostrike.monitor.figures import Figures
from macrostrike.monitor.rules import MIN_STRIKES
from macrostrike.monitor.service import View
from macrostrike.types import BOTS_PER_STRATEGY, BPS

POINTS = 400
"""The most points of a curve."""
_ROWS = 20
_REASONS = 5
Point = TypeVar("Point")


def document_of(view: View, now: float) -> dict[str, Any]:
    """The whole document. Without figures it says only how the monitor is."""
    health = view.health(now)
    document: dict[str, Any] = {
        "number": view.number,
        "now": now,
        "version": __version__,
        "health": {"status": str(health.status), "reasons": list(health.reasons)},
        "failure": view.failure,
        "alerts": [_alert(alert) for alert in view.alerts],
    }
    if view.figures is not None:
        document |= _Document(view.figures).parts()
    return document


class _Document:
    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._chain, self._records = figures.chain, figures.records
        self._unit = float(10**figures.manifest.quote.decimals)
        self._closed = closed_in_order(figures.records.strikes)
        manifest = figures.manifest
        entries = (manifest.quote, *(market.base for market in manifest.markets))
        self._tokens_by_address = {entry.address: entry for entry in entries}

    def parts(self) -> dict[str, Any]:
        return {
            "at": self._figures.at,
            "deployment": self._deployment(),
            "state": {"word": self._figures.state, "reason": self._figures.reason},
            "headline": self._headline(),
            "equity": self._equity(),
            "win_rate": self._win_rate(),
            "bins": [_bin(each) for each in self._figures.bins],
            "costs": self._costs(),
            "gas": self._gas(),
            "stages": self._stages(),
            "arbitrage": self._arbitrage(),
            "checks": self._checks(),
            "transactions": self._transactions(),
            "open": [self._open(each) for each in self._chain.open_strikes],
            "closed": [self._strike(row) for row in reversed(self._closed[-_ROWS:])],
            "bots": self._bots(),
            "signals": self._signals(),
            "strategies": self._strategies(),
            "predictions": self._predictions(),
            "history": self._history(),
        }

    def _deployment(self) -> dict[str, Any]:
        manifest = self._figures.manifest
        return {
            "name": manifest.name,
            "network": manifest.network,
            "chain_id": manifest.chain_id,
            "diamond": manifest.diamond,
            "quote": manifest.quote.symbol,
            "decimals": manifest.quote.decimals,
            "block": self._chain.block_number,
            "block_time": self._chain.timestamp,
            "synced_block": self._records.synced_block,
            "threshold": self._chain.threshold_bps / BPS,
            "build": self._figures.bytecode_hash[:4].hex(),
        }

    def _headline(self) -> dict[str, Any]:
        figures, stats = self._figures, self._chain.stats
        execution = figures.sending.execution
        return {
            "equity": self._tokens(stats.equity),
            "high_water": self._tokens(stats.high_water),
            "reserve": self._tokens(self._chain.treasury.reserve),
            "pnl": self._tokens(stats.pnl),
            "unrealised": self._tokens(figures.unrealised),
            "drawdown": figures.drawdown,
            "settled": stats.settled,
            "wins": stats.wins,
            "win_rate": stats.wins / stats.settled if stats.settled else None,
            "recent_win_rate": figures.recent_score.win_rate,
            "recent_settled": figures.recent_score.settled,
            "brier": figures.score.brier,
            "open": stats.open,
            "growth_day": figures.growth.get("day"),
            "growth_week": figures.growth.get("week"),
            "best": self._tokens(stats.best),
            "worst": self._tokens(stats.worst),
            "error_rate": figures.sending.error_rate,
            "execution_seconds": execution[0] if execution else None,
            "execution_tail_seconds": execution[1] if execution else None,
            "gas_price_gwei": self._chain.gas_price / 1e9,
            "blocks_behind": figures.blocks_behind,
        }

    def _equity(self) -> list[list[float]]:
        """Time, equity, high-water mark, from when the bots were first funded."""
        rows = thinned([row for row in self._records.equity if row.high_water], POINTS)
        return [[r.timestamp, self._tokens(r.equity), self._tokens(r.high_water)] for r in rows]

    def _win_rate(self) -> list[list[float]]:
        """Time, wins of the last 100 strikes, and of how many that is; from 20 on."""
        points, wins = [], 0
        for index, strike in enumerate(self._closed):
            wins += bool(strike.won)
            if index >= WINDOW:
                wins -= bool(self._closed[index - WINDOW].won)
            count = min(index + 1, WINDOW)
            if count >= MIN_STRIKES:
                points.append([float(strike.settled_at or 0), wins / count, float(count)])
        return list(thinned(points, POINTS))

    def _costs(self) -> dict[str, float | None]:
        sums = self._figures.tallies
        pnl, fees, paid = sums.strikes.pnl, sums.strikes.fees, sums.others.gas_quote
        gas = None if paid is None else self._tokens(paid)
        return {
            "gross": self._tokens(pnl + fees),
            "fees": self._tokens(fees),
            "pnl": self._tokens(pnl),
            "gas": gas,
            "net": self._tokens(pnl) - (gas or 0),
        }

    def _gas(self) -> list[dict[str, Any]]:
        counts = self._figures.tallies.others.mined
        return [
            {"action": action, "mean": gas, "count": counts[action]}
            for action, gas in self._figures.sending.gas.items()
        ]

    def _stages(self) -> list[dict[str, Any]]:
        """How long the stages of a transaction took: the median and the 95th percentile."""
        return [
            {
                "stage": stage,
                "count": len(times),
                "median": percentile(times, 0.5),
                "tail": percentile(times, 0.95),
            }
            for stage, times in self._figures.sending.stages.items()
            if times
        ]

    def _arbitrage(self) -> list[dict[str, Any]]:
        """The AMM bots' score in each token that has a cap or a result."""
        tokens = self._tokens_by_address
        return [
            {
                "token": tokens[each.token].symbol,
                "executed": each.executed,
                "profit": each.profit / 10 ** tokens[each.token].decimals,
                "best": each.best / 10 ** tokens[each.token].decimals,
                "volume": each.volume / 10 ** tokens[each.token].decimals,
            }
            for each in self._chain.amm
            if each.token in tokens
        ]

    def _checks(self) -> list[dict[str, str]]:
        """The checks after a deployment, with the books as each look compares them."""
        return [
            {
                "name": check.name,
                "verdict": str(check.verdict),
                "measured": check.measured,
                "wanted": check.wanted,
            }
            for check in checks_of(self._figures, self._figures.differences or ())
        ]

    def _transactions(self) -> dict[str, Any]:
        outcomes: Counter[str] = Counter()
        for (_, state), count in self._figures.tallies.intents.outcomes.items():
            outcomes[str(state)] += count
        return {
            "outcomes": {str(s): outcomes[str(s)] for s in IntentState if outcomes[str(s)]},
            "pending": self._figures.sending.pending,
            "oldest_seconds": self._figures.sending.oldest_seconds,
            "mined": sum(self._figures.tallies.others.mined.values()),
        }

    def _open(self, each: OpenStrike) -> dict[str, Any]:
        record, strike = each.strike.record, each.strike
        base, amount = self._base(record.market), record.base_amount
        worth, unrealised = each.oracle_quote, each.unrealised

        def price(quote: int) -> float | None:
            if base is None or not amount:
                return None
            return quote / self._unit / (amount / float(10**base.decimals))

        return {
            "id": record.id,
            "market": self._market(record.market),
            "signal": str(strike.signal),
            "confidence": record.confidence_bps / BPS,
            "model": record.model_id,
            "notional": self._tokens(strike.notional),
            "entry": price(strike.notional),
            "oracle": None if worth is None else price(worth),
            "unrealised": None if unrealised is None else self._tokens(unrealised),
            "take_profit": record.take_profit_bps / BPS,
            "stop_loss": record.stop_loss_bps / BPS,
            "opened_at": record.opened_at,
            "due_at": record.due_at,
            "due": str(each.due),
        }

    def _strike(self, row: StrikeRow) -> dict[str, Any]:
        return {
            "id": row.strike_id,
            "market": self._market(row.market),
            "signal": str(row.signal),
            "confidence": row.confidence_bps / BPS,
            "notional": self._tokens(row.notional),
            "pnl": self._tokens(row.pnl or 0),
            "result": _result(row),
            "opened_at": row.opened_at,
            "settled_at": row.settled_at,
        }

    def _bots(self) -> list[dict[str, Any]]:
        profits = self._figures.tallies.strikes.shares
        return [
            {
                "strategy": str(bot.strategy),
                "number": index % BOTS_PER_STRATEGY + 1,
                "equity": self._tokens(bot.equity),
                "locked": self._tokens(bot.locked),
                "pnl": profits[index] / self._unit,
                "risk": bot.config.risk_bps / BPS,
            }
            for index, bot in enumerate(self._chain.bots)
        ]

    def _signals(self) -> list[dict[str, Any]]:
        return [
            {
                "name": str(signal),
                "settled": score.settled,
                "wins": score.wins,
                "pnl": self._tokens(score.profit - score.loss),
            }
            for signal, score in self._chain.signals.items()
        ]

    def _strategies(self) -> list[dict[str, Any]]:
        return [
            {
                "name": str(strategy),
                "settled": score.settled,
                "wins": score.wins,
                "pnl": self._tokens(score.pnl),
                "equity": self._tokens(score.equity),
            }
            for strategy, score in self._chain.strategies.items()
        ]

    def _predictions(self) -> dict[str, Any]:
        decisions: Counter[str] = Counter()
        for (_, decision), count in self._figures.tallies.others.decisions.items():
            decisions[str(decision)] += count
        reasons = self._figures.tallies.others.reasons
        frequent = sorted(reasons, key=lambda reason: -reasons[reason])[:_REASONS]
        return {
            "decisions": dict(decisions),
            "reasons": {reason: reasons[reason] for reason in frequent},
        }

    def _history(self) -> list[dict[str, Any]]:
        """The last alerts and changes of state, the latest first."""
        kinds = (ChangeKind.ALERT, ChangeKind.STATE)
        rows = [change for change in self._records.changes if change.kind in kinds][-_ROWS:]
        return [
            {"at": r.at, "kind": str(r.kind), "name": r.name, "value": r.value, "cause": r.cause}
            for r in reversed(rows)
        ]

    def _market(self, market: int) -> str:
        base = self._base(market)
        known = None if base is None else f"{base.symbol}/{self._figures.manifest.quote.symbol}"
        return known or f"market {market}"

    def _base(self, market: int) -> TokenEntry | None:
        """A market's base; None where the manifest was written before it, and has no such token."""
        markets = self._chain.markets
        return self._tokens_by_address.get(markets[market].base) if market < len(markets) else None

    def _tokens(self, raw: int) -> float:
        return raw / self._unit


def thinned(points: Sequence[Point], limit: int) -> Sequence[Point]:
    """At most so many of the points, evenly, the first and the last among them."""
    if len(points) <= limit:
        return points
    step = (len(points) - 1) / (limit - 1)
    return [points[round(i * step)] for i in range(limit)]


def _result(row: StrikeRow) -> str:
    if row.status is StrikeState.WRITTEN_OFF:
        return "written off"
    return "win" if row.won else "loss"


def _bin(each: Bin) -> dict[str, Any]:
    return {
        "model": each.model,
        "low": each.low_bps / BPS,
        "high": each.high_bps / BPS,
        "settled": each.settled,
        "wins": each.wins,
        "ratio": each.ratio,
        "lower": each.lower,
        "upper": each.upper,
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "key": alert.key,
        "severity": str(alert.severity),
        "since": alert.since,
        "text": alert.text,
        "remedy": alert.remedy,
    }
