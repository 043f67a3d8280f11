"""The commands of the day, in this process: a strike by hand, the score, and the owner's acts."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from macrostrike import MacroStrike
from macrostrike.cli import day, loops, post, settlers, takers
from macrostrike.cli.networks import Network
from macrostrike.cli.post import Post
from macrostrike.cli.strangers import read_manifest
from macrostrike.devchain import local_account
from macrostrike.errors import EnforcedPause, InvalidValue, MacroStrikeError
from macrostrike.journal import ChangeKind, Decision, IntentState, Journal
from macrostrike.loop._flash import CREATE_GAS, FLASH_GAS
from macrostrike.testing import World
from macrostrike.types import Action

from ..loop.pair_market import open_pair_market
from .support import printed

STRIKE: dict[str, Any] = {
    "signal": "Long",
    "confidence_bps": 9500,
    "horizon": 3600,
    "take_profit_bps": 30,
    "stop_loss_bps": 200,
    "strategies": (),
    "model_id": 0,
    "market": 0,
    "engine": None,
    "dry_run": False,
}
LOOP: dict[str, Any] = {
    "engine": None,
    "prices": None,
    "minutes_per_second": 0.0,
    "without_engine": False,
    "arbitrage": False,
    "dry_run": False,
    "reducing": False,
    "rebalance_every": None,
    "anchor_roots": False,
    "replay": True,
    "accept_divergence": False,
    "once": True,
    "max_cycles": None,
    "every": 0.01,
}


TAKER: dict[str, Any] = {
    "code_hash": (),
    "trust_any_code": False,
    "min_profit_bps": 5,
    "native": None,
    "flash": False,
    "dry_run": False,
    "once": True,
    "every": 0.01,
}


def test_a_dry_run_quotes_and_sends_nothing(at: Post, world: World) -> None:
    nonce = world.transport.nonce(world.operator.address)
    assert day.strike(at, **STRIKE | {"dry_run": True}) == post.GOOD
    assert "Long of model 0, claimed 95 %: skipped, DryRun: would be struck" in printed(at)
    assert world.transport.nonce(world.operator.address) == nonce


def test_a_strike_by_hand_is_journaled_and_settled(at: Post, client: MacroStrike) -> None:
    assert day.strike(at, **STRIKE | {"strategies": ("Momentum",), "model_id": 3}) == post.GOOD
    assert "Long of model 3, claimed 95 %: struck as #1, 5 bots" in printed(at)
    assert day.settle(at, strike_ids=(), all_open=True, due=False) == post.GOOD
    assert "#1 settled: " in printed(at)
    assert client.open_strikes() == ()
    with Journal.open(at.journal_at) as journal:
        struck = journal.predictions(decision=Decision.STRUCK)
        assert [(row.source, row.strike_id) for row in struck] == [("hand", 1)]
        actions = [(each.action, each.state) for each in journal.intents()]
        confirmed = IntentState.CONFIRMED
        assert actions == [("executeStrike", confirmed), ("settleStrike", confirmed)]
        assert all(run.ended_at for run in journal.runs())
        assert journal.verify(client) == []


def test_what_the_signer_or_the_chain_refuses_is_said(at: Post, client: MacroStrike) -> None:
    assert day.strike(at, **STRIKE | {"confidence_bps": 9299}) == post.REFUSED
    assert "under this signer's floor" in printed(at)
    assert day.strike(at, **STRIKE | {"take_profit_bps": 5}) == post.REFUSED
    assert "loses money by its own claim" in printed(at)
    assert day.settle(at, strike_ids=(77,), all_open=False, due=False) == post.REFUSED
    assert "#77: not settled" in printed(at)
    with pytest.raises(click.UsageError):
        day.settle(at, strike_ids=(77,), all_open=True, due=False)
    assert client.stats().opened == 0


def test_what_is_not_due_is_left(at: Post, client: MacroStrike) -> None:
    day.strike(at, **STRIKE)
    assert day.settle(at, strike_ids=(), all_open=False, due=True) == post.GOOD
    assert client.open_strikes() == (1,)


def test_the_score_as_tables_and_as_json(
    at: Post, client: MacroStrike, capsys: pytest.CaptureFixture[str]
) -> None:
    day.strike(at, **STRIKE | {"strategies": ("Momentum",), "model_id": 3})
    day.settle(at, strike_ids=(1,), all_open=False, due=False)
    assert day.stats(at, models=(), as_json=False) == post.GOOD
    for words in ("Score by signal", "Score by strategy", "Model 3", "Strikes may open"):
        assert words in printed(at)
    assert "Model 1" not in printed(at)
    capsys.readouterr()
    assert day.stats(at, models=(), as_json=True) == post.GOOD
    content = json.loads(capsys.readouterr().out)
    assert content["stats"]["settled"] == 1
    assert content["strategies"]["Momentum"]["settled"] == 1
    assert content["strategies"]["Volatility"]["settled"] == 0
    assert sum(each["settled"] for each in content["calibration"]["3"]) == 1
    assert day.bots(at, as_json=True) == post.GOOD
    bots = json.loads(capsys.readouterr().out)
    assert [bot["equity"] for bot in bots] == [bot.equity for bot in client.bots()]


def test_pause_stops_strikes_until_the_owner_unpauses(at: Post, client: MacroStrike) -> None:
    assert day.pause(at, yes=False) == post.GOOD
    assert client.is_paused()
    assert day.strike(at, **STRIKE) == post.REFUSED
    assert EnforcedPause.__name__ in printed(at)
    assert day.stats(at, models=(), as_json=False) == post.GOOD
    assert "paused: `ape run unpause`, by the owner" in printed(at)
    assert day.unpause(at, yes=False) == post.GOOD
    assert not client.is_paused()


def test_rebalance_moves_equity_and_keeps_the_total(at: Post, client: MacroStrike) -> None:
    before = sum(bot.equity for bot in client.bots())
    weights = ",".join(["2"] * 5 + ["1"] * 20)
    assert day.rebalance(at, weights=weights, yes=False) == post.GOOD
    bots = client.bots()
    assert sum(bot.equity for bot in bots) == before
    assert bots[0].equity > 1.9 * bots[24].equity


def test_a_revoked_operator_strikes_no_more(at: Post, world: World) -> None:
    address = world.operator.address
    assert day.revoke(at, role="operator", address=address, yes=False) == post.GOOD
    assert day.strike(at, **STRIKE) == post.REFUSED
    assert "NotOperator" in printed(at)


@pytest.mark.parametrize("role", ["operator", "engine"])
def test_an_address_without_the_role_is_not_revoked(at: Post, world: World, role: str) -> None:
    """A guardian in a hurry mistypes an address: saying that it was revoked would be wrong."""
    block = world.transport.block().number
    with pytest.raises(InvalidValue, match=f"it was never an {role}, or is revoked already"):
        day.revoke(at, role=role, address=local_account(9).address, yes=True)
    assert world.transport.block().number == block


def test_an_engine_is_one_of_apes_accounts(at: Post) -> None:
    assert at.engine_key("TEST::2").address == local_account(2).address
    with pytest.raises(click.BadParameter, match="'absent' not found"):
        at.engine_key("absent")


def test_on_another_network_no_one_signs_unasked(at: Post) -> None:
    network = Network("ethereum-sepolia", at.network.url, None, is_local=False, is_ours=False)
    there = Post(network, at.transport, at.manifest, at.journal_at, None, at.console)
    with pytest.raises(MacroStrikeError, match="say who signs, by --account ALIAS"):
        day.strike(there, **STRIKE)


def test_a_loop_of_one_cycle(at: Post, world: World) -> None:
    assert loops.run(at, **LOOP) == post.GOOD
    assert "running: nothing prevents it" in printed(at)
    assert "The reference engine has no edge" in printed(at)
    with Journal.open(at.journal_at) as journal:
        states = journal.changes(kind=ChangeKind.STATE, name="loop")
        assert [each.value for each in states] == ["running"]


def test_systemd_hears_that_the_loop_works(
    at: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        few = LOOP | {"without_engine": True, "once": False, "max_cycles": 2}
        assert loops.run(at, **few) == post.GOOD
        heard = [listener.recv(100) for _ in range(3)]
    assert heard == [b"READY=1\nWATCHDOG=1"] * 2 + [b"STOPPING=1"]


def test_the_arbitrage_watch_runs_beside_the_loop(at: Post, world: World) -> None:
    world.venues.pair.sell(30 * 10**18)
    both = LOOP | {"without_engine": True, "arbitrage": True, "once": False, "max_cycles": 60}
    assert loops.run(at, **both | {"every": 0.05}) == post.GOOD
    assert "executed, " in printed(at)
    assert "0 transactions came out equal in the replay" in printed(at)
    with Journal.open(at.journal_at) as journal:
        assert [each.action for each in journal.intents()] == ["attemptArbitrage"]
        assert len(journal.arbitrages()) == 1


def test_a_dry_loop_sends_nothing_and_reducing_is_said(at: Post, world: World) -> None:
    nonce = world.transport.nonce(world.operator.address)
    dry = LOOP | {"dry_run": True, "reducing": True, "without_engine": True}
    assert loops.run(at, **dry) == post.GOOD
    assert "reducing: by command" in printed(at)
    assert world.transport.nonce(world.operator.address) == nonce


def test_a_loop_that_ends_halted_says_so_by_its_exit_code(at: Post, client: MacroStrike) -> None:
    for strike_id in range(1, 8):
        assert day.strike(at, **STRIKE) == post.GOOD
        day.settle(at, strike_ids=(strike_id,), all_open=False, due=False)
    assert client.stats().halted
    assert loops.run(at, **LOOP | {"without_engine": True}) == post.HALTED
    assert "halted: the diamond's breaker: 33 of the last 40 strikes won, 34 have to" in printed(at)
    assert "`ape run stats`, then `ape run resume`" in printed(at)
    assert day.resume(at, yes=False) == post.GOOD
    assert "halted, 7 of the last 7 lost: `ape run resume`, by the owner" in printed(at)
    assert loops.run(at, **LOOP | {"without_engine": True}) == post.GOOD


def test_a_standby_with_a_key_that_may_only_settle(
    at: Post, world: World, client: MacroStrike
) -> None:
    day.strike(at, **STRIKE | {"horizon": 600})
    other = replace(at, journal_at=at.journal_at.replace(".sqlite", ".settler.sqlite"))
    say = {"after": 120, "dry_run": False, "once": True, "every": 0.01}
    with pytest.raises(MacroStrikeError, match="the settler is not in the manifest"):
        settlers.run(other, **say)
    standby = local_account(6).address
    owner = MacroStrike(world.transport, world.diamond, world.owner)
    owner.transact("setOperator", standby, 2**32, Action.SETTLE, 0)
    operators = (*at.manifest.operators, standby)
    other = replace(other, manifest=at.manifest.model_copy(update={"operators": operators}))
    world.transport.mine(600)
    assert settlers.run(other, **say) == post.GOOD
    assert printed(at).endswith("1 open strike.\n")
    world.transport.mine(120)
    assert settlers.run(other, **say | {"dry_run": True}) == post.GOOD
    assert settlers.run(other, **say) == post.GOOD
    assert "#1 settled, time is up: " in printed(at)
    with Journal.open(other.journal_at) as journal:
        assert {each.account for each in journal.intents()} == {standby}
    assert client.open_strikes() == ()


def test_a_stranger_takes_over_what_a_dead_operator_left(
    at: Post, world: World, client: MacroStrike
) -> None:
    """By the diamond's address alone, with a journal of his own."""
    day.strike(at, **STRIKE | {"horizon": 600})
    stranger = replace(
        at,
        manifest=read_manifest(world.transport, world.diamond, "local"),
        journal_at=at.journal_at.replace(".sqlite", ".taker.sqlite"),
    )
    world.venues.provide(local_account(5).address, quote=10**11)
    world.transport.mine(600 + 900)
    assert takers.run(stranger, **TAKER) == post.GOOD
    assert "#1 is left: it does not pay yet; 7,9" in printed(at)
    assert client.open_strikes() == (1,)
    world.transport.mine(1200)
    assert takers.run(stranger, **TAKER | {"dry_run": True}) == post.GOOD
    assert "#1 would be taken over: " in printed(at)
    assert client.open_strikes() == (1,)
    assert takers.run(stranger, **TAKER) == post.GOOD
    assert "#1 taken over: " in printed(at)
    assert " USDC after gas" in printed(at)
    assert "0 open strikes." in printed(at)
    with Journal.open(stranger.journal_at) as journal:
        assert [each.action for each in journal.intents()] == ["approve", "takeStrike"]


