"""A deployment from its target to its manifest, on any transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar, cast

from pydantic import BaseModel

from macrostrike.build import DIAMOND, Contract, ours
from macrostrike.chain import BoundContract, LocalTransport, Receipt, Signer, Transport
from macrostrike.chain.chains import LOCAL_CHAINS
from macrostrike.deploy.plan import Build, Check, Step, cut_steps, make_plan
from macrostrike.deploy.run._conditions import conditions
from macrostrike.deploy.run._copy import Actor, copy_of
from macrostrike.deploy.run._manifest import manifest_of
from macrostrike.deploy.run._node import Node, await_confirmed, await_mined
from macrostrike.deploy.run._proxy import ensure_proxy
from macrostrike.deploy.run._solvency import solvency
from macrostrike.deploy.run._steps import OnStep, run_plan, run_steps
from macrostrike.deploy.run._values import Deployed, Deployment
from macrostrike.deploy.run._verify import require_verified, verify_state
from macrostrike.deploy.state.read import read_state
from macrostrike.deploy.state.snapshot import ChainState
from macrostrike.deploy.target import FIXTURE, Target, init_call
from macrostrike.devchain import deploy_venues, local_fixtures
from macrostrike.errors import WrongChain
from macrostrike.errors.deploying import DeployError, ManifestElsewhere, NotLocal
from macrostrike.inspector import cut_history
from macrostrike.manifest import Manifest
from macrostrike.types import Venue

_M = TypeVar("_M", bound=BaseModel)
Compiled = Callable[[str], Contract]
Keep = Callable[[Manifest], None]


def prepare(
    transport: Transport,
    target: Target,
    *,
    deployer: str,
    network: str,
    name: str = "macrostrike",
    manifest: Manifest | None = None,
    upgrade: bool = False,
    undo_guardian: bool = False,
    replace_manifest: bool = False,
    compiled: Compiled = ours,
) -> Deployment:
    """Reads the chain and plans. Sends nothing but the fixtures, and these to local chains only.

    `name` decides where a new diamond goes. `manifest` is what an earlier deployment wrote; without
    one, a diamond that is at its place already was left there by a deployment that was cut short,
    and is gone on with. With `upgrade`, facets that differ from what was compiled are replaced, as
    far as they are where the manifest has them. A role that was revoked, a raised threshold and a
    disabled market stay so, as a guardian may have done that, unless `undo_guardian`. `compiled`
    returns a contract by its name.

    Raises `DeployError`, and `ManifestElsewhere` for a manifest of another chain, or one whose
    diamond is not there: with `replace_manifest` it counts for nothing.
    """
    await_mined(transport, [deployer, target.roles.owner])
    venues = None
    if target.has_fixtures:
        venues = deploy_venues(_local(transport))
    target = with_fixtures(target)
    build = _build_of(target, name, deployer, compiled)
    diamond, deployed_at = _there(
        transport, build, _still_there(transport, manifest, replace_manifest)
    )
    if upgrade and diamond is None:
        raise DeployError("there is no diamond to upgrade: deploy one")
    if upgrade or diamond is None:
        ensure_proxy(transport)
    first = 0 if deployed_at is None else _first_block(transport, deployed_at)

    def read(chain: Transport) -> ChainState:
        return read_state(chain, target, planned=build.places, diamond=diamond, from_block=first)

    state, known = read(transport), _known(manifest) if upgrade else None
    if known is not None:
        state = _with_new_readers(transport, build, state, known, read)
    return Deployment(
        transport=transport,
        target=target,
        state=state,
        plan=make_plan(build, state, known=known, undo_guardian=undo_guardian),
        network=network,
        name=name,
        deployed_at=deployed_at,
        venues=venues,
        build=build,
    )


def _with_new_readers(
    transport: Transport,
    build: Build,
    state: ChainState,
    known: Mapping[bytes, str],
    read: Callable[[Transport], ChainState],
) -> ChainState:
    """The state with the settings that only the functions to be cut can read.

    They are asked on a copy that has been cut: what is not there yet answers nothing, and what it
    will answer is not always zero.
    """
    if state.diamond is None or not state.diamond.unread:
        return state
    steps, added = cut_steps(build, state, known)
    if state.diamond.unread not in added:
        return state
    with copy_of(transport, {step.sender for step in steps}) as copy:
        run_steps(steps, copy, {step.sender: Actor(step.sender) for step in steps})
        then = read(copy).diamond
    assert then is not None, "a cut leaves the diamond"
    there = {name: getattr(state.diamond, name) for name in ("functions", "code", "codes", "inits")}
    return replace(state, diamond=replace(then, **there))


def planned_diamond(target: Target, name: str) -> str:
    """Where a new diamond of that name goes."""
    target = with_fixtures(target)
    return _build_of(target, name, deployer=target.roles.owner).diamond


def _build_of(target: Target, name: str, deployer: str, compiled: Compiled = ours) -> Build:
    facets = {facet: compiled(facet) for facet in target.facets}
    init = None
    if target.upgrade is not None:
        runs = target.upgrade.init
        init = init_call(runs.contract, runs.function, runs.args, compiled)
    return Build.of(target, facets, compiled(DIAMOND), name, deployer, init)


def _known(manifest: Manifest | None) -> dict[bytes, str]:
    """The facet of each selector, as the manifest has it."""
    facets = () if manifest is None else manifest.facets.values()
    return {bytes.fromhex(s[2:]): facet.address for facet in facets for s in facet.selectors}


def _there(
    transport: Transport, build: Build, manifest: Manifest | None
) -> tuple[str | None, int | None]:
    """The diamond that is there, and the block that it was created in."""
    if manifest is not None:
        return manifest.diamond, manifest.deployed_at
    diamond = build.diamond
    if not transport.code(diamond):
        return None, None
    return diamond, cut_history(transport, diamond)[0].block


def complete(
    deployment: Deployment,
    signers: Mapping[str, Signer],
    on_step: OnStep | None = None,
    keep: Keep | None = None,
    *,
    confirmations: int | None = None,
) -> Deployed:
    """Applies the plan, makes the manifest, and verifies the chain against the target.

    `keep` is given the manifest as soon as there is a diamond, and again at the end: a deployment
    that was cut short goes on from there. What is verified has that many `confirmations`, by
    default as many as the chain needs: 1 is the transaction's own block. Raises `StepFailed` and
    `VerificationFailed`, and `DeployError` before anything is sent when the owner lacks what the
    plan spends. On local chains, what is lacking is made.
    """
    cover(deployment)
    receipts, deployed_at = send_steps(deployment, signers, on_step, keep)
    assert deployed_at is not None, "a whole plan leaves a diamond"
    if receipts:
        transport = deployment.transport
        needed = confirmations or transport.confirmations
        await_confirmed(transport, receipts[-1].block_number, needed)
    manifest, checks = _record(deployment, deployed_at, keep)
    withheld = {check.name for check in deployment.plan.withheld}
    checks = [check for check in checks if check.name not in withheld]
    require_verified(checks)
    return Deployed(manifest, tuple(checks), tuple(receipts))


def send_steps(
    deployment: Deployment,
    signers: Mapping[str, Signer],
    on_step: OnStep | None = None,
    keep: Keep | None = None,
) -> tuple[list[Receipt], int | None]:
    """Sends the plan's steps. Returns the receipts, and the block of the diamond's creation."""
    plan, created = deployment.plan, [deployment.deployed_at]

    def hear(position: int, step: Step, receipt: Receipt) -> None:
        if step.creates == plan.diamond:
            created.append(receipt.block_number)
            _record(deployment, receipt.block_number, keep)
        if on_step is not None:
            on_step(position, step, receipt)

    return run_plan(plan, deployment.transport, signers, hear), created[-1]


def _record(
    deployment: Deployment, deployed_at: int, keep: Keep | None
) -> tuple[Manifest, list[Check]]:
    """The manifest of what is there now, kept, and how that compares with the target."""
    state, checks = _inspect(
        deployment.transport,
        deployment.target,
        deployment.plan.diamond,
        deployed_at,
        deployment.build,
    )
    if state.diamond is None or state.diamond.unread:
        require_verified(checks)  # refuses: what can't be read can't be written down
    manifest = manifest_of(deployment, state, deployed_at, _genesis(deployment.transport))
    if keep is not None:
        keep(manifest)
    return manifest, checks


def inspect(
    transport: Transport, target: Target, manifest: Manifest, *, compiled: Compiled = ours
) -> list[Check]:
    """How the chain compares with the target, now, and whether the diamond may work at all.

    Sends nothing. Raises `DeployError`, and `WrongChain` for a manifest of another chain.
    """
    if manifest.chain_id != transport.chain_id:
        raise WrongChain(manifest.chain_id, transport.chain_id)
    if (reason := _elsewhere(transport, manifest)) is not None:
        raise ManifestElsewhere(manifest.diamond, reason)
    target = with_fixtures(target)
    build = _build_of(target, manifest.name, manifest.owner, compiled)
    state, checks = _inspect(transport, target, manifest.diamond, manifest.deployed_at, build)
    if state.diamond is not None and not state.diamond.unread:
        checks += conditions(transport, manifest.diamond)
        names = {token.address: name for name, token in target.tokens.items()}
        checks += solvency(transport, manifest.diamond, names)
    return checks


def _inspect(
    transport: Transport,
    target: Target,
    diamond: str,
    deployed_at: int,
    built: Build,
) -> tuple[ChainState, list[Check]]:
    first = _first_block(transport, deployed_at)
    state = read_state(transport, target, diamond=diamond, from_block=first)
    return state, verify_state(target, state, built.facets, built.contract)


def _first_block(transport: Transport, deployed_at: int) -> int:
    """A manifest may be of another local chain, with the same addresses at other blocks."""
    return 0 if transport.chain_id in LOCAL_CHAINS else deployed_at


def with_fixtures(target: Target) -> Target:
    """The target, with the addresses of the local venue where it says `fixture`."""
    if not target.has_fixtures:
        return target
    fixtures = local_fixtures()

    def put(model: _M, field: str, address: str) -> _M:
        fits = getattr(model, field) == FIXTURE
        return model.model_copy(update={field: address}) if fits else model

    quote = target.fleet.quote
    tokens = {
        name: put(token, "address", fixtures.quote if name == quote else fixtures.base)
        for name, token in target.tokens.items()
    }
    places = {
        Venue.UNISWAP_V3: (fixtures.factory, fixtures.pool),
        Venue.UNISWAP_V2: (fixtures.pair_factory, fixtures.pair),
    }
    none = (FIXTURE, FIXTURE)
    at = {name: places.get(each.venue, none) for name, each in target.factories.items()}
    factories = {
        name: put(factory, "address", at[name][0]) for name, factory in target.factories.items()
    }
    markets = tuple(put(market, "pool", at[market.factory][1]) for market in target.markets)
    amm = target.amm
    if amm is not None:
        pools = tuple(put(pool, "pool", at[pool.factory][1]) for pool in amm.pools)
        amm = amm.model_copy(update={"pools": pools})
    changes = {"tokens": tokens, "factories": factories, "markets": markets, "amm": amm}
    return target.model_copy(update=changes)


def _local(transport: Transport) -> LocalTransport:
    """The transport as one whose clock can be moved. Raises `NotLocal` where it can't."""
    if not all(hasattr(transport, name) for name in ("mine", "set_balance", "block_time")):
        raise NotLocal("the venue made of fixtures", transport.chain_id)
    return cast(LocalTransport, transport)


