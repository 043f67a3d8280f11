"""The client: strikes, settlements and the books of one deployed diamond.

    client = MacroStrike.connect("deployments/local/macrostrike.json", rpc_url=url, signer=account)
    opened = client.strike(prediction, engine)
    settled = client.settle(opened.strike_id)
    print(client.stats().win_rate)

What the chain refuses is raised as the `ContractError` of that name, and before anything is sent.
Amounts are raw token units. `macrostrike.AsyncMacroStrike` is the same for asyncio.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from macrostrike import chain
from macrostrike.abi import diamond_abi
from macrostrike.chain.chains import LOCAL_CHAINS
from macrostrike.chain.transport import Receipt, Signer
from macrostrike.client import _batches, _each, _gates, _limits, _lookup, _outcomes, _roll
from macrostrike.client._lookup import SentTransaction
from macrostrike.client._samples import strike_data
from macrostrike.client._takeovers import Takeovers
from macrostrike.errors import DiamondMissing, InvalidValue, LengthMismatch, MacroStrikeError
from macrostrike.manifest import Manifest
from macrostrike.signing import (
    Engine,
    PredictionSigner,
    sign_prediction,
    signature_bytes,
    with_ethereum_v,
)
from macrostrike.types import (
    ALL_STRATEGIES,
    Prediction,
    Rebalanced,
    Signal,
    Skipped,
    StrikeOpened,
    StrikeOrder,
    StrikeSettled,
)

DEFAULT_SLIPPAGE_BPS = 50
"""How much worse than its quote a swap may come out where the caller sets no limit."""
Signature = bytes | bytearray | memoryview | str
"""An engine's: bytes, or `0x…`."""
Order = Prediction | tuple[Prediction, Signature] | StrikeOrder
"""One strike of a batch: a prediction, with its signature, or with its limit too."""


