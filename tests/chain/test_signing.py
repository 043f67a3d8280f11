"""Signed bytes are those of eth-account, by whichever way they are made."""

from __future__ import annotations

from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]
from eth_account import Account
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.chain import Fees
from macrostrike.chain._signing import signing
from macrostrike.chain.signed import read_signed

KEY = Account.from_key("0x" + "a1" * 32)
U64, U256 = st.integers(0, 2**64 - 1), st.integers(0, 2**256 - 1)


@st.composite
def transactions(draw: st.DrawFn) -> dict[str, Any]:
    priority = draw(U64)
    fees = draw(
        st.sampled_from(
            [
                {"gasPrice": priority},
                {"maxPriorityFeePerGas": priority, "maxFeePerGas": priority + draw(U64)},
            ]
        )
    )
    to = draw(
        st.sampled_from(
            [{}, {"to": to_checksum_address(b"\0" * 19 + b"\xb0")}, {"to": KEY.address}]
        )
    )
    return {
        "chainId": draw(st.integers(1, 2**40)),
        "nonce": draw(U64),
        "gas": draw(st.integers(0, 2**40)),
        "value": draw(U256),
        "data": draw(st.binary(max_size=200)),
        **fees,
        **to,
    }


@given(transactions())
def test_bytes_are_those_of_eth_account(transaction: dict[str, Any]) -> None:
    raw = signing(KEY)(transaction)
    assert raw == bytes(KEY.sign_transaction(transaction).raw_transaction)
    read, tip = read_signed(raw), transaction.get("maxPriorityFeePerGas")
    assert read.sender == KEY.address
    assert (read.nonce, read.gas) == (transaction["nonce"], transaction["gas"])
    assert (read.to, read.value) == (transaction.get("to"), transaction["value"])
    assert read.data == transaction["data"]
    assert read.fees == Fees(transaction.get("maxFeePerGas", transaction.get("gasPrice")), tip)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x02", b"\x02\xc0", b"\xc0", b"\x02" + rlp.encode([b"\1"] * 12), b"\x05\xc0"],
)
def test_what_is_not_a_signed_transaction_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not a signed transaction"):
        read_signed(raw)


def test_a_number_with_a_leading_zero_is_refused_as_nodes_do() -> None:
    fields = [b"\x7a\x69", b"\x00\x05", b"\1", b"\2", b"\x52\x08", b"", b"", b"", []]
    digest = keccak(b"\x02" + rlp.encode(fields))
    made = KEY.unsafe_sign_hash(digest)
    signature = [b"\1" * (made.v - 27), made.r.to_bytes(32, "big"), made.s.to_bytes(32, "big")]
    with pytest.raises(ValueError, match="not a signed transaction"):
        read_signed(b"\x02" + rlp.encode([*fields, *signature]))


def test_any_other_signer_signs_by_itself() -> None:
    class Remote:
        address = KEY.address
        asked: dict[str, Any] | None = None

        def sign_transaction(self, transaction: dict[str, Any]) -> Any:
            self.asked = transaction
            return KEY.sign_transaction(transaction)

    remote = Remote()
    transaction = {"chainId": 1, "nonce": 0, "gas": 1, "value": 0, "data": b"", "gasPrice": 1}
    assert signing(remote)(transaction) == signing(KEY)(transaction)
    assert remote.asked == transaction
