"""Capital, settings and roles: by the owner, and by those who should not."""

from __future__ import annotations

from dataclasses import fields, replace
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from macrostrike.types import BOTS, BotConfig, FleetConfig, Venue

from .arena import DAY, EVERYTHING, FEED_RULES, RULES
from .machine import DICE, GUARDIANS, OWNERS, Play

_ZERO = "0x" + "00" * 20
_U128 = (1 << 128) - 1
_AMOUNTS = (0, 1, 999, 10**6, 777_777_777, 10**10, 10**12, 5 * 10**12, _U128)
_BASE_AMOUNTS = (0, 1, 10**15, 3 * 10**18, 10**20, _U128)

# Of each setting, good and bad values.
_RISKS = (0, 1, 400, 900, 5000, 10_000, 10_001)
_MINIMA = (9300, 9300, 9300, 9500, 10_000, 9299, 10_001)
_RULES: dict[str, tuple[Any, ...]] = {
    "max_bot_lots": (0, 1, 50, 200, 1023, 1024),
    "max_strike_lots": (0, 1, 100, 2500, 25_575, 25_576),
    "max_open_lots": (0, 1, 500, 12_000, 65_535),
    "max_day_lots": (0, 300, 3000, 250_000),
    "cooldown": (0, 1, 30),
    "max_deviation_bps": (0, 1, 150, 1000, 1001),
    "oracle_window": (29, 60, 300, 383, 384, DAY, (1 << 24) - 1),
    "exit_window": (29, 30, 60, 301),
    "exit_deviation_bps": (0, 1, 150, 1000, 1001),
    "max_horizon": (0, 60, DAY, 30 * DAY + 1),
    "max_stop_loss_bps": (0, 100, 9_999, 10_000),
    "keeper_delay": (0, 60, DAY, DAY + 1),
    "premium_bps": (0, 100, 1000, 1001),
    "discount_bps": (0, 300, 1000, 1001),
    "auction_seconds": (299, 300, 600, DAY, DAY + 1),
    "longs": (False, True),
    "shorts": (False, True),
    "oracle": (0, 1),
}


