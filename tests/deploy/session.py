"""Sessions as the commands have them, one after the other in one folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from macrostrike.chain import Receipt
from macrostrike.cli.session import Session
from macrostrike.deploy import (
    Deployment,
    Target,
    inspect,
    load_target,
    prepare,
)
from macrostrike.deploy.run import Compiled
from macrostrike.manifest import Manifest
from macrostrike.testing import World

from .support import FACETS, STEPS
from .test_upgrade import ours

# The owner's, after the facets and the diamond.
CALLS = STEPS - FACETS - 1


class Killed(BaseException):
    """As by a signal: nothing catches it."""


class Run:
    """A folder, and sessions in it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.manifest = folder / "macrostrike.json"
        self.plan = folder / "plan.json"
        self.owner_file = folder / "macrostrike.owner.json"
        self.reported = ""

    def deployment(
        self,
        target: Target | None = None,
        *,
        upgrade: bool = False,
        undo_guardian: bool = False,
        built: Compiled = ours,
    ) -> Deployment:
        return prepare(
            self.world.transport,
            target or load_target("local"),
            deployer=self.world.owner.address,
            network="local",
            name="session",
            manifest=Manifest.load(self.manifest) if self.manifest.exists() else None,
            upgrade=upgrade,
            undo_guardian=undo_guardian,
            compiled=built,
        )

    def __call__(
        self,
        deployment: Deployment,
        write_plan: Path | None = None,
        plan: Path | None = None,
        plan_hash: str | None = None,
        unchecked_layout: bool = False,
    ) -> str:
        console = Console(record=True, width=200, file=StringIO())
        owner = self.world.owner
        session = Session(
            console,
            self.manifest,
            write_plan,
            plan,
            plan_hash,
            lambda steps: None,
            unchecked_layout=unchecked_layout,
        )
        try:
            session.run(deployment, lambda: {owner.address: owner})
        finally:
            self.reported = console.export_text()
        return self.reported

    def forget(self) -> None:
        """As in a clone where nothing was deployed yet."""
        for path in self.manifest.parent.iterdir():
            path.unlink()

    def checks(self) -> dict[str, tuple[str, str]]:
        """What `ape run status` finds: the checks that fail, with what is meant and what is."""
        manifest = Manifest.load(self.manifest)
        checks = inspect(self.world.transport, load_target("local"), manifest)
        return {check.name: (check.expected, check.actual) for check in checks if not check.ok}


@contextmanager
def killed_after(world: World, lives: int) -> Iterator[None]:
    """Who deploys dies instead of sending one transaction more. A rehearsal costs no life."""
    send, left = world.transport.send, [lives]

    def dying(signer: Any, *args: Any, **options: Any) -> Receipt:
        if signer is world.owner:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
        return send(signer, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.transport, "send", dying)
        with pytest.raises(Killed):
            yield
