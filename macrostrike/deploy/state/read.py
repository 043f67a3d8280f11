"""Reads what a chain holds, through a transport."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from macrostrike.abi import diamond_abi
from macrostrike.chain import BoundContract, Reverted, Transport
from macrostrike.deploy.state._amm import read_amm
from macrostrike.deploy.state.snapshot import NOTHING, AmmState, ChainState, DiamondState
from macrostrike.deploy.target import Target
from macrostrike.errors import AbiError
from macrostrike.errors.deploying import DeployError
from macrostrike.inspector import implementation_of
from macrostrike.types import (
    Action,
    EngineGrant,
    Market,
    OperatorGrant,
    Signal,
    Strategy,
    Venue,
)


class _Unreadable(Exception):
    """A reader is not there. Its name is the argument."""


def read_state(
    transport: Transport,
    target: Target,
    *,
    planned: Iterable[str] = (),
    diamond: str | None = None,
    from_block: int = 0,
) -> ChainState:
    """The chain as it is now.

    `planned` is where a deployment's contracts go. `diamond` is where one was deployed, at
    block `from_block` or later; None where none was. A reader that it lacks is in
    `DiamondState.unread`. Raises `DeployError` when none is there.
    """
    return ChainState(
        chain_id=transport.chain_id,
        block=transport.block_number(),
        timestamp=transport.timestamp(),
        decimals={
            token.address: _decimals(transport, token.address) for token in target.tokens.values()
        },
        created=frozenset(address for address in planned if transport.code(address)),
        diamond=None if diamond is None else _Reader(transport, diamond, from_block).read(target),
        memories={
            pool: _memory(transport, pool)
            for pool in (
                target.pool_at(each)
                for each in target.markets
                if target.window_of(each) is not None
            )
        },
        proxies={
            pool: implementation
            for pool in map(target.pool_at, target.markets)
            if (implementation := implementation_of(transport, pool)) is not None
        },
    )


def _decimals(transport: Transport, token: str) -> int | None:
    try:
        return int(BoundContract.of(transport, token, "IToken").call("decimals"))
    except (AbiError, Reverted):
        return None


def _memory(transport: Transport, pool: str) -> int:
    """How many observations a V3 pool remembers, or will; 0 where none is."""
    try:
        return int(BoundContract.of(transport, pool, "IUniswapV3PoolMemory").call("slot0")[-1])
    except (AbiError, Reverted):
        return 0


class _Reader:
    def __init__(self, transport: Transport, diamond: str, from_block: int) -> None:
        self._transport = transport
        self._diamond = diamond
        self._from_block = from_block
        self._contract = BoundContract.diamond(transport, diamond)
        self._functions: dict[bytes, str] = {}

    def read(self, target: Target) -> DiamondState:
        code = self._transport.code(self._diamond)
        if not code:
            raise DeployError(f"no contract is at {self._diamond}: another chain is meant?")
        facets = self._contract.call("facets")
        self._functions = {s: f.facet_address for f in facets for s in f.function_selectors}
        codes = {f.facet_address: self._transport.code(f.facet_address) for f in facets}
        try:
            return self._read_settings(target, code, codes)
        except _Unreadable as lacking:
            there = DiamondState(
                self._diamond, "", functions=self._functions, code=code, codes=codes
            )
            return replace(there, unread=str(lacking))

    def _read_settings(self, target: Target, code: bytes, codes: dict[str, bytes]) -> DiamondState:
        initialized = self._events("FleetInitialized")
        markets = tuple(self._ask("getMarket", i) for i in range(self._ask("marketCount")))
        lot = self._ask("getLot")
        quote, reserve, _ = self._ask("getTreasury")
        operators, engines = self._operators(target), self._engines(target)
        return DiamondState(
            address=self._diamond,
            owner=self._ask("owner"),
            plain=self.plain(),
            functions=self._functions,
            code=code,
            codes=codes,
            is_initialized=lot != 0,
            quote=quote,
            unit_exponent=initialized[0]["unit_exponent"] if initialized else 0,
            lot=lot,
            bots=tuple(bot.config for bot in self._ask("getBots")),
            funded=tuple(map(self._funded, Strategy)),
            reserve=reserve,
            allowances=self._allowances(target),
            inventory=self._inventory(target, markets),
            factories=self._factories(target),
            markets=markets,
            operators=operators,
            engines=engines,
            revoked=frozenset(self._revoked(operators, engines)),
            models={model.model_id: model.engine for model in self._ask("getModels")},
            guardians=self._guardians(target),
            inits=frozenset(self._inits(target)),
            amm=NOTHING if target.amm is None else self._amm(target),
        )

    def plain(self) -> dict[str, Any]:
        """The settings that are one value each, by the target's field."""
        return {name: self._ask(row.view) for name, row in Target.plain().items()}

    def _ask(self, function: str, *args: Any) -> Any:
        if diamond_abi().selector(function) not in self._functions:
            raise _Unreadable(function)
        return self._contract.call(function, *args)

    def _events(self, name: str) -> list[Any]:
        logs = self._transport.logs(
            self._diamond, self._from_block, topics=[diamond_abi().topic(name)]
        )
        events = (diamond_abi().decode_event(log.topics, log.data) for log in logs)
        return [event.args for event in events if event is not None]

    def _inits(self, target: Target) -> Iterator[tuple[str, bytes]]:
        if target.upgrade is not None:
            for event in self._events("DiamondCut"):
                yield event["init"], event["calldata"]

    def _amm(self, target: Target) -> AmmState:
        hooks = {event["hooks"] for event in self._events("HooksSet")}
        is_initialized = bool(self._events("AMMInitialized"))
        return read_amm(self._ask, target, hooks, is_initialized=is_initialized)

    def _funded(self, strategy: Strategy) -> int:
        stats = self._ask("getStrategyStats", strategy)
        return int(stats.equity - stats.pnl)

    def _allowances(self, target: Target) -> dict[str, int]:
        owner, tokens = target.roles.owner, {token.address for token in target.tokens.values()}
        return {
            token: int(self._token(token).call("allowance", owner, self._diamond))
            for token in sorted(tokens)
        }

    def _token(self, token: str) -> BoundContract:
        return BoundContract.of(self._transport, token, "IToken")

    def _inventory(self, target: Target, markets: tuple[Market, ...]) -> dict[str, int]:
        bases = {token.address for token in target.tokens.values()} - {target.quote.address}
        inventory = {base: int(self._ask("inventoryOf", base)) for base in sorted(bases)}
        for strike_id in self._ask("getOpenStrikes"):
            strike = self._ask("getStrike", strike_id)
            base = markets[strike.record.market].base
            if not Signal(strike.signal).is_long and base in inventory:
                inventory[base] += strike.record.base_amount
        return inventory

    def _named(self, event: str, meant: Iterable[str]) -> list[str]:
        """Every account that the diamond ever gave something, or is meant to. `event` is
        `<What>Set`, and says which in its field of that name."""
        field = event.removesuffix("Set").lower()
        return sorted({*meant, *(each[field] for each in self._events(event))})

    def _factories(self, target: Target) -> dict[str, Venue | None]:
        known = self._named("FactorySet", (each.address for each in target.factories.values()))
        answers = {factory: self._ask("getFactory", factory) for factory in known}
        return {
            factory: venue if allowed else None for factory, (allowed, venue) in answers.items()
        }

    def _operators(self, target: Target) -> dict[str, OperatorGrant]:
        known = self._named("OperatorSet", (each.address for each in target.roles.operators))
        answers = {account: self._ask("getOperator", account) for account in known}
        return {
            account: OperatorGrant(valid_until, Action(actions), daily_budget, available)
            for account, (valid_until, actions, daily_budget, available) in answers.items()
        }

    def _engines(self, target: Target) -> dict[str, EngineGrant]:
        known = self._named("EngineSet", (each.address for each in target.roles.engines))
        return {account: EngineGrant(*self._ask("getEngine", account)) for account in known}

    def _revoked(
        self, operators: Mapping[str, OperatorGrant], engines: Mapping[str, EngineGrant]
    ) -> Iterator[str]:
        for role, grants in (("Operator", operators), ("Engine", engines)):
            had = {event[role.lower()] for event in self._events(f"{role}Set")}
            yield from (account for account in had if not grants[account].valid_until)

    def _guardians(self, target: Target) -> frozenset[str]:
        known = self._named("GuardianSet", target.roles.guardians)
        return frozenset(account for account in known if self._ask("isGuardian", account))
