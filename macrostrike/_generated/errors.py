"""Custom errors of the diamond, by the interface that declares them.

Written by `make build` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike._generated.enums import FacetCutAction
from macrostrike._roots import (
    AccessError,
    ConfigError,
    ContractError,
    CutError,
    GateError,
    SwapError,
    TreasuryError,
)

__all__ = [
    "AMMAlreadyInitialized",
    "AMMCapExceeded",
    "ActionNotAllowed",
    "AlreadyInitialized",
    "ApprovalLeft",
    "ArbitrageFailed",
    "ArbitrageQuoted",
    "BaseAmountOverflow",
    "BudgetExceeded",
    "CallFailed",
    "CallbackAmountExceeded",
    "CallbackAmountMismatch",
    "CallbackMissing",
    "CallbackProbed",
    "CapExceeded",
    "ConfidenceOutOfRange",
    "ConfidenceTooLow",
    "CooldownActive",
    "CoreFunction",
    "CoreFunctionNotExported",
    "CycleNotClosed",
    "DiamondAsFacet",
    "DirtySelector",
    "DuplicateSelector",
    "EnforcedPause",
    "EngineNotActive",
    "EquityOverflow",
    "ExpectedPause",
    "FacetWithoutCode",
    "FactoryNotAllowed",
    "FleetHalted",
    "FunctionNotFound",
    "HooksNotAllowed",
    "InitDataMissing",
    "InitMissing",
    "InitWithoutCode",
    "InitializationFailed",
    "InsufficientAMMCapital",
    "InsufficientEquity",
    "InsufficientFunds",
    "InvalidConfig",
    "InvalidGrant",
    "InvalidHops",
    "InvalidHorizon",
    "InvalidOracle",
    "InvalidPoolFee",
    "InvalidPoolTokens",
    "InvalidRule",
    "InvalidSignature",
    "InvalidStopLoss",
    "LengthMismatch",
    "MalformedSignature",
    "MarketNotEnabled",
    "ModelNotRegistered",
    "NegativeExpectation",
    "NoParticipants",
    "NoSelectors",
    "NoWeights",
    "NonceUsed",
    "NotABaseToken",
    "NotCoreFunction",
    "NotGuardian",
    "NotHalted",
    "NotInitialized",
    "NotOperator",
    "NotOwner",
    "NotPendingOwner",
    "NotProfitable",
    "NotTheDiamond",
    "OracleDeviation",
    "OracleUnavailable",
    "OrderExpired",
    "OutputMismatch",
    "PartialFill",
    "PoolAlreadyRegistered",
    "PoolMemoryTooShort",
    "PoolNotCanonical",
    "PoolNotInitialized",
    "PoolRepeated",
    "PoolTokensMismatch",
    "PredictionExpired",
    "PredictionNotYetValid",
    "ProfitMismatch",
    "QuoteNotSet",
    "ReentrancyGuardReentrantCall",
    "RemoveNamesFacet",
    "SafeCastOverflowedUintDowncast",
    "SecondManager",
    "SelectorAlreadyAdded",
    "SelectorAlreadyOnFacet",
    "SelectorNotAdded",
    "SideNotAllowed",
    "SlippageExceeded",
    "StrikeNotOpen",
    "StrikeNotTakeable",
    "StrikesOpen",
    "TakeoversAreStopped",
    "TakeoversNotStopped",
    "ThresholdOutOfRange",
    "TokenNotInPool",
    "TokenRepeated",
    "TooManyMarkets",
    "TooManyModels",
    "TooManyOpenStrikes",
    "UnexpectedCallback",
    "UnexpectedInitiator",
    "UnfaithfulToken",
    "UnknownBot",
    "UnknownMarket",
    "UnknownPool",
    "UnsupportedCallback",
    "UnsupportedDecimals",
    "WrappedNativeAlreadySet",
    "WrappedNativeNotSet",
    "ZeroAddress",
    "ZeroAmount",
    "ZeroSelector",
]


# IDiamondCut.


@dataclass(eq=False)
class FunctionNotFound(CutError):
    """No facet has function `selector`. Calldata of less than four bytes, and so plain ether,
    shows here padded with zeros.
    """

    selector: bytes
    message = (
        "No facet has function {selector}. Calldata of less than four bytes, and so plain "
        "ether, shows here padded with zeros. Check the function and the diamond's address, or "
        "add the facet with diamondCut."
    )


@dataclass(eq=False)
class NoSelectors(CutError):
    """The entry for facet `facet` (action `action`) names no selectors."""

    facet: str
    action: FacetCutAction
    message = (
        "The entry for facet {facet} (action {action}) names no selectors. Name at least one "
        "selector, or leave the entry out."
    )


@dataclass(eq=False)
class DuplicateSelector(CutError):
    """Selector `selector` is twice in one entry of the cut."""

    selector: bytes
    message = "Selector {selector} is twice in one entry of the cut. Name it once."


@dataclass(eq=False)
class DirtySelector(CutError):
    """`word` is not a selector: its padding is not zero."""

    word: bytes
    message = "{word} is not a selector: its padding is not zero. Encode the selector as bytes4."


@dataclass(eq=False)
class ZeroSelector(CutError):
    """Selector 0x00000000 cannot be added: calldata that is too short looks like it."""

    message = (
        "Selector 0x00000000 cannot be added: calldata that is too short looks like it. Rename "
        "the function."
    )


@dataclass(eq=False)
class FacetWithoutCode(CutError):
    """There is no code at facet `facet`, so calls to it would succeed without doing anything."""

    facet: str
    message = (
        "There is no code at facet {facet}, so calls to it would succeed without doing "
        "anything. Deploy the facet first."
    )


@dataclass(eq=False)
class DiamondAsFacet(CutError):
    """The diamond `diamond` cannot be its own facet: a call would recurse until its gas is
    spent.
    """

    diamond: str
    message = (
        "The diamond {diamond} cannot be its own facet: a call would recurse until its gas is "
        "spent. Name the facet's own address."
    )


@dataclass(eq=False)
class SelectorAlreadyAdded(CutError):
    """Selector `selector` cannot be added: facet `facet` has it."""

    selector: bytes
    facet: str
    message = "Selector {selector} cannot be added: facet {facet} has it. Use Replace."


@dataclass(eq=False)
class SelectorAlreadyOnFacet(CutError):
    """Selector `selector` cannot be replaced: facet `facet` has it already."""

    selector: bytes
    facet: str
    message = (
        "Selector {selector} cannot be replaced: facet {facet} has it already. Leave it out of "
        "the cut."
    )


@dataclass(eq=False)
class SelectorNotAdded(CutError):
    """Selector `selector` cannot be replaced or removed: no facet has it."""

    selector: bytes
    message = (
        "Selector {selector} cannot be replaced or removed: no facet has it. Use Add, or leave "
        "it out of the cut."
    )


@dataclass(eq=False)
class RemoveNamesFacet(CutError):
    """A Remove entry names facet `facet`."""

    facet: str
    message = "A Remove entry names facet {facet}. Name the zero address."


@dataclass(eq=False)
class CoreFunction(CutError):
    """Selector `selector` is a core function: without it the diamond cannot be changed or
    inspected.
    """

    selector: bytes
    message = (
        "Selector {selector} is a core function: without it the diamond cannot be changed or "
        "inspected. Replace it, or remove it on purpose with removeCoreFunctions."
    )


@dataclass(eq=False)
class CoreFunctionNotExported(CutError):
    """Core function `selector` cannot be replaced by facet `facet`, which does not export it:
    without `diamondCut` in its place no cut could put it right again.
    """

    selector: bytes
    facet: str
    message = (
        "Core function {selector} cannot be replaced by facet {facet}, which does not export "
        "it: without diamondCut in its place no cut could put it right again. Replace it by a "
        "facet whose exportSelectors names it."
    )


@dataclass(eq=False)
class NotCoreFunction(CutError):
    """Selector `selector` is not a core function, and `removeCoreFunctions` removes nothing
    else.
    """

    selector: bytes
    message = (
        "Selector {selector} is not a core function, and removeCoreFunctions removes nothing "
        "else. Remove it with diamondCut."
    )


@dataclass(eq=False)
class InitWithoutCode(CutError):
    """There is no code at initializer `init`, so the call would succeed without doing anything."""

    init: str
    message = (
        "There is no code at initializer {init}, so the call would succeed without doing "
        "anything. Deploy the initializer first."
    )


@dataclass(eq=False)
class InitMissing(CutError):
    """There is calldata `data` for an initializer, and no initializer. EIP-2535 would skip it
    silently.
    """

    data: bytes
    message = (
        "There is calldata {data} for an initializer, and no initializer. EIP-2535 would skip "
        "it silently. Name the initializer, or leave the calldata empty."
    )


@dataclass(eq=False)
class InitDataMissing(CutError):
    """There is an initializer, `init`, and no calldata for it."""

    init: str
    message = (
        "There is an initializer, {init}, and no calldata for it. Give the calldata, or the "
        "zero address as initializer."
    )


@dataclass(eq=False)
class InitializationFailed(CutError):
    """Initializer `init` failed without a reason, called with `data`. A reason would be passed
    on instead.
    """

    init: str
    data: bytes
    message = (
        "Initializer {init} failed without a reason, called with {data}. A reason would be "
        "passed on instead. Simulate the initializer's call on its own."
    )


# IAccess.


@dataclass(eq=False)
class NotOwner(AccessError):
    """`caller` is not the owner, `owner` is."""

    caller: str
    owner: str
    message = "{caller} is not the owner, {owner} is. Send it from the owner's account."


@dataclass(eq=False)
class NotPendingOwner(AccessError):
    """`caller` is not the pending owner, `pending_owner` is (zero: no transfer was started)."""

    caller: str
    pending_owner: str
    message = (
        "{caller} is not the pending owner, {pending_owner} is (zero: no transfer was started)."
        " Accept from the pending owner's account, or let the owner call transferOwnership "
        "first."
    )


@dataclass(eq=False)
class NotGuardian(AccessError):
    """`caller` is neither the owner nor a guardian."""

    caller: str
    message = (
        "{caller} is neither the owner nor a guardian. Send it from the owner's or a guardian's"
        " account."
    )


@dataclass(eq=False)
class NotOperator(AccessError, GateError):
    """`caller` is not an active operator (valid until `valid_until`; 0: never granted, or
    revoked).
    """

    caller: str
    valid_until: int
    message = (
        "{caller} is not an active operator (valid until {valid_until}; 0: never granted, or "
        "revoked). Let the owner grant the role with setOperator."
    )


@dataclass(eq=False)
class ActionNotAllowed(AccessError, GateError):
    """Operator `operator` may not do action `action`, only `allowed` (1 strike, 2 settle, 4
    arbitrage, 8 rebalance).
    """

    operator: str
    action: int
    allowed: int
    message = (
        "Operator {operator} may not do action {action}, only {allowed} (1 strike, 2 settle, 4 "
        "arbitrage, 8 rebalance). Let the owner grant the action with setOperator."
    )


@dataclass(eq=False)
class BudgetExceeded(AccessError, GateError):
    """The notional of `notional` exceeds the `available` that is left of operator `operator`'s
    daily budget (book units).
    """

    operator: str
    notional: int
    available: int
    message = (
        "The notional of {notional} exceeds the {available} that is left of operator "
        "{operator}'s daily budget (book units). Wait, since the budget refills over a day, or "
        "let the owner raise it with setOperator."
    )


@dataclass(eq=False)
class EngineNotActive(GateError):
    """Engine `engine` is not active (valid until `valid_until`; 0: never granted, or revoked)."""

    engine: str
    valid_until: int
    message = (
        "Engine {engine} is not active (valid until {valid_until}; 0: never granted, or "
        "revoked). Let the owner grant the role with setEngine."
    )


@dataclass(eq=False)
class ModelNotRegistered(GateError):
    """Engine `engine` may not predict by model `model_id`."""

    engine: str
    model_id: int
    message = (
        "Engine {engine} may not predict by model {model_id}. Let the owner register the model "
        "for the engine with setModel."
    )


@dataclass(eq=False)
class TooManyModels(ConfigError):
    """The diamond has 256 models; their records are part of the score for ever."""

    message = (
        "The diamond has 256 models; their records are part of the score for ever. Give a model"
        " that is registered to the engine with setModel."
    )


@dataclass(eq=False)
class MalformedSignature(GateError):
    """The signature is malformed. Its length in bytes: `length`."""

    length: int
    message = (
        "The signature is malformed. Its length in bytes: {length}. Send 65 bytes: r, s and v, "
        "with a low s."
    )


@dataclass(eq=False)
class InvalidSignature(GateError):
    """The prediction names engine `engine` and was signed by `recovered` (zero: the ERC-1271
    engine rejected it): another key, prediction, chain or diamond.
    """

    engine: str
    recovered: str
    message = (
        "The prediction names engine {engine} and was signed by {recovered} (zero: the ERC-1271"
        " engine rejected it): another key, prediction, chain or diamond. Sign with the "
        "engine's key for this chain and this diamond."
    )


@dataclass(eq=False)
class NonceUsed(GateError):
    """Nonce `nonce` of engine `engine` was used, or is more than 127 behind its highest."""

    engine: str
    nonce: int
    message = (
        "Nonce {nonce} of engine {engine} was used, or is more than 127 behind its highest. "
        "Sign with a new nonce."
    )


@dataclass(eq=False)
class EnforcedPause(GateError):
    """Opening strikes and arbitrages is paused; settling works."""

    message = (
        "Opening strikes and arbitrages is paused; settling works. Let the owner call unpause."
    )


@dataclass(eq=False)
class ExpectedPause(ContractError):
    """The contract is not paused."""

    message = "The contract is not paused. There is nothing to unpause."


@dataclass(eq=False)
class TakeoversAreStopped(AccessError):
    """Takeovers are stopped."""

    message = "Takeovers are stopped. Let the owner call allowTakeovers."


@dataclass(eq=False)
class TakeoversNotStopped(ContractError):
    """Takeovers are not stopped."""

    message = "Takeovers are not stopped. There is nothing to allow."


@dataclass(eq=False)
class ThresholdOutOfRange(ConfigError):
    """Threshold `threshold_bps` is outside `min_bps` to 10000 basis points."""

    threshold_bps: int
    min_bps: int
    message = (
        "Threshold {threshold_bps} is outside {min_bps} to 10000 basis points. The owner may "
        "set 9300 to 10000; a guardian may only raise it."
    )


@dataclass(eq=False)
class ConfidenceTooLow(GateError):
    """Confidence `confidence_bps` bps is under the threshold of `threshold_bps` bps."""

    confidence_bps: int
    threshold_bps: int
    message = (
        "Confidence {confidence_bps} bps is under the threshold of {threshold_bps} bps. Do not "
        "strike on this prediction."
    )


@dataclass(eq=False)
class ConfidenceOutOfRange(GateError):
    """Confidence `confidence_bps` bps is over 100 % (10000 bps)."""

    confidence_bps: int
    message = (
        "Confidence {confidence_bps} bps is over 100 % (10000 bps). Fix the engine: it must "
        "send at most 10000."
    )


@dataclass(eq=False)
class ZeroAddress(ConfigError):
    """An address is zero that must not be."""

    message = "An address is zero that must not be. Give the real address."


@dataclass(eq=False)
class InvalidGrant(ConfigError):
    """`account` cannot be granted actions `actions` until `valid_until`."""

    account: str
    valid_until: int
    actions: int
    message = (
        "{account} cannot be granted actions {actions} until {valid_until}. Set an expiry in "
        "the future and, for an operator, a sum of 1 strike, 2 settle, 4 arbitrage and 8 "
        "rebalance."
    )


# ITreasury.


@dataclass(eq=False)
class QuoteNotSet(TreasuryError):
    """The fleet's quote token is not set."""

    message = "The fleet's quote token is not set. Let the owner call initializeStrikeBots first."


