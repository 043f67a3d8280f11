"""The manifest: written whole, read with care, and what is wrong with it is named."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from macrostrike import Manifest
from macrostrike.errors import ManifestError
from macrostrike.testing import World


@pytest.fixture
def manifest(world: World) -> Manifest:
    return world.manifest


@pytest.fixture
def path(manifest: Manifest, tmp_path: Path) -> Path:
    path = tmp_path / "deployments" / "local" / "macrostrike.json"
    manifest.save(path)
    return path


def edit(path: Path, change: Any) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_what_is_saved_is_what_is_loaded(manifest: Manifest, path: Path) -> None:
    assert Manifest.load(path) == manifest
    assert Manifest.load(str(path)) == manifest


def test_saving_again_replaces_it_and_leaves_nothing_else(manifest: Manifest, path: Path) -> None:
    changed = manifest.model_copy(update={"name": "other"})
    changed.save(path)
    assert Manifest.load(path).name == "other"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_save_that_fails_leaves_what_was_there(
    manifest: Manifest, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        manifest.model_copy(update={"name": "other"}).save(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="`ape run deploy` writes it") as failure:
        Manifest.load(tmp_path / "missing.json")
    assert failure.value.path == str(tmp_path / "missing.json")
    with pytest.raises(ManifestError, match="can't be read"):
        Manifest.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null"])
def test_a_file_that_is_not_a_manifest_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ManifestError):
        Manifest.load(path)


@pytest.mark.parametrize(
    "key", ["chain_id", "diamond", "owner", "deployed_at", "facets", "quote", "markets", "engines"]
)
def test_a_missing_key_is_named(path: Path, key: str) -> None:
    edit(path, lambda content: content.pop(key))
    with pytest.raises(ManifestError, match=f"`{key}` is missing") as failure:
        Manifest.load(path)
    assert failure.value.key == key


def test_a_key_missing_deeper_is_named_with_its_place(path: Path) -> None:
    edit(path, lambda content: content["markets"][0]["base"].pop("decimals"))
    with pytest.raises(ManifestError) as failure:
        Manifest.load(path)
    assert failure.value.key == "markets.0.base.decimals"


@pytest.mark.parametrize(
    ("key", "value"),
    [("diamond", "0x12"), ("chain_id", 0), ("chain_id", "one"), ("deployed_at", -1), ("extra", 1)],
)
def test_a_wrong_value_is_named(path: Path, key: str, value: object) -> None:
    edit(path, lambda content: content.update({key: value}))
    with pytest.raises(ManifestError) as failure:
        Manifest.load(path)
    assert failure.value.key == key
    assert repr(value) in str(failure.value)


def test_another_schema_is_refused(path: Path) -> None:
    edit(path, lambda content: content.update(schema_version=2))
    with pytest.raises(ManifestError, match="schema version 2"):
        Manifest.load(path)
