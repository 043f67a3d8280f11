"""`python -m macrostrike`: the commands of the day without Ape, with keys from keystore files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from macrostrike import load_signer
from macrostrike.chain import RpcTransport
from macrostrike.cli.plain import main
from macrostrike.devchain import local_account
from macrostrike.errors import SigningError
from macrostrike.testing import World

from .support import keystore


def test_without_ape_from_keystore_files(world: World, tmp_path: Path) -> None:
    """D20 and D24: what reads, and what sends, by `python -m macrostrike`."""
    assert isinstance(world.transport, RpcTransport)
    manifest = tmp_path / "macrostrike.json"
    world.manifest.save(manifest)
    operator = keystore(tmp_path, "operator", bytes(world.operator.key))
    engine = keystore(tmp_path, "engine", bytes(world.engine.key))
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("secret\n")
    wrong.write_text("Secret")
    at = ["--rpc-url", world.transport.url, "--manifest", str(manifest)]

    def type_(*words: str, passphrase: Path = right) -> Result:
        environment = {"MACROSTRIKE_PASSPHRASE_FILE": str(passphrase)}
        return CliRunner().invoke(main, [words[0], *at, *words[1:]], env=environment)

    assert type_("status", "--only-failures").exit_code == 0
    diamond = ("taker", "--once", "--dry-run", "--diamond", world.diamond)
    journal = ("--journal", str(tmp_path / "taker.sqlite"))
    taker = type_(*diamond, *journal, "--keystore", str(operator))
    assert taker.output == "0 open strikes.\n"
    keys = ("--keystore", str(operator), "--engine", str(engine))
    struck = type_("strike", "StrongLong", *keys)
    assert struck.exit_code == 0, struck.output
    assert "struck as #1, 25 bots" in struck.output
    assert type_("settle", "--all", "--keystore", str(operator)).exit_code == 0
    assert json.loads(type_("stats", "--json").output)["stats"]["settled"] == 1
    assert len(json.loads(type_("bots", "--json").output)) == 25
    refused = type_("settle", "--all", "--keystore", str(operator), passphrase=wrong)
    assert refused.exit_code == 1
    assert "does not open with this passphrase" in refused.output
    assert "ecret" not in refused.output
    # On a chain of this machine, the accounts that are known to everyone.
    assert type_("pause").exit_code == 0
    assert type_("strike", "Long", *keys).exit_code == 1
    assert type_("status").exit_code == 1
    assert type_("unpause").exit_code == 0


def test_a_keystore_returns_the_signer_of_its_key(tmp_path: Path) -> None:
    account = local_account(3)
    path = keystore(tmp_path, "key", bytes(account.key))
    assert load_signer(path, "secret").address == account.address
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_signer(path, "secret").address == account.address
    for content in ("", "[]", "{}", json.dumps({"crypto": {}, "version": 3})):
        (tmp_path / "odd.json").write_text(content)
        with pytest.raises(SigningError, match=r"odd\.json"):
            load_signer(tmp_path / "odd.json", "secret")
    with pytest.raises(SigningError, match=r"none\.json is not a keystore"):
        load_signer(tmp_path / "none.json", "secret")
