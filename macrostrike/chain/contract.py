"""A contract on a chain: the one way in which view functions are asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from macrostrike.abi import Abi, diamond_abi, interface
from macrostrike.chain.transport import Block, Receipt, Signer, Transport


@dataclass(frozen=True, slots=True)
class BoundContract:
    """An address, what can be asked there, and who answers.

    sender: in whose name it is asked, if in anyone's.
    block: the state that answers, the latest where it is None.
    """

    transport: Transport
    address: str
    abi: Abi
    sender: str | None = None
    block: int | Block | None = None

    @classmethod
    def of(cls, transport: Transport, address: str, *names: str) -> BoundContract:
        """A contract with interfaces of the project, such as those of outside contracts."""
        return cls(transport, address, interface(*names))

    @classmethod
    def diamond(cls, transport: Transport, address: str) -> BoundContract:
        """A diamond of this project, with all of its facets."""
        return cls(transport, address, diamond_abi())

    def pinned(self, block: int | Block) -> BoundContract:
        """This contract in the state of one block. A whole `Block` is meant by its hash."""
        return replace(self, block=block)

    def call(self, function: str, *args: Any) -> Any:
        """What a view function answers. Raises `AbiError` and `Reverted`."""
        if self.block is not None:
            return self.ask([(function, *args)])[0]
        data = self.abi.encode_call(function, *args)
        return self.abi.decode_result(
            function, self.transport.call(self.address, data, sender=self.sender)
        )

    def ask(self, questions: Iterable[tuple[Any, ...]]) -> list[Any]:
        """An answer to each function with its arguments, all of one block."""
        asked = [Asked(self.address, self.abi, function, args) for function, *args in questions]
        return ask_all(self.transport, asked, self.block)

    def send(
        self, signer: Signer, function: str, *args: Any, value: int = 0, gas: int | None = None
    ) -> Receipt:
        """A transaction of the signer, mined. Raises as `Transport.send` does."""
        data = self.abi.encode_call(function, *args)
        return self.transport.send(signer, self.address, data, value=value, gas=gas)


class Asked(NamedTuple):
    """A question to any contract."""

    to: str
    abi: Abi
    function: str
    args: Sequence[Any] = ()


def ask_all(
    transport: Transport, asked: Sequence[Asked], block: int | Block | None = None
) -> list[Any]:
    """An answer to each, all of one block, the latest by default. Raises as `call` does."""
    if not asked:
        return []
    calls = [(each.to, each.abi.encode_call(each.function, *each.args)) for each in asked]
    answers = transport.call_many(calls, block=block)
    return [
        each.abi.decode_result(each.function, answer)
        for each, answer in zip(asked, answers, strict=True)
    ]


def balances(
    transport: Transport, tokens: Iterable[str], holder: str, block: int | Block | None = None
) -> dict[str, int]:
    """What an account has of each ERC-20, raw units."""
    tokens = list(tokens)
    asked = [Asked(token, interface("IToken"), "balanceOf", (holder,)) for token in tokens]
    return dict(zip(tokens, ask_all(transport, asked, block), strict=True))
