#!/usr/bin/env python3
"""Checks a MacroStrike track record by itself: no node, no code of MacroStrike.

    pip install eth-abi "eth-hash[pycryptodome]" rlp trie
    python verify_record.py record.json.gz [--head 0xHASH] [--bytecode 0xHASH]

Recomputes every statistic from the chain's own receipts, and compares it with the file and with
the diamond's storage at the record's last block, which has the totals: a loss that is left out is
missed there. The hash of that block is all that is taken on trust: compare it with an explorer's.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import rlp  # type: ignore[import-untyped]
from eth_abi.abi import decode
from eth_hash.auto import keccak
from trie import HexaryTrie  # type: ignore[import-untyped]
from trie.exceptions import MissingTrieNode  # type: ignore[import-untyped]

SIGNALS = ("StrongLong", "Long", "Short", "StrongShort")
STRATEGIES = ("MarketMaking", "Arbitrage", "Momentum", "MeanReversion", "Volatility")
# Where structs of the diamond's storage begin (ERC-7201), and a score cell's bits, lowest first.
SCORE = 0xD42FE7CCDBDDD9B0C7A0AB05C85B451B107CC4CB7F5224C1B9266D8865DA6D00
FLEET = 0x2B583CD0DCB4BFF4C7FC541709496EA4ECD936410073415C32A460890E5D4A00
FUNCTIONS = 0x9E75B2C1B5624276B51D884103AC22B534F88F13C42483E5192A70EBCD178200
CELL = {"settled": 24, "wins": 24, "brier": 48, "profit": 80, "loss": 80}
# What the two events of a strike log beside their topics.
OPENED = "uint64,uint8,uint8,uint16,uint16,uint24,uint16,uint16,uint256,uint256,uint256"
SETTLED = "uint8,uint16,uint16,uint8,uint256,uint256,int256,bool"
OPENED_TOPIC = keccak(f"StrikeOpened(uint256,address,address,{OPENED})".encode())
SETTLED_TOPIC = keccak(f"StrikeSettled(uint256,address,uint8,{SETTLED})".encode())
CUT_TOPIC = keccak(b"DiamondCut((address,uint8,bytes4[])[],address,bytes)")
# How much longer a record is than its compressed file, at most: of a header's 1,220 digits, the 32
# bytes that are its parent's hash can't be compressed. Real ones are 9 times as long, or less.
LONGER = 40


class Forged(Exception):
    """The record contradicts itself, or the chain."""


def require(holds: object, message: str) -> None:
    if not holds:
        raise Forged(message)


def number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def text_of(file: Path) -> bytes:
    """What the file has, compressed or not: no more of it is read than a record may be long."""
    raw = file.read_bytes()
    if raw[:2] != b"\x1f\x8b":
        return raw
    with gzip.open(file) as opened:
        text = opened.read(LONGER * len(raw) + 1)
    require(len(text) <= LONGER * len(raw), f"too large: over {LONGER} times the compressed file")
    return text


class Block(NamedTuple):
    hash: bytes
    state_root: bytes
    receipts_root: bytes
    bloom: int
    time: int

    def may_have_logged(self, *values: bytes) -> bool:
        """Whether a log may have these as address and topics. No is certain."""
        hashes = [keccak(value) for value in values]
        places = [number(each[i : i + 2]) & 2047 for each in hashes for i in (0, 2, 4)]
        return all(self.bloom >> place & 1 for place in places)


def linked(headers: list[str]) -> dict[int, Block]:
    """Blocks by number, each the next one's parent. The last one's hash is that of all."""
    blocks: dict[int, Block] = {}
    child = None
    for raw in map(bytes.fromhex, headers):
        header = rlp.decode(raw)
        at = number(header[8])
        # By its number too: behind the last one, a block of an earlier number would be believed.
        require(child in (None, (header[0], at)), f"block {at} is not the child of the one before")
        child = keccak(raw), at + 1
        blocks[at] = Block(child[0], header[3], header[5], number(header[6]), number(header[11]))
    return blocks


def of_other_code(record: dict[str, Any], blocks: dict[int, Block]) -> tuple[int, int]:
    """How many strikes were opened by the last block in which the diamond's functions may have
    changed, and that block: what those logged and wrote may be of other code."""
    diamond = bytes.fromhex(record["diamond"][2:])
    changed = [at for at, of in blocks.items() if of.may_have_logged(diamond, CUT_TOPIC)]
    last = max(changed, default=min(blocks))
    until = blocks[last].time if changed else -1
    return sum(each["opened_at"] <= until for each in record["strikes"]), last


def proven(nodes: dict[bytes, bytes], root: bytes, key: bytes) -> bytes:
    """What a Merkle trie with this root has at a key; empty where it proves that it has nothing."""
    try:
        return bytes(HexaryTrie(nodes, root)[key])
    except MissingTrieNode as missing:
        raise Forged(f"no proof of 0x{key.hex()}: {missing}") from None


class State:
    """The diamond's storage and the hashes of code, as a block's header proves them."""

    def __init__(self, nodes: dict[bytes, bytes], root: bytes, diamond: bytes) -> None:
        self.nodes, self.root = nodes, root
        self.storage, self.code = self.account(diamond)

    def account(self, address: bytes) -> list[bytes]:
        found = proven(self.nodes, self.root, keccak(address))
        require(found, f"there is no account 0x{address.hex()}")
        return list(rlp.decode(found)[2:])

    def bits(self, slot: int, low: int = 0, count: int = 256) -> int:
        found = proven(self.nodes, self.storage, keccak(slot.to_bytes(32, "big")))
        return number(rlp.decode(found) if found else b"") >> low & (1 << count) - 1

    def bytecode(self) -> str:
        """Of the diamond's code, and of each of its functions' with its selector."""
        found, selector = [], self.bits(FUNCTIONS, 192, 32)
        while selector:
            facet = self.bits(FUNCTIONS + selector, 0, 160).to_bytes(20, "big")
            found.append(selector.to_bytes(4, "big") + self.account(facet)[1])
            selector = self.bits(FUNCTIONS + selector, 192, 32)
        return "0x" + keccak(self.code + b"".join(sorted(found))).hex()

    def cell(self, model: int, of_bin: int, signal: int) -> dict[str, int]:
        key = model * 28 + of_bin * 4 + signal
        slot = number(keccak(key.to_bytes(32, "big") + SCORE.to_bytes(32, "big")))
        found, low = {}, 0
        for name, count in CELL.items():
            found[name], low = self.bits(slot, low, count), low + count
        return found

    def strategy(self, place: int) -> dict[str, int]:
        slot, funded = FLEET + 3 + place, self.bits(FLEET + 11 + place)
        pnl = sum(self.bits(slot, 42 * bot, 42) for bot in range(5)) - funded
        counts = {"settled": self.bits(slot, 210, 23), "wins": self.bits(slot, 233)}
        return counts | {"pnl": pnl + (funded >> 255 << 256)}  # what was funded has a sign


def strikes(
    record: dict[str, Any], blocks: dict[int, Block], nodes: dict[bytes, bytes]
) -> list[dict[str, Any]]:
    """Every strike, from the diamond's events in the receipts that the headers prove."""
    found: dict[int, dict[str, Any]] = {}
    diamond, places = bytes.fromhex(record["diamond"][2:]), record["receipts"]
    require(all(a < b for a, b in pairwise(places)), "receipts twice, or in disorder")
    for at, index in places:
        require(at in blocks, f"block {at} has no header")
        receipt = proven(nodes, blocks[at].receipts_root, rlp.encode(index))
        require(receipt, f"block {at} has no transaction {index}")
        # The number of a receipt's type is before it.
        for address, topics, data in rlp.decode(receipt[receipt[0] < 0xC0 :])[3]:
            if address != diamond or topics[0] not in (OPENED_TOPIC, SETTLED_TOPIC):
                continue
            strike_id, time = number(topics[1]), blocks[at].time
            if topics[0] == OPENED_TOPIC:
                _, _, signal, bps, model, *_, notional, weights = decode(OPENED.split(","), data)
                lots = [weights >> 10 * bot & 1023 for bot in range(25)]
                found[strike_id] = {"strike_id": strike_id, "signal": signal, "lots": lots}
                found[strike_id] |= {"confidence_bps": bps, "model_id": model}
                found[strike_id] |= {"notional": notional, "opened_at": time}
            else:
                require(strike_id in found, f"strike {strike_id} was settled, and never opened")
                *_, pnl, won = decode(SETTLED.split(","), data)
                found[strike_id] |= {"settled_at": time, "pnl": pnl, "won": won}
    return list(found.values())


