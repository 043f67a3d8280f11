"""Signed bytes are those of eth-account, by whichever way they are made."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.chain._signing import signing
from macrostrike.chain.signed import read_signed

KEY = Account.from_key("0x" + "a1" * 32)
ZEROS = to_checksum_address(b"\0" * 19 + b"\xb0")
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
    assert read_signed(raw).sender == KEY.address


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
