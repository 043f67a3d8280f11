"""Where a diamond and its target differ, and what would fix it.

One list serves both sides: what a plan has to do, and what a verification has to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from macrostrike.abi import diamond_abi, interface
from macrostrike.build import Contract
from macrostrike.deploy.plan._amm import amm_checks
from macrostrike.deploy.plan._capital import missing_capital
from macrostrike.deploy.plan._checks import Call, Check
from macrostrike.deploy.plan._facets import check_code, check_facets
from macrostrike.deploy.plan._words import changes, differences, moment
from macrostrike.deploy.state.snapshot import ChainState, DiamondState
from macrostrike.deploy.target import Bot, Engine, Operator, Rules, Target
from macrostrike.types import (
    BOTS_PER_STRATEGY,
    BotConfig,
    FleetConfig,
    MarketConfig,
    MarketRules,
    OracleKind,
    Strategy,
    Venue,
)
from macrostrike.types import Market as MarketState

_ZERO = "0x" + "00" * 20
_ORACLES = {str(kind): kind for kind in OracleKind}


def compare(
    target: Target, state: ChainState, facets: Mapping[str, Contract], contract: Contract
) -> list[Check]:
    """Every check of a deployed diamond, in the order in which fixes must be done.

    `facets` and `contract`, the diamond's own, are what was compiled.
    """
    diamond = state.diamond
    assert diamond is not None
    return [
        *compare_chain(target, state),
        check_code("the diamond", contract, diamond.code),
        *check_facets(diamond, facets),
        *compare_configuration(target, diamond, state.memories),
    ]


def compare_chain(target: Target, state: ChainState) -> Iterator[Check]:
    """What must be so before anything is deployed."""
    chains = " or ".join(map(str, target.chain_ids))
    yield Check("chain", chains, str(state.chain_id), state.chain_id in target.chain_ids)
    for name, token in target.tokens.items():
        actual = state.decimals[token.address]
        shown = "no ERC-20 at " + token.address if actual is None else str(actual)
        yield Check(f"decimals of {name}", str(token.decimals), shown, actual == token.decimals)
    for kind, grants in (("operator", target.roles.operators), ("engine", target.roles.engines)):
        for grant in grants:
            ends = int(grant.valid_until.timestamp())
            if ends <= state.timestamp:
                name = f"{kind} {grant.address}: valid_until"
                yield Check(name, "the future", moment(ends), False)


def compare_configuration(
    target: Target, diamond: DiamondState, memories: Mapping[str, int]
) -> list[Check]:
    """All that the owner sets, as far as the diamond can be asked.

    `memories` is how many observations the markets' pools remember.
    """
    if diamond.unread:
        shown = f"not readable: the diamond lacks {diamond.unread}"
        return [Check("settings", "readable", shown, False)]
    comparer = _Comparer(target, diamond, memories)
    return [
        *comparer.access(),
        *comparer.fleet(),
        *comparer.capital(),
        *comparer.markets(),
        *comparer.arbitrage(),
        *comparer.roles(),
    ]


class _Comparer:
    def __init__(self, target: Target, diamond: DiamondState, memories: Mapping[str, int]) -> None:
        self._target = target
        self._diamond = diamond
        self._memories = memories
        self._abi = diamond_abi()
        self._allowances = dict(diamond.allowances)

    def access(self) -> Iterator[Check]:
        owner, meant = self._target.roles.owner, self._target.threshold_bps
        yield self._check("owner", owner, self._diamond.owner)
        actual = self._diamond.threshold_bps
        verb = "raise" if meant > actual else "lower"
        does = f"{verb} the threshold from {actual} bps to {meant} bps"
        fix = self._call(does, "setThreshold", meant)
        reverses = "a raised threshold" if actual > meant else ""
        yield self._check("threshold", f"{meant} bps", f"{actual} bps", fix, reverses=reverses)

    def fleet(self) -> Iterator[Check]:
        target, diamond = self._target, self._diamond
        lot = target.book(target.fleet.lot)
        if not diamond.is_initialized:
            fleet = FleetConfig(
                quote=target.quote.address,
                unit_exponent=target.fleet.unit_exponent,
                lot=lot,
                bots=tuple(map(_bot_config, target.fleet.bots)),
            )
            does = f"set up 25 bots, in {target.fleet.quote}, lots of {target.fleet.lot}"
            fix = self._call(does, "initializeStrikeBots", fleet)
            yield Check("fleet", "set up", "not set up", False, (fix,))
            return
        yield self._check("quote token", target.quote.address, diamond.quote)
        yield self._check("unit exponent", target.fleet.unit_exponent, diamond.unit_exponent)
        meant_lot, actual_lot = self._lots(1, lot), self._lots(1, diamond.lot)
        does = f"change the lot from {actual_lot} to {meant_lot}"
        yield self._check("lot", meant_lot, actual_lot, self._call(does, "setLot", lot))
        for i, (meant, actual) in enumerate(zip(target.fleet.bots, diamond.bots, strict=True)):
            config = _bot_config(meant)
            name = f"bot {i} ({Strategy(i // BOTS_PER_STRATEGY)})"
            yield self._record(name, f"configure {name}", config, actual, "configureBot", i)

    def _missing(self) -> list[int]:
        """What each bot is to get, raw units of quote."""
        unit = 10**self._target.fleet.unit_exponent
        return missing_capital(self._meant(), self._diamond.funded, unit)

    def _meant(self) -> list[int]:
        """What each bot starts with, raw units of quote."""
        quote = self._target.fleet.quote
        return [self._target.raw(bot.funding, quote) for bot in self._target.fleet.bots]

    def capital(self) -> Iterator[Check]:
        """The total alone: rebalancing moves capital from strategy to strategy."""
        meant, actual = sum(self._meant()), sum(self._diamond.funded)
        missing = self._missing()
        total = sum(missing)
        deposit = max(0, total - self._diamond.reserve)
        quote = self._target.quote.address
        fixes = [*self._pay(quote, deposit, "deposit", deposit)] if deposit else []
        fixes.append(self._call(f"fund 25 bots with {self._quote(total)}", "fundBots", missing))
        yield Check(
            "funding of the bots",
            self._quote(meant),
            self._quote(actual),
            meant == actual,
            tuple(fixes) if total else (),  # what is there stays: a plan takes no capital out
            {quote: deposit},
        )
        yield from self._inventory()

    def _inventory(self) -> Iterator[Check]:
        for name, amount in self._target.inventory.items():
            token, meant = self._target.tokens[name].address, self._target.raw(amount, name)
            actual = self._diamond.inventory.get(token, 0)
            short = max(0, meant - actual)
            yield Check(
                f"inventory of {name}",
                f"at least {self._amount(meant, name)}",
                self._amount(actual, name),
                not short,
                self._pay(token, short, "depositInventory", token, short) if short else (),
                {token: short},
            )

    def markets(self) -> Iterator[Check]:
        for name, factory in self._target.factories.items():
            does = f"allow the pools of {name}, {factory.address}"
            yield self._check(
                f"factory {name}",
                f"allowed as {factory.venue}",
                _allowed(self._diamond.factories.get(factory.address)),
                self._call(does, "setFactory", factory.address, factory.venue, True),
            )
        meant_factories = {factory.address for factory in self._target.factories.values()}
        for address, strange in self._diamond.factories.items():
            if strange is not None and address not in meant_factories:
                does = f"allow the pools of {address} no more"
                fix = self._call(does, "setFactory", address, strange, False)
                yield self._check(f"factory {address}", _allowed(None), _allowed(strange), fix)
        for i, meant in enumerate(self._target.markets):
            config = MarketConfig(
                base=self._target.tokens[meant.base].address,
                pool=meant.pool,
                factory=self._target.factories[meant.factory].address,
                feed=meant.feed or _ZERO,
                uptime_feed=meant.uptime_feed or _ZERO,
                uptime_grace=meant.uptime_grace,
                min_block_seconds=meant.min_block_seconds,
                rules=_rules(meant.rules),
            )
            there = self._diamond.markets[i] if i < len(self._diamond.markets) else None
            yield from self._memory(f"market {i}, {meant.name}", config)
            yield from self._market(i, meant.name, meant.enabled, config, there)
        count, meant_count = len(self._diamond.markets), len(self._target.markets)
        if count > meant_count:
            yield self._check("markets", meant_count, count)

    def _market(
        self, i: int, name: str, enabled: bool, config: MarketConfig, there: MarketState | None
    ) -> Iterator[Check]:
        title = f"market {i}, {name}"
        if there is None:
            fixes = [self._call(f"open {title}, on pool {config.pool}", "registerMarket", config)]
            if not enabled:
                fixes.append(self._call(f"disable {title}", "disableMarket", i))
            yield Check(title, "registered", "not registered", False, tuple(fixes))
            return
        for place in ("base", "pool", "factory", "min_block_seconds"):
            yield self._check(f"{place} of {title}", getattr(config, place), getattr(there, place))
        meant_feeds, feeds = _feeds(config), _feeds(there)
        does = f"set the feeds of {title}: from {feeds} to {meant_feeds}"
        fix = self._call(does, "setMarketFeeds", i, *meant_feeds)
        both = config.rules.oracle == there.rules.oracle == OracleKind.FEED
        yield self._check(f"feeds of {title}", meant_feeds, feeds, *((fix,) if both else ()))
        name, does = f"rules of {title}", f"change the rules of {title}"
        yield self._record(name, does, config.rules, there.rules, "updateMarket", i)
        function = "enableMarket" if enabled else "disableMarket"
        fix = self._call(f"{function.removesuffix('Market')} {title}", function, i)
        reverses = "a disabled market" if enabled and not there.enabled else ""
        yield self._check(f"{title} is enabled", enabled, there.enabled, fix, reverses=reverses)

    def _record(
        self, name: str, does: str, meant: Any, actual: Any, function: str, *args: Any
    ) -> Check:
        """A record of settings that are changed together; what differs is named, with units."""
        found = differences(meant, actual, self._lots)
        if not found:
            return Check(name, "as in the target", "as in the target", True)
        fix = self._call(f"{does}: {changes(found)}", function, *args, meant)
        expected = ", ".join(f"{part} {new}" for part, new, _ in found)
        return Check(
            name, expected, ", ".join(f"{part} {old}" for part, _, old in found), False, (fix,)
        )

    def _memory(self, title: str, config: MarketConfig) -> Iterator[Check]:
        """Whether the pool remembers twice what the oracle's window needs."""
        if config.rules.oracle != OracleKind.POOL_TWAP:
            return
        needed = 2 * config.rules.oracle_window // config.min_block_seconds + 1
        slots = self._memories.get(config.pool, 0)
        function = "increaseObservationCardinalityNext"
        data = interface("IUniswapV3PoolMemory").encode_call(function, needed)
        does = f"have the pool of {title} remember {needed} observations"
        fixes = (Call(does, config.pool, function, data),)
        expected = f"at least {needed} observations"
        yield Check(f"memory of {title}", expected, str(slots), slots >= needed, fixes)

    def arbitrage(self) -> Iterator[Check]:
        return amm_checks(self._target, self._diamond.amm, self._call, self._bring)

    def _bring(self, name: str, amount: int) -> tuple[tuple[Call, ...], int]:
        """What has that much lie in the reserve, or the inventory, beside what is meant for others
        there, and what of it the owner pays. Raw units."""
        token = self._target.tokens[name].address
        if name == self._target.fleet.quote:
            spare = max(0, self._diamond.reserve - sum(self._missing()))
            short = max(0, amount - spare)
            return (self._pay(token, short, "deposit", short) if short else ()), short
        meant = self._target.raw(self._target.inventory.get(name, Decimal(0)), name)
        # What open shorts have sold is not there to be taken.
        spare = max(0, self._diamond.inventory.get(token, 0) - meant)
        short = max(0, amount - min(spare, self._diamond.amm.inventory.get(token, 0)))
        return (self._pay(token, short, "depositInventory", token, short) if short else ()), short

    def roles(self) -> Iterator[Check]:
        roles, diamond = self._target.roles, self._diamond
        for account in roles.guardians:
            fix = self._call(f"make {account} a guardian", "setGuardian", account, True)
            yield self._check(f"guardian {account}", True, account in diamond.guardians, fix)
        for account in sorted(diamond.guardians - set(roles.guardians)):
            fix = self._call(f"dismiss the guardian {account}", "setGuardian", account, False)
            yield self._check(f"guardian {account}", False, True, fix)
        for operator in roles.operators:
            yield self._operator(operator)
        for engine in roles.engines:
            yield self._engine(engine)
            yield from self._models(engine)
        yield from self._unknown(
            "operator", {o.address for o in roles.operators}, diamond.operators
        )
        yield from self._unknown("engine", {e.address for e in roles.engines}, diamond.engines)
        meant = {model for engine in roles.engines for model in engine.models}
        for model, account in diamond.models.items():
            if model not in meant and account != _ZERO:
                fix = self._call(f"revoke model {model} of {account}", "revokeModel", model)
                yield self._check(f"model {model}", "no engine", account, fix)

    def _operator(self, meant: Operator) -> Check:
        ends, budget = int(meant.valid_until.timestamp()), self._target.book(meant.daily_budget)
        grant = self._diamond.operators.get(meant.address)
        actual = (
            "nothing"
            if grant is None or not grant.valid_until
            else self._grant(grant.valid_until, grant.actions, grant.daily_budget)
        )
        expected = self._grant(ends, meant.actions, budget)
        does = f"let operator {meant.address} {expected} (now {actual})"
        fix = self._call(does, "setOperator", meant.address, ends, int(meant.actions), budget)
        name, reverses = f"operator {meant.address}", self._revoked(meant.address)
        return self._check(name, expected, actual, fix, reverses=reverses)

    def _revoked(self, account: str) -> str:
        return "a revoked role" if account in self._diamond.revoked else ""

    def _engine(self, meant: Engine) -> Check:
        ends = int(meant.valid_until.timestamp())
        grant = self._diamond.engines.get(meant.address)
        actual = 0 if grant is None else grant.valid_until
        does = f"believe engine {meant.address} until {moment(ends)} (now {moment(actual)})"
        fix = self._call(does, "setEngine", meant.address, ends)
        name, reverses = f"engine {meant.address}", self._revoked(meant.address)
        return self._check(name, moment(ends), moment(actual), fix, reverses=reverses)

    def _models(self, engine: Engine) -> Iterator[Check]:
        for model in engine.models:
            actual = self._diamond.models.get(model, _ZERO)
            shown = "no engine" if actual == _ZERO else actual
            does = f"let engine {engine.address} predict by model {model}"
            fix = self._call(does, "setModel", model, engine.address)
            yield self._check(f"model {model}", engine.address, shown, fix)

    def _unknown(self, kind: str, meant: set[str], actual: Mapping[str, Any]) -> Iterator[Check]:
        for account, grant in actual.items():
            if account not in meant and grant.valid_until:
                fix = self._call(f"revoke {kind} {account}", f"revoke{kind.capitalize()}", account)
                yield self._check(f"{kind} {account}", "nothing", moment(grant.valid_until), fix)

    def _check(
        self, name: str, expected: object, actual: object, *fixes: Call, reverses: str = ""
    ) -> Check:
        if expected == actual:
            return Check(name, str(expected), str(actual), True)
        if reverses:
            fixes = tuple(replace(fix, does=f"{fix.does}, REVERSING {reverses}") for fix in fixes)
        return Check(name, str(expected), str(actual), False, fixes, reverses=reverses)

    def _call(self, does: str, function: str, *args: Any) -> Call:
        data = self._abi.encode_call(function, *args)
        return Call(does, self._diamond.address, function, data)

    def _pay(self, token: str, amount: int, function: str, *args: Any) -> tuple[Call, ...]:
        """The approval, of exactly what the call then takes, unless it was given, and the call."""
        name = next(n for n, t in self._target.tokens.items() if t.address == token)
        shown = self._amount(amount, name)
        pays = self._call(f"deposit {shown}", function, *args)
        # For the first payment alone: it is used up by then.
        if self._allowances.pop(token, None) == amount:
            return (pays,)  # what was cut short between the two
        approval = interface("IToken").encode_call("approve", self._diamond.address, amount)
        return Call(f"let the diamond take {shown}", token, "approve", approval), pays

    def _lots(self, lots: int, lot: int | None = None) -> str:
        """So many lots, in quote: of the diamond, or of the size that is given in book units."""
        size = self._target.book(self._target.fleet.lot) if lot is None else lot
        return self._quote(lots * size * 10**self._target.fleet.unit_exponent)

    def _quote(self, raw: int) -> str:
        return self._amount(raw, self._target.fleet.quote)

    def _amount(self, raw: int, token: str) -> str:
        amount = Decimal(raw).scaleb(-self._target.tokens[token].decimals).normalize()
        return f"{amount:,f} {token}"

    def _grant(self, ends: int, actions: Any, budget: int) -> str:
        names = "+".join(str(a.name).lower() for a in type(actions) if a in actions)
        daily = self._quote(budget * 10**self._target.fleet.unit_exponent)
        return f"{names}, {daily} a day, until {moment(ends)}"


def _bot_config(bot: Bot) -> BotConfig:
    return BotConfig(
        risk_bps=bot.risk_bps,
        min_confidence_bps=bot.min_confidence_bps,
        longs=bot.longs,
        shorts=bot.shorts,
        active=bot.active,
    )


def _rules(rules: Rules) -> MarketRules:
    return MarketRules(**{**rules.model_dump(), "oracle": _ORACLES[rules.oracle]})


def _feeds(market: MarketConfig | MarketState) -> tuple[str, str, int]:
    return market.feed, market.uptime_feed, market.uptime_grace


def _allowed(venue: Venue | None) -> str:
    return "not allowed" if venue is None else f"allowed as {venue}"
