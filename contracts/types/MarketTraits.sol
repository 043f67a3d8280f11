// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Venue} from "./MarketTypes.sol";

/// @dev What a market is, lowest field first: 6 venue + 1 baseIsToken0 + 1 enabled = 8 bits. `baseIsToken0`: whether
/// its base is the pool's token 0.
type MarketTraits is uint8;

using {venue, baseIsToken0, isEnabled, enabled} for MarketTraits global;

uint8 constant VENUE_MASK = 0x3f;
uint8 constant BASE_IS_TOKEN0 = 0x40;
uint8 constant ENABLED = 0x80;

/// @return Of a market that is enabled.
function traitsOf(Venue venue_, bool baseIsToken0_) pure returns (MarketTraits) {
    return MarketTraits.wrap(uint8(venue_) | (baseIsToken0_ ? BASE_IS_TOKEN0 : 0) | ENABLED);
}

function venue(MarketTraits self) pure returns (Venue) {
    return Venue(MarketTraits.unwrap(self) & VENUE_MASK);
}

function baseIsToken0(MarketTraits self) pure returns (bool) {
    return MarketTraits.unwrap(self) & BASE_IS_TOKEN0 != 0;
}

function isEnabled(MarketTraits self) pure returns (bool) {
    return MarketTraits.unwrap(self) & ENABLED != 0;
}

/// @return The same market, enabled or disabled.
function enabled(MarketTraits self, bool on) pure returns (MarketTraits) {
    uint8 rest = MarketTraits.unwrap(self) & ~ENABLED;
    return MarketTraits.wrap(on ? rest | ENABLED : rest);
}
