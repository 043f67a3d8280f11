"""What the tests of deployments share."""

from __future__ import annotations

from typing import Any

from macrostrike.abi import diamond_abi
from macrostrike.chain import Receipt, Signer
from macrostrike.deploy import (
    Deployment,
    Target,
    World,
    load_target,
    make_plan,
    parse_target,
    prepare,
)
from macrostrike.deploy._contracts import ours
from macrostrike.deploy.deployment import DIAMOND, with_fixtures
from macrostrike.deploy.plan import Creations
from macrostrike.deploy.snapshot import ChainState
from macrostrike.deploy.target import TARGETS

LOCAL = (TARGETS / "local.yaml").read_text()
STRANGER = "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB"


def _steps() -> int:
    target = with_fixtures(load_target("local"))
    facets = {name: ours(name) for name in target.facets}
    chain = ChainState(31337, 0, 0, {t.address: t.decimals for t in target.tokens.values()})
    return len(make_plan(Creations(target, facets, ours(DIAMOND), "", STRANGER), chain).steps)


FACETS = len(load_target("local").facets)
# Of the local target, on a chain with nothing but its venue.
STEPS = _steps()


def target_with(*changes: tuple[str, str]) -> Target:
    """The local target, with parts of its text replaced."""
    text = LOCAL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_target(text)


def again(world: World, target: Target | None = None, *, upgrade: bool = False) -> Deployment:
    """Another deployment on a chain that has one."""
    return prepare(
        world.transport,
        target or load_target("local"),
        deployer=world.owner.address,
        network="local",
        manifest=world.manifest,
        upgrade=upgrade,
    )


def tell(world: World, signer: Signer, function: str, *args: Any) -> Receipt:
    """A transaction to the diamond."""
    data = diamond_abi().encode_call(function, *args)
    return world.transport.send(signer, world.diamond, data)


def ask(world: World, function: str, *args: Any) -> Any:
    """What a reader of the diamond says."""
    data = diamond_abi().encode_call(function, *args)
    return diamond_abi().decode_result(function, world.transport.call(world.diamond, data))
