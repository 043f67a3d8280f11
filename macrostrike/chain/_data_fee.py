"""What a transaction pays for its data on the chain below, asked of the chain's own contracts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import rlp  # type: ignore[import-untyped]
from eth_utils.address import to_canonical_address

from macrostrike.abi import Abi
from macrostrike.chain.chains import DataFee, spec_of
from macrostrike.chain.transport import NO_DATA_COST, DataCost
from macrostrike.errors import NodeError

GAS_PRICE_ORACLE = "0x420000000000000000000000000000000000000F"
NODE_INTERFACE = "0x00000000000000000000000000000000000000C8"
_TYPE_2 = b"\x02"
# What is not known before it is signed, as wide as it gets and of bytes that compress badly: the
# fee is for compressed bytes, and must not be estimated too low.
_NONCE, _GAS = 0x9C51E7, 0x8D3F1B
_TIP, _MAX_FEE = 0x5E93C17A2D, 0xB16D48F35E
_NO_ADDRESS = bytes(20)


def _function(name: str, inputs: list[str], outputs: list[str]) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "stateMutability": "view",
        "inputs": [{"name": f"in{at}", "type": kind} for at, kind in enumerate(inputs)],
        "outputs": [{"name": f"out{at}", "type": kind} for at, kind in enumerate(outputs)],
    }


_L1_FEE, _L1_GAS = "getL1Fee", "gasEstimateL1Component"
_ABI = Abi(
    [
        _function(_L1_FEE, ["bytes"], ["uint256"]),
        _function(_L1_GAS, ["address", "bool", "bytes"], ["uint64", "uint256", "uint256"]),
    ]
)


class _Chain(Protocol):
    @property
    def chain_id(self) -> int: ...

    def call(self, to: str, data: bytes) -> bytes: ...

    def call_many(self, calls: Sequence[tuple[str, bytes]]) -> list[bytes]: ...


def data_costs(chain: _Chain, to: str | None, data: Sequence[bytes]) -> list[DataCost]:
    """As `Transport.data_costs`. Raises `NodeError` where the chain has not its own contracts."""
    kind = spec_of(chain.chain_id).data_fee
    if kind is DataFee.OP_STACK:
        fees = l1_fees(chain, [unsigned(chain.chain_id, to, each) for each in data])
        return [DataCost(fee=fee) for fee in fees]
    if kind is DataFee.ARBITRUM:
        ends = to or "0x" + _NO_ADDRESS.hex(), to is None
        asked = _asked(chain, NODE_INTERFACE, _L1_GAS, [(*ends, each) for each in data])
        return [DataCost(gas=gas) for gas, *_ in asked]
    return [NO_DATA_COST] * len(data)


def l1_fees(chain: _Chain, transactions: Sequence[bytes]) -> list[int]:
    """Wei that the oracle of the OP stack wants for the bytes of each unsigned transaction."""
    return _asked(chain, GAS_PRICE_ORACLE, _L1_FEE, [(each,) for each in transactions])


def unsigned(chain_id: int, to: str | None, data: bytes) -> bytes:
    """A transaction as it is signed, with what is not known yet as wide as it gets."""
    at = b"" if to is None else to_canonical_address(to)
    fields = [chain_id, _NONCE, _TIP, _MAX_FEE, _GAS, at, 0, data, []]
    return _TYPE_2 + bytes(rlp.encode(fields))


def _asked(chain: _Chain, at: str, function: str, asked: Sequence[tuple[Any, ...]]) -> list[Any]:
    """What the function answers to each, asked for at once."""
    calls = [(at, _ABI.encode_call(function, *args)) for args in asked]
    answers = [chain.call(*calls[0])] if len(calls) == 1 else chain.call_many(calls)
    if not all(answers):
        raise NodeError(function, 0, f"chain {chain.chain_id} has no contract at {at}")
    return [_ABI.decode_result(function, answer) for answer in answers]
