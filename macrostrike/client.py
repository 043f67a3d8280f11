"""The client: strikes, settlements and the books of one deployed diamond.

    client = MacroStrike.connect("deployments/local/macrostrike.json", rpc_url=url, signer=account)
    opened = client.strike(prediction, engine)
    settled = client.settle(opened.strike_id)
    print(client.stats().win_rate)

What the chain refuses is raised as the `ContractError` of that name, and before anything is sent.
Amounts are raw token units. `AsyncMacroStrike` is the same for asyncio.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from macrostrike import _gates, chain
from macrostrike.abi import Event, diamond_abi
from macrostrike.chain.transport import Log, Receipt, Signer, Transport
from macrostrike.errors import (
    DiamondMissing,
    InvalidValue,
    Reverted,
    SignerMissing,
    SlippageExceeded,
    decode_revert,
)
from macrostrike.manifest import Manifest
from macrostrike.signing import PredictionSigner, sign_prediction
from macrostrike.types import (
    BPS,
    Action,
    Bot,
    CalibrationBin,
    Due,
    EngineGrant,
    Market,
    Mined,
    OperatorGrant,
    Prediction,
    Signal,
    SignalStats,
    Strategy,
    StrategyStats,
    Strike,
    StrikeOpened,
    StrikeRecord,
    StrikeSettled,
    StrikeStats,
    Treasury,
    checked_address,
    split_weights,
)

DEFAULT_SLIPPAGE_BPS = 50
"""How much worse than its quote a swap may come out where the caller sets no limit."""

_MAX = (1 << 256) - 1

_P = ParamSpec("_P")
_R = TypeVar("_R")


class MacroStrike:
    """One diamond, on one chain, for one signer.

    `transport` is the chain. `signer` is the operator that sends; readers need none. Every method
    may raise `NodeUnavailable`, `NodeError`, and the `ContractError` that the chain answers with;
    those that send may raise `SignerMissing` and `TransactionNotMined`.
    """

    def __init__(self, transport: Transport, diamond: str, signer: Signer | None = None) -> None:
        self.transport = transport
        self.diamond = checked_address(diamond, "diamond")
        self.signer = signer

    @classmethod
    def connect(
        cls,
        manifest: Manifest | str | os.PathLike[str],
        *,
        rpc_url: str,
        signer: Signer | None = None,
    ) -> MacroStrike:
        """The diamond of a manifest, or of a manifest's file, behind a node.

        Raises `ManifestError`, `NodeUnavailable`, `WrongChain` and `DiamondMissing`.
        """
        if not isinstance(manifest, Manifest):
            manifest = Manifest.load(manifest)
        transport = chain.RpcTransport(rpc_url, chain_id=manifest.chain_id)
        if not transport.code(manifest.diamond):
            raise DiamondMissing(manifest.diamond, manifest.chain_id)
        return cls(transport, manifest.diamond, signer)

    def __repr__(self) -> str:
        chain_id = self.transport.chain_id
        sender = self.signer.address if self.signer else None
        return f"MacroStrike(diamond={self.diamond}, chain_id={chain_id}, signer={sender})"

    # Strikes

    def strike(
        self,
        prediction: Prediction,
        signature: bytes | PredictionSigner,
        *,
        limit_amount: int | None = None,
        max_slippage_bps: int = DEFAULT_SLIPPAGE_BPS,
    ) -> StrikeOpened:
        """Opens a strike, once the chain has been asked whether it would accept it.

        signature: the engine's, or the engine itself to sign here.
        limit_amount: long: least base to receive; short: most base to sell. By default what the
            chain quotes now, less or plus `max_slippage_bps`.

        Raises the `GateError` of the gate that refuses; `SigningError` when the engine fails.
        """
        signed = self._signature(prediction, signature)
        if limit_amount is None:
            quoted = self.quote_strike(prediction, signed)
            limit_amount = _limit(quoted, max_slippage_bps, at_least=prediction.signal.is_long)
        receipt = self.transact("executeStrike", prediction, signed, limit_amount)
        return _opened(self._event(receipt, "StrikeOpened"), _mined(receipt))

    def settle(
        self,
        strike_id: int,
        *,
        limit_amount: int | None = None,
        max_slippage_bps: int = DEFAULT_SLIPPAGE_BPS,
    ) -> StrikeSettled:
        """Settles an open strike.

        limit_amount: long: least quote to receive; short: most quote to spend. By default what the
            chain quotes now, less or plus `max_slippage_bps`.
        """
        if limit_amount is None:
            quoted = self.quote_settlement(strike_id)
            is_long = self.get_strike(strike_id).signal.is_long
            limit_amount = _limit(quoted, max_slippage_bps, at_least=is_long)
        receipt = self.transact("settleStrike", strike_id, limit_amount)
        event = self._event(receipt, "StrikeSettled")
        return StrikeSettled(**event.args, mined=_mined(receipt))

    def quote_strike(self, prediction: Prediction, signature: bytes | PredictionSigner) -> int:
        """Raw base that the strike would receive (long) or sell (short) now.

        Raises the `GateError` of the gate that would refuse it.
        """
        signed = self._signature(prediction, signature)
        return self._quote(prediction.signal, "executeStrike", prediction, signed)

    def quote_settlement(self, strike_id: int) -> int:
        """Raw quote that settling would receive (long) or spend (short) now."""
        return self._quote(self.get_strike(strike_id).signal, "settleStrike", strike_id)

    def pre_check(
        self, prediction: Prediction, signature: bytes | PredictionSigner | None = None
    ) -> None:
        """Raises the `GateError` that the chain would raise for a strike sent now.

        With a signature the chain itself is asked, about every gate. Without one, the gates up to
        the market's cooldown are checked, in the same order, except the signature's.
        """
        if signature is not None:
            self.quote_strike(prediction, signature)
        else:
            _gates.require_open(self, prediction, self._require_signer("pre_check").address)

    def get_strike(self, strike_id: int) -> Strike:
        """A strike: open, or settled as long as its slot was not used again."""
        strike: Strike = self.call("getStrike", strike_id)
        return strike

    def open_strikes(self) -> tuple[int, ...]:
        """The ids of the open strikes."""
        ids: tuple[int, ...] = self.call("getOpenStrikes")
        return ids

    def can_settle(self, strike_id: int) -> Due:
        """Why anyone may, or may not yet, settle a strike now: see `Due.is_due`."""
        _, reason = self.call("canSettle", strike_id)
        due: Due = reason
        return due

    # The score

    def stats(self) -> StrikeStats:
        """The score in totals."""
        stats: StrikeStats = self.call("getStrikeStats")
        return stats

    def signal_stats(self) -> dict[Signal, SignalStats]:
        """The score by signal."""
        return {signal: self.call("getSignalStats", signal) for signal in Signal}

    def strategy_stats(self) -> dict[Strategy, StrategyStats]:
        """The score by strategy."""
        return {strategy: self.call("getStrategyStats", strategy) for strategy in Strategy}

    def calibration(self, model_id: int) -> tuple[CalibrationBin, ...]:
        """A model's 7 confidence bins: 9300 to 9399, …, 9900 to 10000 basis points."""
        bins: tuple[CalibrationBin, ...] = self.call("getCalibration", model_id)
        return bins

    # The fleet and its limits

    def bots(self) -> tuple[Bot, ...]:
        """All 25 bots."""
        bots: tuple[Bot, ...] = self.call("getBots")
        return bots

    def bot(self, bot: int) -> Bot:
        """One bot, 0 to 24."""
        view: Bot = self.call("getBot", bot)
        return view

    def market(self, market: int) -> Market:
        """One market."""
        view: Market = self.call("getMarket", market)
        return view

    def markets(self) -> tuple[Market, ...]:
        """All markets, by id."""
        return tuple(self.market(market) for market in range(self.call("marketCount")))

    def treasury(self) -> Treasury:
        """The capital that is not with the bots."""
        return Treasury(*self.call("getTreasury"))

    def threshold(self) -> int:
        """The least confidence accepted, in basis points."""
        threshold: int = self.call("threshold")
        return threshold

    def is_paused(self) -> bool:
        """Whether opening risk is stopped."""
        paused: bool = self.call("paused")
        return paused

    def operator(self, operator: str) -> OperatorGrant:
        """What an operator may do, and what is left of its budget."""
        valid_until, actions, daily_budget, available = self.call("getOperator", operator)
        return OperatorGrant(valid_until, Action(actions), daily_budget, available)

    def engine(self, engine: str) -> EngineGrant:
        """Until when an engine's signatures count, and its highest nonce."""
        return EngineGrant(*self.call("getEngine", engine))

    def next_nonce(self, engine: str) -> int:
        """A nonce that the engine has not used, above all that it has."""
        return self.engine(engine).highest_nonce + 1

    # Anything

    def call(self, function: str, *args: Any) -> Any:
        """Any reader of the diamond, by its name in the ABI. Raises `AbiError` too."""
        data = diamond_abi().encode_call(function, *args)
        with _typed_errors():
            answer = self.transport.call(self.diamond, data, sender=self._sender())
        return diamond_abi().decode_result(function, answer)

    def transact(self, function: str, *args: Any) -> Receipt:
        """Any other function of the diamond, as a transaction of the signer.

        Nothing is sent if it would be refused. Raises `AbiError` too.
        """
        signer = self._require_signer(function)
        data = diamond_abi().encode_call(function, *args)
        with _typed_errors():
            return self.transport.send(signer, self.diamond, data)

    def events(self, logs: Sequence[Log]) -> list[Event]:
        """The diamond's events among logs, decoded."""
        own = (log for log in logs if log.address == self.diamond)
        decoded = (diamond_abi().decode_event(log.topics, log.data) for log in own)
        return [event for event in decoded if event is not None]

    def _sender(self) -> str | None:
        return None if self.signer is None else str(self.signer.address)

    def _require_signer(self, function: str) -> Signer:
        if self.signer is None:
            raise SignerMissing(function)
        return self.signer

    def _signature(self, prediction: Prediction, signature: bytes | PredictionSigner) -> bytes:
        if isinstance(signature, bytes):
            return signature
        return sign_prediction(prediction, signature, self.transport.chain_id, self.diamond)

    def _quote(self, signal: Signal, function: str, *args: Any) -> int:
        """Asks for what is impossible: the minimum output is the last gate, and its refusal says
        what the swap measured."""
        sender = self._require_signer(function).address
        impossible = _MAX if signal.is_long else 0
        data = diamond_abi().encode_call(function, *args, impossible)
        try:
            with _typed_errors():
                self.transport.call(self.diamond, data, sender=sender, pending=True)
        except SlippageExceeded as refused:
            return refused.measured
        raise AssertionError(f"{function} met a limit that nothing can meet")

    def _event(self, receipt: Receipt, name: str) -> Event:
        return next(event for event in self.events(receipt.logs) if event.name == name)


