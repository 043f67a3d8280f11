"""How bots and routers were drained, tried against the diamond: a test for each mechanism.

The diamond holds capital, has open strikes and has executed an arbitrage: what a drained one had.
"""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from macrostrike.abi import artifact, diamond_abi
from macrostrike.build import npm, ours
from macrostrike.errors import ContractError, FunctionNotFound, UnexpectedCallback
from macrostrike.types import PoolConfig, Signal, Venue

from ..unit.amm.pools import PAIR, UNIT, Amm
from ..unit.environment import TOKEN, ZERO, Env
from ..unit.readers import refuses

POOL = npm("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json")
U = UNIT["usdc"]
A_LOT = 100_000 * U


@pytest.fixture
def victim(amm: Amm) -> Amm:
    """At work: two open strikes, arbitrages done, capital of every kind."""
    for signal in (Signal.STRONG_LONG, Signal.STRONG_SHORT):
        amm.env.strike(signal=signal)
    amm.swap("a_usdc_weth", "usdc", 300_000 * U)
    for first in ("low_usdc_weth", "v4_usdc_weth", "bal_usdc_weth"):
        amm.execute(amm.order("usdc", 10_000 * U, first, "a_usdc_weth"))
    return amm


def forged(victim: Amm) -> bytes:
    """Data as drained callbacks believed it: which token, who pays, who gets it."""
    env = victim.env
    parties = [env.quote, 500, env.diamond, env.stranger.address]
    return encode(["address", "uint24", "address", "address"], parties)


def attack(env: Env, data: bytes, sender: str = "stranger") -> None:
    env.transact(env.people[sender], env.diamond, data)


def tricked(env: Env, pool: str, call: bytes) -> None:
    """The attacker's contract makes the call, as a pool would."""
    abi = ours("HostilePool").abi
    receipt = env.tell(env.people["stranger"], abi, pool, "relay", env.diamond, call)
    events = [abi.decode_event(log.topics, log.data) for log in receipt.logs]
    (made,) = [each for each in events if each is not None and each.name == "CalledOut"]
    assert not made.args["ok"]
    name, args = diamond_abi().decode_error(made.args["result"]) or ("", ())
    assert (name, args) == ("UnexpectedCallback", (pool, ZERO))


def test_unguarded_callback(victim: Amm) -> None:
    """A callback that pays every caller, whatever it asks for."""
    env, abi = victim.env, diamond_abi()
    error = UnexpectedCallback(env.stranger.address, ZERO)
    for call in (
        abi.encode_call("uniswapV3SwapCallback", A_LOT, -1, forged(victim)),
        abi.encode_call("uniswapV3SwapCallback", -1, A_LOT, forged(victim)),
        abi.encode_call("uniswapV2Call", env.diamond, A_LOT, 0, forged(victim)),
        abi.encode_call("unlockCallback", forged(victim)),
    ):
        with refuses(env, error):
            attack(env, call)


def test_caller_chosen_pool_trusted_in_the_callback(victim: Amm) -> None:
    """A callback that believes a caller which says that it is a pool of known tokens and fee."""
    env = victim.env
    tokens = sorted((env.quote, env.base), key=str.lower)
    fake = env.deploy(ours("HostilePool"), *tokens, 1 << 96)
    balances = {token: env.balance(token) for token in tokens}
    for owed in ((A_LOT, -1), (-1, A_LOT)):
        call = diamond_abi().encode_call("uniswapV3SwapCallback", *owed, forged(victim))
        tricked(env, fake, call)
    assert {token: env.balance(token) for token in tokens} == balances


def test_real_pool_sent_by_an_attacker(victim: Amm) -> None:
    """A callback that asks whether the caller is a real pool, and not who began its swap."""
    env = victim.env
    for name in ("a_usdc_weth", "b_usdc_weth"):
        pair = victim[name].address
        for out in ((1000, 0), (0, 1000)):
            with refuses(env, UnexpectedCallback(pair, ZERO)):
                stranger = env.people["stranger"]
                env.tell(stranger, PAIR.abi, pair, "swap", *out, env.diamond, forged(victim))


def test_flash_loan_receiver_without_initiator_check(victim: Amm) -> None:
    """A receiver that goes to work for anybody who takes a loan in its name."""
    env = victim.env
    receivers = (
        "onFlashLoan(address,address,uint256,uint256,bytes)",
        "executeOperation(address[],uint256[],uint256[],address,bytes)",
        "executeOperation(address,uint256,uint256,address,bytes)",
        "receiveFlashLoan(address[],uint256[],uint256[],bytes)",
        "uniswapV3FlashCallback(uint256,uint256,bytes)",
        "callFunction(address,(address,uint256),bytes)",
        "lockAcquired(bytes)",
    )
    for signature in receivers:
        selector = keccak(text=signature)[:4]
        with refuses(env, FunctionNotFound(selector)):
            attack(env, selector + bytes(32) * 12)
    # Names that forks call back under are known, and expected of a running swap's pool alone.
    for signature in (
        "pancakeCall(address,uint256,uint256,bytes)",
        "algebraSwapCallback(int256,int256,bytes)",
    ):
        selector = keccak(text=signature)[:4]
        with refuses(env, UnexpectedCallback(env.stranger.address, ZERO)):
            attack(env, selector + bytes(32) * 12)


