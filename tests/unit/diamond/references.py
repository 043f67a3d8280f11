"""Three diamonds side by side: ours, the reference one of EIP-2535's author as hardhat-deploy
publishes it, and SolidState's. What each says to the same call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import decode
from eth_utils.crypto import keccak

from macrostrike.chain import Reverted

from ...diamonds import solidstate
from .sequences import addresses
from .support import (
    ADD,
    OWNER,
    STRANGER,
    ZERO,
    Chain,
    Contract,
    Diamond,
    artifact,
    exported,
    reference,
    selector,
)

INTERFACES = [bytes.fromhex(i) for i in ("01ffc9a7", "1f931c1c", "48e2b093", "7f5828d0")]
"""ERC-165, the cut, the loupe, ERC-173."""

# What the others refuse with, and what ours refuses the same with. Empty: without a word.
HARDHAT = {
    "LibDiamond: Must be contract owner": "NotOwner",
    "LibDiamondCut: No selectors in facet to cut": "NoSelectors",
    "LibDiamondCut: Add facet can't be address(0)": "FacetWithoutCode",
    "LibDiamondCut: New facet has no code": "FacetWithoutCode",
    "LibDiamondCut: Can't add function that already exists": "SelectorAlreadyAdded Duplicate",
    "LibDiamondCut: Can't replace function with same function": "SelectorAlreadyOnFacet Duplicate",
    "LibDiamondCut: Can't remove function that doesn't exist": "SelectorNotAdded Duplicate",
    "LibDiamondCut: Remove facet address must be address(0)": "RemoveNamesFacet",
    "LibDiamondCut: _init is address(0) but_calldata is not empty": "InitMissing",
    "LibDiamondCut: _calldata is empty but _init is not address(0)": "InitDataMissing",
    "LibDiamondCut: _init address has no code": "InitWithoutCode",
    "LibDiamondCut: _init function reverted": "InitializationFailed",
    "Diamond: Function does not exist": "FunctionNotFound",
    "": "DirtySelector",
}
SOLIDSTATE = {
    "Ownable__NotOwner": "NotOwner",
    "SafeOwnable__NotNomineeOwner": "NotPendingOwner",
    "DiamondWritable__SelectorNotSpecified": "NoSelectors",
    "DiamondWritable__TargetHasNoCode": "FacetWithoutCode InitWithoutCode",
    "DiamondWritable__SelectorAlreadyAdded": "SelectorAlreadyAdded Duplicate",
    "DiamondWritable__ReplaceTargetIsIdentical": "SelectorAlreadyOnFacet Duplicate",
    "DiamondWritable__SelectorNotFound": "SelectorNotAdded Duplicate",
    "DiamondWritable__SelectorIsImmutable": "DiamondAsFacet CoreFunction CoreFunctionNotExported",
    "DiamondWritable__RemoveTargetNotZeroAddress": "RemoveNamesFacet",
    "DiamondWritable__InvalidInitializationParameters": "InitMissing InitDataMissing",
    "Proxy__ImplementationIsNotContract": "FunctionNotFound",
    "": "DirtySelector InitializationFailed",
}


@dataclass(frozen=True)
class Outcome:
    """Of a call: what it answered, or `refused`; why; and the diamond's events."""

    said: str
    reason: str = ""
    events: tuple[Any, ...] = ()

    def shown(self, *, whole: bool) -> str:
        """As the table has it: what was said, or with `whole` how it was done or refused."""
        if not whole:
            return self.said
        if self.said == "refused":
            return f"refused: {self.reason or 'no reason'}"
        return ", ".join(event[0] for event in self.events) or "no event"

    def as_ours(self, ours: Outcome, words: dict[str, str]) -> bool:
        """Whether ours did the same. `words` are what a reference's reasons are called by ours."""
        if (self.said, self.events) != (ours.said, ours.events):
            return False
        meant = words.get(self.reason, self.reason).replace("Duplicate", "DuplicateSelector")
        return ours.reason == self.reason or ours.reason in meant.split()