def _in_thread(
    method: Callable[Concatenate[MacroStrike, _P], _R],
) -> Callable[Concatenate[AsyncMacroStrike, _P], Coroutine[Any, Any, _R]]:
    async def call(self: AsyncMacroStrike, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await asyncio.to_thread(method, self.sync, *args, **kwargs)

    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call


class AsyncMacroStrike:
    """`MacroStrike` for asyncio: the same methods, awaited, each in a thread of its own.

    `sync` is the client that does the work.
    """

    def __init__(self, sync: MacroStrike) -> None:
        self.sync = sync

    @classmethod
    async def connect(
        cls,
        manifest: Manifest | str | os.PathLike[str],
        *,
        rpc_url: str,
        signer: Signer | None = None,
    ) -> AsyncMacroStrike:
        """As `MacroStrike.connect`."""
        connect = MacroStrike.connect
        return cls(await asyncio.to_thread(connect, manifest, rpc_url=rpc_url, signer=signer))

    strike = _in_thread(MacroStrike.strike)
    settle = _in_thread(MacroStrike.settle)
    quote_strike = _in_thread(MacroStrike.quote_strike)
    quote_settlement = _in_thread(MacroStrike.quote_settlement)
    pre_check = _in_thread(MacroStrike.pre_check)
    get_strike = _in_thread(MacroStrike.get_strike)
    can_settle = _in_thread(MacroStrike.can_settle)
    open_strikes = _in_thread(MacroStrike.open_strikes)
    stats = _in_thread(MacroStrike.stats)
    signal_stats = _in_thread(MacroStrike.signal_stats)
    strategy_stats = _in_thread(MacroStrike.strategy_stats)
    calibration = _in_thread(MacroStrike.calibration)
    bots = _in_thread(MacroStrike.bots)
    bot = _in_thread(MacroStrike.bot)
    market = _in_thread(MacroStrike.market)
    markets = _in_thread(MacroStrike.markets)
    treasury = _in_thread(MacroStrike.treasury)
    threshold = _in_thread(MacroStrike.threshold)
    is_paused = _in_thread(MacroStrike.is_paused)
    operator = _in_thread(MacroStrike.operator)
    engine = _in_thread(MacroStrike.engine)
    next_nonce = _in_thread(MacroStrike.next_nonce)
    call = _in_thread(MacroStrike.call)
    transact = _in_thread(MacroStrike.transact)
    events = _in_thread(MacroStrike.events)


@contextmanager
def _typed_errors() -> Iterator[None]:
    try:
        yield
    except Reverted as reverted:
        raise decode_revert(reverted.data, reverted.reason) from None


def _limit(quoted: int, slippage_bps: int, *, at_least: bool) -> int:
    if not 0 <= slippage_bps < BPS:
        raise InvalidValue("max_slippage_bps", slippage_bps, f"0 to {BPS - 1} is allowed")
    if at_least:
        return quoted * (BPS - slippage_bps) // BPS
    return -(-quoted * (BPS + slippage_bps) // BPS)


def _mined(receipt: Receipt) -> Mined:
    return Mined(
        transaction_hash=receipt.transaction_hash,
        block_number=receipt.block_number,
        timestamp=receipt.timestamp,
        gas_used=receipt.gas_used,
    )


def _opened(event: Event, mined: Mined) -> StrikeOpened:
    args = dict(event.args)
    signal, lots = split_weights(args.pop("weights"))
    record = StrikeRecord.from_word(args.pop("record"))
    return StrikeOpened(**args, signal=signal, lots=lots, record=record, mined=mined)
