"""A diamond with markets and pools of every venue, and Sushi's factory beside Uniswap's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from macrostrike.build import npm
from macrostrike.chain import RevmTransport
from macrostrike.types import OracleKind, Venue

from ..amm.pools import Amm
from ..amm.v4 import SPACING
from ..deployed import deploy_env
from ..environment import TOKEN
from ..market.markets import config, deploy_feed, rules
from ..pools import make_pair
from .tokens import Layout, Turner

SUSHI = npm("@sushiswap/core/deployments/mainnet/UniswapV2Factory.json")
LAYOUTS = {"usdc": Layout(0, 1), "weth": Layout(3, 4)}
V3_MARKET, V2_MARKET, V4_MARKET = 0, 1, 2


class World(Amm):
    """Market 0 is on a V3 pool, market 1 on a pair of Sushi's, market 2 on a pool of V4."""

    def __init__(self) -> None:
        super().__init__(deploy_env())
        env = self.env
        env.give(env.owner.address, quote=10**13, base=10**21)
        self.sushi = env.deploy(SUSHI, self.maker.address)
        env.owner.send("setFactory", self.sushi, Venue.UNISWAP_V2, True)
        self.v2_factories["sushi"] = self.sushi
        pair = self._pair("sushi", "usdc", "weth", 100_000_000)
        self._add(pair)
        env.owner.send("registerPools", [pair.config])
        self.feed = deploy_feed(env)
        self.feed.tell(1600 * 10**8)
        self._market(pair.address, self.sushi)
        v4 = self["v4_usdc_weth"]
        self._market(v4.address, v4.factory, fee=v4.fee, tick_spacing=SPACING)
        assert isinstance(env.chain, RevmTransport)
        self.turner = Turner(env.chain, self.by)

    @contextmanager
    def turned(self, name: str, odd: str) -> Iterator[None]:
        """Within, the token of that name is the odd one."""
        with self.turner.turned(self.tokens[name], LAYOUTS[name], odd):
            with self.env.frozen():
                self.turner.prepare(self.tokens[name], odd)
            yield

    def allowance(self, token: str) -> int:
        """What the diamond lets Balancer's vault take."""
        args = (self.env.diamond, self.balancer.vault)
        return int(self.env.ask(TOKEN.abi, token, "allowance", *args))

    def twin(self) -> int:
        """A market as that on Sushi's pair, on a new pair of Uniswap's with the same in it."""
        sushi, factory = self["sushi_usdc_weth"], self._v2_factory()
        kept = {token: self.env.balance(token, sushi.address) for token in sushi.tokens}
        return self._market(make_pair(self.by, factory, kept), factory)

    def _market(self, pool: str, factory: str, **key: int) -> int:
        by_feed = rules(self.env, oracle=OracleKind.FEED, oracle_window=10**6)
        at = {"pool": pool, "factory": factory, "feed": self.feed.address} | key
        market = config(self.env, **at, rules=by_feed)
        return int(self.env.owner.only("MarketRegistered", "registerMarket", market)["market"])
