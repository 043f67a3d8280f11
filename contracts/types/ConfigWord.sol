// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MIN_CONFIDENCE_BPS} from "./AccessTypes.sol";
import {LOT_BITS, LOT_MASK} from "./LotsWord.sol";
import {BotConfig} from "./StrikeTypes.sol";

/// @dev Settings of nine bots, the first one's lowest: 9 x 28 config + 4 free = 256 bits. Those of a bot, lowest field first:
/// 14 risk + 10 minConfidence + 1 noLongs + 1 noShorts + 1 inactive + 1 free = 28 bits: the risk in basis points, the
/// minimum confidence less 9300. What a bot does not do is above its minimum confidence, so that one comparison asks for
/// both.
type ConfigWord is uint256;

using {configAt, withConfig, risks} for ConfigWord global;

uint256 constant CONFIGS_PER_WORD = 9;
uint256 constant CONFIG_BITS = 28;
uint256 constant CONFIG_MASK = (1 << 28) - 1;
uint256 constant RISK_BITS = 14;
uint256 constant RISK_MASK = (1 << 14) - 1;
/// @dev From here on, positions after the risk is shifted out.
uint256 constant CONFIDENCE_MASK = (1 << 10) - 1;
uint256 constant NO_LONGS = 1 << 10;
uint256 constant NO_SHORTS = 1 << 11;
uint256 constant INACTIVE = 1 << 12;
/// @dev A bit above all that a bot can demand, and the lowest bit of each of a word's nine bots.
uint256 constant DEMANDS_BITS = 13;
uint256 constant OVER_DEMANDS = 1 << 13;
uint256 constant EACH_CONFIG = ((1 << 252) - 1) / ((1 << 28) - 1);
uint256 constant NINE_LOTS_BITS = 90;
uint256 constant BPS_SQUARED = 1e8;

/// @param index 0 to 8.
function configAt(ConfigWord self, uint256 index) pure returns (BotConfig memory) {
    uint256 config = ConfigWord.unwrap(self) >> (index * CONFIG_BITS);
    uint256 demands = config >> RISK_BITS;
    return BotConfig({
        riskBps: uint16(config & RISK_MASK),
        minConfidenceBps: uint16(demands & CONFIDENCE_MASK) + MIN_CONFIDENCE_BPS,
        longs: demands & NO_LONGS == 0,
        shorts: demands & NO_SHORTS == 0,
        active: demands & INACTIVE == 0
    });
}

/// @param index 0 to 8.
/// @param config A risk of at most 100 %, a minimum confidence of 9300 to 10000.
function withConfig(ConfigWord self, uint256 index, BotConfig memory config) pure returns (ConfigWord) {
    uint256 demands = uint256(config.minConfidenceBps - MIN_CONFIDENCE_BPS) | (config.longs ? 0 : NO_LONGS)
        | (config.shorts ? 0 : NO_SHORTS) | (config.active ? 0 : INACTIVE);
    uint256 shift = index * CONFIG_BITS;
    uint256 others = ConfigWord.unwrap(self) & ~(CONFIG_MASK << shift);
    return ConfigWord.wrap(others | ((config.riskBps | (demands << RISK_BITS)) << shift));
}

/// @param over What a bot may demand at most: the confidence less 9300.
/// @return Each bot's risk in its 28 bits; zero of bots that do not take the side, are off or demand more.
function risks(ConfigWord self, bool isLong, uint256 over) pure returns (uint256) {
    unchecked {
        uint256 asked = CONFIDENCE_MASK | INACTIVE | (isLong ? NO_LONGS : NO_SHORTS);
        uint256 demands = (ConfigWord.unwrap(self) >> RISK_BITS) & (asked * EACH_CONFIG);
        // Nine comparisons by one subtraction: the bit over a bot's demand is borrowed from when it exceeds `over`.
        uint256 takesPart = ((over | OVER_DEMANDS) * EACH_CONFIG - demands) & (OVER_DEMANDS * EACH_CONFIG);
        return ConfigWord.unwrap(self) & ((takesPart >> DEMANDS_BITS) * RISK_MASK);
    }
}

/// @dev Unchecked: products of 10, 14 and 14 bits.
/// @param left What nine bots could put in, the first in the lowest place.
/// @param risks_ As of `risks`.
/// @param factorBps Strength times calibration.
/// @param maxLots Most lots of one bot.
/// @return lots What each of them puts in, in its place.
function sizesOf(uint256 left, uint256 risks_, uint256 factorBps, uint256 maxLots) pure returns (uint256 lots) {
    unchecked {
        for (uint256 shift; shift != NINE_LOTS_BITS; shift += LOT_BITS) {
            uint256 size = (left & LOT_MASK) * (risks_ & RISK_MASK) * factorBps / BPS_SQUARED;
            if (size > maxLots) size = maxLots;
            lots |= size << shift;
            left >>= LOT_BITS;
            risks_ >>= CONFIG_BITS;
        }
    }
}
