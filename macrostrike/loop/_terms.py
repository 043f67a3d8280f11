"""What taking a strike over comes to: its price, what a pool pays for it, and gas."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.chain import DataCost
from macrostrike.chain.transport import Block
from macrostrike.client import MacroStrike
from macrostrike.client._samples import strike_data
from macrostrike.errors import InvalidValue
from macrostrike.loop._resale import Place, Resale
from macrostrike.loop._spot import Spot
from macrostrike.types import BPS, ZERO_ADDRESS, Pool, Strike

_TRANSACTIONS = 3  # the mark, the allowance, and the take


@dataclass(frozen=True, slots=True)
class Terms:
    """What taking a strike over comes to now, raw units of `token`, which is what is paid.

    pays, gets: as of `quote_take`. back: what `pool`, or else the market's, pays for what is got.
    gas: what the transactions cost, at the node's price.
    limit: the limit of the taker's transaction, at which nothing is left of the profit. With a
        pool's tokens it is what must be left of them.
    pool: whose tokens are paid with; None where they are the taker's own, or no pool has them.
    """

    token: str
    pays: int
    gets: int
    back: int
    gas: int
    limit: int
    pool: Pool | None = None

    @property
    def profit(self) -> int:
        """After the pool's fee and impact, and after gas."""
        return self.back - self.pays - self.gas

    @property
    def cost(self) -> str:
        """For people."""
        whose = "" if self.pool is None else f" of {self.pool.pool}"
        return f"{self.pays} raw units of {self.token}{whose}"


@dataclass(frozen=True, slots=True)
class Now:
    """One moment: the client on the state of one block, and what gas costs, and a transaction's
    data on a chain below, in wei. create: what is still to be created costs."""

    client: MacroStrike
    block: Block
    gas_price: int
    data: int
    create: int = 0


class Appraisal:
    """What takeovers on a diamond's markets come to.

    native: the wrapped ether, see `Taker`. borrows: whether a pool's tokens pay.
    """

    def __init__(
        self, client: MacroStrike, *, min_profit_bps: int, native: str | None, borrows: bool
    ) -> None:
        self._client, self._min_profit_bps, self._borrows = client, min_profit_bps, borrows
        self._resale, self._spot = Resale(client), Spot(client)
        self._native_market = _native_market(client, native)

    def offers(self, now: Now, strike: Strike, pays: int, gets: int, gas: int) -> list[Terms]:
        """The best first, and at least one; more where there is a choice of pools to borrow of."""
        market, is_long = strike.record.market, strike.signal.is_long
        place = self._resale.place(market, now.block)
        token = place.quote if is_long else place.base
        wei = gas * now.gas_price + _TRANSACTIONS * now.data + now.create
        cost = self.in_token(wei, market, is_quote=is_long)
        margin = pays * self._min_profit_bps // BPS
        if self._borrows:
            keeps = cost + margin
            found = [
                Terms(token, pays, gets, lender.amount_back(token, gets), cost, keeps, lender.pool)
                for lender in self._resale.lenders(market, now.block)
            ]
            found.sort(key=lambda each: each.back, reverse=True)
            return found or [Terms(token, pays, gets, 0, cost, keeps)]
        back = place.amount_back(token, gets)
        keeps = back - cost - margin
        # Of less quote, a short is given no less back for a unit of it.
        min_quote = -(-gets * (pays + back - keeps) // back) if back else gets
        limit = max(keeps, 0) if is_long else min_quote
        return [Terms(token, pays, gets, back, cost, limit)]

    def pay(self, terms: Terms) -> bool:
        """Whether they leave what they have to."""
        return terms.profit * BPS > terms.pays * self._min_profit_bps

    def place(self, market: int) -> Place:
        """A market's pool as it is now. Raises `ChainError`."""
        return self._resale.place(market, self._client.transport.block())

    def in_token(self, wei: int, market: int, *, is_quote: bool) -> int:
        """Wei as raw units of a market's quote or base, by the pools' prices, rounded up."""
        quote, ether = self._spot.ratio(self._native_market)
        if is_quote:
            return -(-wei * quote // ether)
        if market == self._native_market:
            return wei
        per_quote, base = self._spot.ratio(market)
        return -(-wei * quote * base // (ether * per_quote))

    def data_cost(self) -> DataCost:
        """Of one transaction: none that a taker sends has more data than a strike."""
        return self._client.transport.data_cost(self._client.diamond, strike_data())

    def spent(self, gas: int) -> int:
        """Wei of a transaction that was mined."""
        return gas * self._client.transport.gas_price() + self.data_cost().fee


def _native_market(client: MacroStrike, native: str | None) -> int:
    """The first market that trades the wrapped ether."""
    markets = client.markets()
    if native is None:
        known = str(client.call("wrappedNative"))
        native = markets[0].base if known == ZERO_ADDRESS and markets else known
    for number, market in enumerate(markets):
        if market.base == native:
            return number
    raise InvalidValue("native", native, "no market of the diamond trades it: gas has no price")
