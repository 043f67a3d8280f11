"""Plans as files: what is applied is what was reviewed, to the byte, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from macrostrike.chain import RevmTransport
from macrostrike.cli.plans import change_table, plan_table
from macrostrike.deploy import (
    DeployError,
    Deployment,
    PinnedPlan,
    Pinning,
    PlanMismatch,
    Target,
    complete,
    load_target,
    pin,
    prepare,
)
from macrostrike.deploy.plan import Estimates
from macrostrike.devchain import deploy_venues, local_account
from macrostrike.testing import World, deploy_world

from ..evm import undone
from .support import FACETS, STEPS, WITHOUT_AMM, again, target_with, tell

OWNER = local_account(0)
LOCAL = Pinning("local", "macrostrike", 31337)


@pytest.fixture(scope="module")
def _venue() -> RevmTransport:
    chain = RevmTransport()
    deploy_venues(chain)
    return chain


@pytest.fixture
def fresh(_venue: RevmTransport) -> Iterator[RevmTransport]:
    with undone(_venue):
        yield _venue


@pytest.fixture
def living() -> World:
    """A diamond that is there already."""
    return deploy_world(RevmTransport())


def planned(chain: RevmTransport, target: Target | None = None) -> Deployment:
    target = target or load_target("local")
    return prepare(chain, target, deployer=OWNER.address, network="local")


def differences(pinned: PinnedPlan, deployment: Deployment, chain_id: int = 31337) -> list[str]:
    """What keeps a pinned plan from being applied."""
    created = deployment.state.created
    try:
        pinned.require(deployment.plan, chain_id=chain_id, created=created)
    except PlanMismatch as mismatch:
        return list(mismatch.differences)
    return []


def test_a_plan_survives_its_file(fresh: RevmTransport, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "plan.json"
    deployment = planned(fresh)
    pinned = pin(deployment.plan, LOCAL)
    pinned.save(path)
    assert PinnedPlan.load(path) == pinned
    assert not differences(PinnedPlan.load(path), deployment)
    content = json.loads(path.read_text())
    assert [bytes.fromhex(step["data"][2:]) for step in content["steps"]] == [
        step.data for step in deployment.plan.steps
    ]
    assert {"selector": "0x8456cb59", "function": "pause()", "facet": "AccessFacet"}.items() <= {
        change["selector"]: change for change in content["changes"]
    }["0x8456cb59"].items()
    assert content["found"]["threshold"] == "9300 bps"
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert PinnedPlan.load(path) == pinned


def test_the_same_plan_has_the_same_hash(fresh: RevmTransport) -> None:
    first, second = (pin(planned(fresh).plan, LOCAL) for _ in range(2))
    assert first == second
    # What it may cost changes by the hour, and what it does does not.
    estimated = pin(planned(fresh).plan, LOCAL, Estimates(gas=(1, 2), gas_price=3))
    assert estimated.hash == first.hash
    other = planned(fresh, target_with(("threshold_bps: 9300", "threshold_bps: 9301")))
    assert pin(other.plan, LOCAL).hash != first.hash


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (("steps", 12, "data"), "0x00"),
        (("steps", 12, "to"), "0x" + "11" * 20),
        (("steps", 12, "does"), "nothing to see"),
        (("diamond",), "0x" + "11" * 20),
        (("chain_id",), 1),
        (("found", "threshold"), "9999"),
        (("changes", 3, "facet"), "AccessFacet"),
    ],
)
def test_a_file_that_was_changed_is_refused(
    fresh: RevmTransport, tmp_path: Path, part: tuple[Any, ...], value: object
) -> None:
    path = tmp_path / "plan.json"
    pin(planned(fresh).plan, LOCAL).save(path)
    content = inner = json.loads(path.read_text())
    for key in part[:-1]:
        inner = inner[key]
    inner[part[-1]] = value
    path.write_text(json.dumps(content))
    with pytest.raises(PlanMismatch, match="was changed: its hash is 0x"):
        PinnedPlan.load(path)


def test_a_hash_that_was_not_approved_is_refused(fresh: RevmTransport) -> None:
    pinned = pin(planned(fresh).plan, LOCAL)
    pinned.require_hash(pinned.hash)
    with pytest.raises(PlanMismatch, match=f"hash is {pinned.hash}, approved was 0x1234"):
        pinned.require_hash("0x1234")


def test_what_is_not_a_plan_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("{}")
    for name in ("none.json", "missing.json"):
        with pytest.raises(DeployError, match="is not a plan that can be read") as refused:
            PinnedPlan.load(tmp_path / name)
        assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("done", [0, 3, FACETS, FACETS + 1, FACETS + 3, STEPS])
def test_the_rest_of_a_plan_is_still_that_plan(fresh: RevmTransport, done: int) -> None:
    deployment = planned(fresh)
    pinned = pin(deployment.plan, LOCAL)
    assert deployment.venues is not None
    quote, base = deployment.plan.spends.values()
    deployment.venues.provide(OWNER.address, quote=quote, base=base)
    for step in deployment.plan.steps[:done]:
        fresh.send(OWNER, step.to, step.data)
    rest = planned(fresh)
    assert len(rest.plan.steps) == STEPS - done
    assert not differences(pinned, rest)


def test_facets_that_others_created_make_no_difference(fresh: RevmTransport) -> None:
    deployment = planned(fresh)
    step = deployment.plan.steps[4]
    fresh.send(local_account(7), step.to, step.data)
    assert not differences(pin(deployment.plan, LOCAL), planned(fresh))


def test_another_chain_another_target_another_order(fresh: RevmTransport) -> None:
    deployment = planned(fresh)
    pinned = pin(deployment.plan, LOCAL)
    assert differences(pinned, deployment, chain_id=1) == [
        "this is chain 1, the plan is for chain 31337"
    ]
    stricter = planned(fresh, target_with(("lot: 40", "lot: 50")))
    assert any("lots of 50; in the plan" in each for each in differences(pinned, stricter))
    later = planned(fresh, target_with(("cooldown: 0", "cooldown: 9")))
    (difference,) = differences(pinned, later)
    opens = 1 + [step.function for step in deployment.plan.steps].index("registerMarket")
    assert difference.startswith(f"step {opens}, have market 0")
    assert difference.endswith("other data than in the plan")
    fewer = planned(fresh, target_with(*WITHOUT_AMM))
    found = differences(pinned, fewer)
    assert any(each.startswith("the diamond would be") for each in found)
    assert any(each.startswith("facet AMMBotFacet would be at nowhere") for each in found)


def test_drift_after_the_review_is_named(living: World) -> None:
    target = target_with(("threshold_bps: 9300", "threshold_bps: 9500"))
    pinned = pin(again(living, target).plan, LOCAL)
    assert not differences(pinned, again(living, target))
    tell(living, living.owner, "setThreshold", 9600)
    assert differences(pinned, again(living, target)) == [
        "threshold is 9600 bps, when the plan was made it was 9300 bps"
    ]
    tell(living, living.owner, "setThreshold", 9300)
    tell(living, living.guardian, "disableMarket", 0)
    assert differences(pinned, again(living, target)) == [
        "market 0, ETH/USDC is enabled is False, when the plan was made it was True"
    ]
    (difference, _) = differences(pinned, again(living, target, undo_guardian=True))
    assert "enable market 0, ETH/USDC" in difference


def test_a_plan_that_is_done_is_done(living: World) -> None:
    target = target_with(("threshold_bps: 9300", "threshold_bps: 9500"))
    deployment = again(living, target)
    pinned = pin(deployment.plan, LOCAL)
    complete(deployment, {OWNER.address: OWNER})
    assert not differences(pinned, again(living, target))


def test_tables_show_every_transaction_and_every_function(fresh: RevmTransport) -> None:
    plan = planned(fresh).plan
    table = plan_table(plan, [10**6] * len(plan.steps), 10**9)
    assert table.row_count == len(plan.steps)
    assert str(table.caption) == f"{STEPS},000,000 gas, 0.0{STEPS}000 ether at today's price"
    assert change_table(plan).row_count == FACETS
    assert len(plan_table(plan).columns) == 2


def test_a_plan_can_be_read_at_80_columns(fresh: RevmTransport) -> None:
    """D21: no address, function or selector is broken, and nothing is left out."""
    plan = planned(fresh).plan
    console = Console(width=80, file=StringIO())
    console.print(plan_table(plan, [10**6] * len(plan.steps), 10**9))
    assert isinstance(console.file, StringIO)
    shown = console.file.getvalue()
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
    words = " ".join(shown.replace("│", " ").split())
    for step in plan.steps:
        if step.creates:
            assert f"at {step.creates}" in words
            continue
        assert f"{step.function} 0x{step.data[:4].hex()}" in words
        assert step.to == plan.diamond or f"on {step.to}" in words
