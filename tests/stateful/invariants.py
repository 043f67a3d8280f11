"""What the diamond guarantees, by name."""

from __future__ import annotations

from .tally import Tally

INVARIANTS = {
    "solvency": "quote and base held are at least what the books say",
    "excess": "what is held above the books is donations, to the unit; skim takes just that",
    "capital": "reserve and equity change by P&L and by the owner's hand, by nothing else",
    "measured": "P&L is at most what the balance moved by, less the notional; the rest is booked",
    "takeover": "a taker pays the best of three prices for the fleet, but for the stated discount",
    "second": "a takeover's prices are of the second's beginning, whatever was traded in it",
    "wins": "a win has gained, agrees with the exit price, and did not wait for its operator",
    "worth": "a stranger lowers what the fleet owns, at its prices, by the auction's offer alone",
    "flash": "a flash taker keeps nothing; its owner alone takes by it, and gains what it says",
    "marks": "a strike is marked as due by a whole window's mean since its opening, at a barrier",
    "shares": "bots of the strike alone share its P&L, and never more than it",
    "loss cap": "no bot loses more on a strike than its lots",
    "lots": "(free + open lots) x lot <= equity, of each bot",
    "closable": "the owner can close every open strike, by a write-off where nothing else works",
    "open lots": "a market's open lots are those of its open strikes",
    "threshold": "no strike under the threshold in force, nor under 93 %",
    "signature": "no strike that a live engine has not signed, word for word, for that time",
    "nonce": "no prediction twice",
    "stopped": "nothing opens, and no arbitrage is done, while paused or halted",
    "arbitrage": "it leaves the profit that it tells, more than none, within its token's cap",
    "authority": "each event by someone who may; tokens leave to pools or by the owner",
    "gates": "a strike is refused by the first gate of the table that is shut, and by no open one",
    "budget": "over any time t an operator trades at most budget x (1 + t / day)",
    "day cap": "over any time t a market opens at most its day cap x (1 + t / day)",
    "score": "wins + losses = settled; totals, signals, models and strategies agree",
    "events": "every reader answers what the events alone give",
}


class InvariantBroken(AssertionError):
    """`name` is the invariant's."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name}: {what}")
        self.name = name


class Invariants:
    """Counts what is kept; raises what is not."""

    def __init__(self, tally: Tally) -> None:
        self._kept = tally.kept

    def require(self, name: str, holds: bool, *what: object) -> None:
        """`what` is put into words only where it does not hold."""
        assert name in INVARIANTS
        if not holds:
            raise InvariantBroken(name, " ".join(map(str, what)))
        self._kept[name] += 1
