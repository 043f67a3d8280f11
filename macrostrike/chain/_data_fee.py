"""What a transaction pays for its data on the chain below, asked of the chain's own contracts."""

from __future__ import annotations

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


def data_cost(chain: _Chain, to: str | None, data: bytes) -> DataCost:
    """As `Transport.data_cost`. Raises `NodeError` where the chain has not its own contracts."""
    kind = spec_of(chain.chain_id).data_fee
    if kind is DataFee.OP_STACK:
        return DataCost(fee=l1_fee(chain, unsigned(chain.chain_id, to, data)))
    if kind is DataFee.ARBITRUM:
        ends = to or "0x" + _NO_ADDRESS.hex(), to is None
        return DataCost(gas=_asked(chain, NODE_INTERFACE, _L1_GAS, *ends, data)[0])
    return NO_DATA_COST


def l1_fee(chain: _Chain, transaction: bytes) -> int:
    """Wei that the oracle of the OP stack wants for an unsigned transaction's bytes."""
    fee: int = _asked(chain, GAS_PRICE_ORACLE, _L1_FEE, transaction)
    return fee


def unsigned(chain_id: int, to: str | None, data: bytes) -> bytes:
    """A transaction as it is signed, with what is not known yet as wide as it gets."""
    at = b"" if to is None else to_canonical_address(to)
    fields = [chain_id, _NONCE, _TIP, _MAX_FEE, _GAS, at, 0, data, []]
    return _TYPE_2 + bytes(rlp.encode(fields))


def _asked(chain: _Chain, at: str, function: str, *args: Any) -> Any:
    answer = chain.call(at, _ABI.encode_call(function, *args))
    if not answer:
        raise NodeError(function, 0, f"chain {chain.chain_id} has no contract at {at}")
    return _ABI.decode_result(function, answer)
