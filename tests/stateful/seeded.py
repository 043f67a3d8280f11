"""The contracts with bugs sown into them, each behind a switch, to show that the audit finds it.

One compilation serves all bugs: a bug is a change of one place of the sources that takes effect
when a storage slot of the diamond, which no namespace uses, holds its number.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from macrostrike.types import FacetCutAction
from tools._solc import REMAPPINGS, ROOT, SOLC, solidity_files

from .arena import Arena

CACHE = ROOT / ".cache" / "seeded"
_LIBRARIES = "contracts/libraries"
_BUGS = f"{_LIBRARIES}/Bugs.sol"
_SWITCH = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

library Bugs {
    function on(uint256 bug) internal view returns (bool yes) {
        assembly { yes := eq(sload(0xb06), bug) }
    }
}

contract BugSwitch {
    function setBug(uint256 bug) external {
        assembly { sstore(0xb06, bug) }
    }
}
"""
_SET_BUG = keccak(text="setBug(uint256)")[:4]
_FACETS = (
    *("AMMBotFacet", "AccessFacet", "FleetFacet", "StrikeBotFacet", "TakeoverFacet"),
    "TreasuryFacet",
)


@dataclass(frozen=True)
class Bug:
    """`old` stands once in the file; `new` is what it becomes, with `BUG` for the switch.

    `breaks` is the invariant that must be found broken.
    """

    what: str
    breaks: str
    file: str
    old: str
    new: str


