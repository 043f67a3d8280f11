"""Random calls of `diamondCut`, good and bad, on few facets and selectors so that they collide."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode
from hypothesis import strategies as st

from .support import ADD, OWNER, REMOVE, REPLACE, STRANGER, ZERO, made_up, selector

FUNCTIONS = [*map(selector, ("version()", "stored()", "store(uint256)", "noop()")), *made_up(4)]

# Names stand for addresses, which differ from diamond to diamond.
PROBE, OTHER, SELF, NO_ONE, NONE = "probe", "other", "self", "no_pool", "none"


@dataclass(frozen=True, slots=True)
class Entry:
    """A FacetCut, its facet by name."""

    facet: str
    action: int
    selectors: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A `diamondCut`, the initialiser by name."""

    entries: tuple[Entry, ...]
    init: str = NONE
    data: bytes = b""
    sender: str = OWNER


def entries(functions: list[bytes], facets: list[str]) -> st.SearchStrategy[Entry]:
    """Mostly well-formed ones, over `functions` and with `facets`."""
    chosen = st.lists(st.sampled_from(functions), min_size=1, max_size=4, unique=True)
    good = st.sampled_from([ADD, ADD, REPLACE, REMOVE]).flatmap(
        lambda action: st.builds(
            Entry,
            st.just(NONE) if action == REMOVE else st.sampled_from([PROBE, OTHER]),
            st.just(action),
            chosen.map(tuple),
        )
    )
    anything = st.builds(
        Entry,
        st.sampled_from(facets),
        st.sampled_from([ADD, REPLACE, REMOVE]),
        st.lists(st.sampled_from(functions), max_size=4).map(tuple),
    )
    return st.one_of(good, good, good, anything)


def calls(functions: list[bytes], facets: list[str]) -> st.SearchStrategy[Call]:
    some = st.lists(entries(functions, facets), max_size=3).map(tuple)
    stored = st.integers(0, 9).map(lambda n: selector("store(uint256)") + encode(["uint256"], [n]))
    data = st.one_of(
        stored,
        st.sampled_from(
            [
                b"",
                selector("fail(uint256)") + encode(["uint256"], [5]),
                selector("failSilently()"),
            ]
        ),
    )
    plain = st.builds(Call, some)
    initialised = st.builds(Call, some, st.just(PROBE), stored)
    anything = st.builds(
        Call,
        some,
        st.sampled_from([NONE, PROBE, SELF, NO_ONE]),
        data,
        st.sampled_from([OWNER, OWNER, OWNER, STRANGER]),
    )
    return st.one_of(plain, plain, plain, initialised, anything)


def addresses(probe: str, other: str, diamond: str) -> dict[str, str]:
    return {PROBE: probe, OTHER: other, SELF: diamond, NO_ONE: "0x" + "77" * 20, NONE: ZERO}
