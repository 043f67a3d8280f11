// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketTraits} from "./MarketTraits.sol";

/// @dev The part of a market that a strike reads and writes, lowest field first: 160 pool + 24 usedDayLots +
/// 32 lastStrikeAt + 16 openLots + 16 back + 8 traits = 256 bits. Setters cut to the field's width; callers see to it
/// that nothing is lost by that.
///
/// - usedDayLots: lots of the day cap in use at `lastStrikeAt`.
/// - lastStrikeAt: Unix second.
/// - back: how many observations ago the pool had one of the oracle window's age when it was last looked for; 0: not
///   known. A guess, which is checked each time.
type MarketState is uint256;

using {
    pool,
    usedDayLots,
    usedNow,
    lastStrikeAt,
    openLots,
    back,
    traits,
    withStrike,
    withUsedDayLots,
    withOpenLots,
    withBack,
    withTraits
} for MarketState global;

uint256 constant USED_AT = 160;
uint256 constant LAST_STRIKE_AT = 184;
uint256 constant OPEN_LOTS_AT = 216;
uint256 constant BACK_AT = 232;
uint256 constant TRAITS_AT = 248;

/// @return Of a market that nothing was traded on.
function marketStateOf(address pool_, MarketTraits traits_) pure returns (MarketState) {
    return MarketState.wrap(uint160(pool_)).withTraits(traits_);
}

function pool(MarketState self) pure returns (address) {
    return address(uint160(MarketState.unwrap(self)));
}

function usedDayLots(MarketState self) pure returns (uint256) {
    return uint24(MarketState.unwrap(self) >> USED_AT);
}

/// @dev Unchecked: 24 bits times seconds of less than 40 bits; time goes on.
/// @param maxDayLots The day cap.
/// @return Lots of it in use now: what was in use has drained since the last strike.
function usedNow(MarketState self, uint256 maxDayLots) view returns (uint256) {
    unchecked {
        uint256 drained = maxDayLots * (block.timestamp - lastStrikeAt(self)) / 1 days;
        uint256 used = usedDayLots(self);
        return drained < used ? used - drained : 0;
    }
}

function lastStrikeAt(MarketState self) pure returns (uint256) {
    return uint32(MarketState.unwrap(self) >> LAST_STRIKE_AT);
}

function openLots(MarketState self) pure returns (uint256) {
    return uint16(MarketState.unwrap(self) >> OPEN_LOTS_AT);
}

function back(MarketState self) pure returns (uint256) {
    return uint16(MarketState.unwrap(self) >> BACK_AT);
}

function traits(MarketState self) pure returns (MarketTraits) {
    return MarketTraits.wrap(uint8(MarketState.unwrap(self) >> TRAITS_AT));
}

/// @return The state after a strike at `second`, with these lots open and of the day's cap in use.
function withStrike(MarketState self, uint256 second, uint256 open, uint256 used) pure returns (MarketState) {
    uint256 all = uint24(used) | uint256(uint32(second)) << 24 | uint256(uint16(open)) << 56;
    return _with(self, USED_AT, (1 << 72) - 1, all);
}

function withUsedDayLots(MarketState self, uint256 value) pure returns (MarketState) {
    return _with(self, USED_AT, type(uint24).max, value);
}

function withOpenLots(MarketState self, uint256 value) pure returns (MarketState) {
    return _with(self, OPEN_LOTS_AT, type(uint16).max, value);
}

function withBack(MarketState self, uint256 value) pure returns (MarketState) {
    return _with(self, BACK_AT, type(uint16).max, value);
}

function withTraits(MarketState self, MarketTraits value) pure returns (MarketState) {
    return _with(self, TRAITS_AT, type(uint8).max, MarketTraits.unwrap(value));
}

function _with(MarketState self, uint256 place, uint256 mask, uint256 value) pure returns (MarketState) {
    return MarketState.wrap((MarketState.unwrap(self) & ~(mask << place)) | ((value & mask) << place));
}