@dataclass(eq=False)
class ZeroAmount(TreasuryError):
    """The amount is zero, or nothing arrived."""

    message = "The amount is zero, or nothing arrived. Move more than zero."


@dataclass(eq=False)
class InsufficientFunds(TreasuryError, GateError):
    """`asked` raw units of token `token` were requested, and the books have `available`."""

    token: str
    asked: int
    available: int
    message = (
        "{asked} raw units of token {token} were requested, and the books have {available}. "
        "Request less, or deposit more."
    )


@dataclass(eq=False)
class NotABaseToken(TreasuryError):
    """Token `token` is the quote token, and a base token is expected."""

    token: str
    message = "Token {token} is the quote token, and a base token is expected. Use deposit."


# IMarket.


@dataclass(eq=False)
class FactoryNotAllowed(ConfigError):
    """Factory `factory` is not allowed."""

    factory: str
    message = "Factory {factory} is not allowed. Let the owner allow it with setFactory."


@dataclass(eq=False)
class PoolNotCanonical(ConfigError):
    """Pool `pool` is not the one that factory `factory` has for its tokens and fee; of V4, not
    the manager itself.
    """

    pool: str
    factory: str
    message = (
        "Pool {pool} is not the one that factory {factory} has for its tokens and fee; of V4, "
        "not the manager itself. Check the pool's and the factory's address."
    )


