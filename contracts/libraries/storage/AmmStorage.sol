// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AmmPool} from "../../types/AmmTypes.sol";

/// @title Storage of the AMM bots
/// @dev Append-only. Used by LibAmm alone.
library AmmStorage {
    /// @dev Raw units of the token. An arbitrage writes the first word and reads the second. `volume` stays full when it
    /// is. `isQuote` came with the cap. `funded`: what the owner put in, less what was taken out again; with the profit
    /// it is the capital.
    struct Book {
        // slot 0: 4 + 14 + 14 = 32 bytes
        uint32 executed;
        uint112 profit;
        uint112 volume;
        // slot 1: 16 + 14 + 1 = 31 bytes
        uint128 cap;
        uint112 best;
        bool isQuote;
        // slot 2: 32 bytes
        int256 funded;
    }

    /// @dev One model's attempts in one confidence bin. One word: 64 + 64 + 128 = 256 bits.
    struct Attempts {
        // slot 0: 8 + 8 + 16 = 32 bytes
        uint64 made;
        uint64 hits;
        uint128 brierSum;
    }

    /// @dev `idOf` by what a pool is known as: its address, a hash where that is not enough.
    /// @custom:storage-location erc7201:macrostrike.storage.Amm
    struct Layout {
        // slot 0: 1 + 4 = 5 bytes
        bool initialized;
        uint32 poolCount;
        // slot 1: 32 bytes
        mapping(uint256 id => AmmPool record) pools;
        // slot 2: 32 bytes
        mapping(bytes32 key => uint32 id) idOf;
        // slot 3: 32 bytes
        address[] tokens;
        // slot 4: 32 bytes
        mapping(address token => bool known) isKnown;
        // slot 5: 32 bytes
        mapping(address token => Book book) books;
        // slot 6: 20 bytes
        address wrappedNative;
        // slot 7: 32 bytes
        mapping(address hooks => bool allowed) hooksAllowed;
        // slot 8: 32 bytes
        mapping(uint256 key => Attempts cell) attempts;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("macrostrike.storage.Amm")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0xaed66c39e816ecda622ed296bc6f541f16b01164612b9b42646ed2b545d5e400;

    function load() internal pure returns (Layout storage l) {
        assembly ("memory-safe") {
            l.slot := SLOT
        }
    }
}
