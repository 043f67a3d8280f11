"""Operators and switches on a contract of a few lines.

A mutant that a test finds is found, and one that none finds is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pyrevm
import pytest
from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak

from tests.reach.evm import changed_block
from tools._solc import compile_sources

from .compiler import build
from .mutant import Mutant, find
from .switches import block_of

FILE = "contracts/facets/Few.sol"
SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

contract Few {
    uint256 constant LIMIT = 100;
    uint256 sum;
    mapping(uint256 => Place) places;

    struct Place {
        uint256 count;
    }

    error TooMuch(uint256 amount);

    event Added(uint256 amount);

    function fee(uint256 amount) external pure returns (uint256 paid) {
        if (amount > LIMIT) revert TooMuch(amount);
        paid = amount / 10;
    }

    function either(bool a, bool b) external pure returns (bool) {
        return a && !b;
    }

    function add(uint256 amount) external {
        sum += amount;
        emit Added(amount);
    }

    function less(uint256 a, uint256 b) external pure returns (uint256) {
        return _less(a, b);
    }

    function low(uint256 word) external pure returns (uint256 bits) {
        assembly {
            bits := and(word, 0xff)
        }
    }

    function counted(uint256 at) external {
        _place(at).count = at;
    }

    function _place(uint256 at) private view returns (Place storage place) {
        place = places[at];
    }

    function _less(uint256 a, uint256 b) private pure returns (uint256) {
        if (a < b) return 0;
        return a - b;
    }
}
"""
GUARDED = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

