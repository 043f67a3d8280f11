"""What goes wrong when deploying."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from macrostrike.errors import MacroStrikeError


def _ether(wei: int) -> str:
    return f"{Decimal(wei).scaleb(-18):.6f}"


class DeployError(MacroStrikeError):
    """The root of what deploying raises on purpose."""


class PackageMissing(DeployError):
    """A contract of an npm package is not there."""

    def __init__(self, path: str, folder: str) -> None:
        super().__init__(f"{path} is not in {folder}: run `make setup`.")
        self.path = path
        self.folder = folder


class NotLocal(DeployError):
    """Something that is for local chains only was asked of another."""

    def __init__(self, what: str, chain_id: int) -> None:
        super().__init__(
            f"{what} is for local chains only; this is chain {chain_id}. "
            "Name the real contracts in the target file."
        )
        self.chain_id = chain_id


class PriceOutOfReach(DeployError):
    """The pool does not get to a price: outside what it can express, or the maker ran dry."""


class TargetInvalid(DeployError):
    """A target file does not describe a state that could be. `faults` has them all."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        lines = "".join(f"\n  {fault}" for fault in faults)
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        super().__init__(f"{source} has {count}:{lines}")
        self.source = source
        self.faults = tuple(faults)


class CannotPlan(DeployError):
    """The chain is not what a deployment could bring to the target. `reasons` says why.

    `hint` is what to do about it, where that is known.
    """

    def __init__(self, reasons: Sequence[str], hint: str = "") -> None:
        lines = "".join(f"\n  {line}" for line in reasons) + (f"\n{hint}" if hint else "")
        super().__init__(f"no deployment leads from this chain to the target:{lines}")
        self.reasons = tuple(reasons)
        self.hint = hint


class ManifestElsewhere(DeployError):
    """The manifest is of another chain, or of a local chain that has ended."""

    def __init__(self, diamond: str, reason: str) -> None:
        super().__init__(
            f"the manifest has a diamond at {diamond}, but {reason}. Use that chain's node, or "
            "another --manifest; --replace-manifest deploys here and writes this one anew."
        )
        self.diamond = diamond
        self.reason = reason


class SelectorConflict(DeployError):
    """Functions are on other facets than expected. `conflicts` has them all, one line each."""

    def __init__(self, conflicts: Sequence[str]) -> None:
        lines = "".join(f"\n  {conflict}" for conflict in conflicts)
        super().__init__(
            f"functions of this diamond are not where they were left, and not taken over:{lines}\n"
            "Find out who cut them, and put them back, or name their facet in the manifest."
        )
        self.conflicts = tuple(conflicts)


class PlanMismatch(DeployError):
    """What would be done is not what was pinned. `differences` has it all, one line each."""

    def __init__(self, differences: Sequence[str]) -> None:
        lines = "".join(f"\n  {difference}" for difference in differences)
        super().__init__(f"the chain or the build is not what the plan was made for:{lines}")
        self.differences = tuple(differences)


class StepFailed(DeployError):
    """A step of a plan was refused. Those before it are done; plan again to go on from there."""

    def __init__(self, position: int, total: int, label: str, reason: str) -> None:
        super().__init__(f"step {position} of {total}, {label}, failed: {reason}")
        self.position = position
        self.label = label
        self.reason = reason


class VerificationFailed(DeployError):
    """The chain is not as the target says. `checks` are those that failed, one line each."""

    def __init__(self, checks: Sequence[str]) -> None:
        lines = "".join(f"\n  {check}" for check in checks)
        super().__init__(f"the chain is not as the target says:{lines}")
        self.checks = tuple(checks)


class NotADiamond(DeployError):
    """A contract, or none, that does not answer as EIP-2535 has it."""

    address: str


class LayoutBroken(DeployError):
    """An upgrade would read storage as what it is not. `faults` says where, one line each."""

    faults: tuple[str, ...]


class LayoutUnknown(DeployError):
    """The storage layout that was deployed is not known: an upgrade can't be compared with it."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"storage can't be compared: {path} is not there, which says what was deployed. "
            "Get it from where it was deployed, or pass --unchecked-layout if you know it fits."
        )
        self.path = path


class EtherMissing(DeployError):
    """An account can't pay for the gas of its steps. Amounts are in wei."""

    def __init__(self, account: str, balance: int, needed: int) -> None:
        super().__init__(
            f"{account} has {_ether(balance)} ether, and the plan costs {_ether(needed)} at the "
            "gas price of now: send ether there first"
        )
        self.account = account
        self.balance = balance
        self.needed = needed


class SignaturesMissing(DeployError):
    """Too few owners of a Safe have signed: `signers`, where `threshold` must."""

    threshold: int
    signers: tuple[str, ...]
