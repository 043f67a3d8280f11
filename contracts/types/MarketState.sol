// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketTraits} from "./MarketTraits.sol";

/// @notice The part of a market that a strike reads and writes. One storage word: 160 + 24 + 32 + 16 + 16 + 8 = 256 bits.
/// @param usedDayLots Lots of the day cap in use at `lastStrikeAt`.
/// @param back How many observations ago the pool had one of the oracle window's age when it was last looked for; 0: not
/// known. A guess, which is checked each time.
struct MarketState {
    address pool;
    uint24 usedDayLots;
    uint32 lastStrikeAt;
    uint16 openLots;
    uint16 back;
    MarketTraits traits;
}
