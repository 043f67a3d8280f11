"""A ladder pauses one diamond, once, and does nothing else, whatever its file says."""

from __future__ import annotations

import dataclasses
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from macrostrike.abi import diamond_abi
from macrostrike.chain.signed import read_signed
from macrostrike.client import MacroStrike
from macrostrike.errors import Reverted
from macrostrike.testing import World
from macrostrike.types import ZERO_ADDRESS
from macrostrike.watchdog import (
    GuardianUnfunded,
    Ladder,
    LadderInvalid,
    rehearse,
    sign_ladder,
)
from tests.client.support import STRANGER

NOW = 1_800_000_000.0


@pytest.fixture
def ladder(world: World) -> Ladder:
    world.transport.set_balance(world.guardian.address, 10**20)
    return sign_ladder(world.transport, world.diamond, world.guardian, now=NOW)


def load(world: World, path: Path) -> Ladder:
    return Ladder.load(path, diamond=world.diamond, chain_id=world.transport.chain_id)


def test_it_is_one_pause_at_rising_fees(world: World, ladder: Ladder) -> None:
    read = [read_signed(rung.signed) for rung in ladder.rungs]
    pause = diamond_abi().encode_call("pause")
    assert {(r.to, r.data, r.value) for r in read} == {(world.diamond, pause, 0)}
    nonce = world.transport.nonce(world.guardian.address)
    assert {(r.sender, r.nonce) for r in read} == {(world.guardian.address, nonce)}
    fees = [rung.fees.max_fee for rung in ladder.rungs]
    assert fees == sorted(set(fees))
    assert len(fees) == 3
    assert fees[0] >= 2 * world.transport.fees().max_fee


def test_each_rung_pauses_and_uses_the_others_up(world: World, ladder: Ladder) -> None:
    client = MacroStrike(world.transport, world.diamond)
    world.transport.broadcast(ladder.rungs[1].signed)
    world.transport.mine()  # a node may answer before the block is there
    assert client.is_paused()
    assert world.transport.nonce(ladder.guardian) == ladder.nonce + 1


def test_its_file_is_its_owners_alone_and_has_no_key(
    world: World, ladder: Ladder, tmp_path: Path
) -> None:
    path = tmp_path / "folder" / "pause.json"
    ladder.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(world, path) == ladder
    assert world.guardian.key.hex() not in path.read_text()


def signed(account: LocalAccount, world: World, **changes: Any) -> str:
    transaction = {
        "chainId": world.transport.chain_id,
        "nonce": 0,
        "to": world.diamond,
        "data": diamond_abi().encode_call("pause"),
        "value": 0,
        "gas": 100_000,
        "maxFeePerGas": 10**9,
        "maxPriorityFeePerGas": 1,
    }
    return "0x" + account.sign_transaction(transaction | changes).raw_transaction.hex()


def test_a_file_that_would_do_anything_else_is_refused(
    world: World, ladder: Ladder, tmp_path: Path
) -> None:
    path = tmp_path / "pause.json"
    ladder.save(path)
    content = json.loads(path.read_text())
    unpause = diamond_abi().encode_call("unpause")
    for wrong in (
        [signed(world.guardian, world, data=unpause)],
        [signed(world.guardian, world, to=STRANGER.address)],
        [signed(world.guardian, world, value=1)],
        [signed(world.guardian, world), signed(world.guardian, world, nonce=1)],
        [signed(world.guardian, world), signed(STRANGER, world)],
        ["0x00"],
        [],
    ):
        path.write_text(json.dumps(content | {"signed": wrong}))
        with pytest.raises(LadderInvalid, match="Sign it again"):
            load(world, path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"signed": 1}', '{"signed": ["0xzz"]}'])
def test_a_file_that_is_not_a_ladder_is_refused(world: World, tmp_path: Path, text: str) -> None:
    path = tmp_path / "pause.json"
    path.write_text(text)
    with pytest.raises(LadderInvalid, match="can't be read"):
        load(world, path)
    with pytest.raises(LadderInvalid, match="can't be read"):
        load(world, tmp_path / "none.json")


def test_another_diamonds_ladder_is_refused(ladder: Ladder, tmp_path: Path) -> None:
    path = tmp_path / "pause.json"
    ladder.save(path)
    for diamond, chain_id in ((ZERO_ADDRESS, ladder.chain_id), (ladder.diamond, 1)):
        with pytest.raises(LadderInvalid, match="not for diamond"):
            Ladder.load(path, diamond=diamond, chain_id=chain_id)


def test_who_may_not_pause_signs_nothing(world: World) -> None:
    world.transport.set_balance(STRANGER.address, 10**20)
    with pytest.raises(Reverted):
        sign_ladder(world.transport, world.diamond, STRANGER, now=NOW)


def test_who_can_not_pay_signs_nothing(world: World) -> None:
    world.transport.set_balance(world.guardian.address, 10**12)
    with pytest.raises(GuardianUnfunded) as refused:
        sign_ladder(world.transport, world.diamond, world.guardian, now=NOW)
    assert refused.value.balance == 10**12
    assert refused.value.needed > 10**12


def test_a_rehearsal_sends_nothing_and_finds_what_is_wrong(world: World, ladder: Ladder) -> None:
    def wrong(**changes: Any) -> list[str]:
        changed = dataclasses.replace(ladder, **changes)
        return [r.what for r in rehearse(world.transport, changed, NOW) if not r.ok]

    block = world.transport.block_number()
    assert wrong() == []
    assert wrong(nonce=ladder.nonce + 7) == ["the guardian's nonce is unused"]
    assert wrong(signed_at=NOW - 31 * 86_400) == ["the ladder is younger than 30 days"]
    assert "the chain would accept the pause" in wrong(guardian=STRANGER.address)
    world.transport.set_balance(world.guardian.address, 1)
    assert wrong() == ["the guardian can pay for the highest rung"]
    assert world.transport.block_number() == block
    assert not MacroStrike(world.transport, world.diamond).is_paused()
