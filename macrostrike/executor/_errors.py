"""What an executor refuses, and what it tells of a transaction that will never be mined."""

from __future__ import annotations

from macrostrike.errors import MacroStrikeError
from macrostrike.types import NONCE_WINDOW


class ExecutorError(MacroStrikeError):
    """The executor did not send, or what it sent was taken back."""


class FeeAboveCeiling(ExecutorError):
    """Gas costs more than may be paid. Nothing was sent. Both are wei for a unit of gas, over which
    what is paid for data on the chain below is spread.
    """

    def __init__(self, needed: int, ceiling: int) -> None:
        super().__init__(
            f"gas costs {needed / 10**9:g} gwei, and {ceiling / 10**9:g} may be paid: wait, or "
            "raise the executor's max_fee_per_gas."
        )
        self.needed = needed
        self.ceiling = ceiling


class NonceJump(ExecutorError):
    """A prediction is so far ahead that it would end others of its engine, which wait or are on
    their way. Nothing was sent: send it again when they are decided.
    """

    def __init__(self, engine: str, nonce: int, waiting: int) -> None:
        super().__init__(
            f"nonce {nonce} of engine {engine} is {nonce - waiting} ahead of {waiting}, which is "
            f"not decided yet and would be too old once it is used: at most {NONCE_WINDOW - 1}."
        )
        self.engine = engine
        self.nonce = nonce
        self.waiting = waiting


class TransactionCancelled(ExecutorError):
    """Another transaction of the executor's was mined with the same nonce, to take this one back.

    `transaction_hash` will never be mined; `cancelled_by` was.
    """

    def __init__(self, transaction_hash: bytes, cancelled_by: bytes) -> None:
        super().__init__(
            f"transaction 0x{transaction_hash.hex()} was cancelled by 0x{cancelled_by.hex()}, "
            "which has its nonce: it will never be mined."
        )
        self.transaction_hash = transaction_hash
        self.cancelled_by = cancelled_by
