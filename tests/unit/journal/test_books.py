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

from ..readers import assert_rebuilt, questions
from ..scene import DAY, Scene

Step = tuple[str, dict[str, Any]]


def books_of(scene: Scene) -> Books:
    told = Books()
    told.apply_logs(scene.chain.logs(scene.diamond), scene.times.__getitem__)
    return told


def test_a_fresh_deployment(any_scene: Scene) -> None:
    assert_rebuilt(any_scene)


def test_a_diamond_to_which_nothing_was_done(scene: Scene) -> None:
    bare = scene.bare()
    told = books_of(bare)
    assert told.owner == bare.read("owner")
    assert told.stats() == bare.read("getStrikeStats")
    assert told.treasury() == Treasury(*bare.read("getTreasury"))
    assert told.fleet.lot == bare.read("getLot") == 0


def test_events_in_two_helpings_are_as_in_one(scene: Scene) -> None:
    scene.strike()
    block = scene.chain.block_number()
    told = books_of(scene)
    scene.play(won=True)
    later = scene.chain.logs(scene.diamond, block + 1)
    told.apply_logs(later, scene.times.__getitem__)
    assert told.stats() == books_of(scene).stats() == scene.read("getStrikeStats")
    assert told.bots() == scene.read("getBots")


def test_what_it_does_not_know_it_passes_over(scene: Scene) -> None:
    told = books_of(scene)
    before = told.stats()
    told.apply(Event("SomethingElse", {"amount": 5}), 0)
    told.apply(Event("SettlementSkipped", {"index": 0, "strike_id": 1, "reason": b""}), 0)
    assert told.stats() == before


def test_it_knows_every_event_that_changes_a_book() -> None:
    """A new event has to be put in one of the two lists."""
    told = {entry["name"] for entry in artifact("IMacroStrike").abi if entry["type"] == "event"}
    # Of the diamond's functions; of money that is in no book; of what the books themselves tell.
    beside = {"DiamondCut", "Skimmed", "Skipped", "SettlementSkipped", "AMMInitialized"}
    # What it says beside its `StrikeSettled`.
    beside |= {"StrikeTaken"}
    assert told == {*_ledger._HANDLERS, *beside}


def test_every_reader_is_compared(scene: Scene) -> None:
    """A new one is asked too, or it is named here: with what else it depends on than the books."""
    for nonce in (200, 190):
        scene.strike(nonce=nonce)
    readers = {
        entry["name"]
        for entry in artifact("IMacroStrike").abi
        if entry["type"] == "function" and entry["stateMutability"] in ("view", "pure")
    }
    asked = {name for name, *_ in questions(scene)}
    of_functions = {"facets", "facetFunctionSelectors", "facetAddresses", "facetAddress"}
    of_functions |= {"supportsInterface"}
    of_the_price = {"getOracleQuote", "getReferencePrices", "canSettle", "quoteTake"}
    of_the_price |= {"getUnrealised"}
    of_the_question = {"hashPrediction", "decodeWeights"}
    # One of what `getBots` tells of all, the number of markets that are asked, and the nonces.
    parts = {"getBot", "marketCount", "isNonceUsed"}
    assert readers - asked == of_functions | of_the_price | of_the_question | parts
    for bot in range(BOTS):
        assert scene.read("getBot", bot) == books_of(scene).bots()[bot]
    engine = scene.engine.address
    known = books_of(scene).engines[engine]
    for nonce in range(60, 210):
        assert scene.read("isNonceUsed", engine, nonce) == known.is_used(nonce)


def test_the_books_need_no_storage_and_no_calls(scene: Scene) -> None:
    """Logs are all they get: from here on the chain is not there."""
    scene.play(won=False)
    logs, times = scene.chain.logs(scene.diamond), dict(scene.times)
    expected = scene.read("getStrikeStats")
    told = Books()
    told.apply_logs(logs, times.__getitem__)
    assert told.stats() == expected


