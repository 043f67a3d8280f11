"""The first lines of a report: what was traded and what it came to, losses first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from macrostrike._counts import counted
from macrostrike.market import Market
from macrostrike.replay._bootstrap import Bootstrap
from macrostrike.replay._costs import QUOTE, GasPrice
from macrostrike.replay._figures import Figures
from macrostrike.replay._policy import Policy
from macrostrike.replay._trading import MarketRun
from macrostrike.replay._trials import Trials

TARGET = 0.93
_LUCK, _OVERFITTED = 0.5, 0.4  # of a deflated Sharpe ratio, of a probability of overfitting
DEPTH_WORDS = "$281,000 for 1 % of price"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report is made of, apart from the scenario. warm_up: bars before any forecast."""

    market: Market
    predictor: str
    run: MarketRun
    policy: Policy
    gas: GasPrice
    figures: Figures
    bootstrap: Bootstrap | None
    trials: Trials
    warm_up: int = 0


def headline(basis: Basis) -> tuple[str, ...]:
    """Sentences in words, the one about money first."""
    return tuple(_sentences(basis))


def limits(basis: Basis) -> tuple[str, ...]:
    """What the report can't show, and what was assumed instead."""
    recorded = any(bar.liquidity for bar in basis.market.bars[:1])
    liquidity = (
        "Liquidity is the recorded one in range at each minute's end, spread over all prices: what "
        "lay beyond the minute's range is not recorded, so a larger strike's impact is a guess."
        if recorded
        else f"No liquidity is recorded: the pool has that of {DEPTH_WORDS}, at all times."
    )
    return (
        *(f"Of the data: {note}." for note in basis.market.notes),
        "Prices are minutes: the pool has each minute's last price, and what happened within "
        "the minute, wicks through a barrier among it, is not seen.",
        liquidity,
        f"{_flow(basis.policy)} The next minute's price is the recorded one, whatever was traded.",
        f"A strike lands {_seconds(basis.policy)} s after the minute it was predicted from. No "
        "queue, no reorg.",
        f"Gas is assumed: the project's measured gas at {basis.gas.gwei:g} gwei, {_l1(basis.gas)}. "
        f"At 20 gwei on mainnet it would be {_mainnet_gas(basis)} more.",
        f"One market, {counted(days(basis.market), 'day')}: another may be nothing like it.",
    )


def _l1(gas: GasPrice) -> str:
    if not gas.l1_usd:
        return "with no L1 data fee"
    return f"and {money(gas.l1_usd, 3)} for the data of each transaction on an L1"


def _flow(policy: Policy) -> str:
    if not policy.flow:
        return "No one else trades between the fleet's quote and its swap."
    way = "the same way" if policy.flow > 0 else "the other way"
    return f"Others swap {money(abs(policy.flow), 0)} {way} just before each of the fleet's swaps."


def _seconds(policy: Policy) -> int:
    return policy.block_time * (1 + policy.latency_blocks)


def _mainnet_gas(basis: Basis) -> str:
    dear = sum(GasPrice(20).cost(each) for each in basis.run.trades)
    costs = basis.figures.costs
    return money((dear - costs.gas - costs.l1) / QUOTE, 0)


def _sentences(basis: Basis) -> Iterator[str]:
    figures, run = basis.figures, basis.run
    every = figures.all
    if every.expectancy is None or every.win_rate is None or every.expectancy_bps is None:
        yield "No strike was settled: there is nothing to tell."
        yield _why_nothing(basis)
        return
    verdict = "lost money" if every.net < 0 else "made money"
    interval = ""
    if basis.bootstrap is not None:
        low, high = basis.bootstrap.expectancy.low, basis.bootstrap.expectancy.high
        interval = f" (90 % interval {money(low)} to {money(high)})"
    yield (
        f"It {verdict}: {money(every.expectancy)} a strike{interval}, net of pool fees, own price "
        f"impact and gas, which is {every.expectancy_bps:+.1f} bps of what was traded and "
        f"{money(every.net / QUOTE, 0)} in all."
    )
    if may_be_luck(basis.trials):
        yield luck(basis.trials)
    if basis.market.is_made_up:
        yield "The prices are made up: this says nothing about any market."
    kind = "made-up" if basis.market.is_made_up else "recorded"
    yield (
        f"Traded: {every.trades:,} strikes of {basis.predictor}, from {_day(run.started_at)} to "
        f"{_day(run.ended_at)} over {run.minutes:,} {kind} minutes, "
        f"{money(every.notional / every.trades / QUOTE, 0)} each on average and "
        f"{figures.mean_minutes:.0f} minutes long, closed at a gain of "
        f"{_range(trade.take_profit_bps for trade in run.trades)} bps, a loss of "
        f"{_range(trade.stop_loss_bps for trade in run.trades)} bps, or when their time was up."
    )
    short = TARGET - every.win_rate
    compared = f"{100 * short:.1f} points under" if short > 0 else "which meets"
    yield (
        f"Won {100 * every.win_rate:.1f} % of them, {compared} the target of 93 %: the gate of "
        "93 % is on what the engine claims, not on what comes."
    )
    if figures.skill is not None and figures.brier is not None:
        words = "some skill" if figures.skill > 0 else "no skill"
        yield (
            f"The confidence shows {words}: Brier score {figures.brier:.3f}, against "
            f"{figures.brier_base:.3f} for always claiming the win rate; lower is better."
        )
    yield _halts(basis)
    if run.refused:
        yield f"Refused: {_refused(basis)}."
    yield trials_words(basis.trials)