BUGS = (
    Bug(
        "skim takes what open longs hold",
        "solvency",
        f"{_LIBRARIES}/fleet/LibBooks.sol",
        "else if (long && LibMarket",
        "else if (!BUG && long && LibMarket",
    ),
    Bug(
        "a deposit is booked one short",
        "excess",
        f"{_LIBRARIES}/treasury/LibTreasury.sol",
        "uint256 arrived = pull(requireQuote(), amount);",
        "uint256 arrived = pull(requireQuote(), amount) - (BUG ? 1 : 0);",
    ),
    Bug(
        "dust is lost",
        "capital",
        f"{_LIBRARIES}/strike/LibSettlement.sol",
        "core.dust = uint8(dust);",
        "core.dust = BUG ? 0 : uint8(dust);",
    ),
    Bug(
        "an operator's rebalancing loses the remainder",
        "capital",
        f"{_LIBRARIES}/fleet/LibFleet.sol",
        "equity[first] += left;",
        "equity[first] += BUG ? 0 : left;",
    ),
    Bug(
        "a long's profit is one more than it brought",
        "measured",
        f"{_LIBRARIES}/strike/LibSettlement.sol",
        "(pnl, surplus) = _count(p, deal);",
        "(pnl, surplus) = _count(p, deal);\nif (BUG) ++pnl;",
    ),
    Bug(
        "each bot gets its neighbour's share",
        "shares",
        f"{_LIBRARIES}/fleet/LibFleet.sol",
        "uint256 lots = weights & BotWords.STRATEGY_LOTS_MASK;",
        "uint256 lots = (BUG ? weights >> 10 : weights) & BotWords.STRATEGY_LOTS_MASK;",
    ),
    Bug(
        "a write-off costs twice the notional",
        "loss cap",
        f"{_LIBRARIES}/strike/LibSettlement.sol",
        "_book(p, pnl, won);",
        "_book(p, BUG ? 2 * pnl : pnl, won);",
    ),
    Bug(
        "bots keep the lots of money that was taken out",
        "lots",
        f"{_LIBRARIES}/fleet/LibFleet.sol",
        "free = BotWords.withLots(free, bot, _freeLots(changed, locked[bot], lot));",
        "if (!BUG) free = BotWords.withLots(free, bot, _freeLots(changed, locked[bot], lot));",
    ),
    Bug(
        "what is disabled cannot be written off",
        "closable",
        f"{_LIBRARIES}/strike/LibTakeover.sol",
        "_closeWithReserve(p, Closing.WriteOff,",
        "require(!BUG || LibMarket.stateOf(p.record.market).enabled);\n"
        "_closeWithReserve(p, Closing.WriteOff,",
    ),
    Bug(
        "a settled strike's lots stay open",
        "open lots",
        f"{_LIBRARIES}/strike/LibSettlement.sol",
        "LibMarket.release(p.record.market, p.lots);",
        "if (!BUG) LibMarket.release(p.record.market, p.lots);",
    ),
    Bug(
        "a taker pays the worst of the prices",
        "takeover",
        f"{_LIBRARIES}/strike/LibTakeover.sol",
        "LibReference.bestOfAll(terms.prices, p.long);",
        "BUG ? LibReference.extreme(terms.prices, !p.long)"
        " : LibReference.bestOfAll(terms.prices, p.long);",
    ),
    Bug(
        "anyone may settle",
        "authority",
        f"{_LIBRARIES}/strike/LibSettlement.sol",
        "LibAccess.requireOperatorOrOwner(ACTION_SETTLE);",
        "if (!BUG) LibAccess.requireOperatorOrOwner(ACTION_SETTLE);",
    ),
    Bug(
        "the threshold is not asked",
        "threshold",
        f"{_LIBRARIES}/strike/LibStrike.sol",
        "if (confidence < threshold) revert",
        "if (!BUG && confidence < threshold) revert",
    ),
    Bug(
        "any signature will do",
        "signature",
        f"{_LIBRARIES}/strike/LibStrike.sol",
        "LibPrediction.requireSignedBy(engine, prediction, signature);",
        "if (!BUG) LibPrediction.requireSignedBy(engine, prediction, signature);",
    ),
    Bug(
        "a revoked engine's word still counts",
        "signature",
        f"{_LIBRARIES}/strike/LibStrike.sol",
        "LibAccess.requireEngine(engine);",
        "if (!BUG) LibAccess.requireEngine(engine);",
    ),
    Bug(
        "an expired prediction still counts",
        "signature",
        f"{_LIBRARIES}/strike/LibStrike.sol",
        "if (block.timestamp > prediction.validUntil) {",
        "if (!BUG && block.timestamp > prediction.validUntil) {",
    ),
    Bug(
        "a nonce can be used again",
        "nonce",
        f"{_LIBRARIES}/access/LibAccess.sol",
        "if (_isUsed(highest, window, nonce)) revert",
        "if (!BUG && _isUsed(highest, window, nonce)) revert",
    ),
    Bug(
        "strikes open while paused",
        "stopped",
        f"{_LIBRARIES}/strike/LibStrike.sol",
        "if (LibFleet.isPaused(core)) revert",
        "if (!BUG && LibFleet.isPaused(core)) revert",
    ),
    Bug(
        "anyone may withdraw",
        "authority",
        "contracts/facets/TreasuryFacet.sol",
        "LibAccess.requireOwner();\n        LibBooks.carryDust();",
        "if (!BUG) LibAccess.requireOwner();\n        LibBooks.carryDust();",
    ),
    Bug(
        "a budget has no end",
        "budget",
        f"{_LIBRARIES}/access/LibAccess.sol",
        "if (notional > available) revert",
        "if (!BUG && notional > available) revert",
    ),
    Bug(
        "a day has no cap",
        "day cap",
        f"{_LIBRARIES}/market/LibMarket.sol",
        "if (used + lots > rules.maxDayLots) revert",
        "if (!BUG && used + lots > rules.maxDayLots) revert",
    ),
    Bug(
        "no win is counted",
        "score",
        f"{_LIBRARIES}/fleet/LibScore.sol",
        "if (won) ++wins;",
        "if (won && !BUG) wins += 1;",
    ),
    Bug(
        "a guardian is named without an event",
        "events",
        f"{_LIBRARIES}/access/LibAccess.sol",
        "emit IAccess.GuardianSet(guardian, active);",
        "if (!BUG) emit IAccess.GuardianSet(guardian, active);",
    ),
    Bug(
        "skim takes the AMM bots' capital",
        "solvency",
        f"{_LIBRARIES}/fleet/LibBooks.sol",
        "LibTreasury.inventoryOf(token) + LibAmm.capitalOf(token);",
        "LibTreasury.inventoryOf(token) + (BUG ? 0 : LibAmm.capitalOf(token));",
    ),
    Bug(
        "the AMM bots get capital that the reserve keeps",
        "capital",
        f"{_LIBRARIES}/cycle/LibAmm.sol",
        "LibTreasury.debitReserve(amount);",
        "LibTreasury.debitReserve(BUG ? 0 : amount);",
    ),
    Bug(
        "more goes back than the AMM bots have",
        "capital",
        f"{_LIBRARIES}/cycle/LibAmm.sol",
        "LibTreasury.creditReserve(amount);",
        "LibTreasury.creditReserve(BUG ? amount + 1 : amount);",
    ),
    Bug(
        "an arbitrage's profit is not booked",
        "capital",
        f"{_LIBRARIES}/cycle/LibAmm.sol",
        "record.profit += profit.toUint112();",
        "record.profit += BUG ? 0 : profit.toUint112();",
    ),
    Bug(
        "an arbitrage tells more than it made",
        "arbitrage",
        f"{_LIBRARIES}/cycle/LibArbitrage.sol",
        "LibAmm.book(order.tokenIn, amountIn, profit);\n        emit",
        "LibAmm.book(order.tokenIn, amountIn, profit);\n        if (BUG) ++profit;\n        emit",
    ),
    Bug(
        "an arbitrage has no cap",
        "arbitrage",
        f"{_LIBRARIES}/cycle/LibAmm.sol",
        "if (amountIn > cap) revert",
        "if (!BUG && amountIn > cap) revert",
    ),
    Bug(
        "arbitrages take nothing of a budget",
        "events",
        f"{_LIBRARIES}/cycle/LibArbitrage.sol",
        "if (isQuote) {",
        "if (!BUG && isQuote) {",
    ),
    Bug(
        "anyone may arbitrage",
        "authority",
        f"{_LIBRARIES}/cycle/LibArbitrage.sol",
        "LibAccess.requireOperator(ACTION_ARBITRAGE);",
        "if (!BUG) LibAccess.requireOperator(ACTION_ARBITRAGE);",
    ),
    Bug(
        "arbitrages go on while paused",
        "stopped",
        f"{_LIBRARIES}/cycle/LibArbitrage.sol",
        "if (LibFleet.isPaused(core)) revert",
        "if (!BUG && LibFleet.isPaused(core)) revert",
    ),
    Bug(
        "a pool that was taken out is used still",
        "authority",
        f"{_LIBRARIES}/cycle/LibAmm.sol",
        "if (!record.registered) revert IPools.UnknownPool(id);",
        "if (!record.registered && !BUG) revert IPools.UnknownPool(id);",
    ),
)


