"""What must hold after every call, whoever made it and whatever it was.

The auditor knows the diamond's events, its readers' answers, balances, and what engines have
signed. It asks the contracts for no judgement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from macrostrike.abi import Event, diamond_abi
from macrostrike.chain import Log
from macrostrike.deploy._contracts import ours
from macrostrike.journal import Books
from macrostrike.types import BOTS, STRIKE_SLOTS, Action, StrikeRecord, split_weights

from . import answers
from .answers import Answer
from .outside import TOKEN
from .tally import reason
from .wire import Said, number

if TYPE_CHECKING:
    from .arena import Arena

DAY = 86_400
MODELS = (0, 1, 7)
_TRANSFER = TOKEN.topic("Transfer")
_FREE_LOTS_SLOT = 0x2B583CD0DCB4BFF4C7FC541709496EA4ECD936410073415C32A460890E5D4A00 + 2
_BOT_WORDS = 8
_HOSTILE = ours("HostileToken").abi
_GET_BOTS = diamond_abi().encode_call("getBots")
_GET_TREASURY = diamond_abi().encode_call("getTreasury")

# Who may bring about what. Whatever is not here, anybody may.
_OWNER = {
    "DiamondCut",
    "OwnershipTransferStarted",
    "OperatorSet",
    "EngineSet",
    "GuardianSet",
    "Unpaused",
    "Deposited",
    "Withdrawn",
    "InventoryDeposited",
    "InventoryWithdrawn",
    "Skimmed",
    "FleetInitialized",
    "BotConfigured",
    "FleetFunded",
    "FleetDefunded",
    "LotSet",
    "Resumed",
    "FactorySet",
    "MarketRegistered",
    "MarketUpdated",
    "MarketEnabled",
    "StrikeWrittenOff",
}
_GUARDIAN = {"Paused", "OperatorRevoked", "EngineRevoked", "MarketDisabled", "ThresholdSet"}


INVARIANTS = {
    "solvency": "quote and base held are at least what the books say",
    "excess": "what is held above the books is donations, to the unit; skim takes just that",
    "capital": "reserve and equity change by P&L and by the owner's hand, by nothing else",
    "measured": "P&L is what the balance moved by, less the notional",
    "shares": "bots of the strike alone share its P&L, and never more than it",
    "loss cap": "no bot loses more on a strike than its lots",
    "lots": "(free + open lots) x lot <= equity, of each bot",
    "open lots": "a market's open lots are those of its open strikes",
    "threshold": "no strike under the threshold in force, nor under 93 %",
    "signature": "no strike that a live engine has not signed, word for word, for that time",
    "nonce": "no prediction twice",
    "stopped": "nothing opens while paused or halted",
    "authority": "each event by someone who may; tokens leave to pools or by the owner",
    "budget": "over any time t an operator opens at most budget x (1 + t / day)",
    "day cap": "over any time t a market opens at most its day cap x (1 + t / day)",
    "score": "wins + losses = settled; totals, signals, models and strategies agree",
    "events": "every reader answers what the events alone give",
}


class InvariantBroken(AssertionError):
    """`name` is the invariant's."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name}: {what}")
        self.name = name


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
    """A strike that a call has closed. `quote` is what it is said to have moved, None without a
    swap."""

    strike: Any
    notional: int
    pnl: int
    quote: int | None


