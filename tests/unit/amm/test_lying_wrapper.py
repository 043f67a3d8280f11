"""A7: a wrapper of ether that lies takes nothing of what the diamond holds of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from macrostrike.build import ours
from macrostrike.errors import UnfaithfulToken
from macrostrike.types import ArbitrageOrder, PoolConfig, Venue

from ..deployed import deploy_env
from ..environment import ZERO, Env, unchecked
from ..readers import refuses
from .pools import PAIR, V2_FACTORY

ETHER = 10**18
WRAPPER, MANAGER = ours("LyingWrapper"), ours("HostileManager")
# In the pair ether costs 1,600 dollars; the manager sells it for 1,500 and buys it for 1,700.
ASKS, BIDS = 1500, 1700


class Wrapped:
    """A pair of quote and the wrapper, and a manager that trades ether, both registered."""

    def __init__(self, env: Env) -> None:
        self.env, self.maker = env, env.world.venues.maker
        self.token = env.deploy(WRAPPER)
        env.owner.send("setWrappedNative", self.token)
        self.pair_id = self._register_pair()
        self.ids = {price: self._register_ether(price) for price in (ASKS, BIDS)}
        env.owner.send("setAMMCap", env.quote, 10**12)
        self.tell("mint", env.owner.address, 100 * ETHER)
        env.approve(env.owner.key, self.token)
        env.owner.send("depositInventory", self.token, 100 * ETHER)

    def tell(self, function: str, *args: Any) -> None:
        self.env.tell(self.maker, WRAPPER.abi, self.token, function, *args)

    def execute(self, *pools: int) -> None:
        order = unchecked(
            ArbitrageOrder,
            pools=pools,
            token_in=self.env.quote,
            amount_in=1000 * 10**6,
            confidence_bps=9500,
            deadline=self.env.now + 60,
        )
        self.env.operator.send("executeArbitrage", order)

    def buys_ether(self) -> None:
        """From the manager; it is wrapped and sold to the pair."""
        self.execute(self.ids[ASKS], self.pair_id)

    def sells_ether(self) -> None:
        """To the manager; it was bought wrapped from the pair."""
        self.execute(self.pair_id, self.ids[BIDS])

    def _register_pair(self) -> int:
        env, token = self.env, self.token
        factory = env.deploy(V2_FACTORY, self.maker.address)
        env.tell(self.maker, V2_FACTORY.abi, factory, "createPair", token, env.quote)
        pair = str(env.ask(V2_FACTORY.abi, factory, "getPair", token, env.quote))
        self.tell("mint", pair, 1000 * ETHER)
        env.give(pair, quote=1000 * 1600 * 10**6)
        env.tell(self.maker, PAIR.abi, pair, "mint", self.maker.address)
        env.owner.send("setFactory", factory, Venue.UNISWAP_V2, True)
        return self._register(PoolConfig(factory=factory, pool=pair, fee=3000))

    def _register_ether(self, price: int) -> int:
        at = self.env.deploy(MANAGER, price * (10**6 << 96) // ETHER)
        self.env.give(at, quote=10**13)
        self.env.chain.set_balance(at, 10**4 * ETHER)
        self.env.owner.send("setFactory", at, Venue.UNISWAP_V4, True)
        tokens = {"token0": ZERO, "token1": self.env.quote}
        return self._register(PoolConfig(factory=at, pool=at, fee=3000, **tokens, tick_spacing=60))

    def _register(self, config: PoolConfig) -> int:
        return int(self.env.owner.only("PoolRegistered", "registerPools", [config])["id"])


@pytest.fixture(scope="module")
def _wrapped() -> Wrapped:
    env = deploy_env()
    wrapped = Wrapped(env)
    env.chain.set_balance(wrapped.token, 10**4 * ETHER)
    return wrapped


@pytest.fixture
def wrapped(_wrapped: Wrapped) -> Iterator[Wrapped]:
    with _wrapped.env.undone():
        yield _wrapped


WAYS: dict[str, tuple[Callable[[Wrapped], None], tuple[int, int, int], int]] = {
    "mints_less": (Wrapped.buys_ether, (1, 0, 0), -1),
    "mints_nearly_nothing": (Wrapped.buys_ether, (ETHER // 2, 0, 0), -ETHER // 2),
    "burns_more": (Wrapped.sells_ether, (0, 1, 0), 1),
    "burns_the_inventory": (Wrapped.sells_ether, (0, 50 * ETHER, 0), 50 * ETHER),
}


@pytest.mark.parametrize(("trade", "lie", "moved"), WAYS.values(), ids=WAYS)
def test_a_wrapper_that_lies_is_refused(
    wrapped: Wrapped, trade: Callable[[Wrapped], None], lie: tuple[int, int, int], moved: int
) -> None:
    """Honest, it trades; with a lie of one unit, the swap is refused and the inventory is whole."""
    with wrapped.env.undone():
        trade(wrapped)
    wrapped.tell("behave", *lie)
    kept = wrapped.env.balance(wrapped.token)
    with pytest.raises(UnfaithfulToken) as refused:
        trade(wrapped)
    assert refused.value.token == wrapped.token
    assert refused.value.measured - refused.value.stated == moved
    assert 0 < refused.value.stated < ETHER
    with refuses(wrapped.env, refused.value):
        trade(wrapped)
    assert wrapped.env.balance(wrapped.token) == kept >= 100 * ETHER


@pytest.mark.parametrize("less", [1, ETHER // 2])
def test_a_wrapper_that_pays_out_less_is_refused(wrapped: Wrapped, less: int) -> None:
    """Though the diamond has ether of its own, which someone forced on it."""
    env = wrapped.env
    env.chain.set_balance(env.diamond, 10 * ETHER)
    wrapped.tell("behave", 0, 0, less)
    with pytest.raises(UnfaithfulToken) as refused:
        wrapped.sells_ether()
    assert refused.value.token == ZERO
    assert refused.value.measured - refused.value.stated == -less
    assert 0 < refused.value.stated < ETHER
    with refuses(env, refused.value):
        wrapped.sells_ether()
