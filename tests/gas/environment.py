"""A diamond on a real node, and what is measured there: strikes, settlements, bare swaps.

Accounts, nonces, times and prices are fixed, and so are all addresses and signatures: a figure is
the same to the unit wherever it is measured. Gas is that of whole transactions, by their receipts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from eth_account import Account
from eth_utils.crypto import keccak

from macrostrike import MacroStrike
from macrostrike.chain import AnvilTransport, Receipt, start_anvil
from macrostrike.devchain import FEE
from macrostrike.signing import sign_prediction
from macrostrike.testing import World, deploy_world
from macrostrike.types import (
    BPS,
    STRIKE_SLOTS,
    Prediction,
    Signal,
    StrikeOpened,
    StrikeOrder,
)

from ..evm import FOREVER, Payer
from ..targets import strikes_alone
from ..unit.pools import ROUTER, TOKEN

PRICE = Decimal(1600)
SLIPPAGE_BPS = 50
_ANVIL = ("--hardfork", "prague", "--timestamp", "1800000000", "--steps-tracing")
_FUNDS = 10**24
_MODEL = 1
_CONFIDENCE_BPS = 9550
_VALID_SECONDS = 120
# More than what is measured moves, so that no settlement there is the best or the worst so far.
_MOVE = Decimal("0.008")


@dataclass
class Env:
    """A world, a trader who has nothing to do with it, and the market's price."""

    chain: AnvilTransport
    world: World
    client: MacroStrike
    trader: Payer
    deploy_gas: int
    nonce: int = 0

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens within is taken back."""
        snapshot, nonce = self.chain.snapshot(), self.nonce
        yield
        self.chain.revert(snapshot)
        self.nonce = nonce

    def move_price(self, share: Decimal) -> None:
        """Moves the pool to the usual price and that share of it more."""
        self.world.venues.move_price(PRICE * (1 + share))

    # Bare swaps.

    def swap(self, amount: int, *, buys_base: bool) -> Receipt:
        """The trader's own swap through Uniswap's router, at a limit as a careful trader sets."""
        at = self.world.venues.fixtures
        paid, bought = (at.quote, at.base) if buys_base else (at.base, at.quote)

        def call(minimum: int) -> bytes:
            order = (paid, bought, FEE, self.trader.address, amount, minimum, 0)
            return ROUTER.abi.encode_call("exactInputSingle", order)

        quoted = self.chain.call(at.router, call(0), sender=self.trader.address, pending=True)
        minimum = int.from_bytes(quoted, "big") * (BPS - SLIPPAGE_BPS) // BPS
        return self.trader.send(at.router, call(minimum))

    # Strikes.

    def prediction(self, signal: Signal, market: int = 0) -> Prediction:
        """What the engine says, with its next nonce whose signature has no zero byte.

        Zeros are cheaper in calldata. How many a signature has would follow from the diamond's
        address, which follows from its facets' code, comments included.
        """
        while True:
            self.nonce += 1
            prediction = self._prediction(signal, market)
            if 0 not in self._sign(prediction):
                return prediction

    def _sign(self, prediction: Prediction) -> bytes:
        engine, chain_id = self.world.engine, self.chain.chain_id
        return sign_prediction(prediction, engine, chain_id, self.world.diamond)

    def _prediction(self, signal: Signal, market: int) -> Prediction:
        now = self.chain.timestamp()
        return Prediction(
            engine=self.world.engine.address,
            nonce=self.nonce,
            market=market,
            signal=signal,
            confidence_bps=_CONFIDENCE_BPS,
            model_id=_MODEL,
            valid_from=now,
            valid_until=now + _VALID_SECONDS,
            horizon=3600,
            take_profit_bps=60,
            stop_loss_bps=60,
        )

    def order(self, signal: Signal, limit_amount: int) -> StrikeOrder:
        prediction = self.prediction(signal)
        signature = self._sign(prediction)
        return StrikeOrder(prediction=prediction, signature=signature, limit_amount=limit_amount)

    def open(self, signal: Signal, market: int = 0) -> StrikeOpened:
        return self.client.strike(self.prediction(signal, market), self.world.engine)

    def warm(self) -> None:
        """Uses every strike slot once, and earns the model the record that sizes its strikes in
        full: longs and shorts in turns, with the price between them, the first of each lost."""
        for n in range(STRIKE_SLOTS // 2):
            self._play(Signal.STRONG_LONG, -_MOVE if n == 0 else _MOVE)
            self._play(Signal.STRONG_SHORT, Decimal(0))
        self.move_price(Decimal(0))

    def _play(self, signal: Signal, move: Decimal) -> None:
        opened = self.open(signal)
        self.move_price(move)
        self.client.settle(opened.strike_id)


@contextmanager
def deployed() -> Iterator[Env]:
    """The world as it was deployed, at fixed times, and a trader with both tokens."""
    with start_anvil(*_ANVIL) as url:
        chain = AnvilTransport(url)
        gas: list[int] = []
        world = deploy_world(
            chain,
            target=strikes_alone(),
            price=PRICE,
            on_step=lambda _, __, receipt: gas.append(receipt.gas_used),
        )
        client = MacroStrike(chain, world.diamond, world.operator)
        trader = Payer(chain, Account.from_key(keccak(text="macrostrike gas: trader")))
        env = Env(chain, world, client, trader, sum(gas))
        _equip(env)
        yield env


def _equip(env: Env) -> None:
    venues, trader = env.world.venues, env.trader
    env.chain.set_balance(trader.address, _FUNDS)
    venues.provide(trader.address, quote=_FUNDS, base=_FUNDS)
    for token in (venues.fixtures.quote, venues.fixtures.base):
        trader.tell(TOKEN, token, "approve", venues.fixtures.router, FOREVER)
