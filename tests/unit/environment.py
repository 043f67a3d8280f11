"""A deployed diamond in this process, everyone with a role, and what they may be seen doing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from macrostrike.abi import Abi, Event, diamond_abi
from macrostrike.build import Contract, npm, ours
from macrostrike.chain import BoundContract, LocalTransport, Receipt
from macrostrike.errors import CallFailed, ContractError, UnknownRevert
from macrostrike.signing import sign_prediction
from macrostrike.testing import World
from macrostrike.types import FacetCut, FacetCutAction, MarketRules, Prediction, Signal

from ..evm import ZERO, Caller, typed_errors, undone
from .pools import POOL, Exchange

DAY = 86_400
_T = TypeVar("_T")


def account(name: str) -> LocalAccount:
    """A key of one's own for a name."""
    made: LocalAccount = Account.from_key(keccak(text=f"macrostrike tests: {name}"))
    return made


@dataclass(repr=False)
class Env:
    """A diamond on a local chain. One second passes with each transaction."""

    chain: LocalTransport
    world: World
    people: dict[str, LocalAccount]
    times: dict[int, int]
    exchange: Exchange
    unit_exponent: int = 0
    nonce: int = 0

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # For hypothesis: all of its fields would drown what a failing test has to say.
        printer.text(f"<environment with {self.diamond}>")

    def __getattr__(self, name: str) -> Actor:
        if name == "people" or name not in self.people:
            raise AttributeError(name)
        return Actor(self, self.people[name])

    # Where things are.

    @property
    def diamond(self) -> str:
        return self.world.diamond

    @property
    def quote(self) -> str:
        return self.world.manifest.quote.address

    @property
    def base(self) -> str:
        return self.world.manifest.markets[0].base.address

    @property
    def pool(self) -> str:
        return self.world.manifest.markets[0].pool

    def bare(self) -> Env:
        """The same people, and a diamond of the same facets to which nothing was done yet."""
        facets = self.world.manifest.facets.values()
        cuts = [
            FacetCut(
                facet.address,
                FacetCutAction.ADD,
                tuple(bytes.fromhex(selector[2:]) for selector in facet.selectors),
            )
            for facet in facets
        ]
        owner: LocalAccount = self.people["owner"]
        diamond = self.deploy(ours("MacroStrikeDiamond"), cuts, owner.address, ZERO, b"")
        manifest = self.world.manifest.model_copy(update={"diamond": diamond})
        return replace(self, world=replace(self.world, manifest=manifest))

    # Time. `now` is when the next transaction will be.

    @property
    def now(self) -> int:
        return self.chain.timestamp(pending=True)

    def at(self, timestamp: int) -> None:
        """The next transaction will be at that second."""
        self.chain.mine(timestamp - self.now)

    def wait(self, seconds: int) -> None:
        self.chain.mine(seconds)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """No second passes within."""
        self.chain.block_time = 0
        try:
            yield
        finally:
            self.chain.block_time = 1

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens within is taken back."""
        nonce = self.nonce
        try:
            with undone(self.chain):
                yield
        finally:
            self.nonce = nonce

    # Asking and telling.

    def read(self, function: str, *args: Any) -> Any:
        abi = diamond_abi()
        return self.ask(abi, self.diamond, function, *args)

    def ask(self, abi: Abi, to: str, function: str, *args: Any, sender: str = ZERO) -> Any:
        with typed_errors():
            return BoundContract(self.chain, to, abi, sender).call(function, *args)

    def caller(self, key: LocalAccount) -> Caller:
        """Someone who makes contracts and calls them."""
        return Caller(self.chain, key, self._hear)

    def _hear(self, receipt: Receipt) -> None:
        self.times[receipt.block_number] = receipt.timestamp

    def tell(self, sender: LocalAccount, abi: Abi, to: str, function: str, *args: Any) -> Receipt:
        return self.caller(sender).tell(abi, to, function, *args)

    def transact(self, sender: LocalAccount, to: str | None, data: bytes) -> Receipt:
        return self.caller(sender).send(to, data)

    def deploy(self, contract: Contract, *args: Any) -> str:
        """Where the new contract is."""
        return self.caller(self.world.venues.maker).deploy(contract, *args)

    def events(self, receipt: Receipt) -> list[Event]:
        """The diamond's events of a transaction."""
        abi = diamond_abi()
        decoded = (
            abi.decode_event(log.topics, log.data)
            for log in receipt.logs
            if log.address == self.diamond
        )
        return [event for event in decoded if event is not None]

    # Tokens.

    def balance(self, token: str, holder: str | None = None) -> int:
        return int(self.ask(TOKEN.abi, token, "balanceOf", holder or self.diamond))

    def give(self, receiver: str, *, quote: int = 0, base: int = 0) -> None:
        """Tokens out of nowhere."""
        if self._has_fixtures:
            self.world.venues.provide(receiver, quote=quote, base=base)
            return
        for token, amount in ((self.quote, quote), (self.base, base)):
            if amount:
                self.exchange.mint(token, receiver, amount)

    def approve(self, owner: LocalAccount, token: str, amount: int = (1 << 256) - 1) -> None:
        self.tell(owner, TOKEN.abi, token, "approve", self.diamond, amount)

    # Strikes.

    def prediction(self, **changes: Any) -> Prediction:
        """What the engine says by default, with the next nonce of the test."""
        self.nonce += 1
        engine: LocalAccount = self.people["engine"]
        values = {
            "engine": engine.address,
            "nonce": self.nonce,
            "market": 0,
            "signal": Signal.STRONG_LONG,
            "confidence_bps": 9500,
            "model_id": 1,
            "valid_from": self.now,
            "valid_until": self.now + DAY,
            "horizon": 3600,
            "take_profit_bps": 100,
            "stop_loss_bps": 100,
        } | changes
        return unchecked(Prediction, **values)

    def register(self, model_id: int, engine: str | None = None) -> int:
        """Lets an engine, by default the usual one, predict by a model. Answers its id."""
        self.owner.send("setModel", model_id, engine or self.people["engine"].address)
        return model_id

    def sign(self, prediction: Prediction, engine: str = "engine") -> bytes:
        return sign_prediction(prediction, self.people[engine], self.chain.chain_id, self.diamond)

    def strike(self, limit: int | None = None, **changes: Any) -> dict[str, Any]:
        """Opens a strike, as the operator. What its event says."""
        prediction = self.prediction(**changes)
        return self.execute(prediction, limit=limit)

    def execute(
        self,
        prediction: Prediction,
        signature: bytes | None = None,
        *,
        limit: int | None = None,
        by: str = "operator",
    ) -> dict[str, Any]:
        """Opens the strike of a prediction. What its event says."""
        if limit is None:
            limit = 0 if prediction.signal <= Signal.LONG else (1 << 256) - 1
        signature = self.sign(prediction) if signature is None else signature
        actor = Actor(self, self.people[by])
        return actor.only("StrikeOpened", "executeStrike", prediction, signature, limit)

    def settle(
        self, strike_id: int, *, by: str = "operator", limit: int | None = None
    ) -> dict[str, Any]:
        """Settles a strike. What its event says."""
        if limit is None:
            is_long = self.read("getStrike", strike_id).signal <= Signal.LONG
            limit = 0 if is_long else (1 << 256) - 1
        actor = Actor(self, self.people[by])
        return actor.only("StrikeSettled", "settleStrike", strike_id, limit)

    def play(self, won: bool, **changes: Any) -> dict[str, Any]:
        """A strike that is won, or lost, by a move of one percent. What its settlement says."""
        strike_id = self.strike(**changes)["strike_id"]
        is_long = self.read("getStrike", strike_id).signal <= Signal.LONG
        self.price(1616 if won == is_long else 1584, settled=False)
        # So that the mean that a win has to agree with has followed.
        self.wait(2 * self.read("getMarket", 0).rules.exit_window)
        settled = self.settle(strike_id, by="owner")
        self.price(1600, settled=False)
        # So that the pool's ring of observations lasts for the oracle's window.
        self.wait(30)
        assert settled["won"] == (settled["pnl"] > 0) == won
        return settled

    # Markets.

    def price(self, price: int | str | Decimal, *, settled: bool = True) -> None:
        """Moves the pool's price, in whole tokens, and lets its oracle follow."""
        if self._has_fixtures:
            self.world.venues.move_price(price)
        else:
            manifest = self.world.manifest
            shift = manifest.quote.decimals - manifest.markets[0].base.decimals
            raw = Fraction(price) * Fraction(10) ** shift
            self.exchange.move(self.base, self.quote, raw)
        if settled:
            window = self.read("getMarket", 0).rules.oracle_window
            self.wait(2 * window + 1)

    def rule(self, **changes: Any) -> None:
        """The owner changes the market's rules."""
        rules: MarketRules = replace(self.read("getMarket", 0).rules, **changes)
        self.owner.send("updateMarket", 0, rules)

    def remember(self, slots: int) -> None:
        """The market's pool remembers that many observations, as soon as it is traded on."""
        grow = "increaseObservationCardinalityNext"
        self.tell(self.world.venues.maker, POOL.abi, self.pool, grow, slots)

    def lose_oracle(self) -> None:
        """The oracle's window becomes longer than the history of the market's pool."""
        self.remember(1000)
        self.rule(oracle_window=5000)

    @property
    def unit(self) -> int:
        """Raw quote units in a book unit."""
        return 10**self.unit_exponent

    @property
    def lot_value(self) -> int:
        """Raw quote units in a lot."""
        return int(self.read("getLot")) * self.unit

    @property
    def _has_fixtures(self) -> bool:
        return self.pool == self.world.venues.fixtures.pool


