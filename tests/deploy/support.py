"""What the tests of deployments share."""

from __future__ import annotations

from typing import Any

from macrostrike.abi import diamond_abi
from macrostrike.build import DIAMOND, ours
from macrostrike.chain import Receipt, Signer
from macrostrike.deploy import Deployment, Target, load_target, make_plan, parse_target, prepare
from macrostrike.deploy.plan import Build
from macrostrike.deploy.run import with_fixtures
from macrostrike.deploy.state.snapshot import ChainState
from macrostrike.deploy.target import TARGETS
from macrostrike.devchain import Fixtures
from macrostrike.testing import World

LOCAL = (TARGETS / "local.yaml").read_text()
STRANGER = "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB"


def _steps() -> int:
    target = with_fixtures(load_target("local"))
    facets = {name: ours(name) for name in target.facets}
    decimals = {token.address: token.decimals for token in target.tokens.values()}
    # The venue's own pool has a memory that is long enough.
    memories = {market.pool: 1 << 15 for market in target.markets}
    chain = ChainState(31337, 0, 0, decimals, memories=memories)
    return len(make_plan(Build.of(target, facets, ours(DIAMOND), "", STRANGER), chain).steps)


FACETS = len(load_target("local").facets)
# Of the local target, on a chain with nothing but its venue.
STEPS = _steps()


# Changes to the local target that leave arbitrages out, and their facet.
WITHOUT_AMM = (
    ("  - AMMBotFacet\n", ""),
    (LOCAL[LOCAL.index("amm:") : LOCAL.index("roles:")], ""),
)


def target_with(*changes: tuple[str, str]) -> Target:
    """The local target, with parts of its text replaced."""
    text = LOCAL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_target(text)


def named(at: Fixtures) -> list[tuple[str, str]]:
    """What makes a target of the local one that names the venue's contracts itself."""
    return [
        ("{address: fixture, decimals: 6}", f"{{address: {at.quote}, decimals: 6}}"),
        ("{address: fixture, decimals: 18}", f"{{address: {at.base}, decimals: 18}}"),
        ("{address: fixture, venue: UniswapV3}", f"{{address: {at.factory}, venue: UniswapV3}}"),
        (
            "{address: fixture, venue: UniswapV2}",
            f"{{address: {at.pair_factory}, venue: UniswapV2}}",
        ),
        ("pool: fixture\n", f"pool: {at.pool}\n"),
        ("pool: fixture, fee: 500", f"pool: {at.pool}, fee: 500"),
        ("pool: fixture, fee: 3000", f"pool: {at.pair}, fee: 3000"),
    ]


def again(world: World, target: Target | None = None, **options: Any) -> Deployment:
    """Another deployment on a chain that has one. `options` are those of `prepare`."""
    said = {"deployer": world.owner.address, "network": "local", "manifest": world.manifest}
    return prepare(world.transport, target or load_target("local"), **(said | options))


def tell(world: World, signer: Signer, function: str, *args: Any) -> Receipt:
    """A transaction to the diamond."""
    data = diamond_abi().encode_call(function, *args)
    return world.transport.send(signer, world.diamond, data)


def ask(world: World, function: str, *args: Any) -> Any:
    """What a reader of the diamond says."""
    data = diamond_abi().encode_call(function, *args)
    return diamond_abi().decode_result(function, world.transport.call(world.diamond, data))
