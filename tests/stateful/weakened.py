"""Weaker rules of settlement, each to be found by the property of tests/security that it breaks.

They are compiled with the bugs of `bugs`, behind the same switch.
"""

from __future__ import annotations

from .bugs import LIBRARIES, Bug

_TAKEOVER = f"{LIBRARIES}/strike/LibTakeover.sol"
_SETTLEMENT = f"{LIBRARIES}/strike/LibSettlement.sol"
_REFERENCE = f"{LIBRARIES}/market/LibReference.sol"
_V3 = f"{LIBRARIES}/venues/UniswapV3.sol"

WEAKENED = (
    Bug(
        "a takeover at the pool's price of the moment",
        "1",
        _V3,
        "if (latest != block.timestamp) return spot;",
        "if (BUG || latest != block.timestamp) return spot;",
    ),
    Bug(
        "a pair's price of the moment",
        "1",
        f"{LIBRARIES}/venues/UniswapV2.sol",
        "if (!ok || last == uint32(block.timestamp) ||",
        "if (!ok || (!BUG && last == uint32(block.timestamp)) ||",
    ),
    Bug(
        "the second before, by an observation too early",
        "2",
        _V3,
        "(index + count - 1) % count);",
        "(index + count - (BUG ? 2 : 1)) % count);",
    ),
    Bug(
        "an auction without a premium",
        "4",
        _TAKEOVER,
        "offBps = int256(uint256(rules.premiumBps)) -",
        "offBps = int256(BUG ? 0 : uint256(rules.premiumBps)) -",
    ),
    Bug(
        "a mark by a mean that is older than the strike",
        "6",
        _REFERENCE,
        "exactMeanTicks(state.pool(), window, window)",
        "exactMeanTicks(state.pool(), BUG ? rules.oracleWindow() : window, window)",
    ),
    Bug(
        "no takeovers while paused",
        "7",
        _TAKEOVER,
        "if (LibFleet.takeoversStopped()) revert",
        "if (LibFleet.takeoversStopped() || (BUG && LibFleet.core().isPaused())) revert",
    ),
    Bug(
        "a short's taker must bring all of its base",
        "7",
        _TAKEOVER,
        "if (terms.quote > cover) {",
        "if (!BUG && terms.quote > cover) {",
    ),
    Bug(
        "exits bounded by the second before",
        "8",
        _REFERENCE,
        "if (start != 0) limit = _better(limit, start, long);",
        "if (BUG && start != 0) worth = _better(worth, start, long);\n"
        "if (start != 0) limit = _better(limit, start, long);",
    ),
    Bug(
        "exits bounded by the oracle's window",
        "9",
        _REFERENCE,
        "look(market, state, rules, rules.exitWindow())",
        "look(market, state, rules, BUG ? rules.oracleWindow() : rules.exitWindow())",
    ),
    Bug(
        "exits at twice the deviation",
        "10",
        _SETTLEMENT,
        "uint256 deviation = rules.exitDeviationBps();",
        "uint256 deviation = (BUG ? 2 : 1) * rules.exitDeviationBps();",
    ),
    Bug(
        "a discount of one and a half",
        "10",
        _TAKEOVER,
        "uint256(rules.premiumBps) + rules.discountBps;",
        "uint256(rules.premiumBps) + (BUG ? 2 : 1) * uint256(rules.discountBps);",
    ),
    Bug(
        "all that a closing brought counts",
        "11",
        _SETTLEMENT,
        "(pnl, surplus) = _count(p, deal);",
        "if (BUG) deal.limit = p.long ? type(uint256).max : 1;\n(pnl, surplus) = _count(p, deal);",
    ),
    Bug(
        "a win needs no exit price to agree",
        "11",
        _SETTLEMENT,
        "bool won = pnl > 0 && agrees",
        "bool won = pnl > 0 && (BUG || agrees)",
    ),
    Bug(
        "a late win",
        "11",
        _SETTLEMENT,
        "!deal.late;",
        "(BUG || !deal.late);",
    ),
    Bug(
        "a win by a takeover at any time",
        "11",
        _TAKEOVER,
        "isOver = elapsed > length;",
        "isOver = !BUG && elapsed > length;",
    ),
    Bug(
        "marked to the worst of the prices",
        "12",
        f"{LIBRARIES}/fleet/LibBooks.sol",
        "LibReference.extreme(prices, long);",
        "LibReference.extreme(prices, BUG != long);",
    ),
    Bug(
        "marked to the second's beginning alone",
        "12",
        f"{LIBRARIES}/fleet/LibBooks.sol",
        "uint256 worth = prices.oracle == 0",
        "uint256 worth = !BUG && prices.oracle == 0",
    ),
    Bug(
        "a resumption by the second's beginning",
        "12",
        "contracts/facets/FleetFacet.sol",
        "LibBooks.unrealised(false);",
        "LibBooks.unrealised(BUG);",
    ),
    Bug(
        "a resumption that forgets the open losers",
        "12",
        f"{LIBRARIES}/fleet/LibBreakers.sol",
        "uint256 lost = marked < 0 ?",
        "uint256 lost = !BUG && marked < 0 ?",
    ),
    Bug(
        "a roll whose opening may always fail",
        "13",
        "contracts/facets/StrikeBotFacet.sol",
        "_openApart(0, order, openMayFail);",
        "_openApart(0, order, BUG || openMayFail);",
    ),
    Bug(
        "a takeover by the prices that are known",
        "14",
        _TAKEOVER,
        "LibReference.bestOfAll(terms.prices, p.long)) : 0;",
        "(BUG ? LibReference.extreme(terms.prices, p.long)"
        " : LibReference.bestOfAll(terms.prices, p.long))) : 0;",
    ),
    Bug(
        "a takeover by the oracle alone",
        "14",
        _TAKEOVER,
        "LibReference.bestOfAll(terms.prices, p.long))) : 0;",
        "(BUG ? terms.prices.oracle : LibReference.bestOfAll(terms.prices, p.long)))) : 0;",
    ),
    Bug(
        "a taker pays what he says",
        "15",
        _TAKEOVER,
        "if (arrived < amountIn) revert",
        "if (!BUG && arrived < amountIn) revert",
    ),
)
