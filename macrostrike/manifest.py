"""The manifest: what a deployment wrote down for those who use it.

A JSON file, `deployments/<network>/<name>.json`. The deployment writes it whole or not at all.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from macrostrike.errors import InvalidValue, ManifestError
from macrostrike.types import checked_address

SCHEMA_VERSION: Literal[1] = 1


def address_text(value: str) -> str:
    """An address in a file, with its checksum. Raises `ValueError`, as validators do."""
    try:
        return checked_address(value)
    except InvalidValue as failure:
        raise ValueError(str(failure)) from None


Address = Annotated[str, AfterValidator(address_text)]
_Selector = Annotated[str, Field(pattern=r"^0x[0-9a-f]{8}$")]
_Hash = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TokenEntry(_Part):
    """An ERC-20."""

    address: Address
    symbol: str
    decimals: Annotated[int, Field(ge=0, le=255)]


class FacetEntry(_Part):
    """A facet: where it is, keccak-256 of its code, and the selectors that it answers."""

    address: Address
    code_hash: _Hash
    selectors: tuple[_Selector, ...]


class MarketEntry(_Part):
    """A market. `venue` is its kind, such as `UniswapV3`; `fee` is in hundredths of a bp."""

    id: Annotated[int, Field(ge=0, le=255)]
    base: TokenEntry
    pool: Address
    factory: Address
    venue: str
    fee: Annotated[int, Field(ge=0)]


class Manifest(_Part):
    """A deployed diamond, and what it was set up with.

    `deployed_at` is the block that holds its creation. `fixtures` are the contracts that exist for
    a local network alone, by name. `genesis` is the hash of block 0 of a local chain: those have
    one chain id between them, and often the same addresses.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    network: str
    name: str
    chain_id: Annotated[int, Field(ge=1)]
    diamond: Address
    owner: Address
    deployed_at: Annotated[int, Field(ge=0)]
    facets: dict[str, FacetEntry]
    quote: TokenEntry
    markets: tuple[MarketEntry, ...]
    engines: tuple[Address, ...]
    operators: tuple[Address, ...]
    guardians: tuple[Address, ...]
    fixtures: dict[str, Address] = {}
    genesis: _Hash | None = None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Manifest:
        """Reads a manifest. Raises `ManifestError`, which names what is missing or wrong."""
        try:
            content = Path(path).read_text(encoding="utf-8-sig")
        except FileNotFoundError as failure:
            reason = "there is no such file: `ape run deploy` writes it, `--manifest` names another"
            raise ManifestError(str(path), reason) from failure
        except (OSError, UnicodeDecodeError) as failure:
            raise ManifestError(str(path), f"it can't be read: {failure}") from failure
        try:
            return cls.model_validate_json(content)
        except ValidationError as failure:
            raise _manifest_error(str(path), failure) from failure

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the manifest, whole or not at all, and makes the folders that it needs."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(self.model_dump_json(indent=2) + "\n")
            # A temporary file is its owner's alone; a manifest is for all who may read the folder.
            os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise


def _manifest_error(path: str, failure: ValidationError) -> ManifestError:
    first = failure.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        reason = f"`{key}` is missing: deploy again, or restore the file"
    elif first["type"] == "json_invalid":
        reason = f"it is not JSON ({first['msg']}): deploy again, or restore the file"
    elif key == "schema_version":
        reason = f"schema version {first['input']!r} is not what is read here: {SCHEMA_VERSION}"
    else:
        reason = f"`{key}` can't be {first['input']!r}: {first['msg']}"
    return ManifestError(path, reason, key or None)
