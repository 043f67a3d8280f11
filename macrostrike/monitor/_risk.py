"""What a stolen key could cost: SPECIFICATION.md, "Worst case of a stolen operator key"."""

from __future__ import annotations

from macrostrike.monitor.figures import Figures
from macrostrike.types import BPS, Action, OperatorGrant

_DAYS = 1
"""Until it is noticed and the key revoked."""


def stolen_key_loss(figures: Figures, grant: OperatorGrant) -> int:
    """The maximum that a thief takes within a day, raw quote, rounded up.

    By the price alone, where he does not move the oracle: on what he opens himself, on what is
    open, and as the only taker of what he leaves to be due.
    """
    chain = figures.chain
    if grant.valid_until <= chain.timestamp:
        return 0
    loss = 0.0
    if Action.STRIKE in grant.actions:
        rates = (
            (m.rules.max_deviation_bps + m.rules.exit_deviation_bps)
            / (BPS - m.rules.max_deviation_bps)
            for m in chain.markets
        )
        loss += max(rates, default=0.0) * grant.daily_budget * figures.records.unit * (1 + _DAYS)
    if Action.SETTLE in grant.actions:
        for each in chain.open_strikes:
            rules = chain.markets[each.strike.record.market].rules
            worth = each.oracle_quote or each.strike.notional
            loss += (rules.exit_deviation_bps + rules.discount_bps) / BPS * worth
    return -int(-loss // 1)
