"""The contracts with bugs sown into them, each behind a switch, to show that the audit finds it.

One compilation serves all bugs: a bug is a change of one place of the sources that takes effect
when a storage slot of the diamond, which no namespace uses, holds its number.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
from dataclasses import replace
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from macrostrike.chain import LocalTransport
from macrostrike.manifest import Manifest
from macrostrike.types import FacetCutAction
from tools._solc import REMAPPINGS, ROOT, SOLC, solidity_files

from ..evm import put_code, put_word
from .arena import Arena
from .bugs import BUGS, FLASH, LIBRARIES, Bug
from .flash import Flash, taker
from .weakened import WEAKENED

CACHE = ROOT / ".cache" / "seeded"
_BUGS = f"{LIBRARIES}/Bugs.sol"
_SLOT = 0xB06
_SWITCH = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

library Bugs {
    function on(uint256 bug) internal view returns (bool yes) {
        assembly { yes := eq(sload(SLOT), bug) }
    }
}

contract BugSwitch {
    function setBug(uint256 bug) external {
        assembly { sstore(SLOT, bug) }
    }
}
""".replace("SLOT", str(_SLOT))
_ALL = (*BUGS, *WEAKENED)
# What the audit compares with stays right.
_PRICES = keccak(text="getReferencePrices(uint8,uint256)")[:4]
_SET_BUG = keccak(text="setBug(uint256)")[:4]
_FACETS = (
    *("AMMBotFacet", "AccessFacet", "FleetFacet", "MarketFacet"),
    *("StrikeBotFacet", "TakeoverFacet", "TreasuryFacet"),
)
# Put on the chain, as they get larger than it would create: of the optimizer's steps, which take
# time, there are few.
_PUT = (*_FACETS, "BugSwitch")
_STEPS = "dhfoDgvulfnTUtnIf:fDnTOcmu"


class SeededArena(Arena):
    """An arena whose diamond has all the bugs, none of them switched on."""

    def _configure(self) -> None:
        super()._configure()
        self._own("diamondCut", cuts(self.manifest, self.chain), "0x" + "00" * 20, b"")

    def _flash(self) -> Flash:
        contract = replace(taker(), creation=compiled()["FlashTaker"])
        return Flash(self.outside, self.diamond, self.people["keeper"], contract)

    def sow(self, bug: Bug | None) -> None:
        """Switches one bug on, or all off."""
        self.outside.send(self.diamond, switch(bug))
        # The flash taker has no function to switch it with.
        put_word(self.chain, self.flash.at, _SLOT, _number(bug))


def cuts(manifest: Manifest, chain: LocalTransport) -> list[Any]:
    """What gives a diamond all the bugs, and the switch, whose code is put on the chain."""
    codes, facets = compiled(), manifest.facets
    at = {name: to_checksum_address(keccak(text=f"seeded {name}")[:20]) for name in _PUT}
    for name in _PUT:
        put_code(chain, at[name], codes[name])
    replaced: list[Any] = [
        (
            at[facet],
            FacetCutAction.REPLACE,
            [each for each in map(_selector, facets[facet].selectors) if each != _PRICES],
        )
        for facet in _FACETS
    ]
    return [*replaced, (at["BugSwitch"], FacetCutAction.ADD, [_SET_BUG])]


def _selector(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def switch(bug: Bug | None) -> bytes:
    """Calldata that switches one bug on, or all off."""
    return _SET_BUG + _number(bug).to_bytes(32, "big")


def _number(bug: Bug | None) -> int:
    return 0 if bug is None else [each.what for each in _ALL].index(bug.what) + 1


def compiled() -> dict[str, bytes]:
    """Code of the facets and the switch, creation code of the flash taker, by name.

    Compiled once, then kept.
    """
    sources = _sown()
    kept = CACHE / f"{hashlib.sha256(json.dumps(sources).encode()).hexdigest()}.json"
    CACHE.mkdir(parents=True, exist_ok=True)
    # Whichever process comes first compiles; the others wait for it.
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(_compile(sources)))
    return {name: bytes.fromhex(code) for name, code in json.loads(kept.read_text()).items()}


def _sown() -> dict[str, str]:
    """All sources, with all bugs."""
    sources = {str(path.relative_to(ROOT)): path.read_text() for path in solidity_files()}
    for number, bug in enumerate(_ALL, 1):
        source = sources[bug.file]
        assert source.count(bug.old) == 1, f"{bug.what}: {bug.file} no longer has {bug.old!r} once"
        source = source.replace(bug.old, bug.new.replace("BUG", f"Bugs.on({number})"))
        sources[bug.file] = source
    for file in {bug.file for bug in _ALL}:
        folder = ".." if file.startswith(LIBRARIES) else "../libraries"
        head, pragma, rest = sources[file].partition("pragma solidity 0.8.37;\n")
        sources[file] = f'{head}{pragma}\nimport {{Bugs}} from "{folder}/Bugs.sol";\n{rest}'
    return sources | {_BUGS: _SWITCH}


def _compile(sources: dict[str, str]) -> dict[str, str]:
    wanted = {f"contracts/facets/{name}.sol": name for name in _FACETS}
    wanted |= {FLASH: "FlashTaker", _BUGS: "BugSwitch"}

    def kind(name: str) -> str:
        return "deployedBytecode" if name in _PUT else "bytecode"

    settings = {
        "evmVersion": "cancun",
        "viaIR": True,
        "optimizer": {
            "enabled": True,
            "runs": 1,
            "details": {"yul": True, "yulDetails": {"optimizerSteps": _STEPS}},
        },
        "remappings": REMAPPINGS,
        "outputSelection": {
            file: {name: [f"evm.{kind(name)}.object"]} for file, name in wanted.items()
        },
    }
    contents = {file: {"content": source} for file, source in sources.items()}
    asked = json.dumps({"language": "Solidity", "sources": contents, "settings": settings})
    command: list[Any] = [SOLC, "--standard-json", "--base-path", ROOT]
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    output = json.loads(answer.stdout)
    errors = [e["formattedMessage"] for e in output.get("errors", ()) if e["severity"] == "error"]
    assert not errors, "\n".join(errors)
    return {
        name: output["contracts"][file][name]["evm"][kind(name)]["object"]
        for file, name in wanted.items()
    }
