"""What arbitrages, their pools and their capital do to the books is in the events."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import ContractError
from macrostrike.types import Signal

from ...evm import put_word
from ..deployed import deploy_env
from ..readers import assert_rebuilt
from .pools import UNIT, Amm
from .test_arbitrage import CYCLES, SKEWED

# ERC-7201, as in contracts/libraries/storage; the sixth word is that of the books by token.
BOOKS = 0xAED66C39E816ECDA622ED296BC6F541F16B01164612B9B42646ED2B545D5E400 + 5
FULL_VOLUME = (1 << 112) - 1

tokens = st.sampled_from(("usdc", "weth"))
names = st.sampled_from((*SKEWED, "b_usdc_weth", "low_usdc_weth", "v4_usdc_weth"))
shares = st.integers(1, 5000)  # thousandths of the token's unit, or of a thousand of them


def skew(amm: Amm, pool: str, dollars: int) -> None:
    amm.swap(pool, "usdc", dollars * UNIT["usdc"])


def arbitrage(amm: Amm, cycle: tuple[str, ...], dollars: int, resize: bool) -> None:
    """After trades that let it profit."""
    for pool in SKEWED:
        skew(amm, pool, 150_000)
    amm.execute(amm.order("usdc", dollars * UNIT["usdc"], *cycle, resize=resize))


def fund(amm: Amm, token: str, share: int) -> None:
    amm.env.owner.send("fundAMM", amm.tokens[token], share * UNIT[token] // 1000)


def defund(amm: Amm, token: str, share: int) -> None:
    capital = amm.stats(token).capital
    amm.env.owner.send("defundAMM", amm.tokens[token], capital * share // 4000)


def cap(amm: Amm, token: str, share: int) -> None:
    amm.env.owner.send("setAMMCap", amm.tokens[token], share * 1000 * UNIT[token])


def unregister(amm: Amm, pool: str) -> None:
    amm.env.guardian.send("unregisterPools", [amm[pool].id])


def register(amm: Amm, pool: str) -> None:
    amm.env.owner.send("registerPools", [amm[pool].config])


def deposit(amm: Amm, dollars: int) -> None:
    env = amm.env
    env.give(env.owner.address, quote=dollars * UNIT["usdc"])
    env.owner.send("deposit", dollars * UNIT["usdc"])


def strike(amm: Amm, signal: Signal, won: bool) -> None:
    amm.env.play(won, signal=signal)


def step(what: Callable[..., None], **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(what), st.fixed_dictionaries(arguments))


dollars = st.integers(1, 300_000)
steps = st.one_of(
    *[step(skew, pool=names, dollars=dollars)] * 2,
    *[
        step(
            arbitrage,
            cycle=st.sampled_from(sorted(CYCLES.values())),
            dollars=st.integers(1, 30_000),
            resize=st.booleans(),
        )
    ]
    * 4,
    step(fund, token=tokens, share=shares),
    step(defund, token=tokens, share=shares),
    step(cap, token=tokens, share=shares),
    step(unregister, pool=names),
    step(register, pool=names),
    step(deposit, dollars=dollars),
    step(strike, signal=st.sampled_from(Signal), won=st.booleans()),
)


@settings(max_examples=30)
@given(st.lists(steps, min_size=5, max_size=20))
def test_random_histories(amm: Amm, history: list[tuple[Callable[..., None], Any]]) -> None:
    """What the diamond refuses has not happened."""
    with amm.env.undone():
        for what, arguments in history:
            with suppress(ContractError):
                what(amm, **arguments)
        assert_rebuilt(amm.env)


def test_arbitrages_are_among_them(amm: Amm) -> None:
    for cycle in CYCLES.values():
        arbitrage(amm, cycle, 1000, resize=False)
    assert amm.stats("usdc").executed == len(CYCLES)


def test_a_full_volume_stays_and_refuses_no_arbitrage() -> None:
    amm = Amm(deploy_env())  # of its own, whose storage is written by hand
    profits = (_usual(amm), _usual(amm))
    volume, entry = (
        amm.stats("usdc").volume,
        encode(["address", "uint256"], [amm.env.quote, BOOKS]),
    )
    # Executed in 32 bits and profit in 112, then the volume: one unit less than will go in next.
    rest = 2 | sum(profits) << 32
    chain, diamond, slot = amm.env.chain, amm.env.diamond, int.from_bytes(keccak(entry), "big")
    assert int.from_bytes(chain.storage(diamond, slot), "big") == rest | volume << 144
    put_word(chain, diamond, slot, rest | FULL_VOLUME - 1 << 144)
    for executed in (3, 4):
        profits += (_usual(amm),)
        stats = amm.stats("usdc")
        assert (stats.executed, stats.volume) == (executed, FULL_VOLUME)
        assert stats.profit == stats.capital == sum(profits)


def _usual(amm: Amm) -> int:
    skew(amm, "high_usdc_weth", 150_000)
    return int(amm.execute(amm.order("usdc", 1000 * UNIT["usdc"], *CYCLES["v2_v3"]))["profit"])
