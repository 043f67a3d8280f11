"""Whatever is cut, in whatever order: the diamond does what a dict of functions would do."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.chain import Reverted

from .sequences import (
    FUNCTIONS,
    NO_ONE,
    NONE,
    OTHER,
    PROBE,
    SELF,
    Call,
    Entry,
    addresses,
    calls,
)
from .support import (
    ADD,
    CORE,
    CUT,
    LOUPE,
    OWNER,
    REMOVE,
    REPLACE,
    ZERO,
    Chain,
    Diamond,
    artifact,
    our_diamond,
    selector,
)

POOL = [*FUNCTIONS, bytes(4), CUT, LOUPE[1]]
FACETS = [PROBE, OTHER, SELF, NO_ONE, NONE]


class Model:
    """The rules once more, over a dict of function to facet."""

    def __init__(self, functions: dict[bytes, str], at: dict[str, str]):
        self.functions, self.at = functions, at
        self.stored = 0

    def error(self, call: Call) -> tuple[str, tuple[Any, ...]] | None:
        """Applies `call`, or says what it is refused with."""
        if call.sender != OWNER:
            return "NotOwner", (call.sender, OWNER)
        after = dict(self.functions)
        for entry in call.entries:
            if error := self._apply(after, entry):
                return error
        if error := self._initialise(call, after):
            return error
        self.functions = after
        return None

    def _apply(self, after: dict[bytes, str], entry: Entry) -> tuple[str, tuple[Any, ...]] | None:
        facet = self.at[entry.facet]
        if not entry.selectors:
            return "NoSelectors", (facet, entry.action)
        if entry.action == REMOVE and facet != ZERO:
            return "RemoveNamesFacet", (facet,)
        if entry.action != REMOVE and entry.facet == SELF:
            return "DiamondAsFacet", (facet,)
        if entry.action != REMOVE and entry.facet in (NO_ONE, NONE):
            return "FacetWithoutCode", (facet,)
        for n, function in enumerate(entry.selectors):
            if refused := self._refused(after, entry, function, facet):
                again = function in entry.selectors[:n]
                return ("DuplicateSelector", (function,)) if again else refused
            if entry.action == REMOVE:
                del after[function]
            else:
                after[function] = facet
        return None

    @staticmethod
    def _refused(
        after: dict[bytes, str], entry: Entry, function: bytes, facet: str
    ) -> tuple[str, tuple[Any, ...]] | None:
        if entry.action == ADD and function == bytes(4):
            return "ZeroSelector", ()
        if entry.action == ADD:
            taken = function in after
            return ("SelectorAlreadyAdded", (function, after[function])) if taken else None
        if function not in after:
            return "SelectorNotAdded", (function,)
        if entry.action == REPLACE and after[function] == facet:
            return "SelectorAlreadyOnFacet", (function, facet)
        if entry.action == REMOVE and function in CORE:
            return "CoreFunction", (function,)
        return None

    def _initialise(
        self, call: Call, after: dict[bytes, str]
    ) -> tuple[str, tuple[Any, ...]] | None:
        if call.init == NONE:
            return ("InitMissing", (call.data,)) if call.data else None
        if not call.data:
            return "InitDataMissing", (self.at[call.init],)
        if call.init == NO_ONE:
            return "InitWithoutCode", (self.at[call.init],)
        if call.init == SELF and call.data[:4] not in after:
            return "FunctionNotFound", (call.data[:4],)
        if call.init == SELF and after[call.data[:4]] not in (self.at[PROBE], self.at[OTHER]):
            return "InitializationFailed", (self.at[call.init], call.data)
        if call.data[:4] == selector("fail(uint256)"):
            return "ProbeFailed", decode(["uint256"], call.data[4:])
        if call.data[:4] == selector("failSilently()"):
            return "InitializationFailed", (self.at[call.init], call.data)
        self.stored = decode(["uint256"], call.data[4:])[0]
        return None


@pytest.fixture(scope="module")
def shared() -> tuple[Chain, str, str]:
    """One chain for all examples, each of which has a diamond of its own on it."""
    chain = Chain()
    probe, other = (chain.deploy(artifact("DiamondProbeFacet"), n) for n in (1, 2))
    return chain, probe.address, other.address


def spares_core(call: Call) -> bool:
    """A probe in place of a core function would be taken, and nothing could be asked any more."""
    replaced = {s for e in call.entries if e.action == REPLACE for s in e.selectors}
    return replaced.isdisjoint(CORE)


@settings(max_examples=150, deadline=None)
@given(sequence=st.lists(calls(POOL, FACETS).filter(spares_core), min_size=1, max_size=12))
def test_any_sequence_of_cuts(shared: tuple[Chain, str, str], sequence: list[Call]) -> None:
    chain, probe, other = shared
    diamond = our_diamond(chain)
    at = addresses(probe, other, diamond.address)
    model = Model({s: f for f, ss in diamond.facets().items() for s in ss}, at)
    for call in sequence:
        expected = model.error(call)
        assert outcome(diamond, call, at) == expected
        if expected is None:
            cuts = tuple((at[e.facet], e.action, e.selectors) for e in call.entries)
            assert diamond.announced() == [(cuts, at[call.init], call.data)]
        check(diamond, model)


def outcome(diamond: Diamond, call: Call, at: dict[str, str]) -> tuple[str, tuple[Any, ...]] | None:
    cuts = [(at[e.facet], e.action, e.selectors) for e in call.entries]
    try:
        diamond.cut(*cuts, init=at[call.init], data=call.data, sender=call.sender)
    except Reverted as refused:
        return diamond.chain.error(refused.data)
    return None


def check(diamond: Diamond, model: Model) -> None:
    """The loupe says what the model holds, and the ring is whole in both directions."""
    facets: dict[str, set[bytes]] = {}
    for function, facet in model.functions.items():
        facets.setdefault(facet, set()).add(function)
    assert diamond.facets() == facets
    assert sorted(diamond.addresses()) == sorted(facets)
    for facet in (*facets, model.at[NO_ONE], ZERO):
        assert sorted(diamond.selectors(facet)) == sorted(facets.get(facet, ()))
    for function in (*POOL, *CORE):
        assert diamond.facet(function) == model.functions.get(function, ZERO)
    nodes = diamond.nodes(*POOL)
    links = {
        s: ((word >> 192).to_bytes(4, "big"), word >> 160 & 0xFFFFFFFF) for s, word in nodes.items()
    }
    assert {s for s, word in nodes.items() if word} == {bytes(4), *model.functions}
    assert all(
        links[following][1] == int.from_bytes(s, "big")
        for s, (following, _) in links.items()
        if nodes[s]
    )
    assert diamond.chain.storage(diamond.address, 0) == model.stored
