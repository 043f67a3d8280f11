"""Calls for any diamond: cuts, loupe, ERC-165, ownership, dispatch. Each is a sequence; its outcome
is that of the last call, or what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from eth_abi.abi import encode

from macrostrike.chain import Reverted

from .references import INTERFACES, Side
from .sequences import NONE, OTHER, PROBE, SELF
from .support import (
    ADD,
    CORE,
    CUT,
    CUT_ARGUMENTS,
    LOUPE,
    REMOVE,
    REPLACE,
    STRANGER,
    ZERO,
    artifact,
    made_up,
    reference,
    selector,
)

Call = Callable[[Side], object]
ONE, TWO, THREE = made_up(3)
VERSION, STORED = selector("version()"), selector("stored()")
FIVE = selector("store(uint256)") + encode(["uint256"], [5])
FAIL = selector("fail(uint256)") + encode(["uint256"], [5])
SUPPORTS = selector("supportsInterface(bytes4)")
MANY = 256


def cut(
    facet: str,
    action: int,
    *functions: bytes,
    init: str = NONE,
    data: bytes = b"",
    by: str = "owner",
) -> Call:
    """One entry, addresses by name."""

    def call(side: Side) -> None:
        entry = (side.at(facet), action, functions)
        side.diamond.cut(entry, init=side.at(init), data=data, sender=side.at(by))

    return call


def row(*calls: Call) -> Call:
    """One after the other. The last answers."""

    def run(side: Side) -> object:
        return [call(side) for call in calls][-1]

    return run


def ask(function: bytes) -> Call:
    """The number that a function answers, which takes nothing."""

    def call(side: Side) -> int:
        return int.from_bytes(side.chain.raw(side.diamond.address, function), "big")

    return call


def alike(calls: Iterable[Call]) -> Call:
    """Each of them, which all are done or all refused."""
    every = list(calls)

    def run(side: Side) -> None:
        refused = []
        for call in every:
            try:
                call(side)
            except Reverted as error:
                refused.append(error)
        assert len(refused) in (0, len(every))
        if refused:
            raise refused[-1]

    return run


def send(data: bytes, value: int = 0, by: str = "stranger") -> Call:
    def call(side: Side) -> None:
        side.chain.raw(side.diamond.address, data, sender=side.at(by), value=value)

    return call


def access(function: str, *names: str, by: str = "owner") -> Call:
    def call(side: Side) -> None:
        data = side.access.encode(function, *map(side.at, names))
        side.chain.raw(side.diamond.address, data, sender=side.at(by))

    return call


def owner(side: Side) -> str:
    return side.named(str(side.chain.call(side.access, "owner")))


def look(side: Side) -> object:
    return side.look()


def facet_of(function: bytes) -> Call:
    return lambda side: side.named(side.diamond.facet(function))


def functions_of(facet: str) -> Call:
    return lambda side: sorted(side.diamond.selectors(side.at(facet)))


def supports(*interfaces: bytes) -> Call:
    return lambda side: [side.diamond.supports(each) for each in interfaces]


def dirty(side: Side) -> None:
    types = ["(address,uint8,bytes32[])[]", "address", "bytes"]
    word = ONE.ljust(31, b"\0") + b"\1"
    entry = (side.at(PROBE), ADD, [word])
    side.chain.raw(side.diamond.address, CUT + encode(types, [[entry], ZERO, b""]))


def unknown_action(side: Side) -> None:
    types = ["(address,uint256,bytes4[])[]", "address", "bytes"]
    entry = (side.at(PROBE), 3, [ONE])
    side.chain.raw(side.diamond.address, CUT + encode(types, [[entry], ZERO, b""]))


def announce(side: Side) -> object:
    """The reference's own initialiser says that an interface is there."""
    built = side.chain.deploy(reference("DiamondERC165Init"))
    side.diamond.cut(init=built.address, data=built.encode("setERC165", [ONE], []))
    return side.diamond.supports(ONE)


def replace_core(exporting: bool) -> Call:
    """`facets()` by a new loupe facet, or by one that does not say that it has it."""

    def call(side: Side) -> None:
        new = side.chain.deploy(artifact("DiamondLoupeFacet")).address
        side.diamond.cut((new if exporting else side.at(PROBE), REPLACE, [LOUPE[0]]))

    return call


def many(side: Side) -> object:
    side.diamond.cut((side.at(PROBE), ADD, made_up(MANY, start=10)))
    return len(side.diamond.facets()[side.at(PROBE)])


