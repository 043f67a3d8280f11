"""Whether a chain holds what its target says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from macrostrike.build import Contract
from macrostrike.deploy.plan import Check, compare
from macrostrike.deploy.state.snapshot import ChainState
from macrostrike.deploy.target import Target
from macrostrike.errors.deploying import VerificationFailed


def verify_state(
    target: Target, state: ChainState, facets: Mapping[str, Contract], contract: Contract
) -> list[Check]:
    """A named check for everything that the target says, with both values.

    The code of the diamond, `contract`, and of its facets, the loupe's functions and no others,
    owner, roles, fleet, capital, markets. `state` must have a diamond.
    """
    return compare(target, state, facets, contract)


def require_verified(checks: Sequence[Check]) -> None:
    """Raises `VerificationFailed` with the checks that failed."""
    if failed := [str(check) for check in checks if not check.ok]:
        raise VerificationFailed(failed)
