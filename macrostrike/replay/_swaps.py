"""Minutes of a pool straight from a node: its swaps, as price and liquidity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal, localcontext

from eth_utils.crypto import keccak

from macrostrike._counts import counted
from macrostrike.chain import Log, Transport
from macrostrike.devchain import BASE_DECIMALS, QUOTE_DECIMALS
from macrostrike.errors import InvalidValue
from macrostrike.market import Bar, Market

_SWAP = keccak(text="Swap(address,address,int256,int256,uint160,uint128,int24)")
_TOKEN0, _TOKEN1, _DECIMALS = (
    keccak(text=signature)[:4] for signature in ("token0()", "token1()", "decimals()")
)
_WORD = 32
_MINUTE = 60
_Q96 = Decimal(2) ** 96


@dataclass(frozen=True, slots=True)
class _Pool:
    """How a pool's raw numbers become a market's."""

    base_is_token0: bool
    base_decimals: int
    quote_decimals: int

    def price(self, sqrt_price: int) -> Decimal:
        """Quote for one base, whole tokens."""
        with localcontext() as context:
            context.prec = 50
            ratio = (Decimal(sqrt_price) / _Q96) ** 2
            raw = ratio if self.base_is_token0 else 1 / ratio
            price = raw.scaleb(self.base_decimals - self.quote_decimals)
        return +price

    def liquidity(self, raw: int) -> int:
        """As a pool of the replay's own tokens has it: liquidity goes with the root of both raw
        amounts."""
        more = BASE_DECIMALS - self.base_decimals + QUOTE_DECIMALS - self.quote_decimals
        return int(raw * Decimal(10**more if more >= 0 else 1 / Decimal(10**-more)).sqrt())


def read_swaps(
    transport: Transport, pool: str, base: str, *, from_block: int, to_block: int
) -> Market:
    """The minutes of a Uniswap V3 pool from the swaps of these blocks, both included.

    base: which of its two tokens is traded; the other is the quote.

    A minute without a swap has no bar. Raises `InvalidValue` where the base is not of the pool or
    nothing was swapped, and what the node answers.
    """
    known = _pool(transport, pool, base)
    logs = transport.logs(pool, from_block, to_block, [_SWAP])
    blocks = transport.blocks(sorted({log.block_number for log in logs}))
    times = {block.number: block.timestamp for block in blocks}
    bars = tuple(_bars(known, ((times[log.block_number], log) for log in logs)))
    if not bars:
        span = f"{from_block} to {to_block}"
        raise InvalidValue("blocks", span, f"the pool {pool} swapped nothing there")
    first, last = (_time(bar) for bar in (bars[0], bars[-1]))
    source = f"{counted(len(logs), 'swap')} of the pool {pool}, from {first} to {last} UTC"
    minutes = (bars[-1].timestamp - bars[0].timestamp) // _MINUTE + 1
    notes = (f"{minutes - len(bars):,} of {minutes:,} minutes have no swap",)
    return Market(source, False, bars, notes if minutes > len(bars) else ())


def _pool(transport: Transport, pool: str, base: str) -> _Pool:
    tokens = [_address(transport.call(pool, selector)) for selector in (_TOKEN0, _TOKEN1)]
    wanted = int(base, 16)
    if wanted not in tokens:
        raise InvalidValue("base", base, f"the pool {pool} trades other tokens")
    decimals = [
        int.from_bytes(transport.call(f"0x{token:040x}", _DECIMALS), "big") for token in tokens
    ]
    at = tokens.index(wanted)
    return _Pool(at == 0, decimals[at], decimals[1 - at])


def _bars(pool: _Pool, swaps: Iterable[tuple[int, Log]]) -> Iterator[Bar]:
    """One a minute, from its first swap's price to its last one's."""
    bar: Bar | None = None
    for at, log in swaps:
        price, liquidity = pool.price(_word(log, 2)), pool.liquidity(_word(log, 3))
        minute = at // _MINUTE * _MINUTE
        if bar is not None and bar.timestamp == minute:
            high, low = max(bar.high, price), min(bar.low, price)
            bar = Bar(minute, bar.open, high, low, price, None, liquidity)
            continue
        if bar is not None:
            yield bar
        bar = Bar(minute, price, price, price, price, None, liquidity)
    if bar is not None:
        yield bar


def _word(log: Log, place: int) -> int:
    return int.from_bytes(log.data[place * _WORD : (place + 1) * _WORD], "big")


def _address(answer: bytes) -> int:
    return int.from_bytes(answer[-20:], "big")


def _time(bar: Bar) -> str:
    return f"{datetime.fromtimestamp(bar.timestamp, timezone.utc):%Y-%m-%d %H:%M}"
