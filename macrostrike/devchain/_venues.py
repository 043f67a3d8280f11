"""A real Uniswap V3 on a local chain: factory, router, a dollar, a wrapped ether, and their pool.

Beside it, for arbitrages, a Uniswap V2 pair of the same two: see `pair`.

All of it is sent by one account that does nothing else, so that each contract's address is known
beforehand, a second call finds what the first one left, and a fork of the chain has it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isqrt

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.build import Contract, created_address, npm, ours
from macrostrike.chain import AnvilTransport, BoundContract, LocalTransport, Receipt, Transport
from macrostrike.chain.chains import LOCAL_CHAINS
from macrostrike.devchain._accounts import local_account
from macrostrike.devchain._memory import give_past
from macrostrike.devchain._pair import Pair, deploy_pair, pair_address, pair_factory
from macrostrike.errors import Reverted
from macrostrike.errors.deploying import DeployError, NotLocal, PriceOutOfReach

FEE = 500  # hundredths of a basis point
QUOTE_DECIMALS = 6
BASE_DECIMALS = 18

_MAKER = 19
_TICK_SPACING = 10
_FULL_RANGE = 887_270  # the last tick of V3 that the spacing divides
_CARDINALITY = 64
_WARM_SWAPS = 16
_WARM_SECONDS = 36
_CREATIONS = 5  # steps, before the pool
_PAIR_SHARE = 20  # how much less is in the pair than in the pool
_MIN_SQRT, _MAX_SQRT = 4295128739, 1461446703485210103287273052203988822378723970342
_Q96 = 1 << 96
_FOREVER = (1 << 256) - 1
_ZERO = "0x" + "00" * 20
_GAS = 30_000_000
# Enough to move the price anywhere, any number of times.
_MAKER_QUOTE = 10**15 * 10**QUOTE_DECIMALS
_MAKER_BASE = 10**9 * 10**BASE_DECIMALS
_MAX_IN = 1 << 120


@dataclass(frozen=True, slots=True)
class Fixtures:
    """Where the local venue's contracts are. The same on every local chain."""

    factory: str
    position_manager: str
    router: str
    quote: str
    base: str
    pool: str
    pair_factory: str
    pair: str


@dataclass(frozen=True, slots=True)
class Venues:
    """The local venue, and the market maker who keeps it and moves its price."""

    transport: LocalTransport
    fixtures: Fixtures
    maker: LocalAccount

    @property
    def base_is_token0(self) -> bool:
        """How the pool orders its tokens."""
        return int(self.fixtures.base, 16) < int(self.fixtures.quote, 16)

    @property
    def pair(self) -> Pair:
        """The second venue. It follows no market: its price stays until someone trades."""
        at = self.fixtures
        return Pair(self.transport, at.pair, at.quote, at.base)

    def price(self) -> Decimal:
        """The pool's price now: quote for one base."""
        return price_of(self.sqrt_price(), base_is_token0=self.base_is_token0)

    def sqrt_price(self) -> int:
        """The pool's `sqrtPriceX96`."""
        sqrt_price, *_ = BoundContract(self.transport, self.fixtures.pool, _pool().abi).call(
            "slot0"
        )
        return int(sqrt_price)

    def move_price(self, price: Decimal | int | str) -> Receipt | None:
        """One swap through the router that leaves the pool at `price`, quote for one base.

        None when it is there already. The pool's TWAP follows with time alone. Raises
        `PriceOutOfReach`.
        """
        target = sqrt_price_x96(Decimal(price), base_is_token0=self.base_is_token0)
        now = self.sqrt_price()
        if target == now:
            return None
        buys_base = (target > now) == self.base_is_token0
        paid, bought = self.fixtures.quote, self.fixtures.base
        if not buys_base:
            paid, bought = bought, paid
        data = _swap(paid, bought, self.maker.address, _MAX_IN, target)
        try:
            return self._send(self.fixtures.router, data)
        except Reverted as reverted:
            raise PriceOutOfReach(
                f"the maker could not move the price to {price}, most likely out of funds: "
                f"{reverted}"
            ) from None

    def remember(self, observations: int) -> None:
        """The pool's memory grows to that many, as soon as it is traded on."""
        grow = _pool().abi.encode_call("increaseObservationCardinalityNext", observations)
        self._send(self.fixtures.pool, grow)

    def provide(self, account: str, *, quote: int = 0, base: int = 0) -> None:
        """Adds to an account that much quote and base, raw units. Dollars are minted, ether is
        wrapped by the maker."""
        if quote:
            self._send(
                self.fixtures.quote, ours("LocalUSD").abi.encode_call("mint", account, quote)
            )
        if base:
            self.transport.set_balance(
                self.maker.address, self.transport.balance(self.maker.address) + base
            )
            self._send(self.fixtures.base, _weth().abi.encode_call("deposit"), base)
            self._send(self.fixtures.base, _weth().abi.encode_call("transfer", account, base))

    def balance(self, token: str, account: str) -> int:
        """What an account holds of a token, raw units."""
        return int(BoundContract.of(self.transport, token, "IToken").call("balanceOf", account))

    def _send(self, to: str | None, data: bytes, value: int = 0) -> Receipt:
        return self.transport.send(self.maker, to, data, value=value, gas=_GAS)


