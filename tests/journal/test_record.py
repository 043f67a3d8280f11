"""The portable track record: proves itself without a node, and no forgery passes."""

from __future__ import annotations

import copy
import gzip
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth_utils.crypto import keccak
from rich.console import Console

from macrostrike import MacroStrike
from macrostrike.abi import diamond_abi
from macrostrike.build import ROOT
from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.cli.journals import export_record
from macrostrike.journal import track_record
from macrostrike.replay import reference_script, run_scenario
from macrostrike.testing import World
from macrostrike.types import (
    ZERO_ADDRESS,
    FacetCut,
    FacetCutAction,
    Prediction,
    Signal,
    Strategy,
)
from tools import verify_record as verifier
from tools.verify_record import Forged, verify

from ..predictions import prediction_now

Record = dict[str, Any]
Forge = Callable[[Record], None]
SCRIPT = reference_script()[10:34]  # two of them lost
VERIFIER = ROOT / "tools" / "verify_record.py"


@dataclass(frozen=True)
class Recorded:
    world: World
    client: MacroStrike
    record: Record


@pytest.fixture(scope="module")
def recorded() -> Iterator[Recorded]:
    """Strikes of the reference run on a node, and one that is open."""
    with start_anvil("--timestamp", "1800000000") as url:
        chain = AnvilTransport(url)
        stage = run_scenario(chain, SCRIPT).stage
        world, client = stage.world, stage.client()
        client.strike(last_prediction(world, client), stage.signer())
        yield Recorded(
            world, client, track_record(chain, world.diamond, world.manifest.deployed_at)
        )


def last_prediction(world: World, client: MacroStrike) -> Prediction:
    nonce = client.next_nonce(world.engine.address)
    return prediction_now(world, nonce, confidence_bps=9650, model_id=2, valid_for=120)


@pytest.fixture
def record(recorded: Recorded) -> Record:
    """A copy of one's own."""
    return copy.deepcopy(recorded.record)


def test_an_honest_record_says_what_the_view_functions_say(recorded: Recorded) -> None:
    found, client = verify(recorded.record), recorded.client
    stats, every = client.stats(), found["all"]
    assert (every["opened"], every["settled"], every["wins"]) == (25, 24, 22)
    assert (stats.opened, stats.settled, stats.wins) == (25, 24, 22)
    assert (every["profit"], every["loss"]) == (stats.profit, stats.loss)
    for signal in Signal:
        of, cell = client.signal_stats()[signal], found[f"signal {signal}"]
        assert (cell["settled"], cell["wins"]) == (of.settled, of.wins)
        assert (cell["profit"], cell["loss"]) == (of.profit, of.loss)
    for strategy in Strategy:
        part, share = client.strategy_stats()[strategy], found[f"strategy {strategy}"]
        assert (share["settled"], share["wins"], share["pnl"]) == (
            part.settled,
            part.wins,
            part.pnl,
        )
    bins = client.calibration(1)
    assert found["model 1"]["brier"] == sum(each.brier_sum for each in bins)
    for place, of_bin in enumerate(bins):
        cells = [found.get(f"cell 1/{place}/{signal}", {}) for signal in Signal]
        assert sum(each.get("settled", 0) for each in cells) == of_bin.settled
        assert sum(each.get("wins", 0) for each in cells) == of_bin.wins


def test_its_bytecode_is_that_of_the_deployed_facets(recorded: Recorded) -> None:
    chain, manifest = recorded.world.transport, recorded.world.manifest
    functions = [
        bytes.fromhex(selector[2:]) + keccak(chain.code(facet.address))
        for facet in manifest.facets.values()
        for selector in facet.selectors
    ]
    whole = keccak(keccak(chain.code(manifest.diamond)) + b"".join(sorted(functions)))
    assert recorded.record["bytecode"] == "0x" + whole.hex()