@dataclass
class Side:
    """One of the three, and the facets that are its own. On a chain that they share."""

    name: str
    diamond: Diamond
    access: Contract
    own: set[str]
    names: dict[str, str]
    words: dict[str, str] = field(default_factory=dict)

    @property
    def chain(self) -> Chain:
        return self.diamond.chain

    def at(self, name: str) -> str:
        """An address by what it is called on every side."""
        return next(address for address, known in self.names.items() if known == name)

    def outcome(self, call: Callable[[Side], object]) -> Outcome:
        before = self.chain.sent
        try:
            said = call(self)
        except Reverted as refused:
            return Outcome("refused", self.reason(refused.data))
        events = self.events() if self.chain.sent != before else ()
        return Outcome("done" if said is None else str(said), events=events)

    def reason(self, data: bytes) -> str:
        """The error's name, a reference's text, or what bytes it has put where a text should be."""
        if not data:
            return ""
        if data[:4] == selector("Error(string)"):
            text = decode(["bytes"], data[4:])[0]
            return str(text.decode()) if text.isascii() else "bytes as text"
        return self.chain.error(data)[0]

    def events(self) -> tuple[Any, ...]:
        """Of the last transaction, with names for addresses."""
        logs = [log for log in self.chain.logs() if log[0].lower() == self.diamond.address.lower()]
        return tuple(self._event(topics, data) for _, topics, data in logs)

    def _event(self, topics: list[bytes], data: bytes) -> Any:
        known = {
            keccak(text="DiamondCut((address,uint8,bytes4[])[],address,bytes)"): "DiamondCut",
            keccak(text="OwnershipTransferred(address,address)"): "OwnershipTransferred",
            keccak(text="OwnershipTransferStarted(address,address)"): "OwnershipTransferStarted",
        }
        name = known[topics[0]]
        if name != "DiamondCut":
            return name, *(self.named("0x" + topic[12:].hex()) for topic in topics[1:])
        cuts, init, rest = decode(["(address,uint8,bytes4[])[]", "address", "bytes"], data)
        return name, tuple((self.named(f), a, s) for f, a, s in cuts), self.named(init), rest

    def named(self, address: str) -> str:
        return self.names.get(address, "own" if address in self.own else address)

    def look(self) -> list[tuple[str, list[bytes]]]:
        """All that the loupe says, sorted, but for the functions that are the diamond's own."""
        facets = self.diamond.facets()
        assert set(self.diamond.addresses()) == set(facets)
        for facet, functions in facets.items():
            assert set(self.diamond.selectors(facet)) == functions
            assert all(self.diamond.facet(function) == facet for function in functions)
        others = {self.named(f): s for f, s in facets.items() if f not in self.own}
        return sorted((name, sorted(functions)) for name, functions in others.items())


def sides(chain: Chain) -> list[Side]:
    """Ours first. The facets `probe` and `other` are in none of them yet."""
    probe, other = (chain.deploy(artifact("DiamondProbeFacet"), n).address for n in (1, 2))
    shared = {OWNER: "owner", STRANGER: "stranger"}
    made = [_ours(chain), _hardhat(chain), _solidstate(chain)]
    for side in made:
        known = addresses(probe, other, side.diamond.address)
        side.names = shared | {address: name for name, address in known.items()}
    return made


def _ours(chain: Chain) -> Side:
    facets = [
        chain.deploy(artifact(f"{name}Facet")) for name in ("DiamondCut", "DiamondLoupe", "Access")
    ]
    cuts = [(facet.address, ADD, exported(chain, facet)) for facet in facets]
    address = chain.deploy(artifact("MacroStrikeDiamond"), cuts, OWNER, ZERO, b"").address
    diamond = Diamond(chain, address, *facets[:2])
    return Side("ours", diamond, facets[2].at(address), {f.address for f in facets}, {})


def _hardhat(chain: Chain) -> Side:
    facets = [
        chain.deploy(reference(f"{name}Facet"))
        for name in ("DiamondCut", "DiamondLoupe", "Ownership")
    ]
    init = chain.deploy(reference("DiamondERC165Init"))
    cuts = [(facet.address, ADD, facet.selectors()) for facet in facets]
    announce = init.encode("setERC165", INTERFACES, [])
    made = chain.deploy(reference("Diamond"), OWNER, cuts, [(init.address, announce)])
    diamond = Diamond(chain, made.address, *facets[:2])
    # Of the functions for ownership ours has one more, to try.
    access = Contract(made.address, artifact("AccessFacet")["abi"])
    return Side("hardhat", diamond, access, {f.address for f in facets}, {}, HARDHAT)


def _solidstate(chain: Chain) -> Side:
    built = solidstate()
    made = chain.deploy({"abi": built["abi"], "bytecode": built["evm"]["bytecode"]["object"]})
    abis = [Contract(made.address, reference(f"Diamond{n}Facet")["abi"]) for n in ("Cut", "Loupe")]
    access = Contract(made.address, artifact("AccessFacet")["abi"])
    diamond = Diamond(chain, made.address, *abis)
    return Side("solidstate", diamond, access, {made.address}, {}, SOLIDSTATE)
