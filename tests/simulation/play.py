"""One seed: two processes of one operator, a stranger with its key, and whatever else happens.

Transfers and strikes are to be done once each. Nothing on chain stops a transfer from being done
twice; a strike is stopped by its engine's nonce.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.abi import diamond_abi
from macrostrike.chain import Purpose, RevmTransport
from macrostrike.client import MacroStrike
from macrostrike.errors import MacroStrikeError, NonceUsed
from macrostrike.executor import Executor, Settings, _base, _executor, _record, _ticket
from macrostrike.journal import (
    LIVE,
    Decision,
    IntentRow,
    IntentState,
    Journal,
    RowNotFound,
    _leases,
    _verify,
    store,
)
from macrostrike.journal._database import Database
from macrostrike.signing import prediction_digest, sign_prediction
from macrostrike.testing import World, deploy_world
from macrostrike.types import Prediction

from ..predictions import prediction
from .node import CALM, GWEI, Chain, Node, Weather, read
from .scheduler import Clock, Lock, Scheduler, replaced

SETTINGS = Settings(
    mined_within=40.0,
    resend_after=10.0,
    replace_after=25.0,
    max_per_second=None,
    confirmations=4,
    max_fee_per_gas=2_000 * GWEI,
)
_TRANSFERS, _STRIKES, _JUMP = 4, 3, 200
_BLOCK_SECONDS = 4.0
_STORM, _LIMIT = 80.0, 600.0  # seconds
_STRANGER = to_checksum_address(b"\x57" * 20)


@dataclass(frozen=True)
class Bug:
    """A fault of the product's, planted: `places` says what is replaced by what in a run.

    weather: what it shows in most; the seed's own by default. first: a seed that has found it.
    """

    name: str
    places: Callable[[Play], list[tuple[Any, str, Any]]]
    weather: Weather | None = None
    first: int = 0


@dataclass
class Stage:
    """What all seeds share: a deployed world in revm, and a journal that has seen no more.

    first: the block behind those that it has seen.
    """

    world: World
    database: Database
    kept: sqlite3.Connection
    first: int

    @classmethod
    def built(cls) -> Stage:
        world, database = deploy_world(RevmTransport()), Database("sqlite://")
        world.transport.set_balance(world.operator.address, 10**20)
        Journal(database).sync(world.transport, world.diamond, world.manifest.deployed_at)
        kept = sqlite3.connect(":memory:")
        stage = cls(world, database, kept, world.transport.block_number() + 1)
        stage._connection.backup(kept)
        return stage

    @property
    def revm(self) -> RevmTransport:
        chain = self.world.transport
        assert isinstance(chain, RevmTransport)
        return chain

    def empty(self) -> None:
        """Brings the journal back to what it was."""
        self.kept.backup(self._connection)

    @property
    def _connection(self) -> sqlite3.Connection:
        connection = self.database._engine.raw_connection().driver_connection
        assert isinstance(connection, sqlite3.Connection)
        return connection


@dataclass
class Play:
    """A run of one seed. `events` is what happened, for looking into a failure."""

    stage: Stage
    seed: int
    bug: Bug | None = None
    events: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.scheduler = Scheduler(self.chance, _LIMIT)
        weather = _weather(self.chance)
        self.weather = (self.bug and self.bug.weather) or weather
        world = self.stage.world
        self.account: LocalAccount = world.operator
        self.to = [
            to_checksum_address(keccak(f"{self.seed}/{n}".encode())[:20]) for n in range(_TRANSFERS)
        ]
        self.left = 0

    def run(self) -> None:
        """Raises `AssertionError` where anything is lost, doubled, or not as the journal says."""
        revm = self.stage.revm
        self.stage.empty()
        snapshot = revm.snapshot()
        revm.block_time = 1
        self.chain = Chain(revm, self.scheduler, self.chance, self.weather)
        self.first_nonce = revm.nonce(self.account.address)
        self.predictions = self._predictions()
        clock = Clock(self.scheduler)
        try:
            with replaced(
                (_executor, "time", clock),
                (_base, "time", clock),
                (_ticket, "time", clock),
                (_ticket, "_LONGEST_PAUSE", 6.0),
                (_record, "time", clock),
                (_leases, "time", clock),
                (store, "time", clock),
                (_leases, "this_process", lambda: self.scheduler.process),
                (_leases, "has_ended", lambda holder: holder in self.ended),
                *(self.bug.places(self) if self.bug else ()),
            ):
                self._perform()
        finally:
            revm.revert(snapshot)

    def _perform(self) -> None:
        self.ended: set[str] = set()
        self.is_over = False
        self._number = 0
        self.done: set[str] = set()
        self.scheduler.start("network", self._network)
        self.scheduler.start("fate", self._fate)
        self._begin_process()
        if self.chance.random() < 0.6:
            self._begin_process(after=self.chance.uniform(0, 60))
        self.scheduler.run()
        self._check()

    # The tasks

    def _network(self) -> None:
        while not self.is_over:
            self.scheduler.sleep(_BLOCK_SECONDS * self.chance.uniform(0.5, 1.5))
            self.chain.turn()

    def _fate(self) -> None:
        """Processes are killed, or asleep for longer than a lease; a stranger uses the key."""
        end = self.scheduler.now + _STORM
        while self.scheduler.now < end:
            self.scheduler.sleep(self.chance.uniform(1, 20))
            what = self.chance.random()
            if what < 0.35:
                process = f"p{self._number}"
                self.events.append(f"{self.scheduler.now:.1f} kill {process}")
                self.ended.add(process)
                self.scheduler.kill(process)
                self._begin_process(after=self.chance.uniform(0, 20))
            elif what < 0.55:
                self._strange()
            elif what < 0.7:
                self.asleep_until = self.scheduler.now + self.chance.uniform(20, 60)
                self.asleep = f"p{max(1, self._number - self.chance.randint(0, 1))}"
        self.chain.weather = CALM

    asleep, asleep_until = "", 0.0
    lock: Callable[[Scheduler], object] = Lock
    settings = SETTINGS

    def _strange(self) -> None:
        """Someone else with the key, who looks at the chain alone."""
        nonce = self.stage.revm.nonce(self.account.address)
        signed = self.account.sign_transaction(
            {
                "chainId": self.stage.revm.chain_id,
                "nonce": nonce,
                "to": _STRANGER,
                "value": 1,
                "data": b"",
                "gas": 21_000,
                "maxFeePerGas": 1_500 * GWEI,
                "maxPriorityFeePerGas": 100 * GWEI,
            }
        )
        self.events.append(f"{self.scheduler.now:.1f} a stranger uses nonce {nonce}")
        self.chain.pool[self.account.address, nonce] = bytes(signed.raw_transaction)

    def _begin_process(self, after: float = 0.0) -> None:
        self._number += 1
        name = f"p{self._number}"
        self.scheduler.start(name, partial(self._process, name), after=after)

    def _process(self, name: str) -> None:
        journal = Journal(self.stage.database)
        node = Node(self.chain)
        node.on_broadcast.append(partial(self._require_written, journal))
        executor = Executor(node, self.account, journal, self.settings)  # type: ignore[arg-type]
        executor._sending = self.lock(self.scheduler)  # type: ignore[assignment]
        client = MacroStrike(
            node,  # type: ignore[arg-type]
            self.stage.world.diamond,
            sender=executor,
            first_block=self.stage.first,
        )
        self._until(name, lambda: executor.recover() is not None)
        works: list[tuple[str, Callable[[], bool]]] = [
            (f"transfer {n}", partial(self._transfer, executor, journal, n))
            for n in range(_TRANSFERS)
        ]
        works += [
            (f"strike {p.nonce}", partial(self._strike, client, journal, p, s))
            for p, s in self.predictions
        ]
        self.chance.shuffle(works)
        tasks = [
            self.scheduler.start(name, partial(self._work, name, works[k::2])) for k in range(2)
        ]
        world = self.stage.world
        sync = partial(journal.sync, node, world.diamond, world.manifest.deployed_at)
        while not self.is_over:
            calm = self.chain.weather is CALM
            synced = self._try(name, sync)
            self._try(name, executor.recover)
            ended = all(task.is_done for task in tasks) and not journal.intents(*LIVE)
            if calm and synced is not None and ended:
                self.is_over = True
            self.scheduler.sleep(self.chance.uniform(4, 16))

    def _work(self, name: str, works: list[tuple[str, Callable[[], bool]]]) -> None:
        left = list(works)
        while left and not self.is_over:
            what, work = left.pop(0)
            if self._try(name, work):
                self.events.append(f"{self.scheduler.now:.1f} {name} {what} is done")
            else:
                left.append((what, work))
                self.scheduler.sleep(self.chance.uniform(0.5, 5))

    def _until(self, name: str, work: Callable[[], bool]) -> None:
        while not self.is_over and not self._try(name, work):
            self.scheduler.sleep(self.chance.uniform(0.5, 5))

    def _try(self, name: str, work: Callable[[], Any]) -> Any:
        if name == self.asleep and self.scheduler.now < self.asleep_until:
            self.scheduler.sleep(self.asleep_until - self.scheduler.now)
        try:
            return work()
        except MacroStrikeError as failure:
            said = f"{type(failure).__name__}: {failure}"[:160]
            self.events.append(f"{self.scheduler.now:.1f} {name} {said}")
            return None

    def _transfer(self, executor: Executor, journal: Journal, number: int) -> bool:
        """As one does who must not pay twice: what the journal knows is waited for."""
        cause = f"transfer {number}"
        ours = [each for each in journal.intents() if each.causation_id == cause]
        if any(each.state is IntentState.CONFIRMED for each in ours):
            return True
        live = [each for each in ours if each.state in LIVE]
        self.scheduler.sleep(self.chance.uniform(0, 0.1))
        if live:
            executor.ticket(live[0].hash).wait()
        else:
            purpose = Purpose("transfer", cause=cause)
            executor.submit(self.to[number], b"", value=number + 1, purpose=purpose).wait()
        return False  # until the journal says so

    def _strike(
        self, client: MacroStrike, journal: Journal, prediction: Prediction, signature: bytes
    ) -> bool:
        with suppress(NonceUsed):
            client.strike(prediction, signature, limit_amount=1)
        opened = client.strike_of(prediction.engine, prediction.nonce)
        depth = SETTINGS.confirmations or 0
        if opened is None or client.transport.block_number() < opened.mined.block_number + depth:
            return False  # its block may be replaced, and its nonce go to a stranger
        digest = prediction_digest(prediction, client.transport.chain_id, client.diamond)
        journal.decide(digest, Decision.STRUCK, strike_id=opened.strike_id)
        return True

    def _predictions(self) -> list[tuple[Prediction, bytes]]:
        """The last one is far ahead: mined before the others it would be their end."""
        world, journal = self.stage.world, Journal(self.stage.database)
        nonces = [*range(1, _STRIKES), _STRIKES + _JUMP]
        made = []
        for nonce in nonces:
            said = prediction(world.engine.address, nonce)
            chain_id = self.stage.revm.chain_id
            signature = sign_prediction(said, world.engine, chain_id, world.diamond)
            digest = prediction_digest(said, chain_id, world.diamond)
            journal.record_prediction(said, digest, signature, source="engine")
            made.append((said, signature))
        return made

    # What must hold

    def _require_written(self, journal: Journal, signed: bytes) -> None:
        try:
            journal.intent(keccak(signed))
        except RowNotFound:
            raise AssertionError("sent before it was written") from None

    def _check(self) -> None:
        revm, journal = self.stage.revm, Journal(self.stage.database)
        for number, to in enumerate(self.to):
            paid = revm.balance(to)
            assert paid == number + 1, f"transfer {number} was paid {paid / (number + 1):g} times"
        opened = [event.args["nonce"] for event in self._strikes()]
        assert sorted(opened) == [p.nonce for p, _ in self.predictions], f"strikes: {opened}"
        known = {each.hash: each for each in journal.intents()}
        mined = {
            keccak(block.transaction)
            for block in self.chain.blocks
            if block.transaction is not None
        }
        for intent in known.values():
            self._check_intent(intent, mined)
        self._check_nonces(known.values())
        strange = sum(
            read(b.transaction).to == _STRANGER for b in self.chain.blocks if b.transaction
        )
        assert len(mined) == len(mined & set(known)) + strange, "mined, and not in the journal"
        with self.stage.database.read() as connection:
            assert _verify.of_rows(connection) == []

    def _check_intent(self, intent: IntentRow, mined: set[bytes]) -> None:
        state, receipt = intent.state, self.stage.revm.receipt(intent.hash)
        assert state not in LIVE, f"{intent.action} is {state}"
        assert (state is IntentState.CONFIRMED) == (intent.hash in mined), f"{state} is wrong"
        if receipt is not None:
            assert (intent.block_number, intent.block_hash) == (
                receipt.block_number,
                receipt.block_hash,
            ), "a block that is no more"

    def _check_nonces(self, intents: Iterable[IntentRow]) -> None:
        """Each nonce was given to one thing at a time, or to nothing."""
        given: dict[int, set[object]] = {}
        for intent in intents:
            if intent.state in (IntentState.CONFIRMED, IntentState.REPLACED):
                what = (intent.causation_id, intent.digest)
                given.setdefault(intent.account_nonce, set()).add(what)
        for nonce, whats in given.items():
            assert len(whats - {(None, None)}) <= 1, f"nonce {nonce} was given twice"

    def _strikes(self) -> list[Any]:
        logs = self.stage.revm.logs(self.stage.world.diamond, self.stage.first)
        events = (diamond_abi().decode_event(log.topics, log.data) for log in logs)
        return [event for event in events if event is not None and event.name == "StrikeOpened"]


def _weather(chance: random.Random) -> Weather:
    """Some of the faults, each at its own rate."""

    def rate(maximum: float) -> float:
        return chance.uniform(0, maximum) if chance.random() < 0.7 else 0.0

    return replace(
        CALM,
        silent=rate(0.08),
        lost_before=rate(0.4),
        lost_after=rate(0.4),
        refused=rate(0.2),
        twice=rate(0.3),
        behind=rate(0.5),
        forgets=rate(0.2),
        reorganises=rate(0.3),
        expensive=rate(0.2),
    )
