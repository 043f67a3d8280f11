// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketRules, OracleKind} from "./MarketTypes.sol";

/// @dev The first storage word of a market's rules, as the compiler lays it out: what strikes and settlements read,
/// lowest field first: 8 oracle + 8 longs + 8 shorts + 16 maxBotLots + 16 maxStrikeLots + 16 maxOpenLots +
/// 24 maxDayLots + 16 cooldown + 16 maxDeviationBps + 24 oracleWindow + 16 exitWindow + 16 exitDeviationBps +
/// 24 maxHorizon + 16 maxStopLossBps + 24 keeperDelay = 248 bits.
type RulesWord is uint256;

using {
    hasFeed,
    allows,
    maxBotLots,
    maxStrikeLots,
    maxOpenLots,
    maxDayLots,
    cooldown,
    maxDeviationBps,
    oracleWindow,
    exitWindow,
    exitDeviationBps,
    maxHorizon,
    maxStopLossBps,
    keeperDelay
} for RulesWord global;

function rulesWordOf(MarketRules storage rules) view returns (RulesWord word) {
    assembly ("memory-safe") {
        word := sload(rules.slot)
    }
}

/// @return Whether the reference price is a feed's, rather than the pool's own.
function hasFeed(RulesWord self) pure returns (bool) {
    return uint8(RulesWord.unwrap(self)) == uint8(OracleKind.Feed);
}

function allows(RulesWord self, bool long) pure returns (bool) {
    return uint8(RulesWord.unwrap(self) >> (long ? 8 : 16)) != 0;
}

function maxBotLots(RulesWord self) pure returns (uint256) {
    return uint16(RulesWord.unwrap(self) >> 24);
}

function maxStrikeLots(RulesWord self) pure returns (uint256) {
    return uint16(RulesWord.unwrap(self) >> 40);
}

function maxOpenLots(RulesWord self) pure returns (uint256) {
    return uint16(RulesWord.unwrap(self) >> 56);
}

function maxDayLots(RulesWord self) pure returns (uint256) {
    return uint24(RulesWord.unwrap(self) >> 72);
}

function cooldown(RulesWord self) pure returns (uint256) {
    return uint16(RulesWord.unwrap(self) >> 96);
}

function maxDeviationBps(RulesWord self) pure returns (uint256) {
    return uint16(RulesWord.unwrap(self) >> 112);
}

function oracleWindow(RulesWord self) pure returns (uint256) {
    return uint24(RulesWord.unwrap(self) >> 128);
}

function exitWindow(RulesWord self) pure returns (uint256) {
    return uint16(RulesWord.unwrap(self) >> 152);
}

function exitDeviationBps(RulesWord self) pure returns (uint256) {
    return uint16(RulesWord.unwrap(self) >> 168);
}

function maxHorizon(RulesWord self) pure returns (uint256) {
    return uint24(RulesWord.unwrap(self) >> 184);
}

function maxStopLossBps(RulesWord self) pure returns (uint256) {
    return uint16(RulesWord.unwrap(self) >> 208);
}

function keeperDelay(RulesWord self) pure returns (uint256) {
    return uint24(RulesWord.unwrap(self) >> 224);
}
