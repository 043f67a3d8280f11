"""How an executor sends."""

from __future__ import annotations

from dataclasses import dataclass

GWEI = 10**9


@dataclass(frozen=True, slots=True)
class Settings:
    """How an executor sends.

    gas_headroom_percent: the gas limit, of the estimate, as the state may change until the block.
    max_fee_per_gas: maximum wei for a unit of gas, with what is paid for data on a chain below;
        None for no maximum.
    mined_within: seconds that `wait` waits for a receipt.
    resend_after: seconds without a receipt after which the same signed bytes are sent again, as
        nodes forget transactions.
    replace_after: seconds without a receipt after which it is signed again with higher fees, or
        cancelled where its prediction has expired; None for never.
    max_per_second: transactions that are signed in a second in the long run, and in one go after a
        pause of a second; more wait. None for any number.
    confirmations: blocks, the first included, after which a transaction is believed to stay mined;
        None for the transport's, which are the chain's by default.
    """

    gas_headroom_percent: int = 125
    max_fee_per_gas: int | None = 200 * GWEI
    mined_within: float = 120.0
    resend_after: float = 15.0
    replace_after: float | None = 60.0
    max_per_second: int | None = 50
    confirmations: int | None = None
