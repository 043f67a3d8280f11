"""Takeovers with a pool's tokens: by a contract of the account's own, which pools call back."""

from __future__ import annotations

from macrostrike.build import FACET_SALT, PROXY, create2_address, ours
from macrostrike.chain import Purpose
from macrostrike.chain.transport import Receipt
from macrostrike.client import MacroStrike
from macrostrike.client._core import typed_errors
from macrostrike.errors import InvalidValue
from macrostrike.types import Pool, Venue

FLASH_GAS, CREATE_GAS = 420_000, 1_100_000
"""Of a takeover and of the contract, rounded up from what was measured."""


class FlashTaker:
    """The `FlashTaker` of an account: its address follows from the account alone.

    client: sends as its owner. Raises `InvalidValue` where it can't be created on the chain.
    """

    def __init__(self, client: MacroStrike) -> None:
        self._client = client
        contract = ours("FlashTaker")
        self._abi, self._creation = contract.abi, contract.create(str(client.address))
        self.address = create2_address(FACET_SALT, self._creation)
        self._is_there = False
        if not (self.is_there or client.transport.code(PROXY)):
            why = "the deterministic-deployment proxy is not on this chain"
            raise InvalidValue("flash", PROXY, why)

    @property
    def is_there(self) -> bool:
        """Whether the contract exists on chain."""
        self._is_there = self._is_there or bool(self._client.transport.code(self.address))
        return self._is_there

    def cost(self, gas_price: int) -> int:
        """Wei of its creation where that is still to be done."""
        if self.is_there:
            return 0
        data = self._client.transport.data_cost(PROXY, FACET_SALT + self._creation)
        return (CREATE_GAS + data.gas) * gas_price + data.fee

    def create(self) -> Receipt | None:
        """Creates the contract, if it is not there. Raises what the sender raises."""
        if self.is_there:
            return None
        return self._send(PROXY, FACET_SALT + self._creation, "createFlashTaker")

    def take(
        self, strike_id: int, *, is_long: bool, pool: Pool, tokens: tuple[str, str], min_profit: int
    ) -> tuple[Receipt, int]:
        """Takes a strike over; and the profit, in raw units of what the takeover costs.

        pool: of Uniswap V3 or V2. tokens: what it costs, and what it yields. Raises
        what the contract reverts with.
        """
        diamond = self._client.diamond
        is_v2 = pool.venue is Venue.UNISWAP_V2
        order = (diamond, strike_id, is_long, pool.pool, is_v2, pool.fee, *tokens, min_profit)
        data = self._abi.encode_call("take", order)
        receipt = self._send(self.address, data, "takeByFlash")
        own = (log for log in receipt.logs if log.address == self.address)
        (event,) = (self._abi.decode_event(log.topics, log.data) for log in own)
        assert event is not None, "it has one event"
        return receipt, int(event.args["profit"])

    def _send(self, to: str, data: bytes, action: str) -> Receipt:
        sender = self._client.sender
        assert sender is not None, "who takes sends"
        with typed_errors():
            return sender.submit(to, data, purpose=Purpose(action)).wait()
