"""Pools that cheat, next to real ones: what the diamond meets when a factory it trusts turns."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from macrostrike.abi import Abi
from macrostrike.build import ours
from macrostrike.chain import Receipt
from macrostrike.reverts import decode_revert
from macrostrike.types import ArbitrageOrder, PoolConfig, TokenCap, Venue

from ..environment import ZERO, altered
from ..pools import make_pair
from .pools import PRICE, UNIT, Amm, Pool

U = UNIT["usdc"]
AMOUNT = 1000 * U
HOST = 10**18


def called_out(receipt: Receipt, at: str, abi: Abi) -> list[str]:
    """What the calls were answered that `at` logged."""
    events = (abi.decode_event(log.topics, log.data) for log in receipt.logs if log.address == at)
    return [
        "done" if each.args["ok"] else str(decode_revert(each.args["result"]))
        for each in events
        if each is not None and each.name == "CalledOut"
    ]


class PoolMode(IntEnum):
    """As `HostilePool.Mode`."""

    HONEST = 0
    TAKES_NOTHING = 1
    ASKS_TWICE = 2
    ASKS_TOO_MUCH = 3
    PAYS_LESS = 4
    SAYS_LESS = 5
    FILLS_HALF = 6
    CALLS_OUT_FIRST = 7
    CALLS_OUT_LAST = 8
    REFUSES = 9


class PairMode(IntEnum):
    """As `HostilePair.Mode`."""

    HONEST = 0
    SAYS_NOTHING = 1
    CALLS_TWICE = 2
    SAYS_MORE = 3
    NAMES_ANOTHER = 4
    CALLS_AS_V3 = 5
    CALLS_OUT_FIRST = 6


class Hostiles:
    """`pool` is in the shape of V3, `pair` in that of V2; ether costs a tenth more in both."""

    def __init__(self, amm: Amm) -> None:
        self.amm, self.env = amm, amm.env
        self._kinds: dict[str, str] = {}
        self.usdc, self.weth = amm.tokens["usdc"], amm.tokens["weth"]
        self.token0, self.token1 = sorted((self.usdc, self.weth), key=str.lower)
        usdc, weth = 11 * PRICE * U, 10 * UNIT["weth"]
        amounts = {self.usdc: usdc, self.weth: weth}
        self.price = (amounts[self.token1] << 96) // amounts[self.token0]
        # A tenth less than the usual price, either way round.
        share = (100, 121) if self.token0 == self.weth else (121, 100)
        self.cheaper = self.price * share[0] // share[1]
        self.pool = self.another("HostilePool")
        self.pair = self.another("HostilePair")
        reserves = (amounts[self.token0] * 100, amounts[self.token1] * 100)
        self.tell(self.pair, "setReserves", *reserves)
        self.pool_id = self.register(self.pool, Venue.UNISWAP_V3, 500)
        self.pair_id = self.register(self.pair, Venue.UNISWAP_V2, 3000)

    def tell(self, at: str, function: str, *args: Any) -> Any:
        return self.env.tell(self.amm.maker, self._abi(at), at, function, *args)

    def _abi(self, at: str) -> Abi:
        return ours(self._kinds[at]).abi

    def behave(self, at: str, mode: IntEnum, target: str = ZERO, call: bytes = b"") -> None:
        self.tell(at, "behave", mode, target, call)

    def order(self, *pools: str | int) -> ArbitrageOrder:
        """A cycle from quote through pools by name or id."""
        ids = tuple(self.amm[each].id if isinstance(each, str) else each for each in pools)
        return self.amm.order("usdc", AMOUNT, pools=ids)

    def relay(self, call: bytes) -> bytes:
        """What has a pool or pair call the diamond."""
        return ours("HostilePair").abi.encode_call("relay", self.env.diamond, call)

    def answers(self, order: ArbitrageOrder, at: str) -> list[str]:
        """What the diamond answered the calls that `at` made while the arbitrage ran."""
        return called_out(self.amm.run(order), at, self._abi(at))

    def from_low(self) -> int:
        """The ether that the first pool pays for the amount."""
        with self.env.undone():
            return self.amm.swap("low_usdc_weth", "usdc", AMOUNT)

    def from_b(self) -> int:
        """The ether that the first pair pays for the amount."""
        return self.amm.pair_out(self.amm["b_usdc_weth"], self.usdc, AMOUNT)

    def from_pair(self) -> int:
        """The dollars that the hostile pair pays for that ether."""
        tokens = (self.usdc, self.weth)
        pair = Pool("hostile", Venue.UNISWAP_V2, self.pair, self.pair, 3000, tokens)
        return self.amm.pair_out(pair, self.weth, self.from_b())

    def another(self, name: str) -> str:
        """One more, which is not registered."""
        price = (self.price,) if name == "HostilePool" else ()
        return self._made(name, self.token0, self.token1, *price)

    def register(self, at: str, venue: Venue, fee: int) -> int:
        owner = self.env.owner
        owner.send("setFactory", at, venue, True)
        config = PoolConfig(factory=at, pool=at, fee=fee)
        return int(owner.only("PoolRegistered", "registerPools", [config])["id"])

    def _made(self, name: str, *args: Any) -> str:
        at = self.env.deploy(ours(name), *args)
        self._kinds[at] = name
        self.env.give(at, quote=10**7 * U, base=10**4 * UNIT["weth"])
        return at


class ManagerMode(IntEnum):
    """As `HostileManager.Mode`."""

    HONEST = 0
    SAYS_NOTHING = 1
    CALLS_TWICE = 2
    CALLS_WITHIN = 3
    PAYS_LESS = 4
    PAYS_MORE = 5
    TAKES_LESS = 6
    SAW_LESS = 7
    CALLS_OUT = 8
    CALLS_OUT_FIRST = 9


class HostileManagers:
    """Two in the shape of V4's manager, each with one pool, in which ether costs a tenth more: as
    its token in `token_id`, and as itself in `ether_id`, where dollars for ether cost that less."""

    def __init__(self, amm: Amm) -> None:
        self.amm, self.env = amm, amm.env
        self.contract = ours("HostileManager")
        usdc, weth = amm.tokens["usdc"], amm.tokens["weth"]
        amounts = {usdc: 11 * PRICE * U, weth: 10 * UNIT["weth"]}
        token0, token1 = sorted(amounts, key=str.lower)
        self.manager = self.another((amounts[token1] << 96) // amounts[token0])
        self.token_id = self._register(self.manager, token0, token1)
        self.ether_manager = self.another((amounts[usdc] << 96) // amounts[weth])
        self.ether_id = self._register(self.ether_manager, ZERO, usdc)
        self.env.chain.set_balance(self.ether_manager, 10**4 * UNIT["weth"])

    def another(self, price: int = 1 << 96) -> str:
        """One more, which is not registered."""
        at = self.env.deploy(self.contract, price)
        self.env.give(at, quote=10**7 * U, base=10**4 * UNIT["weth"])
        return at

    def behave(self, mode: IntEnum, target: str = ZERO, call: bytes = b"") -> None:
        for at in (self.manager, self.ether_manager):
            self.tell(at, "behave", mode, target, call)

    def tell(self, at: str, function: str, *args: Any) -> Receipt:
        return self.env.tell(self.amm.maker, self.contract.abi, at, function, *args)

    def relay(self, call: bytes) -> bytes:
        """What has one of them call the diamond, or if it is nothing, send it a wei."""
        return self.contract.abi.encode_call("relay", self.env.diamond, call)

    def order(self, *pools: str | int, token_in: str = "usdc") -> ArbitrageOrder:
        """A cycle through pools by name or id."""
        ids = tuple(self.amm[each].id if isinstance(each, str) else each for each in pools)
        amount = AMOUNT if token_in == "usdc" else UNIT["weth"]
        return self.amm.order(token_in, amount, pools=ids)

    def answers(self, receipt: Receipt, at: str) -> list[str]:
        return called_out(receipt, at, self.contract.abi)

    def _register(self, at: str, token0: str, token1: str) -> int:
        owner = self.env.owner
        owner.send("setFactory", at, Venue.UNISWAP_V4, True)
        config = PoolConfig(
            factory=at, pool=at, fee=3000, token0=token0, token1=token1, tick_spacing=60
        )
        return int(owner.only("PoolRegistered", "registerPools", [config])["id"])


class VaultMode(IntEnum):
    """As `HostileVault.Mode`."""

    HONEST = 0
    LEAVES_SOME = 1
    TAKES_MORE = 2
    PAYS_LESS = 3
    SAYS_MORE = 4
    QUOTES_MORE = 5
    CALLS_OUT = 6


class HostileVaults:
    """In the shape of Balancer's vault, with a pool in which ether is dearer, `dear_id`, and one in
    which it is cheaper, `cheap_id`."""

    def __init__(self, amm: Amm) -> None:
        self.amm, self.env = amm, amm.env
        self.contract = ours("HostileVault")
        self.dear, self.dear_id = self._pool(11, 10)
        self.cheap, self.cheap_id = self._pool(10, 11)

    def behave(self, mode: VaultMode, target: str = ZERO, call: bytes = b"") -> None:
        for at in (self.dear, self.cheap):
            self.env.tell(self.amm.maker, self.contract.abi, at, "behave", mode, target, call)

    def order(self, *pools: str | int) -> ArbitrageOrder:
        """A cycle from quote through pools by name or id."""
        ids = tuple(self.amm[each].id if isinstance(each, str) else each for each in pools)
        return self.amm.order("usdc", AMOUNT, pools=ids)

    def answers(self, order: ArbitrageOrder, at: str) -> list[str]:
        return called_out(self.amm.run(order), at, self.contract.abi)

    def _pool(self, times: int, of: int) -> tuple[str, int]:
        usdc, weth = self.amm.tokens["usdc"], self.amm.tokens["weth"]
        amounts = {usdc: times * PRICE * U, weth: of * UNIT["weth"]}
        token0, token1 = sorted(amounts, key=str.lower)
        at = self.env.deploy(self.contract, token0, (amounts[token1] << 96) // amounts[token0])
        self.env.give(at, quote=10**7 * U, base=10**4 * UNIT["weth"])
        owner = self.env.owner
        owner.send("setFactory", at, Venue.BALANCER_WEIGHTED, True)
        config = PoolConfig(factory=at, pool=at, fee=0, token0=token0, token1=token1)
        return at, int(owner.only("PoolRegistered", "registerPools", [config])["id"])


class HostileTokens:
    """A hostile token in two real pairs, dearer in the second."""

    def __init__(self, amm: Amm) -> None:
        self.amm, self.env = amm, amm.env
        self.contract = ours("HostileToken")
        self.token = self.env.deploy(self.contract)
        self.tell("mint", amm.maker.address, 10**9 * HOST)
        self.pairs = [self._pair(name, price) for name, price in (("a", 100), ("b", 120))]
        configs = [
            PoolConfig(factory=amm.v2_factories[name], pool=pair, fee=3000)
            for name, pair in zip("ab", self.pairs, strict=True)
        ]
        events = self.env.owner.send("registerPools", configs)
        self.ids = tuple(each.args["id"] for each in events)
        cap = TokenCap(token=self.token, max_amount_in=10**6 * HOST)
        self.env.owner.send("setAMMCap", cap.token, cap.max_amount_in)

    def tell(self, function: str, *args: Any) -> Any:
        return self.env.tell(self.amm.maker, self.contract.abi, self.token, function, *args)

    def call(self, function: str, *args: Any) -> bytes:
        return self.contract.abi.encode_call(function, *args)

    def answers(self, order: ArbitrageOrder) -> list[str]:
        """What the diamond answered the calls that the token made while the arbitrage ran."""
        return called_out(self.amm.run(order), self.token, self.contract.abi)

    def quoted(self, order: ArbitrageOrder) -> int:
        """What the cycle earns in all."""
        return sum(self.amm.quote(order))

    def order(self, token_in: str, amount_in: int, **changes: Any) -> ArbitrageOrder:
        """Through both pairs, the way that is profitable."""
        from_quote = token_in == self.env.quote
        ids = self.ids if from_quote else self.ids[::-1]
        return altered(self.amm.order("usdc", amount_in), pools=ids, token_in=token_in, **changes)

    def _pair(self, factory: str, price: int) -> str:
        mint = 10_000 * price * U
        self.env.give(self.amm.maker.address, quote=mint)
        amounts = {self.token: 10_000 * HOST, self.env.quote: mint}
        return make_pair(self.amm.by, self.amm.v2_factories[factory], amounts)
