"""A second local venue: a real Uniswap V2 pair of the same dollar and ether, and arbitrage set up.

Its factory is created by an account that does nothing else, so that both addresses are known
beforehand and a second call finds what the first one left.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.abi import diamond_abi
from macrostrike.chain import Receipt
from macrostrike.deploy._accounts import local_account
from macrostrike.deploy._contracts import Contract, created_address, npm
from macrostrike.deploy.local import World
from macrostrike.deploy.venues import BASE_DECIMALS, FEE, QUOTE_DECIMALS, Venues, require_local
from macrostrike.types import Action, PoolConfig, TokenCap, Venue

PAIR_FEE = 3000
"""Hundredths of a basis point, as all pairs of Uniswap V2 take."""

_DEPLOYER = 18
_GAS = 30_000_000
_ETHER = 10**18
_KEPT = 997  # thousandths of what comes in


@dataclass(frozen=True, slots=True)
class Pair:
    """The pair, kept by the market maker of `venues`."""

    venues: Venues
    factory: str
    address: str

    def reserves(self) -> tuple[int, int]:
        """Quote and base, raw units."""
        reserve0, reserve1, _ = _ask(self.venues, self.address, _pair(), "getReserves")
        held = (int(reserve0), int(reserve1))
        return held[::-1] if self.venues.base_is_token0 else held

    def price(self) -> Decimal:
        """Quote for one base."""
        quote, base = self.reserves()
        return (Decimal(quote) / Decimal(base)).scaleb(BASE_DECIMALS - QUOTE_DECIMALS)

    def buy(self, quote_amount: int) -> Receipt:
        """The maker pays so many raw units of quote into the pair, and takes the base."""
        return self._swap(quote_amount, buys_base=True)

    def sell(self, base_amount: int) -> Receipt:
        """The maker pays so many raw units of base into the pair, and takes the quote."""
        return self._swap(base_amount, buys_base=False)

    def _swap(self, amount: int, *, buys_base: bool) -> Receipt:
        at, quote_and_base = self.venues.fixtures, self.reserves()
        held_in, held_out = quote_and_base if buys_base else quote_and_base[::-1]
        kept = amount * _KEPT
        out = kept * held_out // (held_in * 1000 + kept)
        _send(
            self.venues,
            at.quote if buys_base else at.base,
            _pair().abi,
            "transfer",
            self.address,
            amount,
        )
        outs = (out, 0) if buys_base == self.venues.base_is_token0 else (0, out)
        to = self.venues.maker.address
        return _send(self.venues, self.address, _pair().abi, "swap", *outs, to, b"")


def deploy_pair(venues: Venues, *, depth: Decimal | int | str = 5_000_000) -> Pair:
    """The pair, deployed unless it is there already, at the price of the local venue's pool.

    `depth` is the quote in it, in whole units, with as much worth of base beside it. Raises
    `NotLocal`.
    """
    transport, at = venues.transport, venues.fixtures
    require_local(transport, "a pair made of fixtures")
    deployer = local_account(_DEPLOYER)
    pair = local_pair(venues)
    if not transport.code(pair.factory):
        transport.set_balance(deployer.address, _ETHER)
        transport.send(deployer, None, _factory().create(deployer.address), gas=_GAS)
    if transport.code(pair.address):
        return pair
    _send(venues, pair.factory, _factory().abi, "createPair", at.base, at.quote)
    depth = Decimal(depth)
    for token, amount in (
        (at.quote, int(depth.scaleb(QUOTE_DECIMALS))),
        (at.base, int((depth / venues.price()).scaleb(BASE_DECIMALS))),
    ):
        _send(venues, token, _pair().abi, "transfer", pair.address, amount)
    _send(venues, pair.address, _pair().abi, "mint", venues.maker.address)
    return pair


def local_pair(venues: Venues) -> Pair:
    """Where the pair is, or would be."""
    factory = created_address(local_account(_DEPLOYER).address, 0)
    at = venues.fixtures
    tokens = sorted((at.base, at.quote), key=lambda token: int(token, 16))
    salt = keccak(b"".join(bytes.fromhex(token[2:]) for token in tokens))
    packed = b"\xff" + bytes.fromhex(factory[2:]) + salt + keccak(_pair().creation)
    return Pair(venues, factory, to_checksum_address(keccak(packed)[12:]))


def register_pools(world: World, pair: Pair, caps: dict[str, int]) -> None:
    """The owner lets the AMM bots trade between the pair and the local venue's pool.

    `caps`: what one arbitrage may put in, raw units by token. The operator may arbitrage from then
    on, besides what it may already. Does nothing where the bots are initialised.
    """
    abi, diamond, at = diamond_abi(), world.diamond, world.venues.fixtures

    def ask(function: str, *args: object) -> Any:
        return abi.decode_result(
            function, world.transport.call(diamond, abi.encode_call(function, *args))
        )

    if ask("poolCount"):
        return
    valid_until, actions, daily_budget, _ = ask("getOperator", world.operator.address)
    configs = [
        PoolConfig(factory=at.factory, pool=at.pool, fee=FEE),
        PoolConfig(factory=pair.factory, pool=pair.address, fee=PAIR_FEE),
    ]
    grant = (valid_until, actions | Action.ARBITRAGE, daily_budget)
    for function, *args in (
        ("setFactory", pair.factory, Venue.UNISWAP_V2, True),
        ("initializeAMMBots", [TokenCap(token=t, max_amount_in=cap) for t, cap in caps.items()]),
        ("registerPools", configs),
        ("setOperator", world.operator.address, *grant),
    ):
        world.transport.send(world.owner, diamond, abi.encode_call(str(function), *args))


def _send(venues: Venues, to: str, abi: Any, function: str, *args: object) -> Receipt:
    return venues.transport.send(venues.maker, to, abi.encode_call(function, *args), gas=_GAS)


def _ask(venues: Venues, to: str, contract: Contract, function: str) -> Any:
    answer = venues.transport.call(to, contract.abi.encode_call(function))
    return contract.abi.decode_result(function, answer)


def _factory() -> Contract:
    return npm("@uniswap/v2-core/build/UniswapV2Factory.json")


def _pair() -> Contract:
    return npm("@uniswap/v2-core/build/UniswapV2Pair.json")
