// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {MIN_CONFIDENCE_BPS} from "./AccessTypes.sol";
import {BPS_SQUARED, CONFIGS_PER_WORD, ConfigWord} from "./ConfigWord.sol";
import {ALL_LOTS_BITS, FIVE_LOTS_BITS, FIVE_LOTS_MASK, LOT_BITS, LOT_MASK, LotsWord} from "./LotsWord.sol";
import {BOTS, BotConfig} from "./StrikeTypes.sol";

/// @dev What a strike of one side is sized by where all bots of that side take part. Made of the config words. Bot 0's
/// risk lowest: 25 x 10 risk + 6 demand = 256 bits: risks in steps of 10 basis points; what the most demanding bot asks of
/// a confidence, in steps of 12 basis points over 9300, plus 1. Zero where a risk is not a whole number of steps.
type SideWord is uint256;

using {allTakePart, sized} for SideWord global;

uint256 constant RISK_STEP_BPS = 10;
uint256 constant DEMAND_STEP_BPS = 12;

/// @param configs All bots' settings.
/// @return Of longs or of shorts: bots that are off, or do not take the side, have no risk.
function sideWordOf(ConfigWord[3] memory configs, bool isLong) pure returns (SideWord) {
    uint256 word;
    uint256 demand;
    for (uint256 bot; bot < BOTS; ++bot) {
        BotConfig memory config = configs[bot / CONFIGS_PER_WORD].configAt(bot % CONFIGS_PER_WORD);
        if (!config.active || !(isLong ? config.longs : config.shorts)) continue;
        if (config.riskBps % RISK_STEP_BPS != 0) return SideWord.wrap(0);
        word |= (config.riskBps / RISK_STEP_BPS) << (bot * LOT_BITS);
        uint256 over = config.minConfidenceBps - MIN_CONFIDENCE_BPS;
        if (over > demand) demand = over;
    }
    return SideWord.wrap(word | ((demand + DEMAND_STEP_BPS - 1) / DEMAND_STEP_BPS + 1) << ALL_LOTS_BITS);
}

/// @param over The confidence less 9300.
/// @return Whether every bot of the side has its minimum confidence met, so that this word is all that a size needs.
function allTakePart(SideWord self, uint256 over) pure returns (bool) {
    unchecked {
        uint256 demand = SideWord.unwrap(self) >> ALL_LOTS_BITS;
        return demand != 0 && (demand - 1) * DEMAND_STEP_BPS <= over;
    }
}

/// @dev Strategy by strategy: one none of whose bots has anything free is passed over.
/// Unchecked: products of 10, 10 and 14 bits.
/// @param free What each bot could put in.
/// @param factorBps Strength times calibration.
/// @param maxLots Most lots of one bot.
/// @return What each bot puts in.
function sized(SideWord self, LotsWord free, uint256 factorBps, uint256 maxLots) pure returns (LotsWord) {
    (uint256 left, uint256 side, uint256 lots) = (LotsWord.unwrap(free), SideWord.unwrap(self), 0);
    unchecked {
        for (uint256 shift; left != 0; shift += FIVE_LOTS_BITS) {
            if (left & FIVE_LOTS_MASK != 0) {
                uint256 five = _sizeAt(left, side, factorBps, 0) | _sizeAt(left, side, factorBps, LOT_BITS)
                    | _sizeAt(left, side, factorBps, 2 * LOT_BITS) | _sizeAt(left, side, factorBps, 3 * LOT_BITS)
                    | _sizeAt(left, side, factorBps, 4 * LOT_BITS);
                lots |= five << shift;
            }
            left >>= FIVE_LOTS_BITS;
            side >>= FIVE_LOTS_BITS;
        }
    }
    return LotsWord.wrap(lots).capped(maxLots);
}

/// @return What the bot at `shift` puts in of what it has free, in its place.
function _sizeAt(uint256 left, uint256 side, uint256 factorBps, uint256 shift) pure returns (uint256) {
    unchecked {
        uint256 share = (left >> shift & LOT_MASK) * (side >> shift & LOT_MASK) * factorBps;
        return FixedPointMathLib.rawDiv(share, BPS_SQUARED / RISK_STEP_BPS) << shift;
    }
}
