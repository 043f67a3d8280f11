"""Faults that no section of a target has by itself, but that lie between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from macrostrike.arbitrage.venues import VENUES
from macrostrike.build import ours
from macrostrike.chain.chains import LOCAL_CHAINS
from macrostrike.deploy.target._amm_rules import amm_faults
from macrostrike.deploy.target._init import init_call
from macrostrike.deploy.target._schema import FIXTURE, Target
from macrostrike.deploy.target._yaml import Place
from macrostrike.errors import ArtifactsMissing
from macrostrike.errors.deploying import DeployError
from macrostrike.types import BOTS_PER_STRATEGY, DYNAMIC_FEE, Strategy, Venue

# Without these a diamond could be neither changed nor looked into, and no target be verified.
_NEEDED = frozenset(
    {
        "diamondCut",
        "uniswapV3SwapCallback",  # registering a market tries its pool
        "facets",
        "facetFunctionSelectors",
        "facetAddresses",
        "facetAddress",
        "owner",
        "getOperator",
        "getEngine",
        "getModels",
        "isGuardian",
        "getTreasury",
        "inventoryOf",
        "getBots",
        "getLot",
        "getStrategyStats",
        "marketCount",
        "getMarket",
        "getFactory",
        "getOpenStrikes",
        "getStrike",
        *(row.view for row in Target.plain().values()),
    }
)
_NEEDED_BY_AMM = frozenset(
    {
        "initializeAMMBots",
        "poolCount",
        "getPools",
        "getAMMStats",
        "hooksAllowed",
        "wrappedNative",
    }
)
_MAX_EQUITY = (1 << 42) - 1


def faults_across(sections: Mapping[str, Any]) -> list[tuple[Place, str]]:
    """Faults between sections, as far as these are there."""
    return [
        *_bad_facets(sections),
        *_bad_init(sections),
        *_bad_names(sections),
        *_bad_fixtures(sections),
        *_bad_venues(sections),
        *_bad_keys(sections),
        *_bad_oracles(sections),
        *_several_roles(sections),
        *_bad_amounts(sections),
        *_twice(sections),
        *amm_faults(sections),
    ]


def _bad_facets(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    owners: dict[str, str] = {}
    for i, name in enumerate(sections.get("facets", ())):
        try:
            facet = ours(name)
        except ArtifactsMissing:
            yield ("facets", i), f"{name} is not a compiled contract"
            continue
        if not facet.creation:
            yield ("facets", i), f"{name} has no code: it is an interface, or abstract"
            continue
        if facet.takes_arguments:
            yield ("facets", i), f"{name} takes arguments to be created, and gets none"
        for function in facet.functions.values():
            if owners.setdefault(function, name) != name:
                yield ("facets", i), f"{name} has {function}, as {owners[function]} has"
    names = {function.partition("(")[0] for function in owners}
    if names and (missing := sorted(_NEEDED - names)):
        yield ("facets",), f"no facet has {', '.join(missing)}"
    if names and sections.get("amm") and (missing := sorted(_NEEDED_BY_AMM - names)):
        yield ("amm",), f"no facet has {', '.join(missing)}"


def _bad_init(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    upgrade = sections.get("upgrade")
    if upgrade is not None:
        init = upgrade.init
        try:
            init_call(init.contract, init.function, init.args, ours)
        except DeployError as fault:
            yield ("upgrade", "init"), str(fault)


def _bad_names(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    tokens, fleet = sections.get("tokens"), sections.get("fleet")
    factories, markets = sections.get("factories"), sections.get("markets", ())
    quote = None if fleet is None else fleet.quote
    used: list[tuple[Place, str]] = [] if fleet is None else [(("fleet", "quote"), fleet.quote)]
    used += [(("markets", i, "base"), market.base) for i, market in enumerate(markets)]
    used += [(("inventory", name), name) for name in sections.get("inventory", {})]
    for place, name in used:
        if tokens is not None and name not in tokens:
            yield place, f"{name!r} is not among the tokens: {', '.join(tokens)}"
        elif place[0] != "fleet" and name == quote:
            yield place, f"{name} is the quote token, where a base token is meant"
    for i, market in enumerate(markets):
        if factories is not None and market.factory not in factories:
            known = ", ".join(factories) or "none"
            yield (
                ("markets", i, "factory"),
                f"{market.factory!r} is not among the factories: {known}",
            )


def _bad_fixtures(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    foreign = sorted(set(sections.get("chain_ids", ())) - LOCAL_CHAINS)
    if not foreign:
        return
    for section in ("tokens", "factories"):
        for name, entry in sections.get(section, {}).items():
            if entry.address == FIXTURE:
                yield (section, name, "address"), _not_on(foreign)
    for i, market in enumerate(sections.get("markets", ())):
        if market.pool == FIXTURE:
            yield ("markets", i, "pool"), _not_on(foreign)
    amm = sections.get("amm")
    for i, pool in enumerate(() if amm is None else amm.pools):
        if pool.pool == FIXTURE:
            yield ("amm", "pools", i, "pool"), _not_on(foreign)


def _not_on(chains: Sequence[int]) -> str:
    return f"fixtures are for local chains only, not for chain {', '.join(map(str, chains))}"


def _bad_venues(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    factories = sections.get("factories") or {}
    for i, market in enumerate(sections.get("markets", ())):
        factory = factories.get(market.factory)
        if factory is not None and VENUES[factory.venue].market is None:
            place: Place = ("markets", i, "factory")
            others = " or ".join(str(venue) for venue, spec in VENUES.items() if spec.market)
            yield place, f"{factory.venue} is for arbitrages: a market needs a pool of {others}"
    for name, factory in factories.items():
        if factory.address == FIXTURE and not VENUES[factory.venue].has_fixture:
            yield ("factories", name, "address"), f"no fixture is of {factory.venue}: name its own"
    amm = sections.get("amm")
    for i, pool in enumerate(() if amm is None else amm.pools):
        factory = factories.get(pool.factory)
        if pool.pool == FIXTURE and factory and not VENUES[factory.venue].has_fixture:
            yield ("amm", "pools", i, "pool"), f"no fixture is of {factory.venue}: name it"


def _bad_keys(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """A market's pool is named by its address, or by its key where a manager keeps it."""
    factories, amm = sections.get("factories") or {}, sections.get("amm")
    for i, market in enumerate(sections.get("markets", ())):
        factory = factories.get(market.factory)
        if factory is None or VENUES[factory.venue].market is None:
            continue
        is_kept = not VENUES[factory.venue].naming.has_address
        for name, is_meant in (("pool", not is_kept), ("fee", is_kept), ("tick_spacing", is_kept)):
            is_said = getattr(market, name) is not None
            if is_meant and not is_said:
                yield ("markets", i, name), f"is missing: a market on {factory.venue} needs it"
            elif is_said and not is_meant:
                yield ("markets", i, name), f"is not wanted: a market on {factory.venue} has none"
        if market.hooks is not None and not is_kept:
            yield ("markets", i, "hooks"), f"is not wanted: a market on {factory.venue} has none"
        elif market.hooks is not None and (amm is None or market.hooks not in amm.hooks):
            yield ("markets", i, "hooks"), f"{market.hooks} is not among amm.hooks"
        elif market.hooks is None and market.fee == DYNAMIC_FEE:
            yield ("markets", i, "fee"), "dynamic fees are set by hooks, and it has none"


