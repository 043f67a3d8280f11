"""Opportunities, executed: every pool rebuilt by its own functions, every hop a real swap."""

from __future__ import annotations

from collections.abc import Mapping

from macrostrike.arbitrage import Opportunity, Pool

from .real import Chain, Vault, rebuilt


def executed(
    found: Opportunity, pools: Mapping[str, Pool], decimals: Mapping[str, int]
) -> tuple[int, ...]:
    """What goes in and what comes out of each hop, measured: as `Opportunity.amounts`."""
    chain = Chain()
    vault = Vault(chain)
    models = [pools[hop.pool] for hop in found.hops]
    for token in {token for model in models for token in model.tokens}:
        chain.token(token, decimals.get(token, 18))
    real = [
        rebuilt(chain, vault, model, [decimals.get(token, 18) for token in model.tokens])
        for model in models
    ]
    before = chain.balance(found.token)
    amounts = [found.amount_in]
    for hop, pool in zip(found.hops, real, strict=True):
        amounts.append(pool.swap(hop.token_in, hop.token_out, amounts[-1]))
    assert chain.balance(found.token) - before == amounts[-1] - amounts[0]
    return tuple(amounts)
