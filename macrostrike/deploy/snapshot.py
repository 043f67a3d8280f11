"""What a chain holds, as data: what plans and verifications are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from macrostrike.deploy._amm import NOTHING, AmmState
from macrostrike.types import BotConfig, EngineGrant, Market, OperatorGrant, Venue


@dataclass(frozen=True, slots=True)
class DiamondState:
    """A diamond. Amounts are raw units.

    functions: the facet of each selector.
    unread: readers that were missed, by name. Where there are some, nothing from `is_initialized`
    on means anything, nor do owner and threshold.
    code, codes: its own code, and each facet's.
    lot, unit_exponent, bots: meaningless while `is_initialized` is false.
    funded: quote that each strategy's bots were given, less what was taken back.
    allowances: what the target's owner lets the diamond take, by token.
    inventory: by base token; what open shorts have sold counts, as they buy it back.
    inits: what its cuts have run so far, contract and calldata; none where the target runs nothing.
    amm: read only where the target says something of it.
    factories, operators, engines: whoever was ever named, and what is left of it.
    """

    address: str
    owner: str
    threshold_bps: int
    functions: Mapping[bytes, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
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
    guardians: frozenset[str] = frozenset()
    inits: frozenset[tuple[str, bytes]] = frozenset()
    amm: AmmState = NOTHING


@dataclass(frozen=True, slots=True)
class ChainState:
    """A chain, as far as a deployment is concerned.

    decimals: of the target's tokens; None where no token is.
    created: those of a deployment's contracts that are there.
    """

    chain_id: int
    block: int
    timestamp: int
    decimals: Mapping[str, int | None]
    created: frozenset[str] = frozenset()
    diamond: DiamondState | None = None