def _bad_oracles(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    factories = sections.get("factories") or {}
    for i, market in enumerate(sections.get("markets", ())):
        factory = factories.get(market.factory)
        if market.rules.oracle == "Feed" and market.feed is None:
            yield ("markets", i, "feed"), "is missing: the rules say Feed"
        elif market.rules.oracle != "Feed" and market.feed is not None:
            yield ("markets", i, "feed"), f"is not wanted: the rules say {market.rules.oracle}"
        elif market.feed is None and factory is not None and _keeps_no_history(factory.venue):
            place = ("markets", i, "rules", "oracle")
            yield place, f"a pool of {factory.venue} keeps no price history: name a feed"
        if (market.uptime_feed is None) != (market.uptime_grace == 0):
            yield ("markets", i, "uptime_grace"), "goes with uptime_feed: name both or neither"


def _keeps_no_history(venue: Venue) -> bool:
    market = VENUES[venue].market
    return market is not None and not market.keeps_history


def _bad_amounts(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    tokens, fleet, roles = (sections.get(name) for name in ("tokens", "fleet", "roles"))
    if tokens is None:
        return
    for name, amount in sections.get("inventory", {}).items():
        if name in tokens and not _is_whole(amount.scaleb(tokens[name].decimals)):
            yield ("inventory", name), f"{amount} has more than {tokens[name].decimals} decimals"
    if fleet is None or fleet.quote not in tokens:
        return
    shift = tokens[fleet.quote].decimals - fleet.unit_exponent
    counted: list[tuple[Place, Decimal, int]] = [(("fleet", "lot"), fleet.lot, (1 << 40) - 1)]
    for i, bot in enumerate(fleet.bots):
        name, index = Strategy(i // BOTS_PER_STRATEGY), i % BOTS_PER_STRATEGY
        where: Place = ("fleet", "strategies", str(name), index, "funding")
        counted.append((where, bot.funding, _MAX_EQUITY))
    for i, operator in enumerate(() if roles is None else roles.operators):
        where = ("roles", "operators", i, "daily_budget")
        counted.append((where, operator.daily_budget, (1 << 64) - 1))
    for place, amount, maximum in counted:
        units = amount.scaleb(shift)
        if not _is_whole(units):
            yield place, f"{amount} is not a whole number of book units, of 10^{-shift} each"
        elif units > maximum:
            yield (
                place,
                f"{amount} is over {Decimal(maximum).scaleb(-shift):f}: use a larger unit_exponent",
            )


def _several_roles(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """One key, one role: a key that is stolen must not hold two."""
    roles = sections.get("roles")
    if roles is None:
        return
    holders: dict[str, str] = {}
    lists: tuple[tuple[Place, str, list[str]], ...] = (
        (("roles", "owner"), "owner", [roles.owner]),
        (("roles", "operators"), "operator", [each.address for each in roles.operators]),
        (("roles", "engines"), "engine", [each.address for each in roles.engines]),
        (("roles", "guardians"), "guardian", list(roles.guardians)),
    )
    for place, role, accounts in lists:
        for i, account in enumerate(accounts):
            other = holders.setdefault(account, role)
            if other != role:
                where = place if role == "owner" else (*place, i)
                yield where, f"{account} is {other} already: give each role an account of its own"


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _twice(sections: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    roles, markets = sections.get("roles"), sections.get("markets", ())
    lists: list[tuple[Place, list[str]]] = [
        (("facets",), list(sections.get("facets", ()))),
        (("markets",), [market.name for market in markets]),
    ]
    if roles is not None:
        lists += [
            (("roles", "operators"), [operator.address for operator in roles.operators]),
            (("roles", "engines"), [engine.address for engine in roles.engines]),
            (("roles", "guardians"), list(roles.guardians)),
            (("roles", "engines"), [f"model {m}" for each in roles.engines for m in each.models]),
        ]
    for place, names in lists:
        for name, count in Counter(names).items():
            if count > 1:
                last = len(names) - 1 - names[::-1].index(name)
                yield (*place, last), f"{name} is listed {count} times"
