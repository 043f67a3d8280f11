"""A deployed diamond, everyone who may, or may not, call it, and an audit after every call."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from coincurve import PrivateKey
from eth_account import Account
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.abi import diamond_abi
from macrostrike.chain import BoundContract, Log, Receipt, Reverted, RevmTransport
from macrostrike.deploy import Target
from macrostrike.journal import Books
from macrostrike.testing import deploy_world
from macrostrike.types import (
    Action,
    MarketConfig,
    MarketRules,
    OracleKind,
    PoolConfig,
    TokenCap,
    Venue,
)

from ..evm import Caller, Sender
from ..targets import strikes_alone
from .audit import Auditor
from .flash import Flash, FlashOrder, taker
from .order import Try, check_order, may_answer
from .outside import Outside
from .tally import Tally, reason
from .wire import Order, Said, any_price, digest, domain, execute_strike, number, sign

DAY = 86_400
EVERYTHING = int(sum(Action))
_ENGINES = ("engine", "second")
# Of each engine at first, and of the contract engine.
MODELS = ((1, 7), (0,), (9,))
_PEOPLE = (
    "successor",
    "bold",
    "thrifty",
    "settler",
    "rebalancer",
    "lapsed",
    "keeper",
    "stranger",
)
RULES = MarketRules(
    max_bot_lots=200,
    max_strike_lots=2_500,
    max_open_lots=12_000,
    max_day_lots=250_000,
    cooldown=0,
    max_deviation_bps=150,
    oracle_window=300,
    exit_window=60,
    exit_deviation_bps=150,
    max_horizon=DAY,
    max_stop_loss_bps=9_999,
    keeper_delay=60,
    premium_bps=100,
    discount_bps=300,
    auction_seconds=600,
)
FEED_RULES = replace(RULES, oracle=OracleKind.FEED, oracle_window=DAY)


def fleets() -> dict[str, Target]:
    """One that counts in raw units of quote, and one that counts in thousands of them."""
    fine = strikes_alone()
    coarse = fine.fleet.model_copy(update={"unit_exponent": 3})
    return {"fine": fine, "coarse": fine.model_copy(update={"fleet": coarse})}


class Arena:
    """One world, which `reset` brings back to its beginning.

    `bold` is an operator who may do all, `thrifty` one with a small budget who may strike alone,
    `settler` and `rebalancer` may do just that, `lapsed` is an operator no more. The hostile token
    is both operator and guardian: it calls from within its transfers.
    """

    def __init__(self, target: Target, tally: Tally | None = None) -> None:
        self.tally = Tally() if tally is None else tally
        self.chain = RevmTransport()
        world = deploy_world(self.chain, target=target)
        self.manifest = world.manifest
        self.diamond, self.owner = world.diamond, world.owner.address
        self._times = {r.block_number: r.timestamp for r in world.deployed.receipts}
        self.chain.block_time = 1
        self.outside = Outside(world)
        self.separator = domain(self.chain.chain_id, self.diamond)
        self.keys = {name: PrivateKey(keccak(text=name)) for name in (*_ENGINES, "no_pool")}
        self.engines = {
            number(Account.from_key(self.keys[name].secret).address): name for name in _ENGINES
        }
        self.contract_engine = number(self.outside.engine)
        self.people = {name: Account.from_key(keccak(text=name)).address for name in _PEOPLE}
        self.people |= {"owner": self.owner, "guardian": world.guardian.address}
        self.people["token"] = self.outside.host
        self.chain.set_balance(self.people["stranger"], 10**18)
        self.accounts = (*self.people.values(), *map(account_of, self.all_engines))
        self.flash = self._flash()
        self._grant(world.operator.address)
        self._endow(world.venues)
        self._configure()
        self.chain.mine(60)
        self._first = self._rebuilt()
        self._snapshot = self.chain.snapshot()
        self.audit = Auditor(self, deepcopy(self._first))
        self.outside.hears = self._overheard

    @property
    def all_engines(self) -> tuple[int, ...]:
        return (*self.engines, self.contract_engine)

    @property
    def models(self) -> dict[int, tuple[int, ...]]:
        """By which models each engine may predict at first."""
        return dict(zip(self.all_engines, MODELS, strict=True))

    def account(self, engine: int) -> str:
        """The address of a number."""
        return account_of(engine)

    @property
    def books(self) -> Books:
        """What the events so far tell."""
        return self.audit.books

    @property
    def now(self) -> int:
        """When the next transaction will be."""
        return self.chain.timestamp(pending=True)

    def reset(self) -> None:
        """Back to the beginning."""
        self.chain.revert(self._snapshot)
        self._snapshot = self.chain.snapshot()
        self.chain.block_time = 1
        self.flash.reset()
        self.audit = Auditor(self, deepcopy(self._first))

    def market_configs(self) -> list[MarketConfig]:
        """The six markets as they are registered."""
        out = self.outside
        own = [(out.weth, out.v3[0].fixtures.pool), (out.host, out.v3[1].fixtures.pool)]
        fed = [
            (out.weth, out.pairs[2], out.v2_factory, out.feeds[2]),
            (out.host, out.pairs[3], out.v2_factory, out.feeds[3]),
            (out.weth, out.pool, out.pool, out.feeds[4]),
        ]
        configs = [
            MarketConfig(base=base, pool=pool, factory=out.v3_factory, rules=RULES)
            for base, pool in own
        ]
        configs += [
            MarketConfig(base=base, pool=pool, factory=factory, feed=feed, rules=FEED_RULES)
            for base, pool, factory, feed in fed
        ]
        _, _, fee, spacing, hooks = out.v4_key
        hooked = MarketConfig(
            base=out.weth,
            pool=out.v4.manager,
            factory=out.v4.manager,
            feed=out.feeds[5],
            fee=fee,
            tick_spacing=spacing,
            hooks=hooks,
            rules=FEED_RULES,
        )
        return [*configs, hooked]

    def pool_configs(self) -> list[PoolConfig]:
        """The pools of the markets, for arbitrages, and a sixth one of the two base tokens."""
        out = self.outside
        v3, v2 = (out.v3_factory, 500), (out.v2_factory, 3000)
        pools = [
            (v3, out.v3[0].fixtures.pool),
            (v3, out.v3[1].fixtures.pool),
            (v2, out.pairs[2]),
            (v2, out.pairs[3]),
            ((out.pool, 500), out.pool),
            (v2, out.cross),
        ]
        return [PoolConfig(factory=at, pool=pool, fee=fee) for (at, fee), pool in pools]

    # Calls to the diamond, each audited. They answer why they were refused, None when done.

    def send(self, sender: str, function: str, *args: Any) -> str | None:
        """A transaction to the diamond, by a person's name or an address."""
        return self.raw(sender, function, diamond_abi().encode_call(function, *args))

    def raw(self, sender: str, name: str, data: bytes, value: int = 0) -> str | None:
        """The same, of calldata as it is. `name` is what it is counted as."""
        return self._call(self.people.get(sender, sender), self.diamond, name, data, value)[0]

    def _call(
        self, sender: str, to: str, name: str, data: bytes, value: int = 0
    ) -> tuple[str | None, tuple[Log, ...]]:
        error: str | None = None
        logs: tuple[Log, ...] = ()
        try:
            receipt: Receipt = self.chain.send(Sender(sender), to, data, value=value)
            logs = receipt.logs
        except Reverted as reverted:
            error = reason(reverted.data, reverted.reason)
        self.tally.count(name, error)
        self.audit.after(sender, logs)
        return error, logs

    def strike(self, sender: str, said: Said) -> str | None:
        """Opens a strike, at any price, on the word of the engine that is named."""
        order = self.order(said)
        engine = account_of(said.engine)
        by_contract = said.engine == self.contract_engine
        at = Try(
            self.books,
            said,
            engine,
            self.people.get(sender, sender),
            self.now,
            None if by_contract else True,
        )
        may = may_answer(at)
        error = self.raw(sender, "executeStrike", execute_strike(order))
        check_order(self.audit.invariants, at, may, error)
        return error

    # Calls to the flash taker, which are audited too.

    def take_by_flash(self, sender: str, order: FlashOrder) -> str | None:
        """By a person's name or an address."""
        sender, before = self.people.get(sender, sender), self.flash.look()
        data = taker().abi.encode_call("take", tuple(order))
        kind = "V2" if order.is_v2 else "V3"
        error, logs = self._call(sender, self.flash.at, f"takeByFlash on {kind}", data)
        seen = None if error else logs
        self.flash.check(self.audit.invariants, order, sender, before, seen)
        return error

    def call_flash_back(self, sender: str, data: bytes) -> None:
        """As if a pool did."""
        error, _ = self._call(sender, self.flash.at, "callback of the flash taker", data)
        self.audit.invariants.require("flash", error == "UnexpectedCallback", error)

    def order(self, said: Said, limit: int | None = None) -> Order:
        """By default at any price."""
        return Order(said, self.sign(said), any_price(said) if limit is None else limit)

    def sign(self, said: Said) -> bytes:
        """The named engine's signature. That it was given is remembered."""
        self.audit.signed.setdefault((said.engine, said.nonce), []).append(said)
        message = digest(self.separator, said)
        if said.engine == self.contract_engine:
            self.outside.tell_engine("approve", message)
            return b""
        return sign(self.keys[self.engines[said.engine]], message)

    # Things that are done to the diamond without calling it.

    def donate(self, token: str, amount: int) -> None:
        """Tokens out of nowhere."""
        self.outside.give(token, self.diamond, amount)
        self.audit.given()

    def seize(self, amount: int) -> None:
        """The hostile token takes from the diamond."""
        amount = min(amount, self.audit.balance(self.outside.host))
        self.outside.tell_token("seize", self.diamond, amount)
        self.audit.given()

    def _overheard(self, receipt: Receipt) -> None:
        """A token that was moved elsewhere may have called the diamond, or given it something."""
        logs, tail = receipt.logs, bytes.fromhex(self.diamond[2:])
        if any(log.address == self.diamond or log.topics[-1].endswith(tail) for log in logs):
            self.audit.after(self.people["token"], logs, given=True)

    # How it begins.

    def _flash(self) -> Flash:
        return Flash(self.outside, self.diamond, self.people["keeper"])

    def _grant(self, operator: str) -> None:
        until = self.now + 1000 * DAY
        at = BoundContract.diamond(self.chain, self.diamond)
        *_, budget, _ = at.call("getOperator", operator)
        grants = {
            "bold": (until, EVERYTHING, budget),
            "thrifty": (until, int(Action.STRIKE), budget // 1000),
            "settler": (until, int(Action.SETTLE), 0),
            "rebalancer": (until, int(Action.REBALANCE), 0),
            "lapsed": (self.now + 30, EVERYTHING, budget),
            "token": (until, EVERYTHING, budget // 10),
        }
        for name, grant in grants.items():
            self._own("setOperator", self.people[name], *grant)
        self._own("setGuardian", self.people["token"], True)
        for engine in self.all_engines:
            self._own("setEngine", account_of(engine), until)
            for model in self.models[engine]:
                self._own("setModel", model, account_of(engine))

    def _endow(self, venues: Any) -> None:
        """Owner, successor and a taker have tokens, and the diamond may take them."""
        for name in ("owner", "successor", "keeper"):
            holder = self.people[name]
            venues.provide(holder, quote=10**13, base=10**22)
            self.outside.give(self.outside.host, holder, 10**22)
            for token in self.outside.tokens:
                self.outside.approve(token, self.diamond, Sender(holder))

    def _configure(self) -> None:
        self._own("depositInventory", self.outside.host, 500 * 10**18)
        self._own("setFactory", self.outside.v2_factory, Venue.UNISWAP_V2, True)
        self._own("setFactory", self.outside.pool, Venue.UNISWAP_V3, True)
        self._own("setFactory", self.outside.v4.manager, Venue.UNISWAP_V4, True)
        self._own("setHooks", self.outside.hooks, True)
        for config in self.market_configs()[1:]:
            self._own("registerMarket", config)
        caps = [TokenCap(token=token, max_amount_in=10**24) for token in self.outside.tokens]
        self._own("initializeAMMBots", caps)
        self._own("registerPools", self.pool_configs())
        self._own("fundAMM", self.outside.weth, 10**18)

    def _own(self, function: str, *args: Any) -> None:
        receipt = Caller(self.chain, Sender(self.owner)).tell(
            diamond_abi(), self.diamond, function, *args
        )
        self._times[receipt.block_number] = receipt.timestamp

    def _rebuilt(self) -> Books:
        books = Books()
        books.apply_logs(self.chain.logs(self.diamond), self._times.__getitem__)
        return books


def account_of(engine: int) -> str:
    return str(to_checksum_address(f"0x{engine:040x}"))
