"""The target state: what a chain should hold, as data, one file a network.

Amounts are in whole tokens, shares in basis points, times in UTC. A target is validated whole, and
every fault is shown at once, with its line.
"""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from macrostrike.arbitrage.venues import VENUES, venue_named
from macrostrike.deploy.target._plain import Plain
from macrostrike.manifest import address_text
from macrostrike.types import (
    DYNAMIC_FEE,
    MIN_CONFIDENCE_BPS,
    ZERO_ADDRESS,
    Action,
    MarketRules,
    Strategy,
    Venue,
    ranges_of,
)

FIXTURE = "fixture"
ETHER = "ether"


def _address(value: str) -> str:
    address = address_text(value)
    if address == ZERO_ADDRESS:
        raise ValueError("the zero address cannot be meant")
    return address


def _address_or_fixture(value: str) -> str:
    return value if value == FIXTURE else _address(value)


def _actions(value: Any) -> Any:
    """A list of names, or what has been read already."""
    if not isinstance(value, list):
        return value
    known = {str(action.name).lower(): action for action in Action}
    if unknown := [str(name) for name in value if name not in known]:
        raise ValueError(f"unknown: {', '.join(unknown)}; known are {', '.join(known)}")
    return Action(sum({known[name] for name in value}))


def _fee(value: Any) -> Any:
    return DYNAMIC_FEE if value == "dynamic" else value


Address = Annotated[str, AfterValidator(_address)]
PlaceOnChain = Annotated[str, AfterValidator(_address_or_fixture)]
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
Fee = Annotated[int, Field(ge=0, le=DYNAMIC_FEE), BeforeValidator(_fee)]
TickSpacing = Annotated[int, Field(ge=1, lt=1 << 15)]
Bps = Annotated[int, Field(ge=1, le=10_000)]
Confidence = Annotated[int, Field(ge=MIN_CONFIDENCE_BPS, le=10_000)]
ModelId = Annotated[int, Field(ge=0, lt=1 << 16)]
Time = Annotated[AwareDatetime, Field(lt=datetime(9999, 1, 1, tzinfo=timezone.utc))]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Token(_Model):
    """An ERC-20. `decimals` is checked against the chain."""

    address: PlaceOnChain
    decimals: Annotated[int, Field(ge=2, le=18)]


class Bot(_Model):
    """One bot. `funding` is what it starts with, in quote."""

    funding: Amount
    risk_bps: Bps
    min_confidence_bps: Confidence
    longs: bool = True
    shorts: bool = True
    active: bool = True


FiveBots = Annotated[tuple[Bot, ...], Field(min_length=5, max_length=5)]


class Strategies(_Model):
    """The fleet: five strategies of five bots."""

    MarketMaking: FiveBots
    Arbitrage: FiveBots
    Momentum: FiveBots
    MeanReversion: FiveBots
    Volatility: FiveBots


class Fleet(_Model):
    """`lot` is the step of every allocation, in quote.

    A book unit is 10^unit_exponent raw units of quote.
    """

    quote: str
    unit_exponent: Annotated[int, Field(ge=0, le=16)]
    lot: Annotated[Decimal, Field(gt=0)]
    strategies: Strategies

    @property
    def bots(self) -> tuple[Bot, ...]:
        """All 25, in the order of the chain."""
        return tuple(bot for s in Strategy for bot in getattr(self.strategies, str(s)))


class Factory(_Model):
    """A factory whose pools may be registered: for arbitrages, and Uniswap's as markets too.

    `address` of UniswapV4 is its manager; a Balancer factory is named as of the kind it makes.
    """

    address: PlaceOnChain
    venue: Annotated[Venue, BeforeValidator(venue_named)]


class Rules(_Model):
    """What a market may do. Limits are in lots, times in seconds; the ranges are `MarketRules`'.

    oracle_window: the minimum length of the TWAP, or the age at which a feed's answer is stale.
    exit_window, exit_deviation_bps: the mean that bounds exits, and how much worse than it an
        operator may close.
    max_horizon, max_stop_loss_bps: of a strike.
    keeper_delay: after a strike is due, in which only operators and the owner close it.
    premium_bps, discount_bps, auction_seconds: a takeover's price falls from the one to the other.
    """

    oracle: Literal["PoolTwap", "Feed"] = "PoolTwap"
    longs: bool = True
    shorts: bool = True
    max_bot_lots: int
    max_strike_lots: int
    max_open_lots: int
    max_day_lots: int
    cooldown: int
    max_deviation_bps: int
    oracle_window: int
    exit_window: int
    exit_deviation_bps: int
    max_horizon: int
    max_stop_loss_bps: int
    keeper_delay: int
    premium_bps: int
    discount_bps: int
    auction_seconds: int

    @field_validator("*")
    @classmethod
    def _as_the_contracts_have_it(cls, value: Any, field: ValidationInfo) -> Any:
        rule = ranges_of(MarketRules).get(str(field.field_name))
        if rule is not None and not rule.min <= value <= rule.max:
            raise ValueError(f"must be from {rule.min} to {rule.max}, not {str(value)!r}")
        return value

    @model_validator(mode="after")
    def _windows(self) -> Rules:
        if self.exit_window > self.oracle_window:
            raise ValueError(
                f"exit_window {self.exit_window} exceeds oracle_window {self.oracle_window}"
            )
        return self


