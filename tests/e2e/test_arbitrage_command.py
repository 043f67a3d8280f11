"""`ape run arbitrage` on a real anvil: somebody moves a pool, and it takes the difference."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport
from macrostrike.devchain import Pair
from macrostrike.testing import World, deploy_world

from .support import is_running, run, start

USDC, WETH = 10**6, 10**18


@pytest.fixture(scope="module")
def world(url: str) -> World:
    return deploy_world(AnvilTransport(url))


@pytest.fixture(scope="module")
def pair(world: World) -> Pair:
    return world.venues.pair


@pytest.fixture
def command(world: World, pair: Pair, url: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "macrostrike.json"
    world.manifest.save(path)
    return ["run", "arbitrage", "--network", f"ethereum:local:{url}", "--manifest", str(path)]


def executed(world: World) -> int:
    client = MacroStrike(world.transport, world.diamond)
    return sum(each.executed for each in client.amm_stats())


def test_nothing_to_take_is_said(world: World, command: list[str]) -> None:
    code, output = run(*command, "--once")
    assert code == 0, output
    assert "2 pools watched" in output
    assert "executed," not in output
    assert executed(world) == 0


def test_a_dry_run_sends_nothing(world: World, pair: Pair, command: list[str]) -> None:
    pair.sell(30 * WETH)
    before = world.transport.nonce(world.operator.address)
    code, output = run(*command, "--once", "--dry-run")
    assert code == 0, output
    assert re.search(
        r"WETH → \(UniswapV3 #1\) USDC → \(UniswapV2 #2\) WETH: quoted, [\d.]+ WETH in", output
    )
    assert world.transport.nonce(world.operator.address) == before


def test_it_takes_what_others_leave_until_it_is_interrupted(
    world: World, pair: Pair, command: list[str]
) -> None:
    counted = executed(world)
    process = start(*command, "--every", "0.2")
    assert process.stdout is not None
    taken = []
    # What the test before left, then what is left when it is watching already.
    for output in process.stdout:
        if "executed" not in output:
            continue
        taken.append(output)
        if len(taken) == 1:
            pair.buy(60_000 * USDC)
        elif len(taken) == 2:
            break
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, rest
    assert not is_running(process.pid)
    assert "Traceback" not in rest
    assert all(re.search(r"executed, [\d.,]+ WETH in, [\d.,]+ WETH earned", each) for each in taken)
    assert executed(world) == counted + 2
    # Back in line, by the fees.
    assert float(pair.price() / world.venues.price()) == pytest.approx(1, rel=0.004)
    assert re.search(r"│ WETH +│ +2 │", rest)


def test_one_without_a_role_is_said(world: World, pair: Pair, command: list[str]) -> None:
    pair.sell(30 * WETH)
    client = MacroStrike(world.transport, world.diamond, world.owner)
    client.transact("revokeOperator", world.operator.address)
    code, output = run(*command)
    assert code == 1, output
    assert f"{world.operator.address} is not an active operator" in output
    assert "Traceback" not in output
