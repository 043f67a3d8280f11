"""The local node is started, used and ended, and nothing of it stays."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from macrostrike.chain import AnvilTransport, RpcTransport, anvil, start_anvil
from macrostrike.errors import AnvilMissing, NodeUnavailable


def test_it_ends_with_the_block() -> None:
    with start_anvil() as url:
        assert AnvilTransport(url).block_number() == 0
    with pytest.raises(NodeUnavailable):
        RpcTransport(url)


def test_it_ends_when_the_block_fails() -> None:
    with pytest.raises(KeyboardInterrupt), start_anvil() as url:
        raise KeyboardInterrupt
    with pytest.raises(NodeUnavailable):
        RpcTransport(url)


def test_several_run_side_by_side() -> None:
    with start_anvil() as first, start_anvil("--chain-id", "1337") as second:
        assert RpcTransport(first).chain_id == 31337
        assert RpcTransport(second).chain_id == 1337


def test_options_that_it_does_not_know_are_shown_as_it_says() -> None:
    with pytest.raises(NodeUnavailable, match="--no-such-option"), start_anvil("--no-such-option"):
        pass


def test_a_missing_anvil_is_named_with_the_fix(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(anvil, "_NODE_MODULES", tmp_path)
    with pytest.raises(AnvilMissing, match="make setup"), start_anvil():
        pass


def test_the_one_on_the_path_is_preferred(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "anvil"
    own.write_text("#!/bin/sh\n")
    own.chmod(own.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert anvil.find_anvil() == own
