"""What this package raises on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class DiamondError(Exception):
    """The root: catching it catches all of them."""


class AnswerUnreadable(DiamondError):
    """Bytes of a contract do not decode as the type that they should have."""


class CallReverted(DiamondError):
    """A call of a contract reverted.

    `data` is what the contract gave, empty when it gave none; `reason` is the node's own text.
    """

    def __init__(self, data: bytes, reason: str = "") -> None:
        super().__init__(f"reverted: {reason or '0x' + data.hex()}")
        self.data = data
        self.reason = reason


class NodeRefused(DiamondError):
    """The node answered a request with an error that is not a revert."""


class InvalidAddress(DiamondError):
    """Text that is not an address. `why` says what is wrong with it."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text!r} is not an address: {why}")
        self.text = text
        self.why = why


class NotADiamond(DiamondError):
    """A contract, or none, that does not answer as EIP-2535 has it."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(f"{address} is not a diamond that could be inspected: {why}")
        self.address = address
        self.why = why


class LayoutBroken(DiamondError):
    """An upgrade would read storage as what it is not. `faults` says where, one line each."""

    def __init__(self, faults: Sequence[str]) -> None:
        lines = "".join(f"\n  {fault}" for fault in faults)
        super().__init__(
            f"the new code breaks the storage that the diamond has:{lines}\n"
            "Leave what is there as it is, and add fields after a struct's last one only."
        )
        self.faults = tuple(faults)


class PlanMismatch(DiamondError):
    """What would be done is not what was pinned. `differences` has it all, one line each."""

    def __init__(self, differences: Sequence[str]) -> None:
        lines = "".join(f"\n  {difference}" for difference in differences)
        super().__init__(f"the chain or the build is not what the plan was made for:{lines}")
        self.differences = tuple(differences)


class CannotPlan(DiamondError):
    """No cut does what was asked. `reasons` says why, one line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        lines = "".join(f"\n  {reason}" for reason in reasons)
        super().__init__(f"no cut does that:{lines}")
        self.reasons = tuple(reasons)


class CutRefused(DiamondError):
    """A cut would break the diamond, and was not allowed to. `risks` are the names to allow."""

    def __init__(self, faults: Mapping[str, Sequence[str]]) -> None:
        lines = "".join(f"\n  {fault}" for lines in faults.values() for fault in lines)
        flags = " ".join(f"--allow {risk}" for risk in faults)
        super().__init__(f"this cut is refused:{lines}\nWhere it is meant so, pass {flags}.")
        self.risks = tuple(faults)


class RehearsalFailed(DiamondError):
    """On a copy of the chain, a cut did not do what its plan says. `faults` has it all."""

    def __init__(self, faults: Sequence[str]) -> None:
        lines = "".join(f"\n  {fault}" for fault in faults)
        super().__init__(f"on a copy of the chain, the cut does not do what it should:{lines}")
        self.faults = tuple(faults)


class SignaturesMissing(DiamondError):
    """Too few owners of a Safe have signed."""

    def __init__(self, safe: str, threshold: int, signers: Sequence[str]) -> None:
        signed = ", ".join(signers) or "no account"
        super().__init__(f"Safe {safe} needs {threshold} signatures; signed have {signed}")
        self.threshold = threshold
        self.signers = tuple(signers)
