"""Custom errors that arbitrages meet, their pools and their callbacks."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.errors._base import ConfigError, GateError, SwapError


@dataclass(eq=False)
class AMMAlreadyInitialized(ConfigError):
    """Once is enough."""

    message = "the AMM bots are initialised: setAMMCap and registerPools change what they may do"


@dataclass(eq=False)
class InvalidPoolFee(ConfigError):
    """Another fee than the V3 pool's own, or 100 % and more."""

    pool: str
    fee: int
    message = (
        "{fee} (hundredths of a basis point) can't be the fee of {pool}: give a V3 pool's own, or "
        "for a V2 pair what its factory takes, such as 3000"
    )


@dataclass(eq=False)
class PoolNotInitialized(ConfigError):
    """The V4 manager does not know such a pool."""

    pool_id: bytes
    message = (
        "the manager has no pool {pool_id}: give the tokens in order, the fee, the tick spacing "
        "and the hooks exactly as in the pool's key"
    )


@dataclass(eq=False)
class HooksNotAllowed(ConfigError):
    """The owner has not allowed the hooks of the V4 pool."""

    hooks: str
    message = "the pool calls {hooks} at every swap: the owner allows these hooks by setHooks"


@dataclass(eq=False)
class WrappedNativeNotSet(ConfigError):
    """Ether counts as nothing yet."""

    message = "the pool trades ether: the owner names its wrapped token by setWrappedNative first"


@dataclass(eq=False)
class WrappedNativeAlreadySet(ConfigError):
    """Once for all."""

    token: str
    message = "ether counts as {token} for all time"


@dataclass(eq=False)
class InvalidPoolTokens(ConfigError):
    """No pair of tokens that the pool trades."""

    pool: str
    token0: str
    token1: str
    message = (
        "{token0} and {token1} are no two tokens that {pool} trades: give the lesser first, and "
        "neither the pool's own share nor ether against its wrapped token"
    )


@dataclass(eq=False)
class PoolAlreadyRegistered(ConfigError):
    """It has an id."""

    pool: str
    id: int
    message = "pool {pool} is registered already, as {id}"


@dataclass(eq=False)
class UnknownPool(GateError):
    """Never registered, or unregistered."""

    id: int
    message = "no pool is registered as {id}: see getPools"


@dataclass(eq=False)
class OrderExpired(GateError):
    """Too late."""

    deadline: int
    timestamp: int
    message = "the order was good until {deadline}, and the chain's clock is at {timestamp}"


@dataclass(eq=False)
class InvalidHops(GateError):
    """Too few or too many pools."""

    hops: int
    message = "an arbitrage has 2 to 4 hops, not {hops}"


@dataclass(eq=False)
class PoolRepeated(GateError):
    """A cycle uses a pool once."""

    id: int
    message = "pool {id} is in the cycle twice: each hop needs a pool of its own"


@dataclass(eq=False)
class TokenRepeated(GateError):
    """Two cycles in one."""

    token: str
    message = "token {token} is in the cycle twice: send its two cycles one after the other"


@dataclass(eq=False)
class TokenNotInPool(GateError):
    """The hops do not fit together."""

    id: int
    token: str
    message = "pool {id} does not trade {token}, which the hop before it gives"


@dataclass(eq=False)
class CycleNotClosed(GateError):
    """It would end in another token."""

    token_in: str
    token_out: str
    message = "the cycle starts in {token_in} and ends in {token_out}: add the hop that leads back"


@dataclass(eq=False)
class AMMCapExceeded(GateError):
    """Over the token's cap, raw units; a cap of 0 allows none."""

    token: str
    amount_in: int
    cap: int
    message = (
        "{amount_in} raw units of {token} are over the {cap} that one arbitrage may put in: take "
        "less, or the owner raises it by setAMMCap"
    )


@dataclass(eq=False)
class SecondManager(GateError):
    """V4 pools of two managers in one cycle."""

    manager: str
    message = "the cycle has a V4 pool of {manager} and one of another manager: take one of them"


@dataclass(eq=False)
class InsufficientAMMCapital(GateError):
    """No pool of the cycle gives first, and the capital is less. Raw units."""

    token: str
    amount_in: int
    capital: int
    message = (
        "no pool of the cycle gives first, and of the {amount_in} raw units of {token} that it "
        "takes the AMM bots have {capital}: take less, or the owner adds some by fundAMM"
    )


@dataclass(eq=False)
class ApprovalLeft(SwapError):
    """The vault took less than it was given leave for. Raw units."""

    token: str
    spender: str
    left: int
    message = "{spender} left {left} raw units of {token} that it was to take for the swap"


@dataclass(eq=False)
class OutputMismatch(SwapError):
    """A pool gave another amount than it had told. Raw units."""

    pool: str
    gave: int
    told: int
    message = "pool {pool} told that it would give {told} raw units, and gave {gave}"


@dataclass(eq=False)
class NotProfitable(GateError):
    """What the cycle would leave, raw units; nothing was paid."""

    amount_in: int
    profit: int
    min_profit: int
    message = (
        "{amount_in} raw units in would leave {profit}, and {min_profit} are the least (0: more "
        "than none): the opportunity is gone, or was taken"
    )


@dataclass(eq=False)
class ProfitMismatch(SwapError):
    """The balance moved otherwise than the swaps say. Raw units."""

    token: str
    measured: int
    stated: int
    message = (
        "the balance of {token} is {measured} raw units, and by the swaps it should be {stated}: "
        "something was given or taken in mid-flight"
    )


@dataclass(eq=False)
class ArbitrageQuoted(GateError):
    """What a trial ends with; `quoteArbitrage` turns it into an answer."""

    amount_in: int
    profit: int
    message = "{amount_in} raw units in would leave {profit}: a trial, nothing was done"


@dataclass(eq=False)
class CallbackMissing(SwapError):
    """The pool gave without asking for its pay."""

    pool: str
    message = "pool {pool} did not call back for its pay: it is none that its factory would make"


@dataclass(eq=False)
class UnexpectedInitiator(SwapError):
    """A callback of a swap that the diamond did not begin."""

    initiator: str
    message = "the pool called back for a swap that {initiator} began"


@dataclass(eq=False)
class CallbackAmountMismatch(SwapError):
    """Other amounts than the swap has. Raw units."""

    stated: int
    expected: int
    message = "the pool says that it gave {stated} raw units, and it was asked for {expected}"