def test_what_is_booked_is_what_must_be_there(any_scene: Scene) -> None:
    scene = any_scene
    for signal in Signal:
        scene.strike(signal=signal)
    told = books_of(scene)
    for token in (scene.quote, scene.base):
        assert told.booked(token) == scene.balance(token)
    scene.give(scene.diamond, quote=3, base=4)
    assert told.booked(scene.quote) == scene.balance(scene.quote) - 3
    assert told.booked(scene.base) == scene.balance(scene.base) - 4


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

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def take(self, name: str, arguments: dict[str, Any]) -> None:
        with suppress(ContractError):
            getattr(self, name)(**arguments)

    def strike(self, changes: dict[str, Any]) -> None:
        self.scene.strike(**changes)

    def batch(self, orders: list[dict[str, Any]]) -> None:
        scene, most = self.scene, (1 << 256) - 1
        signed = []
        for changes in orders:
            prediction = scene.prediction(**changes)
            limit = 0 if prediction.signal.is_long else most
            signed.append((prediction, scene.sign(prediction), limit))
        scene.operator.send("executeStrikes", signed, True)

    def settle(self, place: int) -> None:
        self.scene.settle(self._open(place), by="owner")

    def settle_all(self) -> None:
        ids = self.scene.read("getOpenStrikes")
        limits = [
            0 if self.scene.read("getStrike", each).signal.is_long else (1 << 256) - 1
            for each in ids
        ]
        self.scene.operator.send("settleStrikes", ids, limits, True)

    def roll(self, place: int, changes: dict[str, Any]) -> None:
        scene, strike_id = self.scene, self._open(place)
        prediction = scene.prediction(**changes)
        limits = [
            0 if signal.is_long else (1 << 256) - 1
            for signal in (scene.read("getStrike", strike_id).signal, prediction.signal)
        ]
        order = (prediction, scene.sign(prediction), limits[1])
        scene.operator.send("roll", strike_id, limits[0], order, True)

    def mark(self) -> None:
        self.scene.keeper.send("markDue", self.scene.read("getOpenStrikes"))

    def take_over(self, place: int) -> None:
        scene, strike_id = self.scene, self._open(place)
        is_long = scene.read("getStrike", strike_id).signal.is_long
        scene.give(scene.keeper.address, quote=10**13, base=10**21)
        for token in (scene.quote, scene.base):
            scene.approve(scene.keeper.key, token)
        scene.at(max(scene.read("quoteTake", strike_id)[1], scene.now))
        scene.keeper.send("takeStrike", strike_id, (1 << 256) - 1 if is_long else 0)

    def at_oracle(self, place: int) -> None:
        self.scene.owner.send("closeAtOracle", self._open(place))

    def takeovers(self, allowed: bool) -> None:
        self.scene.owner.send("allowTakeovers" if allowed else "stopTakeovers")

    def to_market(self) -> None:
        self.scene.keeper.send("markToMarket")

    def write_off(self, place: int) -> None:
        self.scene.owner.send("writeOffStrike", self._open(place))

    def price(self, price: int, settled: bool) -> None:
        self.scene.price(price, settled=settled)

    def wait(self, seconds: int) -> None:
        self.scene.wait(seconds)

    def fund(self, amounts: list[int]) -> None:
        scene = self.scene
        scene.give(scene.owner.address, quote=sum(amounts))
        scene.owner.send("deposit", sum(amounts))
        scene.owner.send("fundBots", amounts)

    def defund(self, amounts: list[int]) -> None:
        self.scene.owner.send("defundBots", amounts)

    def rebalance(self, weights: list[int]) -> None:
        self.scene.rebalancer.send("rebalance", weights)

    def perform(self) -> None:
        self.scene.rebalancer.send("rebalanceByPerformance")

    def withdraw(self, part: int) -> None:
        reserve = self.scene.read("getTreasury")[1]
        self.scene.owner.send("withdraw", -(-reserve * part // 100), self.scene.owner.address)

    def inventory(self, amount: int, adds: bool) -> None:
        scene = self.scene
        if adds:
            scene.give(scene.owner.address, base=amount)
            scene.owner.send("depositInventory", scene.base, amount)
        else:
            scene.owner.send("withdrawInventory", scene.base, amount, scene.owner.address)

    def donate(self, quote: int, base: int) -> None:
        self.scene.give(self.scene.diamond, quote=quote, base=base)

    def skim(self) -> None:
        self.scene.owner.send("skim", self.scene.quote)
        self.scene.owner.send("skim", self.scene.base)

    def configure(self, bot: int, config: BotConfig) -> None:
        self.scene.owner.send("configureBot", bot, config)

    def lot(self, lot: int) -> None:
        self.scene.owner.send("setLot", lot)

    def resume(self) -> None:
        self.scene.owner.send("resume")

    def pause(self) -> None:
        self.scene.guardian.send("pause")

    def unpause(self) -> None:
        self.scene.owner.send("unpause")

    def threshold(self, threshold: int) -> None:
        self.scene.owner.send("setThreshold", threshold)

    def grant(self, actions: int, budget: int) -> None:
        scene = self.scene
        until = scene.now + 30 * DAY
        scene.owner.send("setOperator", scene.operator.address, until, actions, budget)

    def revoke(self, engine: bool) -> None:
        role = self.scene.engine if engine else self.scene.operator
        function = "revokeEngine" if engine else "revokeOperator"
        self.scene.guardian.send(function, role.address)

    def engine(self) -> None:
        scene = self.scene
        scene.owner.send("setEngine", scene.engine.address, scene.now + 30 * DAY)

    def guardian(self, active: bool) -> None:
        self.scene.owner.send("setGuardian", self.scene.keeper.address, active)

    def offer(self) -> None:
        self.scene.owner.send("transferOwnership", self.scene.successor.address)

    def rules(self, deviation: int, lots: int) -> None:
        self.scene.rule(max_deviation_bps=deviation, max_bot_lots=lots)

    def enable(self, enabled: bool) -> None:
        self.scene.owner.send("enableMarket" if enabled else "disableMarket", 0)

    def _open(self, place: int) -> int:
        ids = self.scene.read("getOpenStrikes")
        return int(ids[place % len(ids)]) if ids else 0


@settings(max_examples=15)
@given(st.lists(steps, min_size=10, max_size=30))
def test_random_histories(any_scene: Scene, history: list[Step]) -> None:
    with any_scene.undone():
        happening = History(any_scene)
        for name, arguments in history:
            happening.take(name, arguments)
        assert_rebuilt(any_scene)