@dataclass(eq=False)
class PoolTokensMismatch(ConfigError):
    """Pool `pool` does not trade base `base` against quote `quote`."""

    pool: str
    base: str
    quote: str
    message = (
        "Pool {pool} does not trade base {base} against quote {quote}. Check the pool's address"
        " and the fleet's quote token."
    )


@dataclass(eq=False)
class UnsupportedDecimals(ConfigError):
    """Token `token` has an unsupported number of decimals, `decimals`."""

    token: str
    decimals: int
    message = (
        "Token {token} has an unsupported number of decimals, {decimals}. Use a token with 2 to"
        " 18 decimals."
    )


@dataclass(eq=False)
class InvalidRule(ConfigError):
    """Market rule `field` cannot be `value`."""

    field: str
    value: int
    message = "Market rule {field} cannot be {value}. See MarketRules for the ranges."


@dataclass(eq=False)
class InvalidOracle(ConfigError):
    """Feed `feed` cannot be the market's oracle: it is missing, not wanted by the rules, or
    does not answer; or the pool keeps no price history.
    """

    feed: str
    message = (
        "Feed {feed} cannot be the market's oracle: it is missing, not wanted by the rules, or "
        "does not answer; or the pool keeps no price history. Give a working feed with the rule"
        " Feed, or none with the rule PoolTwap."
    )