class SeededArena(Arena):
    """An arena whose diamond has all the bugs, none of them switched on."""

    def _configure(self) -> None:
        super()._configure()
        codes, facets = compiled(), self.manifest.facets
        cuts: list[Any] = [
            (
                self._create(codes[facet]),
                FacetCutAction.REPLACE,
                [bytes.fromhex(selector[2:]) for selector in facets[facet].selectors],
            )
            for facet in _FACETS
        ]
        cuts.append((self._create(codes["BugSwitch"]), FacetCutAction.ADD, [_SET_BUG]))
        self._own("diamondCut", cuts, "0x" + "00" * 20, b"")

    def sow(self, bug: Bug | None) -> None:
        """Switches one bug on, or all off."""
        number = 0 if bug is None else BUGS.index(bug) + 1
        self.chain.send(self.outside.maker, self.diamond, _SET_BUG + number.to_bytes(32, "big"))

    def _create(self, code: bytes) -> str:
        created = self.chain.send(self.outside.maker, None, code).contract_address
        assert created is not None
        return created


def compiled() -> dict[str, bytes]:
    """Creation code of the sown facets and of the switch, by name. Compiled once, then kept."""
    sources = _sown()
    kept = CACHE / f"{hashlib.sha256(json.dumps(sources).encode()).hexdigest()}.json"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(_compile(sources)))
    return {name: bytes.fromhex(code) for name, code in json.loads(kept.read_text()).items()}


def _sown() -> dict[str, str]:
    """All sources, with all bugs."""
    sources = {str(path.relative_to(ROOT)): path.read_text() for path in solidity_files()}
    for number, bug in enumerate(BUGS, 1):
        source = sources[bug.file]
        assert source.count(bug.old) == 1, f"{bug.what}: {bug.file} no longer has {bug.old!r} once"
        source = source.replace(bug.old, bug.new.replace("BUG", f"Bugs.on({number})"))
        sources[bug.file] = source
    for file in {bug.file for bug in BUGS}:
        folder = "../libraries" if "/facets/" in file else ".."
        head, pragma, rest = sources[file].partition("pragma solidity 0.8.37;\n")
        sources[file] = f'{head}{pragma}\nimport {{Bugs}} from "{folder}/Bugs.sol";\n{rest}'
    return sources | {_BUGS: _SWITCH}


def _compile(sources: dict[str, str]) -> dict[str, str]:
    wanted = {f"contracts/facets/{name}.sol": name for name in _FACETS} | {_BUGS: "BugSwitch"}
    settings = {
        "evmVersion": "cancun",
        "viaIR": True,
        "optimizer": {"enabled": True, "runs": 1},
        "remappings": REMAPPINGS,
        "outputSelection": {file: {name: ["evm.bytecode.object"]} for file, name in wanted.items()},
    }
    contents = {file: {"content": source} for file, source in sources.items()}
    asked = json.dumps({"language": "Solidity", "sources": contents, "settings": settings})
    command: list[Any] = [SOLC, "--standard-json", "--base-path", ROOT]
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    output = json.loads(answer.stdout)
    errors = [e["formattedMessage"] for e in output.get("errors", ()) if e["severity"] == "error"]
    assert not errors, "\n".join(errors)
    return {
        name: output["contracts"][file][name]["evm"]["bytecode"]["object"]
        for file, name in wanted.items()
    }
