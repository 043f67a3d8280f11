"""S7: who can change a pool's code can change what strikes on it are worth, so plans say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from macrostrike.build import DIAMOND, npm, ours
from macrostrike.chain import RevmTransport
from macrostrike.deploy import load_target, make_plan, read_state
from macrostrike.deploy.plan import Build, Pinning, pin
from macrostrike.deploy.run import with_fixtures
from macrostrike.devchain import Venues, deploy_venues
from macrostrike.inspector import implementation_of

from .support import STRANGER

_OPENZEPPELIN = "@openzeppelin/contracts/build/contracts"
_CALL = bytes.fromhex("c45a0155")  # factory(): these want a first call
_EARLIER = "hardhat-deploy/extendedArtifacts"


@pytest.fixture(scope="module")
def venues() -> Venues:
    return deploy_venues(RevmTransport())


def created(venues: Venues, path: str, *args: object) -> str:
    receipt = venues.transport.send(venues.maker, None, npm(f"{path}.json").create(*args))
    assert receipt.contract_address is not None
    return receipt.contract_address


def erc1967(venues: Venues, pool: str) -> tuple[str, str]:
    return created(venues, f"{_OPENZEPPELIN}/ERC1967Proxy", pool, _CALL), pool


def transparent(venues: Venues, pool: str) -> tuple[str, str]:
    owner = venues.maker.address
    return created(venues, f"{_OPENZEPPELIN}/TransparentUpgradeableProxy", pool, owner, _CALL), pool


def beacon(venues: Venues, pool: str) -> tuple[str, str]:
    at = created(venues, f"{_OPENZEPPELIN}/UpgradeableBeacon", pool, venues.maker.address)
    return created(venues, f"{_OPENZEPPELIN}/BeaconProxy", at, b""), at


def eip173(venues: Venues, pool: str) -> tuple[str, str]:
    return created(venues, f"{_EARLIER}/EIP173Proxy", pool, venues.maker.address, b""), pool


@pytest.mark.parametrize("made", [erc1967, transparent, beacon, eip173])
def test_a_proxy_is_known_by_where_it_gets_its_code(
    venues: Venues, made: Callable[[Venues, str], tuple[str, str]]
) -> None:
    proxy, implementation = made(venues, venues.fixtures.pool)
    assert implementation_of(venues.transport, proxy) == implementation


def test_what_is_not_a_proxy_is_none(venues: Venues) -> None:
    """A pool, a token, a minimal proxy, which never changes, an account without code."""
    code = f"363d3d373d3d3d363d73{venues.fixtures.pool[2:]}5af43d82803e903d91602b57fd5bf3"
    minimal = bytes.fromhex(f"3d602d80600a3d3981f3{code}")
    clone = venues.transport.send(venues.maker, None, minimal).contract_address
    assert clone is not None
    assert venues.transport.code(clone).hex() == code.lower()
    for contract in (venues.fixtures.pool, venues.fixtures.quote, clone, STRANGER):
        assert implementation_of(venues.transport, contract) is None


def test_a_plan_and_its_file_warn_of_it(venues: Venues) -> None:
    target = with_fixtures(load_target("local"))
    proxy, pool = erc1967(venues, venues.fixtures.pool)
    market = target.markets[0].model_copy(update={"pool": proxy})
    behind = target.model_copy(update={"markets": (market, *target.markets[1:])})
    state = read_state(venues.transport, behind)
    assert state.proxies == {proxy: pool}
    facets = {name: ours(name) for name in target.facets}
    plan = make_plan(Build.of(behind, facets, ours(DIAMOND), "", STRANGER), state)
    (warning,) = plan.warnings
    assert proxy in warning
    assert pool in warning
    assert pin(plan, Pinning("local", "macrostrike", 31337)).warnings == plan.warnings
    honest = make_plan(
        Build.of(target, facets, ours(DIAMOND), "", STRANGER), replace(state, proxies={})
    )
    assert honest.warnings == ()
