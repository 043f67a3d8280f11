"""Searching among a diamond's pools, and the result of taking what was found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from macrostrike import arbitrage
from macrostrike.abi import Event
from macrostrike.chain.transport import Receipt
from macrostrike.client import _outcomes
from macrostrike.client._samples import arbitrage_data
from macrostrike.errors import InvalidValue
from macrostrike.types import ArbitrageExecuted, ArbitrageOrder, Pool

if TYPE_CHECKING:
    from macrostrike.arbitrage import Find
    from macrostrike.client._views import Views

VALID_FOR = 120
"""Seconds that an order is good for where its maker doesn't say."""

_PAGE = 200
_GAS_HEADROOM_PERCENT = 125  # of the estimate, as the state may change until the block


def registered(client: Views) -> tuple[Pool, ...]:
    """All pools, page by page."""
    pools: list[Pool] = []
    count = client.call("poolCount")
    while len(pools) < count:
        pools += client.call("getPools", len(pools), _PAGE)
    return tuple(pools)


def find(
    client: Views,
    *,
    max_hops: int,
    min_profit_wei: int,
    base_token: str | None,
    prices: Mapping[str, float] | None,
    pools: Sequence[arbitrage.Pool] | None,
    without: Collection[Find],
) -> list[Find]:
    """As `MacroStrike.search` says."""
    base = base_token or _wrapped_ether(client)
    known = registered(client)
    native = client.call("wrappedNative")
    ids = {arbitrage.pair_key(pool, native): pool.id for pool in known if pool.registered}
    block = client.transport.block_number()
    if pools is None:
        pools, _ = arbitrage.read_pools(client.transport, known, wrapped_native=native)
    gas_price = client.transport.gas_price()
    data_cost = client.transport.data_cost(client.diamond, arbitrage_data(max_hops)).wei(gas_price)
    stats = client.amm_stats()
    found = arbitrage.search(
        pools,
        gas_price_wei=gas_price,
        data_cost_wei=data_cost,
        base_token=base,
        max_hops=max_hops,
        min_profit=min_profit_wei,
        prices=prices,
        limits={each.token: each.max_amount_in for each in stats},
        capital={each.token: each.capital for each in stats},
        without=[each.opportunity.hops for each in without],
    )
    return [
        arbitrage.Find(
            opportunity=each,
            pools=tuple(
                ids[hop.pool, frozenset((hop.token_in, hop.token_out))] for hop in each.hops
            ),
            gas_price_wei=gas_price,
            data_cost_wei=data_cost,
            block_number=block,
        )
        for each in found
    ]


def order_of(
    client: Views, wanted: Find | ArbitrageOrder, confidence_bps: int | None
) -> ArbitrageOrder:
    """The order itself, or the one that takes a find."""
    if isinstance(wanted, ArbitrageOrder):
        return wanted
    if confidence_bps is None:
        raise InvalidValue("confidence_bps", None, "a find has none of its own: say how sure it is")
    deadline = client.transport.timestamp(pending=True) + VALID_FOR
    return wanted.order(confidence_bps=confidence_bps, deadline=deadline)


def gas_limit(client: Views, wanted: Find, data: bytes) -> int:
    """The gas that taking a find may use: the estimate with headroom, and no more than it earns
    over what is paid beside gas.

    Raises `GasOverProfit` where the estimate alone costs more.
    """
    estimate = client._estimate("executeArbitrage", data)
    gas_price = client.transport.gas_price()
    beside = client.transport.data_cost(client.diamond, data).fee
    left = wanted.profit_wei - beside
    if estimate * gas_price > left:
        raise arbitrage.GasOverProfit(estimate, gas_price, wanted.profit_wei, beside)
    headroom = estimate * _GAS_HEADROOM_PERCENT // 100
    return min(headroom, left // gas_price) if gas_price else headroom


def executed(event: Event, receipt: Receipt) -> ArbitrageExecuted:
    """What `ArbitrageExecuted` says."""
    return ArbitrageExecuted.from_args(event.args, mined=_outcomes.mined(receipt))


def _wrapped_ether(client: Views) -> str:
    if not client.call("marketCount"):
        raise InvalidValue("base_token", None, "there is no market to take it from: name it")
    return client.market(0).base
