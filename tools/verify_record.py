#!/usr/bin/env python3
"""Checks a MacroStrike track record by itself: no node, no code of MacroStrike.

    pip install pycryptodome rlp
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
from pathlib import Path
from typing import Any

import rlp  # type: ignore[import-untyped]
from Crypto.Hash import keccak as _keccak

SIGNALS = ("StrongLong", "Long", "Short", "StrongShort")
STRATEGIES = ("MarketMaking", "Arbitrage", "Momentum", "MeanReversion", "Volatility")
SCORE = 0xD42FE7CCDBDDD9B0C7A0AB05C85B451B107CC4CB7F5224C1B9266D8865DA6D00  # ERC-7201 slots
FLEET = 0x2B583CD0DCB4BFF4C7FC541709496EA4ECD936410073415C32A460890E5D4A00
FUNCTIONS = 0x9E75B2C1B5624276B51D884103AC22B534F88F13C42483E5192A70EBCD178200
CELL = {"settled": 24, "wins": 24, "brier": 48, "profit": 80, "loss": 80}  # bits, lowest first


class Forged(Exception):
    """The record contradicts itself, or the chain."""


def require(holds: object, message: str) -> None:
    if not holds:
        raise Forged(message)


def keccak(*data: bytes) -> bytes:
    return _keccak.new(digest_bits=256, data=b"".join(data)).digest()


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


OPENED = keccak(
    b"StrikeOpened(uint256,address,address,uint64,uint8,uint8,uint16,uint16,uint24,uint16,uint16,"
    b"uint256,uint256,uint256)"
)
SETTLED = keccak(
    b"StrikeSettled(uint256,address,uint8,uint8,uint16,uint16,uint8,uint256,uint256,int256,bool)"
)


def get(nodes: dict[bytes, Any], root: bytes, key: bytes) -> bytes:
    """What a Merkle-Patricia trie has at a key; empty where it proves that there is nothing."""
    path, at = key.hex(), root
    while at:
        if isinstance(at, bytes):
            require(at in nodes, f"no proof of 0x{key.hex()}: node 0x{at.hex()} is missing")
            at = nodes[at]
        elif len(at) == 17 and path:
            at, path = at[int(path[0], 16)], path[1:]
        elif len(at) == 17:
            return bytes(at[16])
        else:
            flag, part = int(at[0].hex()[0]), at[0].hex()
            part = part[1 if flag & 1 else 2 :]
            if not path.startswith(part):
                break
            at, path = at[1], path[len(part) :]
            if flag & 2:
                return b"" if path else bytes(at)
    return b""


class State:
    """The diamond's storage, and code hashes, as a block's header proves them."""

    def __init__(self, nodes: dict[bytes, Any], root: bytes, diamond: bytes) -> None:
        self.nodes, self.root = nodes, root
        self.storage, self.code = self.account(diamond)

    def account(self, address: bytes) -> list[bytes]:
        found = get(self.nodes, self.root, keccak(address))
        require(found, f"there is no account 0x{address.hex()}")
        return list(rlp.decode(found)[2:])

    def bits(self, slot: int, low: int = 0, count: int = 256) -> int:
        found = get(self.nodes, self.storage, keccak(word(slot)))
        return int.from_bytes(rlp.decode(found) if found else b"", "big") >> low & (1 << count) - 1

    def bytecode(self) -> str:
        """Of the diamond's code, and of each of its functions' with its selector."""
        found, selector = [], self.bits(FUNCTIONS, 192, 32)
        while selector:
            facet = self.bits(FUNCTIONS + selector, 0, 160).to_bytes(20, "big")
            found.append(selector.to_bytes(4, "big") + self.account(facet)[1])
            selector = self.bits(FUNCTIONS + selector, 192, 32)
        return "0x" + keccak(self.code, *sorted(found)).hex()

    def cells(self) -> dict[str, dict[str, int]]:
        """The score as the chain keeps it: by model, bin of confidence and signal."""
        first, found = int.from_bytes(keccak(word(SCORE + 1)), "big"), {}
        for n in range(self.bits(SCORE + 1)):
            model = self.bits(first + n // 16, n % 16 * 16, 16)
            for place in range(28):
                slot = int.from_bytes(keccak(word(model * 28 + place), word(SCORE)), "big")
                cell, low = {}, 0
                for name, count in CELL.items():
                    cell[name], low = self.bits(slot, low, count), low + count
                if cell["settled"]:
                    found[f"cell {model}/{place // 4}/{SIGNALS[place % 4]}"] = cell
        return found

    def strategies(self) -> dict[str, dict[str, int]]:
        found = {}
        for place, name in enumerate(STRATEGIES):
            slot, funded = FLEET + 3 + place, self.bits(FLEET + 11 + place)
            pnl = sum(self.bits(slot, 42 * bot, 42) for bot in range(5)) - funded
            counts = {"settled": self.bits(slot, 210, 23), "wins": self.bits(slot, 233)}
            if counts["settled"]:
                found[f"strategy {name}"] = counts | {"pnl": pnl + (funded >> 255 << 256)}
        return found


def linked(headers: list[str]) -> dict[int, list[bytes]]:
    """Headers by number, each the next one's parent, with their hashes as last fields."""
    blocks: dict[int, list[bytes]] = {}
    parent = None
    for raw in map(bytes.fromhex, headers):
        header = rlp.decode(raw)
        number = int.from_bytes(header[8], "big")
        require(parent in (None, header[0]), f"block {number} is not the child of the one before")
        parent = keccak(raw)
        blocks[number] = [*header, parent]
    return blocks


