"""Takeovers behind a dead operator: marked, taken when it pays, and not before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from macrostrike import MacroStrike
from macrostrike.abi import diamond_abi
from macrostrike.chain import RevmTransport
from macrostrike.devchain import local_account
from macrostrike.errors import InvalidValue
from macrostrike.executor import Executor
from macrostrike.journal import ChangeKind, IntentState, Journal
from macrostrike.loop import Left, Look, Marked, Observer, Taker, Took
from macrostrike.loop._flash import CREATE_GAS, FLASH_GAS
from macrostrike.testing import World
from macrostrike.types import Closing, Due, PoolConfig, Signal, StrikeOpened

from ..evm import Payer
from .pair_market import open_pair_market

SIDES = [Signal.STRONG_LONG, Signal.STRONG_SHORT]
HORIZON, DELAY, AUCTION = 600, 900, 1200
TAKER, POOR = local_account(5), local_account(6)
Make = Callable[..., Taker]


@pytest.fixture(scope="module")
def _chain() -> RevmTransport:
    """In process alone: `tests/cli/test_taker_command.py` is on a real node."""
    return RevmTransport()


@pytest.fixture(autouse=True)
def _endowed(world: World) -> None:
    world.transport.block_time = 1
    for account in (world.operator, TAKER, POOR):
        world.transport.set_balance(account.address, 10**20)
    world.venues.provide(TAKER.address, quote=10**12, base=10**21)


@pytest.fixture
def journal(tmp_path: Path) -> Any:
    with Journal.open(tmp_path / "taker.sqlite") as journal:
        journal.begin_run("taker")
        yield journal


@pytest.fixture
def make(world: World, journal: Journal) -> Make:
    """A taker, by the diamond's address alone."""

    def taker(**options: Any) -> Taker:
        dry, key = options.get("dry_run", False), POOR if options.get("flash") else TAKER
        sender = Observer(key.address) if dry else Executor(world.transport, key, journal)
        client = MacroStrike(world.transport, world.diamond, sender=sender)
        return Taker(client, journal, **options)

    return taker


def strike(world: World, signal: Signal, **changes: Any) -> StrikeOpened:
    client = MacroStrike(world.transport, world.diamond, world.operator)
    options = {"confidence_bps": 9500, "horizon": HORIZON, "stop_loss_bps": 300} | changes
    return client.strike(client.prediction(world.engine, signal, **options), world.engine)


def looks(taker: Taker) -> list[Look]:
    return list(taker.look())


def holds(world: World, who: str = TAKER.address) -> list[int]:
    venues = world.venues
    return [venues.balance(token, who) for token in (venues.fixtures.quote, venues.fixtures.base)]


@pytest.mark.parametrize("signal", SIDES)
def test_it_is_taken_when_it_pays_after_gas_and_not_before(
    world: World, make: Make, journal: Journal, signal: Signal
) -> None:
    opened = strike(world, signal)
    taker = make()
    assert looks(taker) == []
    world.transport.mine(HORIZON + DELAY - 60)
    assert looks(taker) == []  # the operators' own time
    world.transport.mine(60)
    (left,) = looks(taker)
    assert isinstance(left, Left)
    assert left.why == "it does not pay yet"
    assert left.terms is not None
    assert left.terms.profit < 0
    assert looks(taker) == []  # said once
    before = holds(world)
    world.transport.mine(AUCTION)
    (took,) = looks(taker)
    assert isinstance(took, Took)
    assert took.taken is not None
    assert took.strike_id == opened.strike_id
    settled = took.taken.settled
    assert (settled.how, settled.by) == (Closing.TAKEOVER, TAKER.address)
    # 3 % under the best reference is 3.1 % of what is paid, less the pool's fee, impact and gas.
    assert 0 < took.profit < took.terms.pays * 31 // 1000
    gained = [has - had for has, had in zip(holds(world), before, strict=True)]
    amounts = (-settled.quote_amount, settled.base_amount)
    assert gained == [amount if signal.is_long else -amount for amount in amounts]
    client = MacroStrike(world.transport, world.diamond)
    assert client.open_strikes() == ()
    intents = journal.intents()
    assert [each.action for each in intents] == ["approve", "takeStrike"]
    assert {each.state for each in intents} == {IntentState.CONFIRMED}
    lines = [each.value for each in journal.changes(kind=ChangeKind.LOG)]
    assert "does not pay yet" in lines[0]
    assert f"{took.profit} after gas" in lines[-1]