contract Few is ReentrancyGuardTransient {
    function enter(uint256 times) external nonReentrant {
        if (times != 0) this.enter(times - 1);
    }
}
"""
MADE = {
    "fee": {
        ("comparison", "> to >=", "amount >= LIMIT"),
        ("comparison", "> to <=", "amount <= LIMIT"),
        ("constant", "one more", "(LIMIT + 1)"),
        ("constant", "one less", "(LIMIT - 1)"),
        ("check", "refusal left out", "false"),
        ("deletion", "statement left out", ""),
        ("arithmetic", "/ to *", "amount * 10"),
        ("rounding", "/ rounded up", "((amount + (10) - 1) / 10)"),
        ("constant", "one more", "amount / (10 + 1)"),
        ("constant", "one less", "amount / (10 - 1)"),
    },
    "either": {
        ("logic", "&& to ||", "a || !b"),
        ("logic", "left of && alone", "a"),
        ("logic", "right of && alone", "!b"),
        ("logic", "! left out", "b"),
        ("return", "negated", "return !(a && !b);"),
    },
    "add": {
        ("arithmetic", "+= to -=", "sum -= amount"),
        ("deletion", "statement left out", ""),
        ("deletion", "event left out", ""),
    },
    "less": {
        ("argument", "exchanged", "_less(b, a)"),
        ("return", "one more", "return (_less(a, b)) + 1;"),
    },
    "low": {
        ("assembly", "and to or", "xor({0}, mul(xor(and(word, 0xff), or(word, 0xff)), BIT))"),
        ("assembly", "one more", "add({0}, BIT)"),
        ("assembly", "one less", "sub({0}, BIT)"),
        ("assembly", "statement left out", "if iszero(BIT) {{ {0} }}"),
    },
    "counted": {("deletion", "statement left out", "")},
    # The compiler wants a pointer into storage to be set.
    "_place": set(),
    "_less": {
        ("comparison", "< to <=", "a <= b"),
        ("comparison", "< to >=", "a >= b"),
        ("condition", "always", "true"),
        ("condition", "never", "false"),
        ("constant", "one more", "return (0 + 1);"),
        ("deletion", "return left out", ""),
        ("arithmetic", "- to +", "a + b"),
        ("return", "one more", "return (a - b) + 1;"),
    },
}


@cache
def mutants(source: str = SOURCE) -> dict[int, Mutant]:
    trees = compile_sources({FILE: source}, {"": ["ast"], "*": ["abi"]})["sources"]
    return dict(enumerate(find({FILE: source}, trees)))


@cache
def code(source: str) -> bytes:
    valid, code = build({FILE: source}, mutants(source))
    assert valid == mutants(source)
    return bytes.fromhex(code["Few"][0])


@pytest.fixture
def call() -> Callable[..., Any]:
    return caller(SOURCE)


def caller(source: str) -> Callable[..., Any]:
    """What calls a function with mutants on. A refusal is None."""
    evm = pyrevm.EVM(gas_limit=10**8)
    evm.set_balance(ANYONE, 10**18)
    at = evm.deploy(ANYONE, code(source))

    def answer(on: list[int], function: str, *args: int) -> Any:
        evm.set_block_env(changed_block(None, **block_of(on)))
        data = keccak(text=f"{function}({','.join(['uint256'] * len(args))})")[:4]
        try:
            result = evm.message_call(ANYONE, at, data + encode(["uint256"] * len(args), args))
        except RuntimeError:
            return None
        return decode(["uint256"], result)[0] if result else ()

    return answer


ANYONE = "0x" + "a0" * 20


@pytest.mark.parametrize("function", MADE)
def test_what_the_operators_make(function: str) -> None:
    own = [m for m in mutants().values() if m.function == f"Few.{function}"]
    assert {(m.kind, m.operator, m.now) for m in own} == MADE[function]


def test_a_mutant_is_known_by_its_texts_when_lines_move() -> None:
    moved = SOURCE.replace("contract Few", "\n\n// A remark.\ncontract Few")
    before, after = mutants(), mutants(moved)
    assert [m.key for m in after.values()] == [m.key for m in before.values()]
    assert [m.line for m in after.values()] == [m.line + 3 for m in before.values()]
    assert len({m.key for m in before.values()}) == len(before)


def of(function: str) -> Iterator[tuple[int, Mutant]]:
    return ((n, m) for n, m in mutants().items() if m.function == f"Few.{function}")


def test_without_a_switch_all_is_as_before(call: Callable[..., Any]) -> None:
    assert [call([], "fee", n) for n in (55, 100, 101)] == [5, 10, None]
    assert [call([], "less", *pair) for pair in ((5, 2), (2, 5), (2, 2))] == [3, 0, 0]
    assert call([], "low", 0x1234) == 0x34
    assert call([], "add", 7) == ()


def test_all_are_found_but_the_one_that_no_test_is_for(call: Callable[..., Any]) -> None:
    """101 is not asked for: so a limit of 101 is not noticed."""

    def passes(number: int) -> bool:
        return [call([number], "fee", n) for n in (55, 100, 102)] == [5, 10, None]

    survivors = [mutant for number, mutant in of("fee") if passes(number)]
    assert [(m.line, m.operator, m.was, m.now) for m in survivors] == [
        (18, "one more", "LIMIT", "(LIMIT + 1)")
    ]


def test_mutants_of_assembly(call: Callable[..., Any]) -> None:
    answers = {m.operator: call([n], "low", 0x1234) for n, m in of("low")}
    assert answers == {
        "and to or": 0x12FF,
        "one more": 0x1234 & 0x100,
        "one less": 0x1234 & 0xFE,
        "statement left out": 0,
    }


def test_a_modifier_is_left_out() -> None:
    call = caller(GUARDED)
    (mutant,) = (number for number, m in mutants(GUARDED).items() if m.kind == "modifier")
    assert [call(on, "enter", n) for on in ([], [mutant]) for n in (0, 1)] == [(), None, (), ()]


def test_a_group_is_on_together(call: Callable[..., Any]) -> None:
    (limit,) = (n for n, m in of("fee") if m.now == "(LIMIT + 1)")
    (smaller,) = (n for n, m in of("_less") if m.now == "return (a - b) + 1;")
    both = [limit, smaller]
    assert [call(both, "fee", 101), call(both, "less", 5, 2)] == [10, 4]
    assert [call([limit], "less", 5, 2), call([smaller], "fee", 101)] == [3, None]
