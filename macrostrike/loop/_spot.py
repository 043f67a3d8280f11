"""What open strikes are worth at their pools' prices now."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from macrostrike.arbitrage import pool_of, strike_market
from macrostrike.arbitrage.venues import Ask, StrikeMarket
from macrostrike.chain import BoundContract
from macrostrike.types import Pool

if TYPE_CHECKING:
    from macrostrike.client import MacroStrike


class _Place(NamedTuple):
    pool: Pool
    market: StrikeMarket
    ask: Ask
    base_is_token0: bool


class Spot:
    """Prices of a diamond's markets, as their pools have them in the latest block.

    Before fees and impact. A market's pool never changes, so it is looked up once.
    """

    def __init__(self, client: MacroStrike) -> None:
        self._client = client
        self._places: dict[int, _Place] = {}

    def price(self, market: int) -> Decimal:
        """Raw quote for one raw base, for people and predictors."""
        quote, base = self.ratio(market)
        return Decimal(quote) / base

    def ratio(self, market: int) -> tuple[int, int]:
        """So much raw quote is as much worth as so much raw base. Raises `ChainError`."""
        at = self._place(market)
        token0, token1 = at.market.ratio(at.ask, at.pool)
        return (token1, token0) if at.base_is_token0 else (token0, token1)

    def fee_millionths(self, market: int) -> int:
        """What the market's pool takes of a swap, in millionths. Raises `ChainError`."""
        at = self._place(market)
        return at.market.fee(at.ask, at.pool)

    def _place(self, market: int) -> _Place:
        if market not in self._places:
            view = self._client.market(market)
            pool = pool_of(self._client.transport, view, self._client.treasury().quote)
            trades = strike_market(view.venue)
            contract = BoundContract.of(self._client.transport, view.pool, trades.contract)
            self._places[market] = _Place(pool, trades, contract.call, pool.token0 == view.base)
        return self._places[market]