@dataclass(frozen=True, slots=True)
class _Step:
    """One transaction of the maker. `to` is None to create a contract."""

    to: str | None
    data: bytes
    value: int = 0


def local_fixtures() -> Fixtures:
    """Where the fixtures are, or would be."""
    maker = local_account(_MAKER).address
    factory, base, quote, position_manager, router = (created_address(maker, n) for n in range(5))
    return Fixtures(
        factory=factory,
        position_manager=position_manager,
        router=router,
        quote=quote,
        base=base,
        pool=pool_address(factory, base, quote),
        pair_factory=pair_factory(),
        pair=pair_address(quote, base),
    )


def deploy_venues(
    transport: LocalTransport,
    *,
    price: Decimal | int | str = 1600,
    depth: Decimal | int | str = 100_000_000,
) -> Venues:
    """The local venue, deployed unless it is there already.

    `price` is quote for one base; `depth` is the quote in the pool, with as much worth of base
    beside it, spread over all prices; a twentieth of it is in the pair. When this returns, the pool
    remembers nine minutes of that price: time has passed, or, where the chain's clock is not ours
    to move, it was written into the pool. On a chain that has the venue, all are left as they are.
    Raises `NotLocal`, and `DeployError` where the maker's account was used for something else.
    """
    require_local(transport, "the venue made of fixtures")
    venues = Venues(transport, local_fixtures(), local_account(_MAKER))
    steps = _steps(venues, Decimal(price), Decimal(depth))
    done = transport.nonce(venues.maker.address)
    if done and not transport.code(venues.fixtures.factory):
        raise DeployError(
            f"account {venues.maker.address} sent {done} transactions on this chain, but no venue "
            "is there: start a fresh chain."
        )
    if done < len(steps) + _WARM_SWAPS:
        transport.set_balance(venues.maker.address, 2 * _MAKER_BASE)
    for step in steps[done:_CREATIONS]:
        venues._send(step.to, step.data)
    # Before the pool: of its observations the oracle expects that they are spread evenly.
    deploy_pair(venues.pair, Decimal(price), Decimal(depth) / _PAIR_SHARE)
    for step in steps[max(done, _CREATIONS) :]:
        venues._send(step.to, step.data, step.value)
    if isinstance(transport, AnvilTransport) and not transport.sets_time:
        give_past(transport, venues.fixtures.pool, _WARM_SWAPS, _WARM_SECONDS)
        return venues
    for swap in range(max(0, done - len(steps)), _WARM_SWAPS):
        # Away and back: the pool makes an observation when a swap changes its tick.
        away = Decimal("1.0003") if swap % 2 == 0 else 1
        transport.mine(_WARM_SECONDS - transport.block_time)
        venues.move_price(Decimal(price) * away)
    return venues


def require_local(transport: Transport, what: str) -> None:
    """Raises `NotLocal` unless the chain is one of our own."""
    if transport.chain_id not in LOCAL_CHAINS:
        raise NotLocal(what, transport.chain_id)


