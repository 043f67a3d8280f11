"""The table of settings: a row each, in the order in which the owner's calls must be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from macrostrike.abi import interface
from macrostrike.deploy.plan._amm_rows import AMM_ROWS, hooks
from macrostrike.deploy.plan._capital import amm_capital, fleet_capital, inventory
from macrostrike.deploy.plan._checks import Call, Check
from macrostrike.deploy.plan._role_rows import ROLE_ROWS
from macrostrike.deploy.plan._setting import Act, Comparison, Setting, Words, each
from macrostrike.deploy.plan._words import changes, differences, shown, title
from macrostrike.deploy.target import Bot, Market, Plain, Rules, Target
from macrostrike.types import (
    BOTS_PER_STRATEGY,
    ZERO_ADDRESS,
    BotConfig,
    FleetConfig,
    MarketConfig,
    MarketRules,
    OracleKind,
    Strategy,
)

_ORACLES = {str(kind): kind for kind in OracleKind}


def plain_row(field: str, row: Plain) -> Setting:
    """The whole row of a setting that is one value; its field's name says its unit."""
    return Setting(
        title(field),
        wanted=lambda at: {None: getattr(at.target, field)},
        actual=lambda at: {None: at.diamond.plain.get(field, row.initial)},
        sets=Act("change the {key} from {old} to {new}", row.call, lambda _, value: (value,)),
        label=lambda at, key, value: title(field),
        words=each(lambda at, value: shown(field, value, at.lots)),
        reverses=lambda at, key, new, old: row.raised if old > new else "",
    )


Values = Callable[[Comparison], Mapping[Any, Any]]


def _once_set_up(values: Values) -> Values:
    """Of a fleet that is set up: one that isn't gets all of them at once."""
    return lambda at: values(at) if at.diamond.is_initialized else {}


def _fleet_row(
    name: str,
    wanted: Callable[[Comparison], Any],
    actual: Callable[[Comparison], Any],
    **others: Any,
) -> Setting:
    return Setting(
        name,
        _once_set_up(lambda at: {None: wanted(at)}),
        _once_set_up(lambda at: {None: actual(at)}),
        **others,
    )


def _market_row(
    name: str,
    wanted: Callable[[Market, MarketConfig], Any],
    actual: Callable[[Any], Any],
    **others: Any,
) -> Setting:
    """A setting of each market that is registered already."""
    return Setting(
        name,
        wanted=lambda at: {
            i: wanted(at.target.markets[i], market_config(at, at.target.markets[i]))
            for i in range(min(len(at.diamond.markets), len(at.target.markets)))
        },
        actual=lambda at: {
            i: actual(market)
            for i, market in enumerate(at.diamond.markets[: len(at.target.markets)])
        },
        label=_title,
        **others,
    )


def _fixed_row(place: str) -> Setting:
    """What a market is registered with, and keeps."""
    return _market_row(
        f"{place} of {{key}}",
        lambda market, config: getattr(config, place),
        lambda there: getattr(there, place),
    )


def _title(at: Comparison, i: int, _: object = None) -> str:
    return f"market {i}, {at.target.markets[i].name}"


def _differing(at: Comparison, new: Any, old: Any) -> Words:
    """Of a record, whose fields are set together, those that differ, with units."""
    if new == old:
        return Words("as in the target", "as in the target")
    found = differences(new, old, at.lots)
    news = ", ".join(f"{part} {new}" for part, new, _ in found)
    return Words(news, ", ".join(f"{part} {old}" for part, _, old in found), changes(found))


def _feeds(market: Any) -> tuple[str, str, int]:
    return market.feed, market.uptime_feed, market.uptime_grace


def _without_feeds(at: Comparison, i: int, old: object) -> bool:
    rules = market_rules(at.target.markets[i].rules), at.diamond.markets[i].rules
    return any(each.oracle != OracleKind.FEED for each in rules)


def _factory_names(at: Comparison) -> dict[str, str]:
    return {factory.address: name for name, factory in at.target.factories.items()}


def _new_fleet(at: Comparison) -> Mapping[None, FleetConfig]:
    target = at.target
    fleet = FleetConfig(
        quote=target.quote.address,
        unit_exponent=target.fleet.unit_exponent,
        lot=target.book(target.fleet.lot),
        bots=tuple(map(_bot_config, target.fleet.bots)),
    )
    return {} if at.diamond.is_initialized else {None: fleet}


def _bot_config(bot: Bot) -> BotConfig:
    return BotConfig(**bot.model_dump(exclude={"funding"}))


def market_rules(rules: Rules) -> MarketRules:
    """A market's rules as the contracts have them."""
    return MarketRules(**{**rules.model_dump(), "oracle": _ORACLES[rules.oracle]})


def market_config(at: Comparison, market: Market) -> MarketConfig:
    """A market as it is registered."""
    return MarketConfig(
        base=at.target.tokens[market.base].address,
        pool=at.target.pool_at(market),
        factory=at.target.factories[market.factory].address,
        feed=market.feed or ZERO_ADDRESS,
        uptime_feed=market.uptime_feed or ZERO_ADDRESS,
        uptime_grace=market.uptime_grace,
        min_block_seconds=market.min_block_seconds,
        fee=market.fee or 0,
        tick_spacing=market.tick_spacing or 0,
        hooks=market.hooks or ZERO_ADDRESS,
        rules=market_rules(market.rules),
    )