@dataclass(eq=False)
class PoolMemoryTooShort(ConfigError):
    """Pool `pool` remembers `slots` of the `needed` observations that the market's windows
    need.
    """

    pool: str
    slots: int
    needed: int
    message = (
        "Pool {pool} remembers {slots} of the {needed} observations that the market's windows "
        "need. Call the pool's increaseObservationCardinalityNext, then register or update "
        "again."
    )


@dataclass(eq=False)
class UnknownMarket(GateError):
    """There is no market `market`."""

    market: int
    message = "There is no market {market}. Use 0 to marketCount less 1."


@dataclass(eq=False)
class MarketNotEnabled(GateError):
    """Market `market` is disabled; its open strikes can settle."""

    market: int
    message = (
        "Market {market} is disabled; its open strikes can settle. Let the owner call enableMarket."
    )


@dataclass(eq=False)
class SideNotAllowed(GateError):
    """Market `market` does not allow this side (long: `is_long`)."""

    market: int
    is_long: bool
    message = "Market {market} does not allow this side (long: {is_long}). See the market's rules."


@dataclass(eq=False)
class CooldownActive(GateError):
    """Market `market` has its cooldown until Unix second `ready_at`."""

    market: int
    ready_at: int
    message = (
        "Market {market} has its cooldown until Unix second {ready_at}. Wait, or strike on "
        "another market."
    )


