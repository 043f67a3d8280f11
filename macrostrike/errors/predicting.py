"""What an engine's signer refuses to sign."""

from __future__ import annotations

from macrostrike.errors import MacroStrikeError


class RefusedToSign(MacroStrikeError):
    """The root: what is signed once must not be contradicted by the same key."""


class NonceSigned(RefusedToSign):
    """Another prediction was signed with this nonce."""

    def __init__(self, nonce: int, digest: bytes) -> None:
        super().__init__(
            f"nonce {nonce} was signed for another prediction, 0x{digest.hex()}: "
            "take the signer's next_nonce"
        )
        self.nonce = nonce
        self.digest = digest


class BothSides(RefusedToSign):
    """The other side of this market was signed, and may still be struck."""

    def __init__(self, market: int, nonce: int, valid_until: int) -> None:
        super().__init__(
            f"the other side of market {market} was signed with nonce {nonce} and is valid until "
            f"{valid_until}: wait until it has expired"
        )
        self.market = market
        self.nonce = nonce
        self.valid_until = valid_until


class UnderFloor(RefusedToSign):
    """The confidence is under the signer's floor."""

    def __init__(self, confidence_bps: int, floor_bps: int) -> None:
        super().__init__(
            f"confidence {confidence_bps} bps is under this signer's floor of {floor_bps}"
        )
        self.confidence_bps = confidence_bps
        self.floor_bps = floor_bps


class ClaimLoses(RefusedToSign):
    """By its own confidence and barriers the prediction loses money."""

    def __init__(self, confidence_bps: int, take_profit_bps: int, stop_loss_bps: int) -> None:
        super().__init__(
            f"at {confidence_bps} bps of confidence, a take-profit of {take_profit_bps} bps beside "
            f"a stop-loss of {stop_loss_bps} loses money by its own claim: narrow the stop"
        )
        self.confidence_bps = confidence_bps
        self.take_profit_bps = take_profit_bps
        self.stop_loss_bps = stop_loss_bps


class ForecastStale(RefusedToSign):
    """A forecast is too old to be signed: the chain could not be asked in time."""

    def __init__(self, seconds: int, valid_seconds: int) -> None:
        super().__init__(f"made {seconds} s ago, good for {valid_seconds} s: it is left")
        self.seconds = seconds
        self.valid_seconds = valid_seconds


class IntakeRefused(MacroStrikeError):
    """An intake did not take a prediction. `error` is the name of the class of the refusal."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(f"{error}: {message}")
        self.status = status
        self.error = error
        self.message = message
