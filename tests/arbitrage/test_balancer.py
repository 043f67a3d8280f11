"""Balancer's weighted and stable pools, in its Vault, give what the models say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike.arbitrage import AmountRefused, Fault, Pool, PoolInvalid, StablePool, WeightedPool
from macrostrike.errors import ContractError

from .real import Chain, RealPool, Vault
from .states import ONE, PAIR, TOKENS, against_bytecode, amounts, magnitudes, stable, ways, weighted


def assert_out(pool: RealPool, model: Pool, way: tuple[str, str], amount_in: int) -> None:
    try:
        expected = model.amount_out(*way, amount_in)
    except AmountRefused:
        with pytest.raises(ContractError):
            pool.quote(*way, amount_in)
        return
    assert pool.quote(*way, amount_in) == expected


@against_bytecode
@given(data=st.data(), model=weighted())
def test_amounts_are_the_weighted_pools_to_the_unit(
    data: st.DataObject, model: WeightedPool
) -> None:
    pool = Vault(Chain()).weighted(model)
    for _ in range(4):
        way = data.draw(ways(model))
        # Up to somewhat more than the 30 % that are taken.
        maximum = max(model.balances[model.tokens.index(way[0])] * 4 // 10, 2)
        assert_out(pool, model, way, data.draw(magnitudes(1, maximum)))


@against_bytecode
@given(data=st.data(), drawn=stable())
def test_amounts_are_the_stable_pools_to_the_unit(
    data: st.DataObject, drawn: tuple[StablePool, tuple[int, ...]]
) -> None:
    model, decimals = drawn
    pool = Vault(Chain()).stable(model, decimals)
    for _ in range(4):
        way = data.draw(ways(model))
        maximum = model.balances[model.tokens.index(way[0])] * 2
        assert_out(pool, model, way, data.draw(magnitudes(1, maximum)))


def test_the_two_versions_of_equal_weights_differ_and_both_are_right() -> None:
    given_out = []
    for version in (1, 2):
        model = WeightedPool(
            id="weighted",
            tokens=PAIR,
            balances=(10**21, 10**24),
            weights=(ONE // 2, ONE // 2),
            decimals=(18, 18),
            fee=ONE // 1000,
            version=version,
        )
        assert_out(Vault(Chain()).weighted(model), model, PAIR, 10**18)
        given_out.append(model.amount_out(*PAIR, 10**18))
    assert given_out[0] != given_out[1]


def test_balances_that_no_invariant_is_found_for_are_refused() -> None:
    fields = (TOKENS[:4], (10**6, 10**6, 10**6, 28 * 10**6), (10**30,) * 4, 1000, 10**12, 1)
    with pytest.raises(PoolInvalid, match="have no invariant") as refused:
        StablePool("stable", *fields)
    assert refused.value.fault is Fault.PARAMETERS


def test_weights_that_are_not_one_are_refused() -> None:
    with pytest.raises(PoolInvalid, match="add up to 10\\^18") as refused:
        WeightedPool("lbp", PAIR, (1, 1), (ONE // 2, ONE // 2 + 1), (18, 18), 10**15)
    assert refused.value.fault is Fault.WEIGHTS


@given(amount_in=amounts())
def test_an_empty_pool_is_refused(amount_in: int) -> None:
    with pytest.raises(PoolInvalid, match="it is empty"):
        StablePool("stable", PAIR, (amount_in, 0), (ONE, ONE), 200_000, 10**15)