@dataclass(eq=False)
class TooManyMarkets(ConfigError):
    """There are 256 markets, the maximum."""

    message = (
        "There are 256 markets, the maximum. Update a market that is not used any more with "
        "updateMarket."
    )


@dataclass(eq=False)
class OracleUnavailable(GateError):
    """Market `market` has no fresh oracle price: the pool's history is shorter than the window,
    or the feed's answer is stale or not positive.
    """

    market: int
    message = (
        "Market {market} has no fresh oracle price: the pool's history is shorter than the "
        "window, or the feed's answer is stale or not positive. Raise the pool's observation "
        "cardinality and wait, or wait for the feed."
    )


@dataclass(eq=False)
class OracleDeviation(GateError):
    """Market `market` would trade `quote_amount` raw quote for what its oracle values at
    `oracle_quote`: the pool is off the oracle's price, or too thin.
    """

    market: int
    quote_amount: int
    oracle_quote: int
    message = (
        "Market {market} would trade {quote_amount} raw quote for what its oracle values at "
        "{oracle_quote}: the pool is off the oracle's price, or too thin. Wait, or trade less."
    )


@dataclass(eq=False)
class CapExceeded(GateError):
    """The strike's size in lots, `lots`, exceeds the market's cap for `cap`, which leaves
    `available`.
    """

    cap: str
    lots: int
    available: int
    message = (
        "The strike's size in lots, {lots}, exceeds the market's cap for {cap}, which leaves "
        "{available}. Wait, settle strikes, or let the owner raise the cap with updateMarket."
    )


# IFleet.


@dataclass(eq=False)
class AlreadyInitialized(ConfigError):
    """The fleet is initialized already."""

    message = (
        "The fleet is initialized already. Change bots with configureBot and the lot with setLot."
    )


@dataclass(eq=False)
class NotInitialized(GateError):
    """The fleet is not initialized."""

    message = "The fleet is not initialized. Let the owner call initializeStrikeBots first."


@dataclass(eq=False)
class InvalidConfig(ConfigError):
    """Setting `field` cannot be `value`."""

    field: str
    value: int
    message = "Setting {field} cannot be {value}. See FleetConfig and BotConfig for the ranges."


@dataclass(eq=False)
class UnknownBot(ConfigError):
    """There is no bot `bot`."""

    bot: int
    message = "There is no bot {bot}. Use 0 to 24."


@dataclass(eq=False)
class EquityOverflow(TreasuryError):
    """Bot `bot` would have an equity of `equity` book units, which exceeds 42 bits."""

    bot: int
    equity: int
    message = (
        "Bot {bot} would have an equity of {equity} book units, which exceeds 42 bits. Fund "
        "less, or initialize with a larger book unit."
    )


@dataclass(eq=False)
class InsufficientEquity(TreasuryError):
    """`asked` raw units were requested from bot `bot`, which has `available` free."""

    bot: int
    asked: int
    available: int
    message = (
        "{asked} raw units were requested from bot {bot}, which has {available} free. Settle "
        "its strikes, or request less."
    )


@dataclass(eq=False)
class NoWeights(ConfigError):
    """All weights are zero."""

    message = "All weights are zero. Give at least one bot a weight."


@dataclass(eq=False)
class StrikesOpen(ConfigError):
    """No strike may be open for this. Open strikes: `count`."""

    count: int
    message = "No strike may be open for this. Open strikes: {count}. Settle them first."


@dataclass(eq=False)
class NotHalted(ContractError):
    """No breaker has halted the fleet."""

    message = "No breaker has halted the fleet. There is nothing to resume."


# IStrikeBot.


@dataclass(eq=False)
class FleetHalted(GateError):
    """A breaker (drawdown or win rate) has halted new strikes."""

    message = (
        "A breaker (drawdown or win rate) has halted new strikes. Let the owner look into it, "
        "then call resume."
    )


@dataclass(eq=False)
class PredictionNotYetValid(GateError):
    """The prediction is valid from `valid_from`, and the block's time is `timestamp`."""

    valid_from: int
    timestamp: int
    message = (
        "The prediction is valid from {valid_from}, and the block's time is {timestamp}. Send "
        "it later."
    )


@dataclass(eq=False)
class PredictionExpired(GateError):
    """The prediction was valid until `valid_until`, and the block's time is `timestamp`."""

    valid_until: int
    timestamp: int
    message = (
        "The prediction was valid until {valid_until}, and the block's time is {timestamp}. Get"
        " a new prediction."
    )


@dataclass(eq=False)
class InvalidHorizon(GateError):
    """The horizon is `horizon` s, and the market allows 1 to `max` s."""

    horizon: int
    max: int
    message = (
        "The horizon is {horizon} s, and the market allows 1 to {max} s. Let the engine predict"
        " for a shorter time, or the owner raise the market's maximum."
    )


@dataclass(eq=False)
class InvalidStopLoss(GateError):
    """The stop-loss is `stop_loss_bps` bps, and the market allows 1 to `max` bps."""

    stop_loss_bps: int
    max: int
    message = (
        "The stop-loss is {stop_loss_bps} bps, and the market allows 1 to {max} bps. Every "
        "strike needs a stop-loss within the market's maximum."
    )


