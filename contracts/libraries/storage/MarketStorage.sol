// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {KeyWord} from "../../types/KeyWord.sol";
import {MarketState} from "../../types/MarketState.sol";
import {MarketRules, Venue} from "../../types/MarketTypes.sol";

/// @title Storage of the markets
/// @dev Append-only. Used by LibMarket alone.
library MarketStorage {
    /// @dev Hot words first: a strike on a pool's own oracle touches `state` and `rules` alone. A feed's answer times
    /// the base amount times 10^feedExponent is the quote amount. `key` is read for a pool of a manager alone.
    struct Market {
        // slot 0: 32 bytes
        MarketState state;
        // slots 1 to 2: 64 bytes
        MarketRules rules;
        // slot 3: 20 bytes
        address base;
        // slot 4: 20 bytes
        address factory;
        // slot 5: 20 + 1 + 3 + 1 = 25 bytes
        address feed;
        int8 feedExponent;
        uint24 uptimeGrace;
        uint8 minBlockSeconds;
        // slot 6: 20 bytes
        address uptimeFeed;
        // slot 7: 32 bytes
        KeyWord key;
    }

    struct Factory {
        // slot 0: 1 + 1 = 2 bytes
        bool allowed;
        Venue venue;
    }

    /// @custom:storage-location erc7201:macrostrike.storage.Market
    struct Layout {
        // slot 0: 32 bytes
        uint256 count;
        // slot 1: 32 bytes
        mapping(uint256 market => Market record) markets;
        // slot 2: 32 bytes
        mapping(address factory => Factory record) factories;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Market")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x02a7f99d732dcccb997e190b25837bfbcdff0df40d2e7e1e07340c7643eef200;

    function load() internal pure returns (Layout storage l) {
        assembly ("memory-safe") {
            l.slot := SLOT
        }
    }
}
