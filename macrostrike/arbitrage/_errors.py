"""What goes wrong when searching."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from macrostrike.errors import MacroStrikeError


class Fault(Enum):
    """Why a pool is better left out."""

    EMPTY = "it is empty"
    VENUE = "its venue is not modelled"
    PAUSED = "it is paused"
    WEIGHTS = "its weights are not a weighted pool's"
    TICKS = "its ticks, price and liquidity are not of one moment"
    PARAMETERS = "it has parameters that no pool can have"
    DUST = "it could not pay for its own gas"
    UNPRICED = "the worth of its tokens is unknown"
    MISPRICED = "it pays more than anyone would"


@dataclass(frozen=True, slots=True)
class Excluded:
    """A pool that was left out, and why."""

    pool: str
    fault: Fault
    detail: str


class ArbitrageError(MacroStrikeError):
    """The root of what the search raises on purpose."""


class AmountRefused(ArbitrageError):
    """A pool would not trade this amount."""

    def __init__(self, pool: str, amount_in: int, reason: str) -> None:
        super().__init__(f"pool {pool} does not take {amount_in}: {reason}")
        self.pool = pool
        self.amount_in = amount_in
        self.reason = reason


class TokenNotInPool(ArbitrageError):
    """A pool was asked for a token that it does not trade."""

    def __init__(self, pool: str, token_in: str, token_out: str) -> None:
        super().__init__(f"pool {pool} does not trade {token_in} for {token_out}.")
        self.pool = pool
        self.token_in = token_in
        self.token_out = token_out


class PoolInvalid(ArbitrageError):
    """No pool can have the state that was given."""

    def __init__(self, pool: str, fault: Fault, detail: str) -> None:
        super().__init__(f"pool {pool} can't be, as {fault.value}: {detail}")
        self.pool = pool
        self.fault = fault
        self.detail = detail


class GasOverProfit(ArbitrageError):
    """Executing a find would cost more gas than it earns. `data_fee`: wei paid beside gas."""

    def __init__(self, gas: int, gas_price: int, profit_wei: int, data_fee: int = 0) -> None:
        data = f", its data {data_fee} wei" if data_fee else ""
        super().__init__(
            f"{gas} gas at {gas_price} wei costs {gas * gas_price} wei{data}, and the find earns "
            f"{profit_wei}: it is left"
        )
        self.gas = gas
        self.gas_price = gas_price
        self.profit_wei = profit_wei
        self.data_fee = data_fee


class SnapshotInvalid(ArbitrageError):
    """A file of pool states can't be read."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
