"""What to offer for gas, on chains with and without a base fee; and all that a sender must ask."""

from __future__ import annotations

from typing import Any

from macrostrike.chain._answers import mapping, quantity
from macrostrike.chain._jsonrpc import JsonRpc, Question
from macrostrike.chain.transport import Fees
from macrostrike.errors import NodeError, NodeUnavailable, Reverted

_HEADROOM = 2  # of the base fee, which can rise by an eighth a block: good for five full blocks


class Offers:
    """What a node says of fees. `min_tip` is as of `ChainSpec`."""

    def __init__(self, rpc: JsonRpc, min_tip: int) -> None:
        self._rpc = rpc
        self._min_tip = min_tip
        self._is_usual = True

    def fees(self) -> Fees:
        """Of a node that may have no method for the tip, or a chain that may have no base fee."""
        fees, _ = self.together_with([])
        return fees

    def together_with(self, questions: list[Question]) -> tuple[Fees, list[Any]]:
        """The fees, and the answers to other questions, in one request where the node can.

        Raises `Reverted` where an estimate among them does.
        """
        if self._is_usual:
            try:
                base_fee, tip, *others = self._rpc.ask_together(
                    [_BASE_FEE, _TIP, *questions], patience=0.0
                )
            except Reverted:
                raise
            except (NodeError, NodeUnavailable):
                pass  # each is asked by itself, and again where that may help
            else:
                if base_fee is not None:
                    return self._offered(base_fee, tip), others
                self._is_usual = False
        return self._asked_by_itself(), [self._rpc.ask(question) for question in questions]

    def _asked_by_itself(self) -> Fees:
        base_fee = self._rpc.ask(_BASE_FEE)
        if base_fee is None:
            return Fees(max_fee=self._gas_price(), priority=None)
        try:
            tip: int = self._rpc.ask(_TIP)
        except NodeError:
            # The gas price of such nodes is their tip on top of the base fee.
            tip = max(0, self._gas_price() - base_fee)
        return self._offered(base_fee, tip)

    def _offered(self, base_fee: int, tip: int) -> Fees:
        tip = max(tip, self._min_tip)
        return Fees(max_fee=_HEADROOM * base_fee + tip, priority=tip)

    def _gas_price(self) -> int:
        price: int = self._rpc.ask(Question("eth_gasPrice", (), quantity))
        return price


def _base_fee(block: Any, method: str) -> int | None:
    stated = mapping(block, method).get("baseFeePerGas")
    return None if stated is None else quantity(stated, method)


_BASE_FEE = Question("eth_getBlockByNumber", ("latest", False), _base_fee)
_TIP = Question("eth_maxPriorityFeePerGas", (), quantity)
