"""The books rebuilt from events alone are the chain's, whatever has happened.

Every test beside this folder ends with that comparison too.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.abi import Event, artifact
from macrostrike.errors import ContractError
from macrostrike.journal import Books, _ledger
from macrostrike.types import ALL_STRATEGIES, BOTS, Action, BotConfig, Signal, Treasury

from ..environment import DAY, Env
from ..readers import assert_rebuilt, questions

Step = tuple[str, dict[str, Any]]


def books_of(env: Env) -> Books:
    reported = Books()
    reported.apply_logs(env.chain.logs(env.diamond), env.times.__getitem__)
    return reported


def test_a_fresh_deployment(any_env: Env) -> None:
    assert_rebuilt(any_env)


def test_a_diamond_to_which_nothing_was_done(env: Env) -> None:
    bare = env.bare()
    reported = books_of(bare)
    assert reported.owner == bare.read("owner")
    assert reported.stats() == bare.read("getStrikeStats")
    assert reported.treasury() == Treasury(*bare.read("getTreasury"))
    assert reported.fleet.lot == bare.read("getLot") == 0


def test_events_in_two_helpings_are_as_in_one(env: Env) -> None:
    env.strike()
    block = env.chain.block_number()
    reported = books_of(env)
    env.play(won=True)
    later = env.chain.logs(env.diamond, block + 1)
    reported.apply_logs(later, env.times.__getitem__)
    assert reported.stats() == books_of(env).stats() == env.read("getStrikeStats")
    assert reported.bots() == env.read("getBots")


def test_what_it_does_not_know_it_passes_over(env: Env) -> None:
    reported = books_of(env)
    before = reported.stats()
    reported.apply(Event("SomethingElse", {"amount": 5}), 0)
    reported.apply(Event("SettlementSkipped", {"index": 0, "strike_id": 1, "reason": b""}), 0)
    assert reported.stats() == before


def test_it_knows_every_event_that_changes_a_book() -> None:
    """A new event has to be put in one of the two lists."""
    reported = {entry["name"] for entry in artifact("IMacroStrike").abi if entry["type"] == "event"}
    # Of the diamond's functions; of money that is in no book; of what the books themselves tell.
    beside = {"DiamondCut", "Skimmed", "Skipped", "SettlementSkipped", "AMMInitialized"}
    # What it says beside its `StrikeSettled`.
    beside |= {"StrikeTaken"}
    assert reported == {*_ledger._HANDLERS, *beside}


def test_every_reader_is_compared(env: Env) -> None:
    """A new one is asked too, or it is named here: with what else it depends on than the books."""
    for nonce in (200, 190):
        env.strike(nonce=nonce)
    readers = {
        entry["name"]
        for entry in artifact("IMacroStrike").abi
        if entry["type"] == "function" and entry["stateMutability"] in ("view", "pure")
    }
    asked = {name for name, *_ in questions(env)}
    of_functions = {"facets", "facetFunctionSelectors", "facetAddresses", "facetAddress"}
    of_functions |= {"supportsInterface"}
    of_the_price = {"getOracleQuote", "getReferencePrices", "canSettle", "quoteTake"}
    of_the_price |= {"getUnrealised"}
    of_the_question = {"hashPrediction", "decodeWeights"}
    # One of what `getBots` tells of all, the number of markets that are asked, and the nonces.
    parts = {"getBot", "marketCount", "isNonceUsed"}
    assert readers - asked == of_functions | of_the_price | of_the_question | parts
    for bot in range(BOTS):
        assert env.read("getBot", bot) == books_of(env).bots()[bot]
    engine = env.engine.address
    known = books_of(env).engines[engine]
    for nonce in range(60, 210):
        assert env.read("isNonceUsed", engine, nonce) == known.is_used(nonce)


def test_the_books_need_no_storage_and_no_calls(env: Env) -> None:
    """Logs are all they get: from here on the chain is not there."""
    env.play(won=False)
    logs, times = env.chain.logs(env.diamond), dict(env.times)
    expected = env.read("getStrikeStats")
    reported = Books()
    reported.apply_logs(logs, times.__getitem__)
    assert reported.stats() == expected


def test_what_is_booked_is_what_must_be_there(any_env: Env) -> None:
    env = any_env
    for signal in Signal:
        env.strike(signal=signal)
    reported = books_of(env)
    for token in (env.quote, env.base):
        assert reported.booked(token) == env.balance(token)
    env.give(env.diamond, quote=3, base=4)
    assert reported.booked(env.quote) == env.balance(env.quote) - 3
    assert reported.booked(env.base) == env.balance(env.base) - 4


amounts = st.lists(st.integers(0, 10**10), min_size=BOTS, max_size=BOTS)
weights = st.lists(st.integers(0, 100), min_size=BOTS, max_size=BOTS).filter(any)
bots = st.builds(
    BotConfig,
    risk_bps=st.integers(1, 10_000),
    min_confidence_bps=st.integers(9300, 10_000),
    longs=st.booleans(),
    shorts=st.booleans(),
    active=st.booleans(),
)
predictions = st.fixed_dictionaries(
    {
        "signal": st.sampled_from(Signal),
        "strategies": st.integers(1, ALL_STRATEGIES),
        "model_id": st.sampled_from([0, 1, 2]),
        "confidence_bps": st.integers(9300, 10_000),
        "horizon": st.integers(1, 5000),
    }
)
places = st.integers(0, 63)


def step(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


steps = st.one_of(
    # What nearly everything else needs comes most often.
    *[step("strike", changes=predictions)] * 6,
    step("batch", orders=st.lists(predictions, max_size=4)),
    *[step("settle", place=places)] * 3,
    step("settle_all"),
    step("roll", place=places, changes=predictions),
    step("mark"),
    *[step("take_over", place=places)] * 2,
    step("at_oracle", place=places),
    step("takeovers", allowed=st.booleans()),
    step("to_market"),
    *[step("write_off", place=places)] * 2,
    step("price", price=st.integers(900, 3500), settled=st.booleans()),
    step("wait", seconds=st.integers(0, 2 * DAY)),
    step("fund", amounts=amounts),
    step("defund", amounts=amounts),
    step("rebalance", weights=weights),
    step("perform"),
    step("withdraw", part=st.integers(1, 100)),
    step("inventory", amount=st.integers(1, 10**18), adds=st.booleans()),
    step("donate", quote=st.integers(0, 10**9), base=st.integers(0, 10**18)),
    step("skim"),
    step("configure", bot=st.integers(0, BOTS - 1), config=bots),
    step("lot", lot=st.integers(10**6, 10**8)),
    step("resume"),
    step("pause"),
    step("unpause"),
    step("threshold", threshold=st.integers(9300, 9400)),
    step("grant", actions=st.integers(1, sum(Action)), budget=st.integers(0, 10**13)),
    step("revoke", engine=st.booleans()),
    step("engine"),
    step("guardian", active=st.booleans()),
    step("offer"),
    step("rules", deviation=st.integers(100, 1000), lots=st.integers(1, 1023)),
    step("enable", enabled=st.booleans()),
)


class History:
    """What may happen to a diamond. What it refuses has not happened."""

    def __init__(self, env: Env) -> None:
        self.env = env

    def take(self, name: str, arguments: dict[str, Any]) -> None:
        with suppress(ContractError):
            getattr(self, name)(**arguments)

    def strike(self, changes: dict[str, Any]) -> None:
        self.env.strike(**changes)

    def batch(self, orders: list[dict[str, Any]]) -> None:
        env, maximum = self.env, (1 << 256) - 1
        signed = []
        for changes in orders:
            prediction = env.prediction(**changes)
            limit = 0 if prediction.signal.is_long else maximum
            signed.append((prediction, env.sign(prediction), limit))
        env.operator.send("executeStrikes", signed, True)

    def settle(self, place: int) -> None:
        self.env.settle(self._open(place), by="owner")

    def settle_all(self) -> None:
        ids = self.env.read("getOpenStrikes")
        limits = [
            0 if self.env.read("getStrike", each).signal.is_long else (1 << 256) - 1 for each in ids
        ]
        self.env.operator.send("settleStrikes", ids, limits, True)

    def roll(self, place: int, changes: dict[str, Any]) -> None:
        env, strike_id = self.env, self._open(place)
        prediction = env.prediction(**changes)
        limits = [
            0 if signal.is_long else (1 << 256) - 1
            for signal in (env.read("getStrike", strike_id).signal, prediction.signal)
        ]
        order = (prediction, env.sign(prediction), limits[1])
        env.operator.send("roll", strike_id, limits[0], order, True)

    def mark(self) -> None:
        self.env.keeper.send("markDue", self.env.read("getOpenStrikes"))

    def take_over(self, place: int) -> None:
        env, strike_id = self.env, self._open(place)
        is_long = env.read("getStrike", strike_id).signal.is_long
        env.give(env.keeper.address, quote=10**13, base=10**21)
        for token in (env.quote, env.base):
            env.approve(env.keeper.key, token)
        env.at(max(env.read("quoteTake", strike_id)[1], env.now))
        env.keeper.send("takeStrike", strike_id, (1 << 256) - 1 if is_long else 0)

    def at_oracle(self, place: int) -> None:
        self.env.owner.send("closeAtOracle", self._open(place))

    def takeovers(self, allowed: bool) -> None:
        self.env.owner.send("allowTakeovers" if allowed else "stopTakeovers")

    def to_market(self) -> None:
        self.env.keeper.send("markToMarket")

    def write_off(self, place: int) -> None:
        self.env.owner.send("writeOffStrike", self._open(place))

    def price(self, price: int, settled: bool) -> None:
        self.env.price(price, settled=settled)

    def wait(self, seconds: int) -> None:
        self.env.wait(seconds)

    def fund(self, amounts: list[int]) -> None:
        env = self.env
        env.give(env.owner.address, quote=sum(amounts))
        env.owner.send("deposit", sum(amounts))
        env.owner.send("fundBots", amounts)

    def defund(self, amounts: list[int]) -> None:
        self.env.owner.send("defundBots", amounts)

    def rebalance(self, weights: list[int]) -> None:
        self.env.rebalancer.send("rebalance", weights)

    def perform(self) -> None:
        self.env.rebalancer.send("rebalanceByPerformance")

    def withdraw(self, part: int) -> None:
        reserve = self.env.read("getTreasury")[1]
        self.env.owner.send("withdraw", -(-reserve * part // 100), self.env.owner.address)

    def inventory(self, amount: int, adds: bool) -> None:
        env = self.env
        if adds:
            env.give(env.owner.address, base=amount)
            env.owner.send("depositInventory", env.base, amount)
        else:
            env.owner.send("withdrawInventory", env.base, amount, env.owner.address)

    def donate(self, quote: int, base: int) -> None:
        self.env.give(self.env.diamond, quote=quote, base=base)

    def skim(self) -> None:
        self.env.owner.send("skim", self.env.quote)
        self.env.owner.send("skim", self.env.base)

    def configure(self, bot: int, config: BotConfig) -> None:
        self.env.owner.send("configureBot", bot, config)

    def lot(self, lot: int) -> None:
        self.env.owner.send("setLot", lot)

    def resume(self) -> None:
        self.env.owner.send("resume")

    def pause(self) -> None:
        self.env.guardian.send("pause")

    def unpause(self) -> None:
        self.env.owner.send("unpause")

    def threshold(self, threshold: int) -> None:
        self.env.owner.send("setThreshold", threshold)

    def grant(self, actions: int, budget: int) -> None:
        env = self.env
        until = env.now + 30 * DAY
        env.owner.send("setOperator", env.operator.address, until, actions, budget)

    def revoke(self, engine: bool) -> None:
        role = self.env.engine if engine else self.env.operator
        function = "revokeEngine" if engine else "revokeOperator"
        self.env.guardian.send(function, role.address)

    def engine(self) -> None:
        env = self.env
        env.owner.send("setEngine", env.engine.address, env.now + 30 * DAY)

    def guardian(self, active: bool) -> None:
        self.env.owner.send("setGuardian", self.env.keeper.address, active)

    def offer(self) -> None:
        self.env.owner.send("transferOwnership", self.env.successor.address)

    def rules(self, deviation: int, lots: int) -> None:
        self.env.rule(max_deviation_bps=deviation, max_bot_lots=lots)

    def enable(self, enabled: bool) -> None:
        self.env.owner.send("enableMarket" if enabled else "disableMarket", 0)

    def _open(self, place: int) -> int:
        ids = self.env.read("getOpenStrikes")
        return int(ids[place % len(ids)]) if ids else 0


@settings(max_examples=15)
@given(st.lists(steps, min_size=10, max_size=30))
def test_random_histories(any_env: Env, history: list[Step]) -> None:
    with any_env.undone():
        happening = History(any_env)
        for name, arguments in history:
            happening.take(name, arguments)
        assert_rebuilt(any_env)