def test_flash_loan_to_the_diamond_is_paid_by_no_one_but_its_taker(victim: Amm) -> None:
    """A loan of a real pool sent to the diamond: the pool asks its taker, not the receiver."""
    env, pool = victim.env, victim["low_usdc_weth"].address
    with pytest.raises(ContractError):
        env.tell(env.people["stranger"], POOL.abi, pool, "flash", env.diamond, U, 0, b"")


def test_trusting_the_sender_in_caller_data(victim: Amm) -> None:
    """A callback that believes what it gets as the one who began the swap."""
    env = victim.env
    for claimed in (env.diamond, env.owner.address, env.operator.address):
        call = diamond_abi().encode_call("uniswapV2Call", claimed, A_LOT, 0, forged(victim))
        with refuses(env, UnexpectedCallback(env.stranger.address, ZERO)):
            attack(env, call)


def test_arbitrary_call_by_calldata(victim: Amm) -> None:
    """A function that calls what its caller says: a token's `transfer`, say."""
    env = victim.env
    theft = TOKEN.abi.encode_call("transfer", env.stranger.address, A_LOT)
    arguments = encode(["address", "uint256", "bytes"], [env.quote, 0, theft])
    for signature in (
        "execute(address,uint256,bytes)",
        "exec(address,uint256,bytes)",
        "call(address,uint256,bytes)",
        "functionCall(address,bytes)",
        "multicall(bytes[])",
        "aggregate((address,bytes)[])",
        "swap(address,uint256,bytes)",
        "delegatecall(address,bytes)",
    ):
        selector = keccak(text=signature)[:4]
        for sender in ("stranger", "operator", "owner"):
            with refuses(env, FunctionNotFound(selector)):
                attack(env, selector + arguments, sender)


def test_no_function_takes_calldata_or_a_target_for_others() -> None:
    """Bytes are signatures, what pools hand on unread, or the owner's cut; nothing else."""
    found = {
        entry["name"]
        for entry in artifact("IMacroStrike").abi
        if entry["type"] == "function" and "bytes" in _types(entry["inputs"])
    }
    assert found == {
        "diamondCut",
        "executeStrike",
        "executeStrikes",
        "roll",
        "rollStrikes",
        "uniswapV3SwapCallback",
        "pancakeV3SwapCallback",
        "algebraSwapCallback",
        "uniswapV2Call",
        "pancakeCall",
        "hook",
        "unlockCallback",
    }


def _types(inputs: list[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for each in inputs:
        found |= {each["type"]} | _types(each.get("components", []))
    return found


def test_open_approve(victim: Amm) -> None:
    """An approval left over, which a token's spender comes back for."""
    env = victim.env
    at, vault = env.world.venues.fixtures, victim.balancer.vault
    spenders = {pool.address for pool in victim.pools.values()}
    spenders |= {pool.factory for pool in victim.pools.values()}
    spenders |= {at.router, at.position_manager, vault, env.diamond, *_people(env)}
    for token in victim.tokens.values():
        for spender in spenders:
            assert env.ask(TOKEN.abi, token, "allowance", env.diamond, spender) == 0


def test_approve_for_a_caller_chosen_spender(victim: Amm) -> None:
    """An approval that a caller could ask for: there is no function that makes one."""
    env = victim.env
    for signature in (
        "approve(address,uint256)",
        "approveToken(address,address,uint256)",
        "safeApprove(address,address,uint256)",
        "approveMax(address)",
        "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    ):
        selector = keccak(text=signature)[:4]
        with refuses(env, FunctionNotFound(selector)):
            attack(env, selector + bytes(32) * 8)


def test_pool_registered_by_whom_it_serves(victim: Amm) -> None:
    """An operator's own pool in the cycle: it takes what the first hop gave and keeps it."""
    env = victim.env
    tokens = sorted((env.quote, env.base), key=str.lower)
    fake = env.deploy(ours("HostilePool"), *tokens, 1 << 96)
    for name in ("operator", "arbitrager", "guardian", "stranger"):
        actor = getattr(env, name)
        for call in (
            ("setFactory", fake, Venue.UNISWAP_V3, True),
            ("registerPools", [PoolConfig(factory=fake, pool=fake, fee=500)]),
            ("setHooks", fake, True),
            ("setWrappedNative", fake),
        ):
            with pytest.raises(ContractError) as refused:
                actor.send(*call)
            assert type(refused.value).__name__ == "NotOwner"


def _people(env: Env) -> set[str]:
    return {key.address for key in env.people.values()}
