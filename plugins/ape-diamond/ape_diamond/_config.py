"""What ape-config.yaml may say of diamonds."""

from __future__ import annotations

from pathlib import Path

from ape.api import PluginConfig
from pydantic import BaseModel, ConfigDict, Field


class KnownDiamond(BaseModel):
    """A diamond that commands know by a name.

    network: the ecosystem and network that it is on, such as `ethereum:mainnet`; any by default.
    abis: files or folders of ABIs to name its functions by, from the project's folder.
    from_block: the block that it was created in, which saves looking for its cuts.
    """

    model_config = ConfigDict(extra="forbid")

    address: str
    network: str | None = None
    abis: tuple[Path, ...] = ()
    from_block: int = 0


class DiamondConfig(PluginConfig):  # type: ignore[misc]
    """The section. `abis` are for every diamond, `diamonds` are by name."""

    abis: list[Path] = Field(default_factory=list)
    diamonds: dict[str, KnownDiamond] = Field(default_factory=dict)
