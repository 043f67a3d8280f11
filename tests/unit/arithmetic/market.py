"""A market of the market's libraries, with a feed and a pool that answer what is set."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from macrostrike.abi import Event, diamond_abi
from macrostrike.build import ours
from macrostrike.chain import RevmTransport
from macrostrike.types import MarketRules, OracleKind, Venue

from ...evm import Caller
from ...layouts import packed_types
from ..answering import Answering, encoded, words
from ..environment import account, altered

STATE = packed_types()["MarketState"]
NONE = "0x" + "00" * 20
RULES = MarketRules(
    oracle=OracleKind.FEED,
    max_bot_lots=1000,
    max_strike_lots=20_000,
    max_open_lots=60_000,
    max_day_lots=10**6,
    max_deviation_bps=100,
    oracle_window=600,
    exit_window=60,
    exit_deviation_bps=50,
    max_horizon=86_400,
    max_stop_loss_bps=500,
    keeper_delay=900,
    premium_bps=100,
    discount_bps=300,
    auction_seconds=1200,
    cooldown=0,
)
LATEST = encoded("latestRoundData()")


def state_word(
    pool: str, venue: Venue, *, base_first: bool, enabled: bool = True, **fields: int
) -> int:
    word = int(pool, 16) | (venue | base_first << 6 | enabled << 7) << STATE["traits"].at
    for name, value in fields.items():
        word = STATE[name].put(word, value)
    return word


class Market:
    """Market 0. Each setting is a transaction: a second goes by."""

    contract = "MarketProbe"

    def __init__(self) -> None:
        self._contract = ours(self.contract)
        self._caller = Caller(RevmTransport(), account("markets"))
        self.chain = self._caller.chain
        self.chain.block_time = 1
        self.address = self._caller.deploy(self._contract)
        self.pool, self.feed, self.sequencer = (Answering(self._caller) for _ in range(3))

    @property
    def account(self) -> str:
        """Who asks."""
        return self._caller.address

    @property
    def now(self) -> int:
        """The second of a view that is asked."""
        return self.chain.timestamp()

    @property
    def next(self) -> int:
        """The second of the next transaction."""
        return self.chain.timestamp(pending=True)

    def set(
        self,
        venue: Venue = Venue.UNISWAP_V2,
        *,
        exponent: int = -8,
        grace: int = 0,
        base_first: bool = True,
        enabled: bool = True,
        has_pool: bool = True,
        rules: dict[str, Any] | None = None,
        **state: int,
    ) -> int:
        """Returns the state's word. The feed is the oracle, unless the rules say otherwise."""
        own = altered(RULES, **(rules or {}))
        feed = self.feed.address if own.oracle == OracleKind.FEED else NONE
        pool = self.pool.address if has_pool else NONE
        word = state_word(pool, venue, base_first=base_first, enabled=enabled, **state)
        sequencer = self.sequencer.address if grace else NONE
        self.tell("setMarket", word, astuple(own), feed, exponent, sequencer, grace)
        return word

    def price(self, answer: int, age: int = 0, *, words_less: int = 0, fails: bool = False) -> int:
        """The feed's, with its second: so many before the transaction that says it."""
        at = self.next - age
        said = words(7, answer, at, at, 7)
        self.feed.set({LATEST: said[: len(said) - 32 * words_less]}, fails=fails)
        return at

    def status(self, answer: int, age: int, *, fails: bool = False) -> int:
        """The sequencer's: what it says, and since when."""
        at = self.next - age
        self.sequencer.set({LATEST: words(7, answer, at, at, 7)}, fails=fails)
        return at

    def ask(self, function: str, *args: Any) -> Any:
        return self._caller.ask(self._contract, self.address, function, *args)

    def tell(self, function: str, *args: Any) -> list[Event]:
        receipt = self._caller.tell(self._contract, self.address, function, *args)
        abi = diamond_abi()
        found = (abi.decode_event(log.topics, log.data) for log in receipt.logs)
        return [event for event in found if event is not None]