def cell_of(strike: dict[str, Any]) -> tuple[int, int, int]:
    of_bin = min((strike["confidence_bps"] - 9300) // 100, 6)
    return strike["model_id"], of_bin, strike["signal"]


def statistics(strikes: list[dict[str, Any]], unit: int) -> dict[str, dict[str, int]]:
    """Every statistic, amounts in the chain's book units of so much raw quote, rounded down."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    found["all"]["opened"] = len(strikes)
    for each in (strike for strike in strikes if "pnl" in strike):
        won, bps, units, lots = (
            each["won"],
            each["confidence_bps"],
            each["pnl"] // unit,
            each["lots"],
        )
        one = {"settled": 1, "wins": won, "brier": (10_000 * won - bps) ** 2 // 100}  # millionths
        one |= {"profit": max(units, 0), "loss": max(-units, 0)}
        model, of_bin, signal = cell_of(each)
        cell = f"cell {model}/{of_bin}/{SIGNALS[signal]}"
        for key in ("all", f"signal {SIGNALS[signal]}", f"model {model}", cell):
            found[key].update(one)
        for place, name in enumerate(STRATEGIES):
            if any(own := lots[place * 5 : place * 5 + 5]):
                pnl = sum(units * lot // sum(lots) for lot in own)
                found[f"strategy {name}"].update({"settled": 1, "wins": won, "pnl": pnl})
    return {key: dict(counts) for key, counts in sorted(found.items())}


def verify(record: dict[str, Any], head: str = "", bytecode: str = "") -> dict[str, Any]:
    """The statistics of an honest record. Raises `Forged`."""
    nodes = {keccak(raw): raw for raw in map(bytes.fromhex, record["nodes"])}
    blocks = linked(record["headers"])
    last = blocks[max(blocks)]
    require(head in ("", "0x" + last.hash.hex()), f"the head is 0x{last.hash.hex()}, not {head}")
    state = State(nodes, last.state_root, bytes.fromhex(record["diamond"][2:]))
    code = state.bytecode()
    for claimed in (record["bytecode"], bytecode or code):
        require(claimed == code, f"the bytecode is {code}, not {claimed}")
    found = strikes(record, blocks, nodes)
    opened, every = state.bits(FLEET, 160, 32), sorted(each["strike_id"] for each in found)
    require(every == list(range(1, opened + 1)), f"these are not all {opened} strikes")
    counted = statistics(found, 10 ** state.bits(FLEET, 3, 5))
    # All openings are there, so that a settlement which is not is missed in its opening's cell.
    kept = {f"strategy {name}": state.strategy(n) for n, name in enumerate(STRATEGIES)}
    for cell in map(cell_of, found):
        kept[f"cell {cell[0]}/{cell[1]}/{SIGNALS[cell[2]]}"] = state.cell(*cell)
    for key, there in kept.items():
        here = counted.get(key, dict.fromkeys(there, 0))
        require(here == there, f"{key}: {here} in the receipts, {there} in the chain's storage")
    require(record["strikes"] == found, "the list of strikes is not the receipts'")
    require(record["statistics"] == counted, "the statistics are not the receipts'")
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("record", type=Path)
    parser.add_argument("--head", default="", help="hash of the last block, from an explorer")
    parser.add_argument("--bytecode", default="", help="hash of the code, from a build of yours")
    given = parser.parse_args()
    try:
        record = json.loads(text_of(given.record))
        found = verify(record, given.head, given.bytecode)
        blocks = linked(record["headers"])
        last, block = max(blocks.items())
        doubtful, changed = of_other_code(record, blocks)
    except Exception as failure:  # what can't be read proves nothing
        raise SystemExit(f"FORGED: {type(failure).__name__}: {failure}") from None
    print(f"{found['all']['opened']:,} strikes of the diamond {record['diamond']}.")
    print(
        "P&L is in millions of the chain's book units, which are tokens of a quote with 6 decimals."
    )
    print("Of Brier scores the lower is the better.")
    print(f"{'':24}{'settled':>8}{'won':>10}{'P&L':>18}{'Brier':>8}")
    for key, of in found.items():
        if settled := of.get("settled", 0):
            pnl = of["pnl"] if "pnl" in of else of["profit"] - of["loss"]
            brier = f"{of['brier'] / settled / 10**6:.3f}" if "brier" in of else ""
            won = f"{100 * of['wins'] / settled:.1f} %"
            print(f"{key:24}{settled:8,}{won:>10}{pnl / 10**6:18,.2f}{brier:>8}")
    print(f"Verified, if block {last} of chain {record['chain_id']} is 0x{block.hash.hex()},")
    print(f"and the code with the hash {record['bytecode']} is one that you audited.")
    if doubtful:
        print(f"{doubtful:,} strikes were opened by block {changed}, in which that code may have")
        print(
            "become the diamond's: look for its event DiamondCut there, and in the blocks before."
        )


if __name__ == "__main__":
    main()
