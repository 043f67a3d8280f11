"""Deploying through Ape: its networks as transports, its accounts as signers.

No other module of this package knows Ape.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ape import chain
from ape.api import AccountAPI, ProviderAPI
from ape.contracts import ContractInstance
from ape.types import ContractType
from ape_accounts import KeyfileAccount

from macrostrike.chain import AnvilTransport, RpcTransport
from macrostrike.deploy._contracts import ROOT
from macrostrike.deploy._errors import DeployError
from macrostrike.deploy.loupe import DiamondView
from macrostrike.deploy.target import Target, load_target

_DEPLOYMENTS = ROOT / "deployments"
_NAME = "macrostrike"


@dataclass(frozen=True, slots=True)
class Network:
    """A network of Ape's, as far as deploying is concerned.

    name: `local`, or ecosystem and network: `ethereum-sepolia`.
    chain_id: what it must be; None for local chains, which may have any.
    is_ours: whether it is on this machine: a local chain, or a local fork.
    """

    name: str
    url: str
    chain_id: int | None
    is_local: bool
    is_ours: bool

    @property
    def manifest_path(self) -> Path:
        """Where its manifest is kept. Those of this machine's chains are no business of others."""
        folder = _DEPLOYMENTS / "local" if self.is_ours else _DEPLOYMENTS
        return (folder if self.is_local else folder / self.name) / f"{_NAME}.json"

    def target(self, given: str | None = None) -> Target:
        """The target file that was given, or else the network's own; a fork's is its origin's."""
        return load_target(given or self.name.removesuffix("-fork"))

    def connect(self, *, as_anvil: bool = False) -> RpcTransport:
        """A transport to its node; `as_anvil` where its clock is to be moved."""
        kind = AnvilTransport if as_anvil else RpcTransport
        return kind(self.url, chain_id=self.chain_id)


def network_of(provider: ProviderAPI) -> Network:
    """The network that Ape is connected to. Raises `DeployError` unless it is by HTTP."""
    url = getattr(provider, "http_uri", None)
    if not url:
        raise DeployError(f"provider {provider.name} has no HTTP address: use one that has")
    network = provider.network
    is_local = bool(network.is_local)
    return Network(
        name="local" if is_local else f"{network.ecosystem.name}-{network.name}",
        url=str(url),
        chain_id=None if is_local else int(provider.chain_id),
        is_local=is_local,
        is_ours=bool(network.is_dev),
    )


@dataclass(frozen=True, slots=True)
class _Signed:
    raw_transaction: bytes


class ApeSigner:
    """An account of Ape's as a `Signer`. Its key stays where Ape keeps it.

    An account that asks for its passphrase asks once, here, and not for every transaction: it is
    the plan as a whole that was agreed to.
    """

    def __init__(self, account: AccountAPI) -> None:
        self._account = account
        self.address = str(account.address)
        if isinstance(account, KeyfileAccount):
            account.set_autosign(True)

    def sign_transaction(self, transaction_dict: Any) -> _Signed:
        """Raises `DeployError` when the account refuses, as its owner may."""
        ecosystem = self._account.provider.network.ecosystem
        signed = self._account.sign_transaction(ecosystem.create_transaction(**transaction_dict))
        if signed is None:
            raise DeployError(f"account {self.address} did not sign")
        return _Signed(bytes(signed.serialize_transaction()))


def ape_contract(diamond: DiamondView, name: str = "Diamond") -> ContractInstance:
    """A diamond as one contract of Ape's, on the network that Ape is connected to.

    It has the functions, events and errors of all facets, so that Ape decodes the logs of its
    transactions and the errors that refuse them. Replaces whatever Ape had cached of the address.
    """
    merged = {"contractName": name, "abi": list(diamond.abi.entries)}
    return chain.contracts.instance_at(
        diamond.address,
        contract_type=ContractType.model_validate(merged),
        # A diamond delegates as proxies do, but has no one implementation that could be found.
        detect_proxy=False,
        fetch_from_explorer=False,
        fetch_from_disk=False,
        replace=True,
    )