@pytest.mark.parametrize("signal", SIDES)
def test_a_barrier_that_was_reached_is_marked_and_opens_it_earlier(
    world: World, make: Make, signal: Signal
) -> None:
    opened = strike(world, signal, horizon=14_400, take_profit_bps=50)
    world.venues.move_price(1640 if signal.is_long else 1560)
    world.transport.mine(300)
    world.venues.move_price(1641 if signal.is_long else 1559)
    taker = make()
    (marked,) = looks(taker)
    assert marked == Marked(marked.at, opened.strike_id, Due.TAKE_PROFIT)
    assert looks(taker) == []
    world.transport.mine(DELAY + AUCTION)
    (took,) = looks(taker)
    assert isinstance(took, Took)
    assert took.profit > 0


def test_nothing_is_marked_that_the_end_of_the_auction_would_not_pay_for(
    world: World, make: Make
) -> None:
    strike(world, Signal.LONG, horizon=14_400, take_profit_bps=50)
    world.venues.move_price(1640)
    world.transport.mine(300)
    world.venues.move_price(1641)
    (left,) = looks(make(min_profit_bps=400))
    assert isinstance(left, Left)
    assert left.why == "marking it as due would not pay"


def test_what_gas_would_eat_is_left(
    world: World, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    strike(world, Signal.LONG)
    world.transport.mine(HORIZON + DELAY + AUCTION)
    taker = make(dry_run=True)
    price = world.transport.gas_price()
    monkeypatch.setattr(type(world.transport), "gas_price", lambda _: 10_000 * 10**9)
    (left,) = looks(taker)
    assert isinstance(left, Left)
    assert left.why == "it does not pay yet"
    monkeypatch.setattr(type(world.transport), "gas_price", lambda _: price)
    (took,) = looks(taker)
    assert isinstance(took, Took)


def test_without_the_tokens_it_is_left_and_a_dry_run_sends_nothing(
    world: World, make: Make, journal: Journal
) -> None:
    strike(world, Signal.LONG)
    world.transport.mine(HORIZON + DELAY + AUCTION)
    (took,) = looks(make(dry_run=True))
    assert isinstance(took, Took)
    assert took.taken is None
    assert took.profit > 0
    poor = MacroStrike(world.transport, world.diamond, sender=Observer(local_account(6).address))
    (left,) = Taker(poor, journal).look()
    assert isinstance(left, Left)
    assert left.why.endswith("there are 0")
    assert journal.intents() == []


def test_another_takers_success_costs_nothing_more(world: World, make: Make) -> None:
    """The strike is gone between the look and the transaction: refused before it is sent."""
    opened = strike(world, Signal.LONG)
    world.transport.mine(HORIZON + DELAY + AUCTION)
    taker = make()
    operator = MacroStrike(world.transport, world.diamond, world.operator)
    take = taker._let_take

    def settled_meanwhile(token: str, amount: int) -> int:
        spent = take(token, amount)
        operator.settle(opened.strike_id)
        return spent

    taker._let_take = settled_meanwhile  # type: ignore[method-assign]
    (left,) = looks(taker)
    assert isinstance(left, Left)
    assert left.why.startswith("refused, ")


# With a pool's tokens.


@pytest.mark.parametrize("signal", SIDES)
def test_without_a_token_it_is_taken_by_a_flash_swap(
    world: World, make: Make, journal: Journal, signal: Signal
) -> None:
    taker = make(flash=True)
    for number in range(2):
        strike(world, signal)
        world.transport.mine(HORIZON + DELAY)
        (left,) = looks(taker)
        assert isinstance(left, Left)
        assert left.why == "it does not pay yet"
        before = holds(world, POOR.address)
        world.transport.mine(AUCTION)
        (took,) = looks(taker)
        assert isinstance(took, Took)
        assert took.taken is not None
        assert took.terms.pool is not None
        assert took.terms.pool.pool == world.venues.fixtures.pool
        gained = [has - had for has, had in zip(holds(world, POOR.address), before, strict=True)]
        kept, other = gained if signal.is_long else gained[::-1]
        # To the unit what the pool pays, less what the takeover costs, though a second later.
        assert kept == pytest.approx(took.terms.back - took.terms.pays, rel=0.01)
        assert other == 0
        assert took.profit == kept > 0  # gas has no price in this process
        creates = ["createFlashTaker", "takeByFlash"] + ["takeByFlash"] * number
        assert [each.action for each in journal.intents()] == creates
    assert {each.state for each in journal.intents()} == {IntentState.CONFIRMED}
    assert MacroStrike(world.transport, world.diamond).open_strikes() == ()


def test_the_contract_is_created_only_by_a_takeover_that_pays_for_it_too(
    world: World, make: Make, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    strike(world, Signal.LONG)
    world.transport.mine(HORIZON + DELAY + AUCTION)
    taker = make(flash=True, dry_run=True)
    (took,) = looks(taker)
    assert isinstance(took, Took)
    assert taker._flash is not None
    assert not taker._flash.is_there
    # So dear that the takeover alone would still pay.
    monkeypatch.setattr(type(world.transport), "gas_price", lambda _: 10**9)
    (took,) = looks(make(flash=True, dry_run=True))
    assert isinstance(took, Took)
    price = 10**9 * (took.terms.back - took.terms.pays) // took.terms.gas + 10**9
    alone = took.terms.gas * FLASH_GAS // (FLASH_GAS + CREATE_GAS)
    assert alone * price < (took.terms.back - took.terms.pays) * 10**9
    monkeypatch.setattr(type(world.transport), "gas_price", lambda _: price)
    (left,) = looks(make(flash=True))
    assert isinstance(left, Left)
    assert left.why == "it does not pay yet"
    assert journal.intents() == []


def test_a_flash_takeover_keeps_gas_and_minimum_or_is_refused(world: World, make: Make) -> None:
    strike(world, Signal.LONG)
    world.transport.mine(HORIZON + DELAY + AUCTION)
    taker = make(flash=True, min_profit_bps=100)
    # The price is pushed between the look and the transaction: the contract sees what is left.
    create = taker._flash.create  # type: ignore[union-attr]

    def pushed() -> object:
        world.venues.move_price(1560)
        world.venues.pair.sell(100 * 10**18)
        return create()

    taker._flash.create = pushed  # type: ignore[union-attr, method-assign, assignment]
    (left,) = looks(taker)
    assert isinstance(left, Left)
    assert "NotProfitable" in left.why or "profit" in left.why
    assert MacroStrike(world.transport, world.diamond).open_strikes() != ()


@pytest.mark.parametrize("signal", SIDES)
@pytest.mark.parametrize("of_pair", [False, True])
def test_a_pairs_tokens_pay_where_the_pair_pays_most(
    world: World, make: Make, signal: Signal, of_pair: bool
) -> None:
    """For a strike of the pair's own market, and of another pool's."""
    market = open_pair_market(world) if of_pair else 0
    strike(world, signal, market=market)
    world.transport.mine(HORIZON + DELAY + AUCTION)
    pair = world.venues.pair
    if of_pair:
        world.venues.move_price(1550 if signal.is_long else 1650)
    elif signal.is_long:
        pair.buy(200_000 * 10**6)
    else:
        pair.sell(125 * 10**18)
    world.transport.mine(1)
    (took,) = looks(make(flash=True))
    assert isinstance(took, Took)
    assert took.taken is not None
    assert took.terms.pool is not None
    assert took.terms.pool.pool == pair.address
    kept, other = holds(world, POOR.address)[:: 1 if signal.is_long else -1]
    assert (kept, other) == (took.profit, 0)
    assert kept == pytest.approx(took.terms.back - took.terms.pays, rel=0.01)


def register_as_free(world: World) -> None:
    """The pair, as if it took nothing."""
    fixtures, owner = world.venues.fixtures, Payer(world.transport, world.owner)
    client = MacroStrike(world.transport, world.diamond)
    (own,) = [each for each in client.pools() if each.pool == fixtures.pair]
    owner.tell(diamond_abi(), world.diamond, "unregisterPools", [own.id])
    free = PoolConfig(factory=fixtures.pair_factory, pool=fixtures.pair, fee=0)
    owner.tell(diamond_abi(), world.diamond, "registerPools", [free])


def test_what_a_markets_own_pair_takes_is_known_better(world: World, make: Make) -> None:
    register_as_free(world)
    strike(world, Signal.LONG, market=open_pair_market(world))
    world.venues.move_price(1550)
    world.transport.mine(HORIZON + DELAY + AUCTION)
    (took,) = looks(make(flash=True))
    assert isinstance(took, Took)
    assert took.terms.pool is not None
    assert (took.terms.pool.pool, took.terms.pool.fee) == (world.venues.fixtures.pair, 3000)


def test_a_pair_that_takes_more_than_it_is_registered_with_is_passed_over(
    world: World, make: Make
) -> None:
    """It seems to pay most, and refuses: the next pool's tokens pay."""
    fixtures = world.venues.fixtures
    register_as_free(world)
    strike(world, Signal.LONG)
    world.venues.pair.buy(500_000 * 10**6)
    world.transport.mine(HORIZON + DELAY + AUCTION)
    (would,) = looks(make(flash=True, dry_run=True))
    assert isinstance(would, Took)
    assert would.terms.pool is not None
    assert would.terms.pool.pool == fixtures.pair
    (took,) = looks(make(flash=True))
    assert isinstance(took, Took)
    assert took.terms.pool is not None
    assert took.terms.pool.pool == fixtures.pool
    assert 0 < took.profit < would.profit


def test_gas_needs_a_price(world: World, make: Make) -> None:
    with pytest.raises(InvalidValue, match="gas has no price"):
        make(native=world.venues.fixtures.quote)
