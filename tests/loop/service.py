"""An intake as it is served, for the tests of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn

from macrostrike import MacroStrike, Prediction
from macrostrike.engine import IntakeClient
from macrostrike.journal import Journal
from macrostrike.loop import Intake, Limits, Observer, Outcomes, intake_app
from macrostrike.monitor.server import hosts_of
from macrostrike.signing import sign_prediction
from macrostrike.testing import World

from .support import LONG


@dataclass
class Service:
    """An intake with its journal, served; and a client of it."""

    world: World
    journal: Journal
    client: IntakeClient
    url: str
    outcomes: Outcomes

    def send(self, prediction: Prediction) -> dict[str, Any]:
        return self.client.send(prediction, self.sign(prediction))

    def sign(self, prediction: Prediction) -> bytes:
        chain_id = self.world.transport.chain_id
        return sign_prediction(prediction, self.world.engine, chain_id, self.world.diamond)

    def made(self, nonce: int = 1, **changes: Any) -> Prediction:
        now = self.world.transport.timestamp()
        engine = self.world.engine.address
        return replace(LONG.prediction(engine=engine, nonce=nonce, now=now), **changes)


@contextmanager
def served(world: World, folder: Path, **limits: Any) -> Iterator[Service]:
    """On any port that is free, its journal in `folder`."""
    asks = MacroStrike(world.transport, world.diamond, sender=Observer(world.operator.address))
    host = "127.0.0.1"
    with (
        Journal.open(folder / "journal.sqlite") as journal,
        socket.create_server((host, 0)) as listener,
    ):
        outcomes = Outcomes(journal)
        intake = Intake(asks, journal, Limits(**limits))
        app = intake_app(intake, outcomes, hosts=hosts_of(host))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        url = f"http://{host}:{listener.getsockname()[1]}"
        try:
            yield Service(world, journal, IntakeClient(url), url, outcomes)
        finally:
            server.should_exit = True
            thread.join()
