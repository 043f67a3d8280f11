"""Environments, deployed: the usual one, and the same on other tokens."""

from __future__ import annotations

from fractions import Fraction

from macrostrike.build import Contract
from macrostrike.chain import LocalTransport, RevmTransport
from macrostrike.deploy import Target
from macrostrike.deploy.target import Token
from macrostrike.devchain import deploy_venues
from macrostrike.testing import deploy_world
from macrostrike.types import Action

from ..targets import strikes_alone
from .environment import DAY, Env, account
from .pools import Exchange

GRANTED = 30 * DAY
_OTHERS = ("stranger", "successor", "second_engine", "second_operator")
_ACTIONS = {f"{str(action.name).lower()}r": action for action in Action}


def deploy_env(chain: LocalTransport | None = None, target: Target | None = None) -> Env:
    """A world as `deploy_world` makes it, with some people more.

    Roles beside the world's: `striker`, `settler`, `arbitrager` and `rebalancer` may do just that;
    `expired` was an operator until a second ago; `successor` was offered the ownership; `keeper`
    may nothing.
    """
    chain = RevmTransport() if chain is None else chain
    world = deploy_world(chain, target=strikes_alone() if target is None else target)
    times = {receipt.block_number: receipt.timestamp for receipt in world.deployed.receipts}
    people = {name: getattr(world, name) for name in ("owner", "operator", "engine", "guardian")}
    people |= {name: account(name) for name in ("keeper", "expired", *_OTHERS, *_ACTIONS)}
    exchange = Exchange(chain, world.venues, account("exchange"))
    env = Env(chain, world, people, times, exchange)
    env.unit_exponent = 0 if target is None else target.fleet.unit_exponent
    chain.block_time = 1
    _grant(env)
    return env


def deploy_other(
    *,
    quote_decimals: int,
    base_decimals: int,
    unit_exponent: int,
    base_first: bool,
    quote_contract: Contract | None = None,
    base_contract: Contract | None = None,
) -> Env:
    """The same world on other tokens, in either order in the pool.

    The contracts are for tokens of a kind of their own, whose decimals are those that are given.
    """
    chain = RevmTransport()
    exchange = Exchange(chain, deploy_venues(chain), account("exchange"))
    quote = exchange.token(quote_decimals, quote_contract)
    base = exchange.token(base_decimals, base_contract)
    while (int(base, 16) < int(quote, 16)) != base_first:
        base = exchange.token(base_decimals, base_contract)
    target = strikes_alone()
    for token, decimals in ((quote, quote_decimals), (base, base_decimals)):
        for holder in (exchange.address, target.roles.owner):
            exchange.mint(token, holder, 10 ** (12 + decimals))
    price = Fraction(1600) * Fraction(10) ** (quote_decimals - base_decimals)
    pool = exchange.v3_pool(base, quote, price, 10 ** (8 + quote_decimals))
    update = {
        "tokens": {
            "USDC": Token(address=quote, decimals=quote_decimals),
            "WETH": Token(address=base, decimals=base_decimals),
        },
        "fleet": target.fleet.model_copy(update={"unit_exponent": unit_exponent}),
        "markets": (target.markets[0].model_copy(update={"pool": pool}),),
    }
    return deploy_env(chain, target.model_copy(update=update))


def _grant(env: Env) -> None:
    budget = env.read("getOperator", env.operator.address)[2]
    until = env.now + GRANTED
    for name, action in _ACTIONS.items():
        env.owner.send("setOperator", env.people[name].address, until, action, budget)
    everything = sum(Action)
    operator, expired = env.operator.address, env.expired.address
    env.owner.send("setOperator", operator, until, everything, budget)
    env.owner.send("setOperator", expired, env.now + 1, everything, budget)
    env.owner.send("transferOwnership", env.successor.address)
    env.wait(2)
    for token in (env.quote, env.base):
        env.approve(env.owner.key, token)