def _still_there(
    transport: Transport, manifest: Manifest | None, replace_manifest: bool
) -> Manifest | None:
    """The manifest, unless it is to be replaced. Raises `ManifestElsewhere`."""
    reason = None if manifest is None else _elsewhere(transport, manifest)
    if manifest is None or reason is None:
        return manifest
    if replace_manifest:
        return None
    raise ManifestElsewhere(manifest.diamond, reason)


def _elsewhere(transport: Transport, manifest: Manifest) -> str | None:
    """Why a manifest can't be of this chain; None where it can."""
    if manifest.chain_id != transport.chain_id:
        return f"on chain {manifest.chain_id}: this is chain {transport.chain_id}"
    if not transport.code(manifest.diamond):
        return f"chain {transport.chain_id} has no contract there"
    if manifest.genesis not in (None, _genesis(transport)):
        return "on another local chain, which began with another block"
    return None


def _genesis(transport: Transport) -> str | None:
    """The hash of block 0 where chains share their ids."""
    if transport.chain_id not in LOCAL_CHAINS:
        return None
    return "0x" + transport.block(0).hash.hex()


def cover(deployment: Deployment) -> None:
    """Sees to it that the owner has what the plan spends.

    Mints it on local chains; elsewhere raises `DeployError` with what is lacking.
    """
    owner, venues = deployment.target.roles.owner, deployment.venues
    short = _lacking(deployment)
    if venues is not None:
        quote = short.pop(venues.fixtures.quote, 0)
        venues.provide(owner, quote=quote, base=short.pop(venues.fixtures.base, 0))
    if short:
        names = {token.address: name for name, token in deployment.target.tokens.items()}
        lacking = ", ".join(f"{amount} raw units of {names[t]}" for t, amount in short.items())
        raise DeployError(f"the owner {owner} lacks {lacking}, which the plan deposits")


def give_what_is_lacking(deployment: Deployment) -> None:
    """On an anvil that is a copy of another chain: mints for the owner what the plan spends.

    Elsewhere no one could send it. Raises `NodeError` on any other node.
    """
    owner, chain = deployment.target.roles.owner, deployment.transport
    for token in _lacking(deployment):
        assert isinstance(chain, Node), "only anvil mints tokens"
        chain.request("anvil_dealERC20", owner, token, hex(deployment.plan.spends[token]))


def _lacking(deployment: Deployment) -> dict[str, int]:
    """What the owner has too little of, raw units by token."""
    owner, chain, lacking = deployment.target.roles.owner, deployment.transport, {}
    for token, amount in deployment.plan.spends.items():
        balance = BoundContract.of(chain, token, "IToken").call("balanceOf", owner)
        if balance < amount:
            lacking[token] = amount - balance
    return lacking