class Market(_Model):
    """A base token and the pool that it trades on against the fleet's quote.

    `pool` is the pool's address; a pool of UniswapV4 is named by its key instead: `fee`,
    `tick_spacing` and `hooks`, as in `amm.pools`. `feed` is a Chainlink-style one, of quote per
    base, where the rules say `Feed`; `uptime_feed` is Chainlink's sequencer uptime feed on an L2,
    and `uptime_grace` the seconds after a restart in which the feed is not believed.
    `min_block_seconds` is the fewest seconds between two blocks of the chain: a pool that keeps a
    price history must hold twice the oracle's window, or beside a feed twice the exit's.
    """

    name: str
    base: str
    factory: str
    pool: PlaceOnChain | None = None
    fee: Fee | None = None
    tick_spacing: TickSpacing | None = None
    hooks: Address | None = None
    feed: Address | None = None
    uptime_feed: Address | None = None
    uptime_grace: Annotated[int, Field(ge=0, le=86_400)] = 0
    min_block_seconds: Annotated[int, Field(ge=1, le=255)] = 12
    enabled: bool = True
    rules: Rules


class Operator(_Model):
    """A hot key. `daily_budget` is in quote."""

    address: Address
    valid_until: Time
    actions: Annotated[Action, BeforeValidator(_actions), Field(ge=1)]
    daily_budget: Amount


class Engine(_Model):
    """A prediction signer, and the ids of the models that it alone may predict by."""

    address: Address
    valid_until: Time
    models: Annotated[tuple[ModelId, ...], Field(min_length=1)]


class Roles(_Model):
    """Who may do what. Accounts that are not named here may do nothing."""

    owner: Address
    operators: tuple[Operator, ...] = ()
    engines: tuple[Engine, ...] = ()
    guardians: tuple[Address, ...] = ()


class Init(_Model):
    """A contract's function, run once in the diamond's own storage. `args` as the ABI has them."""

    contract: str
    function: str
    args: tuple[Any, ...] = ()


class Upgrade(_Model):
    """What the next cut does besides; what a diamond has run already is not run again."""

    init: Init


class AmmPool(_Model):
    """A pool that arbitrages may use, named as its venue names it.

    UniswapV3 and UniswapV2: `pool` and `fee`, in hundredths of a basis point.
    UniswapV4: its key, `token0`, `token1`, `fee`, `tick_spacing`, and `hooks` where it has some.
        `fee` is `dynamic` where these set it.
    Balancer: `pool`, and two of its tokens, `token0` and `token1`.

    Tokens are names of the target's, in either order; `ether`, of UniswapV4, is ether itself.
    """

    factory: str
    pool: PlaceOnChain | None = None
    token0: str | None = None
    token1: str | None = None
    fee: Fee | None = None
    tick_spacing: TickSpacing | None = None
    hooks: Address | None = None


class Amm(_Model):
    """Arbitrage.

    caps: what one may put in of a token that it starts with.
    funding: what the AMM bots hold of a token at the least, for cycles that need capital. It comes
        from the reserve or the inventory, beside what the target means to be there.
    wrapped_native: the token that ether counts as; said once, and never changed on chain.
    hooks: those that pools of UniswapV4 may have.
    """

    caps: dict[str, Amount]
    funding: dict[str, Amount] = {}
    wrapped_native: str | None = None
    hooks: tuple[Address, ...] = ()
    pools: tuple[AmmPool, ...] = ()


class Target(_Model):
    """What a chain should hold. Without `amm`, arbitrages are not checked."""

    chain_ids: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    tokens: dict[str, Token]
    facets: Annotated[tuple[str, ...], Field(min_length=1)]
    threshold_bps: Annotated[
        Confidence, Plain("threshold", "setThreshold", MIN_CONFIDENCE_BPS, "a raised threshold")
    ] = MIN_CONFIDENCE_BPS
    fleet: Fleet
    inventory: dict[str, Amount] = {}
    factories: dict[str, Factory] = {}
    markets: Annotated[tuple[Market, ...], Field(max_length=256)] = ()
    amm: Amm | None = None
    roles: Roles
    upgrade: Upgrade | None = None

    @property
    def has_fixtures(self) -> bool:
        """Whether it names contracts that the tooling deploys itself."""
        places = [
            *(token.address for token in self.tokens.values()),
            *(factory.address for factory in self.factories.values()),
            *(market.pool for market in self.markets),
            *(pool.pool for pool in (() if self.amm is None else self.amm.pools)),
        ]
        return FIXTURE in places

    @classmethod
    def plain(cls) -> dict[str, Plain]:
        """The rows of the settings that are one value of the whole diamond, by field."""
        rows = ((name, row) for name, info in cls.model_fields.items() for row in info.metadata)
        return {name: row for name, row in rows if isinstance(row, Plain)}

    def pool_at(self, market: Market) -> str:
        """The contract that has a market's pool: itself, or its manager."""
        return market.pool or self.factories[market.factory].address

    def window_of(self, market: Market) -> int | None:
        """Seconds of prices that are asked of a market's pool: the oracle's window, beside a feed
        the exit's. None where its venue keeps no history."""
        spec = VENUES[self.factories[market.factory].venue].market
        if spec is None or not spec.keeps_history:
            return None
        rules = market.rules
        return rules.oracle_window if rules.oracle == "PoolTwap" else rules.exit_window

    @property
    def quote(self) -> Token:
        """The fleet's quote token."""
        return self.tokens[self.fleet.quote]

    def raw(self, amount: Decimal, token: str) -> int:
        """An amount in raw units of a token."""
        return int(amount.scaleb(self.tokens[token].decimals))

    def book(self, amount: Decimal) -> int:
        """An amount of quote in book units."""
        return int(amount.scaleb(self.quote.decimals - self.fleet.unit_exponent))
