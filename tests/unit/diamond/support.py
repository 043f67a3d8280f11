"""A diamond in process: deploy, call, and see exactly which error refused a call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.abi import (
    collapse_if_tuple,
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
    get_abi_output_types,
)
from eth_utils.crypto import keccak

from macrostrike.abi import artifact_path
from macrostrike.chain import Receipt, Reverted, RevmTransport

from ...evm import GAS, ZERO, Sender

ROOT = Path(__file__).parents[3]
OWNER = "0x" + "0a" * 20
STRANGER = "0x" + "0b" * 20
# ERC-7201: macrostrike.storage.Diamond
FIRST_SLOT = 0x9E75B2C1B5624276B51D884103AC22B534F88F13C42483E5192A70EBCD178200
ADD, REPLACE, REMOVE = 0, 1, 2

Cut = tuple[str, int, Sequence[bytes]]


def artifact(name: str) -> dict[str, Any]:
    """What was built of a contract of this project."""
    return dict(json.loads(artifact_path(name).read_text()))


def reference(name: str) -> dict[str, Any]:
    """A contract of the reference diamond, as published in hardhat-deploy."""
    path = ROOT / "node_modules" / "hardhat-deploy" / "extendedArtifacts" / f"{name}.json"
    return dict(json.loads(path.read_text()))


def selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]


CUT = selector("diamondCut((address,uint8,bytes4[])[],address,bytes)")
CUT_ARGUMENTS = ["(address,uint8,bytes4[])[]", "address", "bytes"]
LOUPE = [
    selector("facets()"),
    selector("facetFunctionSelectors(address)"),
    selector("facetAddresses()"),
    selector("facetAddress(bytes4)"),
]
CORE = [CUT, *LOUPE]


def made_up(count: int, start: int = 0) -> list[bytes]:
    """Selectors that no contract here has."""
    return [selector(f"madeUp{n}()") for n in range(start, start + count)]


@dataclass(frozen=True, slots=True)
class Contract:
    """An address and the ABI to call it by."""

    address: str
    abi: list[dict[str, Any]]

    def function(self, name: str) -> dict[str, Any]:
        return next(x for x in self.abi if x["type"] == "function" and x["name"] == name)

    def at(self, address: str) -> Contract:
        return Contract(address, self.abi)

    def encode(self, name: str, *args: Any) -> bytes:
        function = self.function(name)
        return function_abi_to_4byte_selector(function) + encode(types_of(function), args)  # type: ignore[arg-type]

    def selectors(self) -> list[bytes]:
        return [function_abi_to_4byte_selector(x) for x in self.abi if x["type"] == "function"]  # type: ignore[arg-type]


class Chain:
    """One EVM. Every call stands for a transaction of its own."""

    def __init__(self) -> None:
        self.transport = RevmTransport()
        self._errors: dict[bytes, dict[str, Any]] = {}
        self._last: Receipt | None = None
        self.sent = 0
        for account in (OWNER, STRANGER):
            self.transport.set_balance(account, 10**24)

    def deploy(self, built: dict[str, Any], *args: Any) -> Contract:
        abi = built["abi"]
        constructor: dict[str, Any] = next(
            (x for x in abi if x["type"] == "constructor"), {"inputs": []}
        )
        code = bytes.fromhex(built["bytecode"].removeprefix("0x")) + encode(
            types_of(constructor), args
        )
        self._errors |= {function_abi_to_4byte_selector(x): x for x in abi if x["type"] == "error"}
        return Contract(str(self._send(None, code).contract_address).lower(), abi)

    def call(
        self, contract: Contract, name: str, *args: Any, sender: str = OWNER, value: int = 0
    ) -> Any:
        """What the function returns: nothing, the one value, or a tuple of them."""
        function = contract.function(name)
        data = contract.encode(name, *args)
        if not function["outputs"]:
            self._send(contract.address, data, sender, value)
            return None
        asks = function["stateMutability"] in ("view", "pure")
        answer = self.transport.call if asks else self.raw
        returned = answer(contract.address, data, sender=sender, value=value)
        values = decode(get_abi_output_types(function), returned)  # type: ignore[arg-type]
        return values[0] if len(values) == 1 else values

    def raw(self, to: str, data: bytes, *, sender: str = OWNER, value: int = 0) -> bytes:
        """What a transaction returns."""
        returned = self.transport.call(to, data, sender=sender, value=value, pending=True)
        self._send(to, data, sender, value)
        return returned

    def _send(self, to: str | None, data: bytes, sender: str = OWNER, value: int = 0) -> Receipt:
        try:
            self._last = self.transport.send(Sender(sender), to, data, value=value, gas=GAS)
        except Reverted as refused:
            if refused.reason:
                raise AssertionError(f"neither done nor refused: {refused}") from None
            raise
        self.sent += 1
        return self._last

    def logs(self) -> list[tuple[str, list[bytes], bytes]]:
        """Address, topics and data of what the last transaction has logged."""
        assert self._last is not None
        return [(log.address, list(log.topics), log.data) for log in self._last.logs]

    def balance(self, address: str) -> int:
        return self.transport.balance(address)

    def storage(self, address: str, slot: int) -> int:
        return int.from_bytes(self.transport.storage(address, slot), "big")

    def error(self, data: bytes) -> tuple[str, tuple[Any, ...]]:
        """Name and arguments of the custom error, or `Error(string)`, in a revert's data."""
        if data[:4] == selector("Error(string)"):
            return "Error", decode(["string"], data[4:])
        if data[:4] not in self._errors:
            return "unknown error", (data,)
        found = self._errors[data[:4]]
        return found["name"], decode(types_of(found), data[4:])

    @contextmanager
    def refuses(self, name: str, *args: Any) -> Iterator[None]:
        """Passes if, and only if, the block is refused with exactly this error and these values."""
        try:
            yield
        except Reverted as refused:
            data = refused.data
            got = self.error(data)
            assert got == (name, args), f"refused with {got}, not {(name, args)}"
            assert len(data) % 32 == 4, "there is something behind the values"
        else:
            raise AssertionError(f"not refused with {name}{args}")


