"""A morning: the loop with its reference engine, another engine over the intake, real minutes.

Both processes are killed and started again in the middle. Every prediction is accounted for, and
journal, chain and page have the same books.
"""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import requests

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport
from macrostrike.devchain import local_account
from macrostrike.engine import EngineSigner, Forecast, IntakeClient, ReferenceEngine
from macrostrike.errors.predicting import IntakeRefused
from macrostrike.journal import Decision, Journal, RunState
from macrostrike.market import Bar, find_market
from macrostrike.signing import prediction_digest
from macrostrike.testing import World, deploy_world
from macrostrike.types import Signal

from .support import Command, free_port, run, start

pytestmark = pytest.mark.long

# At the end of July 2022 the reference engine has an opinion every few minutes, of both sides.
BEGINS, MINUTES = 12_360, 120
ENGINE, MODEL = local_account(7), 6
OFTEN = 600
"""Seconds of the chain between two predictions of the engine over the intake."""
LINES = ("predicted, nonce", "struck as", "settled, ", "counted: ")
SOON = Forecast(
    signal=Signal.LONG,
    confidence_bps=9500,
    model_id=MODEL,
    horizon=7200,
    take_profit_bps=15,
    stop_loss_bps=190,
    valid_seconds=300,
)


@pytest.fixture(scope="module")
def bars() -> Sequence[Bar]:
    """What the reference engine warms up on, and the morning after it."""
    market = find_market()
    if market is None:
        pytest.skip("recorded minutes are in ../shared/data, which is not here")
    return market.bars[BEGINS : BEGINS + ReferenceEngine.warm_up + MINUTES]


@pytest.fixture
def world(url: str, bars: Sequence[Bar]) -> World:
    """With a second engine, which predicts by a model of its own."""
    price = bars[ReferenceEngine.warm_up - 1].close
    world = deploy_world(AnvilTransport(url, block_time=1), price=price)
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    owner.transact("setEngine", ENGINE.address, 2**32)
    owner.transact("setModel", MODEL, ENGINE.address)
    return world


@dataclass
class Service:
    """A command that runs on, and what it has printed."""

    command: Command
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        self.lines.extend(iter(self.command.stdout.readline, ""))

    def kill(self) -> None:
        self.command.send_signal(signal.SIGKILL)
        self.command.wait()
        self._reader.join()

    def ended(self, timeout: float = 120) -> int:
        code = self.command.wait(timeout)
        self._reader.join()
        return code


@dataclass
class Morning:
    """Both services on one journal, and an engine that speaks over the intake."""

    world: World
    folder: Path
    at: list[str]
    prices: Path
    port: int = field(default_factory=free_port)
    sent: set[str] = field(default_factory=set)
    """Digests of what the engine over the intake has said."""

    def __post_init__(self) -> None:
        world = self.world
        self.http = IntakeClient(f"http://127.0.0.1:{self.port}")
        self.chain = MacroStrike(world.transport, world.diamond)
        self.signer = EngineSigner(
            ENGINE,
            chain_id=world.transport.chain_id,
            diamond=world.diamond,
            record=self.folder / "elsewhere.sqlite",
            floor_bps=9000,  # it is another's, with rules of its own
        )

    @property
    def journal(self) -> Path:
        return self.folder / "macrostrike.sqlite"

    @property
    def ends_at(self) -> int:
        """The chain's time when the minutes are over."""
        begins = self.world.transport.block(self.world.manifest.deployed_at).timestamp
        return begins + 60 * MINUTES

    def intake(self) -> Service:
        service = Service(start("run", "intake", *self.at, "--port", str(self.port)))
        until(self._answers)
        return service

    def _answers(self) -> bool:
        try:
            return bool(self.http.queue())
        except requests.ConnectionError:
            return False

    def loop(self) -> Service:
        prices = ["--prices", str(self.prices), "--minutes-per-second", "0"]
        return Service(start("run", "loop", *self.at, *prices))

    def predict(self, **changes: int) -> str:
        """One prediction over the intake, sent twice; its digest."""
        nonce = self.signer.next_nonce(self.chain.engine(ENGINE.address).highest_nonce)
        now = self.world.transport.timestamp()
        made = replace(SOON, **changes).prediction(engine=ENGINE.address, nonce=nonce, now=now)
        signature = self.signer.sign(made)
        digest = prediction_digest(made, self.world.transport.chain_id, self.world.diamond)
        self.sent.add(f"0x{digest.hex()}")
        for _ in range(2):
            with suppress(IntakeRefused):  # it is recorded as refused
                self.http.send(made, signature)
        return f"0x{digest.hex()}"

    def decision(self, digest: str) -> str:
        return str(self.http.outcome(digest)["decision"])

    def predict_until(self, condition: Callable[[], object]) -> None:
        """Every few minutes of the chain, until that holds."""
        said_at = 0

        def said() -> object:
            nonlocal said_at
            if self.world.transport.timestamp() >= said_at + OFTEN:
                self.predict()
                said_at = self.world.transport.timestamp()
            return condition()

        until(said)