@dataclass(frozen=True)
class Actor:
    """Someone who sends transactions to the diamond."""

    env: Env
    key: LocalAccount

    @property
    def address(self) -> str:
        return str(self.key.address)

    def send(self, function: str, *args: Any) -> list[Event]:
        """The diamond's events. Raises what the diamond refuses with."""
        env = self.env
        return env.events(env.tell(self.key, diamond_abi(), env.diamond, function, *args))

    def only(self, name: str, function: str, *args: Any) -> dict[str, Any]:
        """The arguments of the one event of that name."""
        found = [event for event in self.send(function, *args) if event.name == name]
        assert len(found) == 1, f"{len(found)} events {name}"
        return dict(found[0].args)

    def call(self, function: str, *args: Any) -> Any:
        """What the function would return."""
        env, abi = self.env, diamond_abi()
        data = abi.encode_call(function, *args)
        with typed_errors():
            answer = env.chain.call(env.diamond, data, sender=self.address, pending=True)
        return abi.decode_result(function, answer)


TOKEN = npm("@uniswap/v2-core/build/ERC20.json")


def event(name: str, **args: Any) -> Event:
    return Event(name, args)


def unchecked(kind: type[_T], **values: Any) -> _T:
    """A dataclass with values that it would refuse, to show that the chain does too."""
    made = object.__new__(kind)
    for each in fields(kind):  # type: ignore[arg-type]
        object.__setattr__(made, each.name, values.get(each.name, each.default))
    return made


