"""The local venue: real Uniswap V3, at known addresses, with a price that can be moved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from eth_utils.crypto import keccak

from macrostrike.build import npm
from macrostrike.chain import LocalTransport, Receipt, RevmTransport
from macrostrike.deploy import DeployError, NotLocal, PriceOutOfReach
from macrostrike.devchain import FEE, Venues, deploy_venues, local_account, local_fixtures
from macrostrike.errors import NodeUnavailable

POOL = npm("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json").abi
SWAP = keccak(text="Swap(address,address,int256,int256,uint160,uint128,int24)")
SOMEBODY = "0x" + "ab" * 20


def ask_pool(venues: Venues, function: str, *args: Any) -> Any:
    data = POOL.encode_call(function, *args)
    answer = venues.transport.call(venues.fixtures.pool, data)
    return POOL.decode_result(function, answer)


@pytest.fixture(scope="module")
def _venues(_chain: LocalTransport) -> Venues:
    return deploy_venues(_chain)


@pytest.fixture
def venues(_venues: Venues, local_chain: LocalTransport) -> Venues:
    """As they were deployed, whatever the test before did."""
    return _venues


def test_the_fixtures_are_where_they_were_said_to_be(venues: Venues) -> None:
    at = venues.fixtures
    assert at == local_fixtures()
    for address in (at.factory, at.position_manager, at.router, at.quote, at.base, at.pool):
        assert venues.transport.code(address)


def test_a_second_call_finds_what_the_first_one_left(venues: Venues) -> None:
    venues.move_price(1700)
    nonce, block = venues.transport.nonce(venues.maker.address), venues.transport.block_number()
    again = deploy_venues(venues.transport, price=1500)
    assert again.fixtures == venues.fixtures
    assert round(again.price(), 6) == 1700
    assert venues.transport.nonce(venues.maker.address) == nonce
    assert venues.transport.block_number() == block


@pytest.mark.parametrize("price", ["1600", "1234.5678", "0.25", "250000"])
def test_the_pool_starts_at_the_price(price: str) -> None:
    venues = deploy_venues(RevmTransport(), price=price)
    assert abs(venues.price() / Decimal(price) - 1) < Decimal("1e-15")


def test_the_pool_holds_the_depth_on_either_side() -> None:
    venues = deploy_venues(RevmTransport(), price=2000, depth=5_000_000)
    quote = venues.balance(venues.fixtures.quote, venues.fixtures.pool)
    base = venues.balance(venues.fixtures.base, venues.fixtures.pool)
    assert abs(quote - 5_000_000 * 10**6) < 5_000 * 10**6
    assert abs(base - 2_500 * 10**18) < 3 * 10**18


def test_the_price_moves_by_one_real_swap(venues: Venues) -> None:
    for price in ("1612.5", "1500", "1", "1600"):
        receipt = venues.move_price(price)
        assert isinstance(receipt, Receipt)
        logs = [log for log in receipt.logs if log.address == venues.fixtures.pool]
        assert [log.topics[0] for log in logs] == [SWAP]
        assert abs(venues.price() / Decimal(price) - 1) < Decimal("1e-15")


def test_the_price_that_is_there_already_takes_no_swap(venues: Venues) -> None:
    venues.move_price(1650)
    assert venues.move_price(1650) is None


@pytest.mark.parametrize("price", ["0", "-5", "1e60", "1e-60"])
def test_a_price_that_no_pool_can_have_is_refused(venues: Venues, price: str) -> None:
    before = venues.sqrt_price()
    with pytest.raises(PriceOutOfReach):
        venues.move_price(price)
    assert venues.sqrt_price() == before


def test_a_price_beyond_the_makers_means_is_refused(venues: Venues) -> None:
    before = venues.sqrt_price()
    with pytest.raises(PriceOutOfReach, match="out of funds"):
        venues.move_price("1e30")
    assert venues.sqrt_price() == before


def test_the_pool_remembers_nine_minutes_from_the_start(venues: Venues) -> None:
    ticks, _ = ask_pool(venues, "observe", [540, 0])
    mean = Decimal("1.0001") ** ((ticks[1] - ticks[0]) // 540)
    price = mean if venues.base_is_token0 else 1 / mean
    assert abs(price.scaleb(12) - 1600) < 1
    assert ask_pool(venues, "fee") == FEE


def test_provide_returns_exactly_what_was_asked(venues: Venues) -> None:
    venues.provide(SOMEBODY, quote=123, base=10**25)
    assert venues.balance(venues.fixtures.quote, SOMEBODY) == 123
    assert venues.balance(venues.fixtures.base, SOMEBODY) == 10**25


@pytest.mark.parametrize("chain_id", [1, 10, 11155111])
def test_other_chains_than_local_ones_are_refused(chain_id: int) -> None:
    chain = RevmTransport(chain_id=chain_id)
    with pytest.raises(NotLocal, match=f"this is chain {chain_id}"):
        deploy_venues(chain)
    assert chain.nonce(local_account(19).address) == 0


def test_a_maker_who_did_something_else_is_refused() -> None:
    chain = RevmTransport()
    chain.send(local_account(19), SOMEBODY, b"")
    with pytest.raises(DeployError, match="start a fresh chain"):
        deploy_venues(chain)


class Mortal(RevmTransport):
    """A chain whose node dies before a transaction."""

    lives: int | None = None

    def send(self, *args: Any, **options: Any) -> Receipt:
        if self.lives == 0:
            raise NodeUnavailable("http://127.0.0.1", "it died")
        if self.lives is not None:
            self.lives -= 1
        return super().send(*args, **options)


def test_wherever_it_was_cut_short_it_goes_on_from_there() -> None:
    whole = deploy_venues(RevmTransport())
    total = whole.transport.nonce(whole.maker.address)
    for lives in range(total):
        chain = Mortal()
        chain.lives = lives
        with pytest.raises(NodeUnavailable):
            deploy_venues(chain)
        chain.lives = None
        resumed = deploy_venues(chain)
        assert resumed.fixtures == whole.fixtures
        assert chain.nonce(resumed.maker.address) == total
        assert resumed.sqrt_price() == whole.sqrt_price()
