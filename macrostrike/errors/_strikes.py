"""Custom errors that strikes and settlements meet, in the order of the gates."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.errors._base import AccessError, ContractError, GateError, SwapError, TreasuryError


@dataclass(eq=False)
class NotInitialized(GateError):
    """The fleet has no settings yet."""

    message = "the fleet is not initialised: the owner calls initializeStrikeBots first"


@dataclass(eq=False)
class EnforcedPause(GateError):
    """Opening risk is stopped."""

    message = "strikes are paused: settling goes on; the owner can unpause"


@dataclass(eq=False)
class FleetHalted(GateError):
    """A breaker has stopped new strikes."""

    message = "a breaker stopped new strikes (drawdown or win rate): the owner looks, then resumes"


@dataclass(eq=False)
class NotOperator(AccessError, GateError):
    """The caller is no live operator."""

    caller: str
    valid_until: int
    message = (
        "{caller} is no live operator (valid until {valid_until}, 0 = never granted or "
        "revoked): the owner grants it by setOperator"
    )


@dataclass(eq=False)
class ActionNotAllowed(AccessError, GateError):
    """The operator lacks the action."""

    operator: str
    action: int
    allowed: int
    message = (
        "operator {operator} may not do action {action}, only {allowed} "
        "(1 strike, 2 settle, 4 arbitrage, 8 rebalance)"
    )


@dataclass(eq=False)
class EngineNotActive(GateError):
    """The engine is not live."""

    engine: str
    valid_until: int
    message = (
        "engine {engine} is not live (valid until {valid_until}, 0 = never granted or "
        "revoked): the owner grants it by setEngine"
    )


@dataclass(eq=False)
class MalformedSignature(GateError):
    """No signature looks like this."""

    length: int
    message = "these {length} bytes are no signature: 65 are expected, r, s and v, with a low s"


@dataclass(eq=False)
class InvalidSignature(GateError):
    """Another signer, or another message. `recovered` is zero for a contract engine."""

    engine: str
    recovered: str
    message = (
        "signed by {recovered}, not by engine {engine}: another key signed, or this one "
        "signed another prediction, chain or diamond"
    )


@dataclass(eq=False)
class PredictionNotYetValid(GateError):
    """Too early."""

    valid_from: int
    timestamp: int
    message = (
        "the prediction is valid from {valid_from}, and the chain's clock is at "
        "{timestamp}: send it later"
    )


@dataclass(eq=False)
class PredictionExpired(GateError):
    """Too late."""

    valid_until: int
    timestamp: int
    message = (
        "the prediction was valid until {valid_until}, and the chain's clock is at "
        "{timestamp}: get a new one"
    )


@dataclass(eq=False)
class NonceUsed(GateError):
    """The prediction, or another with its nonce, was executed."""

    engine: str
    nonce: int
    message = (
        "nonce {nonce} of engine {engine} is used, or over 127 behind its highest: "
        "sign with a new one"
    )


@dataclass(eq=False)
class ConfidenceTooLow(GateError):
    """Under the threshold."""

    confidence_bps: int
    threshold_bps: int
    message = (
        "confidence {confidence_bps} bps is under the threshold of {threshold_bps} bps: "
        "do not strike on this prediction"
    )


@dataclass(eq=False)
class ConfidenceOutOfRange(GateError):
    """Over 100 %."""

    confidence_bps: int
    message = "confidence {confidence_bps} bps is over 100 % (10000 bps): mend the engine"


@dataclass(eq=False)
class InvalidBarriers(GateError):
    """Barriers that no strike can have."""

    horizon: int
    take_profit_bps: int
    stop_loss_bps: int
    message = (
        "horizon {horizon} s and stop-loss {stop_loss_bps} bps: the horizon must not be 0, "
        "the stop-loss be under 10000"
    )


@dataclass(eq=False)
class UnknownMarket(GateError):
    """No such market."""

    market: int
    message = "there is no market {market}: ids are 0 to marketCount less one"


@dataclass(eq=False)
class MarketNotEnabled(GateError):
    """Nothing opens there."""

    market: int
    message = "market {market} is disabled: what is open there can settle; the owner enables it"


@dataclass(eq=False)
class SideNotAllowed(GateError):
    """The market's rules forbid the side."""

    market: int
    is_long: bool
    message = "market {market} does not allow this side (long: {is_long}): see its rules"