def _pool_name(config: MarketConfig) -> str:
    if not config.tick_spacing:
        return f"pool {config.pool}"
    key = f"fee {config.fee}, tick spacing {config.tick_spacing}, hooks {config.hooks}"
    return f"a pool of {config.pool}: {key}"


def _memories(at: Comparison) -> Iterator[Check]:
    """Whether the pools remember twice the windows that are asked of them. Anyone can fix that."""
    for i, market in enumerate(at.target.markets):
        window = at.target.window_of(market)
        if window is None:
            continue
        needed = 2 * window // market.min_block_seconds + 1
        pool = at.target.pool_at(market)
        slots = at.memories.get(pool, 0)
        function = "increaseObservationCardinalityNext"
        data = interface("IUniswapV3PoolMemory").encode_call(function, needed)
        does = f"have the pool of {_title(at, i)} remember {needed} observations"
        name, expected = f"memory of {_title(at, i)}", f"at least {needed} observations"
        fixes = (Call(does, pool, function, data),)
        yield Check(name, expected, str(slots), slots >= needed, fixes)


Row = Callable[[Comparison], Iterator[Check]]
ROWS: tuple[Row, ...] = (
    Setting(
        "owner",
        wanted=lambda at: {None: at.target.roles.owner},
        actual=lambda at: {None: at.diamond.owner},
    ),
    *(plain_row(field, row) for field, row in Target.plain().items()),
    Setting(
        "fleet",
        wanted=_new_fleet,
        actual=lambda at: {},
        sets=Act("set up 25 bots, in {key}", "initializeStrikeBots", lambda _, fleet: (fleet,)),
        label=lambda at, key, fleet: f"{at.target.fleet.quote}, lots of {at.target.fleet.lot}",
        words=lambda at, new, old: Words("set up", "not set up"),
    ),
    _fleet_row("quote token", lambda at: at.target.quote.address, lambda at: at.diamond.quote),
    _fleet_row(
        "unit exponent",
        lambda at: at.target.fleet.unit_exponent,
        lambda at: at.diamond.unit_exponent,
    ),
    _fleet_row(
        "lot",
        lambda at: at.target.book(at.target.fleet.lot),
        lambda at: at.diamond.lot,
        sets=Act("change the lot from {old} to {new}", "setLot", lambda _, lot: (lot,)),
        words=each(Comparison.book),
    ),
    Setting(
        "{key}",
        _once_set_up(lambda at: dict(enumerate(map(_bot_config, at.target.fleet.bots)))),
        _once_set_up(lambda at: dict(enumerate(at.diamond.bots))),
        sets=Act("configure {key}: {change}", "configureBot"),
        label=lambda at, i, bot: f"bot {i} ({Strategy(i // BOTS_PER_STRATEGY)})",
        words=_differing,
    ),
    fleet_capital,
    inventory,
    Setting(
        "factory {key}",
        wanted=lambda at: {each.address: each.venue for each in at.target.factories.values()},
        actual=lambda at: {
            factory: venue for factory, venue in at.diamond.factories.items() if venue is not None
        },
        sets=Act(
            "allow the pools of {key}, {id}",
            "setFactory",
            lambda factory, venue: (factory, venue, True),
        ),
        unsets=Act(
            "allow the pools of {id} no more",
            "setFactory",
            lambda factory, venue: (factory, venue, False),
        ),
        label=lambda at, factory, venue: _factory_names(at).get(factory, factory),
        words=each(lambda at, venue: "not allowed" if venue is None else f"allowed as {venue}"),
    ),
    hooks,
    _memories,
    Setting(
        "{key}",
        wanted=lambda at: {
            i: market_config(at, market)
            for i, market in enumerate(at.target.markets)
            if i >= len(at.diamond.markets)
        },
        actual=lambda at: {},
        sets=Act("have {key} {new}", "registerMarket", lambda _, config: (config,)),
        label=_title,
        words=lambda at, new, old: Words(f"registered on {_pool_name(new)}", "not registered"),
    ),
    *map(
        _fixed_row,
        (
            "base",
            "pool",
            "factory",
            "min_block_seconds",
            "fee",
            "tick_spacing",
            "hooks",
        ),
    ),
    _market_row(
        "feeds of {key}",
        lambda market, config: _feeds(config),
        _feeds,
        sets=Act(
            "set the feeds of {key}: from {old} to {new}",
            "setMarketFeeds",
            lambda i, feeds: (i, *feeds),
        ),
        is_fixed=_without_feeds,
    ),
    _market_row(
        "rules of {key}",
        lambda market, config: config.rules,
        lambda there: there.rules,
        sets=Act("change the rules of {key}: {change}", "updateMarket"),
        words=_differing,
    ),
    # A market is open as soon as it is registered.
    Setting(
        "{key} is enabled",
        wanted=lambda at: {i: market.enabled for i, market in enumerate(at.target.markets)},
        actual=lambda at: {
            i: i >= len(at.diamond.markets) or at.diamond.markets[i].enabled
            for i in range(len(at.target.markets))
        },
        absent=False,
        sets=Act("enable {key}", "enableMarket", lambda i, _: (i,)),
        unsets=Act("disable {key}", "disableMarket", lambda i, _: (i,)),
        label=_title,
        reverses=lambda at, i, new, old: "a disabled market" if new else "",
    ),
    Setting(
        "markets",
        wanted=lambda at: {None: len(at.target.markets)},
        actual=lambda at: {None: max(len(at.diamond.markets), len(at.target.markets))},
    ),
    *AMM_ROWS,
    amm_capital,
    *ROLE_ROWS,
)
