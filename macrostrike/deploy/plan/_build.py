"""What was compiled for a target, and where it goes: computed once, and handed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ape_diamond import FunctionChange, cuts_of
from macrostrike.build import FACET_SALT, PROXY, Contract, create2_address, diamond_salt
from macrostrike.deploy.plan._facets import additions, facet_address
from macrostrike.deploy.target import InitCall, Target
from macrostrike.types import ZERO_ADDRESS


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction.

    does: what for, in words.
    function: what is called; `constructor` creates the contract at `creates`, by the proxy.
    """

    does: str
    sender: str
    to: str
    function: str
    data: bytes
    creates: str | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """A diamond as it was compiled: its facets, then itself. None of it needs the chain.

    homes: where each facet goes, by name.
    functions: those of a new diamond.
    creation: the code that creates a new diamond, with all of its functions.
    diamond: where that goes; its salt follows from the diamond's name.
    deployer: the account that sends what creates; any will do.
    init: what an upgrade's cut runs; none of a new diamond's business.
    """

    target: Target
    facets: Mapping[str, Contract] = field(repr=False)
    homes: Mapping[str, str]
    functions: tuple[FunctionChange, ...] = field(repr=False)
    contract: Contract
    creation: bytes = field(repr=False)
    diamond: str
    salt: bytes
    deployer: str
    init: InitCall | None = None

    @classmethod
    def of(
        cls,
        target: Target,
        facets: Mapping[str, Contract],
        contract: Contract,
        name: str,
        deployer: str,
        init: InitCall | None = None,
    ) -> Build:
        """The build of a target. `contract` is the diamond's own, `name` the diamond's."""
        homes = {each: facet_address(facet) for each, facet in facets.items()}
        functions, salt = additions(facets, homes), diamond_salt(name)
        creation = contract.create(cuts_of(functions), target.roles.owner, ZERO_ADDRESS, b"")
        return cls(
            target=target,
            facets=facets,
            homes=homes,
            functions=functions,
            contract=contract,
            creation=creation,
            diamond=create2_address(salt, creation),
            salt=salt,
            deployer=deployer,
            init=init,
        )

    @property
    def places(self) -> list[str]:
        """Every address that something of it goes to."""
        init = [] if self.init is None else [self.init.address]
        return [*self.homes.values(), self.diamond, *init]

    def steps(self) -> list[Step]:
        """All that create, also what is there already."""
        count = f"all {len(self.functions)} functions of {len(self.facets)} facets"
        data = self.salt + self.creation
        last = self._create(f"create the diamond, with {count}", data, self.diamond)
        return [*map(self.facet_step, self.facets), last]

    def facet_step(self, name: str) -> Step:
        """What creates a facet, which diamonds may share."""
        facet = self.facets[name]
        data = FACET_SALT + facet.create()
        return self._create(f"create {facet.name}", data, self.homes[name])

    def init_step(self, init: InitCall) -> Step:
        """What creates the contract that an upgrade runs."""
        data = FACET_SALT + init.contract.create()
        return self._create(f"create {init.contract.name}", data, init.address)

    def _create(self, does: str, data: bytes, place: str) -> Step:
        return Step(does, self.deployer, PROXY, "constructor", data, place)
