"""Each kind of fault between executor and anvil, so many strikes each; and each kill point."""

from __future__ import annotations

import base64
import logging
import random
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from macrostrike.chain import AnvilTransport, RpcTransport
from macrostrike.client import MacroStrike
from macrostrike.errors import MacroStrikeError, NonceUsed
from macrostrike.executor import Executor, Settings
from macrostrike.journal import Journal
from macrostrike.testing import World
from tests.executor import child
from tests.faults import (
    Exchange,
    FaultProxy,
    Reply,
    Rule,
    drop_after,
    drop_before,
    error,
    raw,
    status,
    truncated,
    twice,
)

ROOT = Path(__file__).parents[2]
SECRET = "s3cret-of-the-endpoint"
_PERCENT = 20  # of the exchanges meet the fault
_TRIES = 60
FAULTS: dict[str, Rule] = {
    "cut before it arrives": drop_before,
    "cut after it arrived": drop_after,
    "answer cut short": truncated,
    "sent twice by a balancer": twice,
    "HTTP 429": status(429),
    "HTTP 502 after it arrived": status(502, b"<html>Bad Gateway</html>", forwarded=True),
    "HTTP 503": status(503),
    "internal error": error(-32603, "Internal error"),
    "internal error after it arrived": error(-32603, "Internal error", forwarded=True),
    "an answer of no sense": raw(b"{}", forwarded=True),
}
CALM, REORGS, FOREIGN, TWO = "no fault", "blocks replaced", "foreign use of the key", "two loops"
KINDS = (*FAULTS, REORGS, FOREIGN, TWO)


@dataclass
class Result:
    """Of one kind: predictions, and what became of them."""

    kind: str
    strikes: int = 0
    lost: int = 0
    doubled: int = 0
    differing: int = 0
    seconds: float = 0.0


