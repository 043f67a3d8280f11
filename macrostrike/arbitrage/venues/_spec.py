"""What the tooling knows of a venue: one object that search, deployment and loops ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from macrostrike.arbitrage._block import Block
from macrostrike.arbitrage._errors import Excluded
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.types import Pool as Registered
from macrostrike.types import PoolConfig, Venue

Identity = tuple[str | int, ...]
Ask = Callable[..., Any]
"""What a contract answers to a function and its arguments."""
MAX_FEE = 1_000_000
"""All of it, in hundredths of a basis point."""


class Scope(NamedTuple):
    """How pools are read.

    wrapped_native: the token that ether itself counts as.
    reach: ticks to either side of a pool's price that are read at the minimum.
    """

    wrapped_native: str
    reach: int


class Reader(Protocol):
    """Reads registered pools of one venue, or of several that are read alike."""

    def __call__(
        self, block: Block, pools: Sequence[Registered], scope: Scope, /
    ) -> list[Pool | Excluded]:
        """Each pool in the block's state, or why it is left out."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How a target names a pool of the venue, and what tells two of them apart on chain.

    required, optional: the fields of a target's pool.
    identity: the fields of a registered pool.
    max_fee: hundredths of a basis point. Only meant where `fee` is required.
    is_native_traded: whether ether itself is a token of its pools.
    """

    required: frozenset[str]
    identity: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    max_fee: int = MAX_FEE - 1
    is_native_traded: bool = False

    @property
    def has_address(self) -> bool:
        """Whether each pool is a contract, instead of an entry in a manager."""
        return "pool" in self.required

    @property
    def is_pair(self) -> bool:
        """Whether a pool's address is enough, since it trades one pair of tokens."""
        return self.identity == ("pool",)

    def identify(self, pool: Registered | PoolConfig) -> Identity:
        """What tells the pool from all others of the venue."""
        return tuple(getattr(pool, name) for name in self.identity)


BY_ADDRESS = Naming(required=frozenset({"pool", "fee"}), identity=("pool",))
"""A contract a pool, of one pair of tokens, which it says itself."""

BY_PAIR = Naming(
    required=frozenset({"pool", "token0", "token1"}), identity=("pool", "token0", "token1")
)
"""A contract a pool, of several tokens: each pair of them is registered by itself."""

BY_KEY = Naming(
    required=frozenset({"token0", "token1", "fee", "tick_spacing"}),
    optional=frozenset({"hooks"}),
    identity=("pool", "token0", "token1", "fee", "tick_spacing", "hooks"),
    max_fee=MAX_FEE,
    is_native_traded=True,
)
"""All pools in one manager, each known by its key."""


@dataclass(frozen=True, slots=True)
class StrikeMarket:
    """Strikes can trade on the venue's pools, which say their price.

    contract: the interface of a pool, or of the manager that keeps all pools.
    ratio: of a pool that is asked, raw token0 and raw token1 of equal worth.
    fee: what it takes of a swap now, hundredths of a basis point; the higher where the two ways
        differ.
    keeps_history: whether a pool can give a mean price, so that a market needs no feed.
    """

    contract: str
    ratio: Callable[[Ask, Registered], tuple[int, int]]
    fee: Callable[[Ask, Registered], int]
    keeps_history: bool


def _no_others(block: Block, pools: Sequence[Registered]) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class VenueSpec:
    """A kind of AMM.

    venue: its number on chain, by which everything finds it.
    model: what its pools would trade, to the unit. Gas of a swap and whether a pool lends before
        it is paid are the model's.
    read: its pools from the chain.
    naming: its pools in a target.
    contracts: interfaces with all view functions that `read` and `emitters` ask.
    leading: how many values of a function's result are read, where forks differ in those behind.
    emitters: contracts, other than pools and managers, whose events tell of changed pools.
    market: None where the venue is for arbitrages alone.
    has_fixture: whether the local chain has a factory and a pool of it.
    """

    venue: Venue
    model: type[Pool]
    read: Reader
    naming: Naming
    contracts: tuple[str, ...]
    leading: Mapping[str, int] = field(default_factory=dict)
    emitters: Callable[[Block, Sequence[Registered]], list[str]] = _no_others
    market: StrikeMarket | None = None
    has_fixture: bool = False
