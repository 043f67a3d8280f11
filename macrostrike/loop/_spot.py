"""What open strikes are worth at their pools' prices now."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from macrostrike.arbitrage.venues import VENUES, StrikeMarket
from macrostrike.chain import BoundContract

if TYPE_CHECKING:
    from macrostrike.client import MacroStrike


@dataclass(frozen=True, slots=True)
class _Pool:
    address: str
    market: StrikeMarket
    base_is_token0: bool


class Spot:
    """Prices of a diamond's markets, as their pools have them in the latest block.

    Before fees and impact. A market's pool never changes, so it is looked up once.
    """

    def __init__(self, client: MacroStrike) -> None:
        self._client = client
        self._pools: dict[int, _Pool] = {}

    def price(self, market: int) -> Decimal:
        """Raw quote for one raw base, for people and predictors."""
        quote, base = self.ratio(market)
        return Decimal(quote) / base

    def ratio(self, market: int) -> tuple[int, int]:
        """So much raw quote is as much worth as so much raw base. Raises `ChainError`."""
        pool = self._pool(market)
        answer = self._ask(pool.address, pool.market, pool.market.price)
        token0, token1 = pool.market.ratio(answer)
        return (token1, token0) if pool.base_is_token0 else (token0, token1)

    def fee_millionths(self, market: int) -> int:
        """What the market's pool takes of a swap, in millionths. Raises `ChainError`."""
        pool = self._pool(market)
        return int(
            self._ask(pool.address, pool.market, "fee")
            if pool.market.fee is None
            else pool.market.fee
        )

    def _pool(self, market: int) -> _Pool:
        if market not in self._pools:
            view = self._client.market(market)
            trades = VENUES[view.venue].market
            assert trades is not None  # or the contracts had not registered it
            token0 = self._ask(view.pool, trades, "token0")
            self._pools[market] = _Pool(view.pool, trades, token0 == view.base)
        return self._pools[market]

    def _ask(self, pool: str, market: StrikeMarket, function: str) -> Any:
        return BoundContract.of(self._client.transport, pool, market.contract).call(function)
