"""Arbitrages before any pool is called: sizes, the flash pool, the plan, what a trial says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isqrt
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import example, given
from hypothesis import strategies as st

from macrostrike.build import ours
from macrostrike.chain import RevmTransport
from macrostrike.errors import AMMCapExceeded, ArbitrageFailed, NotProfitable, Panicked
from macrostrike.types import ArbitrageOrder, Venue

from ...evm import Caller, undone
from ..answering import Answering, encoded, words
from ..environment import account
from ..readers import reverts
from .numbers import edges

PROBE = ours("CycleProbe")
FEE_BASE = 10**6
U112, U128 = (1 << 112) - 1, (1 << 128) - 1
TOKENS = [f"0x{n:040x}" for n in range(1, 5)]


class Cycles:
    """The libraries, and four pairs that say what reserves they have."""

    def __init__(self) -> None:
        self._caller = Caller(RevmTransport(), account("cycles"))
        self.chain = self._caller.chain
        self.address = self._caller.deploy(PROBE)
        self.pairs = [Answering(self._caller) for _ in range(4)]

    def ask(self, function: str, *args: Any) -> Any:
        return self._caller.ask(PROBE, self.address, function, *args)

    def tell(self, function: str, *args: Any) -> None:
        self._caller.tell(PROBE, self.address, function, *args)


@pytest.fixture(scope="session")
def _cycles() -> Cycles:
    return Cycles()


@pytest.fixture
def cycles(_cycles: Cycles) -> Iterator[Cycles]:
    with undone(_cycles.chain):
        yield _cycles


def hop(venue: Venue, n: int = 0, **values: Any) -> tuple[Any, ...]:
    known = {
        "pool": TOKENS[n],
        "zero_for_one": True,
        "ether_in": False,
        "ether_out": False,
        "fee": 3000,
        "amount_out": 0,
    } | values
    pool, zero, ether_in, ether_out, fee, amount = known.values()
    return (n + 1, venue, pool, zero, ether_in, ether_out, fee, TOKENS[n], amount)


Pair = tuple[int, int, int]
RESERVE = edges(U112) | st.integers(10**6, 10**24) | st.integers(10**18, 10**19)
FEES = st.sampled_from((0, 3000, FEE_BASE - 1)) | st.integers(0, 10_000)
PAIRS = st.lists(st.tuples(RESERVE, RESERVE, FEES), min_size=2, max_size=4)


def peak(pairs: Sequence[Pair]) -> int:
    """The best amount for a row of pairs, each step rounded down."""
    a = b = 0
    for n, (has, pays, fee) in enumerate(pairs):
        taken = has * FEE_BASE // (FEE_BASE - fee)
        if n == 0:
            a, b = taken, pays
            continue
        if (a, b) == (0, 0) or taken + b == 0:
            return 0
        a, b = a * taken // (taken + b), b * pays // (taken + b)
    return max(isqrt(a * b) - a, 0)


@example(pairs=[(7, 0, 0), (0, 7, 0)], zero_for_one=True, max_amount=9)
@given(pairs=PAIRS, zero_for_one=st.booleans(), max_amount=edges(U128))
def test_the_best_amount_is_at_the_peak_or_what_it_may_be(
    cycles: Cycles, pairs: list[Pair], zero_for_one: bool, max_amount: int
) -> None:
    hops = []
    for n, (has, pays, fee) in enumerate(pairs):
        reserves = (has, pays) if zero_for_one else (pays, has)
        pair = cycles.pairs[n]
        pair.set({encoded("getReserves()") + words(0): words(*reserves, 1)})
        place = {"pool": pair.address, "zero_for_one": zero_for_one, "fee": fee}
        hops.append(hop(Venue.UNISWAP_V2, n, **place))
    expected = min(peak(pairs), max_amount) if max_amount else 0
    assert cycles.ask("best", hops, max_amount) == expected


POOL_ID = bytes(31) + b"\x07"


def query(asker: str, assets: tuple[str, str], amount: int) -> bytes:
    """What a vault is asked: a swap given in, of one step, for no one."""
    types = ["uint8", f"({','.join(STEP)})[]", "address[]", f"({','.join(FUNDS)})"]
    step = (POOL_ID, 0, 1, amount, b"")
    args = [0, [step], assets, (asker, False, asker, False)]
    return keccak(text=f"queryBatchSwap({','.join(types)})")[:4] + encode(types, args)


STEP = ("bytes32", "uint256", "uint256", "uint256", "bytes")
FUNDS = ("address", "bool", "address", "bool")


@example(
    pair=(10**9, 10**9, 3000),
    curve=(1, 10**10),
    balance=10**13,
    max_amount=10**9,
    is_root=True,
)
@given(
    pair=st.tuples(st.integers(10**6, 10**12), st.integers(10**6, 10**12), FEES),
    curve=st.tuples(st.integers(1, 10**12), st.integers(1, 10**13)),
    balance=st.integers(0, 10**13),
    max_amount=st.integers(1, 10**12),
    is_root=st.booleans(),
)
def test_a_balancer_pool_is_sized_in_three_rounds(
    cycles: Cycles,
    pair: Pair,
    curve: tuple[int, int],
    balance: int,
    max_amount: int,
    is_root: bool,
) -> None:
    """Each through the pool's answers at what the round before found, and at half of it."""
    first, vault = cycles.pairs[:2]
    first.set({encoded("getReserves()") + words(0): words(*pair[:2], 1)})
    cycles.tell("setPool", 2, vault.address, POOL_ID)
    assets = TOKENS[1], TOKENS[0]
    info = encoded("getPoolTokenInfo(bytes32,address)", POOL_ID, TOKENS[1])
    answers = {info: words(balance, 0, 0, 0)}

    def bought(amount: int) -> int:
        out = isqrt(curve[1] * amount) if is_root else curve[1] * amount // (curve[0] + amount)
        deltas = encode(["int256[]"], [[amount, -out]])
        answers[query(cycles.address, assets, amount)] = deltas
        return out

    a0, b0 = pair[0] * FEE_BASE // (FEE_BASE - pair[2]), pair[1]
    amount = max_amount
    for _ in range(3):
        if amount == 0:
            break
        x = min(b0 * amount // (a0 + amount), balance // 4) // 2
        a1 = b1 = 0
        if x:
            y1, y2 = bought(x), bought(2 * x)
            a1 = 2 * x * max(y2 - y1, 0) // max(2 * y1 - y2, 1)
            b1 = y1 * (a1 + x) // x
        a, b = a0 * a1 // (a1 + b0), b0 * b1 // (a1 + b0)
        amount = min(max(isqrt(a * b) - a, 0), max_amount)
    vault.set(answers)
    hops = [
        hop(Venue.UNISWAP_V2, 0, pool=first.address, fee=pair[2]),
        hop(Venue.BALANCER_WEIGHTED, 1, pool=vault.address),
    ]
    assert cycles.ask("best", hops, max_amount) == amount


LENDS = {Venue.UNISWAP_V2, Venue.UNISWAP_V3, Venue.UNISWAP_V4}
FORETELLS = {Venue.UNISWAP_V2, Venue.BALANCER_WEIGHTED, Venue.BALANCER_STABLE}


@given(venues=st.lists(st.sampled_from(Venue), min_size=2, max_size=4))
def test_the_flash_pool_is_the_first_that_lends_but_past_pairs(
    cycles: Cycles, venues: list[Venue]
) -> None:
    """Past those only whose next one lends too."""
    lending = [n for n, venue in enumerate(venues) if venue in LENDS]
    expected = lending[0] if lending else len(venues)
    while expected + 1 < len(venues) and expected in lending and expected + 1 in lending:
        if venues[expected] not in FORETELLS:
            break
        expected += 1
    hops = [hop(venue, n) for n, venue in enumerate(venues)]
    assert cycles.ask("flashHopOf", hops) == expected


@given(
    amount_in=edges(U128),
    near=st.integers(-2, 2),
    min_profit=st.sampled_from((0, 1, 2)) | edges(U128),
    gains=st.booleans(),
)
def test_a_profit_is_over_nothing_and_at_least_what_is_asked(
    cycles: Cycles, amount_in: int, near: int, min_profit: int, gains: bool
) -> None:
    back = max(0, amount_in + (min_profit if gains else 0) + near)
    plan = (amount_in, min_profit, 0, 0)
    if back > amount_in and back - amount_in >= min_profit:
        cycles.ask("requireProfit", plan, back)
        return
    with reverts(NotProfitable(amount_in, back - amount_in, min_profit)):
        cycles.ask("requireProfit", plan, back)


@given(
    numbers=st.lists(edges((1 << 256) - 1), min_size=3, max_size=3),
    venues=st.lists(st.sampled_from(Venue), min_size=2, max_size=4),
    flash=st.integers(0, 4),
    amounts=st.lists(st.integers(1, (1 << 256) - 1), min_size=4, max_size=4),
    flags=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_a_plan_is_read_as_it_was_stored(
    cycles: Cycles,
    numbers: list[int],
    venues: list[Venue],
    flash: int,
    amounts: list[int],
    flags: list[bool],
) -> None:
    """Outputs as far as they are known beforehand: up to the flash pool's."""
    flash = min(flash, len(venues))
    ways = dict(zip(("zero_for_one", "ether_in", "ether_out"), flags, strict=True))
    hops = [hop(venue, n, fee=n, amount_out=amounts[n], **ways) for n, venue in enumerate(venues)]
    plan, kept = cycles.ask("kept", (*numbers, flash), hops)
    assert tuple(plan) == (*numbers, flash)
    known = [(*each[:-1], each[-1] if n <= flash else 0) for n, each in enumerate(hops)]
    assert [tuple(each) for each in kept] == known


ORDER = ArbitrageOrder(
    pools=(1, 2),
    token_in=TOKENS[0],
    amount_in=1000,
    min_profit=0,
    confidence_bps=9300,
    deadline=1,
    resize=False,
    model_id=0,
)


QUOTED = "ArbitrageQuoted(uint256,uint256)"
NO_PROFIT = "NotProfitable(uint256,int256,uint256)"


def failed(reason: bytes) -> bytes:
    return encoded("ArbitrageFailed(bytes)", reason)


@given(amount=edges(1 << 255), profit=edges((1 << 255) - 1))
def test_a_trial_says_what_it_earned(cycles: Cycles, amount: int, profit: int) -> None:
    outcome = encoded(QUOTED, amount, profit)
    assert cycles.ask("quoted", ORDER, outcome) == (amount, profit)


@given(
    amount=st.sampled_from((0, 999, 1000, 1001, 1 << 255)),
    profit=st.sampled_from((-1000, -1, 0, 1, 1 << 254)),
    more=st.sampled_from((b"", b"\x00")),
)
def test_a_pool_can_say_that_there_is_no_profit_but_not_that_there_is_one(
    cycles: Cycles, amount: int, profit: int, more: bytes
) -> None:
    """Nor of more than was put in, nor with a byte more: that is a failure as it came."""
    said = encoded(NO_PROFIT, amount, profit, 7)
    if profit <= 0 and amount <= 1000 and not more:
        assert cycles.ask("quoted", ORDER, failed(said)) == (amount, profit)
        return
    with reverts(NotProfitable(amount, profit, 7)):
        cycles.ask("quoted", ORDER, failed(said + more))


def test_whatever_else_a_trial_failed_with_comes_out_as_it_is(cycles: Cycles) -> None:
    for amount in (0, 5):  # of as many bytes as the one that says no profit
        with reverts(AMMCapExceeded(TOKENS[0], amount, 4)):
            said = encoded("AMMCapExceeded(address,uint256,uint256)", TOKENS[0], amount, 4)
            cycles.ask("quoted", ORDER, failed(said))
    for outcome in (b"", b"\x12\x34", encoded("Other(uint256)", 7)):
        with reverts(ArbitrageFailed(outcome)):
            cycles.ask("quoted", ORDER, outcome)


@given(
    executed=st.integers(0, (1 << 32) - 2),
    totals=st.tuples(edges(U112), edges(U112), edges(U112)),
    funded=st.integers(0, 1 << 128),
    cap=edges(U128),
    amount=edges((1 << 256) - 1),
    profit=edges(U112),
)
def test_an_arbitrage_is_booked(
    cycles: Cycles,
    executed: int,
    totals: tuple[int, int, int],
    funded: int,
    cap: int,
    amount: int,
    profit: int,
) -> None:
    """The volume stays full when it is; a profit of more than 112 bits is refused."""
    gained, volume, best = totals
    token = TOKENS[0]
    cycles.tell("setBook", token, (executed, gained, volume, cap, best, True, funded))
    if gained + profit > U112:
        with pytest.raises(Panicked):
            cycles.ask("book", token, amount, profit)
        return
    cycles.tell("book", token, amount, profit)
    record, capital = cycles.ask("bookOf", token)
    after = (gained + profit, min(volume + amount, U112), cap, max(best, profit))
    assert tuple(record) == (executed + 1, *after, True, funded)
    assert capital == funded + gained + profit


@given(cap=edges(U128), near=st.integers(-1, 1), is_quote=st.booleans())
def test_a_cap_is_met_to_the_unit(cycles: Cycles, cap: int, near: int, is_quote: bool) -> None:
    """Without one nothing is allowed, and nothing is too large to be sized."""
    amount = max(0, cap + near)
    cycles.tell("setBook", TOKENS[0], (0, 0, 0, cap, 0, is_quote, 0))
    assert cycles.ask("maxSizeOf", TOKENS[0]) == (cap or U128)
    if amount > cap:
        with reverts(AMMCapExceeded(TOKENS[0], amount, cap)):
            cycles.ask("requireUnderCap", TOKENS[0], amount)
    else:
        assert cycles.ask("requireUnderCap", TOKENS[0], amount) == is_quote
