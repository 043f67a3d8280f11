"""A market of one's own for a replay: the deployed diamond, and a pool with a price that is set.

Everything that trades is real: Uniswap's V3 pool, the diamond, the client. Only the chain and its
clock are local.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import coincurve
from eth_account.messages import SignableMessage
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from macrostrike.build import ours
from macrostrike.chain import LocalTransport
from macrostrike.client import MacroStrike
from macrostrike.deploy.target import Target
from macrostrike.devchain import FEE
from macrostrike.replay._pool import FullRange
from macrostrike.signing import typed_data_digest
from macrostrike.testing import World, deploy_world

TICK_SPACING = 10
_FULL_RANGE = 887_270  # the last tick of V3 that the spacing divides
_GAS = 30_000_000
_QUOTE = 10**30  # raw units: enough to move the price anywhere, any number of times
_BASE = 10**30
_WORD = 32
_V = 27  # of a signature's last byte, as Ethereum has it


class EngineKey:
    """Signs as the engine's account does, byte for byte, but makes ready its key once."""

    def __init__(self, account: LocalAccount) -> None:
        self.address = str(account.address)
        self._key = coincurve.PrivateKey(bytes(account.key))

    def sign_message(self, signable_message: SignableMessage) -> EngineKey.Signed:
        """As of `PredictionSigner`."""
        signature = self._key.sign_recoverable(typed_data_digest(signable_message), hasher=None)
        return EngineKey.Signed(signature[:-1] + bytes([signature[-1] + _V]))

    @dataclass(frozen=True, slots=True)
    class Signed:
        """A signature, 65 bytes."""

        signature: bytes


@dataclass(frozen=True, slots=True)
class Stage:
    """A world, and the contract that moves its pool. Prices are the pool's `sqrtPriceX96`."""

    world: World
    driver: str

    @property
    def transport(self) -> LocalTransport:
        return self.world.transport

    @property
    def base_is_token0(self) -> bool:
        """How the pool orders its tokens."""
        return self.world.venues.base_is_token0

    def client(self) -> MacroStrike:
        """The operator's client."""
        return MacroStrike(self.transport, self.world.diamond, self.world.operator)

    def owner(self) -> MacroStrike:
        """The owner's client."""
        return MacroStrike(self.transport, self.world.diamond, self.world.owner)

    def pool(self) -> FullRange:
        """The pool's arithmetic at its present liquidity."""
        pool = self.world.venues.fixtures.pool
        answer = self.transport.call(pool, _LIQUIDITY)
        return FullRange(int.from_bytes(answer, "big"), FEE, TICK_SPACING, self.base_is_token0)

    def sqrt_price(self) -> int:
        """The pool's price now."""
        answer = self.transport.call(self.world.venues.fixtures.pool, _SLOT0)
        return int.from_bytes(answer[:_WORD], "big")

    def follow(self, sqrt_price: int, *, seconds: int, more: int = 0, now: int = 0) -> None:
        """The pool at a price, and with so much `more` liquidity, in a block `seconds` later.

        now: its price now, for who knows that no one has traded since; by default it is asked.
        """
        now = now or self.sqrt_price()
        if now == sqrt_price and not more:
            self.transport.mine(seconds)
            return
        prices = now.to_bytes(_WORD, "big") + sqrt_price.to_bytes(_WORD, "big")
        data = _FOLLOW + prices + more.to_bytes(_WORD, "big", signed=True)
        self.transport.advance(self.world.venues.maker, self.driver, data, seconds=seconds)

    def signer(self) -> EngineKey:
        """The engine's key, ready to sign."""
        return EngineKey(self.world.engine)

    def wait(self, seconds: int) -> None:
        """Lets the clock go on, so that the next transaction comes that much later."""
        ahead = seconds - self.transport.block_time
        if ahead > 0:
            self.transport.mine(ahead)


def set_stage(
    transport: LocalTransport,
    *,
    target: Target | None = None,
    price: Decimal | int | str = 1600,
    depth: Decimal | int | str = 100_000_000,
) -> Stage:
    """Deploys a world on an empty local chain, as `deploy_world`, and the driver of its pool."""
    world = deploy_world(transport, target=target, price=price, depth=depth)
    venues = world.venues
    creation = ours("MarketDriver").create(venues.fixtures.pool, _FULL_RANGE)
    driver = transport.send(venues.maker, None, creation, gas=_GAS).contract_address
    assert driver is not None, "the receipt of a creation names the contract"
    venues.provide(driver, quote=_QUOTE, base=_BASE)
    return Stage(world, driver)


_FOLLOW, _LIQUIDITY, _SLOT0 = (
    keccak(text=signature)[:4]
    for signature in ("follow(uint160,uint160,int128)", "liquidity()", "slot0()")
)