@pytest.mark.parametrize("of_pair", [False, True])
def test_a_stranger_without_tokens_takes_over_with_a_pools(
    at: Post, world: World, client: MacroStrike, of_pair: bool
) -> None:
    """Of Uniswap V3, and of V2: what gas is counted with is little more than what it takes."""
    market = open_pair_market(world) if of_pair else 0
    day.strike(at, **STRIKE | {"horizon": 600, "market": market})
    stranger = replace(at, journal_at=at.journal_at.replace(".sqlite", ".taker.sqlite"))
    if of_pair:
        world.venues.move_price(1560)  # so that the pair pays more
    world.transport.mine(600 + 900 + 1200)
    assert takers.run(stranger, **TAKER | {"flash": True}) == post.GOOD
    assert "#1 taken over: " in printed(at)
    assert " USDC after gas" in printed(at)
    assert client.open_strikes() == ()
    with Journal.open(stranger.journal_at) as journal:
        created, taken = journal.intents()
    assert (created.action, taken.action) == ("createFlashTaker", "takeByFlash")
    for intent, expected in ((created, CREATE_GAS), (taken, FLASH_GAS)):
        assert intent.gas_used is not None
        assert expected / 2 < intent.gas_used < expected
        assert {each.account for each in journal.intents()} == {local_account(5).address}
