"""Chainlink's own sequencer uptime feeds, as they stand on Arbitrum and on the OP stack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_account.signers.local import LocalAccount

from macrostrike.abi import Abi
from macrostrike.build import Contract, npm
from tools._solc import ROOT, compile_sources

from ..environment import Env

_PACKAGE = "node_modules/@chainlink/contracts/src/v0.8"
_SOURCES = (
    f"{_PACKAGE}/dev/ArbitrumSequencerUptimeFeed.sol",
    f"{_PACKAGE}/dev/OptimismSequencerUptimeFeed.sol",
    f"{_PACKAGE}/dev/Flags.sol",
    f"{_PACKAGE}/SimpleWriteAccessController.sol",
)
_MESSENGER = npm(
    "@eth-optimism/contracts/artifacts/contracts/L2/messaging/L2CrossDomainMessenger.sol"
    "/L2CrossDomainMessenger.json"
)
_ALIAS = 0x1111000000000000000000000000000000001111  # what L2s add to a sender on L1


@cache
def _compiled() -> dict[str, Contract]:
    """The package has sources alone."""
    output = compile_sources(
        {name: (ROOT / name).read_text() for name in _SOURCES},
        {"*": ["abi", "evm.bytecode.object"]},
        ("@eth-optimism/contracts=node_modules/@eth-optimism/contracts",),
    )
    return {
        name: Contract(
            name, Abi(made["abi"]), bytes.fromhex(made["evm"]["bytecode"]["object"]), b""
        )
        for file in _SOURCES
        for name, made in output["contracts"][file].items()
    }


@dataclass(frozen=True)
class UptimeFeed:
    """`report` is what Chainlink's validator on L1 says: whether it is down, since which second.

    `owner` may do what its constructor's sender may: let readers in, or no longer check them.
    """

    address: str
    report: Callable[[bool, int], None]
    owner: Callable[..., None]


def arbitrum(env: Env) -> UptimeFeed:
    made = _compiled()
    admin, l1 = env.world.venues.maker, env.keeper.key
    access = env.deploy(made["SimpleWriteAccessController"])
    flags = env.deploy(made["Flags"], access, access)
    feed = env.deploy(made["ArbitrumSequencerUptimeFeed"], flags, _before_alias(l1))
    abi = made["ArbitrumSequencerUptimeFeed"].abi
    for contract, name in ((access, "SimpleWriteAccessController"), (flags, "Flags")):
        env.tell(admin, made[name].abi, contract, "addAccess", feed)
    env.tell(admin, abi, feed, "initialize")

    def report(is_down: bool, since: int) -> None:
        env.tell(l1, abi, feed, "updateStatus", is_down, since)

    return UptimeFeed(feed, report, _owner(env, abi, feed))


def optimism(env: Env) -> UptimeFeed:
    """Its reports come through the chain's real messenger."""
    contract = _compiled()["OptimismSequencerUptimeFeed"]
    l1 = env.keeper.key
    messenger = env.deploy(_MESSENGER, _before_alias(l1))
    feed = env.deploy(contract, l1.address, messenger, False)
    nonces = iter(range(1000))

    def report(is_down: bool, since: int) -> None:
        call = contract.abi.encode_call("updateStatus", is_down, since)
        relayed = (feed, l1.address, call, next(nonces))
        env.tell(l1, _MESSENGER.abi, messenger, "relayMessage", *relayed)

    return UptimeFeed(feed, report, _owner(env, contract.abi, feed))


def _owner(env: Env, abi: Abi, feed: str) -> Callable[..., None]:
    def owner(function: str, *args: Any) -> None:
        env.tell(env.world.venues.maker, abi, feed, function, *args)

    return owner


def _before_alias(key: LocalAccount) -> str:
    """The address on L1 whose messages arrive as this key's."""
    return f"0x{(int(key.address, 16) - _ALIAS) % 2**160:040x}"