class Auditor:
    """Keeps its own record from the beginning of a run, and compares after every call."""

    def __init__(self, arena: Arena, books: Books) -> None:
        self._arena, self.books, self._held = arena, books, arena.tally.held
        self.signed: dict[tuple[int, int], list[Said]] = {}
        self._accounts = frozenset(arena.accounts)
        self._balance_of = TOKEN.encode_call("balanceOf", arena.diamond)
        self._minted = (bytes(32), bytes(12) + bytes.fromhex(arena.diamond[2:]))
        self._turn = 0
        self._opened: set[tuple[int, int]] = set()
        self._by_operator: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._by_market: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._seen = self._look()
        self._count_excess()

    def after(self, sender: str, logs: Sequence[Log], *, given: bool = False) -> None:
        """Checks all, given what a call has logged: nothing when it was refused.

        `given`: tokens came or went beside it.
        """
        abi, diamond = diamond_abi(), self._arena.diamond
        decoded = (abi.decode_event(e.topics, e.data) for e in logs if e.address == diamond)
        events = [event for event in decoded if event is not None]
        self._note(events, logs)
        before = self._seen
        self._check_authority(sender, events)
        self._check_openings(sender, events)
        self._check_payees(sender, logs)
        strikes = self._settled(events)
        timestamp = self._arena.chain.timestamp()
        for event in events:
            self.books.apply(event, timestamp)
        self._seen = self._look()
        self._check_shares(before, events, strikes)
        self._check_capital(before, events, strikes)
        if given:
            self._count_excess()
        else:
            self._check_excess(events, logs)
        self._check_lots()
        self._check_score()
        self._compare(self._touched(events) if events else self._untouched())

    def given(self) -> None:
        """Tokens came or went without a call."""
        self.after(self._arena.people["stranger"], (), given=True)

    def balance(self, token: str) -> int:
        """What the diamond holds."""
        return _word(self._arena.chain.call(token, self._balance_of), 0)

    def check_all(self) -> None:
        """Every answer of every reader."""
        books, strikes = self.books, self.books.fleet.slots.values()
        self._compare(
            chain(
                answers.totals(books),
                *self._others,
                *(answers.of_strike(books, strike.record.id) for strike in strikes),
            )
        )

    # Who did it.

    def _check_authority(self, sender: str, events: Iterable[Event]) -> None:
        books, callers = self.books, {sender, self._arena.people["token"]}
        owners = callers & {books.owner}
        guardians = {each for each in callers if books.guardians.get(each)} | owners
        for event in events:
            if event.name in _OWNER:
                self._require("authority", bool(owners), event, "by", sender)
            elif event.name in _GUARDIAN:
                self._require("authority", bool(guardians), event, "by", sender)
            elif event.name == "OwnershipTransferred":
                successor = books.pending_owner in callers
                self._require("authority", successor, event, "by", sender)
            elif event.name == "Rebalanced":
                may = owners or self._may(event.args["by"], Action.REBALANCE)
                self._require("authority", bool(may), event, "by", sender)

    def _check_payees(self, sender: str, logs: Iterable[Log]) -> None:
        """Tokens leave to the pools of markets, or by the owner's hand."""
        if sender == self.books.owner:
            return
        pools = {number(market.config.pool) for market in self.books.markets}
        diamond = number(self._arena.diamond)
        for log in logs:
            if log.topics[0] != _TRANSFER or int.from_bytes(log.topics[1], "big") != diamond:
                continue
            to = int.from_bytes(log.topics[2], "big")
            # A token that takes a fee burns it on the way.
            self._require("authority", to in pools or to == 0, sender, "had", to, "paid")

    def _may(self, account: str, action: Action) -> bool:
        grant = self.books.operators.get(account)
        if grant is None:
            return False
        return self._arena.chain.timestamp() <= grant.valid_until and action in grant.actions

    # How strikes open. The books are those before the call.

    def _check_openings(self, sender: str, events: Iterable[Event]) -> None:
        for event in events:
            if event.name == "StrikeOpened":
                self._check_opening(event.args)
                self._check_limits(event.args)
            elif event.name == "OperatorSet":
                self._by_operator.pop(event.args["operator"], None)
            elif event.name == "MarketUpdated":
                self._by_market.pop(event.args["market"], None)

    def _check_opening(self, args: Any) -> None:
        books, now = self.books, self._arena.chain.timestamp()
        record = StrikeRecord.from_word(args["record"])
        key = (number(args["engine"]), args["nonce"])
        at_least = record.confidence_bps >= max(books.threshold, 9300)
        self._require("threshold", at_least, record, "under", books.threshold)
        engine = books.engines.get(args["engine"])
        live = engine is not None and now <= engine.valid_until
        said = [each for each in self.signed.get(key, ()) if _says(each, args, record)]
        self._require("signature", live and bool(said), args, "was never said by a live engine")
        valid = any(each.valid_from <= now <= each.valid_until for each in said)
        self._require("signature", valid, said, "at", now)
        self._require("nonce", key not in self._opened, key, "opened twice")
        self._opened.add(key)
        stopped = books.paused or books.fleet.halted
        self._require("stopped", not stopped, args, "while paused or halted")
        may = self._may(args["operator"], Action.STRIKE)
        self._require("authority", may, args["operator"], "may not strike")

    def _check_limits(self, args: Any) -> None:
        """Over any time, no more than the daily limit times one plus that time in days."""
        books, now = self.books, self._arena.chain.timestamp()
        record, (_, lots) = StrikeRecord.from_word(args["record"]), split_weights(args["weights"])
        notional = sum(lots) * books.fleet.lot
        market, rules = record.market, books.markets[record.market].rules
        budget = books.operators[args["operator"]].daily_budget
        for name, limit, spent, amount in (
            ("budget", budget, self._by_operator[args["operator"]], notional),
            ("day cap", rules.max_day_lots, self._by_market[market], sum(lots)),
        ):
            spent.append((now, amount))
            total = 0
            for since, each in reversed(spent):
                total += each
                within = total * DAY <= limit * (DAY + now - since)
                self._require(name, within, total, "since", since, "of", limit, "a day")

    # How they close.

    def _settled(self, events: Iterable[Event]) -> list[Closed]:
        found = []
        for event in events:
            if event.name not in ("StrikeSettled", "StrikeWrittenOff"):
                continue
            strike = self.books.fleet.slots[event.args["strike_id"] % STRIKE_SLOTS]
            notional = sum(strike.lots) * self.books.fleet.lot_value
            if event.name == "StrikeWrittenOff":
                found.append(Closed(strike, notional, -notional, None))
                continue
            quote = event.args["quote_amount"] * (1 if strike.signal.is_long else -1)
            found.append(Closed(strike, notional, event.args["pnl"], quote))
        return found

    def _check_shares(self, before: Seen, events: list[Event], strikes: list[Closed]) -> None:
        """Of a call that settled one strike: what each bot got, and what was measured."""
        if len(strikes) != 1 or any(
            event.name in ("StrikeOpened", "Rebalanced") for event in events
        ):
            return
        strike, pnl, quote = strikes[0].strike, strikes[0].pnl, strikes[0].quote
        after, lot = self._seen, self.books.fleet.lot_value
        for bot, weight in enumerate(strike.lots):
            change = after.equity[bot] - before.equity[bot]
            self._require(
                "shares", weight > 0 or change == 0, "bot", bot, "took no part, but got", change
            )
            covered = change >= -weight * lot
            self._require("loss cap", covered, "bot", bot, "lost", -change, "of lots", weight)
            self._require("shares", change == 0 or (change > 0) == (pnl > 0), change, "of", pnl)
        shared = sum(after.equity) - sum(before.equity)
        self._require("shares", shared <= pnl, "bots got", shared, "of", pnl)
        token = self._arena.outside.quote
        moved = after.balances[token] - before.balances[token]
        self._require("measured", moved == (quote or 0), moved, "moved, booked was", quote)
        if quote is not None:
            notional = strikes[0].notional
            measured = moved - notional if strike.signal.is_long else notional + moved
            self._require("measured", measured == pnl, measured, "measured, booked was", pnl)

    def _check_capital(self, before: Seen, events: list[Event], strikes: list[Closed]) -> None:
        """Reserve and equity change by P&L and by the owner's hand; by nothing else."""
        expected = sum(closed.pnl for closed in strikes)
        for event in events:
            if event.name == "Deposited":
                expected += event.args["amount"]
            elif event.name == "Withdrawn":
                expected -= event.args["amount"]
        # What a short's bots lose in a write-off, and its proceeds, go to the reserve.
        expected += sum(
            2 * closed.notional
            for closed in strikes
            if closed.quote is None and not closed.strike.signal.is_long
        )
        change = self._seen.capital - before.capital
        self._require("capital", change == expected, "changed by", change, "explained is", expected)

    # What must hold at any time.

    def _check_excess(self, events: Iterable[Event], logs: Iterable[Log]) -> None:
        """Balances are what the books say, and what was donated on top, in a call or without."""
        for log in logs:
            if log.topics[0] == _TRANSFER and log.topics[1:] == self._minted:
                self._excess[log.address] += int.from_bytes(log.data, "big")
        for event in events:
            if event.name == "Skimmed":
                token = event.args["token"]
                skimmed = max(self._excess[token], 0)
                amount = event.args["amount"]
                self._require("excess", amount == skimmed, "skimmed", amount, "of", skimmed)
                self._excess[token] -= amount
        for token, excess in self._excess.items():
            above = self._above_books(token)
            self._require(
                "excess", above == excess, token, "has", above, "over the books, not", excess
            )
            # Only the hostile token takes from accounts.
            solvent = above >= 0 or token == self._arena.outside.host
            self._require("solvency", solvent, token, "lacks", -above)

    def _check_lots(self) -> None:
        fleet = self.books.fleet
        free = self._arena.chain.storage(self._arena.diamond, _FREE_LOTS_SLOT)
        word, locked = int.from_bytes(free, "big"), fleet.locked_lots()
        for bot in range(BOTS):
            lots = word >> 10 * bot & 1023
            held = (lots + locked[bot]) * fleet.lot_value
            fits = held <= self._seen.equity[bot]
            self._require("lots", fits, "bot", bot, "free", lots, "open", locked[bot])
        self._require("lots", word >> 10 * BOTS == 0, word)
        of_markets = [0] * len(self.books.markets)
        for strike in fleet.open_strikes():
            of_markets[strike.record.market] += sum(strike.lots)
        kept = [market.open_lots for market in self.books.markets]
        self._require("open lots", kept == of_markets, kept, of_markets)

    def _check_score(self) -> None:
        books, fleet = self.books, self.books.fleet
        stats, cells = books.stats(), fleet.cells.values()
        agree = (
            stats.wins + stats.losses == stats.settled == sum(cell.settled for cell in cells)
            and stats.wins == sum(cell.wins for cell in cells)
            and stats.pnl
            == (sum(c.profit for c in cells) - sum(c.loss for c in cells)) * fleet.unit
            and max(fleet.settled) <= stats.settled
            and all(won <= of for won, of in zip(fleet.wins, fleet.settled, strict=True))
        )
        self._require("score", agree, stats, fleet.settled, fleet.wins)

    # What readers answer. All of it is compared in turn and at the end of a run; what a call may
    # have changed, at once.

    def _touched(self, events: Sequence[Event]) -> Iterator[Answer]:
        books, now = self.books, self._arena.chain.timestamp()
        strikes = {e.args["strike_id"] for e in events if "strike_id" in e.args}
        named = {value for e in events for value in e.args.values() if value in self._accounts}
        markets = (answers.of_market(books, each, now) for each in range(len(books.markets)))
        models = {books.fleet.slots[each % STRIKE_SLOTS].record.model_id for each in strikes}
        return chain(
            answers.totals(books),
            *markets,
            *(answers.of_strike(books, each) for each in strikes),
            *(answers.of_account(books, each, now) for each in named),
            *(answers.of_model(books, each) for each in models),
            self._next(),
        )

    def _untouched(self) -> Iterator[Answer]:
        """That nothing moved has been seen; of the rest, the next one."""
        return chain(self._next(), self._next())

    def _next(self) -> Iterator[Answer]:
        others = self._others
        self._turn += 1
        return others[self._turn % len(others)]

    @property
    def _others(self) -> list[Iterator[Answer]]:
        books, now = self.books, self._arena.chain.timestamp()
        return [
            *(answers.of_account(books, each, now) for each in self._accounts),
            *(answers.of_model(books, each) for each in MODELS),
            *(answers.of_factory(books, each) for each in books.factories),
            *(answers.of_token(books, each, excess) for each, excess in self._excess.items()),
            *(answers.of_market(books, each, now) for each in range(len(books.markets))),
            *(answers.of_bot(books, each) for each in range(BOTS)),
            answers.totals(books),
        ]

    def _compare(self, asked: Iterable[Answer]) -> None:
        call, diamond = self._arena.chain.call, self._arena.diamond
        wrong = list(answers.differing(asked, lambda data: call(diamond, data)))
        self._require("events", not wrong, *wrong)

    # Looking.

    def _note(self, events: Iterable[Event], logs: Iterable[Log]) -> None:
        tally = self._arena.tally
        for event in events:
            tally.events[event.name] += 1
            if event.name == "Skipped":
                tally.skipped[reason(event.args["reason"])] += 1
        for log in logs:
            called_out = _HOSTILE.decode_event(log.topics, log.data)
            if called_out is not None and called_out.name == "CalledOut":
                ok, result = called_out.args.values()
                tally.called_out["done" if ok else reason(result)] += 1

    def _look(self) -> Seen:
        call, diamond = self._arena.chain.call, self._arena.diamond
        bots, treasury = call(diamond, _GET_BOTS), call(diamond, _GET_TREASURY)
        return Seen(
            equity=tuple([_word(bots, bot * _BOT_WORDS + 6) for bot in range(BOTS)]),
            reserve=_word(treasury, 1) + _word(treasury, 2),
            balances={token: self.balance(token) for token in self._arena.outside.tokens},
        )

    def _count_excess(self) -> None:
        self._excess = {token: self._above_books(token) for token in self._seen.balances}

    def _above_books(self, token: str) -> int:
        return self._seen.balances[token] - self.books.booked(token)

    def _require(self, name: str, holds: bool, *what: object) -> None:
        assert name in INVARIANTS
        if not holds:
            raise InvariantBroken(name, " ".join(map(str, what)))
        self._held[name] += 1


def _says(said: Said, args: Any, record: StrikeRecord) -> bool:
    """Whether the strike is what was said."""
    signal, lots = split_weights(args["weights"])
    of_others = any(lots[bot] and not said.strategies >> bot // 5 & 1 for bot in range(BOTS))
    return not of_others and (
        (said.market, said.signal, said.confidence_bps, said.model_id)
        == (record.market, signal, record.confidence_bps, record.model_id)
        and (said.horizon, said.take_profit_bps, said.stop_loss_bps)
        == (record.horizon, record.take_profit_bps, record.stop_loss_bps)
    )


def _word(answer: bytes, index: int) -> int:
    return int.from_bytes(answer[32 * index : 32 * index + 32], "big")