class Owners(Play):
    """Rules of the owner and the guardians."""

    # Capital.

    @rule(by=OWNERS, amount=st.sampled_from(_AMOUNTS))
    def deposit(self, by: str, amount: int) -> None:
        self.call(by, "deposit", amount)

    @rule(by=OWNERS, amount=st.sampled_from(_AMOUNTS), to=st.sampled_from(("stranger", "no_pool")))
    def withdraw(self, by: str, amount: int, to: str) -> None:
        self.call(by, "withdraw", amount, _ZERO if to == "no_pool" else self.who(to))

    @rule(by=OWNERS, token=st.integers(0, 2), amount=st.sampled_from(_BASE_AMOUNTS))
    def deposit_inventory(self, by: str, token: int, amount: int) -> None:
        self.call(by, "depositInventory", self.arena.outside.tokens[token], amount)

    @rule(by=OWNERS, token=st.integers(0, 2), amount=st.sampled_from(_BASE_AMOUNTS))
    def withdraw_inventory(self, by: str, token: int, amount: int) -> None:
        tokens, to = self.arena.outside.tokens, self.arena.people["keeper"]
        self.call(by, "withdrawInventory", tokens[token], amount, to)

    @rule(by=OWNERS, token=st.integers(0, 2))
    def skim(self, by: str, token: int) -> None:
        self.call(by, "skim", self.arena.outside.tokens[token])

    @rule(by=OWNERS, amount=st.sampled_from(_AMOUNTS), dice=DICE)
    def fund(self, by: str, amount: int, dice: int) -> None:
        self.call(by, "fundBots", _spread(amount, dice))

    @rule(by=OWNERS, amount=st.sampled_from(_AMOUNTS), dice=DICE)
    def defund(self, by: str, amount: int, dice: int) -> None:
        self.call(by, "defundBots", _spread(amount, dice))

    @rule(by=st.sampled_from(("owner", "rebalancer", "bold", "settler", "stranger")), dice=DICE)
    def rebalance(self, by: str, dice: int) -> None:
        random = Random(dice)
        weights = [
            [0] * BOTS,
            [1] * BOTS,
            [1] + [0] * (BOTS - 1),
            [(1 << 64) - 1] * BOTS,
            [random.choice((0, 1, 5, 1 << 63)) for _ in range(BOTS)],
            [random.randrange(1000) for _ in range(BOTS)],
        ]
        self.call(by, "rebalance", random.choice(weights))

    @rule(by=st.sampled_from(("owner", "rebalancer", "bold", "thrifty")))
    def rebalance_by_performance(self, by: str) -> None:
        self.call(by, "rebalanceByPerformance")

    # Settings.

    @rule(by=OWNERS, dice=DICE)
    def set_lot(self, by: str, dice: int) -> None:
        lot = 40 * 10**6 // self.unit
        chosen = Random(dice).choice((lot, lot, lot * 2, lot // 3, 1, 0, (1 << 32) - 1))
        self.call(by, "setLot", chosen)

    @rule(
        by=OWNERS,
        bot=st.integers(0, BOTS),
        risk=st.sampled_from(_RISKS),
        minimum=st.sampled_from(_MINIMA),
        dice=st.integers(0, 7),
    )
    def configure_bot(self, by: str, bot: int, risk: int, minimum: int, dice: int) -> None:
        sides = (dice & 1 == 0, dice & 2 == 0, dice & 4 == 0)
        self.call(by, "configureBot", bot, (risk, minimum, *sides))

    @rule(by=OWNERS, market=st.integers(0, 6), field=st.sampled_from(sorted(_RULES)), dice=DICE)
    def update_market(self, by: str, market: int, field: str, dice: int) -> None:
        markets = self.arena.books.markets
        now = markets[market].rules if market < len(markets) else RULES
        values = {each.name: getattr(now, each.name) for each in fields(now)}
        values[field] = Random(dice).choice(_RULES[field])
        self.call(by, "updateMarket", market, tuple(values.values()))

    @rule(by=OWNERS, market=st.integers(0, 6), feed=st.integers(0, 3), uptime=st.booleans())
    def set_market_feeds(self, by: str, market: int, feed: int, uptime: bool) -> None:
        feeds = list(self.arena.outside.feeds.values())
        which = feeds[feed % len(feeds)] if feed < 3 else _ZERO
        grace = (feeds[0], 60) if uptime else (_ZERO, 0)
        self.call(by, "setMarketFeeds", market, which, *grace)

    @rule(by=OWNERS, market=st.integers(0, 6))
    def enable_market(self, by: str, market: int) -> None:
        self.call(by, "enableMarket", market)

    @rule(by=GUARDIANS, market=st.integers(0, 6))
    def disable_market(self, by: str, market: int) -> None:
        self.call(by, "disableMarket", market)

    @rule(by=OWNERS, dice=DICE)
    def register_market(self, by: str, dice: int) -> None:
        random = Random(dice)
        good = random.choice(self.arena.market_configs())
        if len(self.arena.books.markets) < 9 and random.random() < 0.3:
            self.call(by, "registerMarket", good)
            return
        out = self.arena.outside
        wrong: dict[str, Any] = random.choice(
            (
                {"base": out.quote},
                {"base": out.weth if good.base == out.host else out.host},
                {"pool": out.pairs[2] if good.pool != out.pairs[2] else out.v3[0].fixtures.pool},
                {"pool": self.arena.people["stranger"]},
                {"factory": self.arena.people["stranger"]},
                {"factory": out.pool if good.factory == out.v3_factory else out.v3_factory},
                {"feed": _ZERO if good.feed != _ZERO else out.feeds[2]},
                {"feed": self.arena.people["stranger"], "rules": FEED_RULES},
                {"hooks": out.hooks if good.hooks == _ZERO else self.arena.people["stranger"]},
                {"rules": replace(RULES, oracle_window=60, max_deviation_bps=1)},
            )
        )
        if "rules" not in wrong or "feed" in wrong:
            self.call(by, "registerMarket", replace(good, **wrong))

    @rule(by=OWNERS, which=st.integers(0, 4), allowed=st.booleans())
    def set_factory(self, by: str, which: int, allowed: bool) -> None:
        out = self.arena.outside
        v3, v4 = Venue.UNISWAP_V3, Venue.UNISWAP_V4
        factory, venue = (
            (out.v3_factory, v3),
            (out.v2_factory, Venue.UNISWAP_V2),
            (out.pool, v3),
            (_ZERO, v3),
            (out.v4.manager, v4),
        )[which]
        self.call(by, "setFactory", factory, venue, allowed)

    @rule(by=OWNERS, allowed=st.booleans())
    def set_hooks(self, by: str, allowed: bool) -> None:
        self.call(by, "setHooks", self.arena.outside.hooks, allowed)

    @rule(by=st.sampled_from(("owner", "stranger")))
    def initialize_again(self, by: str) -> None:
        bots = tuple(BotConfig(risk_bps=100) for _ in range(BOTS))
        quote = self.arena.outside.quote
        config = FleetConfig(quote=quote, unit_exponent=0, lot=1, bots=bots)
        self.call(by, "initializeStrikeBots", config)

    # Safety.

    # What stops everything is done less often, or little else would be.

    @rule(by=GUARDIANS, dice=DICE)
    def pause(self, by: str, dice: int) -> None:
        if dice % 4 == 0:
            self.call(by, "pause")

    @rule(by=OWNERS)
    def unpause(self, by: str) -> None:
        self.call(by, "unpause")

    @rule(by=OWNERS)
    def resume(self, by: str) -> None:
        self.call(by, "resume")

    @rule(by=GUARDIANS, threshold=st.sampled_from((9300, 9301, 9400, 9999, 10_000, 9299, 10_001)))
    def set_threshold(self, by: str, threshold: int) -> None:
        self.call(by, "setThreshold", threshold)

    # Roles.

    @rule(
        by=OWNERS,
        whom=st.sampled_from(("bold", "thrifty", "settler", "lapsed", "token", "no_pool")),
        actions=st.sampled_from((0, 1, 2, 3, 8, EVERYTHING, EVERYTHING, 16)),
        dice=DICE,
    )
    def set_operator(self, by: str, whom: str, actions: int, dice: int) -> None:
        random, now = Random(dice), self.arena.now
        until = now + random.choice((0, 100, 1000 * DAY, 1000 * DAY))
        lot = self.arena.books.fleet.lot
        budget = random.choice((0, lot, 100 * lot, 2000 * lot, 250_000 * lot, (1 << 64) - 1))
        account = _ZERO if whom == "no_pool" else self.who(whom)
        self.call(by, "setOperator", account, until, actions, budget)

    @rule(by=GUARDIANS, whom=st.sampled_from(("bold", *("thrifty", "settler", "lapsed") * 2)))
    def revoke_operator(self, by: str, whom: str) -> None:
        self.call(by, "revokeOperator", self.who(whom))

    @rule(by=OWNERS, which=st.integers(0, 3), days=st.sampled_from((0, 0.002, 1000)))
    def set_engine(self, by: str, which: int, days: float) -> None:
        engines = [f"0x{each:040x}" for each in (*self.arena.all_engines, 0)]
        self.call(by, "setEngine", engines[which], self.arena.now + int(days * DAY))

    @rule(by=GUARDIANS, which=st.integers(0, 2))
    def revoke_engine(self, by: str, which: int) -> None:
        engine = f"0x{self.arena.all_engines[which]:040x}"
        self.call(by, "revokeEngine", engine)

    @rule(by=GUARDIANS, revoke=st.booleans(), which=st.integers(0, 3))
    def change_model(self, by: str, revoke: bool, which: int) -> None:
        """A model is revoked, or given to another engine: its record stays."""
        if revoke:
            self.call(by, "revokeModel", 1)
            return
        engines = [f"0x{each:040x}" for each in (*self.arena.all_engines, 0)]
        self.call(by, "setModel", 7, engines[which])

    @rule(by=OWNERS, active=st.booleans(), whom=st.sampled_from(("guardian", "keeper", "no_pool")))
    def set_guardian(self, by: str, active: bool, whom: str) -> None:
        account = _ZERO if whom == "no_pool" else self.who(whom)
        self.call(by, "setGuardian", account, active)

    @rule(
        by=OWNERS, to=st.sampled_from(("successor", "successor", "no_pool")), dice=st.integers(0, 3)
    )
    def hand_over(self, by: str, to: str, dice: int) -> None:
        """To the successor, who may be the owner by now and hands back."""
        owner, people = self.arena.books.owner, self.arena.people
        heir = people["successor"] if owner != people["successor"] else people["owner"]
        self.call(by, "transferOwnership", _ZERO if to == "no_pool" else heir)
        if dice == 0:
            self.call("stranger", "acceptOwnership")
        if dice > 1:
            self.arena.send(heir, "acceptOwnership")

    @rule(by=st.sampled_from(("stranger", "bold", "guardian")), dice=st.integers(0, 1))
    def cut(self, by: str, dice: int) -> None:
        """What the owner's cuts do is tested elsewhere; no one else can make any."""
        if dice:
            self.call(by, "removeCoreFunctions", [bytes(4)])
        else:
            self.call(by, "diamondCut", [], self.arena.outside.pool, b"?")

    @rule()
    def fix(self) -> None:
        self.put_right()

    def put_right(self) -> None:
        """The owner puts back whatever stops the fleet."""
        arena, books = self.arena, self.arena.books
        if books.paused:
            self.call("owner", "unpause")
        if books.fleet.halted:
            self.call("owner", "resume")
        if books.threshold != 9300:
            self.call("owner", "setThreshold", 9300)
        for market, config in enumerate(arena.market_configs()):
            if not books.markets[market].enabled:
                self.call("owner", "enableMarket", market)
            if books.markets[market].rules != config.rules:
                self.call("owner", "updateMarket", market, config.rules)
        self._fix_roles()
        self._fix_bots()

    def _fix_roles(self) -> None:
        arena, books, until = self.arena, self.arena.books, self.arena.now + 1000 * DAY
        for engine in arena.all_engines:
            account = arena.account(engine)
            if books.engines[account].valid_until <= arena.now:
                self.call("owner", "setEngine", account, until)
            for model in arena.models[engine]:
                if books.fleet.models[model].engine != account:
                    self.call("owner", "setModel", model, account)
        grant = books.operators[arena.people["bold"]]
        if grant.valid_until <= arena.now or grant.actions != EVERYTHING:
            budget = 250_000 * books.fleet.lot
            self.call("owner", "setOperator", arena.people["bold"], until, EVERYTHING, budget)

    def _fix_bots(self) -> None:
        books, lot = self.arena.books, 40 * 10**6 // self.unit
        if not self.open_ids() and books.fleet.lot != lot:
            self.call("owner", "setLot", lot)
        for bot, config in enumerate(books.fleet.configs):
            if not (config.active and config.longs and config.shorts and config.risk_bps > 100):
                self.call("owner", "configureBot", bot, (800, 9300, True, True, True))
        poor = [bot for bot, equity in enumerate(books.fleet.equity) if equity < 50 * lot]
        if poor:
            each = 800 * lot * self.unit
            self.call("owner", "deposit", each * len(poor))
            self.call("owner", "fundBots", [each * (bot in poor) for bot in range(BOTS)])
        for token in self.arena.outside.tokens[1:]:
            if books.inventory[token] < 10**20:
                self.call("owner", "depositInventory", token, 5 * 10**20)


def _spread(amount: int, dice: int) -> list[int]:
    """By dice: all of it to one bot, or to each, or a share to each."""
    how, bot = dice % 3, dice // 3 % BOTS
    if how == 0:
        return [amount * (each == bot) for each in range(BOTS)]
    return [amount if how == 1 else amount // BOTS] * BOTS