def test_the_verifier_is_a_file_that_needs_nothing_of_ours(
    recorded: Recorded, tmp_path: Path
) -> None:
    """In an isolated process, on the compressed file that the command writes."""
    path, output = tmp_path / "record.json.gz", StringIO()
    url = recorded.world.transport
    assert isinstance(url, AnvilTransport)
    assert export_record(url, recorded.world.manifest, path, Console(file=output, width=200)) == 0
    assert "25 strikes, 24 settled, 22 won" in output.getvalue()
    assert json.loads(gzip.decompress(path.read_bytes())) == recorded.record
    alone = tmp_path / "verify_record.py"
    alone.write_text(VERIFIER.read_text())
    assert "macrostrike" not in alone.read_text().replace("macrostrike.storage", "")

    def checked(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(alone), str(path), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    head = "0x" + keccak(bytes.fromhex(recorded.record["headers"][-1])).hex()
    good = checked("--head", head)
    assert good.returncode == 0, good.stderr
    assert head in good.stdout
    assert "25 strikes" in good.stdout
    pnl = recorded.client.stats().pnl / 10**6
    (line,) = (each for each in good.stdout.splitlines() if each.startswith("all"))
    assert line.split()[1:5] == ["24", "91.7", "%", f"{pnl:,.2f}"]
    bad = checked("--head", "0x" + "00" * 32)
    assert bad.returncode == 1
    assert bad.stderr.startswith("FORGED: ")


# Forgeries. A careful forger makes all claims anew after each, as `claimed_anew` does.


def claimed_anew(record: Record) -> None:
    nodes = {keccak(raw): raw for raw in map(bytes.fromhex, record["nodes"])}
    record["strikes"] = verifier.strikes(record, verifier.linked(record["headers"]), nodes)
    record["statistics"] = verifier.statistics(record["strikes"], 1)


def a_loss(record: Record) -> dict[str, Any]:
    return next(each for each in record["strikes"] if each.get("won") is False)


def receipt_of_settlement(record: Record, strike: dict[str, Any]) -> list[int]:
    blocks = verifier.linked(record["headers"])
    number = next(n for n, of in blocks.items() if of.time == strike["settled_at"])
    return next(place for place in record["receipts"] if place[0] == number)


def replace_bytes(record: Record, old: bytes, new: bytes) -> None:
    """In all nodes that have them: their hashes are others then."""
    assert any(old.hex() in node for node in record["nodes"])
    record["nodes"] = [node.replace(old.hex(), new.hex()) for node in record["nodes"]]


def a_loss_is_left_out(record: Record) -> None:
    record["receipts"].remove(receipt_of_settlement(record, a_loss(record)))
    claimed_anew(record)


def a_strike_never_was(record: Record) -> None:
    loss = a_loss(record)
    blocks = verifier.linked(record["headers"])
    opened = next(n for n, of in blocks.items() if of.time == loss["opened_at"])
    record["receipts"].remove(receipt_of_settlement(record, loss))
    record["receipts"] = [place for place in record["receipts"] if place[0] != opened]
    claimed_anew(record)


def a_win_counts_twice(record: Record) -> None:
    win = next(each for each in record["strikes"] if each.get("won"))
    place = receipt_of_settlement(record, win)
    record["receipts"].insert(record["receipts"].index(place), place)


def a_receipt_says_a_greater_profit(record: Record) -> None:
    pnl = max(each.get("pnl", 0) for each in record["strikes"])
    replace_bytes(record, pnl.to_bytes(32, "big"), (10 * pnl).to_bytes(32, "big"))


def the_list_says_won(record: Record) -> None:
    a_loss(record)["won"] = True


def the_statistics_say_more_wins(record: Record) -> None:
    record["statistics"]["all"]["wins"] += 1


def a_models_record_is_anothers(record: Record) -> None:
    record["statistics"]["model 2"] = record["statistics"].pop("model 1")


def the_calibration_is_better(record: Record) -> None:
    cell = next(key for key in record["statistics"] if key.startswith("cell"))
    record["statistics"][cell]["brier"] //= 2


def a_header_is_of_another_time(record: Record) -> None:
    place = len(record["headers"]) // 2
    header = rlp.decode(bytes.fromhex(record["headers"][place]))
    header[11] = (int.from_bytes(header[11], "big") - 1).to_bytes(4, "big")
    record["headers"][place] = rlp.encode(header).hex()


def a_header_is_left_out(record: Record) -> None:
    del record["headers"][len(record["headers"]) // 2]


def a_header_behind_the_last_has_another_time(record: Record) -> None:
    """Of a block that is in the record already, as if it were the last one's child."""
    settled = receipt_of_settlement(record, a_loss(record))[0]
    header = rlp.decode(bytes.fromhex(record["headers"][settled - min(numbers(record))]))
    header[0] = keccak(bytes.fromhex(record["headers"][-1]))
    header[11] = (int.from_bytes(header[11], "big") + 1000).to_bytes(4, "big")
    record["headers"].append(rlp.encode(header).hex())


def numbers(record: Record) -> list[int]:
    return list(verifier.linked(record["headers"]))


def the_last_header_has_another_state(record: Record) -> None:
    header = rlp.decode(bytes.fromhex(record["headers"][-1]))
    header[3] = rlp.decode(bytes.fromhex(record["headers"][-40]))[3]
    record["headers"][-1] = rlp.encode(header).hex()


def the_storage_has_other_totals(record: Record) -> None:
    cell = next(each for each in record["statistics"].items() if each[0].startswith("cell"))[1]
    kept = cell["wins"] << 24 | cell["settled"]
    replace_bytes(record, kept.to_bytes(6, "big"), (kept + 1).to_bytes(6, "big"))


def the_bytecode_is_another(record: Record) -> None:
    record["bytecode"] = "0x" + keccak(b"what was audited").hex()


def another_contract_is_the_diamond(record: Record) -> None:
    record["diamond"] = "0x" + "d1" * 20


def a_receipt_is_of_another_block(record: Record) -> None:
    place = receipt_of_settlement(record, a_loss(record))
    place[0] -= 1
    record["receipts"].sort()


FORGERIES: dict[Forge, str] = {
    a_loss_is_left_out: "in the receipts, .* in the chain's storage",
    a_strike_never_was: "these are not all 25 strikes",
    a_win_counts_twice: "receipts twice",
    a_receipt_says_a_greater_profit: "no proof of .* is missing",
    the_list_says_won: "the list of strikes is not the receipts'",
    the_statistics_say_more_wins: "the statistics are not the receipts'",
    a_models_record_is_anothers: "the statistics are not the receipts'",
    the_calibration_is_better: "the statistics are not the receipts'",
    a_header_is_of_another_time: "is not the child of the one before",
    a_header_is_left_out: "is not the child of the one before",
    a_header_behind_the_last_has_another_time: "is not the child of the one before",
    the_last_header_has_another_state: "is missing",
    the_storage_has_other_totals: "is missing",
    the_bytecode_is_another: "the bytecode is 0x",
    another_contract_is_the_diamond: "is missing|no account",
    a_receipt_is_of_another_block: "is missing|has no transaction",
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_record_is_rejected(record: Record, forge: Forge) -> None:
    forge(record)
    with pytest.raises(Forged, match=FORGERIES[forge]):
        verify(record)


def test_a_record_that_ends_before_a_loss_is_not_of_the_head(record: Record) -> None:
    """Distinguished by the head that an explorer says."""
    head = "0x" + keccak(bytes.fromhex(record["headers"][-1])).hex()
    assert verify(record, head=head) == record["statistics"]
    del record["headers"][-3:]
    with pytest.raises(Forged, match="the head is"):
        verify(record, head=head)


def test_a_record_of_other_code_is_not_of_the_audited_one(record: Record) -> None:
    assert verify(record, bytecode=record["bytecode"])
    with pytest.raises(Forged, match="the bytecode is"):
        verify(record, bytecode="0x" + "00" * 32)


def test_strikes_of_other_code_are_named(recorded: Recorded) -> None:
    """A function that is another one's for a while, and the audited one's at the end."""
    world, chain = recorded.world, recorded.world.transport
    blocks = verifier.linked(recorded.record["headers"])
    assert verifier.of_other_code(recorded.record, blocks) == (0, world.manifest.deployed_at)
    assert isinstance(chain, AnvilTransport)
    state = chain.snapshot()
    try:
        selector = diamond_abi().selector("getLot")
        facet = world.manifest.facets["FleetFacet"].address
        other = world.manifest.facets["ScoreFacet"].address
        for each in (other, facet):
            cuts = [FacetCut(each, FacetCutAction.REPLACE, (selector,))]
            data = diamond_abi().encode_call("diamondCut", cuts, ZERO_ADDRESS, b"")
            chain.send(world.owner, world.diamond, data)
        again = track_record(chain, world.diamond, world.manifest.deployed_at)
    finally:
        chain.revert(state)
    assert again["bytecode"] == recorded.record["bytecode"]
    verify(again)
    last = max(numbers(again))
    assert verifier.of_other_code(again, verifier.linked(again["headers"])) == (25, last)


def test_no_more_is_decompressed_than_a_record_may_be_long(tmp_path: Path) -> None:
    file = tmp_path / "record.json.gz"
    file.write_bytes(gzip.compress(bytes(1 << 27), 1))
    tracemalloc.start()
    try:
        with pytest.raises(Forged, match="too large: over 40 times"):
            verifier.text_of(file)
        assert tracemalloc.get_traced_memory()[1] < 1 << 26  # half of what it would be
    finally:
        tracemalloc.stop()
    command = [sys.executable, str(VERIFIER), str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr.split(":")[0]) == (1, "FORGED")


def test_a_record_is_at_most_40_times_as_long_as_its_file(tmp_path: Path) -> None:
    file, text = tmp_path / "record.json.gz", b" " * 40_000
    # Zeros after what is compressed are allowed: a file of just that size.
    file.write_bytes(gzip.compress(text).ljust(1000, b"\0"))
    assert verifier.text_of(file) == text
    file.write_bytes(gzip.compress(text).ljust(999, b"\0"))
    with pytest.raises(Forged, match="too large"):
        verifier.text_of(file)


def test_where_the_verifier_looks_is_where_the_contracts_keep_it() -> None:
    layout = json.loads((ROOT / "snapshots" / "storage-layout.json").read_text())
    for name, slot in (
        ("Score", verifier.SCORE),
        ("Fleet", verifier.FLEET),
        ("Diamond", verifier.FUNCTIONS),
    ):
        assert int(layout[f"macrostrike.storage.{name}"]["slot"], 16) == slot
