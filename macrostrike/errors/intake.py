"""Why a prediction that came in from outside is not taken."""

from __future__ import annotations

from macrostrike.errors import MacroStrikeError


class IntakeError(MacroStrikeError):
    """The root of what the intake refuses on its own account."""


class SignatureInvalid(IntakeError):
    """The signature is not the engine's."""

    def __init__(self, engine: str, signer: str) -> None:
        super().__init__(
            f"the signature is of {signer}, the prediction names engine {engine}: sign with the "
            "engine's key, for this chain and diamond"
        )
        self.engine = engine
        self.signer = signer


class NonceTaken(IntakeError):
    """Another prediction of this engine with this nonce is here already."""

    def __init__(self, nonce: int, digest: bytes) -> None:
        super().__init__(
            f"nonce {nonce} is that of prediction 0x{digest.hex()}: an engine uses a nonce once"
        )
        self.nonce = nonce
        self.digest = digest


class NonceTooFar(IntakeError):
    """The nonce would kill predictions that wait."""

    def __init__(self, nonce: int, highest: int) -> None:
        super().__init__(
            f"nonce {nonce} would make those that wait too old: {highest} is the highest now"
        )
        self.nonce = nonce
        self.highest = highest


class QueueFull(IntakeError):
    """As many predictions wait as may."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} predictions wait: send it again when some are decided")
        self.waiting = waiting


class TooMany(IntakeError):
    """The engine sends faster than it may."""

    def __init__(self, per_second: float, seconds: float) -> None:
        super().__init__(f"over {per_second:g} predictions a second: wait {seconds:.2f} s")
        self.per_second = per_second
        self.seconds = seconds


class TooManyStreams(IntakeError):
    """As many streams of outcomes are open as may be, or as one address may have."""


class BodyInvalid(IntakeError):
    """The request is not what the schema says."""
