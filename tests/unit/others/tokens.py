"""Tokens of other people that are not as tokens should be, from their npm packages.

A token that moves nothing never gets into a pool or to the diamond: so a token that behaves takes
the code of one that does not, as one behind a proxy can, and keeps balances and allowances.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyrevm
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.build import Contract, contract, npm, ours
from macrostrike.chain import RevmTransport
from tools._solc import ROOT

from ...evm import Caller, put_word
from ...published import compiled

SOLMATE = ROOT / "node_modules" / "solmate" / "src" / "test" / "utils" / "weird-tokens"
ZERO_X = ROOT / "node_modules" / "@0x" / "contracts-erc20" / "generated-artifacts"
SURCHARGE_BPS = 200
GARBAGE = bytes.fromhex("c0ffee") * 13


@cache
def solmate() -> Mapping[str, Contract]:
    """Solmate's tokens by name."""
    paths = {str(path.relative_to(ROOT)): path for path in sorted(SOLMATE.glob("*.sol"))}
    sources = {name: path.read_text(encoding="utf-8") for name, path in paths.items()}
    assert sources, f"no tokens in {SOLMATE}"
    built = compiled(sources)
    return {name: _contract(name, each["abi"], each["evm"]) for name, each in built.items()}


def zero_x(name: str) -> Contract:
    output = json.loads((ZERO_X / f"{name}.json").read_text(encoding="utf-8"))["compilerOutput"]
    return _contract(name, output["abi"], output["evm"])


def _contract(name: str, abi: list[dict[str, Any]], evm: Mapping[str, Any]) -> Contract:
    code = str(evm["bytecode"]["object"]).removeprefix("0x")
    return contract(name, abi, bytes.fromhex(code), b"")


@dataclass(frozen=True)
class Layout:
    """The slots of a token's mappings, and of its supply where that is kept."""

    balances: int
    allowances: int
    supply: int | None = None


@dataclass(frozen=True)
class Odd:
    """A token.

    answer: of a transfer that it did not make, or says so.
    prepare: the calls that make it what it is.
    """

    contract: Contract
    answer: bytes | None = None
    arguments: tuple[Any, ...] = ()
    layout: Layout = Layout(1, 2, 0)
    prepare: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


DUMMY, DUMMIES = ("Dummy", "DUM", 18, 0), Layout(1, 2, 3)


def error(reason: str) -> bytes:
    return keccak(text="Error(string)")[:4] + encode(["string"], [reason])


@cache
def odd_tokens() -> Mapping[str, Odd]:
    """By the short names that the table has."""
    weird = solmate()
    periphery, v4 = "@uniswap/v2-periphery/build", "@uniswap/v4-core/out"
    return {
        # Moves, and answers nothing, much, or nonsense.
        "missing": Odd(weird["MissingReturnToken"]),
        "too-much": Odd(weird["ReturnsTooMuchToken"]),
        "garbage": Odd(weird["ReturnsGarbageToken"], GARBAGE, prepare={"setGarbage": (GARBAGE,)}),
        # Moves nothing, and answers so that one might think it had.
        "two": Odd(weird["ReturnsTwoToken"], (2).to_bytes(32, "big")),
        "too-little": Odd(weird["ReturnsTooLittleToken"], b"\1" + bytes(7)),
        "false": Odd(weird["ReturnsFalseToken"], bytes(32)),
        "reverting": Odd(weird["RevertingToken"], b""),
        # As the dollar that most people hold.
        "no-return": Odd(zero_x("DummyNoReturnERC20Token"), None, DUMMY, DUMMIES),
        # `transferFrom` says true twice and moves nothing; `transfer` is in order.
        "twice-true": Odd(zero_x("DummyMultipleReturnERC20Token"), None, DUMMY, DUMMIES),
        # `transferFrom` fails with a reason; `transfer` is in order.
        "pull-fails": Odd(
            zero_x("UntransferrableDummyERC20Token"), error("TRANSFER_DISABLED"), DUMMY, DUMMIES
        ),
        # Answers false where others revert.
        "zrx": Odd(zero_x("ZRXToken"), bytes(32), layout=Layout(0, 1, 2)),
        # One percent of what is sent does not arrive.
        "deflating": Odd(npm(f"{periphery}/DeflatingERC20.json"), None, (0,)),
        # In order, and the only one that ether goes in and out of.
        "ether": Odd(zero_x("WETH9"), layout=Layout(3, 4)),
        # Our own: two percent more than is sent leaves the sender.
        "surcharging": Odd(
            ours("SurchargingToken"), layout=Layout(0, 1, 2), prepare={"behave": (SURCHARGE_BPS,)}
        ),
        # Moves, and answers false.
        "moves-false": Odd(
            npm(f"{v4}/TestInvalidERC20.sol/TestInvalidERC20.json"),
            *(bytes(32), (0,), Layout(0, 1)),
        ),
    }


class Turner:
    """Turns the tokens of one chain."""

    def __init__(self, chain: RevmTransport, by: Caller) -> None:
        self.chain = chain
        self.codes = {
            name: chain.code(by.deploy(odd.contract, *odd.arguments))
            for name, odd in odd_tokens().items()
        }
        self.by = by

    @contextmanager
    def turned(self, token: str, kept_in: Layout, name: str) -> Iterator[None]:
        """Within, the token has the code of the odd one, with its own balances and allowances.

        kept_in: where the token has them.
        """
        odd = odd_tokens()[name]
        holders, pairs = _known(self.chain, token)
        with _code_of(self.chain, token, self.codes[name]):
            supply = 0
            for holder in holders:
                slots = (_slot(holder, layout.balances) for layout in (kept_in, odd.layout))
                supply += self._move(token, *slots)
            for owner, spender in pairs:
                slots = (
                    _slot(spender, _slot(owner, layout.allowances))
                    for layout in (kept_in, odd.layout)
                )
                self._move(token, *slots)
            if odd.layout.supply is not None:
                put_word(self.chain, token, odd.layout.supply, supply)
            yield

    def prepare(self, token: str, name: str) -> None:
        """The calls that make a turned token what it is."""
        odd = odd_tokens()[name]
        for function, arguments in odd.prepare.items():
            self.by.tell(odd.contract, token, function, *arguments)

    def _move(self, token: str, source: int, target: int) -> int:
        word = int.from_bytes(self.chain.storage(token, source), "big")
        put_word(self.chain, token, target, word)
        return word


@contextmanager
def _code_of(chain: RevmTransport, address: str, code: bytes) -> Iterator[None]:
    """A snapshot does not hold what code was put somewhere by hand: it is put back here."""
    kept = chain._evm.basic(address)
    now = pyrevm.AccountInfo(nonce=kept.nonce, balance=kept.balance, code=code)
    chain._evm.insert_account_info(address, now)
    try:
        yield
    finally:
        chain._evm.insert_account_info(address, kept)


def _known(chain: RevmTransport, token: str) -> tuple[set[str], set[tuple[str, str]]]:
    """Everyone that the token's events name, and who let whom spend."""
    approval = keccak(text="Approval(address,address,uint256)")
    holders, pairs = set(), set()
    for log in chain.logs(token):
        named = [_address(topic) for topic in log.topics[1:]]
        holders.update(named)
        if log.topics[0] == approval:
            pairs.add((named[0], named[1]))
    return holders, pairs


@cache
def _address(topic: bytes) -> str:
    return str(to_checksum_address(topic[12:]))


@cache
def _slot(key: str, mapping: int) -> int:
    packed = bytes.fromhex(key[2:]).rjust(32, b"\0") + mapping.to_bytes(32, "big")
    return int.from_bytes(keccak(packed), "big")