def types_of(item: dict[str, Any]) -> list[str]:
    return [collapse_if_tuple(parameter) for parameter in item["inputs"]]


class Diamond:
    """A diamond, ours or the reference one, seen through the standard's functions."""

    def __init__(self, chain: Chain, address: str, cut_facet: Contract, loupe_facet: Contract):
        self.chain, self.address = chain, address
        self.cut_facet, self.loupe_facet = cut_facet, loupe_facet
        self._cut, self._loupe = cut_facet.at(address), loupe_facet.at(address)

    def cut(self, *cuts: Cut, init: str = ZERO, data: bytes = b"", sender: str = OWNER) -> None:
        self.chain.call(self._cut, "diamondCut", cuts, init, data, sender=sender)

    def remove_core(self, *selectors: bytes, sender: str = OWNER) -> None:
        self.chain.call(self._cut, "removeCoreFunctions", selectors, sender=sender)

    def facets(self) -> dict[str, set[bytes]]:
        answer = self.chain.call(self._loupe, "facets")
        assert len({facet for facet, _ in answer}) == len(answer)
        assert all(len(set(selectors)) == len(selectors) for _, selectors in answer)
        return {facet: set(selectors) for facet, selectors in answer}

    def addresses(self) -> list[str]:
        return list(self.chain.call(self._loupe, "facetAddresses"))

    def selectors(self, facet: str) -> list[bytes]:
        return list(self.chain.call(self._loupe, "facetFunctionSelectors", facet))

    def facet(self, function: bytes) -> str:
        return str(self.chain.call(self._loupe, "facetAddress", function))

    def supports(self, interface: bytes) -> bool:
        return bool(self.chain.call(self._loupe, "supportsInterface", interface))

    def nodes(self, *others: bytes) -> dict[bytes, int]:
        """The storage words of the ring's head, of every function and of `others`."""
        known = {bytes(4), *others, *(s for selectors in self.facets().values() for s in selectors)}
        return {
            s: self.chain.storage(self.address, FIRST_SLOT + int.from_bytes(s, "big"))
            for s in known
        }

    @contextmanager
    def unchanged(self, *selectors: bytes) -> Iterator[None]:
        """Passes if the block leaves functions and storage alone, also those of `selectors`."""
        before = self.facets(), self.nodes(*selectors)
        yield
        assert (self.facets(), self.nodes(*selectors)) == before

    def announced(self) -> list[tuple[Any, ...]]:
        """The `DiamondCut` events of the last call, decoded."""
        event = next(x for x in self._cut.abi if x["type"] == "event" and x["name"] == "DiamondCut")
        topic = event_abi_to_log_topic(event)  # type: ignore[arg-type]
        return [
            decode(types_of(event), data)
            for address, topics, data in self.chain.logs()
            if address.lower() == self.address.lower() and topics == [topic]
        ]


def our_diamond(chain: Chain) -> Diamond:
    cut_facet = chain.deploy(artifact("DiamondCutFacet"))
    loupe_facet = chain.deploy(artifact("DiamondLoupeFacet"))
    cuts = [(facet.address, ADD, exported(chain, facet)) for facet in (cut_facet, loupe_facet)]
    made = chain.deploy(artifact("MacroStrikeDiamond"), cuts, OWNER, ZERO, b"")
    return Diamond(chain, made.address, cut_facet, loupe_facet)


def reference_diamond(chain: Chain) -> Diamond:
    cut_facet = chain.deploy(reference("DiamondCutFacet"))
    loupe_facet = chain.deploy(reference("DiamondLoupeFacet"))
    cuts = [(facet.address, ADD, facet.selectors()) for facet in (cut_facet, loupe_facet)]
    made = chain.deploy(reference("Diamond"), OWNER, cuts, [])
    return Diamond(chain, made.address, cut_facet, loupe_facet)


def exported(chain: Chain, facet: Contract) -> list[bytes]:
    packed = chain.call(facet, "exportSelectors")
    return [packed[i : i + 4] for i in range(0, len(packed), 4)]
