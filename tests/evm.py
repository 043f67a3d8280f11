"""The one way in which tests make and call contracts, in this process or on anvil."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyrevm

from macrostrike.abi import Abi
from macrostrike.build import Contract
from macrostrike.chain import (
    AnvilTransport,
    BoundContract,
    LocalTransport,
    Receipt,
    Reverted,
    RevmTransport,
    Signer,
)
from macrostrike.reverts import decode_revert

ZERO = "0x" + "00" * 20
FOREVER = (1 << 256) - 1
GAS = 30_000_000  # a block's worth


@contextmanager
def typed_errors() -> Iterator[None]:
    """What a contract reverts with comes out as the error of that name."""
    try:
        yield
    except Reverted as reverted:
        raise decode_revert(reverted.data, reverted.reason) from None


@contextmanager
def undone(chain: LocalTransport) -> Iterator[None]:
    """What happens within is taken back, a change of the clock's pace too."""
    snapshot, block_time = chain.snapshot(), chain.block_time
    try:
        yield
    finally:
        chain.block_time = block_time
        chain.revert(snapshot)


@contextmanager
def calmed(node: AnvilTransport) -> Iterator[None]:
    """As `undone`, for a node whose pool of transactions is played with."""
    with undone(node):
        yield
        node.request("evm_setAutomine", True)
        node.request("anvil_dropAllTransactions")
    node.request("anvil_setNextBlockBaseFeePerGas", hex(10**9))  # no snapshot has it


@dataclass(frozen=True)
class Sender:
    """An account that sends: the chain in this process asks for no signature."""

    address: str

    def sign_transaction(self, transaction_dict: Any) -> Any:
        raise NotImplementedError("the in-process chain takes calls, not signed bytes")


class Caller:
    """Somebody with a key, who makes contracts and calls them. Refusals are typed errors.

    hears: gets every receipt.
    gas: of each transaction. With None what would be refused is not sent, so that no block is made.
    """

    gas: int | None = None

    def __init__(
        self,
        chain: LocalTransport,
        key: Signer,
        hears: Callable[[Receipt], None] = lambda receipt: None,
    ) -> None:
        self.chain, self.key, self.hears = chain, key, hears

    @property
    def address(self) -> str:
        return str(self.key.address)

    def send(self, to: str | None, data: bytes, value: int = 0) -> Receipt:
        with typed_errors():
            receipt = self.chain.send(self.key, to, data, value=value, gas=self.gas)
        self.hears(receipt)
        return receipt

    def create(self, code: bytes) -> str:
        """Where the contract is that this code creates."""
        return str(self.send(None, code).contract_address)

    def deploy(self, contract: Contract, *args: object) -> str:
        """Where the new contract is."""
        return self.create(contract.create(*args))

    def tell(
        self, what: Contract | Abi, at: str, function: str, *args: Any, value: int = 0
    ) -> Receipt:
        """A transaction."""
        return self.send(at, abi_of(what).encode_call(function, *args), value)

    def ask(self, what: Contract | Abi, at: str, function: str, *args: Any) -> Any:
        """What a function would answer this caller now."""
        with typed_errors():
            bound = BoundContract(self.chain, at, abi_of(what), sender=self.address)
            return bound.call(function, *args)

    def get(self, what: Contract | Abi, at: str, function: str, *args: Any) -> Any:
        """What a function answers, which then is called for good."""
        answer = self.ask(what, at, function, *args)
        self.tell(what, at, function, *args)
        return answer


class Payer(Caller):
    """One who asks for no estimate before sending."""

    gas = GAS


def abi_of(what: Contract | Abi) -> Abi:
    return what.abi if isinstance(what, Contract) else what


def put_code(chain: LocalTransport, address: str, code: bytes) -> None:
    """A contract without a deployment, until what was before is reverted to."""
    revm = _met(chain, address)
    evm, before = revm._evm, revm._evm.basic(address)
    evm.insert_account_info(address, pyrevm.AccountInfo(nonce=1, code=code))
    revm._take_back(address, lambda: evm.insert_account_info(address, before))


def put_word(chain: LocalTransport, address: str, slot: int, value: int) -> None:
    """A word of a contract's storage that it did not write itself, as long as `put_code`."""
    revm = _met(chain, address)
    evm, before = revm._evm, revm._evm.storage(address, slot)

    def undo() -> None:
        # Another value is what the contract itself had written before: revm has reverted to it.
        if evm.storage(address, slot) == value:
            evm.insert_account_storage(address, slot, before)

    evm.insert_account_storage(address, slot, value)
    revm._take_back(address, undo)


def _met(chain: LocalTransport, address: str) -> RevmTransport:
    """What is put into an account that revm does not know yet, no revert takes back."""
    assert isinstance(chain, RevmTransport)
    chain.balance(address)
    return chain
