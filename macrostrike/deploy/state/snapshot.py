"""What a chain holds, as data: what plans and verifications are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from macrostrike.arbitrage.venues import Identity
from macrostrike.types import (
    ZERO_ADDRESS,
    AMMTokenStats,
    BotConfig,
    EngineGrant,
    Market,
    OperatorGrant,
    Pool,
    Venue,
)


@dataclass(frozen=True, slots=True)
class AmmState:
    """The AMM bots of a diamond.

    tokens: by address; those that have, or had, a cap or capital.
    pools: those that are registered, by what tells them from others.
    hooks: those that the owner has allowed.
    wrapped_native: the zero address until it is set.
    inventory: of the tokens that the target funds them with, raw units.
    """

    is_initialized: bool
    tokens: Mapping[str, AMMTokenStats]
    pools: Mapping[Identity, Pool]
    hooks: frozenset[str] = frozenset()
    wrapped_native: str = ZERO_ADDRESS
    inventory: Mapping[str, int] = field(default_factory=dict)


NOTHING = AmmState(is_initialized=False, tokens={}, pools={})


@dataclass(frozen=True, slots=True)
class DiamondState:
    """A diamond. Amounts are raw units.

    plain: the settings that are one value each, by the target's field.
    functions: the facet of each selector.
    unread: a reader that it lacks, by name. Without it only functions and codes mean anything.
    code, codes: its own code, and each facet's.
    lot, unit_exponent, bots: meaningless while `is_initialized` is false.
    funded: quote that each strategy's bots were given, less what was taken back.
    allowances: what the target's owner lets the diamond take, by token.
    inventory: by base token; what open shorts have sold counts, as they buy it back.
    inits: what its cuts have run so far, contract and calldata; none where the target runs nothing.
    amm: read only where the target says something of it.
    factories, operators, engines: all that were ever named, and what is left of it.
    revoked: operators and engines that had a role, and have none.
    models: each one's engine; zero where it has none any more.
    """

    address: str
    owner: str
    plain: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[bytes, str] = field(default_factory=dict)
    unread: str = ""
    code: bytes = b""
    codes: Mapping[str, bytes] = field(default_factory=dict)
    is_initialized: bool = False
    quote: str = ""
    unit_exponent: int = 0
    lot: int = 0
    bots: tuple[BotConfig, ...] = ()
    funded: tuple[int, ...] = (0, 0, 0, 0, 0)
    reserve: int = 0
    allowances: Mapping[str, int] = field(default_factory=dict)
    inventory: Mapping[str, int] = field(default_factory=dict)
    factories: Mapping[str, Venue | None] = field(default_factory=dict)
    markets: tuple[Market, ...] = ()
    operators: Mapping[str, OperatorGrant] = field(default_factory=dict)
    engines: Mapping[str, EngineGrant] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    models: Mapping[int, str] = field(default_factory=dict)
    guardians: frozenset[str] = frozenset()
    inits: frozenset[tuple[str, bytes]] = frozenset()
    amm: AmmState = NOTHING


@dataclass(frozen=True, slots=True)
class ChainState:
    """A chain, as far as a deployment is concerned.

    decimals: of the target's tokens; None where no token is.
    created: those of a deployment's contracts that are there.
    memories: how many observations the pools of the target's markets remember.
    proxies: those of the markets' pools that are proxies, and where they get their code from.
    """

    chain_id: int
    block: int
    timestamp: int
    decimals: Mapping[str, int | None]
    created: frozenset[str] = frozenset()
    diamond: DiamondState | None = None
    memories: Mapping[str, int] = field(default_factory=dict)
    proxies: Mapping[str, str] = field(default_factory=dict)
