"""What a node can prove of its chain: headers, receipts and state, checked before they are kept.

Fields and order as of Ethereum's own encoding; a chain that adds fields to its headers is refused,
as its headers' hashes do not come out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_utils.crypto import keccak
from trie import HexaryTrie  # type: ignore[import-untyped]

from macrostrike.chain import RpcTransport
from macrostrike.chain.transport import hex_bytes
from macrostrike.errors import NodeError
from macrostrike.journal._errors import NotProven

_HEADER = {
    "parentHash": bytes,
    "sha3Uncles": bytes,
    "miner": bytes,
    "stateRoot": bytes,
    "transactionsRoot": bytes,
    "receiptsRoot": bytes,
    "logsBloom": bytes,
    "difficulty": int,
    "number": int,
    "gasLimit": int,
    "gasUsed": int,
    "timestamp": int,
    "extraData": bytes,
    "mixHash": bytes,
    "nonce": bytes,
    "baseFeePerGas": int,
    "withdrawalsRoot": bytes,
    "blobGasUsed": int,
    "excessBlobGas": int,
    "parentBeaconBlockRoot": bytes,
    "requestsHash": bytes,
}
_DEPOSIT = 0x7E  # an OP-stack chain's own type of transaction
_SLOTS = 200  # of a proof in one request


class Prover:
    """Collects trie nodes of one chain; `nodes` are all that were needed, each once."""

    def __init__(self, transport: RpcTransport) -> None:
        self._transport = transport
        self.nodes: dict[bytes, None] = {}

    def headers(self, first: int, last: int) -> Iterator[tuple[bytes, Mapping[str, Any]]]:
        """All headers from a block to another, both included, encoded and as the node tells them.

        Raises `NotProven` where one does not have the hash that the node says.
        """
        asked = [(hex(number), False) for number in range(first, last + 1)]
        for (number, _), block in zip(
            asked, self._transport.request_many("eth_getBlockByNumber", asked), strict=True
        ):
            raw = rlp.encode(
                [
                    int(block[name], 16) if kind is int else hex_bytes(block[name])
                    for name, kind in _HEADER.items()
                    if block.get(name) is not None
                ]
            )
            if keccak(raw) != hex_bytes(block["hash"]):
                raise NotProven(f"the header of block {int(number, 16)} has fields of its own")
            yield raw, block

    def receipts(self, block: Mapping[str, Any], places: Iterable[int]) -> None:
        """Proves the receipts of those transactions of a block."""
        trie = HexaryTrie({})
        for index, entry in enumerate(self._receipts(block)):
            trie[rlp.encode(index)] = _receipt(entry)
        if trie.root_hash != hex_bytes(block["receiptsRoot"]):
            number = int(block["number"], 16)
            raise NotProven(f"the receipts of block {number} are of types that are not known")
        for place in places:
            self._keep(rlp.encode(node) for node in trie.get_proof(rlp.encode(place)))

    def state(self, address: str, block: int, slots: Sequence[int] = ()) -> bytes:
        """Proves an account and some of its storage; its code's hash."""
        code = b""
        for start in range(0, max(len(slots), 1), _SLOTS):
            keys = [f"0x{slot:064x}" for slot in slots[start : start + _SLOTS]]
            proof = self._transport.request("eth_getProof", address, keys, hex(block))
            code = hex_bytes(proof["codeHash"])
            for path in (proof["accountProof"], *(each["proof"] for each in proof["storageProof"])):
                self._keep(map(hex_bytes, path))
        return code

    def _receipts(self, block: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        try:
            found: Sequence[Mapping[str, Any]] | None = self._transport.request(
                "eth_getBlockReceipts", block["number"]
            )
        except NodeError:
            found = None  # not every node has it
        if found is not None:
            return found
        asked = [(each,) for each in block["transactions"]]
        return self._transport.request_many("eth_getTransactionReceipt", asked)

    def _keep(self, nodes: Iterable[bytes]) -> None:
        self.nodes.update(dict.fromkeys(nodes))


def _receipt(entry: Mapping[str, Any]) -> bytes:
    kind = int(entry.get("type") or "0x0", 16)
    logs = [
        [
            hex_bytes(log["address"]),
            [hex_bytes(each) for each in log["topics"]],
            hex_bytes(log["data"]),
        ]
        for log in entry["logs"]
    ]
    fields = [
        int(entry["status"], 16),
        int(entry["cumulativeGasUsed"], 16),
        hex_bytes(entry["logsBloom"]),
        logs,
    ]
    if kind == _DEPOSIT:
        more = (entry.get("depositNonce"), entry.get("depositReceiptVersion"))
        fields += [int(each, 16) for each in more if each is not None]
    return (bytes([kind]) if kind else b"") + bytes(rlp.encode(fields))