@dataclass(eq=False)
class CooldownActive(GateError):
    """The market rests."""

    market: int
    ready_at: int
    message = "market {market} rests until Unix second {ready_at}: wait, or strike elsewhere"


@dataclass(eq=False)
class NoParticipants(GateError):
    """No bot takes part."""

    message = (
        "no bot takes part: all are off, outside the strategies, too demanding, or without a "
        "free lot"
    )


@dataclass(eq=False)
class CapExceeded(GateError):
    """A cap of the market, in lots. `cap` is "strike", "open" or "day"."""

    cap: str
    lots: int
    available: int
    message = (
        "{lots} lots are over the market's {cap} cap, which leaves {available}: wait, "
        "settle, or raise the cap"
    )


@dataclass(eq=False)
class BudgetExceeded(AccessError, GateError):
    """The operator's daily budget. Book units of quote."""

    operator: str
    notional: int
    available: int
    message = (
        "notional {notional} is over the {available} left of operator {operator}'s budget "
        "(book units): it refills over a day, or the owner raises it"
    )


@dataclass(eq=False)
class TooManyOpenStrikes(GateError):
    """All 64 slots are open."""

    message = "64 strikes are open, and no more can be: settle some"


@dataclass(eq=False)
class OracleUnavailable(GateError):
    """No fresh price."""

    market: int
    message = (
        "market {market} has no fresh oracle price: the pool's history is shorter than the window "
        "(raise its observation cardinality and wait), or the feed's answer is stale"
    )


@dataclass(eq=False)
class OracleDeviation(GateError):
    """The price obtained is too far from the oracle's. Raw quote units."""

    market: int
    quote_amount: int
    oracle_quote: int
    message = (
        "market {market} would trade {quote_amount} of quote for what its oracle values at "
        "{oracle_quote}: the pool is off its mean price, or too thin; wait, or trade less"
    )


@dataclass(eq=False)
class SlippageExceeded(GateError, SwapError):
    """The swap gave less than the least, or took more than the most. Raw units."""

    measured: int
    limit: int
    message = (
        "the swap came to {measured}, and the limit was {limit} (raw units): take a new "
        "quote, or allow more slippage"
    )


@dataclass(eq=False)
class UnfaithfulToken(GateError, SwapError):
    """What arrived is not what the pool says it gave. Raw units."""

    token: str
    measured: int
    stated: int
    message = (
        "{measured} of token {token} arrived where the pool states {stated} (raw units): it takes "
        "fees or rebases, and can't be traded"
    )


@dataclass(eq=False)
class BaseAmountOverflow(GateError):
    """More base than a record holds. Raw units."""

    base_amount: int
    message = "{base_amount} raw units of base do not fit 96 bits: trade less"


@dataclass(eq=False)
class PartialFill(GateError, SwapError):
    """The pool could not trade it all. Raw units."""

    traded: int
    asked: int
    message = "the pool traded {traded} of {asked} raw units: it lacks liquidity; trade less"


@dataclass(eq=False)
class InsufficientFunds(TreasuryError, GateError):
    """The books hold less there. Raw units. A short meets it when inventory is short."""

    token: str
    asked: int
    available: int
    message = "{asked} raw units of {token} were asked for, and {available} are booked there"


@dataclass(eq=False)
class StrikeNotOpen(ContractError):
    """It does not exist, or was settled."""

    strike_id: int
    message = "strike {strike_id} is not open: see getOpenStrikes"


@dataclass(eq=False)
class StrikeNotDue(AccessError):
    """No barrier is reached, and the caller is no operator."""

    strike_id: int
    message = (
        "strike {strike_id} is not due, and until then only operators and the owner settle it: "
        "wait for a barrier, or send it as an operator"
    )


@dataclass(eq=False)
class LengthMismatch(ContractError):
    """A batch with more, or fewer, limits than strikes."""

    strikes: int
    limits: int
    message = "{strikes} strikes came with {limits} limits: give each its own"


@dataclass(eq=False)
class UnexpectedCallback(SwapError):
    """A callback that no running swap expects."""

    caller: str
    expected: str
    message = "{caller} called back, and {expected} was expected (zero: nobody)"


@dataclass(eq=False)
class CallbackAmountExceeded(GateError, SwapError):
    """The pool asks for more than the swap allows. Raw units."""

    asked: int
    allowed: int
    message = (
        "the pool asks for {asked} raw units, and the swap allows {allowed}: a short needs "
        "more inventory, or trade less"
    )