@dataclass(eq=False)
class NegativeExpectation(GateError):
    """At a confidence of `confidence_bps` bps, a take-profit of `take_profit_bps` bps and a
    stop-loss of `stop_loss_bps` bps the prediction loses by its own claim.
    """

    confidence_bps: int
    take_profit_bps: int
    stop_loss_bps: int
    message = (
        "At a confidence of {confidence_bps} bps, a take-profit of {take_profit_bps} bps and a "
        "stop-loss of {stop_loss_bps} bps the prediction loses by its own claim. Confidence x "
        "take-profit must exceed (10000 - confidence) x stop-loss."
    )


@dataclass(eq=False)
class NoParticipants(GateError):
    """No bot takes part: all are off, outside the strategies, above this confidence, or without
    a free lot.
    """

    message = (
        "No bot takes part: all are off, outside the strategies, above this confidence, or "
        "without a free lot. Check the prediction's strategies and the bots' settings and "
        "capital."
    )


@dataclass(eq=False)
class TooManyOpenStrikes(GateError):
    """All 64 strike slots are open."""

    message = "All 64 strike slots are open. Settle some strikes."


@dataclass(eq=False)
class BaseAmountOverflow(GateError):
    """The base amount of `base_amount` raw units exceeds 96 bits."""

    base_amount: int
    message = "The base amount of {base_amount} raw units exceeds 96 bits. Trade less."


@dataclass(eq=False)
class LengthMismatch(ContractError):
    """The batch's numbers of strikes and limits differ: `strikes` and `limits`."""

    strikes: int
    limits: int
    message = (
        "The batch's numbers of strikes and limits differ: {strikes} and {limits}. Give each "
        "strike its own limit."
    )


@dataclass(eq=False)
class StrikeNotOpen(ContractError):
    """Strike `strike_id` does not exist, or was settled."""

    strike_id: int
    message = (
        "Strike {strike_id} does not exist, or was settled. See getOpenStrikes for the open ones."
    )


# ITakeover.


@dataclass(eq=False)
class StrikeNotTakeable(AccessError):
    """Strike `strike_id` can be taken over from Unix second `opens_at` on."""

    strike_id: int
    opens_at: int
    message = (
        "Strike {strike_id} can be taken over from Unix second {opens_at} on. Wait: until then "
        "operators and the owner close it."
    )


# IPools.


@dataclass(eq=False)
class InvalidPoolFee(ConfigError):
    """`fee` hundredths of a basis point cannot be the fee of pool `pool`."""

    pool: str
    fee: int
    message = (
        "{fee} hundredths of a basis point cannot be the fee of pool {pool}. Give a V3 pool's "
        "own fee, or for a V2 pair its factory's, such as 3000; less than 100 %."
    )


@dataclass(eq=False)
class PoolNotInitialized(ConfigError):
    """The V4 manager has no pool `pool_id`."""

    pool_id: bytes
    message = (
        "The V4 manager has no pool {pool_id}. Give the tokens in order, the fee, the tick "
        "spacing and the hooks exactly as in the pool's key."
    )


@dataclass(eq=False)
class HooksNotAllowed(ConfigError):
    """The pool calls hooks `hooks` at every swap, and they are not allowed."""

    hooks: str
    message = (
        "The pool calls hooks {hooks} at every swap, and they are not allowed. Let the owner "
        "allow them with setHooks."
    )


@dataclass(eq=False)
class WrappedNativeNotSet(ConfigError):
    """The pool trades ether, and the wrapped native token is not set."""

    message = (
        "The pool trades ether, and the wrapped native token is not set. Let the owner call "
        "setWrappedNative first."
    )


@dataclass(eq=False)
class WrappedNativeAlreadySet(ConfigError):
    """The wrapped native token is `token`, and cannot be changed."""

    token: str
    message = "The wrapped native token is {token}, and cannot be changed. There is nothing to do."


@dataclass(eq=False)
class InvalidPoolTokens(ConfigError):
    """`token0` and `token1` are not two tokens that pool `pool` trades, in order."""

    pool: str
    token0: str
    token1: str
    message = (
        "{token0} and {token1} are not two tokens that pool {pool} trades, in order. Give the "
        "lesser address first, and neither the pool's own share nor ether against its wrapped "
        "token."
    )


@dataclass(eq=False)
class PoolAlreadyRegistered(ConfigError):
    """Pool `pool` is registered already, as `id`."""

    pool: str
    id: int
    message = "Pool {pool} is registered already, as {id}. Use that id."


@dataclass(eq=False)
class UnknownPool(GateError):
    """No pool is registered as `id`."""

    id: int
    message = "No pool is registered as {id}. See getPools for the registered ids."


# IAMMBot.


@dataclass(eq=False)
class AMMAlreadyInitialized(ConfigError):
    """The AMM bots are initialized already."""

    message = (
        "The AMM bots are initialized already. Change what they may do with setAMMCap and "
        "registerPools."
    )


