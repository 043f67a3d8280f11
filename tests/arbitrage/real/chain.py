"""The chain of the real pools: its trader, its tokens, and what all pools have in common."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from functools import cache
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.abi import Abi
from macrostrike.build import NPM, Contract
from macrostrike.chain import RevmTransport

from ...evm import Payer, Sender, put_code, put_word, typed_errors, undone

RICH = 1 << 160
_BALANCE_SLOT = 4
_V4 = "@uniswap/v4-core/out"


@cache
def contract(path: str) -> Contract:
    """A contract of an npm package, by its file."""
    content = json.loads((NPM / path).read_text(encoding="utf-8"))
    code = {key: content.get(key, "0x") for key in ("bytecode", "deployedBytecode")}
    creation, runtime = (
        bytes.fromhex((value["object"] if isinstance(value, dict) else value).removeprefix("0x"))
        for value in code.values()
    )
    return Contract(path.rpartition("/")[2][:-5], Abi(content["abi"]), creation, runtime)


def trader_code(owner: str) -> bytes:
    """A trader that does what its owner says, and pays what a pool asks for in its callback.

    From the owner: a target, as one word, and what to call it with. From anyone else:
    callback(int256 amount0, int256 amount1, bytes data), data being both tokens' addresses.
    """
    code = b"\x33\x73" + bytes.fromhex(owner[2:]) + b"\x14"
    pays = b""
    start = len(code) + 4
    for amount, token in ((0x04, 0x84), (0x24, 0xA4)):
        # Where the amount is over zero: token.transfer(msg.sender, amount)
        head = bytes.fromhex(f"60{amount:02x}3580600012" + "15")
        pay = bytes.fromhex(
            f"63a9059cbb60e01b6000523360045280602452600060006044600060 00 60{token:02x}355af150"
        )
        end = start + len(pays) + len(head) + 4 + len(pay)
        pays += head + b"\x61" + end.to_bytes(2, "big") + b"\x57" + pay + b"\x5b\x50"
    forward = start + len(pays) + 1
    code += b"\x61" + forward.to_bytes(2, "big") + b"\x57" + pays + b"\x00"
    # Copies the rest of the call, calls, hands back what came back.
    code += bytes.fromhex("5b602036038060206000376000600082600060006000355af13d600060003e3d600082")
    return code + b"\x61" + (len(code) + 5).to_bytes(2, "big") + b"\x57\xfd\x5b\xf3"


class Chain(Payer):
    """A chain with a trader who holds plenty of every token. The caller owns all that is made."""

    def __init__(self) -> None:
        self.evm = RevmTransport()
        super().__init__(self.evm, Sender("0x" + "0e" * 20))
        self.trader = to_checksum_address("0x" + "7a" * 20)
        put_code(self.evm, self.trader, trader_code(self.address))
        self._token_code = self.evm.code(self.deploy(token_contract()))

    def trade(self, to: str, what: Contract, function: str, *arguments: object) -> Any:
        """A transaction of the trader's, and what it answers."""
        data = encode(["address"], [to]) + what.abi.encode_call(function, *arguments)
        with typed_errors():
            answer = self.evm.call(self.trader, data, sender=self.address, pending=True)
        self.send(self.trader, data)
        return what.abi.decode_result(function, answer)

    def token(self, address: str, decimals: int = 18) -> str:
        """Lays a token there, unless it is there already: then it keeps its decimals."""
        if not self.evm.code(address):
            put_code(self.evm, address, self._token_code)
            self.tell(token_contract(), address, "initialize", "Token", "TKN", decimals)
            slot = keccak(encode(["address", "uint256"], [self.trader, _BALANCE_SLOT]))
            put_word(self.evm, address, int.from_bytes(slot, "big"), RICH)
            assert self.balance(address) == RICH
        return address

    def balance(self, token: str, holder: str | None = None) -> int:
        return int(self.ask(token_contract(), token, "balanceOf", holder or self.trader))

    def pay(self, token: str, to: str, amount: int) -> None:
        self.trade(token, token_contract(), "transfer", to, amount)

    def put_answer(self, address: str, value: int) -> str:
        """A contract that answers everything with one number: a rate provider."""
        code = b"\x7f" + value.to_bytes(32, "big") + bytes.fromhex("60005260206000f3")
        put_code(self.evm, address, code)
        return address


class NotTaken(Exception):
    """A pool took another amount than it was given."""


class RealPool(ABC):
    """A deployed pool in the state that a model says."""

    def __init__(self, chain: Chain, address: str) -> None:
        self.chain = chain
        self.address = address

    def swap(self, token_in: str, token_out: str, amount_in: int) -> int:
        """The trader swaps: what they receive, measured.

        Raises `ContractError` on a revert, and `NotTaken`.
        """
        before = [self.chain.balance(token) for token in (token_in, token_out)]
        self._swap(token_in, token_out, amount_in)
        after = [self.chain.balance(token) for token in (token_in, token_out)]
        if before[0] - after[0] != amount_in:
            raise NotTaken(before[0] - after[0])
        return after[1] - before[1]

    def quote(self, token_in: str, token_out: str, amount_in: int) -> int:
        """As `swap`, but taken back."""
        with undone(self.chain.evm):
            return self.swap(token_in, token_out, amount_in)

    @abstractmethod
    def _swap(self, token_in: str, token_out: str, amount_in: int) -> None:
        """As the pool's venue does it."""


def token_contract() -> Contract:
    return contract(f"{_V4}/MockERC20.sol/MockERC20.json")
