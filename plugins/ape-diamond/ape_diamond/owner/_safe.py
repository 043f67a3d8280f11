"""Owner calls for a Safe: as a batch file for its Transaction Builder, or as one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from ape_diamond._codec import Function
from ape_diamond._values import ZERO_ADDRESS, checked_address
from ape_diamond.chain import Chain
from ape_diamond.errors import DiamondError, SignaturesMissing
from ape_diamond.owner._calls import OwnerCall, ask

if TYPE_CHECKING:
    from typing_extensions import Self

MULTI_SEND = "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"
"""MultiSendCallOnly 1.4.1, at the same address on every chain that Safe supports."""

_CALL, _DELEGATECALL = 0, 1
_VERSION = Function("VERSION()", (), ("string",))
_OWNERS = Function("getOwners()", (), ("address[]",))
_THRESHOLD = Function("getThreshold()", (), ("uint256",))
_NONCE = Function("nonce()", (), ("uint256",))
_EXECUTED = (
    *("address", "uint256", "bytes", "uint8"),
    *("uint256", "uint256", "uint256", "address", "address", "bytes"),
)
_EXECUTE = Function(f"execTransaction({','.join(_EXECUTED)})", _EXECUTED)
_MULTI_SEND = Function("multiSend(bytes)", ("bytes",))
_SAFE_TX = [
    {"name": "to", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "data", "type": "bytes"},
    {"name": "operation", "type": "uint8"},
    {"name": "safeTxGas", "type": "uint256"},
    {"name": "baseGas", "type": "uint256"},
    {"name": "gasPrice", "type": "uint256"},
    {"name": "gasToken", "type": "address"},
    {"name": "refundReceiver", "type": "address"},
    {"name": "nonce", "type": "uint256"},
]


class _MessageSigner(Protocol):
    @property
    def address(self) -> Any: ...

    def sign_message(self, signable_message: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Safe:
    """A Safe as it is now. `threshold` of `owners` must sign; `nonce` is its next transaction's."""

    address: str
    chain_id: int
    version: str
    owners: tuple[str, ...]
    threshold: int
    nonce: int


@dataclass(frozen=True, slots=True)
class SafeTransaction:
    """A transaction for the owners of a Safe to sign. It refunds no gas.

    operation: 1 runs `to`'s code as the Safe's own, which is how several calls are made one.
    """

    safe: Safe
    to: str
    value: int
    data: bytes
    operation: int

    @classmethod
    def of(cls, safe: Safe, calls: Sequence[OwnerCall], *, multi_send: str = MULTI_SEND) -> Self:
        """All `calls` as the Safe's next transaction: done in order, or none of them.

        `multi_send` is a MultiSendCallOnly contract, which several calls go through.
        """
        if not calls:
            raise DiamondError("there is nothing for the Safe to do")
        if len(calls) == 1:
            (call,) = calls
            return cls(safe, checked_address(call.to), call.value, call.data, _CALL)
        packed = b"".join(
            bytes([_CALL])
            + bytes.fromhex(call.to[2:])
            + call.value.to_bytes(32, "big")
            + len(call.data).to_bytes(32, "big")
            + call.data
            for call in calls
        )
        data = _MULTI_SEND.encode(packed)
        return cls(safe, checked_address(multi_send), 0, data, _DELEGATECALL)

    def typed_data(self) -> dict[str, Any]:
        """What is signed, as of EIP-712 and `eth_signTypedData_v4`."""
        return {
            "domain": {"chainId": self.safe.chain_id, "verifyingContract": self.safe.address},
            "primaryType": "SafeTx",
            "types": {
                "EIP712Domain": [
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"},
                ],
                "SafeTx": _SAFE_TX,
            },
            "message": {
                "to": self.to,
                "value": self.value,
                "data": self.data,
                "operation": self.operation,
                "safeTxGas": 0,
                "baseGas": 0,
                "gasPrice": 0,
                "gasToken": ZERO_ADDRESS,
                "refundReceiver": ZERO_ADDRESS,
                "nonce": self.safe.nonce,
            },
        }

    def digest(self) -> bytes:
        """The hash that is signed: Safe calls it `safeTxHash`."""
        message = encode_typed_data(full_message=self.typed_data())
        return keccak(b"\x19" + message.version + message.header + message.body)

    def sign(self, owner: _MessageSigner) -> bytes:
        """An owner's signature, 65 bytes. Keys stay with their holders."""
        signed = owner.sign_message(encode_typed_data(full_message=self.typed_data()))
        return bytes(signed.signature)

    def execution(self, signatures: Mapping[str, bytes]) -> OwnerCall:
        """The call that carries it out, for anyone to send. `signatures` are by owner.

        Raises `SignaturesMissing` for too few, and `DiamondError` for those of others.
        """
        if strangers := sorted(set(signatures) - set(self.safe.owners)):
            raise DiamondError(f"{', '.join(strangers)} signed, but owns no part of the Safe")
        if len(signatures) < self.safe.threshold:
            raise SignaturesMissing(self.safe.address, self.safe.threshold, sorted(signatures))
        # The Safe wants signers in ascending order, so that no one signs twice.
        in_order = sorted(signatures, key=lambda owner: int(owner, 16))
        data = _EXECUTE.encode(
            self.to,
            self.value,
            self.data,
            self.operation,
            *(0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS),
            b"".join(signatures[owner] for owner in in_order),
        )
        return OwnerCall(self.safe.address, data, does=f"transaction {self.safe.nonce} of the Safe")


def read_safe(chain: Chain, address: str) -> Safe:
    """The Safe at `address`. Raises `DiamondError` when it is none."""
    address = checked_address(address)
    version, owners, threshold, nonce = (
        ask(chain, address, "Safe", function)
        for function in (_VERSION, _OWNERS, _THRESHOLD, _NONCE)
    )
    return Safe(address, chain.chain_id, version, owners, threshold, nonce)


def safe_batch(
    calls: Sequence[OwnerCall],
    *,
    safe: str,
    chain_id: int,
    name: str,
    created_at: datetime,
    description: str = "",
) -> dict[str, Any]:
    """The content of a file that the Transaction Builder of Safe's UI opens.

    By default it is described by what the calls do.
    """
    described = description or "\n".join(
        f"{position}. {call.does or call.to}" for position, call in enumerate(calls, start=1)
    )
    batch: dict[str, Any] = {
        "version": "1.0",
        "chainId": str(chain_id),
        "createdAt": int(created_at.timestamp() * 1000),
        "meta": {
            "name": name,
            "description": described,
            "txBuilderVersion": "1.18.2",
            "createdFromSafeAddress": checked_address(safe),
            "createdFromOwnerAddress": "",
        },
        "transactions": [
            {
                "to": checked_address(call.to),
                "value": str(call.value),
                "data": "0x" + call.data.hex(),
                "contractMethod": None,
                "contractInputsValues": None,
            }
            for call in calls
        ],
    }
    batch["meta"]["checksum"] = batch_checksum(batch)
    return batch


def batch_checksum(batch: Mapping[str, Any]) -> str:
    """The checksum by which the UI tells that a batch was changed. The name is not part of it."""
    meta = {key: value for key, value in batch["meta"].items() if key != "checksum"}
    return "0x" + keccak(text=_canonical({**batch, "meta": {**meta, "name": None}})).hex()


def _canonical(value: Any) -> str:
    """The UI's own form of JSON, which no standard has: all keys, in order, before all values."""
    if isinstance(value, Mapping):
        keys = sorted(value)
        return "{" + _json(keys) + "".join(f"{_canonical(value[key])}," for key in keys) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
