"""Where a diamond and its target differ, and what would fix it.

One list serves both sides: what a plan has to do, and what a verification has to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from macrostrike.build import Contract
from macrostrike.deploy.plan._checks import Check
from macrostrike.deploy.plan._facets import check_code, check_facets
from macrostrike.deploy.plan._setting import Comparison
from macrostrike.deploy.plan._settings import ROWS
from macrostrike.deploy.plan._words import moment
from macrostrike.deploy.state.snapshot import ChainState, DiamondState
from macrostrike.deploy.target import Target


def compare(
    target: Target, state: ChainState, facets: Mapping[str, Contract], contract: Contract
) -> list[Check]:
    """Every check of a deployed diamond, in the order in which fixes must be done.

    `facets` and `contract`, the diamond's own, are what was compiled.
    """
    diamond = state.diamond
    assert diamond is not None
    return [
        *compare_chain(target, state),
        check_code("the diamond", contract, diamond.code),
        *check_facets(diamond, facets),
        *compare_configuration(target, diamond, state.memories),
    ]


def compare_chain(target: Target, state: ChainState) -> Iterator[Check]:
    """What must be so before anything is deployed."""
    chains = " or ".join(map(str, target.chain_ids))
    yield Check("chain", chains, str(state.chain_id), state.chain_id in target.chain_ids)
    for name, token in target.tokens.items():
        actual = state.decimals[token.address]
        shown = "no ERC-20 at " + token.address if actual is None else str(actual)
        yield Check(f"decimals of {name}", str(token.decimals), shown, actual == token.decimals)
    for kind, grants in (("operator", target.roles.operators), ("engine", target.roles.engines)):
        for grant in grants:
            ends = int(grant.valid_until.timestamp())
            if ends <= state.timestamp:
                name = f"{kind} {grant.address}: valid_until"
                yield Check(name, "the future", moment(ends), False)


def compare_configuration(
    target: Target, diamond: DiamondState, memories: Mapping[str, int]
) -> list[Check]:
    """All that the owner sets, as far as the diamond can be asked.

    `memories` is how many observations the markets' pools remember.
    """
    if diamond.unread:
        shown = f"not readable: the diamond lacks {diamond.unread}"
        return [Check("settings", "readable", shown, False)]
    at = Comparison(target, diamond, memories, dict(diamond.allowances))
    return [check for row in ROWS for check in row(at)]
