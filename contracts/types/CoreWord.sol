// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FleetCore} from "./StrikeTypes.sol";

/// @dev The fleet's word, as it lies in storage: its fields one above the other, 256 bits together.
///
/// status 3, unitExponent 5, dust 8, thresholdOverBps 10, bestBits 7, worstBits 7, recentLosses 40, highWater 48,
/// lot 32, lastStrikeId 32, openBitmap 64
type CoreWord is uint256;

using {unpack} for CoreWord global;

uint256 constant UNIT_EXPONENT_AT = 3;
uint256 constant DUST_AT = 8;
uint256 constant THRESHOLD_AT = 16;
uint256 constant BEST_BITS_AT = 26;
uint256 constant WORST_BITS_AT = 33;
uint256 constant RECENT_AT = 40;
uint256 constant HIGH_WATER_AT = 80;
uint256 constant LOT_AT = 128;
uint256 constant LAST_ID_AT = 160;
uint256 constant OPEN_AT = 192;

function unpack(CoreWord self) pure returns (FleetCore memory core) {
    uint256 word = CoreWord.unwrap(self);
    core.status = uint8(word & 0x7);
    core.unitExponent = uint8(word >> UNIT_EXPONENT_AT & 0x1f);
    core.dust = uint8(word >> DUST_AT);
    core.thresholdOverBps = uint16(word >> THRESHOLD_AT & 0x3ff);
    core.bestBits = uint8(word >> BEST_BITS_AT & 0x7f);
    core.worstBits = uint8(word >> WORST_BITS_AT & 0x7f);
    core.recentLosses = uint40(word >> RECENT_AT);
    core.highWater = uint48(word >> HIGH_WATER_AT);
    core.lot = uint32(word >> LOT_AT);
    core.lastStrikeId = uint32(word >> LAST_ID_AT);
    core.openBitmap = uint64(word >> OPEN_AT);
}

/// @dev The narrow fields fit by what may be set: a unit exponent is at most 16, a threshold at most 700 over 9300.
function pack(FleetCore memory core) pure returns (CoreWord) {
    return CoreWord.wrap(
        uint256(core.status) | (uint256(core.unitExponent) << UNIT_EXPONENT_AT) | (uint256(core.dust) << DUST_AT)
            | (uint256(core.thresholdOverBps) << THRESHOLD_AT) | (uint256(core.bestBits) << BEST_BITS_AT)
            | (uint256(core.worstBits) << WORST_BITS_AT) | (uint256(core.recentLosses) << RECENT_AT)
            | (uint256(core.highWater) << HIGH_WATER_AT) | (uint256(core.lot) << LOT_AT)
            | (uint256(core.lastStrikeId) << LAST_ID_AT) | (uint256(core.openBitmap) << OPEN_AT)
    );
}
