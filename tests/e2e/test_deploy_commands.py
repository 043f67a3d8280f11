"""`ape run deploy` and `ape run status`, on an anvil of one's own and on a fork of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account

from macrostrike.abi import diamond_abi
from macrostrike.chain import AnvilTransport, RpcTransport, start_anvil
from macrostrike.deploy.target import TARGETS
from macrostrike.devchain import deploy_venues, local_account, local_fixtures
from macrostrike.manifest import Manifest

from .support import run

pytestmark = pytest.mark.long


def network(url: str) -> str:
    return f"ethereum:local:{url}"


def test_deployed_once_it_stays_as_it_is_there_and_on_a_fork(tmp_path: Path) -> None:
    path = tmp_path / "macrostrike.json"
    kept = ["--manifest", str(path)]
    owner = local_account(0)
    with start_anvil() as url:
        chain = RpcTransport(url)

        code, output = run("run", "initialize", "--network", network(url), *kept)
        assert code == 1
        assert "there is no diamond: `ape run deploy` creates one" in output

        code, output = run("run", "deploy", "--network", network(url), *kept)
        assert code == 0, output
        assert "create the diamond, with all" in output
        assert "Verified on chain" in output
        manifest = Manifest.load(path)
        assert manifest.chain_id == 31337
        assert manifest.network == "local"
        assert manifest.diamond in output

        before = chain.nonce(owner.address), chain.block_number()
        code, output = run("run", "deploy", "--network", network(url), *kept)
        assert code == 0, output
        assert "Nothing to do" in output
        assert Manifest.load(path) == manifest
        assert (chain.nonce(owner.address), chain.block_number()) == before

        with start_anvil("--fork-url", url) as fork_url:
            code, output = run("run", "deploy", "--network", network(fork_url), *kept)
            assert code == 0, output
            assert "Nothing to do" in output

            fork = AnvilTransport(fork_url)
            fork.send(owner, manifest.diamond, diamond_abi().encode_call("setThreshold", 9700))
            code, output = run("run", "status", "--network", network(fork_url), *kept)
            assert code == 1, output
            assert "9700" in output
            assert "no │ threshold" in output

            undo = (*kept, "--undo-guardian")
            code, output = run("run", "initialize", "--network", network(fork_url), *undo)
            assert code == 0, output
            assert "Plan: 1 transaction " in output
            assert "Rehearsed on a copy of the chain" in output

            code, output = run("run", "upgrade", "--network", network(fork_url), *kept)
            assert code == 0, output
            assert "Nothing to do" in output

        code, output = run("run", "status", "--network", network(url), *kept)
        assert code == 0, output
        assert " no " not in output


def test_a_fork_of_another_chain_gets_what_its_target_says_and_its_owner_the_tokens(
    tmp_path: Path,
) -> None:
    """The origin is an anvil with Uniswap, and nothing that this project's target could deploy."""
    text = (TARGETS / "mainnet-fork.yaml").read_text()
    at = local_fixtures()
    for mainnet, here in (
        ("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", at.quote),
        ("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", at.base),
        ("0x1F98431c8aD98523631AE4a59f267346ea31F984", at.factory),
        ("0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640", at.pool),
    ):
        assert mainnet in text
        text = text.replace(mainnet, here)
    target, path = tmp_path / "fork.yaml", tmp_path / "macrostrike.json"
    target.write_text(text)
    with start_anvil() as origin:
        deploy_venues(AnvilTransport(origin))
        with start_anvil("--fork-url", origin, "--chain-id", "1") as mainnet:
            (tmp_path / ".ape").mkdir()
            (tmp_path / ".ape" / "ape-config.yaml").write_text(
                f"node: {{ethereum: {{mainnet: {{uri: {mainnet}}}}}}}\n"
                "foundry: {fork: {ethereum: {mainnet: {upstream_provider: node}}}}\n"
            )
            before = RpcTransport(mainnet).block_number()
            code, output = run(
                *("run", "deploy", "--network", "ethereum:mainnet-fork:foundry"),
                *("--manifest", str(path), "--target", str(target)),
                HOME=str(tmp_path),
            )
            assert code == 0, output
            assert "Rehearsed on a copy of the chain" in output
            assert "Verified on chain" in output
            assert RpcTransport(mainnet).block_number() == before
    manifest = Manifest.load(path)
    assert (manifest.network, manifest.chain_id) == ("ethereum-mainnet-fork", 1)


def test_a_keystore_is_asked_for_its_passphrase_once(tmp_path: Path) -> None:
    accounts = tmp_path / ".ape" / "accounts"
    accounts.mkdir(parents=True)
    owner = local_account(0)
    (accounts / "owner.json").write_text(json.dumps(Account.encrypt(owner.key, "secret")))
    path = tmp_path / "macrostrike.json"
    with start_anvil() as url:
        code, output = run(
            *("run", "deploy", "--network", network(url)),
            *("--manifest", str(path), "--account", "owner"),
            typed="secret\n",
            HOME=str(tmp_path),
        )
    assert code == 0, output
    assert Manifest.load(path).owner == owner.address
    assert "secret" not in output


def test_what_is_wrong_is_said_in_a_line_and_fails(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("chain_ids: [31337]\n")
    nowhere = str(tmp_path / "none.json")
    with start_anvil() as url:
        code, output = run("run", "deploy", "--network", network(url), "--target", str(broken))
        assert code == 1
        assert "line 1: tokens: is missing" in output
        assert "Traceback" not in output

        code, output = run("run", "status", "--network", network(url), "--manifest", nowhere)
        assert code == 1
        assert "none.json" in output
        assert "Traceback" not in output

        assert RpcTransport(url).block_number() == 0


def test_a_plan_is_written_by_one_run_and_applied_by_another(tmp_path: Path) -> None:
    kept = ["--manifest", str(tmp_path / "macrostrike.json")]
    plan = str(tmp_path / "plan.json")
    with start_anvil() as url:
        code, output = run("run", "deploy", "--network", network(url), *kept, "--write-plan", plan)
        assert code == 0, output
        approved = json.loads(Path(plan).read_text(encoding="utf-8"))["hash"]
        assert f"Hash  {approved}" in output
        assert "0x8456cb59 pause()" in output
        applied = ["--plan", plan, "--plan-hash"]

        before = RpcTransport(url).block_number()
        code, output = run("run", "deploy", "--network", network(url), *kept, *applied, "0x00")
        assert code == 1
        assert f"the plan's hash is {approved}, approved was 0x00" in output
        assert RpcTransport(url).block_number() == before

        code, output = run("run", "deploy", "--network", network(url), *kept, *applied, approved)
        assert code == 0, output
        assert "Verified on chain" in output


def test_a_node_that_does_not_run_is_one_sentence_and_what_to_do() -> None:
    """D11."""
    code, output = run("run", "status", "--network", "ethereum:local:http://127.0.0.1:9")
    assert code == 1
    assert "Traceback" not in output
    assert "Check that the node runs" in output
    assert len(output.splitlines()) <= 4


def test_a_target_is_checked_without_a_node() -> None:
    """D23."""
    code, output = run("run", "target", "local")
    assert (code, output.splitlines()[0]) == (
        0,
        "local is a valid target, for chain 1337 or 31337:",
    )
    code, output = run("run", "target", "mainnet.example")
    assert code == 1
    assert "roles.owner: address can't be 'FILL_IN_OWNER'" in output