@dataclass(eq=False)
class OrderExpired(GateError):
    """The order was valid until `deadline`, and the block's time is `timestamp`."""

    deadline: int
    timestamp: int
    message = (
        "The order was valid until {deadline}, and the block's time is {timestamp}. Search "
        "again and send a new order."
    )


@dataclass(eq=False)
class InvalidHops(GateError):
    """An arbitrage has 2 to 4 hops, not `hops`."""

    hops: int
    message = "An arbitrage has 2 to 4 hops, not {hops}. Give a cycle of 2 to 4 pools."


@dataclass(eq=False)
class SecondManager(GateError):
    """The cycle has a V4 pool of `manager` and one of another manager, and only one can be
    unlocked.
    """

    manager: str
    message = (
        "The cycle has a V4 pool of {manager} and one of another manager, and only one can be "
        "unlocked. Use V4 pools of one manager in a cycle."
    )


@dataclass(eq=False)
class InsufficientAMMCapital(GateError):
    """No pool of the cycle can be paid after its output, and the AMM bots have `capital` raw
    units of `token`, less than the `amount_in` that the cycle starts with.
    """

    token: str
    amount_in: int
    capital: int
    message = (
        "No pool of the cycle can be paid after its output, and the AMM bots have {capital} raw"
        " units of {token}, less than the {amount_in} that the cycle starts with. Lower the "
        "amount, or let the owner add capital with fundAMM."
    )


@dataclass(eq=False)
class ApprovalLeft(SwapError):
    """`spender` left `left` raw units of `token` of an exact allowance unspent."""

    token: str
    spender: str
    left: int
    message = (
        "{spender} left {left} raw units of {token} of an exact allowance unspent. Check the "
        "pool: it does not swap as its venue does, so unregister it."
    )


@dataclass(eq=False)
class OutputMismatch(SwapError):
    """Pool `pool` announced `announced` raw units of output and delivered `delivered`."""

    pool: str
    delivered: int
    announced: int
    message = (
        "Pool {pool} announced {announced} raw units of output and delivered {delivered}. Check"
        " the pool: it does not swap as its venue does, so unregister it."
    )


@dataclass(eq=False)
class PoolRepeated(GateError):
    """Pool `id` is in the cycle twice."""

    id: int
    message = "Pool {id} is in the cycle twice. Use a pool at most once in a cycle."


@dataclass(eq=False)
class TokenRepeated(GateError):
    """Token `token` is in the cycle twice, so it is two cycles."""

    token: str
    message = (
        "Token {token} is in the cycle twice, so it is two cycles. Send the two cycles one "
        "after the other."
    )


@dataclass(eq=False)
class TokenNotInPool(GateError):
    """Pool `id` does not trade `token`, the output of the hop before it."""

    id: int
    token: str
    message = (
        "Pool {id} does not trade {token}, the output of the hop before it. Fix the order of "
        "the pools."
    )


@dataclass(eq=False)
class CycleNotClosed(GateError):
    """The cycle starts in `token_in` and ends in `token_out`."""

    token_in: str
    token_out: str
    message = (
        "The cycle starts in {token_in} and ends in {token_out}. Add the hop that leads back to"
        " the first token."
    )


@dataclass(eq=False)
class AMMCapExceeded(GateError):
    """`amount_in` raw units of `token` exceed the cap of `cap` for one arbitrage (0: none may
    start in it).
    """

    token: str
    amount_in: int
    cap: int
    message = (
        "{amount_in} raw units of {token} exceed the cap of {cap} for one arbitrage (0: none "
        "may start in it). Lower the amount, or let the owner raise the cap with setAMMCap."
    )


@dataclass(eq=False)
class NotProfitable(GateError):
    """With `amount_in` raw units in, the measured profit is `profit`, and the minimum is
    `min_profit` (0 means 1).
    """

    amount_in: int
    profit: int
    min_profit: int
    message = (
        "With {amount_in} raw units in, the measured profit is {profit}, and the minimum is "
        "{min_profit} (0 means 1). Search again: the opportunity is gone or was taken."
    )


@dataclass(eq=False)
class ProfitMismatch(SwapError):
    """The balance of `token` is `measured` raw units, and by the swaps it should be `stated`:
    tokens came or went during the cycle.
    """

    token: str
    measured: int
    stated: int
    message = (
        "The balance of {token} is {measured} raw units, and by the swaps it should be "
        "{stated}: tokens came or went during the cycle. Check the pools and the token of the "
        "cycle, and unregister the one that moves tokens on its own."
    )


@dataclass(eq=False)
class ArbitrageQuoted(GateError):
    """Simulation result of `quoteArbitrage`: `amount_in` raw units in leave a profit of
    `profit`. It always reverts, and `quoteArbitrage` decodes it.
    """

    amount_in: int
    profit: int
    message = (
        "Simulation result of quoteArbitrage: {amount_in} raw units in leave a profit of "
        "{profit}. It always reverts, and quoteArbitrage decodes it. Call quoteArbitrage "
        "instead of its inner call."
    )


