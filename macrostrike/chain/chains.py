"""Chains as data: what of one differs from others, a row a chain.

A chain without a row has the cautious default: a block stays when the node calls it finalized, a
transaction counts with its second block, and nothing is paid beside gas.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

GWEI = 10**9
LOCAL_CHAINS = frozenset({1337, 31337})
"""Ids that development nodes use: chains of one's own, never one with value on it."""


class DataFee(Enum):
    """How a transaction pays for its data on the chain below."""

    NONE = "not"
    OP_STACK = "in wei beside its gas, as the GasPriceOracle says"
    ARBITRUM = "in gas, of which an estimate has it already"


@dataclass(frozen=True, slots=True)
class ChainSpec:
    """One chain.

    confirmations: blocks, the first included, after which a transaction is acted upon.
    finality: the tag of the latest block that is never replaced.
    data_fee: what is paid for a transaction's data on the chain below.
    first_look: seconds between the first two looks for a receipt; later ones are further apart.
    min_tip: wei for a unit of gas, under which validators leave a transaction out.
    """

    name: str
    confirmations: int = 2
    finality: str = "finalized"
    data_fee: DataFee = DataFee.NONE
    first_look: float = 0.1
    min_tip: int = 0


def spec_of(chain_id: int) -> ChainSpec:
    """What is known of a chain."""
    return _LOCAL if chain_id in LOCAL_CHAINS else _CHAINS.get(chain_id, _OTHER)


def _op_stack(name: str) -> ChainSpec:
    # One sequencer orders it: its blocks are replaced where the chain below is, or the sequencer
    # fails.
    return ChainSpec(name, confirmations=1, data_fee=DataFee.OP_STACK)


def _arbitrum(name: str) -> ChainSpec:
    return ChainSpec(name, confirmations=1, data_fee=DataFee.ARBITRUM, first_look=0.02)


_OTHER = ChainSpec("another chain")
_LOCAL = ChainSpec("local", confirmations=1, finality="latest", first_look=0.001)
_CHAINS = {
    1: ChainSpec("ethereum"),
    10: _op_stack("optimism"),
    56: ChainSpec("bnb", confirmations=3),
    100: ChainSpec("gnosis"),
    130: _op_stack("unichain"),
    137: ChainSpec("polygon", confirmations=5, min_tip=25 * GWEI),
    480: _op_stack("world chain"),
    8453: _op_stack("base"),
    34443: _op_stack("mode"),
    42161: _arbitrum("arbitrum"),
    43114: ChainSpec("avalanche", confirmations=1),
    57073: _op_stack("ink"),
    84532: _op_stack("base sepolia"),
    421614: _arbitrum("arbitrum sepolia"),
    7777777: _op_stack("zora"),
    11155111: ChainSpec("sepolia"),
    11155420: _op_stack("optimism sepolia"),
}