def strikes(record: dict[str, Any], blocks: dict[int, Any], nodes: dict[bytes, Any]) -> list[Any]:
    """Every strike, from the diamond's events in the receipts that the headers prove."""
    found: dict[int, dict[str, Any]] = {}
    diamond, places = bytes.fromhex(record["diamond"][2:]), record["receipts"]
    require(all(a < b for a, b in zip(places, places[1:])), "receipts twice, or in disorder")  # noqa: B905, RUF007
    for block, index in places:
        require(block in blocks, f"block {block} has no header")
        receipt, at = get(nodes, blocks[block][5], rlp.encode(index)), blocks[block][11]
        require(receipt, f"block {block} has no transaction {index}")
        for address, topics, data in rlp.decode(receipt[receipt[0] < 0xC0 :])[3]:
            if address != diamond or topics[0] not in (OPENED, SETTLED):
                continue
            values = [int.from_bytes(data[n : n + 32], "big") for n in range(0, len(data), 32)]
            number = int.from_bytes(topics[1], "big")
            if topics[0] == OPENED:
                names = ("signal", "confidence_bps", "model_id")
                found[number] = {"strike_id": number, **dict(zip(names, values[2:5], strict=True))}
                found[number]["lots"] = [values[10] >> 10 * bot & 1023 for bot in range(25)]
                found[number] |= {"notional": values[9], "opened_at": int.from_bytes(at, "big")}
                continue
            require(number in found, f"strike {number} was settled, and never opened")
            pnl = values[6] - (values[6] >> 255 << 256)
            found[number] |= {"settled_at": int.from_bytes(at, "big"), "pnl": pnl}
            found[number]["won"] = bool(values[7])
    return list(found.values())


def statistics(strikes: list[dict[str, Any]], unit: int) -> dict[str, dict[str, int]]:
    """Every statistic, amounts in the chain's book units of so much raw quote, rounded down."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    found["all"]["opened"] = len(strikes)
    for each in strikes:
        if "pnl" not in each:
            continue
        won, bps, units = each["won"], each["confidence_bps"], each["pnl"] // unit
        model, signal, lots = each["model_id"], SIGNALS[each["signal"]], each["lots"]
        brier = (10_000 - bps if won else bps) ** 2 // 100  # millionths
        one = {"settled": 1, "wins": won, "brier": brier}
        one |= {"profit": max(units, 0), "loss": max(-units, 0)}
        of_bin = f"cell {model}/{min((bps - 9300) // 100, 6)}/{signal}"
        for key in ("all", f"signal {signal}", f"model {model}", of_bin):
            found[key].update(one)
        for place, name in enumerate(STRATEGIES):
            if any(own := lots[place * 5 : place * 5 + 5]):
                pnl = sum(units * lot // sum(lots) for lot in own)
                found[f"strategy {name}"].update({"settled": 1, "wins": won, "pnl": pnl})
    return {key: dict(counts) for key, counts in sorted(found.items())}


def verify(record: dict[str, Any], head: str = "", bytecode: str = "") -> dict[str, Any]:
    """The statistics of an honest record. Raises `Forged`."""
    nodes = {keccak(raw): rlp.decode(raw) for raw in map(bytes.fromhex, record["nodes"])}
    blocks = linked(record["headers"])
    last = blocks[max(blocks)]
    require(head in ("", "0x" + last[-1].hex()), f"the head is 0x{last[-1].hex()}, not {head}")
    state = State(nodes, last[3], bytes.fromhex(record["diamond"][2:]))
    code = state.bytecode()
    for claimed in (record["bytecode"], bytecode or code):
        require(claimed == code, f"the bytecode is {code}, not {claimed}")
    found = strikes(record, blocks, nodes)
    opened, every = state.bits(FLEET, 160, 32), sorted(each["strike_id"] for each in found)
    require(every == list(range(1, opened + 1)), f"these are not all {opened} strikes")
    counted = statistics(found, 10 ** state.bits(FLEET, 3, 5))
    kept = state.cells() | state.strategies()
    for key in {*kept, *(each for each in counted if each.startswith(("cell", "strategy")))}:
        here, there = counted.get(key), kept.get(key)
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
    raw = given.record.read_bytes()
    record = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    try:
        found = verify(record, given.head, given.bytecode)
    except (Forged, LookupError, ValueError, TypeError, rlp.RLPException) as failure:
        raise SystemExit(f"FORGED: {type(failure).__name__}: {failure}") from None
    for key, counts in found.items():
        rate = (
            f"{100 * counts.get('wins', 0) / counts['settled']:.1f} % won"
            if "settled" in counts
            else ""
        )
        print(f"{key:24} {rate:12} {counts}")
    number, header = linked(record["headers"][-1:]).popitem()
    print(f"Verified, if block {number} of chain {record['chain_id']} is 0x{header[-1].hex()},")
    print(f"and the code with the hash {record['bytecode']} is one that you audited.")


if __name__ == "__main__":
    main()
