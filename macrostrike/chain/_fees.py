"""What to offer for gas, on chains with and without a base fee."""

from __future__ import annotations

from typing import Any

from macrostrike.chain._answers import mapping, quantity
from macrostrike.chain._jsonrpc import JsonRpc, Question
from macrostrike.chain.transport import Fees
from macrostrike.errors import NodeError

_HEADROOM = 2  # of the base fee, which can rise by an eighth a block: good for five full blocks


def read_fees(rpc: JsonRpc, min_tip: int) -> Fees:
    """Of a node that may have no method for the tip, or a chain that may have no base fee.

    `min_tip` is as of `ChainSpec`.
    """
    base_fee = rpc.ask(Question("eth_getBlockByNumber", ("latest", False), _base_fee))
    if base_fee is None:
        return Fees(max_fee=_gas_price(rpc), priority=None)
    try:
        tip: int = rpc.ask(Question("eth_maxPriorityFeePerGas", (), quantity))
    except NodeError:
        # The gas price of such nodes is their tip on top of the base fee.
        tip = max(0, _gas_price(rpc) - base_fee)
    tip = max(tip, min_tip)
    return Fees(max_fee=_HEADROOM * base_fee + tip, priority=tip)


def _gas_price(rpc: JsonRpc) -> int:
    price: int = rpc.ask(Question("eth_gasPrice", (), quantity))
    return price


def _base_fee(block: Any, method: str) -> int | None:
    stated = mapping(block, method).get("baseFeePerGas")
    return None if stated is None else quantity(stated, method)