@dataclass
class Chaos:
    """One node, one diamond, one journal in `folder`. `said`: every failure, in words."""

    world: World
    folder: Path
    seed: int = 1
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        node = self.world.transport
        assert isinstance(node, AnvilTransport)
        self.node = node
        self.chance = random.Random(self.seed)
        self.plain = MacroStrike(node, self.world.diamond)
        self.owner = MacroStrike(node, self.world.diamond, self.world.owner)
        self.path = self.folder / "journal.sqlite"
        self.until = node.timestamp() + (1 << 32)
        self.nonce = self.plain.next_nonce(self.world.engine.address)
        # All that anything logs, in all detail: it is searched for secrets.
        self.log = logging.FileHandler(self.folder / "log.txt", encoding="utf-8")
        logging.getLogger().addHandler(self.log)
        logging.getLogger().setLevel(logging.DEBUG)

    def faults(self, kind: str, strikes: int) -> Result:
        """So many strikes under one kind of fault."""
        started, result = time.monotonic(), Result(kind, strikes)
        nonces = range(self.nonce, self.nonce + strikes)
        self.nonce += strikes
        with FaultProxy(self.node.url) as proxy, Journal.open(self.path) as journal:
            if kind in FAULTS:
                proxy.rules.append(self._sometimes(FAULTS[kind]))
            chain = RpcTransport(f"{proxy.url}/v3/{SECRET}", timeout=2.0, patience=0.5)
            for nonce in nonces:
                if kind == TWO:
                    self._race(chain, nonce)
                self._strike(chain, journal, nonce)
                if kind == FOREIGN and self.chance.random() < 0.5:
                    self.node.send(self.world.operator, self.world.guardian.address, b"", value=1)
                if kind == REORGS and self.chance.random() < 0.5:
                    self.node.request("anvil_reorg", 1, [])
                    self._strike(chain, journal, nonce)
                self._settle_all()
            proxy.rules.clear()
            self._recover(chain, journal)
            self._count(result, journal, nonces)
        result.seconds = time.monotonic() - started
        return result

    def kills(self, step: str, times: int) -> Result:
        """A process that strikes is killed with signal 9 at a step, and the next one goes on."""
        started, result = time.monotonic(), Result(f"killed: {step}", times)
        nonces = range(self.nonce, self.nonce + times)
        self.nonce += times
        for nonce in nonces:
            command = [sys.executable, "-m", child.__name__, self.node.url, self.world.diamond]
            command += [self.world.operator.address, self.world.engine.address, str(self.until)]
            command += [str(self.path), step, str(nonce)]
            with (self.folder / "children.txt").open("ab") as said:
                killed = subprocess.run(
                    command, cwd=ROOT, timeout=120, check=False, stdout=said, stderr=said
                )
            assert killed.returncode == -signal.SIGKILL, said.name
            with Journal.open(self.path) as journal:
                self._recover(self.node, journal)
                self._strike(self.node, journal, nonce)
            self._settle_all()
        with Journal.open(self.path) as journal:
            self._recover(self.node, journal)  # what was sent again is mined by now
            self._count(result, journal, nonces)
        result.seconds = time.monotonic() - started
        return result

    def leaks(self, *others: Path) -> list[str]:
        """Where a key or the endpoint's secret is, however spelt: in the journal, a report, a log,
        a process's output, an error with its traceback."""
        keys = [bytes(each.key) for each in (self.world.operator, self.world.engine)]
        secrets = [SECRET.encode(), SECRET.upper().encode(), base64.b64encode(SECRET.encode())]
        for key in keys:
            secrets += [key, key.hex().encode(), key.hex().upper().encode()]
            secrets += [base64.b64encode(key), str(int.from_bytes(key, "big")).encode()]
        self.log.flush()
        files = {path: path.read_bytes() for path in (*self.folder.iterdir(), *others)}
        found = [str(path) for path, content in files.items() if _has(content, secrets)]
        return found + [each for each in self.said if _has(each.encode(), secrets)]

    def close(self) -> None:
        """Ends its log."""
        logging.getLogger().removeHandler(self.log)
        logging.getLogger().setLevel(logging.WARNING)
        self.log.close()

    def _strike(self, chain: RpcTransport, journal: Journal, nonce: int) -> None:
        """Tries until the chain itself says that it has happened."""
        prediction = child.prediction(self.world.engine.address, self.until, nonce)
        with self._executor(chain, journal) as executor:
            client = MacroStrike(chain, self.world.diamond, sender=executor)
            for _ in range(_TRIES):
                try:
                    client.strike(prediction, self.world.engine)
                except NonceUsed:
                    return
                except MacroStrikeError:
                    self.said.append(traceback.format_exc())
                    self._recover(chain, journal, executor)

    def _race(self, chain: RpcTransport, nonce: int) -> None:
        """Two loops with one key at once, each with its own view of the journal."""

        def one() -> None:
            with Journal.open(self.path) as journal, suppress(MacroStrikeError):
                client = MacroStrike(
                    chain, self.world.diamond, sender=self._executor(chain, journal)
                )
                prediction = child.prediction(self.world.engine.address, self.until, nonce)
                client.strike(prediction, self.world.engine)

        threads = [threading.Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _executor(self, chain: RpcTransport, journal: Journal) -> Executor:
        # Anvil keeps from blocks what it checks while it makes the one before: it is replaced.
        settings = Settings(mined_within=3, resend_after=0.2, replace_after=10, max_per_second=None)
        return Executor(chain, self.world.operator, journal, settings)

    def _recover(
        self, chain: RpcTransport, journal: Journal, executor: Executor | None = None
    ) -> None:
        with nullcontext(executor) if executor else self._executor(chain, journal) as sending:
            # Each by itself: a node that does not let the one be done may let the other.
            at = self.world.diamond, self.world.manifest.deployed_at
            for work in (partial(journal.sync, chain, *at), sending.recover):
                try:
                    work()
                except MacroStrikeError:
                    self.said.append(traceback.format_exc())

    def _settle_all(self) -> None:
        """By the owner, who is under no fault. Each strike loses the pool's fee, which halts."""
        self.node.mine(30)
        for strike_id in self.plain.open_strikes():
            self.owner.settle(strike_id)
        self.node.mine(30)
        if self.plain.stats().halted:
            self.owner.transact("resume")

    def _count(self, result: Result, journal: Journal, nonces: range) -> None:
        journal.sync(self.node, self.world.diamond, self.world.manifest.deployed_at)
        found = [s.engine_nonce for s in journal.strikes() if s.engine_nonce in nonces]
        result.lost = len(set(nonces) - set(found))
        result.doubled = len(found) - len(set(found))
        result.differing = len(journal.verify(self.plain))
        known = {each.hash: each.state.value for each in journal.intents()}
        for strike in journal.strikes():
            if strike.engine_nonce in nonces and known.get(strike.opened_tx) != "confirmed":
                result.differing += 1

    def _sometimes(self, fault: Rule) -> Rule:
        def rule(exchange: Exchange) -> Reply | None:
            if exchange.method == "batch" or self.chance.randrange(100) >= _PERCENT:
                return None  # of a batch, each by itself
            return fault(exchange)

        return rule


def results(chaos: Chaos, strikes: int, kills: int) -> Iterator[Result]:
    """So many strikes over all kinds of faults, and so many kills at each point."""
    works: list[Callable[[], Result]] = []
    for place, kind in enumerate(KINDS):
        share = strikes // len(KINDS) + (place < strikes % len(KINDS))
        works.append(lambda kind=kind, share=share: chaos.faults(kind, share))  # type: ignore[misc]
    for step in child.STEPS if kills else ():
        works.append(lambda step=step: chaos.kills(step, kills))  # type: ignore[misc]
    for work in works:
        yield work()


def _has(content: bytes, secrets: list[bytes]) -> bool:
    return any(secret in content for secret in secrets)
