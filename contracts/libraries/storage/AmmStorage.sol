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
        uint32 executed;
        uint112 profit;
        uint112 volume;
        uint128 cap;
        uint112 best;
        bool isQuote;
        int256 funded;
    }

    /// @dev One model's attempts in one confidence bin. One word.
    struct Attempts {
        uint64 made;
        uint64 hits;
        uint128 brierSum;
    }

    /// @dev `idOf` by what a pool is known as: its address, a hash where that is not enough.
    /// @custom:storage-location erc7201:macrostrike.storage.Amm
    struct Layout {
        bool initialized;
        uint32 poolCount;
        mapping(uint256 id => AmmPool record) pools;
        mapping(bytes32 key => uint32 id) idOf;
        address[] tokens;
        mapping(address token => bool known) isKnown;
        mapping(address token => Book book) books;
        address wrappedNative;
        mapping(address hooks => bool allowed) hooksAllowed;
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