class MacroStrike(Takeovers):
    """One diamond, on one chain, for one signer.

    `transport` is the chain. `signer` is the operator that sends; view functions need none. With a
    `sender`, such as an executor, every transaction goes through that instead. `first_block` is
    where the diamond's events begin, so that a search for one needs to go no further. Every method
    may raise `NodeUnavailable`, `NodeError`, and the `ContractError` that the chain answers with;
    those that send may raise `SignerMissing`, and `TransactionNotMined` with the transaction's
    hash, by which `outcome` tells what became of it.
    """

    @classmethod
    def connect(
        cls,
        manifest: Manifest | str | os.PathLike[str],
        *,
        rpc_url: str | Sequence[str],
        signer: Signer | None = None,
    ) -> MacroStrike:
        """The diamond of a manifest, or of a manifest's file, behind a node.

        rpc_url: the node's, or several in order of preference: see `RpcTransport`.

        Without a signer it sends nothing, and quotes as the manifest's first operator would. Raises
        `ManifestError`, `NodeUnavailable`, `WrongChain` and `DiamondMissing`.
        """
        if not isinstance(manifest, Manifest):
            manifest = Manifest.load(manifest)
        transport = chain.RpcTransport(rpc_url, chain_id=manifest.chain_id)
        if not transport.code(manifest.diamond):
            raise DiamondMissing(manifest.diamond, manifest.chain_id)
        # A manifest may be of a local chain that has ended, with the same addresses elsewhere.
        first_block = 0 if transport.chain_id in LOCAL_CHAINS else manifest.deployed_at
        client = cls(transport, manifest.diamond, signer, first_block=first_block)
        client.asks_for = next(iter(manifest.operators), None)
        return client

    def prediction(
        self,
        engine: str | Engine,
        signal: Signal,
        *,
        confidence_bps: int,
        market: int = 0,
        horizon: int = 3600,
        take_profit_bps: int = 100,
        stop_loss_bps: int = 100,
        strategies: int = ALL_STRATEGIES,
        model_id: int = 0,
        valid_for: int = 120,
        nonce: int | None = None,
    ) -> Prediction:
        """A prediction from now on, by the chain's clock: it need not be this machine's.

        engine: its address, or the engine itself.
        valid_for: seconds in which it may become a strike.
        nonce: by default the engine's next. Several at once need their own.

        Raises `InvalidPrediction`.
        """
        address = engine if isinstance(engine, str) else str(engine.address)
        return Prediction(
            engine=address,
            nonce=self.next_nonce(address) if nonce is None else nonce,
            market=market,
            signal=signal,
            confidence_bps=confidence_bps,
            strategies=strategies,
            model_id=model_id,
            valid_from=self.transport.timestamp(),
            valid_until=self.transport.timestamp(pending=True) + valid_for,
            horizon=horizon,
            take_profit_bps=take_profit_bps,
            stop_loss_bps=stop_loss_bps,
        )

    def strike(
        self,
        prediction: Prediction,
        signature: Signature | PredictionSigner,
        *,
        limit_amount: int | None = None,
        max_slippage_bps: int = DEFAULT_SLIPPAGE_BPS,
    ) -> StrikeOpened:
        """Opens a strike, once the chain has been asked whether it would accept it.

        signature: the engine's, or the engine itself to sign here.
        limit_amount: long: min base to receive; short: max base to sell. By default what the
            chain quotes now, less or plus `max_slippage_bps`.

        Raises the `GateError` of the gate that refuses; `SigningError` when the engine fails.
        """
        signed, gas = self._signature(prediction, signature), None
        if limit_amount is None:
            is_long = prediction.signal.is_long
            quoted, gas = self._quote_to_send(is_long, "executeStrike", prediction, signed)
            _limits.require_fits(quoted)
            limit_amount = _limits.within(quoted, max_slippage_bps, is_long=is_long)
        data = diamond_abi().encode_call("executeStrike", prediction, signed, limit_amount)
        purpose = self._purpose("executeStrike", prediction)
        receipt = self._send("executeStrike", data, gas, purpose)
        return _outcomes.opened(self._event(receipt, "StrikeOpened"), _outcomes.mined(receipt))

    def settle(
        self,
        strike_id: int,
        *,
        limit_amount: int | None = None,
        max_slippage_bps: int = DEFAULT_SLIPPAGE_BPS,
    ) -> StrikeSettled:
        """Settles an open strike by a swap. Operators and the owner.

        limit_amount: long: min quote to receive; short: max quote to spend. By default what the
            chain quotes now, less or plus `max_slippage_bps`.
        """
        gas = None
        if limit_amount is None:
            is_long = self._is_long(strike_id)
            quoted, gas = self._quote_to_send(is_long, "settleStrike", strike_id)
            limit_amount = _limits.within(quoted, max_slippage_bps, is_long=is_long)
        data = diamond_abi().encode_call("settleStrike", strike_id, limit_amount)
        return self._settled(self._send("settleStrike", data, gas))

    def strike_batch(
        self,
        orders: Sequence[Order],
        engine: PredictionSigner | None = None,
        *,
        skip: bool = False,
        max_slippage_bps: int = DEFAULT_SLIPPAGE_BPS,
    ) -> tuple[StrikeOpened | Skipped, ...]:
        """Opens several strikes in one transaction, in order. A result for each, in that order.

        orders: predictions, for `engine` to sign here; predictions with their signatures; or whole
            orders, with limits of their own. The other limits are as of `strike`, each quoted
            behind all that come before it, since those move the price and lock the bots' equity:
            one call an order, on one state as long as no block comes between.
        skip: False: what the chain refuses refuses all, and nothing is sent. True: it is left out,
            before sending or when mined, and its result is a `Skipped` with the error. Behind one
            that is left out when mined bots have more to put in than when quoted: a long's limit is
            that much softer then, a short's that much harder.

        Raises as `strike`.
        """
        legs = [self._leg(order, engine) for order in orders]
        return _batches.Strikes(self, legs).run(skip=skip, slippage_bps=max_slippage_bps)

    def strike_each(
        self,
        orders: Sequence[Order],
        engine: PredictionSigner | None = None,
        *,
        max_slippage_bps: int = DEFAULT_SLIPPAGE_BPS,
    ) -> tuple[StrikeOpened | MacroStrikeError, ...]:
        """Opens several strikes, each in a transaction of its own, many on their way at once. A
        result for each, in the order given: the strike, or why there is none.

        orders: as of `strike_batch`, those with the lowest nonces sent first. Where all are whole
            orders, nothing is asked before, and what the chain refuses of them costs gas.

        With an executor each portion is one commit to its journal and one request to the node.
        """
        return _each.run(self, [self._leg(order, engine) for order in orders], max_slippage_bps)

    def settle_batch(
        self,
        strike_ids: Sequence[int],
        *,
        limit_amounts: Sequence[int] | None = None,
        skip: bool = False,
        max_slippage_bps: int = DEFAULT_SLIPPAGE_BPS,
    ) -> tuple[StrikeSettled | Skipped, ...]:
        """Settles several strikes in one transaction, in order. A result for each, in that order.

        limit_amounts: as of `settle`, one for each. By default each is quoted behind all that come
            before it, as in `strike_batch`; `skip` is as there.

        Raises as `settle`, and `LengthMismatch`.
        """
        limits = [None] * len(strike_ids) if limit_amounts is None else limit_amounts
        if len(limits) != len(strike_ids):
            raise LengthMismatch(len(strike_ids), len(limits))
        legs = list(zip(strike_ids, limits, strict=True))
        return _batches.Settlements(self, legs).run(skip=skip, slippage_bps=max_slippage_bps)

    def roll(
        self,
        strike_id: int,
        prediction: Prediction,
        signature: bytes | PredictionSigner,
        *,
        limit_amounts: tuple[int, int] | None = None,
        open_may_fail: bool = False,
        max_slippage_bps: int = DEFAULT_SLIPPAGE_BPS,
    ) -> tuple[StrikeSettled, StrikeOpened | Skipped]:
        """Settles a strike and opens the next in one transaction.

        limit_amounts: of the settlement and of the opening, as of `settle` and `strike`; by default
            what the chain quotes now, the opening behind the settlement, and `max_slippage_bps`.
        open_may_fail: whether the settlement is kept where the opening is refused when mined.

        Raises as `settle` and as `strike`.
        """
        order = (prediction, self._signature(prediction, signature))
        return _roll.run(self, strike_id, order, limit_amounts, open_may_fail, max_slippage_bps)

    def close_at_oracle(self, strike_id: int) -> StrikeSettled:
        """Closes a strike without a trade, at the worst of its reference prices. Owner only.

        For a pool that can't trade: the reserve is the other side. Raises `NotOwner`,
        `StrikeNotOpen`, `InsufficientFunds`, and `OracleUnavailable` where no price is known.
        """
        return self._settled(self.transact("closeAtOracle", strike_id))

    def write_off(self, strike_id: int) -> StrikeSettled:
        """Closes a strike without a trade, its whole notional lost to the reserve. Owner only.

        For a market without pool, token or oracle. Raises `NotOwner` and `StrikeNotOpen`.
        """
        return self._settled(self.transact("writeOffStrike", strike_id))

    def quote_strike(self, prediction: Prediction, signature: Signature | PredictionSigner) -> int:
        """Raw base that the strike would receive (long) or sell (short) now.

        Raises the `GateError` of the gate that would refuse it.
        """
        signed = self._signature(prediction, signature)
        quoted = self._quote(prediction.signal.is_long, "executeStrike", prediction, signed)
        _limits.require_fits(quoted)
        return quoted

    def quote_settlement(self, strike_id: int) -> int:
        """Raw quote that settling would receive (long) or spend (short) now."""
        return self._quote(self._is_long(strike_id), "settleStrike", strike_id)

    def strike_cost(self, *, gas: int, gas_price: int) -> int:
        """Wei that a strike of so much gas costs now, with its data on a chain below."""
        cost = self.transport.data_cost(self.diamond, strike_data())
        return gas * gas_price + cost.fee

    def outcome(self, transaction_hash: bytes) -> SentTransaction:
        """What became of a transaction of which no receipt came: see `TransactionNotMined`."""
        return _lookup.outcome_of(self, transaction_hash)

    def strike_of(self, engine: str, nonce: int) -> StrikeOpened | None:
        """The strike that a prediction opened, by its engine and nonce; None where it opened none.

        What `StrikeOpened` said then, from any sender, and whether it is settled since or not.
        """
        return _lookup.strike_of(self, engine, nonce)

    def pre_check(
        self, prediction: Prediction, signature: Signature | PredictionSigner | None = None
    ) -> None:
        """Raises the `GateError` that the chain would raise for a strike sent now.

        With a signature the chain itself is asked, about every gate. Without one, the gates up to
        the market's cooldown are checked, in the same order, except the signature's.
        """
        if signature is not None:
            self.quote_strike(prediction, signature)
        else:
            _gates.require_open(self, prediction, self._require_asker("pre_check"))

    def rebalance(self, weights: Sequence[int]) -> Rebalanced:
        """Spreads the bots' free equity by weights. Owner, or operator with that action.

        weights: one for each of the 25 bots, relative to their sum.

        What open strikes hold stays with its bot, and the total is conserved to the unit. Raises
        `NotOperator`, `ActionNotAllowed`, `NoWeights`, `EquityOverflow`, and `AbiError` for other
        than 25 weights of 64 bits.
        """
        return self._rebalanced(self.transact("rebalance", weights))

    def rebalance_by_performance(self) -> Rebalanced:
        """As `rebalance`, by what each strategy has won: the weights are the chain's own."""
        return self._rebalanced(self.transact("rebalanceByPerformance"))

    def _signature(self, prediction: Prediction, signature: Signature | PredictionSigner) -> bytes:
        domain = self.transport.chain_id, self.diamond
        if isinstance(signature, (bytes, bytearray, memoryview, str)):
            return with_ethereum_v(signature_bytes(signature), prediction, *domain)
        return sign_prediction(prediction, signature, *domain)

    def _leg(
        self, order: Order, engine: PredictionSigner | None
    ) -> tuple[tuple[Prediction, bytes], int | None]:
        if isinstance(order, StrikeOrder):
            return (order.prediction, order.signature), order.limit_amount
        if isinstance(order, tuple):
            prediction, signature = order
            return (prediction, self._signature(prediction, signature)), None
        if engine is None:
            raise InvalidValue("engine", engine, "a prediction without its signature needs it")
        return (order, self._signature(order, engine)), None

    def _quote(self, is_long: bool, function: str, *args: Any) -> int:
        impossible = _limits.impossible(is_long)
        return self._measure(function, diamond_abi().encode_call(function, *args, impossible))

    def _quote_to_send(self, is_long: bool, function: str, *args: Any) -> tuple[int, int | None]:
        impossible = _limits.impossible(is_long)
        data = diamond_abi().encode_call(function, *args, impossible)
        return self._measure_to_send(function, data)

    def _rebalanced(self, receipt: Receipt) -> Rebalanced:
        event = self._event(receipt, "Rebalanced")
        return Rebalanced(**event.args, mined=_outcomes.mined(receipt))