def altered(value: _T, **changes: Any) -> _T:
    """The same with other values, unchecked."""
    known = {each.name: getattr(value, each.name) for each in fields(value)}  # type: ignore[arg-type]
    return unchecked(type(value), **(known | changes))


@contextmanager
def reverts(error: ContractError) -> Iterator[None]:
    """Passes if, and only if, the block is refused with this error and these values."""
    with pytest.raises(ContractError) as caught:
        yield
    assert shown(caught.value) == shown(error)


def call_failed(target: str, signature: str, *args: Any) -> CallFailed:
    """What the diamond fails with where `target` failed with that error."""
    kinds = signature.partition("(")[2].removesuffix(")").split(",") if args else []
    return CallFailed(target, keccak(text=signature)[:4] + encode(kinds, args))


def shown(error: ContractError) -> tuple[Any, ...]:
    """An error's class and all its values, to compare."""
    values = {each.name: getattr(error, each.name) for each in fields(error)}
    if isinstance(error, UnknownRevert):
        values.pop("reason")
    return type(error).__name__, values


__all__ = [
    "DAY",
    "TOKEN",
    "ZERO",
    "Actor",
    "Env",
    "account",
    "altered",
    "event",
    "npm",
    "ours",
    "reverts",
    "typed_errors",
    "unchecked",
]
