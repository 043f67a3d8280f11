"""The in-process EVM for changed contracts: takes large ones, and blocks that say more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyrevm

import macrostrike.abi

from .instrument import ARTIFACTS, ROOT

_CODE_LIMIT = 1 << 20  # changed contracts are larger than a chain would take
_PLAIN = pyrevm.EVM


class RoomyEvm:
    """`pyrevm.EVM` without the limit on the size of contracts."""

    def __init__(self, env: Any = None, **options: Any) -> None:
        chain_id = None if env is None else env.cfg.chain_id
        cfg = pyrevm.CfgEnv(chain_id=chain_id, limit_contract_code_size=_CODE_LIMIT)
        self._evm = _PLAIN(env=pyrevm.Env(cfg=cfg), **options)
        self._block: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._evm, name)

    def set_block_env(self, block: Any) -> None:
        self._block = block
        self._evm.set_block_env(block)


def changed_block(block: Any, **fields: Any) -> Any:
    """A block with other fields; without one, the EVM's first."""
    if block is None:
        return pyrevm.BlockEnv(**fields)
    return pyrevm.BlockEnv(
        number=block.number,
        timestamp=block.timestamp,
        basefee=block.basefee,
        gas_limit=block.gas_limit,
        **fields,
    )


def use(evm: type[RoomyEvm], root: Path) -> None:
    """From here on, tests run in such EVMs, and deploy what is among the artifacts of `root`."""
    pyrevm.EVM = evm  # type: ignore[misc, assignment]
    macrostrike.abi._ARTIFACTS = root / "macrostrike" / "_artifacts"
    macrostrike.abi._MOCKS = root / ".build" / "mocks"
    from tests.unit.diamond import support

    support.ROOT = root


def root_with(root: Path, code: Mapping[str, tuple[str, str]]) -> Path:
    """A folder like the project's. `code` is creation and runtime code of the changed contracts."""
    for folder in (ARTIFACTS, ROOT / ".build" / "mocks"):
        changed = root / folder.relative_to(ROOT)
        changed.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("[A-Z]*.json"):
            content = json.loads(path.read_text())
            if path.stem in code:
                creation, runtime = code[path.stem]
                content |= {"bytecode": f"0x{creation}", "deployedBytecode": f"0x{runtime}"}
            _write(changed / path.name, json.dumps(content))
    link = root / "node_modules"
    if not link.exists():
        link.symlink_to(ROOT / "node_modules")
    return root


def _write(path: Path, text: str) -> None:
    """Whole or not at all: several processes may."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    fresh = path.with_suffix(f".{id(text)}")
    fresh.write_text(text)
    fresh.replace(path)
