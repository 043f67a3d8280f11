"""Diamonds of others that tests deploy: the reference implementation, and SolidState's."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from eth_utils.crypto import keccak

from ape_diamond import INTERFACES
from macrostrike.abi import Abi
from macrostrike.build import NPM, Contract, npm, ours
from macrostrike.chain import LocalTransport
from macrostrike.devchain import local_account
from macrostrike.types import FacetCut, FacetCutAction

from .published import compiled

ZERO = "0x" + "00" * 20
OWNER = local_account(0)
REFERENCE = NPM / "hardhat-deploy" / "extendedArtifacts"
STANDARD = ("ERC-165", "ERC-173 (owner)", "EIP-2535 diamondCut", "EIP-2535 loupe")
SOLIDSTATE = "contracts/PublicDiamond.sol"


def selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]


def selectors(abi: list[dict[str, Any]]) -> tuple[bytes, ...]:
    functions = [entry for entry in abi if entry["type"] == "function"]
    compiled = Abi(functions)
    return tuple(compiled.selector(entry["name"]) for entry in functions)


def create(chain: LocalTransport, contract: Contract, *args: Any) -> str:
    created = chain.send(OWNER, None, contract.create(*args)).contract_address
    assert created is not None
    return created


def reference_diamond(chain: LocalTransport) -> str:
    """The diamond that EIP-2535's author gives as its reference, as hardhat-deploy ships it."""
    chain.set_balance(OWNER.address, 10**20)
    cuts = []
    for name in ("DiamondCutFacet", "DiamondLoupeFacet", "OwnershipFacet"):
        facet = create(chain, npm(f"hardhat-deploy/extendedArtifacts/{name}.json"))
        abi = json.loads((REFERENCE / f"{name}.json").read_text())["abi"]
        cuts.append(FacetCut(facet, FacetCutAction.ADD, selectors(abi)))
    init = npm("hardhat-deploy/extendedArtifacts/DiamondERC165Init.json")
    announced = [INTERFACES[name] for name in STANDARD]
    data = init.abi.encode_call("setERC165", announced, [])
    built = npm("hardhat-deploy/extendedArtifacts/Diamond.json")
    return create(chain, built, OWNER.address, cuts, [(create(chain, init), data)])


@cache
def solidstate() -> dict[str, Any]:
    """SolidState's diamond, compiled from what it publishes: its own facet, all in one contract."""
    source = (
        "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\nimport {SolidStateDiamond} from "
        '"node_modules/@solidstate/contracts/proxy/diamond/SolidStateDiamond.sol";\n'
        "contract PublicDiamond is SolidStateDiamond {}"
    )
    return dict(compiled({SOLIDSTATE: source})["PublicDiamond"])


def solidstate_diamond(chain: LocalTransport) -> str:
    chain.set_balance(OWNER.address, 10**20)
    code = bytes.fromhex(solidstate()["evm"]["bytecode"]["object"])
    created = chain.send(OWNER, None, code).contract_address
    assert created is not None
    return created


def cut(chain: LocalTransport, diamond: str, facet: str, action: int, *names: bytes) -> None:
    data = ours("DiamondCutFacet").abi.encode_call(
        "diamondCut", [FacetCut(facet, FacetCutAction(action), names)], ZERO, b""
    )
    chain.send(OWNER, diamond, data)
