"""Files whose hash pins what they say: reviewed by one person, and applied by another.

The hash is Keccak-256 of the file as canonical JSON, without the hash itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ape_diamond.errors import DiamondError, PlanMismatch

if TYPE_CHECKING:
    from typing_extensions import Self

Hex = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]*$")]


class Part(BaseModel):
    """A part of a pinned file. What it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Pinned(Part):
    """A pinned file. `unpinned` are fields that the hash leaves out."""

    unpinned: ClassVar[frozenset[str]] = frozenset()

    hash: Hex

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads a file. Raises `DiamondError`, and `PlanMismatch` when it was changed."""
        try:
            pinned = cls.model_validate_json(path.read_text(encoding="utf-8-sig"))
        except ValidationError as failure:
            first = failure.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise DiamondError(
                f"{path} is not a plan that can be read: {where}: {first['msg']}. Write it anew."
            ) from None
        except (OSError, UnicodeDecodeError) as failure:
            raise DiamondError(f"{path} is not a plan that can be read: {failure}") from None
        if (actual := pinned.digest()) != pinned.hash:
            raise PlanMismatch([f"{path} was changed: its hash is {actual}, it says {pinned.hash}"])
        return pinned

    def save(self, path: Path) -> None:
        """Writes the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        os.replace(part, path)

    def digest(self) -> str:
        """The hash of what it says."""
        return digest(self.model_dump(mode="json", exclude={"hash", *self.unpinned}))

    def require_hash(self, approved: str) -> None:
        """Raises `PlanMismatch` unless its hash is the one that was approved."""
        if approved.lower() != self.hash:
            raise PlanMismatch([f"the plan's hash is {self.hash}, approved was {approved}"])


def digest(content: Mapping[str, Any]) -> str:
    """The hash of a file's content, without what is not pinned."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "0x" + keccak(text=canonical).hex()