TAKEN = cut(PROBE, ADD, ONE, TWO)
CALLS: dict[str, Call] = {
    # Cuts
    "add functions": row(TAKEN, look),
    "announce an addition": TAKEN,
    "add functions of two facets": row(TAKEN, cut(OTHER, ADD, THREE), look),
    "cut nothing": lambda side: side.diamond.cut(),
    "an entry without selectors": cut(PROBE, ADD),
    "add what is there": row(TAKEN, cut(OTHER, ADD, ONE)),
    "add a selector twice": cut(PROBE, ADD, ONE, ONE),
    "add to the zero address": cut(NONE, ADD, ONE),
    "add to an address without code": cut("stranger", ADD, ONE),
    "add the selector 0x00000000": cut(PROBE, ADD, bytes(4)),
    "add the diamond as a facet": cut(SELF, ADD, ONE),
    "replace by another facet": row(TAKEN, cut(OTHER, REPLACE, ONE), look),
    "replace by the same facet": row(TAKEN, cut(PROBE, REPLACE, ONE)),
    "replace what is not there": cut(PROBE, REPLACE, ONE),
    "replace by an address without code": row(TAKEN, cut("stranger", REPLACE, ONE)),
    "remove functions": row(TAKEN, cut(NONE, REMOVE, TWO), look),
    "announce a removal": row(TAKEN, cut(NONE, REMOVE, TWO)),
    "remove all of a facet": row(TAKEN, cut(NONE, REMOVE, ONE, TWO), look),
    "remove, naming a facet": row(TAKEN, cut(PROBE, REMOVE, ONE)),
    "remove what is not there": cut(NONE, REMOVE, ONE),
    "add again what was removed": row(TAKEN, cut(NONE, REMOVE, ONE), cut(OTHER, ADD, ONE), look),
    "replace a core function by a facet that exports it": replace_core(True),
    "replace a core function by a facet that does not": replace_core(False),
    "remove a core function": alike(cut(NONE, REMOVE, each) for each in reversed(CORE)),
    "remove a function of its own, no core one": cut(NONE, REMOVE, SUPPORTS),
    "replace a function of its own, no core one": cut(PROBE, REPLACE, SUPPORTS),
    "a stranger's cut": cut(PROBE, ADD, ONE, by="stranger"),
    "an action that there is none of": unknown_action,
    "a selector with dirt behind it": dirty,
    "ether with a cut": send(CUT + encode(CUT_ARGUMENTS, [[], ZERO, b""]), 1, by="owner"),
    # Initialisers
    "initialise": row(cut(PROBE, ADD, STORED, init=PROBE, data=FIVE), ask(STORED)),
    "announce an initialiser": cut(PROBE, ADD, ONE, init=PROBE, data=FIVE),
    "data without an initialiser": cut(PROBE, ADD, ONE, data=FIVE),
    "an initialiser without data": cut(PROBE, ADD, ONE, init=PROBE),
    "an initialiser without code": cut(PROBE, ADD, ONE, init="stranger", data=FIVE),
    "an initialiser that fails with an error": cut(PROBE, ADD, ONE, init=PROBE, data=FAIL),
    "an initialiser that fails without a word": cut(
        PROBE, ADD, ONE, init=PROBE, data=selector("failSilently()")
    ),
    "a function of the diamond as initialiser": cut(PROBE, ADD, FIVE[:4], init=SELF, data=FIVE),
    # Loupe
    "the facet of an unknown function": facet_of(ONE),
    "the functions of an unknown facet": functions_of("stranger"),
    "the functions of no facet": functions_of(NONE),
    f"look at a facet of {MANY} functions": many,
    # ERC-165
    "the standard's interfaces": supports(*INTERFACES),
    "no interface, and one that is unknown": supports(b"\xff" * 4, bytes(4), ONE),
    "announce an interface by the reference's initialiser": announce,
    # Ownership
    "the owner": owner,
    "a stranger offers the ownership": access("transferOwnership", "stranger", by="stranger"),
    "the owner after an offer": row(access("transferOwnership", "stranger"), owner),
    "offer the ownership": access("transferOwnership", "stranger"),
    "offer it to the zero address": row(access("transferOwnership", NONE), owner),
    "accept the ownership": row(
        access("transferOwnership", "stranger"), access("acceptOwnership", by="stranger")
    ),
    "another one accepts it": row(
        access("transferOwnership", PROBE), access("acceptOwnership", by="stranger")
    ),
    "the old owner's cut after it": row(
        access("transferOwnership", "stranger"), access("acceptOwnership", by="stranger"), TAKEN
    ),
    # Dispatch
    "call a function": row(cut(PROBE, ADD, VERSION), ask(VERSION)),
    "call it after a replacement": row(
        cut(PROBE, ADD, VERSION), cut(OTHER, REPLACE, VERSION), ask(VERSION)
    ),
    "call a function that is not there": send(ONE),
    "call it with ether": send(ONE, 1),
    "ether with a function": row(cut(PROBE, ADD, selector("noop()")), send(selector("noop()"), 1)),
    "a facet's own error": row(cut(PROBE, ADD, FAIL[:4]), send(FAIL)),
    "three bytes": row(cut(PROBE, ADD, VERSION[:3] + b"\0"), send(VERSION[:3])),
    "plain ether": send(b"", 1),
    "an empty call": send(b""),
    "set a facet for all other functions": send(
        selector("setFallbackAddress(address)") + encode(["address"], [STRANGER]), by="owner"
    ),
}