def until(condition: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def morning(url: str, world: World, bars: Sequence[Bar], tmp_path: Path) -> Morning:
    prices, manifest = tmp_path / "minutes.csv", tmp_path / "macrostrike.json"
    rows = (f"{b.timestamp},{b.open},{b.high},{b.low},{b.close}\n" for b in bars)
    prices.write_text("timestamp,open,high,low,close\n" + "".join(rows))
    world.manifest.save(manifest)
    at = ["--network", f"ethereum:local:{url}", "--manifest", str(manifest)]
    return Morning(world, tmp_path, at, prices)


def test_a_morning(morning: Morning) -> None:
    world = morning.world
    intake, loop = morning.intake(), morning.loop()
    both = [r"model [1-5], .*struck as", rf"model {MODEL}, .*struck as", "counted"]
    morning.predict_until(lambda: all(has(loop, each) for each in both))
    guardian = MacroStrike(world.transport, world.diamond, world.guardian)
    guardian.transact("pause")
    until(lambda: has(loop, "skipped, Paused"))
    MacroStrike(world.transport, world.diamond, world.owner).transact("unpause")
    low = morning.predict(confidence_bps=9299)
    assert morning.decision(low) == "refused"

    loop.kill()
    forgotten = morning.predict()
    intake.kill()
    world.transport.mine(SOON.valid_seconds + 60)
    again = morning.intake(), morning.loop()
    until(lambda: morning.decision(forgotten) != "pending")
    assert morning.decision(forgotten) == "expired"
    morning.predict_until(lambda: world.transport.timestamp() > morning.ends_at - 2 * OFTEN)
    assert again[1].ended() == 0, "".join(again[1].lines)
    again[0].command.send_signal(signal.SIGTERM)
    assert again[0].ended() == 0, again[0].lines

    require_accounted(morning)
    require_equal_books(morning)
    require_one_id(morning, loop.lines + again[1].lines, intake.lines + again[0].lines)


def has(service: Service, pattern: str) -> bool:
    return any(re.search(pattern, line) for line in service.lines)


def require_accounted(morning: Morning) -> None:
    """Each prediction has one end, and each that was struck one strike of the chain's."""
    with Journal.open(morning.journal) as journal:
        rows, strikes = journal.predictions(), journal.strikes()
        runs = Counter((run.kind, run.state) for run in journal.runs())
    ends = Counter(row.decision for row in rows)
    assert set(ends) == {Decision.STRUCK, Decision.SKIPPED, Decision.REFUSED, Decision.EXPIRED}
    assert {f"0x{row.digest.hex()}" for row in rows if row.source == "http"} == morning.sent
    # What its signer signed in the moment of the kill may be with no one.
    signed = nonces_in(morning.folder / "macrostrike.engine.sqlite")
    known = {row.engine_nonce for row in rows if row.source == "engine"}
    assert known <= signed
    assert len(signed - known) <= 1
    struck = {
        (row.engine, row.engine_nonce): row.strike_id
        for row in rows
        if row.decision is Decision.STRUCK
    }
    assert struck == {(each.engine, each.engine_nonce): each.strike_id for each in strikes}
    assert len(strikes) == morning.chain.stats().opened == ends[Decision.STRUCK]
    for kind in ("loop", "intake"):
        assert runs[kind, RunState.CRASHED_RECOVERED] == runs[kind, RunState.ENDED] == 1


def nonces_in(record: Path) -> set[int]:
    with closing(sqlite3.connect(record)) as database:
        return {nonce for (nonce,) in database.execute("SELECT nonce FROM signed")}


def require_equal_books(morning: Morning) -> None:
    """Of journal, chain and page."""
    code, output = run("run", "journal", "verify", *morning.at)
    assert code == 0, output
    code, output = run("run", "monitor", *morning.at, "--once", "--json")
    assert code == 0, output
    page = json.loads(output[output.index("\n{") :])
    stats = morning.chain.stats()
    with Journal.open(morning.journal) as journal:
        decisions = Counter(str(row.decision) for row in journal.predictions())
        pnl = sum(strike.pnl or 0 for strike in journal.strikes())
    assert page["predictions"]["decisions"] == decisions
    assert [each["id"] for each in page["open"]] == list(morning.chain.open_strikes())
    assert page["headline"]["equity"] == stats.equity / 1e6
    assert sum(bot["pnl"] for bot in page["bots"]) == pytest.approx(stats.pnl / 1e6)
    assert pnl == stats.pnl


def require_one_id(morning: Morning, loop: Sequence[str], intake: Sequence[str]) -> None:
    """One line a station in the log and in the journal, of either engine: prediction, gate and
    bots, results, stats and what its engine learns."""
    with Journal.open(morning.journal) as journal:
        by_source = {
            source: next(
                str(row.causation_id)
                for row in journal.predictions(decision=Decision.STRUCK)
                if row.source == source
                and any("counted" in line and str(row.causation_id) in line for line in loop)
            )
            for source in ("engine", "http")
        }
    for source, named in by_source.items():
        lines = [line for line in (*intake, *loop) if named in line]
        for line, pattern in zip(
            lines, ("predicted", "struck as", "settled,", "counted"), strict=True
        ):
            assert pattern in line
        assert (lines[0] in intake) is (source == "http")
        code, output = run("run", "journal", "follow", named, "--journal", str(morning.journal))
        assert code == 0, output
        stations = [line.split()[1] for line in output.splitlines() if line.startswith(named)]
        assert stations == ["prediction", "gate", "bots", "results", "stats", "loop"]
