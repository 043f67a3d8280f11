"""A Uniswap V2 pair grants what the model says, and not one unit more."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from macrostrike.arbitrage import AmountRefused, ConstantProductPool, Fault, PoolInvalid
from macrostrike.errors import ContractError

from .real import Chain, RealPair
from .states import PAIR, against_bytecode, amounts, constant_products, ways


@against_bytecode
@given(data=st.data(), model=constant_products(fees=(2500, 3000)))
def test_amounts_are_the_pairs_to_the_unit(data: st.DataObject, model: ConstantProductPool) -> None:
    token_in, token_out = data.draw(ways(model))
    amount_in = data.draw(amounts(model.reserves[model.tokens.index(token_in)]))
    pair = RealPair(Chain(), model)
    try:
        amount_out = model.amount_out(token_in, token_out, amount_in)
    except AmountRefused:
        with pytest.raises(ContractError):
            pair.ask(token_in, amount_in, 1)
        return
    if amount_out:
        assert pair.quote(token_in, token_out, amount_in) == amount_out
    with pytest.raises(ContractError):
        pair.ask(token_in, amount_in, amount_out + 1)


@given(data=st.data(), model=constant_products(fees=(0, 500, 2500, 3000, 10_000)))
def test_any_fee_is_the_maximum_that_the_product_allows(
    data: st.DataObject, model: ConstantProductPool
) -> None:
    token_in, token_out = data.draw(ways(model))
    amount_in = data.draw(amounts(10**30))
    into = model.tokens.index(token_in)
    reserve_in, reserve_out = model.reserves[into], model.reserves[1 - into]
    assume(reserve_in + amount_in < 1 << 112)
    amount_out = model.amount_out(token_in, token_out, amount_in)
    # In ten-thousandths, as PancakeSwap's pairs count it.
    paid = (reserve_in + amount_in) * 10_000 - amount_in * model.fee // 100

    def allowed(out: int) -> bool:
        return paid * (reserve_out - out) * 10_000 >= reserve_in * reserve_out * 10_000**2

    assert allowed(amount_out)
    assert not allowed(amount_out + 1)


def test_an_empty_pair_is_none() -> None:
    with pytest.raises(PoolInvalid, match="it is empty") as refused:
        ConstantProductPool("pair", PAIR, (0, 1))
    assert refused.value.fault is Fault.EMPTY
