"""The figures of a report, each from the measured trades and the chain's own score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from macrostrike._statistics import wilson
from macrostrike.replay._costs import QUOTE, Costs, GasPrice
from macrostrike.replay._trades import Trade
from macrostrike.types import BPS, Signal, Strategy


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the trades together. Amounts in raw quote units, `net` after gas."""

    trades: int
    wins: int
    pnl: int
    net: int
    notional: int

    @property
    def win_rate(self) -> float | None:
        """Share of them that won."""
        return self.wins / self.trades if self.trades else None

    @property
    def expectancy(self) -> float | None:
        """Net result of one trade, quote."""
        return self.net / self.trades / QUOTE if self.trades else None

    @property
    def expectancy_bps(self) -> float | None:
        """Net result of what was traded, basis points of the notional."""
        return BPS * self.net / self.notional if self.notional else None


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall of the capital from a high, raw quote units; Unix seconds."""

    amount: int
    share: float
    high_at: int
    low_at: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Strikes of one confidence bin: what was claimed, what came, and where it may truly lie."""

    claimed: float
    trades: int
    wins: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All of a run. `curve`: time and capital, raw units, at the start and after each trade.

    brier: mean of (confidence - outcome)²; brier_base: the same for one who always claims the
    win rate that came out, and so the one to beat.
    """

    all: Group
    by_signal: dict[Signal, Group]
    by_strategy: dict[Strategy, Group]
    by_hour: dict[int, Group]
    by_day: dict[int, Group]
    costs: Costs
    profit: int
    loss: int
    best: int
    worst: int
    brier: float | None
    brier_base: float | None
    bins: tuple[Bin, ...]
    drawdown: Drawdown
    curve: tuple[tuple[int, int], ...]
    mean_minutes: float

    @property
    def profit_factor(self) -> float | None:
        """All that was won over all that was lost, before gas."""
        return self.profit / self.loss if self.loss else None

    @property
    def skill(self) -> float | None:
        """Brier skill: over 0 the confidence says more than the win rate does."""
        if self.brier is None or not self.brier_base:
            return None
        return 1 - self.brier / self.brier_base


def figures(trades: Sequence[Trade], *, initial: int, started_at: int, gas: GasPrice) -> Figures:
    """Everything that follows from the trades. `initial` is the capital before, raw units."""
    net = {each.strike_id: each.pnl - gas.cost(each) for each in trades}

    def group(some: Iterable[Trade]) -> Group:
        return _group(some, net)

    hours, days = _sorted_by(trades, _hour), _sorted_by(trades, _day)
    pnl = [each.pnl for each in trades]
    brier, base = _brier(trades)
    curve = _curve(trades, initial, started_at)
    return Figures(
        all=group(trades),
        by_signal={s: group(t for t in trades if t.signal is s) for s in Signal},
        by_strategy={s: group(t for t in trades if s in t.strategies) for s in Strategy},
        by_hour={hour: group(hours[hour]) for hour in range(24)},
        by_day={day: group(days[day]) for day in _days(trades)},
        costs=Costs.of(trades, gas),
        profit=sum(each for each in pnl if each > 0),
        loss=-sum(each for each in pnl if each < 0),
        best=max(pnl, default=0),
        worst=min(pnl, default=0),
        brier=brier,
        brier_base=base,
        bins=tuple(_bins(trades)),
        drawdown=_drawdown(curve),
        curve=curve,
        mean_minutes=_mean_minutes(trades),
    )


def _sorted_by(
    trades: Iterable[Trade], key: Callable[[Trade], int]
) -> defaultdict[int, list[Trade]]:
    """Trades by a key, in their order; none where there are none."""
    found: defaultdict[int, list[Trade]] = defaultdict(list)
    for each in trades:
        found[key(each)].append(each)
    return found


def _group(trades: Iterable[Trade], net: dict[int, int]) -> Group:
    some = list(trades)
    return Group(
        trades=len(some),
        wins=sum(each.won for each in some),
        pnl=sum(each.pnl for each in some),
        net=sum(net[each.strike_id] for each in some),
        notional=sum(each.notional for each in some),
    )


def _brier(trades: Sequence[Trade]) -> tuple[float | None, float | None]:
    if not trades:
        return None, None
    rate = sum(each.won for each in trades) / len(trades)
    misses = ((each.confidence_bps / BPS - each.won) ** 2 for each in trades)
    return sum(misses) / len(trades), rate * (1 - rate)


def _bins(trades: Sequence[Trade]) -> Iterable[Bin]:
    """By confidence, in the chain's bins of 100 basis points."""
    for low in range(9300, BPS, 100):
        some = [t for t in trades if low <= min(t.confidence_bps, BPS - 1) < low + 100]
        if not some:
            continue
        wins = sum(each.won for each in some)
        claimed = sum(each.confidence_bps for each in some) / len(some) / BPS
        yield Bin(claimed, len(some), wins, *wilson(wins, len(some)))


def _curve(trades: Sequence[Trade], initial: int, started_at: int) -> tuple[tuple[int, int], ...]:
    points, capital = [(started_at, initial)], initial
    for each in trades:
        capital += each.pnl
        points.append((each.settled.at, capital))
    return tuple(points)


def _drawdown(curve: Sequence[tuple[int, int]]) -> Drawdown:
    high_at, high = curve[0]
    worst = Drawdown(0, 0.0, high_at, high_at)
    for at, capital in curve:
        if capital > high:
            high_at, high = at, capital
        elif high - capital > worst.amount:
            worst = Drawdown(high - capital, (high - capital) / high, high_at, at)
    return worst


def _mean_minutes(trades: Sequence[Trade]) -> float:
    if not trades:
        return 0.0
    return sum(each.settled.at - each.opened.at for each in trades) / len(trades) / 60


def _days(trades: Sequence[Trade]) -> range:
    """All days from the first trade's to the last one's, those without a trade among them."""
    days = [_day(each) for each in trades]
    return range(min(days), max(days) + 1) if days else range(0)


def _day(trade: Trade) -> int:
    return trade.settled.at // 86_400


def _hour(trade: Trade) -> int:
    return datetime.fromtimestamp(trade.opened.at, timezone.utc).hour
