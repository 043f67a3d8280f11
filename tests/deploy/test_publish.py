"""Publishing sources through Ape's explorer plugins, and what else Ape's accounts sign.

The explorer's service is the one thing that stands outside: its double here is a plugin as any
other, registered with Ape, which keeps what it is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import ape
import pytest
from ape import plugins
from ape.api import ExplorerAPI
from ape.plugins.pluggy_patch import plugin_manager
from click.testing import CliRunner, Result
from ethpm_types import ContractType

from macrostrike.build import DIAMOND
from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.cli.networks import ApeSigner
from macrostrike.deploy import safe_transaction
from macrostrike.manifest import Manifest
from macrostrike.testing import deploy_world
from scripts.deploy import cli as deploy
from scripts.upgrade import cli as upgrade

from .support import ask
from .test_governance import SIGNERS, call_of, owned_by_safe, send


class Explorer(ExplorerAPI):
    """Verifies nothing, but takes a contract as explorers do: by what Ape knows of its address."""

    published: ClassVar[dict[str, str]] = {}
    refuses: ClassVar[set[str]] = set()

    def get_address_url(self, address: Any) -> str:
        return f"https://explorer.test/address/{address}"

    def get_transaction_url(self, transaction_hash: str) -> str:
        return f"https://explorer.test/tx/{transaction_hash}"

    def get_contract_type(self, address: Any) -> ContractType | None:
        name = self.published.get(address)
        return None if name is None else ContractType(abi=[], contractName=name)

    def publish_contract(self, address: Any) -> None:
        known = self.chain_manager.contracts.instance_at(address).contract_type
        source = self.local_project.path / str(known.source_id)
        assert f"contract {known.name} " in source.read_text()
        assert known.runtime_bytecode is not None
        if known.name in self.refuses:
            raise RuntimeError("the service is busy")
        self.published[address] = str(known.name)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with start_anvil() as url:
        yield url


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deployments")


@plugins.register(plugins.ExplorerPlugin)  # type: ignore[untyped-decorator]
def explorers() -> Iterator[tuple[str, str, type[ExplorerAPI]]]:
    yield "ethereum", "local", Explorer


@pytest.fixture
def explorer(url: str) -> Iterator[type[Explorer]]:
    plugin = ModuleType("ape_explorer_double")
    plugin.__dict__["explorers"] = explorers
    plugin_manager.register(plugin, name=plugin.__name__)
    forget_explorer()
    yield Explorer
    plugin_manager.unregister(plugin)
    Explorer.published.clear()
    Explorer.refuses.clear()
    forget_explorer()


def forget_explorer() -> None:
    """Networks keep what they once found."""
    ape.networks.ethereum.local.__dict__.pop("explorer", None)


def run(command: Any, url: str, folder: Path, *options: str) -> Result:
    asked = ["--network", f"ethereum:local:{url}", "--manifest", str(folder / "it.json"), *options]
    return CliRunner().invoke(command, asked, env={"COLUMNS": "200"})


def test_without_an_explorer_it_is_said_before_anything_is_sent(url: str, folder: Path) -> None:
    before = AnvilTransport(url).block_number()
    ran = run(deploy, url, folder, "--publish")
    assert ran.exit_code == 1
    assert "no explorer is configured for ethereum:local: install a plugin" in ran.output
    assert AnvilTransport(url).block_number() == before


def test_the_diamond_and_its_facets_are_published_once_verified(
    url: str, folder: Path, explorer: type[Explorer]
) -> None:
    ran = run(deploy, url, folder, "--publish")
    assert ran.exit_code == 0, ran.output
    manifest = Manifest.load(folder / "it.json")
    meant = {facet.address: name for name, facet in manifest.facets.items()}
    assert explorer.published == {**meant, manifest.diamond: DIAMOND}
    assert "Published on explorer-double: DiamondCutFacet, " in ran.output

    ran = run(upgrade, url, folder, "--publish")
    assert ran.exit_code == 0, ran.output
    assert "nothing, all is there already" in ran.output


def test_what_was_refused_is_named_and_comes_with_the_next_try(
    url: str, folder: Path, explorer: type[Explorer]
) -> None:
    explorer.refuses.update({"ScoreFacet", DIAMOND})
    ran = run(deploy, url, folder, "--publish")
    assert ran.exit_code == 1
    assert "did not publish 2 contracts:" in ran.output
    assert "the service is busy" in ran.output
    there = len(explorer.published)
    explorer.refuses.clear()
    ran = run(deploy, url, folder, "--publish")
    assert ran.exit_code == 0, ran.output
    assert f"ScoreFacet, {DIAMOND}" in ran.output
    assert len(explorer.published) == there + 2


def test_apes_accounts_sign_for_a_safe() -> None:
    with start_anvil() as url:
        world = deploy_world(AnvilTransport(url))
        safe = owned_by_safe(world)
        transaction = safe_transaction(safe, [call_of(world, "setThreshold", 9400)])
        with ape.networks.parse_network_choice(f"ethereum:local:{url}"):
            addresses = [signer.address for signer in SIGNERS[:2]]
            owners = [ApeSigner(ape.accounts.test_accounts[address]) for address in addresses]
            signed = {owner.address: transaction.sign(owner) for owner in owners}
        send(world, world.guardian, transaction.execution(signed))
        assert ask(world, "threshold") == 9400
