"""What a transaction's gas was spent on, step by step, by its trace.

The parts of a transaction add up to its receipt's gas, exactly: a step's price is what it took from
the gas that was left; a call's own is that less what the called code used.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from macrostrike.abi import diamond_abi
from macrostrike.build import npm
from macrostrike.chain import AnvilTransport

POOL = npm("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json")
_LAYOUT = Path(__file__).parents[2] / "snapshots" / "storage-layout.json"

TRANSACTION = "transaction and its calldata"
ROUTER = "router"
DISPATCH = "dispatch to the facet"
SIGNATURE = "signature: digest and recovery"
POOL_SWAP = "pool's swap"
CALLBACK_DISPATCH = "callback: dispatch"
CALLBACK = "callback: checks"
PAYMENT = "callback: token paid to the pool"
TOKENS = "pool asked for its tokens"
BALANCES = "balances measured"
ORACLE = "oracle asked"
STORAGE = "storage: "
TRANSIENT = "transient storage"
EVENTS = "events"
FACET = "arithmetic and memory"
REFUND = "refund"

_ORDER = [
    *(TRANSACTION, ROUTER, DISPATCH, SIGNATURE, POOL_SWAP, CALLBACK_DISPATCH, CALLBACK, PAYMENT),
    *(TOKENS, BALANCES, ORACLE, STORAGE, TRANSIENT, EVENTS, FACET, REFUND),
]

_BASE_GAS, _ZERO_BYTE_GAS, _BYTE_GAS = 21_000, 4, 16
_REFUND_QUOTIENT = 5
_ECRECOVER = 1
_MAPPING_BYTES = 0x40
_ARRAY_WORDS = 1 << 16
_LAST_PRECOMPILE = 0xFF
_CALLS = {"CALL", "STATICCALL", "DELEGATECALL"}
_SWAP, _BALANCE_OF = POOL.abi.selector("swap"), bytes.fromhex("70a08231")
_TOKEN_GETTERS = {POOL.abi.selector("token0"), POOL.abi.selector("token1")}
_SWAP_CALLBACK = diamond_abi().selector("uniswapV3SwapCallback")
_NEXT = {DISPATCH: FACET, CALLBACK_DISPATCH: CALLBACK, CALLBACK: PAYMENT}

Step = Mapping[str, Any]


def parts_of(chain: AnvilTransport, transaction: bytes, diamond: str) -> dict[str, int]:
    """The parts of a transaction to the diamond or a router, in gas; those of storage by field.

    Needs a node that was started with `--steps-tracing`.
    """
    name = "0x" + transaction.hex()
    sent = chain.request("eth_getTransactionByHash", name)
    used = int(chain.request("eth_getTransactionReceipt", name)["gasUsed"], 16)
    options = {"disableStorage": True, "enableMemory": False}
    steps = chain.request("debug_traceTransaction", name, options)["structLogs"]
    calls = chain.request("debug_traceTransaction", name, {"tracer": "callTracer"})
    data = bytes.fromhex(sent["input"][2:])
    zeros = data.count(0)
    parts = Counter(
        {TRANSACTION: _BASE_GAS + zeros * _ZERO_BYTE_GAS + (len(data) - zeros) * _BYTE_GAS}
    )
    role = DISPATCH if int(sent["to"], 16) == int(diamond, 16) else ROUTER
    parts += _Reader(role, calls).read(steps)
    refund = min(steps[-1]["refund"], parts.total() // _REFUND_QUOTIENT)
    if parts.total() - refund != used:
        raise AssertionError(f"the parts are {parts.total() - refund} gas, the receipt says {used}")
    parts[REFUND] = -refund
    return {name: parts[name] for name in in_order(parts) if parts[name]}


def in_order(parts: Iterable[str]) -> list[str]:
    """From the transaction inwards; the storage fields by name."""

    def rank(name: str) -> tuple[int, str]:
        return _ORDER.index(STORAGE if name.startswith(STORAGE) else name), name

    return sorted(parts, key=rank)


@dataclass
class _Frame:
    """Code being run. `role` is the part that it counts to; `calls` are those that it makes."""

    role: str
    calls: Iterator[Mapping[str, Any]]
    gas: int
    calling: str = ""
    called_at: int = 0
    used_by_callee: int = 0
    scratch: dict[int, int] = field(default_factory=dict)


class _Reader:
    """Reads a trace once. The node says neither whom a step's call is to nor what it asks, so that
    the tree of calls is walked along."""

    def __init__(self, role: str, root: Mapping[str, Any]) -> None:
        self._parts: Counter[str] = Counter()
        self._frames: list[_Frame] = []
        self._slots = _Slots()
        self._next = (role, root)
        self._callback = ROUTER if role == ROUTER else CALLBACK_DISPATCH

    def read(self, steps: list[Step]) -> Counter[str]:
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            if len(self._frames) < step["depth"]:
                role, call = self._next
                self._frames.append(_Frame(role, _with_code(call), step["gas"]))
            frame = self._frames[-1]
            if frame.calling:
                own = frame.called_at - step["gas"] - frame.used_by_callee
                self._parts[frame.calling] += own
                frame.calling = ""
            if following is None or following["depth"] < step["depth"]:
                self._end(frame, step)
            elif following["depth"] > step["depth"]:
                call = next(frame.calls)
                role = self._role(frame.role, call)
                self._next = (role, call)
                # To dispatch is to call a facet; any other call counts to what it is for.
                is_dispatch = frame.role in (DISPATCH, CALLBACK_DISPATCH)
                frame.calling = frame.role if is_dispatch else role
                frame.called_at = step["gas"]
            else:
                self._count(frame, step, step["gas"] - following["gas"], following)
        return self._parts

    def _role(self, caller: str, call: Mapping[str, Any]) -> str:
        """What a call is for, by who makes it and what it asks."""
        function = bytes.fromhex(call["input"][2:10])
        if caller in _NEXT:
            return _NEXT[caller]
        if caller == POOL_SWAP:
            return self._callback if function == _SWAP_CALLBACK else POOL_SWAP
        if caller not in (FACET, ROUTER):
            return caller
        if function == _SWAP:
            return POOL_SWAP
        if caller == ROUTER:
            return PAYMENT
        if call["type"] == "DELEGATECALL":
            return DISPATCH
        if function == _BALANCE_OF:
            return BALANCES
        return TOKENS if function in _TOKEN_GETTERS else ORACLE

    def _end(self, frame: _Frame, step: Step) -> None:
        self._parts[frame.role] += step["gasCost"]
        self._frames.pop()
        if self._frames:
            self._frames[-1].used_by_callee = frame.gas - step["gas"] + step["gasCost"]

    def _count(self, frame: _Frame, step: Step, gas: int, following: Step) -> None:
        part = frame.role
        if part == FACET:
            part = self._part_of_facet(frame, step, following)
        self._parts[part] += gas

    def _part_of_facet(self, frame: _Frame, step: Step, following: Step) -> str:
        op, stack = step["op"], step["stack"]
        if op == "MSTORE":
            frame.scratch[_top(stack)] = _top(stack, 1)
        elif op == "KECCAK256":
            if _top(stack, 1) != _MAPPING_BYTES:
                return SIGNATURE
            # A mapping's entry is at keccak256(key . slot): see what the second word has.
            self._slots.learn(frame.scratch.get(_top(stack) + 32, 0), _top(following["stack"]))
        elif op in ("SLOAD", "SSTORE"):
            return STORAGE + self._slots.name(_top(stack))
        elif op in ("TLOAD", "TSTORE"):
            return TRANSIENT
        elif op.startswith("LOG"):
            return EVENTS
        elif op == "STATICCALL" and _top(stack, 1) == _ECRECOVER:
            return SIGNATURE
        return FACET


class _Slots:
    """Which field of which namespace a storage slot is."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int, str]] = []
        self._mappings: dict[int, list[tuple[int, int, str]]] = {}
        for namespace, layout in json.loads(_LAYOUT.read_text()).items():
            first, fields = int(layout["slot"], 16), layout["fields"]
            for each in fields:
                name = f"{namespace.rpartition('.')[2]}.{each['field']}"
                if "[" in each["field"] or "." in each["field"]:
                    continue
                place = (first + each["slot"], -(-each["bytes"] // 32), name)
                self._ranges.append(place)
                if each["type"].startswith("mapping"):
                    self._mappings[place[0]] = list(_entries(fields, each["field"], name))
                elif each["type"].endswith("[]"):
                    start = int.from_bytes(keccak(place[0].to_bytes(32, "big")), "big")
                    self._ranges.append((start, _ARRAY_WORDS, name))

    def learn(self, mapping: int, entry: int) -> None:
        """An entry of a mapping is at that slot."""
        for offset, words, name in self._mappings.get(mapping, ()):
            self._ranges.append((entry + offset, words, name))

    def name(self, slot: int) -> str:
        for first, words, name in self._ranges:
            if first <= slot < first + words:
                return name
        raise AssertionError(f"slot {slot:#x} belongs to no field of {_LAYOUT.name}")


def _entries(
    fields: list[dict[str, Any]], mapping: str, name: str
) -> Iterator[tuple[int, int, str]]:
    """Offset, words and name of what is at an entry: its members that are structs themselves,
    or else the whole."""
    inner = [f for f in fields if f["field"].startswith(f"{mapping}[].")]
    structs = [f for f in inner if f["type"].startswith("struct ")]
    for each in structs:
        label = each["field"].rpartition(".")[2]
        yield each["slot"], -(-each["bytes"] // 32), f"{name}.{label}"
    yield 0, max((f["slot"] for f in inner), default=0) + 1, name


def _with_code(call: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The calls that a call makes, without those of precompiles, which take no steps."""
    for each in call.get("calls", ()):
        if int(each["to"], 16) > _LAST_PRECOMPILE:
            yield each


def _top(stack: list[str], below: int = 0) -> int:
    return int(stack[-1 - below], 16)
