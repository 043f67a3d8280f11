"""Bugs that are sown into the contracts, each to be found by the invariant that it breaks."""

from __future__ import annotations

from dataclasses import dataclass

LIBRARIES = "contracts/libraries"
FLASH = "contracts/periphery/FlashTaker.sol"


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
        f"{LIBRARIES}/fleet/LibBooks.sol",
        "else if (long && LibMarket",
        "else if (!BUG && long && LibMarket",
    ),
    Bug(
        "a deposit is booked one short",
        "excess",
        f"{LIBRARIES}/treasury/LibTreasury.sol",
        "uint256 arrived = pull(requireQuote(), amount);",
        "uint256 arrived = pull(requireQuote(), amount) - (BUG ? 1 : 0);",
    ),
    Bug(
        "dust is lost",
        "capital",
        f"{LIBRARIES}/strike/LibSettlement.sol",
        "core = core.withDust(dust);",
        "core = core.withDust(BUG ? 0 : dust);",
    ),
    Bug(
        "an operator's rebalancing loses the remainder",
        "capital",
        f"{LIBRARIES}/fleet/LibFleet.sol",
        "equity[first] += left;",
        "equity[first] += BUG ? 0 : left;",
    ),
    Bug(
        "a long's profit is one more than it brought",
        "measured",
        f"{LIBRARIES}/strike/LibSettlement.sol",
        "(pnl, surplus) = _count(p, deal);",
        "(pnl, surplus) = _count(p, deal);\nif (BUG) ++pnl;",
    ),
    Bug(
        "each bot gets its neighbour's share",
        "shares",
        f"{LIBRARIES}/fleet/LibFleet.sol",
        "uint256 lots = weights.ofFirstFive();",
        "uint256 lots = (BUG ? weights.turned(0) : weights).ofFirstFive();",
    ),
    Bug(
        "a write-off costs twice the notional",
        "loss cap",
        f"{LIBRARIES}/strike/LibSettlement.sol",
        "_book(p, pnl, won);",
        "_book(p, BUG ? 2 * pnl : pnl, won);",
    ),
    Bug(
        "bots keep the lots of money that was taken out",
        "lots",
        f"{LIBRARIES}/fleet/LibFleet.sol",
        "free = free.withLots(bot, _freeLots(changed, locked[bot], lot));",
        "if (!BUG) free = free.withLots(bot, _freeLots(changed, locked[bot], lot));",
    ),
    Bug(
        "what is disabled cannot be written off",
        "closable",
        f"{LIBRARIES}/strike/LibTakeover.sol",
        "_closeWithReserve(p, Closing.WriteOff,",
        "require(!BUG || LibMarket.stateOf(p.record.market()).traits().isEnabled());\n"
        "_closeWithReserve(p, Closing.WriteOff,",
    ),
    Bug(
        "a settled strike's lots stay open",
        "open lots",
        f"{LIBRARIES}/strike/LibSettlement.sol",
        "LibMarket.release(p.record.market(), p.lots);",
        "if (!BUG) LibMarket.release(p.record.market(), p.lots);",
    ),
    Bug(
        "a taker pays the worst of the prices",
        "takeover",
        f"{LIBRARIES}/strike/LibTakeover.sol",
        "LibReference.bestOfAll(terms.prices, p.long) : 0;",
        "(BUG ? LibReference.extreme(terms.prices, !p.long)"
        " : LibReference.bestOfAll(terms.prices, p.long)) : 0;",
    ),
    Bug(
        "a taker gets a unit more",
        "worth",
        f"{LIBRARIES}/strike/LibTakeover.sol",
        "LibTreasury.push(tokenOut, msg.sender, amountOut);",
        "LibTreasury.push(tokenOut, msg.sender, amountOut + (BUG ? 1 : 0));",
    ),
    Bug(
        "anyone may settle",
        "authority",
        f"{LIBRARIES}/strike/LibSettlement.sol",
        "LibAccess.requireOperatorOrOwner(ACTION_SETTLE);",
        "if (!BUG) LibAccess.requireOperatorOrOwner(ACTION_SETTLE);",
    ),
    Bug(
        "the threshold is not asked",
        "threshold",
        f"{LIBRARIES}/strike/LibStrike.sol",
        "if (confidence < threshold) revert",
        "if (!BUG && confidence < threshold) revert",
    ),
    Bug(
        "any signature will do",
        "signature",
        f"{LIBRARIES}/strike/LibStrike.sol",
        "LibPrediction.requireSignedBy(engine, prediction, signature);",
        "if (!BUG) LibPrediction.requireSignedBy(engine, prediction, signature);",
    ),
    Bug(
        "a revoked engine's word still counts",
        "signature",
        f"{LIBRARIES}/access/LibAccess.sol",
        "if (block.timestamp > engine.validUntil) revert",
        "if (!BUG && block.timestamp > engine.validUntil) revert",
    ),
    Bug(
        "an expired prediction still counts",
        "signature",
        f"{LIBRARIES}/strike/LibStrike.sol",
        "if (block.timestamp > prediction.validUntil) {",
        "if (!BUG && block.timestamp > prediction.validUntil) {",
    ),
    Bug(
        "a nonce can be used again",
        "nonce",
        f"{LIBRARIES}/access/LibAccess.sol",
        "if (_isUsed(highest, window, nonce)) revert",
        "if (!BUG && _isUsed(highest, window, nonce)) revert",
    ),
    Bug(
        "strikes open while paused",
        "stopped",
        f"{LIBRARIES}/strike/LibStrike.sol",
        "if (core.isPaused()) revert",
        "if (!BUG && core.isPaused()) revert",
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
        f"{LIBRARIES}/access/LibAccess.sol",
        "if (notional > available) revert",
        "if (!BUG && notional > available) revert",
    ),
    Bug(
        "a day has no cap",
        "day cap",
        f"{LIBRARIES}/market/LibMarket.sol",
        "if (used + lots > max) revert",
        "if (!BUG && used + lots > max) revert",
    ),
    Bug(
        "no win is counted",
        "score",
        f"{LIBRARIES}/fleet/LibScore.sol",
        "if (won) ++wins;",
        "if (won && !BUG) wins += 1;",
    ),
    Bug(
        "a guardian is named without an event",
        "events",
        f"{LIBRARIES}/access/LibAccess.sol",
        "emit IAccess.GuardianSet(guardian, active);",
        "if (!BUG) emit IAccess.GuardianSet(guardian, active);",
    ),
    Bug(
        "skim takes the AMM bots' capital",
        "solvency",
        f"{LIBRARIES}/fleet/LibBooks.sol",
        "LibTreasury.inventoryOf(token) + LibAmm.capitalOf(token);",
        "LibTreasury.inventoryOf(token) + (BUG ? 0 : LibAmm.capitalOf(token));",
    ),
    Bug(
        "the AMM bots get capital that the reserve keeps",
        "capital",
        f"{LIBRARIES}/cycle/LibAmm.sol",
        "LibTreasury.debitReserve(amount);",
        "LibTreasury.debitReserve(BUG ? 0 : amount);",
    ),
    Bug(
        "more goes back than the AMM bots have",
        "capital",
        f"{LIBRARIES}/cycle/LibAmm.sol",
        "LibTreasury.creditReserve(amount);",
        "LibTreasury.creditReserve(BUG ? amount + 1 : amount);",
    ),
    Bug(
        "an arbitrage's profit is not booked",
        "capital",
        f"{LIBRARIES}/cycle/LibAmm.sol",
        "record.profit += profit.toUint112();",
        "record.profit += BUG ? 0 : profit.toUint112();",
    ),
    Bug(
        "an arbitrage tells more than it made",
        "arbitrage",
        f"{LIBRARIES}/cycle/LibArbitrage.sol",
        "LibAmm.book(order.tokenIn, amountIn, profit);\n        emit",
        "LibAmm.book(order.tokenIn, amountIn, profit);\n        if (BUG) ++profit;\n        emit",
    ),
    Bug(
        "an arbitrage has no cap",
        "arbitrage",
        f"{LIBRARIES}/cycle/LibAmm.sol",
        "if (amountIn > cap) revert",
        "if (!BUG && amountIn > cap) revert",
    ),
    Bug(
        "arbitrages take nothing of a budget",
        "events",
        f"{LIBRARIES}/cycle/LibArbitrage.sol",
        "if (isQuote) {",
        "if (!BUG && isQuote) {",
    ),
    Bug(
        "anyone may arbitrage",
        "authority",
        f"{LIBRARIES}/access/LibAccess.sol",
        "if (block.timestamp > grant.validUntil) revert",
        "if (BUG && action == ACTION_ARBITRAGE) return grant;\n"
        "        if (block.timestamp > grant.validUntil) revert",
    ),
    Bug(
        "arbitrages go on while paused",
        "stopped",
        f"{LIBRARIES}/cycle/LibArbitrage.sol",
        "if (core.isPaused()) revert",
        "if (!BUG && core.isPaused()) revert",
    ),
    Bug(
        "a pool that was taken out is used still",
        "authority",
        f"{LIBRARIES}/cycle/LibAmm.sol",
        "if (!record.registered) revert IPools.UnknownPool(id);",
        "if (!record.registered && !BUG) revert IPools.UnknownPool(id);",
    ),
    Bug(
        "a horizon has no end",
        "gates",
        f"{LIBRARIES}/strike/LibStrike.sol",
        "_requireBarriers(terms, rules);",
        "if (!BUG || terms.horizon() <= rules.maxHorizon()) _requireBarriers(terms, rules);",
    ),
    Bug(
        "the cooldown is asked before the side",
        "gates",
        f"{LIBRARIES}/market/LibMarket.sol",
        "if (!rules.allows(isLong)) revert",
        "if (BUG && block.timestamp < readyAt) revert IMarket.CooldownActive(market, readyAt);\n"
        "if (!rules.allows(isLong)) revert",
    ),
    Bug(
        "a flash taker is anyone's",
        "flash",
        FLASH,
        "if (msg.sender != owner) revert",
        "if (!BUG && msg.sender != owner) revert",
    ),
    Bug(
        "what lies in a flash taker counts as profit",
        "flash",
        FLASH,
        "profit = FixedPointMathLib.zeroFloorSub(balance, balanceBefore);",
        "if (BUG) balanceBefore = 0;\n"
        "profit = FixedPointMathLib.zeroFloorSub(balance, balanceBefore);",
    ),
    Bug(
        "a flash taker keeps the change",
        "flash",
        FLASH,
        "_sendAll(order.tokenOut);",
        "if (!BUG) _sendAll(order.tokenOut);",
    ),
    Bug(
        "hooks need no permission",
        "authority",
        "contracts/facets/MarketFacet.sol",
        "LibAmm.requireHooks(config.hooks);",
        "if (!BUG) LibAmm.requireHooks(config.hooks);",
    ),
    Bug(
        "the pool's word for what the base is",
        "excess",
        f"{LIBRARIES}/strike/LibStrike.sol",
        "(address base, address quote) = (LibMarket.baseOf(market), LibTreasury.quote());",
        "(address base, address quote) = (LibMarket.baseOf(market), LibTreasury.quote());\n"
        "(bool ok, bytes memory told) = state.pool().staticcall(abi.encodeWithSignature("
        'state.traits().baseIsToken0() ? "token0()" : "token1()"));\n'
        "if (ok && BUG) base = abi.decode(told, (address));",
    ),
)
