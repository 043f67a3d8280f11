"""Arbitrages of one diamond: searching among its pools, and taking what was found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from macrostrike import arbitrage
from macrostrike.abi import diamond_abi
from macrostrike.client import _gates, _outcomes
from macrostrike.client._samples import arbitrage_data
from macrostrike.client._views import Views
from macrostrike.errors import InvalidValue
from macrostrike.reverts import decode_revert
from macrostrike.types import (
    ArbitrageExecuted,
    ArbitrageMissed,
    ArbitrageOrder,
    ArbitrageQuote,
    Pool,
)

if TYPE_CHECKING:
    from macrostrike.arbitrage import Find
    from macrostrike.arbitrage import Pool as ArbitragePool

_VALID_FOR = 120
"""Seconds that an order is good for where its maker doesn't say."""

_PAGE = 200
_SCORING_GAS = 60_000  # of an attempt over an execution, its own call and its score
_GAS_HEADROOM_PERCENT = 125  # of the estimate, as the state may change until the block


class Arbitrages(Views):
    """What can be done with the registered pools. See `MacroStrike`."""

    def pre_check_arbitrage(self, confidence_bps: int) -> None:
        """Raises what the chain would for any arbitrage of that confidence sent now.

        `NotOperator` and `ActionNotAllowed` for the account that sends, where there is one, and
        `ConfidenceTooLow`.
        """
        _gates.require_arbitrage(self, confidence_bps, self.address)

    def search(
        self,
        *,
        max_hops: int = 3,
        min_profit_wei: int = 0,
        base_token: str | None = None,
        prices: Mapping[str, float] | None = None,
        pools: Sequence[ArbitragePool] | None = None,
        without: Collection[Find] = (),
    ) -> list[Find]:
        """What the registered pools would give now: cycles that earn something, best first.

        max_hops: 2 or 3.
        min_profit_wei: what each has to earn more than, net of gas at the node's gas price.
        base_token: the wrapped ether, by default what the first market trades.
        prices: wei for a raw unit of other tokens; by default as the pools say.
        pools: their state, by default read from the chain now.
        without: finds whose cycles are left out, such as those that the chain refused.

        All can be had together: of those that share a pool, the best alone is there. Cycles begin
        with tokens that have a cap, and put in no more than that; of Balancer's pools alone, no
        more than the bots' capital either. See `macrostrike.arbitrage`.
        """
        base = base_token or self._wrapped_ether()
        known = self.pools()
        native = self.call("wrappedNative")
        ids = {arbitrage.pair_key(pool, native): pool.id for pool in known if pool.registered}
        block = self.transport.block_number()
        if pools is None:
            pools, _ = arbitrage.read_pools(self.transport, known, wrapped_native=native)
        gas_price = self.transport.gas_price()
        data_cost = self.transport.data_cost(self.diamond, arbitrage_data(max_hops)).wei(gas_price)
        stats = self.amm_stats()
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

    def order(self, find: Find, *, confidence_bps: int) -> ArbitrageOrder:
        """The order that takes a find in the next two minutes, as `arbitrage` sends it."""
        return self._order_of(find, confidence_bps)

    def quote_arbitrage(self, order: ArbitrageOrder) -> ArbitrageQuote:
        """What an order would do now, by the chain's own trial. No role or confidence is asked for.

        Raises what is wrong with the cycle itself: `UnknownPool`, `InvalidHops`, `PoolRepeated`,
        `TokenRepeated`, `TokenNotInPool`, `CycleNotClosed`.
        """
        return ArbitrageQuote(*self.call("quoteArbitrage", order))

    def arbitrage(
        self, wanted: Find | ArbitrageOrder, *, confidence_bps: int | None = None
    ) -> ArbitrageExecuted:
        """Takes a find, or executes an order, unless the chain would refuse it now.

        A find needs `confidence_bps`, the operator's probability of success. It is sized anew by
        the chain, up to its amount, and must pay for its gas: never more is spent on that than it
        earns, whatever its tokens and pools do.

        Raises the `GateError` of the gate that refuses, `NotProfitable` where the opportunity has
        gone, `GasOverProfit` where the node's estimate costs more, and then nothing is sent.
        """
        order = self._order_of(wanted, confidence_bps)
        data = diamond_abi().encode_call("executeArbitrage", order)
        gas = None if isinstance(wanted, ArbitrageOrder) else self._gas_limit(wanted, data)
        receipt = self._send("executeArbitrage", data, gas)
        args = self._event(receipt, "ArbitrageExecuted").args
        return ArbitrageExecuted.from_args(args, mined=_outcomes.mined(receipt))

    def attempt_arbitrage(
        self, wanted: Find | ArbitrageOrder, *, confidence_bps: int | None = None
    ) -> ArbitrageExecuted | ArbitrageMissed:
        """As `arbitrage`, but that the order is scored by its model and confidence, hit or miss.

        What the chain would refuse now is raised, and is not sent: a miss is what has gone between
        the question and the block.
        """
        order = self._order_of(wanted, confidence_bps)
        # The node's estimate would be that of a miss, which is cheaper and succeeds too.
        tried = diamond_abi().encode_call("executeArbitrage", order)
        estimate = self._estimate("executeArbitrage", tried) * 64 // 63 + _SCORING_GAS
        data = diamond_abi().encode_call("attemptArbitrage", order)
        gas = estimate * _GAS_HEADROOM_PERCENT // 100
        if not isinstance(wanted, ArbitrageOrder):
            gas = self._paid_by(wanted, data, estimate)
        receipt = self._send("attemptArbitrage", data, gas)
        scored, mined = self._event(receipt, "ArbitrageScored").args, _outcomes.mined(receipt)
        if not scored["hit"]:
            return ArbitrageMissed(decode_revert(scored["reason"]), mined)
        args = self._event(receipt, "ArbitrageExecuted").args
        return ArbitrageExecuted.from_args(args, mined=mined)

    def pools(self) -> tuple[Pool, ...]:
        """All pools that were ever registered for arbitrages, by id."""
        pools: list[Pool] = []
        count = self.call("poolCount")
        while len(pools) < count:
            pools += self.call("getPools", len(pools), _PAGE)
        return tuple(pools)

    def _order_of(
        self, wanted: Find | ArbitrageOrder, confidence_bps: int | None
    ) -> ArbitrageOrder:
        """The order itself, or the one that takes a find."""
        if isinstance(wanted, ArbitrageOrder):
            return wanted
        if confidence_bps is None:
            why = "a find has none of its own: say how sure it is"
            raise InvalidValue("confidence_bps", None, why)
        deadline = self.transport.timestamp(pending=True) + _VALID_FOR
        return wanted.order(confidence_bps=confidence_bps, deadline=deadline)

    def _gas_limit(self, wanted: Find, data: bytes) -> int:
        """The gas that taking a find may use: an estimate with headroom, at most what it earns.

        Raises `GasOverProfit` where the estimate alone costs more.
        """
        return self._paid_by(wanted, data, self._estimate("executeArbitrage", data))

    def _paid_by(self, wanted: Find, data: bytes, estimate: int) -> int:
        """An estimate with headroom, and no more than a find earns over what is paid beside gas."""
        gas_price = self.transport.gas_price()
        beside = self.transport.data_cost(self.diamond, data).fee
        left = wanted.profit_wei - beside
        if estimate * gas_price > left:
            raise arbitrage.GasOverProfit(estimate, gas_price, wanted.profit_wei, beside)
        headroom = estimate * _GAS_HEADROOM_PERCENT // 100
        return min(headroom, left // gas_price) if gas_price else headroom

    def _wrapped_ether(self) -> str:
        if not self.call("marketCount"):
            raise InvalidValue("base_token", None, "there is no market to take it from: name it")
        return self.market(0).base
