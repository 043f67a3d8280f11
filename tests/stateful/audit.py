"""What must hold after every call, by any account, of any kind.

The auditor knows the diamond's events, its view functions' answers, balances, and what engines have
signed. It asks the contracts for no judgement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from macrostrike.abi import Event, diamond_abi
from macrostrike.build import ours
from macrostrike.chain import Log, Reverted, RevmTransport
from macrostrike.journal import Books
from macrostrike.types import BOTS, STRIKE_SLOTS, Closing

from ..unit.pools import TOKEN
from . import answers
from .answers import Answer
from .closings import Closings
from .gates import TRANSFER, Gates
from .invariants import Invariants
from .outside import Outside
from .score import MODELS, Score
from .tally import Tally, reason
from .wire import word

_FREE_LOTS_SLOT = 0x2B583CD0DCB4BFF4C7FC541709496EA4ECD936410073415C32A460890E5D4A00 + 2
_BOT_WORDS, _EQUITY = 8, 6
_ARBITRAGE = {
    *("AMMCapSet", "AMMFunded", "AMMDefunded"),
    *("PoolRegistered", "PoolUnregistered", "ArbitrageExecuted"),
}
_OPEN_LOTS = 30  # the word of getMarket
_WRITE_OFF = diamond_abi().selector("writeOffStrike")
_GET_BOTS = diamond_abi().encode_call("getBots")
_GET_TREASURY = diamond_abi().encode_call("getTreasury")
_HOSTILE = ours("HostileToken").abi


@dataclass(frozen=True)
class Seen:
    """What the chain shows of the money. Equity by bot; all in raw units."""

    equity: tuple[int, ...]
    reserve: int
    balances: dict[str, int]

    @property
    def capital(self) -> int:
        return sum(self.equity) + self.reserve


@dataclass(frozen=True)
class Closed:
    """A strike that a call has closed.

    quote: what it says of quote, in or out; `traded` whether that moved, or the reserve was the
        other side.
    """

    strike: Any
    notional: int
    pnl: int
    won: bool
    quote: int
    traded: bool

    @property
    def measured(self) -> int:
        """What was gained, counted or not."""
        gained = self.quote - self.notional
        return gained if self.strike.signal.is_long else -gained


class Audited(Protocol):
    """What of an arena the audit looks at."""

    tally: Tally
    chain: RevmTransport
    outside: Outside
    diamond: str
    accounts: Sequence[str]
    people: dict[str, str]


class Auditor:
    """Keeps its own record from the beginning of a run, and compares after every call."""

    def __init__(self, arena: Audited, books: Books) -> None:
        self._arena, self.books = arena, books
        self.invariants = invariants = Invariants(arena.tally)
        self._require = invariants.require
        self._gates = Gates(invariants, arena.diamond)
        self._score = Score(invariants, self._ask, books)
        self._closings = Closings(invariants, self._ask)
        self.signed = self._gates.signed
        self._accounts = frozenset(arena.accounts)
        self._balance_of = TOKEN.abi.encode_call("balanceOf", arena.diamond)
        self._minted = (bytes(32), bytes(12) + bytes.fromhex(arena.diamond[2:]))
        self._turn = 0
        self._seen = self._look()
        self._count_excess()

    def after(self, sender: str, logs: Sequence[Log], *, given: bool = False) -> None:
        """Checks all, given what a call has logged: nothing when it was refused.

        `given`: tokens came or went beside it.
        """
        abi, diamond, now = diamond_abi(), self._arena.diamond, self._arena.chain.timestamp()
        decoded = (abi.decode_event(e.topics, e.data) for e in logs if e.address == diamond)
        events = [event for event in decoded if event is not None]
        self._note(events, logs)
        # The token may have called from within its transfer.
        self._gates.check_authority(self.books, now, {sender, self._arena.people["token"]}, events)
        self._gates.check_openings(self.books, now, events)
        self._gates.check_payees(self.books, sender, events, logs)
        self._closings.check(self.books, now, events, {log.address for log in logs})
        closed = self._closed(events)
        for event in events:
            self.books.apply(event, now)
        before, self._seen = self._seen, self._look()
        if sender != self.books.owner and sender not in self.books.operators:
            quote = self._arena.outside.quote
            self._closings.check_worth(self.books, quote, self._moved(before), events)
        self._check_money(before, events, logs, closed, given)
        if events:
            self._check_open_lots()
            self._score.check(self.books.fleet.unit, [(each.pnl, each.won) for each in closed])
        if ids := self.books.open_strike_ids():
            self._check_closable([ids[self._turn % len(ids)]])
        self._compare(self._touched(events) if events else self._untouched())

    def given(self) -> None:
        """Tokens came or went without a call."""
        self.after(self._arena.people["stranger"], (), given=True)

    def balance(self, token: str) -> int:
        """What the diamond holds."""
        return word(self._arena.chain.call(token, self._balance_of), 0)

    def check_all(self) -> None:
        """Every answer of every reader."""
        self._check_closable(self.books.open_strike_ids())
        books, strikes = self.books, self.books.fleet.slots.values()
        of_strikes = (answers.of_strike(books, strike.record.id) for strike in strikes)
        self._compare(chain(answers.totals(books), *self._others, *of_strikes))

    # Money.

    def _check_money(
        self,
        before: Seen,
        events: Sequence[Event],
        logs: Iterable[Log],
        closed: Sequence[Closed],
        given: bool,
    ) -> None:
        if len(closed) == 1 and not any(e.name in ("StrikeOpened", "Rebalanced") for e in events):
            self._check_shares(before, closed[0], self._gifts(logs))
        self._check_arbitrages(before, events)
        self._check_capital(before, events, closed)
        self._check_solvency()
        if given:
            self._count_excess()
        else:
            self._check_excess(events, logs)
        self._check_lots()

    def _moved(self, before: Seen) -> dict[str, int]:
        """Of each token that does not take from accounts."""
        kept = self._seen.balances.items()
        host = self._arena.outside.host
        return {token: now - before.balances[token] for token, now in kept if token != host}

    def _closed(self, events: Iterable[Event]) -> list[Closed]:
        found = []
        for event in events:
            if event.name != "StrikeSettled":
                continue
            args = event.args
            strike = self.books.fleet.slots[args["strike_id"] % STRIKE_SLOTS]
            notional = sum(strike.lots) * self.books.fleet.lot_value
            traded = args["how"] in (Closing.SWAP, Closing.TAKEOVER)
            found.append(
                Closed(strike, notional, args["pnl"], args["won"], args["quote_amount"], traded)
            )
        return found

    def _check_shares(self, before: Seen, closed: Closed, gifts: Counter[str]) -> None:
        """Of a call that settled one strike: what each bot got, and what was measured.

        What a token gave within it came with what was traded, or beside it.
        """
        strike, pnl, quote = closed.strike, closed.pnl, closed.quote
        after, lot = self._seen, self.books.fleet.lot_value
        for bot, weight in enumerate(strike.lots):
            change = after.equity[bot] - before.equity[bot]
            self._require("shares", weight > 0 or change == 0, "bot", bot, "had no part in it")
            covered = change >= -weight * lot
            self._require("loss cap", covered, "bot", bot, "lost", -change, "of lots", weight)
            self._require("shares", change == 0 or (change > 0) == (pnl > 0), change, "of", pnl)
        shared = sum(after.equity) - sum(before.equity)
        self._require("shares", shared <= pnl, "bots got", shared, "of", pnl)
        token = self._arena.outside.quote
        moved = after.balances[token] - before.balances[token]
        reported = (quote if strike.signal.is_long else -quote) if closed.traded else 0
        measured = moved in (reported, reported + gifts[token])
        self._require("measured", measured, moved, "moved, booked was", reported)
        # Never more than was gained: the rest is the reserve's.
        self._require("measured", pnl <= closed.measured, pnl, "booked of", closed.measured)
        self._require("measured", pnl > 0 or not closed.won, "won with", pnl)

    def _check_arbitrages(self, before: Seen, events: Sequence[Event]) -> None:
        """Of a call that was one arbitrage: its profit is there, and nothing else went."""
        if [event.name for event in events] != ["ArbitrageExecuted"]:
            return
        for token, kept in self._seen.balances.items():
            moved = kept - before.balances[token]
            profit = events[0].args["profit"] if token == events[0].args["token_in"] else 0
            self._require(
                "arbitrage", moved >= profit, token, "moved by", moved, "reported", profit
            )

    def _check_capital(
        self, before: Seen, events: Iterable[Event], closed: Iterable[Closed]
    ) -> None:
        """Reserve and equity change by P&L and by the owner's hand; by nothing else."""
        expected = 0
        for each in closed:
            expected += each.measured
            if not each.traded:
                # The reserve is the other side.
                expected += -each.quote if each.strike.signal.is_long else each.quote
        for event in events:
            if event.name == "Deposited":
                expected += event.args["amount"]
            elif event.name == "Withdrawn":
                expected -= event.args["amount"]
            elif event.name == "ArbitrageExecuted" and self._is_quote(event.args["token_in"]):
                expected += event.args["profit"]
        change = self._seen.capital - before.capital
        self._require("capital", change == expected, "changed by", change, "explained is", expected)

    def _check_solvency(self) -> None:
        for token in self._seen.balances:
            above = self._above_books(token)
            # Only the hostile token takes from accounts.
            solvent = above >= 0 or token == self._arena.outside.host
            self._require("solvency", solvent, token, "lacks", -above)

    def _check_excess(self, events: Iterable[Event], logs: Iterable[Log]) -> None:
        """Balances are what the books say, and what was donated on top, in a call or without."""
        for token, amount in self._gifts(logs).items():
            self._excess[token] += amount
        for event in events:
            if event.name == "Skimmed":
                token, amount = event.args["token"], event.args["amount"]
                there = max(self._excess[token], 0)
                self._require("excess", amount == there, "skimmed", amount, "of", there)
                self._excess[token] -= amount
        for token, excess in self._excess.items():
            above = self._above_books(token)
            self._require("excess", above == excess, token, "has", above, "too much, not", excess)

    def _gifts(self, logs: Iterable[Log]) -> Counter[str]:
        """What was made out of nothing for the diamond, by token."""
        gifts: Counter[str] = Counter()
        for log in logs:
            if log.topics[0] == TRANSFER and log.topics[1:] == self._minted:
                gifts[log.address] += int.from_bytes(log.data, "big")
        return gifts

    # Lots.

    def _check_lots(self) -> None:
        fleet = self.books.fleet
        free = self._arena.chain.storage(self._arena.diamond, _FREE_LOTS_SLOT)
        lots_word, locked = int.from_bytes(free, "big"), fleet.locked_lots()
        for bot in range(BOTS):
            lots = lots_word >> 10 * bot & 1023
            kept = (lots + locked[bot]) * fleet.lot_value
            fits = kept <= self._seen.equity[bot]
            self._require("lots", fits, "bot", bot, "free", lots, "open", locked[bot])
        self._require("lots", lots_word >> 10 * BOTS == 0, lots_word)

    def _check_open_lots(self) -> None:
        markets = range(len(self.books.markets))
        known = [0 for _ in markets]
        for strike in self.books.fleet.open_strikes():
            known[strike.record.market] += sum(strike.lots)
        now = self._arena.chain.timestamp()
        asked = chain(*(answers.of_market(self.books, each, now) for each in markets))
        reported = [word(self._ask(calldata), _OPEN_LOTS) for _, calldata, _ in asked]
        self._require("open lots", reported == known, reported, "not", known)

    def _check_closable(self, strike_ids: Iterable[int]) -> None:
        """Asked, and not done."""
        arena = self._arena
        for strike_id in strike_ids:
            calldata = _WRITE_OFF + strike_id.to_bytes(32, "big")
            try:
                arena.chain.call(arena.diamond, calldata, sender=self.books.owner)
                refused = None
            except Reverted as reverted:
                refused = reason(reverted.data, reverted.reason)
            self._require("closable", refused is None, "strike", strike_id, refused)

    # What readers answer. All of it is compared in turn and at the end of a run; what a call may
    # have changed, at once.

    def _touched(self, events: Sequence[Event]) -> Iterator[Answer]:
        books, now = self.books, self._arena.chain.timestamp()
        reported = (e for e in events if e.name != "SettlementSkipped")
        strikes = {e.args["strike_id"] for e in reported if "strike_id" in e.args}
        named = {value for e in events for value in e.args.values() if value in self._accounts}
        markets = (answers.of_market(books, each, now) for each in range(len(books.markets)))
        models = {books.fleet.slots[each % STRIKE_SLOTS].record.model_id for each in strikes}
        return chain(
            answers.totals(books),
            *markets,
            *(answers.of_strike(books, each) for each in strikes),
            *(answers.of_account(books, each, now) for each in named),
            *(answers.of_model(books, each) for each in models),
            answers.of_arbitrage(books) if any(e.name in _ARBITRAGE for e in events) else (),
            self._next(),
        )

    def _untouched(self) -> Iterator[Answer]:
        """That no money moved has been seen; of the rest, the next two."""
        return chain(self._next(), self._next())

    def _next(self) -> Iterator[Answer]:
        others = self._others
        self._turn += 1
        return others[self._turn % len(others)]

    @property
    def _others(self) -> list[Iterator[Answer]]:
        books, now = self.books, self._arena.chain.timestamp()
        return [
            *(answers.of_account(books, each, now) for each in self._arena.accounts),
            *(answers.of_model(books, each) for each in MODELS),
            *(answers.of_factory(books, each) for each in books.factories),
            *(answers.of_token(books, each, excess) for each, excess in self._excess.items()),
            *(answers.of_market(books, each, now) for each in range(len(books.markets))),
            *(answers.of_bot(books, each) for each in range(BOTS)),
            answers.totals(books),
            answers.of_arbitrage(books),
        ]

    def _compare(self, asked: Iterable[Answer]) -> None:
        wrong = list(answers.differing(asked, self._ask))
        self._require("events", not wrong, *wrong)

    # Looking.

    def _note(self, events: Iterable[Event], logs: Iterable[Log]) -> None:
        tally = self._arena.tally
        for event in events:
            tally.events[event.name] += 1
            if event.name in ("Skipped", "SettlementSkipped"):
                tally.skipped[reason(event.args["reason"])] += 1
        for log in logs:
            called_out = _HOSTILE.decode_event(log.topics, log.data)
            if called_out is not None and called_out.name == "CalledOut":
                ok, result = called_out.args.values()
                tally.called_out["done" if ok else reason(result)] += 1

    def _look(self) -> Seen:
        bots, treasury = self._ask(_GET_BOTS), self._ask(_GET_TREASURY)
        return Seen(
            equity=tuple([word(bots, bot * _BOT_WORDS + _EQUITY) for bot in range(BOTS)]),
            reserve=word(treasury, 1) + word(treasury, 2),
            balances={token: self.balance(token) for token in self._arena.outside.tokens},
        )

    def _is_quote(self, token: str) -> bool:
        return token == self._arena.outside.quote

    def _ask(self, calldata: bytes) -> bytes:
        return self._arena.chain.call(self._arena.diamond, calldata)

    def _count_excess(self) -> None:
        self._excess = {token: self._above_books(token) for token in self._seen.balances}

    def _above_books(self, token: str) -> int:
        return self._seen.balances[token] - self.books.booked(token)