@dataclass(eq=False)
class ArbitrageFailed(SwapError):
    """The trial of `quoteArbitrage` failed with `reason`; comes out of it only where the trial
    ran out of gas.
    """

    reason: bytes
    message = (
        "The trial of quoteArbitrage failed with {reason}; comes out of it only where the trial"
        " ran out of gas. Call it with more gas."
    )


@dataclass(eq=False)
class NotTheDiamond(AccessError):
    """Caller `caller` is not the diamond, whose own calls alone this function is for."""

    caller: str
    message = (
        "Caller {caller} is not the diamond, whose own calls alone this function is for. Call "
        "quoteArbitrage."
    )


# ISwapCallback.


@dataclass(eq=False)
class UnexpectedCallback(SwapError):
    """`caller` called back, and `expected` was expected (zero: none was)."""

    caller: str
    expected: str
    message = (
        "{caller} called back, and {expected} was expected (zero: none was). Check who calls: a"
        " stranger, or a pool that calls twice, late or nested."
    )


@dataclass(eq=False)
class UnsupportedCallback(ConfigError):
    """Pool `pool` calls back by the function `selector`, which the diamond does not have."""

    pool: str
    selector: bytes
    message = (
        "Pool {pool} calls back by the function {selector}, which the diamond does not have. "
        "Use another pool, or add the fork's callback to the callback facet."
    )


@dataclass(eq=False)
class CallbackProbed(SwapError):
    """The pool called back as it must. Reverted with while a pool is registered, and caught
    there.
    """

    message = (
        "The pool called back as it must. Reverted with while a pool is registered, and caught "
        "there. None: it never comes out of the diamond."
    )


@dataclass(eq=False)
class CallFailed(SwapError, TreasuryError):
    """Contract `target`, a token, pool or vault, failed with `reason`, or a token returned
    false. Those are its words: they may look like any error, one of the diamond's own too.
    """

    target: str
    reason: bytes
    message = (
        "Contract {target}, a token, pool or vault, failed with {reason}, or a token returned "
        "false. Those are its words: they may look like any error, one of the diamond's own "
        "too. Look at what it says: balance, allowance, a pause or a blacklist of the token, "
        "the pool's liquidity."
    )


@dataclass(eq=False)
class CallbackAmountExceeded(GateError, SwapError):
    """The pool asks for `asked` raw units, and the swap allows `allowed`."""

    asked: int
    allowed: int
    message = (
        "The pool asks for {asked} raw units, and the swap allows {allowed}. Trade less, or add"
        " inventory for a short."
    )


@dataclass(eq=False)
class CallbackMissing(SwapError):
    """Pool `pool` delivered its output without calling back for its payment."""

    pool: str
    message = (
        "Pool {pool} delivered its output without calling back for its payment. Check the pool:"
        " it does not swap as its venue does, so unregister it."
    )


@dataclass(eq=False)
class UnexpectedInitiator(SwapError):
    """The pool called back for a swap that `initiator` began."""

    initiator: str
    message = (
        "The pool called back for a swap that {initiator} began. Check who calls: the diamond "
        "did not begin this swap."
    )


@dataclass(eq=False)
class CallbackAmountMismatch(SwapError):
    """The pool called back with `stated` raw units, and the swap has `expected`."""

    stated: int
    expected: int
    message = (
        "The pool called back with {stated} raw units, and the swap has {expected}. Check the "
        "pool: it does not swap as its venue does, so unregister it."
    )


@dataclass(eq=False)
class SlippageExceeded(GateError, SwapError):
    """The swap measured `measured` raw units, and the limit was `limit`."""

    measured: int
    limit: int
    message = (
        "The swap measured {measured} raw units, and the limit was {limit}. Take a new quote, "
        "or allow more slippage."
    )


@dataclass(eq=False)
class UnfaithfulToken(GateError, SwapError):
    """`measured` raw units of token `token` (zero: ether) moved where the pool states `stated`:
    the token takes fees or rebases, or was moved by others during the swap.
    """

    token: str
    measured: int
    stated: int
    message = (
        "{measured} raw units of token {token} (zero: ether) moved where the pool states "
        "{stated}: the token takes fees or rebases, or was moved by others during the swap. Do "
        "not trade this token."
    )


@dataclass(eq=False)
class PartialFill(GateError, SwapError):
    """The pool traded `traded` of `asked` raw units: it lacks liquidity, or trades another
    amount than it is asked for.
    """

    traded: int
    asked: int
    message = (
        "The pool traded {traded} of {asked} raw units: it lacks liquidity, or trades another "
        "amount than it is asked for. Trade less."
    )


# ILibraryErrors.


@dataclass(eq=False)
class ReentrancyGuardReentrantCall(GateError):
    """A guarded function was entered from within a guarded function: a token, pool or hook
    called back.
    """

    message = (
        "A guarded function was entered from within a guarded function: a token, pool or hook "
        "called back. Check the tokens and pools of this call: one of them is hostile."
    )


@dataclass(eq=False)
class SafeCastOverflowedUintDowncast(TreasuryError):
    """`value` does not fit the `bits` bits that the books have for it."""

    bits: int
    value: int
    message = (
        "{value} does not fit the {bits} bits that the books have for it. Use a smaller amount."
    )
