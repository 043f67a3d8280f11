"""A second local venue: a real Uniswap V2 pair of the same dollar and ether.

As the first one's, all of it is sent by an account that does nothing else: step i has nonce i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.build import Contract, created_address, npm, ours
from macrostrike.chain import BoundContract, LocalTransport, Receipt
from macrostrike.devchain._accounts import local_account

"""Hundredths of a basis point, as all pairs of Uniswap V2 take."""

_KEEPER = 18
_KEEPERS_ETHER = 10**9 * 10**18
_GAS = 30_000_000
_KEPT = 997  # thousandths of what comes in
_QUOTE_DECIMALS, _BASE_DECIMALS = 6, 18


@dataclass(frozen=True, slots=True)
class Pair:
    """The pair, and swaps on it by somebody who has nothing to do with the diamond."""

    transport: LocalTransport
    address: str
    quote: str
    base: str

    def reserves(self) -> tuple[int, int]:
        """Quote and base, raw units."""
        pair = BoundContract(self.transport, self.address, _pair().abi)
        reserve0, reserve1, _ = pair.call("getReserves")
        base_is_token0 = int(self.base, 16) < int(self.quote, 16)
        return (reserve1, reserve0) if base_is_token0 else (reserve0, reserve1)

    def price(self) -> Decimal:
        """Quote for one base."""
        quote, base = self.reserves()
        return (Decimal(quote) / Decimal(base)).scaleb(_BASE_DECIMALS - _QUOTE_DECIMALS)

    def buy(self, quote_amount: int) -> Receipt:
        """Somebody pays so many raw units of quote into the pair, and takes the base."""
        return self._swap(self.quote, quote_amount, *self.reserves())

    def sell(self, base_amount: int) -> Receipt:
        """Somebody pays so many raw units of base into the pair, and takes the quote."""
        return self._swap(self.base, base_amount, *self.reserves()[::-1])

    def _swap(self, paid: str, amount: int, reserve_in: int, reserve_out: int) -> Receipt:
        bought = self.base if paid == self.quote else self.quote
        kept = amount * _KEPT
        amount_out = kept * reserve_out // (reserve_in * 1000 + kept)
        outs = (0, amount_out) if int(paid, 16) < int(bought, 16) else (amount_out, 0)
        for step in _payment(self, quote=amount) if paid == self.quote else _payment(self, amount):
            self._send(step)
        keeper = local_account(_KEEPER).address
        return self._send(_Step(self.address, _pair().abi.encode_call("swap", *outs, keeper, b"")))

    def _send(self, step: _Step) -> Receipt:
        keeper = local_account(_KEEPER)
        return self.transport.send(keeper, step.to, step.data, value=step.value, gas=_GAS)


@dataclass(frozen=True, slots=True)
class _Step:
    """One transaction of the keeper. `to` is None to create a contract."""

    to: str | None
    data: bytes
    value: int = 0


def pair_factory() -> str:
    """Where the factory is, or would be."""
    return created_address(local_account(_KEEPER).address, 0)


def pair_address(quote: str, base: str) -> str:
    """Where the factory puts the pair of two tokens."""
    tokens = sorted((base, quote), key=lambda token: int(token, 16))
    salt = keccak(b"".join(bytes.fromhex(token[2:]) for token in tokens))
    packed = b"\xff" + bytes.fromhex(pair_factory()[2:]) + salt + keccak(_pair().creation)
    return to_checksum_address(keccak(packed)[12:])


def deploy_pair(pair: Pair, price: Decimal, depth: Decimal) -> None:
    """The pair, deployed unless it is there already.

    `price` is quote for one base; `depth` is the quote in it, whole units, with as much worth of
    base beside it.
    """
    done, keeper = pair.transport.nonce(local_account(_KEEPER).address), local_account(_KEEPER)
    steps = _steps(pair, price, depth)
    if done >= len(steps):
        return
    pair.transport.set_balance(keeper.address, _KEEPERS_ETHER)
    for step in steps[done:]:
        pair._send(step)


def _steps(pair: Pair, price: Decimal, depth: Decimal) -> Sequence[_Step]:
    keeper = local_account(_KEEPER).address
    factory = npm("@uniswap/v2-core/build/UniswapV2Factory.json")
    quote, base = depth.scaleb(_QUOTE_DECIMALS), (depth / price).scaleb(_BASE_DECIMALS)
    return [
        _Step(None, factory.create(keeper)),
        _Step(pair_factory(), factory.abi.encode_call("createPair", pair.base, pair.quote)),
        *_payment(pair, int(base), int(quote)),
        _Step(pair.address, _pair().abi.encode_call("mint", keeper)),
    ]


def _payment(pair: Pair, base: int = 0, quote: int = 0) -> list[_Step]:
    """Dollars are minted, ether is wrapped."""
    weth = npm("@uniswap/v2-periphery/build/WETH9.json").abi
    steps = []
    if base:
        steps.append(_Step(pair.base, weth.encode_call("deposit"), base))
        steps.append(_Step(pair.base, weth.encode_call("transfer", pair.address, base)))
    if quote:
        mint = ours("LocalUSD").abi.encode_call("mint", pair.address, quote)
        steps.append(_Step(pair.quote, mint))
    return steps


def _pair() -> Contract:
    return npm("@uniswap/v2-core/build/UniswapV2Pair.json")
