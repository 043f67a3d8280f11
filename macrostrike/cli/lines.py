"""What happens in a loop, a line each, with the id of the prediction that it is about."""

from __future__ import annotations

from macrostrike._counts import counted
from macrostrike.cli.formats import clock, colored, percent, signed, usdc
from macrostrike.errors import ContractError
from macrostrike.journal import Decision, PredictionRow
from macrostrike.loop import (
    Changed,
    Closed,
    Counted,
    Decided,
    Failed,
    Happening,
    LoopState,
    NotClosed,
    Predicted,
    Rebalanced,
    Unsigned,
)

_COLORS = {
    Decision.STRUCK: "green",
    Decision.SKIPPED: "dim",
    Decision.REFUSED: "yellow",
    Decision.EXPIRED: "dim",
}


def line(happening: Happening | Failed) -> str:
    """What happened, with the id that follows a prediction through journal and log."""
    match happening:
        case Decided():
            return _decided(happening)
        case Predicted(at, row):
            return (
                f"{_begins(at, row.causation_id)}{claim(row)}: predicted, nonce {row.engine_nonce}"
            )
        case Closed(at, cause, strike, closing, settled):
            return (
                f"{_begins(at, cause)}[b]#{strike.strike_id}[/] settled, {closing}: "
                f"{usdc(settled.quote_amount)} USDC, {signed(settled.pnl)}"
            )
        case NotClosed(at, cause, strike, closing, error):
            begins = _begins(at, cause)
            return f"{begins}#{strike.strike_id}, {closing}: [yellow]not settled[/], {error}"
        case Counted():
            return _counted(happening)
        case Unsigned(at, forecast, error):
            return f"{clock(at)}  a {forecast.signal} was [yellow]not signed[/]: {error}"
        case Rebalanced(at, outcome):
            if isinstance(outcome, ContractError):
                return f"{clock(at)}  [yellow]not rebalanced[/], {outcome}"
            return f"{clock(at)}  rebalanced by what each strategy has won"
        case Changed(at, state, cause):
            color = "green" if state is LoopState.RUNNING else "red"
            return f"{clock(at)}  [{color}]{state}[/]: {cause}"
        case Failed(error):
            return f"[red]{error}[/]"


def _decided(decided: Decided) -> str:
    row = decided.row
    color = _COLORS[row.decision]
    begins = f"{_begins(decided.at, row.causation_id)}{claim(row)}: [{color}]{row.decision}[/]"
    if decided.opened is not None:
        bots = sum(lots > 0 for lots in decided.opened.lots)
        notional = usdc(decided.opened.notional)
        return f"{begins} as [b]#{row.strike_id}[/], {counted(bots, 'bot')}, {notional} USDC"
    if row.strike_id is not None:
        return f"{begins} as [b]#{row.strike_id}[/], before this process began"
    return f"{begins}, {row.reason}: {row.detail}"


def _counted(ended: Counted) -> str:
    """The score with it; and who has learned of it."""
    stats = ended.stats
    learns = "its engine has learned" if ended.is_taught else "its engine reads it at the intake"
    return (
        f"{_begins(ended.at, ended.causation_id)}#{ended.strike.strike_id} counted: "
        f"{stats.wins} of {stats.settled} won, {signed(stats.pnl)} USDC; {learns}"
    )


def claim(row: PredictionRow) -> str:
    """What a prediction says, in short."""
    claimed = percent(row.confidence_bps)
    return f"{colored(row.signal)} of model {row.model_id}, claimed {claimed}"


def _begins(at: int, causation_id: str | None) -> str:
    """When, and the id; blanks where a strike is of no prediction in this journal."""
    return f"{clock(at)}  {causation_id or '':16}  "
