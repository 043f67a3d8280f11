"""Custom errors that owners and guardians meet: cuts, roles, capital, settings."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.errors._base import (
    AccessError,
    ConfigError,
    ContractError,
    CutError,
    TreasuryError,
)


@dataclass(eq=False)
class NotOwner(AccessError):
    """Owner only."""

    caller: str
    owner: str
    message = "{caller} is not the owner: {owner} is"


@dataclass(eq=False)
class NotPendingOwner(AccessError):
    """For the named successor only."""

    caller: str
    pending_owner: str
    message = "{caller} was not offered the ownership: {pending_owner} was (zero: nobody)"


@dataclass(eq=False)
class NotGuardian(AccessError):
    """Owner or guardian only."""

    caller: str
    message = "{caller} is neither the owner nor a guardian"


@dataclass(eq=False)
class InvalidGrant(ConfigError):
    """The expiry has passed, or the actions are none or unknown."""

    account: str
    valid_until: int
    actions: int
    message = (
        "{account} can't be granted actions {actions} until {valid_until}: the expiry must "
        "be in the future, an operator's actions be a sum of 1, 2, 4 and 8"
    )


@dataclass(eq=False)
class ThresholdOutOfRange(ConfigError):
    """Under the least, or over 100 %."""

    threshold_bps: int
    least: int
    message = (
        "threshold {threshold_bps} bps is outside {least} to 10000: the owner may go down to "
        "9300, a guardian only up"
    )


@dataclass(eq=False)
class ZeroAddress(ConfigError):
    """An address that may not be zero is."""

    message = "the zero address can't be meant here: give a real one"


@dataclass(eq=False)
class ExpectedPause(ContractError):
    """There is nothing to unpause."""

    message = "strikes are not paused"


@dataclass(eq=False)
class AlreadyInitialized(ConfigError):
    """Once only."""

    message = "the fleet is initialised: change bots by configureBot, the lot by setLot"


@dataclass(eq=False)
class InvalidConfig(ConfigError):
    """A setting of the fleet is out of range."""

    field: str
    value: int
    message = "{field} can't be {value}: see FleetConfig and BotConfig for what is allowed"


@dataclass(eq=False)
class UnknownBot(ConfigError):
    """No such bot."""

    bot: int
    message = "there is no bot {bot}: they are 0 to 24"


@dataclass(eq=False)
class EquityOverflow(TreasuryError):
    """More equity than 42 bits of book units hold."""

    bot: int
    equity: int
    message = (
        "bot {bot} would have {equity} book units, over its 42 bits: fund less, or choose a "
        "larger unit at initialisation"
    )


@dataclass(eq=False)
class InsufficientEquity(TreasuryError):
    """More than the bot has free. Raw units."""

    bot: int
    asked: int
    available: int
    message = "bot {bot} has {available} free, and {asked} were asked for: settle its strikes"


@dataclass(eq=False)
class NoWeights(ConfigError):
    """Nothing to share by."""

    message = "all weights are zero: give at least one bot a share"


@dataclass(eq=False)
class StrikesOpen(ConfigError):
    """Possible only while none is open."""

    count: int
    message = "{count} strikes are open, and this needs none: settle them first"


@dataclass(eq=False)
class NotHalted(ContractError):
    """There is nothing to resume."""

    message = "no breaker has stopped the fleet"


@dataclass(eq=False)
class FactoryNotAllowed(ConfigError):
    """The owner has not allowed the factory."""

    factory: str
    message = "factory {factory} is not allowed: the owner allows it by setFactory"


@dataclass(eq=False)
class PoolNotCanonical(ConfigError):
    """The factory does not vouch for the pool."""

    pool: str
    factory: str
    message = "pool {pool} is not what factory {factory} has for its tokens and fee"


@dataclass(eq=False)
class PoolTokensMismatch(ConfigError):
    """Not a pool of base against quote."""

    pool: str
    base: str
    quote: str
    message = "{pool} is no pool of base {base} against quote {quote}"


@dataclass(eq=False)
class UnsupportedDecimals(ConfigError):
    """Outside 2 to 18."""

    token: str
    decimals: int
    message = "token {token} has {decimals} decimals: 2 to 18 are supported"


@dataclass(eq=False)
class InvalidRule(ConfigError):
    """A market rule is out of range."""

    field: str
    value: int
    message = "{field} can't be {value}: see MarketRules for what is allowed"


@dataclass(eq=False)
class InvalidOracle(ConfigError):
    """The feed does not serve, or the pool has no history."""

    feed: str
    message = (
        "{feed} can't be the market's feed: one is missing, is not wanted, or does not answer; or "
        "the pool keeps no price history of its own"
    )


@dataclass(eq=False)
class TooManyMarkets(ConfigError):
    """256 is the most."""

    message = "there are 256 markets, and no more can be"


@dataclass(eq=False)
class QuoteNotSet(TreasuryError):
    """No quote token yet."""

    message = "the quote token is not set: the owner calls initializeStrikeBots first"


@dataclass(eq=False)
class ZeroAmount(TreasuryError):
    """Nothing to move."""

    message = "the amount is zero, or nothing arrived"


@dataclass(eq=False)
class NotABaseToken(TreasuryError):
    """Quote was given where base is meant."""

    token: str
    message = "{token} is the quote token, and a base token is meant: use deposit"


@dataclass(eq=False)
class FunctionNotFound(CutError):
    """No facet answers."""

    selector: bytes
    message = "no facet answers {selector}: the diamond lacks this function"


@dataclass(eq=False)
class NoSelectors(CutError):
    """An entry without selectors."""

    facet: str
    action: int
    message = "the entry for {facet} (action {action}) names no selectors"


@dataclass(eq=False)
class ZeroSelector(CutError):
    """0x00000000 stands for calldata that is too short."""

    message = "0x00000000 can't be added: calldata that is too short looks like it"


@dataclass(eq=False)
class FacetWithoutCode(CutError):
    """Calls to it would succeed without doing anything."""

    facet: str
    message = "{facet} holds no code: deploy the facet first"


@dataclass(eq=False)
class DiamondAsFacet(CutError):
    """It would call itself until gas is spent."""

    diamond: str
    message = "the diamond {diamond} can't be its own facet"


@dataclass(eq=False)
class RemoveNamesFacet(CutError):
    """A Remove entry names no facet."""

    facet: str
    message = "an entry that removes must name the zero address, not {facet}"


@dataclass(eq=False)
class InitWithoutCode(CutError):
    """Initialising would succeed without doing anything."""

    init: str
    message = "{init} holds no code: deploy the initialiser first"


@dataclass(eq=False)
class InitDataMissing(CutError):
    """An initialiser, and nothing to call it with."""

    init: str
    message = "there is an initialiser, {init}, and nothing to call it with"


@dataclass(eq=False)
class DuplicateSelector(CutError):
    """Twice in one entry."""

    selector: bytes
    message = "{selector} stands twice in one entry"


@dataclass(eq=False)
class DirtySelector(CutError):
    """A word that is no selector."""

    word: bytes
    message = "{word} is no selector: there is something in its padding"


@dataclass(eq=False)
class SelectorAlreadyAdded(CutError):
    """Add what is there."""

    selector: bytes
    facet: str
    message = "{selector} can't be added, as {facet} answers it: replace it"


@dataclass(eq=False)
class SelectorAlreadyOnFacet(CutError):
    """Replace by itself."""

    selector: bytes
    facet: str
    message = "{selector} can't be replaced, as {facet} answers it already: leave it out"


@dataclass(eq=False)
class SelectorNotAdded(CutError):
    """Replace or remove what is not there."""

    selector: bytes
    message = "{selector} can't be replaced or removed, as no facet answers it"


@dataclass(eq=False)
class CoreFunction(CutError):
    """The diamond could not be changed or looked into any more."""

    selector: bytes
    message = "{selector} is a core function: replace it, or mean it by removeCoreFunctions"


@dataclass(eq=False)
class NotCoreFunction(CutError):
    """Only core functions are removed that way."""

    selector: bytes
    message = "{selector} is no core function: remove it by diamondCut"


@dataclass(eq=False)
class InitMissing(CutError):
    """Calldata without an initialiser."""

    data: bytes
    message = "there is calldata to initialise with, {data}, and no initialiser to run it on"


@dataclass(eq=False)
class InitializationFailed(CutError):
    """The initialiser failed without a reason."""

    init: str
    data: bytes
    message = "the initialiser {init} failed without a reason, called with {data}"
