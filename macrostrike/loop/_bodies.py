"""What is posted to the intake."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from macrostrike.types import ALL_STRATEGIES, Prediction, Signal

_SIGNALS = {str(signal): signal for signal in Signal}


class PredictionBody(BaseModel):
    """A prediction as engines send it. Fields as of `Prediction`, its numbers as integers."""

    model_config = ConfigDict(extra="forbid", strict=True)

    engine: str = Field(pattern="^0x[0-9a-fA-F]{40}$")
    nonce: int = Field(ge=0, lt=1 << 64)
    market: int = Field(ge=0, lt=1 << 8)
    signal: str = Field(pattern=f"^({'|'.join(_SIGNALS)})$")
    confidence_bps: int = Field(ge=0, le=10_000)
    strategies: int = Field(default=ALL_STRATEGIES, ge=1, le=ALL_STRATEGIES)
    model_id: int = Field(default=0, ge=0, lt=1 << 16)
    valid_from: int = Field(ge=0, lt=1 << 40)
    valid_until: int = Field(ge=0, lt=1 << 40)
    horizon: int = Field(ge=1, lt=1 << 24)
    take_profit_bps: int = Field(default=0, ge=0, lt=1 << 16)
    stop_loss_bps: int = Field(ge=1, lt=10_000)

    def prediction(self) -> Prediction:
        """Raises `InvalidPrediction`."""
        return Prediction(**self.model_dump() | {"signal": _SIGNALS[self.signal]})


class SignedBody(BaseModel):
    """What is posted. `signature`: r, s and v, 65 bytes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prediction: PredictionBody
    signature: str = Field(pattern="^0x[0-9a-fA-F]{130}$")
