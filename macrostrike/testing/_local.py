"""A whole world for tests, demo and replay: one call, on any local chain."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from eth_account.signers.local import LocalAccount

from macrostrike.chain import LocalTransport
from macrostrike.deploy.run import Deployed, OnStep, complete, planned_diamond, prepare
from macrostrike.deploy.target import Target, load_target
from macrostrike.devchain import Venues, deploy_venues, local_account
from macrostrike.errors.deploying import DeployError
from macrostrike.manifest import Manifest

_ACCOUNTS = 10
_NAME = "macrostrike"


@dataclass(frozen=True, slots=True)
class World:
    """A deployed diamond on a local chain, its venue, and everyone with a role.

    The keys are anvil's, which everybody knows.
    """

    transport: LocalTransport
    manifest: Manifest
    venues: Venues
    owner: LocalAccount
    operator: LocalAccount
    engine: LocalAccount
    guardian: LocalAccount
    deployed: Deployed

    @property
    def diamond(self) -> str:
        """The diamond's address."""
        return self.manifest.diamond


def deploy_world(
    transport: LocalTransport,
    *,
    target: Target | None = None,
    price: Decimal | int | str = 1600,
    depth: Decimal | int | str = 100_000_000,
    on_step: OnStep | None = None,
) -> World:
    """Deploys the venue and a diamond with fleet, capital, market and roles, and verifies it.

    By the same steps as `ape run deploy`, and by default to the same target,
    `deployments/targets/local.yaml`: 800,000 USDC over 25 bots, 500 WETH for shorts, a market on a
    Uniswap V3 pool of 0.05 % at `price`, with `depth` of quote in it. Always deploys a new diamond;
    the venue stays what it is where there is one.
    """
    target = load_target("local") if target is None else target
    roles = target.roles
    venues = deploy_venues(transport, price=price, depth=depth)
    owner = known_account(roles.owner)
    deployment = prepare(
        transport,
        target,
        deployer=owner.address,
        network="local",
        name=_unused_name(transport, target),
    )
    deployed = complete(deployment, {owner.address: owner}, on_step)
    return World(
        transport=transport,
        manifest=deployed.manifest,
        venues=venues,
        owner=owner,
        operator=known_account(roles.operators[0].address),
        engine=known_account(roles.engines[0].address),
        guardian=known_account(roles.guardians[0]),
        deployed=deployed,
    )


def _unused_name(transport: LocalTransport, target: Target) -> str:
    """One that no diamond has yet, as its name decides where it goes."""
    names = (f"{_NAME}-{number}" if number > 1 else _NAME for number in count(1))
    return next(name for name in names if not transport.code(planned_diamond(target, name)))


def known_account(address: str) -> LocalAccount:
    """The local account of that address. Raises `DeployError` when it is none of anvil's ten."""
    for index in range(_ACCOUNTS):
        account = local_account(index)
        if account.address == address:
            return account
    raise DeployError(f"{address} is none of the {_ACCOUNTS} accounts that local chains know")