def _why_nothing(basis: Basis) -> str:
    if short := too_short(basis.market, basis.predictor, basis.warm_up):
        return short
    if basis.run.refused:
        return f"All was refused: {_refused(basis)}."
    seen = counted(basis.run.minutes, "minute")
    return f"{basis.predictor.capitalize()} forecast nothing in {seen}."


def too_short(market: Market, predictor: str, warm_up: int) -> str:
    """That the engine is silent until it has seen more bars than there are; empty if it is not."""
    bars = len(market.bars)
    if bars > warm_up:
        return ""
    return (
        f"The market has {counted(bars, 'minute')}, and {predictor} forecasts nothing before it "
        f"has seen {warm_up:,}: give it a longer file."
    )


def days(market: Market) -> int:
    """From a market's first bar to its last, begun ones among them."""
    return -(-(market.bars[-1].timestamp + 60 - market.bars[0].timestamp) // 86_400)


def _refused(basis: Basis) -> str:
    """By the name of the error, the most frequent first. A settlement is tried again a minute
    later, a forecast is not."""
    often = sorted(basis.run.refused.items(), key=lambda each: -each[1])
    return ", ".join(f"{name} {counted(count, 'time')}" for name, count in often)


def _range(values: Iterable[int]) -> str:
    found = sorted(set(values))
    return f"{found[0]}" if len(found) == 1 else f"{found[0]} to {found[-1]}"


def _halts(basis: Basis) -> str:
    halts = len(basis.run.halts)
    if not halts:
        return "The breakers never halted the fleet."
    times = {1: "once", 2: "twice"}.get(halts, f"{halts} times")
    hours = basis.policy.resume_after / 3600
    return (
        f"The breakers halted the fleet {times}; by this run's policy the owner resumed it after "
        f"{hours:g} h each time, which a careful owner would not have done."
    )


def may_be_luck(trials: Trials) -> bool:
    """Whether the search for it explains the result as well as skill does."""
    deflated, overfitted = trials.deflated, trials.overfitted
    return trials.count > 1 and (
        (deflated is not None and deflated < _LUCK) or (overfitted or 0) > _OVERFITTED
    )


def luck(trials: Trials) -> str:
    """That it may be, in words."""
    figures = []
    if trials.deflated is not None:
        figures.append(f"deflated Sharpe ratio {trials.deflated:.2f}")
    if trials.overfitted is not None:
        figures.append(f"probability of backtest overfitting {trials.overfitted:.2f}")
    return (
        f"Luck among {counted(trials.count, 'trial')} of this data explains it as well as skill: "
        f"{', '.join(figures)}."
    )


def trials_words(trials: Trials) -> str:
    """How many trials there were, and what follows."""
    nth = "the only trial" if trials.count == 1 else f"one of {trials.count:,} trials"
    sentence = f"It is {nth} of this data that the registry knows"
    if trials.deflated is None:
        return f"{sentence}; too few days for a Sharpe ratio."
    best = "" if trials.count == 1 else ", were it the best of them,"
    said = (
        f"{sentence}: the probability that its Sharpe ratio is truly over zero{best} is "
        f"{100 * trials.deflated:.0f} % (deflated Sharpe ratio)"
    )
    if trials.overfitted is None:
        return f"{said}."
    return (
        f"{said}; that the best of them on some days is among the worse half on the others, "
        f"{100 * trials.overfitted:.0f} % (backtest overfitting)."
    )


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d}"


def money(amount: float, decimals: int = 2) -> str:
    """Dollars, with a sign where it is a loss."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{decimals}f}"