def sqrt_price_x96(price: Decimal, *, base_is_token0: bool) -> int:
    """A price, quote for one base, as the pool has it: sqrt(token1 / token0) × 2^96, rounded down.

    Raises `PriceOutOfReach` for one that no pool can have.
    """
    if price <= 0:
        raise PriceOutOfReach(f"a price must be over zero, not {price}")
    raw = Fraction(price) * Fraction(10**QUOTE_DECIMALS, 10**BASE_DECIMALS)
    ratio = raw if base_is_token0 else 1 / raw
    sqrt_price = isqrt((ratio.numerator << 192) // ratio.denominator)
    if not _MIN_SQRT < sqrt_price < _MAX_SQRT:
        raise PriceOutOfReach(f"no Uniswap V3 pool can have the price {price}")
    return sqrt_price


def price_of(sqrt_price: int, *, base_is_token0: bool) -> Decimal:
    """The price that a `sqrtPriceX96` stands for, quote for one base."""
    ratio = Decimal(sqrt_price) ** 2 / Decimal(_Q96) ** 2
    raw = ratio if base_is_token0 else 1 / ratio
    return raw.scaleb(BASE_DECIMALS - QUOTE_DECIMALS)


def _steps(venues: Venues, price: Decimal, depth: Decimal) -> list[_Step]:
    """All that the maker sends, in order: step i has nonce i."""
    at, maker = venues.fixtures, venues.maker.address
    sqrt_price = sqrt_price_x96(price, base_is_token0=venues.base_is_token0)
    token0, token1 = sorted((at.base, at.quote), key=lambda token: int(token, 16))
    approvals = [
        _Step(token, _weth().abi.encode_call("approve", spender, _FOREVER))
        for token in (at.base, at.quote)
        for spender in (at.position_manager, at.router)
    ]
    pool = _manager().abi.encode_call(
        "createAndInitializePoolIfNecessary", token0, token1, FEE, sqrt_price
    )
    return [
        *(_Step(None, contract.create()) for contract in (_factory(), _weth(), ours("LocalUSD"))),
        _Step(None, _manager().create(at.factory, at.base, _ZERO)),
        _Step(None, _router().create(_ZERO, at.factory, at.position_manager, at.base)),
        _Step(at.position_manager, pool),
        _Step(at.pool, _pool().abi.encode_call("increaseObservationCardinalityNext", _CARDINALITY)),
        _Step(at.base, _weth().abi.encode_call("deposit"), _MAKER_BASE),
        _Step(at.quote, ours("LocalUSD").abi.encode_call("mint", maker, _MAKER_QUOTE)),
        *approvals,
        _Step(at.position_manager, _liquidity(token0, token1, at.quote, maker, price, depth)),
    ]


def _liquidity(
    token0: str, token1: str, quote: str, maker: str, price: Decimal, depth: Decimal
) -> bytes:
    amounts = {
        True: int(depth.scaleb(QUOTE_DECIMALS)),
        False: int((depth / price).scaleb(BASE_DECIMALS)),
    }
    position = (
        token0,
        token1,
        FEE,
        -_FULL_RANGE,
        _FULL_RANGE,
        amounts[token0 == quote],
        amounts[token1 == quote],
        0,
        0,
        maker,
        _FOREVER,
    )
    return _manager().abi.encode_call("mint", position)


def _swap(paid: str, bought: str, to: str, amount_in: int, sqrt_price_limit: int) -> bytes:
    return _router().abi.encode_call(
        "exactInputSingle", (paid, bought, FEE, to, amount_in, 0, sqrt_price_limit)
    )


def pool_address(factory: str, base: str, quote: str) -> str:
    """Where a V3 factory puts the pool of two tokens with the fee `FEE`."""
    tokens = sorted((base, quote), key=lambda token: int(token, 16))
    salt = keccak(encode(["address", "address", "uint24"], [*tokens, FEE]))
    code = keccak(_pool().creation)
    packed = b"\xff" + bytes.fromhex(factory[2:]) + salt + code
    return to_checksum_address(keccak(packed)[12:])


def _weth() -> Contract:
    return npm("@uniswap/v2-periphery/build/WETH9.json")


def _factory() -> Contract:
    return npm("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json")


def _pool() -> Contract:
    return npm("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json")


def _manager() -> Contract:
    return npm(
        "@uniswap/v3-periphery/artifacts/contracts/"
        "NonfungiblePositionManager.sol/NonfungiblePositionManager.json"
    )


def _router() -> Contract:
    return npm(
        "@uniswap/swap-router-contracts/artifacts/contracts/SwapRouter02.sol/SwapRouter02.json"
    )
