"""The gates that a prediction can be checked against without its signature.

In the chain's order, by the diamond's view functions, with the chain's own errors. The gates
after these (participants, caps, budget, oracle, minimum output) need the chain itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macrostrike.errors import (
    ActionNotAllowed,
    ConfidenceTooLow,
    CooldownActive,
    EnforcedPause,
    EngineNotActive,
    FleetHalted,
    InvalidHorizon,
    InvalidStopLoss,
    MarketNotEnabled,
    ModelNotRegistered,
    NegativeExpectation,
    NonceUsed,
    NotInitialized,
    NotOperator,
    PredictionExpired,
    PredictionNotYetValid,
    SideNotAllowed,
)
from macrostrike.types import BPS, Action

if TYPE_CHECKING:
    from macrostrike.client._views import Views
    from macrostrike.types import MarketRules, Prediction


def require_open(client: Views, prediction: Prediction, operator: str) -> None:
    """Raises what the chain would. `now` is the next block's clock, as a strike sent now meets."""
    now = client.transport.timestamp(pending=True)
    _require_fleet(client)
    _require_operator(client, operator, now, Action.STRIKE)
    engine = client.engine(prediction.engine)
    if now > engine.valid_until:
        raise EngineNotActive(prediction.engine, engine.valid_until)
    models = {model.model_id: model.engine for model in client.models()}
    if models.get(prediction.model_id) != prediction.engine:
        raise ModelNotRegistered(prediction.engine, prediction.model_id)
    if now < prediction.valid_from:
        raise PredictionNotYetValid(prediction.valid_from, now)
    if now > prediction.valid_until:
        raise PredictionExpired(prediction.valid_until, now)
    if client.call("isNonceUsed", prediction.engine, prediction.nonce):
        raise NonceUsed(prediction.engine, prediction.nonce)
    threshold = client.threshold()
    if prediction.confidence_bps < threshold:
        raise ConfidenceTooLow(prediction.confidence_bps, threshold)
    _require_market(client, prediction, now)


def _require_fleet(client: Views) -> None:
    if client.call("getLot") == 0:
        raise NotInitialized
    if client.is_paused():
        raise EnforcedPause
    if client.stats().halted:
        raise FleetHalted


def require_arbitrage(client: Views, confidence_bps: int, operator: str | None) -> None:
    """Raises what the chain would for any arbitrage, whatever is found. Without an operator, as in
    a dry run, the confidence alone is asked for."""
    if operator is not None:
        now = client.transport.timestamp(pending=True)
        _require_operator(client, operator, now, Action.ARBITRAGE)
    threshold = client.threshold()
    if confidence_bps < threshold:
        raise ConfidenceTooLow(confidence_bps, threshold)


def _require_operator(client: Views, operator: str, now: int, action: Action) -> None:
    grant = client.operator(operator)
    if now > grant.valid_until:
        raise NotOperator(operator, grant.valid_until)
    if action not in grant.actions:
        raise ActionNotAllowed(operator, int(action), int(grant.actions))


def _require_market(client: Views, prediction: Prediction, now: int) -> None:
    market = client.market(prediction.market)
    if not market.enabled:
        raise MarketNotEnabled(prediction.market)
    is_long = prediction.signal.is_long
    if not (market.rules.longs if is_long else market.rules.shorts):
        raise SideNotAllowed(prediction.market, is_long)
    ready_at = market.last_strike_at + market.rules.cooldown
    if now < ready_at:
        raise CooldownActive(prediction.market, ready_at)
    _require_barriers(prediction, market.rules)


def _require_barriers(prediction: Prediction, rules: MarketRules) -> None:
    horizon, stop_loss = prediction.horizon, prediction.stop_loss_bps
    if not 0 < horizon <= rules.max_horizon:
        raise InvalidHorizon(horizon, rules.max_horizon)
    if not 0 < stop_loss <= rules.max_stop_loss_bps:
        raise InvalidStopLoss(stop_loss, rules.max_stop_loss_bps)
    confidence, take_profit = prediction.confidence_bps, prediction.take_profit_bps
    if take_profit and confidence * take_profit <= (BPS - confidence) * stop_loss:
        raise NegativeExpectation(confidence, take_profit, stop_loss)
